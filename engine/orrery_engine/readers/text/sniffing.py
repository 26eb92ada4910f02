"""What is written in a text file: delimiter, quotes, comments, lines before the table, and names."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from orrery_engine.readers.naming import Cell, judge
from orrery_engine.readers.text import splitting
from orrery_engine.readers.text.absent import ABSENT
from orrery_engine.readers.text.dialect import Dialect, Record, numbered, records
from orrery_engine.readers.text.splitting import Split
from orrery_engine.schemas.reading import ReaderOptions

_COMMENTS = ("#", "%")
_SINGLE_QUOTED = re.compile(r"'[^']*'")
_HINT = re.compile(r'"?sep=(.)"?[\r\n]*', re.IGNORECASE)
_PACKINGS = (".gz", ".zst", ".bz2", ".xz", ".zip")
_JUDGED = 1_000  # rows that show what the first one is


def ending(path: Path) -> str:
    """What the name of a file ends with, below the ending of its packing."""
    endings = [item.lower() for item in path.suffixes]
    while endings and endings[-1] in _PACKINGS:
        endings.pop()
    return endings[-1] if endings else ""


def sniff(text: str, whole: bool, options: ReaderOptions, ending: str = "") -> Dialect:
    """The dialect of a text.

    Args:
        text: its beginning, decoded.
        whole: whether that is all of it; the last line is left out otherwise.
        options: what a person chose, which is not questioned.
        ending: of the name of its file.
    """
    # Other signs that end lines for Python are signs of a field.
    lines = io.StringIO(text, newline="").readlines()
    if not whole and len(lines) > 1:
        lines.pop()
    hint = _HINT.fullmatch(lines[0]) if lines and not options.skip else None
    skip = 1 if hint and options.skip is None else options.skip or 0
    body = lines[skip:]
    comment = _comment(body) if options.comment is None else options.comment
    quote = _quote(body) if options.quote is None else options.quote
    escape = _escape(text, quote) if options.escape is None else options.escape
    base = Dialect("", quote=quote, escape=escape, comment=comment, skip=skip)
    chosen = options.delimiter
    if hint and options.skip is None:
        note = f"The first line says that fields are delimited by {hint[1]!r}; it was not read."
        base = replace(base, notes=(note,))
        chosen = chosen or hint[1]
    if chosen is not None:
        split = splitting.split(body, replace(base, delimiter=chosen), fixed=True)
    else:
        split = splitting.best(body, base, ending)
    if split is None:
        return _single(body, base, options)
    start = split.start if options.skip is None and not options.header else 0
    split = replace(split, start=start)
    named = _commented_names(body, split) if options.comment is None and not start else None
    if named is not None:
        dialect = replace(split.dialect, comment="", skip=skip + named)
        rows = records(body[named:], dialect)
        return _with_names(dialect, replace(split, records=rows), options, begins_below=named > 0)
    above = split.lines[start] if start else _blank_lines(body, split.lines[0])
    return _with_names(
        replace(split.dialect, skip=skip + above), split, options, begins_below=start > 0
    )


def _is_quoted(line: str, quote: str) -> bool:
    """Whether a line is one field in quotes."""
    sign = re.escape(quote)
    return bool(quote) and bool(re.fullmatch(f"{sign}([^{sign}]|{sign}{sign})*{sign}", line))


def _comment(lines: Sequence[str]) -> str:
    """The sign that the first lines begin with, if those below do not."""
    for sign in _COMMENTS:
        leading = 0
        while leading < len(lines) and lines[leading].startswith(sign):
            leading += 1
        if 0 < leading < len(lines):
            return sign
    return ""


def _commented_names(lines: Sequence[str], split: Split) -> int | None:
    """The lines above the last comment, if that holds the names, as in "#chrom  start  end"."""
    sign = split.dialect.comment
    if not sign or split.width < 2:
        return None
    leading = next(place for place, line in enumerate(lines) if not line.startswith(sign))
    names = records(lines[leading - 1 : leading], replace(split.dialect, comment=""))
    later = any(line.startswith(sign) for line in lines[leading:])
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


def _single(lines: Sequence[str], base: Dialect, options: ReaderOptions) -> Dialect:
    """Each line is one value."""
    placed = numbered(lines, base)
    if not placed:
        return base
    rows, places = [row for _, row in placed], [place for place, _ in placed]
    split = Split(base, rows, places, 1, typed=splitting.typed(rows[1:]))
    above = base.skip + _blank_lines(lines, places[0])
    dialect = _with_names(replace(base, skip=above), split, options)
    first = next(line.strip() for line in lines if line.strip() and not _is_comment(line, base))
    marks = [sign for sign in ",;\t|" if sign in first]
    if marks and dialect.header and not _is_quoted(first, base.quote):
        note = "Each line was read as one value: the lines do not have the same number of fields."
        dialect = replace(dialect, notes=(*dialect.notes, note))
    return dialect


def _blank_lines(lines: Sequence[str], first: int) -> int:
    """The lines above the first record, if one of them holds blanks, which other parsers take for a field."""
    return first if any(line.strip("\r\n").isspace() for line in lines[:first]) else 0


def _is_comment(line: str, dialect: Dialect) -> bool:
    return bool(dialect.comment) and line.startswith(dialect.comment)


def _with_names(
    dialect: Dialect, split: Split, options: ReaderOptions, *, begins_below: bool = False
) -> Dialect:
    """The dialect with the names of its columns, and what was assumed; ``begins_below`` lines that hold something."""
    rows = split.records[split.start :]
    notes = [*dialect.notes]
    if begins_below and options.skip is None:
        lines = "line was" if dialect.skip == 1 else f"{dialect.skip} lines were"
        notes.append(f"The first {lines} not read: the table begins below.")
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
    return replace(dialect, header=header, names=tuple(names), notes=tuple(notes))


def _header(rows: Sequence[Record], split: Split) -> tuple[int, str]:
    """Whether the first record holds names, and what to say where both is possible."""
    first, data = rows[0], [row for row in rows[1:] if len(row) == split.width]
    if len(first) != split.width or (not data and len(rows) > 1):
        return 1, ""
    cells = [_cell(field) for field in first]
    below = [[_cell(field) for field in row] for row in data[:_JUDGED]]
    judgement = judge(cells, below)
    if not judgement.names:
        return 0, f"The first line was read as data: {judgement.reason}. No names were found."
    if judgement.reason:
        return 1, f"The first line was taken for names: {judgement.reason}."
    if not data:
        return 1, "The only line was taken for names."
    texts = [place for place, cell in enumerate(cells) if cell.form == "text"]
    columns = [[row[place].form for row in below if row[place].form] for place in texts]
    if any(column and "text" not in column for column in columns):
        return 1, ""
    if any(first[place] in {row[place] for row in data} for place in texts):
        return 0, "The first line was read as data: its values occur below. No names were found."
    return 1, ""


def _cell(field: str) -> Cell:
    text = field.strip()
    if not text or text in ABSENT:
        return Cell()
    if not splitting.is_number(text):
        return Cell("time" if splitting.is_time(text) else "text")
    return Cell("number", int(text) if len(text) < 20 and text.lstrip("+-").isdecimal() else None)
