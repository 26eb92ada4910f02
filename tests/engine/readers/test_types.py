"""Columns of every type that Arrow has: read, or that column alone unread, and why."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from orrery_engine.schemas import Alert
from tests.engine.worker_jobs import Told, of_table

INTERVAL = pa.MonthDayNano([1, 2, 3_000_000_000])
LONG = Decimal("123456789012345678901234567890123456789012345.5")


def dictionary(indices: list[int | None], values: pa.Array) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(indices, pa.int8()), values)


def extension(type: pa.DataType, storage: pa.Array) -> pa.Array:
    return pa.ExtensionArray.from_storage(type, storage)


UNION = pa.UnionArray.from_dense(
    pa.array([0, 1, 0], pa.int8()),
    pa.array([0, 0, 1], pa.int32()),
    [pa.array([1, 2]), pa.array(["x"])],
)
LISTS = [[1], None, [2, 3]]
# The array; type, distinct and missing values, and the first value as it is shown.
READ: dict[str, tuple[pa.Array, str, int, int, Any]] = {
    "interval": (pa.array([INTERVAL, None, INTERVAL]), "text", 1, 1, "P1M2DT3S"),
    "dense_union": (UNION, "nested", 3, 0, "1"),
    "list_view": (pa.array(LISTS, pa.list_view(pa.int64())), "nested", 2, 1, "[1]"),
    "large_list_view": (pa.array(LISTS, pa.large_list_view(pa.int8())), "nested", 2, 1, "[1]"),
    "run_ends": (
        pa.RunEndEncodedArray.from_arrays(pa.array([2, 3], pa.int32()), pa.array(["a", "b"])),
        *("text", 2, 0, "a"),
    ),
    "dictionary": (dictionary([0, None, 1], pa.array(["a", "b"])), "category", 2, 1, "a"),
    "of_lists": (dictionary([0, 1, 1], pa.array([[1], [2]])), "nested", 2, 0, "[1]"),
    "with_null": (dictionary([0, 1, 1], pa.array(["a", None])), "category", 1, 2, "a"),
    "float16": (pa.array(np.array([1, 2, np.nan], np.float16)), "float", 2, 1, 1.0),
    "time64": (pa.array([1, None, 2], pa.time64("ns")), "time", 2, 1, "00:00:00.000000001"),
    "duration": (pa.array([1, None, 2], pa.duration("s")), "duration", 2, 1, "0:00:01"),
    "map": (pa.array([[("a", 1)], [], None], pa.map_(pa.string(), pa.int8())), "nested", 2, 1, "{'a': 1}"),
    "decimal32": (pa.array([Decimal("1.5"), None, Decimal(2)], pa.decimal32(5, 1)), "decimal", 2, 1, "1.5"),
    "hundreds": (pa.array([Decimal(1200), None, Decimal(2200)], pa.decimal128(10, -2)), "decimal", 2, 1, "1200"),
    "decimal256": (pa.array([LONG, LONG + 1, None], pa.decimal256(60, 1)), "text", 2, 1, str(LONG)),
    "uint64": (pa.array([2**64 - 1, 2**64 - 2, 0], pa.uint64()), "integer", 3, 0, str(2**64 - 1)),
    "uuid": (
        extension(pa.uuid(), pa.array([bytes(16), None, b"\xff" * 16], pa.binary(16))),
        *("text", 2, 1, "00000000-0000-0000-0000-000000000000"),
    ),
    "json": (extension(pa.json_(), pa.array(["[]", None, "{}"])), "text", 2, 1, "[]"),
    "bool8": (extension(pa.bool8(), pa.array([0, 1, 2], pa.int8())), "boolean", 2, 0, False),
    "binary_view": (pa.array([b"a", None, b"b"], pa.binary_view()), "binary", 2, 1, "0x61"),
    "date": (pa.array([2**31 - 1, 1, None], pa.date32()), "date", 2, 1, "5881580-07-11"),
    "no_fields": (pa.array([{}, {}, None], pa.struct([])), "nested", 1, 1, "{}"),
    "null": (pa.nulls(3), "null", 0, 3, None),
}  # fmt: skip
UNREAD: dict[str, tuple[pa.Array, str]] = {
    "eras": (pa.array([2**62, 1, 2], pa.duration("s")), "too far away"),
    "late": (pa.array([2**62, 1, 2], pa.timestamp("s")), "too far away"),
    "days": (pa.array([86_400 * 10**9, 1, 2], pa.time64("ns")), "does not allow"),
}


def beside(array: pa.Array, folder: Path) -> Told:
    """The profile of a column between two that are always read."""
    table = pa.table({"before": [1, 2, 3], "x": array, "after": ["p", "q", "r"]})
    profile = of_table(table, folder, ending=".arrow")
    assert profile.named("before").total == 6
    assert profile.named("after").distinct == 3
    return profile


@pytest.mark.parametrize("name", READ)
def test_every_type_of_arrow_is_read(name: str, tmp_path: Path) -> None:
    array, type_, distinct, missing, shown = READ[name]
    profile = beside(array, tmp_path)
    column = profile.named("x")
    assert (column.type, column.distinct, column.missing) == (type_, distinct, missing)
    assert profile.last.head[0][1] == shown
    assert not column.unread
    assert ("more digits" in column.note) == (name == "decimal256")


@pytest.mark.parametrize("name", UNREAD)
def test_a_column_that_cannot_be_read_is_an_alert(name: str, tmp_path: Path) -> None:
    array, words = UNREAD[name]
    profile = beside(array, tmp_path)
    assert profile.named("x").unread
    alert: Alert = next(item for item in profile.last.alerts if item.code == "unread")
    assert (alert.level, alert.names) == ("serious", ("x",))
    assert words in alert.evidence
