"""The method itself: a wrong gate would make every number worthless."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.bench import method, report
from tests.bench.method import BusyError, Goal, Result, alternate, percentile, ready


@pytest.mark.parametrize(
    ("value", "state"), [(10, "met"), (10.1, "missed"), (12.5, "missed"), (12.6, "failed")]
)
def test_a_goal_fails_below_eighty_percent_of_it(value: float, state: str) -> None:
    goal = Goal("search", value, 10, "ms")
    assert goal.state == state
    assert str(goal).endswith(state)
    assert "the goal is at most 10 ms" in str(goal)


def test_a_busy_machine_is_refused_unless_somebody_insists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getloadavg", lambda: (1.51, 0, 0))
    with pytest.raises(BusyError, match=r"1\.51"):
        ready()
    assert ready(force=True) == 1.51
    monkeypatch.setattr(os, "getloadavg", lambda: (1.5, 9, 9))
    assert ready() == 1.5


def test_sides_alternate_and_too_few_samples_are_refused() -> None:
    order: list[str] = []

    def side(name: str) -> method.Sample:
        order.append(name)
        return {"ms": 1.0}

    sides = {"ours": lambda: side("ours"), "peer": lambda: side("peer")}
    found = alternate(sides, 20)
    assert {name: len(samples) for name, samples in found.items()} == {"ours": 20, "peer": 20}
    pairs = [tuple(order[i : i + 2]) for i in range(0, len(order), 2)]
    assert set(pairs) == {("ours", "peer"), ("peer", "ours")}
    with pytest.raises(ValueError, match="too few"):
        alternate(sides, 19)


def test_percentiles_are_of_the_samples() -> None:
    numbers = list(range(1, 101))
    assert [percentile(numbers, share) for share in (0, 0.5, 0.95, 1)] == [1, 50, 95, 100]
    assert percentile([7], 0.95) == 7


def test_raw_samples_are_kept_and_the_page_tells_them(tmp_path: Path) -> None:
    goal = Goal("search at 10k", 11, 10, "ms")
    result = Result("x", "Search", "Words.", {"ours": [{"ms": 1.23456}] * 20}, [goal], ["A note."])
    kept = json.loads(result.keep(tmp_path).read_text())
    assert kept["series"]["ours"][0] == {"ms": 1.2346}
    assert kept["goals"][0]["state"] == "missed"
    page = report.page([kept | {"machine": "two cores"}])
    assert "| ours, ms | 1.23 | 1.23 | 1.23 | 20 |" in page
    assert "| search at 10k | 10 ms | 11 ms | **missed** |" in page
    assert "* A note." in page


def test_the_page_in_the_documentation_is_what_the_samples_say() -> None:
    results = [json.loads(path.read_text()) for path in sorted(method.RESULTS.glob("*.json"))]
    assert results
    assert report.PAGE.read_text(encoding="utf-8") == report.page(results)
