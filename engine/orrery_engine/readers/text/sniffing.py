"""What is written in a text file: delimiter, quotes, comments, lines before the table, and names.

A delimiter is believed only when the line of the names and most lines below it have the same number of
fields; a table of one column is the answer otherwise, so that no line is lost to a wrong guess.
"""

from __future__ import annotations

import csv
import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from orrery_engine.schemas.reading import ReaderOptions

Record = list[str]
# Stands in no text that people write: with it as delimiter each line is one value.
SINGLE = "\x1f"
# In the order of preference where several fit equally well.
_DELIMITERS = (",", ";", "\t", "|", "\x01", "^", "~", ":", " ")
_PREAMBLE = 30
_REGULAR = 0.9
_RAGGED = 0.25
_COMMENTS = ("#", "%")
_MOST_FIELD = 16 * 2**20
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d+)*|\.\d+)([eE][+-]?\d+)?%?")
_TIME = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T]\d{1,2}:\d{2}.*)?|\d{1,2}:\d{2}(:\d{2})?")
_SINGLE_QUOTED = re.compile(r"'[^']*'")
_BLANKS = re.compile(r"[ \t]+")

csv.field_size_limit(_MOST_FIELD)


@dataclass(frozen=True)
class Dialect:
    """How the records of a text are written.

    Attributes:
        delimiter: between fields; "" where each line is one value, " " for runs of blanks and tabs.
        quote: around fields; "" for none.
        escape: before a quote in a field; "" where it is doubled.
        comment: what lines begin with that are left out; "" for none.
        skip: lines before the table.
        header: the record of the names, counted from 1 below the skipped lines; 0 for none.
        names: of the columns, as they are written; made up where there are none.
        ragged: whether lines of other lengths were met.
        notes: what was assumed and could be otherwise, in sentences.
    """

    delimiter: str
    quote: str = '"'
    escape: str = ""
    comment: str = ""
    skip: int = 0
    header: int = 1
    names: tuple[str, ...] = ()
    ragged: bool = False
    notes: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """The number of columns."""
        return len(self.names)


@dataclass(frozen=True)
class _Split:
    """A text as one delimiter splits it."""

    delimiter: str
    records: list[Record]
    width: int
    start: int
    regular: float
    typed: float
    row_names: bool


def sniff(text: str, whole: bool, options: ReaderOptions) -> Dialect:
    """The dialect of a text.

    Args:
        text: its beginning, decoded.
        whole: whether that is all of it; the last line is left out otherwise.
        options: what a person chose, which is not questioned.
    """
    lines = text.splitlines(keepends=True)
    if not whole and len(lines) > 1:
        lines.pop()
    comment = _comment(lines) if options.comment is None else options.comment
    skip = options.skip or 0
    quote = _quote(lines) if options.quote is None else options.quote
    escape = _escape(text, quote) if options.escape is None else options.escape
    base = Dialect("", quote=quote, escape=escape, comment=comment, skip=skip)
    body = lines[skip:]
    chosen = options.delimiter
    if chosen is not None:
        split = _split(body, replace(base, delimiter=chosen), fixed=True)
    else:
        split = _best(body, base)
    if split is None:
        return _single(body, base, options)
    start = split.start if options.skip is None and not options.header else 0
    split = replace(split, start=start)
    named = _commented_names(body, base, split) if options.comment is None and not start else None
    if named is not None:
        dialect = replace(base, delimiter=split.delimiter, comment="", skip=skip + named)
        rows = records(body[named:], dialect)
        return _with_names(dialect, replace(split, records=rows), options)
    dialect = replace(base, delimiter=split.delimiter, skip=skip + _line_of(body, base, split))
    return _with_names(dialect, split, options)


def records(lines: Sequence[str], dialect: Dialect) -> list[Record]:
    """The fields of lines; those that are empty or comments are left out."""
    if dialect.comment:
        lines = [line for line in lines if not line.startswith(dialect.comment)]
    if dialect.delimiter == " ":
        lines = [_BLANKS.sub(" ", line.strip(" \t\r\n")) + "\n" for line in lines]
    reader = csv.reader(
        lines,
        delimiter=dialect.delimiter or SINGLE,
        quotechar=dialect.quote or None,
        quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
        escapechar=dialect.escape or None,
        doublequote=not dialect.escape,
        skipinitialspace=dialect.delimiter == " ",
    )
    return [record for record in reader if record and any(record)]


def _unquoted(line: str, quote: str) -> str:
    if quote and len(line) > 1 and line[0] == line[-1] == quote:
        return line[1:-1].replace(quote * 2, quote)
    return line


def _comment(lines: Sequence[str]) -> str:
    """The sign that the first lines begin with, if those below do not."""
    for sign in _COMMENTS:
        leading = 0
        while leading < len(lines) and lines[leading].startswith(sign):
            leading += 1
        if 0 < leading < len(lines):
            return sign
    return ""


