"""The quick fixes of placeholders and spellings do on the data what their alert says, in every dialect."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from orrery_engine import alerts
from orrery_engine.codegen import write
from orrery_engine.offers import promises
from orrery_engine.offers.proof import as_table
from orrery_engine.offers.snippets import snippet
from orrery_engine.schemas import CodeIn, CodeJob, Dialect, Options, SourceIn
from orrery_wire.errors import Invalid
from tests.engine.cells import LOCAL, fixed
from tests.engine.tables import FrameTable, profiled
from tests.loops import each

SOURCE = SourceIn(kind="frame", location="0" * 32, name="df")
DAYS = [dt.date(2020, 1, 1) + dt.timedelta(days=n) for n in range(60)]
MOMENTS = [dt.datetime(2020, 1, 1, 9) + dt.timedelta(hours=n) for n in range(60)]


def by_fix(frame: pl.DataFrame, code: str, dialect: Dialect) -> pl.Series:
    """The column `x` after the quick fix of its alert."""
    overview, columns = profiled(FrameTable(frame))
    (alert,) = [one for one in alerts.find(overview, columns, Options()) if one.code == code]
    request = CodeIn(what="fix", alert=alert.id, dialect=dialect)
    code = write(request, SOURCE, columns, [alert]).code
    # It is offered, after it ran on values of the profile.
    job = CodeJob(request=request, source=SOURCE, columns=columns, alerts=(alert,))
    assert snippet(job) == code
    return fixed(code, dialect, frame)["x"]


PLACEHOLDERS: dict[str, tuple[list[Any], list[Any]]] = {
    "integers": (list(range(60)), [-999, -999, 9_999, 9_999]),
    "floats": ([n / 4 for n in range(60)], [-999.0, -999.0]),
    "decimals": ([Decimal(n) / 4 for n in range(60)], [Decimal(-999), Decimal(-999)]),
    "days": (DAYS, [dt.date(1900, 1, 1), dt.date(9999, 12, 31)]),
    "moments": (MOMENTS, [dt.datetime(1900, 1, 1), dt.datetime(1900, 1, 1)]),
    "texts": (["Rome", "Oslo's", "Bern"] * 20, ["Unknown", "?", " TBD ", "n/a"]),
    "numbers as texts": ([str(n) for n in range(60)], ["N.A.", "none"]),
}


@pytest.mark.parametrize("dialect", LOCAL)
@each("name", PLACEHOLDERS)
def test_placeholders_become_missing_and_nothing_else(dialect: Dialect, name: str) -> None:
    values, gone = PLACEHOLDERS[name]
    frame = pl.DataFrame({"x": [*values, *gone, None], "n": range(len(values) + len(gone) + 1)})
    after = by_fix(frame, "placeholder", dialect)
    assert after.null_count() == len(gone) + 1
    kept = after.drop_nulls().to_list()
    if isinstance(values[0], dt.date | dt.datetime):
        kept = [str(value)[:19] for value in kept]
        assert [text[: len(str(values[0]))] for text in kept] == [str(value) for value in values]
    elif isinstance(values[0], str):
        assert kept == values
    else:
        assert [float(value) for value in kept] == [float(value) for value in values]


@pytest.mark.parametrize("dialect", LOCAL)
@each("category", [False, True])
def test_spellings_become_one(dialect: Dialect, category: bool) -> None:
    values = (
        ["Paris"] * 9 + ["PARIS"] * 4 + [" paris"] * 2 + ["Rome"] * 5 + ["O'Hara", "o'hara ", None]
    )
    series = pl.Series(values)
    frame = pl.DataFrame({"x": series.cast(pl.Categorical) if category else series})
    after = by_fix(frame, "spelling", dialect).cast(pl.String)
    assert after.to_list() == ["Paris"] * 15 + ["Rome"] * 5 + ["O'Hara", "O'Hara", None]
    assert not profiled(FrameTable(pl.DataFrame({"x": after})))[1][0].spellings


def test_code_that_leaves_some_is_not_offered() -> None:
    frame = pl.DataFrame({"x": ["Paris"] * 9 + ["PARIS", "Unknown", "TBD"] * 2})
    columns = profiled(FrameTable(frame))[1]
    some = frame.with_columns(pl.when(pl.col("x") != "TBD").then(pl.col("x")))
    before, after = as_table(frame.to_arrow()), as_table(some.to_arrow())
    with pytest.raises(Invalid, match="does not work"):
        promises.require("placeholders_to_missing", columns, before, after)
    with pytest.raises(Invalid, match="does not work"):
        promises.require("unify_spelling", columns, before, before)
