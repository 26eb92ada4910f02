"""Quick fixes of alerts: one table, from which alerts take their labels and code is generated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from orrery_engine.schemas import AlertCode, ColumnType

Fix = Literal[
    "blank_to_missing",
    "clip_outliers",
    "drop_column",
    "drop_duplicates",
    "drop_second",
    "drop_shared",
    "drop_rows_missing",
    "fill_median",
    "fill_most_frequent",
    "group_rare",
    "hash_values",
    "infinite_to_missing",
    "keep_first",
    "log",
    "strip",
    "to_index_text",
    "to_number",
    "to_text",
    "to_time",
    "weights",
    "zero_to_missing",
]

FIX_LABELS: Mapping[Fix, str] = {
    "blank_to_missing": "Take blank texts as missing",
    "clip_outliers": "Clip to Tukey's fences",
    "drop_column": "Drop the column",
    "drop_duplicates": "Keep each row once",
    "drop_second": "Drop the second column",
    "drop_shared": "Drop the rows that the reference has",
    "drop_rows_missing": "Drop the rows without a value",
    "fill_median": "Fill with the median",
    "fill_most_frequent": "Fill with the most frequent value",
    "group_rare": "Keep the 20 most frequent, call the rest 'other'",
    "hash_values": "Replace values by a keyed hash",
    "infinite_to_missing": "Take infinite values as missing",
    "keep_first": "Keep the first row of each value",
    "log": "Take the logarithm of 1 + the distance from the minimum",
    "strip": "Strip white space",
    "to_index_text": "Take it as text",
    "to_number": "Change to numbers; what is none becomes missing",
    "to_text": "Change everything to text",
    "to_time": "Change to points in time; what is none becomes missing",
    "weights": "Weigh rows by how rare their value is",
    "zero_to_missing": "Take zeros as missing",
}

_NUMBERS = ("integer", "float", "decimal")
_TEXTS = ("text", "category")

_FIXES: Mapping[AlertCode, tuple[Fix, ...]] = {
    "all_missing": ("drop_column",),
    "constant": ("drop_column",),
    "high_cardinality": ("group_rare", "drop_column"),
    "unique": ("drop_column",),
    "skewed": ("log", "clip_outliers"),
    "zeros": ("zero_to_missing",),
    "infinite": ("infinite_to_missing",),
    "outliers": ("clip_outliers",),
    "imbalance": ("weights",),
    "duplicates": ("drop_duplicates",),
    "correlated": ("drop_second",),
    "personal_data": ("drop_column", "hash_values"),
    "join_key": ("drop_rows_missing", "keep_first"),
    "blank": ("blank_to_missing", "strip"),
}


def fixes(code: AlertCode, type: ColumnType | None = None, looks_like: str = "") -> tuple[Fix, ...]:
    """What can be done about an alert on a column of a type, the best first."""
    if code == "missing":
        fill: tuple[Fix, ...] = ("fill_median",) if type in _NUMBERS else ()
        frequent: tuple[Fix, ...] = (
            ("fill_most_frequent",) if type in (*_TEXTS, "boolean", "integer") else ()
        )
        return (*fill, *frequent, "drop_rows_missing", "drop_column")
    if code == "mixed_types":
        return ("to_time",) if looks_like == "date" else ("to_number", "to_text")
    if code == "leakage":
        return ("drop_shared",) if type is None else ("drop_column",)
    if code == "join_key" and type == "float":
        return ("to_index_text", "drop_rows_missing")
    return _FIXES.get(code, ())


def fix_labels(
    code: AlertCode, type: ColumnType | None = None, looks_like: str = ""
) -> tuple[str, ...]:
    """The labels of the quick fixes for an alert."""
    return tuple(FIX_LABELS[item] for item in fixes(code, type, looks_like))