def _commented_names(lines: Sequence[str], base: Dialect, split: _Split) -> int | None:
    """The lines above the last comment, if that holds the names, as in "#chrom  start  end"."""
    if not base.comment or split.width < 2:
        return None
    leading = next(place for place, line in enumerate(lines) if not line.startswith(base.comment))
    plain = replace(base, delimiter=split.delimiter, comment="")
    names = records(lines[leading - 1 : leading], plain)
    later = any(line.startswith(base.comment) for line in lines[leading:])
    return leading - 1 if names and len(names[0]) == split.width and not later else None


def _quote(lines: Sequence[str]) -> str:
    """Single quotes where fields stand in them and nothing stands in double ones."""
    part = "".join(lines[:200])
    if '"' in part:
        return '"'
    fields = [item for line in lines[:200] for item in re.split(r"[,;\t|]", line.strip())]
    quoted = sum(bool(_SINGLE_QUOTED.fullmatch(item.strip())) for item in fields)
    return "'" if quoted and quoted * 4 >= len(fields) else '"'


def _escape(text: str, quote: str) -> str:
    r"""A backslash where ``\"`` stands inside of fields; before the end of one it may be its last sign."""
    if not quote or f"\\{quote}" not in text:
        return ""
    sign, ends = re.escape(quote), r",;\t|\r\n"
    if re.search(rf"\\{sign}[^{sign}{ends}]", text):
        return "\\"
    at_end = re.search(rf"\\{sign}{sign}[{ends}]", text)
    return "\\" if at_end and not re.search(rf"\\{sign}[{ends}]", text) else ""


def _best(lines: Sequence[str], base: Dialect) -> _Split | None:
    """The split that most speaks for; none where each line is one value."""
    splits = [
        split
        for delimiter in _DELIMITERS
        if (split := _split(lines, replace(base, delimiter=delimiter), fixed=False)) is not None
    ]
    strong = [split for split in splits if split.delimiter not in (" ", ":")]
    # A blank or a colon stands in many texts that are no tables.
    chosen = strong or splits
    return max(chosen, key=_score, default=None)


def _score(split: _Split) -> tuple[float, float, int]:
    return (round(min(split.regular, 0.98), 2), round(split.typed, 1), split.width)


def _split(lines: Sequence[str], dialect: Dialect, *, fixed: bool) -> _Split | None:
    try:
        rows = records(lines, dialect)
    except csv.Error:
        return None
    if not rows:
        return None
    widths = [len(row) for row in rows]
    for width in _widths(widths):
        start = _start(widths, width)
        if start is None:
            continue
        below = widths[start + 1 :] or widths[start:]
        regular = below.count(width) / len(below)
        row_names = widths[start] == width - 1
        data = [row for row in rows[start + 1 :] if len(row) == width] or rows[start:]
        split = _Split(dialect.delimiter, rows, width, start, regular, _typed(data), row_names)
        if fixed or _is_believable(split, data):
            return split
    if not fixed:
        return None
    return _Split(dialect.delimiter, rows, widths[0], 0, 1.0, 0.0, False)


def _widths(widths: Sequence[int]) -> list[int]:
    """Widths that a table may have: that of the first line, and the most frequent one."""
    frequent = Counter(width for width in widths if width > 1).most_common(1)
    candidates = [width for width, _ in frequent]
    if widths[0] > 1 and widths[0] not in candidates:
        candidates.append(widths[0])
    return candidates


def _start(widths: Sequence[int], width: int) -> int | None:
    """Where the table begins: at its first line, or below some that are narrower."""
    for place, own in enumerate(widths[: _PREAMBLE + 1]):
        # A title above two columns looks like a name that lacks; above more, names that lack one are R's.
        lacks_one = own == width - 1 and width > 2 and widths[place + 1 : place + 2] == [width]
        if own == width or lacks_one:
            return place
        if own > width:
            return None
    return None


def _is_believable(split: _Split, data: Sequence[Record]) -> bool:
    if split.delimiter == " ":
        has_numbers = any(
            all(place < len(row) and _NUMBER.fullmatch(row[place]) for row in data)
            for place in range(split.width)
        )
        return split.regular >= _REGULAR and has_numbers
    if split.delimiter == ":":
        return split.width > 2 and split.regular >= _REGULAR and split.start == 0
    if split.start and len(split.records) - split.start < 3 and split.width == 2:
        return False
    if split.regular >= _REGULAR:
        return True
    return (
        split.start == 0
        and not split.row_names
        and split.regular >= _RAGGED
        and not _is_prose(split)
    )


