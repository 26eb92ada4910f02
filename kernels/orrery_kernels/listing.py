"""Things from the server in a list that a program iterates and a person reads as a table."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from html import escape
from typing import ClassVar, Generic, TypeVar, overload

from orrery_kernels.text import clean, table

T = TypeVar("T")


class Listing(Sequence[T], Generic[T]):
    """A sequence that shows itself as a table, in a terminal as text and in a notebook as HTML.

    Every text in it is escaped.
    """

    head: ClassVar[tuple[str, ...]] = ()
    noun: ClassVar[str] = "items"

    def __init__(
        self, items: Sequence[T], total: int | None = None, notes: Sequence[str] = ()
    ) -> None:
        self.items = list(items)
        self.total = len(self.items) if total is None else total
        self.notes = list(notes)
        self.lead = ""
        """What is said before the table."""

    @abstractmethod
    def cells(self, item: T) -> tuple[object, ...]:
        """The cells of the row of an item, as many as ``head`` has."""

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        return self.items[index]

    def __len__(self) -> int:
        return len(self.items)

    def __repr__(self) -> str:
        lead = f"{self.lead}\n" if self.lead else ""
        rows = table(self.head, [self.cells(item) for item in self.items])
        return f"{lead}{rows}\n{self.footer()}"

    def _repr_html_(self) -> str:
        head = "".join(f"<th style='text-align:left'>{escape(name)}</th>" for name in self.head)
        rows = "".join(
            "<tr>" + "".join(map(_html_cell, range(len(self.head)), self.cells(item))) + "</tr>"
            for item in self.items
        )
        lead = f"<p>{escape(self.lead)}</p>" if self.lead else ""
        return (
            f"{lead}<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
            f"<small>{escape(self.footer())}</small>"
        )

    def footer(self) -> str:
        """How many of how many, and the notes of the server."""
        return "\n".join([f"{len(self)} of {self.total} {self.noun}", *map(clean, self.notes)])


def _html_cell(column: int, value: object) -> str:
    text = escape(clean(value))
    return f"<td style='text-align:left'>{f'<code>{text}</code>' if column == 0 else text}</td>"
