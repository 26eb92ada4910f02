"""Columns as a run keeps them: as their JSON, parsed when they are asked for.

Two thousand parsed columns are half a million objects; whenever Python looks through them for garbage, the whole
server stands still for a fifth of a second.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import overload

from orrery_engine.schemas import ColumnProfile, ColumnType


@dataclass(frozen=True, slots=True)
class LazyColumn:
    """A column as JSON, with the fields that lists of columns are filtered and sorted by."""

    index: int
    name: str
    type: ColumnType
    missing: float
    association: float
    json: bytes

    @classmethod
    def of(cls, column: ColumnProfile) -> LazyColumn:
        """Serialise a column."""
        return cls(
            index=column.index,
            name=column.name,
            type=column.type,
            missing=column.missing / max(column.count, 1),
            association=column.association or 0.0,
            json=column.model_dump_json(exclude_defaults=True).encode(),
        )

    def parse(self) -> ColumnProfile:
        """The whole column."""
        return ColumnProfile.model_validate_json(self.json)

    def sketch(self) -> ColumnProfile:
        """The column with its name and type only."""
        return ColumnProfile.model_construct(
            index=self.index, name=self.name, type=self.type, dtype=""
        )


class LazyColumns(Sequence[ColumnProfile]):
    """Columns that are parsed one by one, each time anew: do not hold on to all of them."""

    def __init__(self, items: Iterable[LazyColumn] = ()) -> None:
        self.items = tuple(items)

    @classmethod
    def of(cls, columns: Iterable[ColumnProfile]) -> LazyColumns:
        """Serialise columns to JSON bytes."""
        return cls(map(LazyColumn.of, columns))

    def __len__(self) -> int:
        return len(self.items)

    @overload
    def __getitem__(self, place: int) -> ColumnProfile: ...

    @overload
    def __getitem__(self, place: slice) -> LazyColumns: ...

    def __getitem__(self, place: int | slice) -> ColumnProfile | LazyColumns:
        if isinstance(place, slice):
            return LazyColumns(self.items[place])
        return self.items[place].parse()

    def __iter__(self) -> Iterator[ColumnProfile]:
        return (column.parse() for column in self.items)

    def sketched(self, whole: Container[int]) -> tuple[ColumnProfile, ...]:
        """All columns; those whose index is in ``whole`` with everything, the others with name and type only."""
        return tuple(
            column.parse() if column.index in whole else column.sketch() for column in self.items
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LazyColumns) and self.items == other.items

    def __hash__(self) -> int:
        return hash(self.items)


EMPTY = LazyColumns()
