"""What is known of a file when code that loads it is written, and how much of that the code says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from orrery_engine.formats import COMPRESSIONS, FileFormat
from orrery_engine.schemas import ColumnType, ReaderOptions

_PACKINGS: Mapping[str, str] = {
    ".gz": "gzip",
    ".zst": "zstd",
    ".xz": "xz",
    ".bz2": "bz2",
    ".zip": "zip",
}


@dataclass(frozen=True)
class Column:
    """A column as it was read.

    Attributes:
        name: it may be empty, or occur twice.
        type: of its values.
        form: of times, the format of ``strptime``; "" for ISO 8601.
        is_unsigned: of whole numbers, whether 64 bits without a sign are needed.
    """

    name: str
    type: ColumnType
    form: str = ""
    is_unsigned: bool = False


@dataclass(frozen=True)
class Plan:
    """What the code says beyond the dialect, because the library would do otherwise by itself.

    Attributes:
        columns: places of the columns whose types are said.
        names: whether the names of the columns are said.
        na: whether the texts that stand for a missing value are said.
        variant: which of several ways is taken, from 0.
    """

    columns: frozenset[int] = frozenset()
    names: bool = False
    na: bool = False
    variant: int = 0


@dataclass(frozen=True)
class Facts:
    """A file, several, or a folder, and how it was read.

    Attributes:
        location: as the code names it.
        format: of its content, whatever its ending.
        packing: of its content: "", "gzip", "zstd", "xz", "bz2" or "zip".
        many: whether it is a folder or a pattern.
        sheet: of a workbook.
        reading: how it was read.
        columns: what was read.
        in_lines: of JSON, whether a record is a line.
        plan: how much of this the code says.
    """

    location: str
    format: FileFormat
    packing: str = ""
    many: bool = False
    sheet: str = ""
    reading: ReaderOptions = field(default_factory=ReaderOptions)
    columns: tuple[Column, ...] = ()
    in_lines: bool = False
    plan: Plan = field(default_factory=Plan)

    @property
    def place(self) -> str:
        """The location as a literal of Python."""
        return repr(self.location)

    @property
    def is_packing_named(self) -> bool:
        """Whether the ending of the name says how it is packed, and rightly."""
        named = next((end for end in COMPRESSIONS if self.location.lower().endswith(end)), "")
        return _PACKINGS.get(named, "") == self.packing

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return [column.name for column in self.columns]

    @property
    def explicit(self) -> list[Column]:
        """The columns whose types are said; of those that share a name, none."""
        names = self.names
        return [
            self.columns[place]
            for place in sorted(self.plan.columns)
            if names.count(self.columns[place].name) == 1
        ]

    @property
    def skipped(self) -> int:
        """Lines above the first record, where the line of the names is not counted."""
        return (self.reading.skip or 0) + (self.reading.header or 0)

    def with_plan(self, plan: Plan) -> Facts:
        """The same facts, more or less of which is said."""
        return replace(self, plan=plan)


def arguments(*parts: str) -> str:
    """Arguments of a call: in one line if that is short, else one in a line."""
    used = [part for part in parts if part]
    line = ", ".join(used)
    if len(line) <= 70 and "\n" not in line:
        return line
    return "\n" + "".join(f"    {part},\n" for part in used)


def mapping(pairs: Mapping[str, str]) -> str:
    """A dictionary whose values are code."""
    return "{" + ", ".join(f"{name!r}: {value}" for name, value in pairs.items()) + "}"
