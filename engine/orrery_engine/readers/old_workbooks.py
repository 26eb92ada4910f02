"""Number formats of .xls files that have the number of a built-in one, or one beyond the usual numbers.

Accounting programs define such formats, and spreadsheet programs honour them. The reader passes over them, and would
make dates of numbers or numbers of dates: it gets a copy in which their cells have built-in formats of the same kind.
"""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEAD = 512
_SHIFTS = (9, 12)  # sectors of 512 and of 4,096 bytes
_SMALL_SHIFT = 6
_FREE = 0xFFFFFFFA  # sector numbers from here on are no sectors
_ENTRY = 128  # bytes of an entry of the directory
_STREAMS = ("Workbook", "Book")
_RECORD = struct.Struct("<HH")
_BEGIN, _END, _FORMAT, _CELL_FORMAT = 0x0809, 0x000A, 0x041E, 0x00E0
_DATE_MODE = 0x0022
_SHEET = 0x0085
_NUMBER, _RK, _RKS, _ERROR, _FORMULA = 0x0203, 0x027E, 0x00BD, 0x0205, 0x0006
_CELLS = frozenset({_NUMBER, _RK, _RKS, _ERROR, _FORMULA})
_NEW = 0x0600  # the version whose texts have two bytes of length
# Definitions that the reader looks at.
_READ = (range(5, 9), range(23, 27), range(41, 45), range(63, 67), range(164, 383))
_NUMBERS, _TIMES, _LENGTHS = (1, 2, 3, 4, 9, 10), (14, 15, 16, 17, 20, 21, 22), (46,)
# Built-in formats that every version of the reader takes for what they are.
_SURE = {
    _NUMBERS: (range(14), range(37, 41), range(48, 50), range(59, 2**16)),
    _TIMES: (range(14, 23), range(45, 46), range(47, 48)),
    _LENGTHS: (range(46, 47),),
}
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.')
_LENGTH = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
_BRACKETS = re.compile(r"\[[^\]]*\]")


def mended(path: Path) -> io.BytesIO | None:
    """A copy of a workbook whose formats the reader takes as they are meant; none if it takes those of the file so."""
    try:
        with path.open("rb") as file:
            compound = _Compound(file)
            changes = _changes(compound)
    except (OSError, ValueError, LookupError, struct.error):
        # No such file, or a damaged one: of that the reader tells.
        return None
    if not changes:
        return None
    data = bytearray(path.read_bytes())
    for place, byte in changes.items():
        data[place] = byte
    return io.BytesIO(bytes(data))


def is_of_time(code: str) -> bool:
    """Whether a format shows dates, times or lengths of time."""
    return kind(code) is not _NUMBERS


def is_of_day(code: str) -> bool:
    """Whether a format shows points in time or times of the day."""
    return kind(code) is _TIMES


def shows_date(code: str) -> bool:
    """Whether a format shows parts of a date."""
    first = _LITERAL.sub("", code).partition(";")[0]
    letters = _BRACKETS.sub("", first).lower()
    return "y" in letters or "d" in letters or "mmm" in letters


def kind(code: str) -> tuple[int, ...]:
    """The built-in formats that show the same as a format: numbers, times, or lengths of time."""
    first = _LITERAL.sub("", code).partition(";")[0]
    if _LENGTH.search(first):
        return _LENGTHS
    letters = _BRACKETS.sub("", first).lower()
    is_time = "general" not in letters and any(letter in letters for letter in "dmyhs")
    return _TIMES if is_time else _NUMBERS


@dataclass(frozen=True)
class OldCell:
    """A cell of an .xls file that holds a number or an error, at a row and a column counted from 0."""

    row: int
    column: int
    style: int
    value: float = 0.0
    error: int | None = None


def is_old(path: Path) -> bool:
    """Whether a workbook is of the kind that old programs write."""
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def cells(path: Path, sheet: str) -> tuple[_Formats, Iterator[OldCell]]:
    """The formats of a workbook, and the numbers and errors of a sheet.

    Raises:
        ValueError: it is damaged.
        LookupError: so it is.
    """
    with path.open("rb") as file:
        compound = _Compound(file)
        stream = b"".join(part for _, part in compound.parts(_STREAMS))
        _, formats = _read(compound)
    return formats, _cells(stream, formats.sheets.get(sheet, len(stream)))


