"""What is the same of many columns is said once, and correlated columns are groups of which one stays."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from orrery_engine import alerts
from orrery_engine.alert_groups import stars
from orrery_engine.codegen import write
from orrery_engine.schemas import Alert, Association, CodeIn, Options, SourceIn
from tests.engine.cells import LOCAL, fixed
from tests.engine.tables import FrameTable, profiled

RANDOM = np.random.default_rng(9)
SOURCE = SourceIn(kind="frame", location="0" * 32, name="df")


def found(frame: pl.DataFrame, **more: Any) -> dict[str, Alert]:
    overview, columns = profiled(FrameTable(frame))
    overview = overview.model_copy(update=more)
    return {alert.id: alert for alert in alerts.find(overview, columns, Options())}


def test_thousands_of_infos_are_one() -> None:
    noise = RANDOM.normal(size=(400, 3))
    far = pl.DataFrame({f"c{n}": [*noise[:, n % 3], *[9.0] * 14] for n in range(1_500)})
    said = [alert for alert in found(far).values() if alert.code == "outliers"]
    assert [alert.id for alert in said] == ["outliers:info"]
    assert said[0].message == "1,500 columns have values that are far from the others"
    assert len(said[0].columns) == len(said[0].names) == 1_500
    few = {alert.id for alert in found(far[:, :5]).values() if alert.code == "outliers"}
    assert few == {f"outliers:{n}" for n in range(5)}


def test_empty_columns_are_one_alert_and_go_together() -> None:
    frame = pl.DataFrame({"a": range(40)} | {f"Unnamed: {n}": [None] * 40 for n in range(300)})
    alert = found(frame)["all_missing:serious"]
    assert alert.fixes == ("Drop the 300 columns",)
    for dialect in LOCAL:
        request = CodeIn(what="fix", alert=alert.id, dialect=dialect)
        code = write(request, SOURCE, profiled(FrameTable(frame))[1], [alert]).code
        assert fixed(code, dialect, frame).columns == ["a"]


def pair(a: int, b: int, value: float = 0.95, measure: str = "pearson") -> Association:
    return Association.model_validate(
        {"a": a, "b": b, "measure": measure, "value": value, "rows": 400}
    )


def test_correlated_columns_are_groups_and_a_fix_names_what_it_drops() -> None:
    names = ["height", "height_cm", "height_in", "weight", "it's", "weight kg", "age"]
    frame = pl.DataFrame({name: RANDOM.normal(size=400) for name in names})
    pairs = (pair(0, 1), pair(0, 2), pair(1, 2), pair(1, 2, 0.97, "spearman"), pair(4, 5))
    said = {
        key: one
        for key, one in found(frame, associations=pairs).items()
        if one.code == "correlated"
    }
    assert set(said) == {"correlated:0-1-2", "correlated:4-5"}
    first = said["correlated:0-1-2"]
    assert first.message == "3 columns that tell almost the same"
    assert "5 columns in 2 groups" in first.evidence
    assert first.fixes == ("Drop 'height_cm' and 'height_in'; keep 'height'",)
    assert said["correlated:4-5"].fixes == ("Drop 'weight kg'; keep \"it's\"",)
    for alert, left in ((first, [0, 3, 4, 5, 6]), (said["correlated:4-5"], [0, 1, 2, 3, 4, 6])):
        for dialect in LOCAL:
            request = CodeIn(what="fix", alert=alert.id, dialect=dialect)
            code = write(request, SOURCE, profiled(FrameTable(frame))[1], [alert]).code
            assert fixed(code, dialect, frame).columns == [names[place] for place in left]


def test_a_column_that_is_dropped_has_its_partner_in_the_one_that_stays() -> None:
    # 0 and 2 are alike to 1, and not to each other.
    assert stars({(0, 1), (1, 2)}) == [[1, 0, 2]]
    assert stars({(0, 1), (2, 3)}) == [[0, 1], [2, 3]]
    assert stars(set()) == []


@given(
    st.sets(
        st.tuples(st.integers(0, 12), st.integers(0, 12)).filter(lambda pair: pair[0] < pair[1])
    )
)
def test_every_group_is_led_by_a_partner_of_all(pairs: set[tuple[int, int]]) -> None:
    groups = stars(pairs)
    members = [member for group in groups for member in group]
    assert len(members) == len(set(members))
    for first, *rest in groups:
        assert rest
        assert all((min(first, other), max(first, other)) in pairs for other in rest)
