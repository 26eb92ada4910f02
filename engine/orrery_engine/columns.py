"""Columns as a run keeps them: as their JSON, opened when they are asked for.

Two thousand opened columns are half a million objects; whenever Python looks through them for garbage, the whole
server stands still for a fifth of a second.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import overload

from orrery_engine.schemas import ColumnProfile, ColumnType


@dataclass(frozen=True, slots=True)
class LazyColumn:
    """A column, and what lists of columns are filtered and sorted by."""

    index: int
    name: str
    type: ColumnType
    missing: float
    association: float
    json: bytes

    @classmethod
    def of(cls, column: ColumnProfile) -> LazyColumn:
        """Close a column."""
        return cls(
            index=column.index,
            name=column.name,
            type=column.type,
            missing=column.missing / max(column.count, 1),
            association=column.association or 0.0,
            json=column.model_dump_json(exclude_defaults=True).encode(),
        )

    def open(self) -> ColumnProfile:
        """The column, whole."""
        return ColumnProfile.model_validate_json(self.json)

    def sketch(self) -> ColumnProfile:
        """The column, without what was counted in it."""
        return ColumnProfile.model_construct(
            index=self.index, name=self.name, type=self.type, dtype=""
        )


class Columns(Sequence[ColumnProfile]):
    """Columns that are opened one by one, each time anew: do not hold on to all of them."""

    def __init__(self, kept: Iterable[LazyColumn] = ()) -> None:
        self.kept = tuple(kept)

    @classmethod
    def of(cls, columns: Iterable[ColumnProfile]) -> Columns:
        """Close some."""
        return cls(map(LazyColumn.of, columns))

    def __len__(self) -> int:
        return len(self.kept)

    @overload
    def __getitem__(self, place: int) -> ColumnProfile: ...

    @overload
    def __getitem__(self, place: slice) -> Columns: ...

    def __getitem__(self, place: int | slice) -> ColumnProfile | Columns:
        if isinstance(place, slice):
            return Columns(self.kept[place])
        return self.kept[place].open()

    def __iter__(self) -> Iterator[ColumnProfile]:
        return (one.open() for one in self.kept)

    def sketched(self, whole: Container[int]) -> tuple[ColumnProfile, ...]:
        """All of them, those at these places of the table whole, the others with name and type only."""
        return tuple(one.open() if one.index in whole else one.sketch() for one in self.kept)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Columns) and self.kept == other.kept

    def __hash__(self) -> int:
        return hash(self.kept)


NONE = Columns()
