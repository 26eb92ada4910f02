"""Step-ups: bounded for each person, so that nobody ends those of others."""

from __future__ import annotations

import pytest

from orrery_hub.base import stepup
from orrery_hub.base.stepup import StepUps
from orrery_wire.errors import TooMany


def test_who_logs_in_again_and_again_ends_only_own_log_ins() -> None:
    step_ups = StepUps()
    admin = step_ups.add("t-root", "admin", 600, "root")
    names = [step_ups.add(f"t-{n}", "publish", 600, "eve") for n in range(2_000)]
    assert step_ups.find(admin) is not None
    alive = [name for name in names if step_ups.find(name)]
    assert alive == names[-10:]
    assert len(step_ups._by_name) == 11


def test_many_people_are_bounded_and_who_is_over_makes_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stepup, "_MAX_STEP_UPS", 3)
    step_ups = StepUps()
    ended = step_ups.add("a", "s", -1, "ann")
    lasting = [step_ups.add("b", "s", 600, name) for name in ("bob", "cara")]
    lasting.append(step_ups.add("d", "s", 600, "dan"))
    assert step_ups.find(ended) is None
    with pytest.raises(TooMany):
        step_ups.add("e", "s", 600, "eve")
    assert all(step_ups.find(name) for name in lasting)
    assert "eve" not in step_ups._names


def test_what_has_ended_is_forgotten_with_its_owner() -> None:
    step_ups = StepUps()
    assert step_ups.find(step_ups.add("a", "s", -1, "ann")) is None
    assert (step_ups._by_name, step_ups._names) == ({}, {})
    assert step_ups.find("no such name") is None
