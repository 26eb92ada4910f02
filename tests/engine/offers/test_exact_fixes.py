"""Quick fixes of numbers that floats do not hold: values that are there stay, to the last digit, or the fix is not offered."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

from orrery_engine.offers import proof, snippets
from orrery_engine.schemas import AlertCode, CodeIn, ColumnProfile, Options
from orrery_engine.stats.univariate import profile_column
from orrery_wire.errors import Invalid
from tests.engine.cells import LOCAL
from tests.engine.offers.test_snippets import fix

BIG = 2**53
CASES: tuple[tuple[list[Any], pl.DataType], ...] = (
    ([1, None, BIG + 1], pl.Int64()),
    ([BIG + 1, BIG + 3, None, 0, BIG + 3], pl.Int64()),
    ([-BIG - 1, None, 0, 7, -(2**62) - 1], pl.Int64()),
    ([2**64 - 1, 2**63 + 1, None, 5], pl.UInt64()),
    ([-999, 20150515061816531, 20150515061816533, None, -999], pl.Int64()),
    ([Decimal("1.5"), None, Decimal("12345678901234567.25"), Decimal(0)], pl.Decimal(38, 4)),
    ([1, None, 4, 0], pl.Int64()),
)
FIXES: tuple[tuple[AlertCode, int], ...] = (
    ("missing", 0),
    ("missing", 1),
    ("zeros", 0),
    ("placeholder", 0),
    ("outliers", 0),
)


def column_of(values: list[Any], dtype: pl.DataType) -> ColumnProfile:
    return profile_column(pl.Series("x", values, dtype), 0, "x", "x", Options())


@pytest.mark.parametrize("dialect", LOCAL)
def test_numbers_that_are_there_stay(dialect: Any) -> None:
    offered, refused = 0, []
    for values, dtype in CASES:
        column = column_of(values, dtype)
        for code, number in FIXES:
            try:
                written = fix(column, dialect, code, number)
            except Invalid:
                refused.append((values, code))
                continue
            offered += 1
            before = pa.table({"x": pl.Series("x", values, dtype).to_arrow()})
            asked = CodeIn(what="fix", alert="it", fix=number, dialect=dialect)
            for given, after in snippets._run(written, asked, "", before):
                _require_same(given.columns[0], after, code)
    assert offered > len(CASES)
    # Numbers that are missing can always be filled.
    assert "missing" not in [code for _, code in refused], refused


def _require_same(given: pl.Series, after: proof.Table, code: str) -> None:
    pairs = (
        list(zip(given.to_list(), after.columns[0].to_list(), strict=True))
        if after.rows == len(given)
        else []
    )
    ends = {max(own for own in after.columns[0].to_list() if own is not None)}
    for own, other in pairs:
        if own is None or other is None or (code == "outliers" and other in ends):
            continue
        assert own == other or (isinstance(own, Decimal) and other == float(own))
    if code == "missing" and pairs:
        assert None not in [other for _, other in pairs]


def test_the_median_is_one_of_the_values() -> None:
    written = fix(column_of(*CASES[0]), "polars", "missing")
    frame = pl.DataFrame({"x": [1, None, BIG + 1, BIG + 3]})
    scope = proof.run(written, {"df": frame})[1]
    assert scope["df"]["x"].to_list() == [1, BIG + 1, BIG + 1, BIG + 3]
    assert str(BIG) not in fix(column_of(*CASES[0]), "duckdb", "missing")