def _is_prose(split: _Split) -> bool:
    """Whether blanks follow the delimiter, as in sentences."""
    fields = [field for row in split.records for field in row[1:]]
    return sum(field.startswith(" ") for field in fields) * 2 > len(fields)


def _typed(data: Sequence[Record]) -> float:
    """The share of fields that are numbers, times or empty."""
    fields = [field.strip() for row in data[:200] for field in row]
    known = sum(not item or _is_value(item) for item in fields)
    return known / max(1, len(fields))


def _is_value(text: str) -> bool:
    return bool(_NUMBER.fullmatch(text) or _TIME.fullmatch(text))


def _line_of(lines: Sequence[str], base: Dialect, split: _Split) -> int:
    """The number of lines above the record that a table begins with."""
    if split.start == 0:
        return 0
    dialect = replace(base, delimiter=split.delimiter)
    for count in range(len(lines)):
        if len(records(lines[: count + 1], dialect)) > split.start:
            return count
    return 0


def _single(lines: Sequence[str], base: Dialect, options: ReaderOptions) -> Dialect:
    """Each line is one value."""
    rows = records(lines, base)
    if not rows:
        return base
    split = _Split("", rows, 1, 0, 1.0, _typed(rows[1:]), False)
    dialect = _with_names(base, split, options)
    first = next(line.strip() for line in lines if line.strip() and not _is_comment(line, base))
    marks = [sign for sign in ",;\t|" if sign in first]
    if marks and _unquoted(first, base.quote) == first and dialect.header:
        dialect = replace(
            dialect,
            notes=(
                *dialect.notes,
                "Each line was read as one value: the lines do not have the same number of fields.",
            ),
        )
    return dialect


def _is_comment(line: str, dialect: Dialect) -> bool:
    return bool(dialect.comment) and line.startswith(dialect.comment)


def _with_names(dialect: Dialect, split: _Split, options: ReaderOptions) -> Dialect:
    """The dialect with the names of its columns, and what was assumed of them."""
    rows = split.records[split.start :]
    notes = [*dialect.notes]
    if dialect.skip and options.skip is None:
        lines = "line was" if dialect.skip == 1 else "lines were"
        notes.append(f"The first {dialect.skip} {lines} not read: the table begins below.")
    if options.header is None:
        header, doubt = _header(rows, split)
        if doubt:
            notes.append(doubt)
    else:
        header = options.header
    names = rows[header - 1] if 0 < header <= len(rows) else []
    width = split.width
    if header and len(names) == width - 1:
        names = ["row_name", *names]
        notes.append(
            "Lines have one field more than there are names: the first field was taken as the name of the row."
        )
    if not header:
        names = [f"column_{place + 1}" for place in range(width)]
    width = max(width, len(names)) if options.delimiter else width
    names = [*names, *(f"column_{place + 1}" for place in range(len(names), width))][:width]
    ragged = any(len(row) != width for row in rows[header:])
    return replace(dialect, header=header, names=tuple(names), ragged=ragged, notes=tuple(notes))


def _header(rows: Sequence[Record], split: _Split) -> tuple[int, str]:
    """Whether the first record holds names, and what to say where both is possible."""
    first, data = rows[0], [row for row in rows[1:] if len(row) == split.width]
    if len(first) == split.width - 1 or not data:
        return 1, ""
    texts = [
        place for place, field in enumerate(first) if field.strip() and not _is_value(field.strip())
    ]
    if not texts:
        return _numeric_header(first, data)
    for place in texts:
        column = [row[place].strip() for row in data]
        known = [item for item in column if item]
        if known and all(map(_is_value, known)):
            return 1, ""
    values = [place for place in range(len(first)) if place not in texts and first[place].strip()]
    if values:
        if _is_sequence([first[place] for place in values]):
            return 1, ""
        return (
            0,
            "The first line was read as data: it has numbers like those below. No names were found.",
        )
    if any(first[place] in {row[place] for row in data} for place in texts):
        return 0, "The first line was read as data: its values occur below. No names were found."
    return 1, ""


def _numeric_header(first: Record, data: Sequence[Record]) -> tuple[int, str]:
    """Names that are all numbers, such as years."""
    if len(first) > 2 and _is_sequence(first) and not all(_is_sequence(row) for row in data[:20]):
        return 1, "The first line was taken for names: its numbers follow one another."
    if not any(field.strip() for field in first):
        return 1, ""
    return 0, "The first line was read as data: it holds numbers only. No names were found."


def _is_sequence(fields: Sequence[str]) -> bool:
    """Whether fields are whole numbers at equal steps, such as years."""
    try:
        numbers = [int(field) for field in fields]
    except ValueError:
        return False
    steps = {after - before for before, after in itertools.pairwise(numbers)}
    if not steps:
        return len(fields) == 1 and 1900 <= numbers[0] <= 2100
    return len(steps) == 1 and steps != {0}
