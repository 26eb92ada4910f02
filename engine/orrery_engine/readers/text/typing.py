"""The types of columns of texts in a relation of DuckDB, by all of their texts."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from orrery_engine.quoting import sql_name
from orrery_engine.readers.text import types
from orrery_engine.readers.text.types import TextType

_NAMED = 5  # columns that a note names


def possible(tried: Sequence[TextType], columns: Sequence[Sequence[str]]) -> list[list[TextType]]:
    """The types that the first texts may be of, in the order of preference."""
    return [[kind for kind in tried if kind.fits(column)] if column else [] for column in columns]


def choose(
    connection: duckdb.DuckDBPyConnection, source: str, candidates: Sequence[Sequence[TextType]]
) -> list[TextType]:
    """The first type of each column that all of its texts are of."""
    tests = [
        (place, kind)
        for place, kinds in enumerate(candidates)
        for kind in kinds
        if kind is not types.TEXT
    ]
    chosen = [types.TEXT] * len(candidates)
    if not tests:
        return chosen
    counted = ", ".join(
        f'bool_and("{place}" IS NULL OR {kind.test(sql_name(str(place)))}) AND count("{place}") > 0'
        for place, kind in tests
    )
    result = connection.execute(f"SELECT {counted} FROM {source}").fetchall()[0]  # noqa: S608 - names are numbers
    for (place, kind), all_are in reversed(list(zip(tests, result, strict=True))):
        if all_are:
            chosen[place] = kind
    return chosen


def select(source: str, chosen: Sequence[TextType]) -> str:
    """A statement that gives the values of all columns; the first text that is none ends it with an error."""
    values = ", ".join(
        f'{kind.cast(sql_name(str(place)), place)} AS "{place}"'
        if kind is not types.TEXT
        else f'"{place}"'
        for place, kind in enumerate(chosen)
    )
    return f"SELECT {values} FROM {source}"  # noqa: S608 - names are numbers, patterns are quoted


def notes(chosen: Sequence[TextType], names: Sequence[str]) -> tuple[str, ...]:
    """What to say of columns whose values are not read as they seem to be written."""
    noted: dict[str, list[str]] = {}
    for name, kind in zip(names, chosen, strict=True):
        if kind.note:
            noted.setdefault(kind.note, []).append(name)
    return tuple(note.format(names=listed(names)) for note, names in noted.items())


def listed(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