def _cells(stream: bytes, at: int) -> Iterator[OldCell]:
    depth = 0
    while at + _RECORD.size <= len(stream):
        sort, length = _RECORD.unpack_from(stream, at)
        at += _RECORD.size
        # Charts are parts within a sheet.
        depth += (sort == _BEGIN) - (sort == _END)
        if depth <= 0:
            return
        if sort in _CELLS and depth == 1:
            yield from _cell(sort, stream[at : at + length])
        at += length


def _cell(sort: int, data: bytes) -> Iterator[OldCell]:
    row, column, style = struct.unpack_from("<HHH", data)
    if sort == _RK:
        yield OldCell(row, column, style, _short(data[6:10]))
    elif sort == _RKS:
        for place in range((len(data) - 6) // 6):
            (style,) = struct.unpack_from("<H", data, 4 + 6 * place)
            yield OldCell(row, column + place, style, _short(data[6 + 6 * place : 10 + 6 * place]))
    elif sort == _ERROR:
        if data[7]:
            yield OldCell(row, column, style, error=data[6])
    elif sort == _FORMULA and data[12:14] == b"\xff\xff":
        # The result is no number.
        if data[6] == 2:
            yield OldCell(row, column, style, error=data[8])
    else:
        yield OldCell(row, column, style, struct.unpack_from("<d", data, 6)[0])


def _short(data: bytes) -> float:
    """A number of 30 bits, which may be a whole one, and in hundredths."""
    bits = int.from_bytes(data, "little")
    if bits & 2:
        value = float(int.from_bytes(data, "little", signed=True) >> 2)
    else:
        (value,) = struct.unpack("<d", bytes(4) + struct.pack("<I", bits & ~3))
    return value / 100 if bits & 1 else value


@dataclass
class _Formats:
    """What a workbook says of formats.

    Attributes:
        codes: of the definitions, by their numbers.
        uses: for each format of cells the number of its definition, and where in the stream that stands.
        sheets: where in the stream each sheet begins.
        is_of_1904: whether days are counted from 1904 on.
    """

    codes: dict[int, str] = field(default_factory=dict)
    uses: list[tuple[int, int]] = field(default_factory=list)
    sheets: dict[str, int] = field(default_factory=dict)
    is_of_1904: bool = False


def _changes(compound: _Compound) -> dict[int, int]:
    """Bytes to change, by their places in the file."""
    places, formats = _read(compound)
    changes = {}
    for number, place in formats.uses:
        code = formats.codes.get(number)
        if code is None or any(number in own for own in _READ):
            continue
        alike = kind(code)
        if any(number in own for own in _SURE[alike]):
            continue
        # One that the file defines anew may be read in either way.
        plain = next((own for own in alike if own not in formats.codes), alike[0])
        if plain != number:
            for offset, byte in enumerate(struct.pack("<H", plain)):
                changes[places.of(place + offset)] = byte
    return changes


@dataclass
class _Places:
    """Where the parts of a stream lie in the file."""

    size: int = 1
    parts: list[int] = field(default_factory=list)

    def of(self, position: int) -> int:
        """The place in the file of a position in the stream."""
        return self.parts[position // self.size] + position % self.size


def _read(compound: _Compound) -> tuple[_Places, _Formats]:
    """The formats, which are at the beginning of the workbook; its sheets are not read."""
    places, formats = _Places(), _Formats()
    stream, at, version = bytearray(), 0, _NEW
    for place, part in compound.parts(_STREAMS):
        places.size = places.size if places.parts else len(part)
        places.parts.append(place)
        stream += part
        while at + _RECORD.size <= len(stream):
            sort, length = _RECORD.unpack_from(stream, at)
            begin = at + _RECORD.size
            if begin + length > len(stream):
                break
            if sort == _END:
                return places, formats
            data = bytes(stream[begin : begin + length])
            if sort == _BEGIN:
                version = int.from_bytes(data[:2], "little")
            elif sort == _FORMAT:
                formats.codes[int.from_bytes(data[:2], "little")] = _code(data[2:], version)
            elif sort == _DATE_MODE:
                formats.is_of_1904 = data[:2] == b"\x01\0"
            elif sort == _CELL_FORMAT:
                formats.uses.append((int.from_bytes(data[2:4], "little"), begin + 2))
            elif sort == _SHEET and len(data) > 8:
                long = data[6:7] + b"\0" + data[7:]
                name = _code(long if version == _NEW else data[6:], version)
                formats.sheets[name] = int.from_bytes(data[:4], "little")
            at = begin + length
    return places, formats


def _code(data: bytes, version: int) -> str:
    """The text of a definition."""
    if version != _NEW:
        return data[1 : 1 + data[0]].decode("latin-1")
    length, is_wide = int.from_bytes(data[:2], "little"), data[2] & 1
    if is_wide:
        return data[3 : 3 + 2 * length].decode("utf-16-le", "replace")
    return data[3 : 3 + length].decode("latin-1")


class _Compound:
    """A file of streams, as old programs of offices write them; no more of it is read than is asked for."""

    _shift: int
    _directory: int
    _least: int
    _small: int

    def __init__(self, file: IO[bytes]) -> None:
        head = file.read(_HEAD)
        if len(head) < _HEAD or not head.startswith(_MAGIC):
            raise ValueError("no compound file")
        self._file = file
        (self._shift,) = struct.unpack_from("<H", head, 30)
        if self._shift not in _SHIFTS:
            raise ValueError("sectors of an unknown size")
        self._most = (file.seek(0, io.SEEK_END) >> self._shift) + 1
        (self._directory, _, self._least, self._small) = struct.unpack_from("<IIII", head, 48)
        (more,) = struct.unpack_from("<I", head, 68)
        self._table = self._numbers_of(self._table_sectors(head, more))

    def parts(self, names: tuple[str, ...]) -> Iterator[tuple[int, bytes]]:
        """The parts of the first stream of one of the names, which have one size: where each lies, and its bytes."""
        entries = self._entries()
        entry = next((entries[name] for name in names if name in entries), None)
        if entry is None:
            raise ValueError("no such stream")
        begin, size = entry
        if size >= self._least:
            for number in self._chain(begin, self._table):
                yield self._place(number), self._sector(number)
            return
        root, _ = entries["Root Entry"]
        holders = list(self._chain(root, self._table))
        table = self._numbers_of(self._chain(self._small, self._table))
        per = self._shift - _SMALL_SHIFT
        for number in self._chain(begin, table):
            holder = holders[number >> per] if number >> per < len(holders) else -1
            if holder < 0:
                raise ValueError("a stream that goes beyond the file")
            place = self._place(holder) + ((number & ((1 << per) - 1)) << _SMALL_SHIFT)
            self._file.seek(place)
            yield place, self._file.read(1 << _SMALL_SHIFT)

    def _entries(self) -> dict[str, tuple[int, int]]:
        """The first sector and the size of each stream."""
        entries = {}
        for number in self._chain(self._directory, self._table):
            sector = self._sector(number)
            for place in range(0, len(sector) - _ENTRY + 1, _ENTRY):
                length, begin, size = (
                    *struct.unpack_from("<H", sector, place + 64),
                    *struct.unpack_from("<II", sector, place + 116),
                )
                name = sector[place : place + min(64, max(0, length - 2))]
                entries[name.decode("utf-16-le", "replace")] = (begin, size)
        return entries

    def _table_sectors(self, head: bytes, more: int) -> list[int]:
        """The sectors of the table that says which sector follows which."""
        numbers = [own for own in struct.unpack_from("<109I", head, 76) if own < _FREE]
        count = 0
        while more < _FREE and (count := count + 1) <= self._most:
            *own, more = struct.unpack(f"<{1 << (self._shift - 2)}I", self._sector(more))
            numbers += [number for number in own if number < _FREE]
        return numbers[: self._most]

    def _numbers_of(self, sectors: Iterable[int]) -> list[int]:
        per = 1 << (self._shift - 2)
        return [
            own for number in sectors for own in struct.unpack(f"<{per}I", self._sector(number))
        ]

    def _chain(self, number: int, table: list[int]) -> Iterator[int]:
        """The sectors from one on; a chain that is longer than the file bites its tail."""
        for _ in range(max(self._most, len(table))):
            if number >= _FREE:
                return
            yield number
            if number >= len(table):
                raise ValueError("a sector beyond the table")
            number = table[number]

    def _place(self, number: int) -> int:
        return (number + 1) << self._shift

    def _sector(self, number: int) -> bytes:
        if number >= self._most:
            raise ValueError("a sector beyond the file")
        self._file.seek(self._place(number))
        return self._file.read(1 << self._shift)
