"""What is written in a text file: delimiter, quotes, comments, lines before the table, and names."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from orrery_engine.readers.naming import Cell, judge, lacking
from orrery_engine.readers.text import escapes, layouts, remarks, splitting, whole_lines
from orrery_engine.readers.text.absent import ABSENT
from orrery_engine.readers.text.dialect import Dialect, Record, numbered
from orrery_engine.readers.text.splitting import Split
from orrery_engine.schemas.reading import ReaderOptions

# Signs of fields may stand within the quotation marks.
_SINGLE_QUOTED = re.compile(
    r"(?:^|(?<=[,;\t|])) *'(?:[^'\n]|'')*+' *(?=[,;\t|]|\r?$)", re.MULTILINE
)
_HINT = re.compile(r'"?sep=(.)"?[\r\n]*', re.IGNORECASE)
_PACKINGS = (".gz", ".zst", ".bz2", ".xz", ".zip")
_PHONE = re.compile(r"[+(]?[0-9][0-9 ()/.\u00a0-]{5,}[0-9]")
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}|#[0-9A-Fa-f]{3}")
_DIGITS, _LETTERS = re.compile("[0-9]+"), re.compile("[A-Za-z]+")
_LONGEST_CODE = 40
_SHAPED = 100
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
    lines = io.StringIO(text.replace("\n\ufeff", "\n"), newline="").readlines()
    if not whole and len(lines) > 1:
        lines.pop()
    dialect = _sniffed(text, lines, options, ending)
    return replace(dialect, notes=(*dialect.notes, *layouts.notes(lines, dialect)))


def _sniffed(text: str, lines: Sequence[str], options: ReaderOptions, ending: str) -> Dialect:
    hint = _HINT.fullmatch(lines[0]) if lines and not options.skip else None
    skip = 1 if hint and options.skip is None else options.skip or 0
    body = lines[skip:]
    quote = _quote(body) if options.quote is None else options.quote
    escape = options.escape
    if escape is None:
        escape = escapes.escape_of(text, quote, options.delimiter or "")
    base = Dialect("", quote=quote, escape=escape, comment=options.comment or "", skip=skip)
    chosen = options.delimiter
    if hint and options.skip is None:
        note = f"The first line says that fields are delimited by {hint[1]!r}; it was not read."
        base = replace(base, notes=(note,))
        chosen = chosen or hint[1]
    block = remarks.leading(body) if options.comment is None else None
    split = _split(block.without(body, quote) if block else body, base, chosen, ending)
    if block and block.lines:
        return _below(body, block, split, base, options)
    if split is None:
        return _single(body, base, options)
    start = _start(split, options)
    split = replace(split, start=start)
    above = split.lines[start] if start else _lines_above(body, split.lines[0], base, split.width)
    if options.header and above:
        # A person counts the lines of empty fields as well.
        left = options.header - sum(bool(line.strip("\r\n")) for line in body[:above])
        options = options.model_copy(update={"header": max(1, left)})
    return _with_names(
        replace(split.dialect, skip=skip + above), split, options, begins_below=start > 0
    )


def _split(lines: Sequence[str], base: Dialect, delimiter: str | None, ending: str) -> Split | None:
    if delimiter is not None:
        return splitting.split(lines, replace(base, delimiter=delimiter), fixed=True)
    return splitting.best(lines, base, ending)


def _start(split: Split, options: ReaderOptions) -> int:
    return split.start if options.skip is None and not options.header else 0


def _below(
    lines: Sequence[str],
    block: remarks.Block,
    split: Split | None,
    base: Dialect,
    options: ReaderOptions,
) -> Dialect:
    """A table below lines that begin like comments; of these, those that are split like it are its records."""
    dialect = replace(split.dialect if split else base, remark=block.sign)
    width = split.width if split else 1
    rows = split.records[_start(split, options) :] if split else []
    names_below = bool(rows) and _has_sure_names(rows, width)
    own = block.records(lines, dialect, width, names_below=names_below)
    view = block.without(lines, base.quote, own)
    leading = min([block.lines, *own])
    note = remarks.note(leading, block.sign)
    base = replace(base, remark=block.sign, notes=(*base.notes, *([note] if note else [])))
    again = splitting.split(view, replace(dialect, notes=base.notes), fixed=True) if split else None
    if again is None:
        return _single(view, base, options)
    start = 0 if min(own, default=block.lines) < block.lines else _start(again, options)
    above = again.lines[start]
    # The lines that are not read are said once.
    notes = base.notes if not start else base.notes[:-1] if note else base.notes
    dialect = replace(again.dialect, skip=base.skip + above, notes=notes)
    return _with_names(dialect, replace(again, start=start), options, begins_below=start > 0)


def _has_sure_names(rows: Sequence[Record], width: int) -> bool:
    """Whether the first record is texts above a column of other values."""
    data = [row for row in rows[1:] if len(row) == width]
    if len(rows[0]) != width or any(_cell(field).form not in ("", "text") for field in rows[0]):
        return False
    columns = [[form for row in data if (form := _cell(row[place]).form)] for place in range(width)]
    return any(column and "text" not in column for column in columns)


def _is_quoted(line: str, quote: str) -> bool:
    """Whether a line is one field in quotes."""
    sign = re.escape(quote)
    return bool(quote) and bool(re.fullmatch(f"{sign}([^{sign}]|{sign}{sign})*{sign}", line))


def _quote(lines: Sequence[str]) -> str:
    """Single quotes where fields stand in them and nothing stands in double ones."""
    part = "".join(lines[:200])
    if '"' in part:
        return '"'
    quoted = len(_SINGLE_QUOTED.findall(part))
    fields = sum(
        len(re.split(r"[,;\t|]", line.strip()))
        for line in _SINGLE_QUOTED.sub("", part).splitlines()
    )
    return "'" if quoted and quoted * 4 >= fields else '"'


def _single(lines: Sequence[str], base: Dialect, options: ReaderOptions) -> Dialect:
    """Each line is one value."""
    placed = numbered(lines, base)
    if not placed:
        return base
    rows, places = [row for _, row in placed], [place for place, _ in placed]
    split = Split(base, rows, places, 1, typed=splitting.typed(rows[1:]))
    above = base.skip + (places[0] if base.remark else _lines_above(lines, places[0], base, 1))
    # Who writes an empty text in quotes writes an empty line for a missing one.
    keeps_empty = any(line.strip("\r\n") == base.quote * 2 != "" for line in lines)
    base = replace(base, skip=above, keeps_empty=keeps_empty)
    dialect = _with_names(base, split, options)
    first = next(line.strip() for line in lines if line.strip() and not _is_comment(line, base))
    marks = [sign for sign in ",;\t|" if sign in first]
    below = [lines[place] for place in places[1:][:_SHAPED]]
    signs = [sign for sign in ",;\t|" if below and all(line.count(sign) == 1 for line in below)]
    if signs and not marks and dialect.header:
        note = f"Each line was read as one value of {first!r}; say the delimiter {signs[0]!r} if it is two."
        dialect = replace(dialect, notes=(*dialect.notes, note))
    if marks and dialect.header and not _is_quoted(first, base.quote):
        note = "Each line was read as one value: the lines do not have the same number of fields."
        dialect = replace(dialect, notes=(*dialect.notes, note))
    return dialect


def _lines_above(lines: Sequence[str], first: int, base: Dialect, width: int) -> int:
    """The lines above the first record that holds something, if another parser takes one of them for a record."""
    # Those without anything are left out by all unless there is one column, and so are comments that a person chose.
    counted = (
        (width == 1 or line.strip("\r\n")) and not _is_comment(line, base) for line in lines[:first]
    )
    return first if any(counted) else 0


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
    if header and len(names) == width - 1 and _is_end(rows[header:], width):
        names = [*names, f"column_{width}"]
        notes.append("Lines end with a delimiter that the names lack: the last column is empty.")
    elif header and len(names) == width - 1:
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
    if len(first) == split.width - 1 and data and not _names_without_first(first, data):
        reason = "it lacks a field and holds values like those below"
        return 0, f"The first line was read as data: {reason}. No names were found."
    if len(first) != split.width or (not data and len(rows) > 1):
        return 1, ""
    cells = [_cell(field) for field in first]
    below = [[_cell(field) for field in row] for row in data[:_JUDGED]]
    for place in range(split.width):
        if _are_codes([first[place], *(row[place] for row in data[:_JUDGED])]):
            cells[place] = Cell("code")
            for row in below:
                row[place] = Cell("code") if row[place].form else row[place]
    judgement = judge(cells, below)
    if not judgement.names:
        return 0, f"The first line was read as data: {judgement.reason}. No names were found."
    return _by_texts(first, data, cells, below, judgement.reason)


def _by_texts(
    first: Record,
    data: Sequence[Record],
    cells: Sequence[Cell],
    below: Sequence[Sequence[Cell]],
    reason: str,
) -> tuple[int, str]:
    """Whether texts that may be names are, and what to say; there is a ``reason`` if others than texts are."""
    if reason:
        return 1, f"The first line was taken for names: {reason}."
    if not data:
        return 1, "The only line was taken for names."
    texts = [place for place, cell in enumerate(cells) if cell.form == "text"]
    columns = [[row[place].form for row in below if row[place].form] for place in texts]
    if any(column and "text" not in column for column in columns):
        return 1, ""
    if len(texts) > 1 and first in data and _are_above_values(texts, first, data):
        # The names again, as where files were joined.
        return 1, ""
    if any(first[place] in {row[place] for row in data} for place in texts):
        return 0, "The first line was read as data: its values occur below. No names were found."
    if not any(cell.form not in ("", "text") for row in below for cell in row):
        return 1, "The first line was taken for names: all lines hold texts only."
    lack = lacking(cells, below)
    return 1, f"The first line was taken for names: {lack}." if lack else ""


def _are_above_values(texts: Sequence[int], first: Record, data: Sequence[Record]) -> bool:
    """Whether one of some texts of the first record stands above other values, where it is not repeated as a whole."""
    others = [row for row in data if row != first]
    columns = [[form for row in others if (form := _cell(row[place]).form)] for place in texts]
    return any(own and "text" not in own for own in columns)


def _names_without_first(first: Record, data: Sequence[Record]) -> bool:
    """Whether a record that lacks one field may hold the names of all fields but that of the row's name."""
    below = [[_cell(field) for field in row[1:]] for row in data[:_JUDGED]]
    return judge([_cell(field) for field in first], below).names


