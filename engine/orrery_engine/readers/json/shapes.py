"""A JSON document as a table: what pandas, polars and GeoJSON write, lists in an object, or one record."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeGuard, TypeVar

Item = TypeVar("Item")
Record = Mapping[str, Any]
VALUE = "value"
INDEX = "index"
_NUMBER = re.compile(r"-?[0-9]+")
_NAMED = 8
_DEEPEST = 5  # objects within each other that are looked into for records
_PEEKED = 100


_FIRST_NAMES = "The first list was taken for the names of the columns."
_SEVERAL = (
    "Objects, lists and single values stand beside each other: each kind has columns of its own."
)
_UNNAMED = "The lists have no names for their values; the columns are numbered."


@dataclass(frozen=True)
class Shape:
    """The records of a document, and what was assumed."""

    records: Iterable[Record]
    notes: tuple[str, ...] = ()


def records_of(value: object) -> Shape:
    """The records that a document holds."""
    if isinstance(value, list):
        return of_list(value)
    if not isinstance(value, dict):
        return Shape([{VALUE: value}])
    for shape in (
        _geojson,
        _split,
        _table,
        _polars,
        _of_records,
        _series,
        _columns_of_lists,
        _wrapped,
    ):
        result = shape(value)
        if result is not None:
            return result
    is_nested = any(isinstance(item, dict | list) for item in value.values())
    note = "The document is one object, and was read as one row."
    return Shape([value], (note,) if is_nested else ())


def of_list(items: Sequence[Any]) -> Shape:
    """The records of a list: objects, rows of values, or single values."""
    if items and all(isinstance(item, dict) or item is None for item in items):
        return Shape([item or {} for item in items])
    if items and all(isinstance(item, list) for item in items):
        return _rows(items)
    mixed = any(isinstance(item, dict) for item in items)
    note = "The values are no records of one kind; each is one value."
    return Shape([{VALUE: item} for item in items], (note,) if mixed else ())


def of_stream(items: Iterator[Any]) -> Shape:
    """The records of values one after the other; the first list holds the names of lists if it alone is all texts."""
    first = list(itertools.islice(items, _PEEKED))
    whole = itertools.chain(first, items)
    kinds = {
        type(item) if isinstance(item, dict | list) else str for item in first if item is not None
    }
    if kinds != {list}:
        return Shape(map(as_record, whole), (_SEVERAL,) if len(kinds) > 1 else ())
    if not _are_names(first):
        return Shape(map(as_record, whole), (_UNNAMED,))
    names = next(whole)
    return Shape((_named(names, item) for item in whole), (_FIRST_NAMES,))


def _named(names: Sequence[str], item: object) -> Record:
    """A list as a record; values beyond the names have numbers, like those of other lists."""
    if not isinstance(item, list):
        return as_record(item)
    return dict(zip([*names, *_names(len(item))[len(names) :]], item, strict=False))


def _are_names(rows: Sequence[list[Any]]) -> bool:
    """Whether the first of some lists holds the names of all columns: it alone is all texts."""
    first, width = rows[0], max(map(len, rows))
    texts = all(isinstance(item, str) for item in first) and len({*first}) == len(first) == width
    others = any(not isinstance(item, str) for row in rows[1:] for item in row)
    return bool(first) and texts and others


def as_record(value: object) -> Record:
    """A value of a line as a record."""
    if isinstance(value, dict):
        return value
    if isinstance(value, list):
        return dict(zip(_names(len(value)), value, strict=True))
    return {} if value is None else {VALUE: value}


def _names(width: int) -> list[str]:
    return [f"column_{place + 1}" for place in range(width)]


def _rows(rows: Sequence[list[Any]]) -> Shape:
    """Rows of values; the first holds the names if it alone is all texts."""
    if _are_names(rows):
        records = (dict(zip(rows[0], row, strict=False)) for row in rows[1:])
        return Shape(records, (_FIRST_NAMES,))
    names = _names(max(map(len, rows)))
    return Shape((dict(zip(names, row, strict=False)) for row in rows), (_UNNAMED,))


def _geojson(value: Record) -> Shape | None:
    """Features: their properties as columns, and their geometry as one."""
    kind, features = value.get("type"), value.get("features")
    if kind == "Feature" and "geometry" in value:
        features = [value]
    elif kind != "FeatureCollection" or not isinstance(features, list):
        return None
    if not all(isinstance(item, dict) for item in features):
        return None
    return Shape(
        [_feature(item) for item in features],
        ("GeoJSON: each feature is a row; its geometry is a column.",),
    )


def _feature(feature: Record) -> Record:
    properties = feature.get("properties")
    own = dict(properties) if isinstance(properties, dict) else {}
    for name in ("id", "geometry"):
        if name in feature:
            own.setdefault(name, feature[name])
    return own


def _split(value: Record) -> Shape | None:
    """``orient="split"`` of pandas."""
    columns, data = value.get("columns"), value.get("data")
    if not value.keys() <= {"columns", "index", "data", "name"} or "columns" not in value:
        return None
    if not isinstance(columns, list) or not _is_list_of(data, list):
        return None
    names = [_name(item) for item in columns]
    rows: Iterable[Record] = (dict(zip(names, row, strict=False)) for row in data)
    return Shape(_indexed(rows, value.get("index")), (_written("split"),))


def _name(item: object) -> str:
    return "_".join(map(str, item)) if isinstance(item, list) else str(item)


def _table(value: Record) -> Shape | None:
    """``orient="table"`` of pandas."""
    schema, data = value.get("schema"), value.get("data")
    if value.keys() != {"schema", "data"} or not isinstance(schema, dict):
        return None
    if not _is_list_of(data, dict) or not _is_list_of(schema.get("fields"), dict):
        return None
    rows = list(data)
    counted = [row.get(INDEX) for row in rows] == list(range(len(rows)))
    if counted and schema.get("primaryKey") == [INDEX]:
        rows = [{name: item for name, item in row.items() if name != INDEX} for row in rows]
    return Shape(rows, (_written("table"),))


def _polars(value: Record) -> Shape | None:
    """Columns with their names and values, as polars wrote them."""
    columns = value.get("columns")
    if value.keys() != {"columns"} or not _is_list_of(columns, dict) or not columns:
        return None
    if not all(isinstance(item.get("values"), list) and "name" in item for item in columns):
        return None
    return _columns_of_lists({str(item["name"]): item["values"] for item in columns})


def _of_records(value: Record) -> Shape | None:
    """Objects in an object: rows by their index, or columns of values by the index of their rows."""
    if not value or not all(isinstance(item, dict) for item in value.values()):
        return None
    inner = list(dict.fromkeys(key for item in value.values() for key in item))
    cells = sum(map(len, value.values()))
    shared = cells >= 0.5 * len(inner) * len(value) and (len(value) == 1 or cells > len(inner))
    if not inner:
        return None
    counted = _counts(value)
    if _counts(inner) or (not counted and _are_instants(inner)):
        return Shape(_turned(value, inner), (_written("columns"),))
    if not shared or (len(value) == 1 and not counted):
        return None
    if not counted and not _are_instants(value) and _are_columns(value, inner):
        return Shape(_turned(value, inner), (_written("columns"),))
    return Shape(_indexed(value.values(), list(value)), (_written("index"),))


def _are_columns(value: Mapping[str, Record], inner: Sequence[str]) -> bool:
    """Whether the outer keys name columns: the values of each are of one type, or there are fewer of them."""
    across = all(_is_alike(item.values()) for item in value.values())
    along = all(_is_alike(item.get(key) for item in value.values()) for key in inner)
    return len(inner) > len(value) if across == along else across


def _is_alike(values: Iterable[object]) -> bool:
    kinds = {type(item) for item in values if item is not None}
    return len(kinds) <= 1 or kinds == {int, Decimal}


def _series(value: Record) -> Shape | None:
    """Values by the numbers of their rows, as pandas writes a series."""
    counted = [*value] == [str(number) for number in range(len(value))]
    if len(value) < 2 or not counted or any(isinstance(item, list) for item in value.values()):
        return None
    return Shape([{VALUE: item} for item in value.values()], (_written("index"),))


def _counts(keys: Iterable[str]) -> bool:
    return all(map(_NUMBER.fullmatch, keys))


def _are_instants(keys: Iterable[str]) -> bool:
    return all(re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", key) for key in keys)


def _turned(columns: Mapping[str, Record], index: Sequence[str]) -> Iterator[Record]:
    rows = (
        {name: column[key] for name, column in columns.items() if key in column} for key in index
    )
    return _indexed(rows, index)


def _indexed(rows: Iterable[Record], index: Any) -> Iterator[Record]:
    """Rows with their index as a first column, unless it only counts them."""
    keys = list(index) if isinstance(index, list) else None
    counts = keys is None or [str(key) for key in keys] == [str(n) for n in range(len(keys))]
    for place, row in enumerate(rows):
        if counts or keys is None or place >= len(keys):
            yield row
        else:
            yield {INDEX if INDEX not in row else "index_1": keys[place], **row}


def _columns_of_lists(value: Record) -> Shape | None:
    """Lists of one length, each a column."""
    lists = list(value.values())
    if not lists or not all(isinstance(item, list) for item in lists):
        return None
    if len({len(item) for item in lists}) != 1 or (len(lists) == 1 and _is_list_of(lists[0], dict)):
        return None
    names = list(value)
    rows = (dict(zip(names, row, strict=True)) for row in zip(*lists, strict=True))
    return Shape(rows, ("The lists of the object were read as columns.",))


def _wrapped(value: Record) -> Shape | None:
    """A list of records somewhere in an object, or in the objects that it holds."""
    level: list[tuple[str, Record]] = [("", value)]
    beside: list[str] = []
    for _ in range(_DEEPEST):
        lists = {
            f"{path}{name}": item
            for path, own in level
            for name, item in own.items()
            if item and _is_list_of(item, dict)
        }
        names = [f"{path}{name}" for path, own in level for name in own]
        if lists:
            name = max(lists, key=lambda key: len(lists[key]))
            above = {name[: place + 1] for place, sign in enumerate(name) if sign == "."}
            others = [key for key in (*beside, *names) if key != name and f"{key}." not in above]
            note = f"The records are those of {name!r}"
            others = [key for key in others if not any(own.startswith(f"{key}.") for own in others)]
            left_out = ", ".join(others[:_NAMED])
            return Shape(
                lists[name], (f"{note}; not read: {left_out}." if left_out else f"{note}.",)
            )
        beside += names
        level = [
            (f"{path}{name}.", item)
            for path, own in level
            for name, item in own.items()
            if isinstance(item, dict)
        ]
    return None


def _is_list_of(value: object, kind: type[Item]) -> TypeGuard[list[Item]]:
    return isinstance(value, list) and all(isinstance(item, kind) for item in value)


def _written(orient: str) -> str:
    return f'The document was read as pandas writes it with orient="{orient}".'
