"""Quick fixes of alerts: one table, from which alerts take their labels and code is generated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from orrery_engine.schemas import AlertCode, ColumnType

Fix = Literal[
    "blank_to_missing",
    "clip_outliers",
    "drop_column",
    "drop_columns",
    "drop_duplicates",
    "drop_others",
    "drop_shared",
    "drop_rows_missing",
    "fill_median",
    "fill_most_frequent",
    "group_rare",
    "hash_values",
    "infinite_to_missing",
    "keep_first",
    "log",
    "placeholders_to_missing",
    "strip",
    "to_index_text",
    "to_number",
    "to_text",
    "to_time",
    "unify_spelling",
    "weights",
    "zero_to_missing",
]

FIX_LABELS: Mapping[Fix, str] = {
    "blank_to_missing": "Take blank texts as missing",
    "clip_outliers": "Clip to Tukey's fences",
    "drop_column": "Drop the column",
    "drop_columns": "Drop the columns",
    "drop_duplicates": "Keep each row once",
    "drop_others": "Drop all but the first column",
    "drop_shared": "Drop the rows that the reference has",
    "drop_rows_missing": "Drop the rows without a value",
    "fill_median": "Fill with the median",
    "fill_most_frequent": "Fill with the most frequent value",
    "group_rare": "Keep the 20 most frequent, call the rest 'other'",
    "hash_values": "Replace values by a keyed hash",
    "infinite_to_missing": "Take infinite values as missing",
    "keep_first": "Keep the first row of each value",
    "placeholders_to_missing": "Take them as missing",
    "unify_spelling": "Write each value in one way",
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
    "correlated": ("drop_others",),
    "personal_data": ("drop_column", "hash_values"),
    "join_key": ("drop_rows_missing", "keep_first"),
    "blank": ("blank_to_missing", "strip"),
    "placeholder": ("placeholders_to_missing",),
    "spelling": ("unify_spelling",),
}

# What can be done for many columns at once; of other alerts each column has its own.
_SHARED: Mapping[AlertCode, tuple[Fix, ...]] = {
    "all_missing": ("drop_columns",),
    "constant": ("drop_columns",),
    **dict.fromkeys(
        (
            *("blank", "high_cardinality", "imbalance", "infinite", "missing", "mixed_types"),
            *("outliers", "placeholder", "skewed", "spelling", "unique", "zeros"),
        ),
        (),
    ),
}
_LISTED = 6
_LONG = 40


def fixes(
    code: AlertCode, type: ColumnType | None = None, looks_like: str = "", *, many: int = 1
) -> tuple[Fix, ...]:
    """What can be done about an alert on a column of a type, the best first; ``many`` columns may share it."""
    if many > 1 and code in _SHARED:
        return _SHARED[code]
    if code == "missing":
        fill: tuple[Fix, ...] = ("fill_median",) if type in _NUMBERS else ()
        # The most frequent address or number of a person is that of another person.
        alike = type in (*_TEXTS, "boolean", "integer") and looks_like in ("", "number", "date")
        frequent: tuple[Fix, ...] = ("fill_most_frequent",) if alike else ()
        return (*fill, *frequent, "drop_rows_missing", "drop_column")
    if code == "mixed_types":
        return ("to_time",) if looks_like == "date" else ("to_number", "to_text")
    if code == "leakage":
        return ("drop_shared",) if type is None else ("drop_column",)
    if code == "join_key" and type == "float":
        return ("to_index_text", "drop_rows_missing")
    return _FIXES.get(code, ())


def fix_labels(
    code: AlertCode,
    type: ColumnType | None = None,
    looks_like: str = "",
    names: Sequence[str] = (),
) -> tuple[str, ...]:
    """The labels of the quick fixes for an alert on the columns of these names."""
    return tuple(_label(item, names) for item in fixes(code, type, looks_like, many=len(names)))


def _label(fix: Fix, names: Sequence[str]) -> str:
    """A label that names the columns that go."""
    if fix == "drop_others" and len(names) > 1:
        return f"Drop {_listed(names[1:])}; keep {_listed(names[:1])}"
    if fix == "drop_columns":
        return f"Drop the {len(names):,} columns"
    return FIX_LABELS[fix]


def _listed(names: Sequence[str]) -> str:
    shown = [repr(name if len(name) <= _LONG else name[: _LONG - 1] + "…") for name in names]
    if len(shown) > _LISTED:
        return f"{', '.join(shown[:_LISTED])} and {len(shown) - _LISTED} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if shown[1:] else shown)