def _is_end(rows: Sequence[Record], width: int) -> bool:
    """Whether the last field of all rows is empty, and thus only the end of a line."""
    full = [row for row in rows if len(row) == width]
    return bool(full) and not any(row[-1].strip() for row in full)


def _are_codes(texts: Sequence[str]) -> bool:
    """Whether texts with digits are written alike, as "A-100" and "B-20" or telephone numbers are."""
    filled = [text.strip() for text in texts if text.strip() not in (*ABSENT, "")]
    if len(filled) < 2 or not texts[0].strip() or len(filled[0]) > _LONGEST_CODE:
        return False
    if any(_cell(text).form != "text" for text in filled[:_SHAPED]):
        return False
    if all(map(_PHONE.fullmatch, filled)) or whole_lines.are_addresses(filled[:_SHAPED]):
        return True
    shapes = {_LETTERS.sub("A", _DIGITS.sub("9", text)) for text in filled}
    colours = all(map(_COLOUR.fullmatch, filled))
    # A word with a number behind it, such as "code1", is a name as well.
    shape = next(iter(shapes))
    is_code = "9" in shape and not re.fullmatch("A[_ ]?9|9[_ ]?A", shape)
    return colours or (len(shapes) == 1 and is_code and len({*filled}) > 1)


def _cell(field: str) -> Cell:
    text = field.strip()
    if not text or text in ABSENT:
        return Cell(is_absent=bool(text))
    if splitting.is_quantity(text) and not splitting.is_number(text):
        return Cell("number")
    if not splitting.is_number(text):
        return Cell("time" if splitting.is_time(text) else "text")
    return Cell("number", int(text) if len(text) < 20 and text.lstrip("+-").isdecimal() else None)
