"""A text as each delimiter splits it, and the one that most speaks for.

A delimiter is believed only when the line of the names and most lines below it have the same number of
fields; a table of one column is the answer otherwise, so that no line is lost to a wrong guess.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from orrery_engine import number_forms
from orrery_engine.readers.text import whole_lines
from orrery_engine.readers.text.dialect import Dialect, Record, numbered

# In the order of preference where several fit equally well.
_DELIMITERS = (",", ";", "\t", "|", "\x01", "\x1f", "^", "~", ":", " ")
_NAMED = {".tsv": "\t", ".tab": "\t", ".psv": "|"}
_PREAMBLE = 30
_LOOKED_AT = 200
_REGULAR = 0.9
_RAGGED = 0.25
_FILLED = 0.6  # the share of columns that the names of a table fill
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d+)*|\.\d+)([eE][+-]?\d+)?%?")
_TIME = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T]\d{1,2}:\d{2}.*)?|\d{1,2}:\d{2}(:\d{2})?")
_DECIMAL_COMMA = re.compile(r"[+-]?\d+(\.\d{3})*,\d+")
_QUANTITY = re.compile(number_forms.ANY_FORM)
_LONGEST_QUANTITY = 40
_WORD = re.compile(r"[\w.-]+")
# Lines of consoles and lists: dashes below the names, and how many rows there are.
_DRAWN = re.compile(r"[\s:+|]*[-=_*]{3}[-=_*\s:+|]*|\(\d+ \w+(?: \w+)?\)")
_LEAST_DRAWN = 5
_DATE_IN_WORDS = re.compile(r"([A-Za-z]{3,9}\.? \d{1,2},?|\d{1,2}\.? [A-Za-z]{3,9}\.?,?) \d{2,4}")


@dataclass(frozen=True)
class Split:
    """A text as one delimiter splits it.

    Attributes:
        dialect: how its records are written.
        records: all of them, and ``lines``, the places of the lines that they begin in.
        width: the number of fields.
        start: the record that the table begins with.
        regular: the share of records below it with that number of fields.
        typed: the share of fields that are numbers, times or empty.
        row_names: whether the names lack one.
    """

    dialect: Dialect
    records: list[Record]
    lines: list[int]
    width: int
    start: int = 0
    regular: float = 1.0
    typed: float = 0.0
    row_names: bool = False

    @property
    def data(self) -> list[Record]:
        """The records below the first one that are as wide as the table."""
        return [row for row in self.records[self.start + 1 :] if len(row) == self.width]


def is_number(text: str) -> bool:
    """Whether a text is a number in any notation."""
    return bool(_NUMBER.fullmatch(text))


def is_quantity(text: str) -> bool:
    """Whether a text is a number with a unit, a currency or signs between thousands."""
    if len(text) > _LONGEST_QUANTITY or not any(map(str.isdigit, text)):
        return False
    return bool(_QUANTITY.fullmatch(text))


def is_time(text: str) -> bool:
    """Whether a text is a date or a time, in digits or with the month in words."""
    return bool(_TIME.fullmatch(text) or _DATE_IN_WORDS.fullmatch(text))


def is_value(text: str) -> bool:
    """Whether a text is a number, or a date or a time in digits."""
    return bool(_NUMBER.fullmatch(text) or _TIME.fullmatch(text))


def best(lines: Sequence[str], base: Dialect, ending: str) -> Split | None:
    """The split that most speaks for; none where each line is one value.

    Args:
        lines: the text.
        base: what is known of how it is written.
        ending: of the name of its file, which may say the delimiter.
    """
    text = "".join(lines)
    splits = [
        item
        for delimiter in _DELIMITERS
        if (delimiter in text or delimiter == " ")
        and (item := split(lines, replace(base, delimiter=delimiter), fixed=False)) is not None
    ]
    for item in splits:
        if item.dialect.delimiter == _NAMED.get(ending) and item.regular >= _REGULAR:
            return item
    blank = next((item for item in splits if item.dialect.delimiter == " "), None)
    if blank and _has_decimal_commas(blank):
        splits = [item for item in splits if item.dialect.delimiter != ","]
    strong = [item for item in splits if item.dialect.delimiter not in (" ", ":")]
    # A blank or a colon stands in many texts that are no tables.
    chosen = [item for item in strong if not _yields(item, strong)] or strong or splits
    likely = max(chosen, key=_score, default=None)
    if likely and likely.dialect.delimiter == ":":
        note = "Lines were split at colons: say another delimiter if each of them is one value."
        return replace(likely, dialect=replace(likely.dialect, notes=(*base.notes, note)))
    return likely


def _has_decimal_commas(blank: Split) -> bool:
    """Whether all commas stand within numbers that blanks delimit."""
    rows = blank.records[blank.start + 1 :][:_LOOKED_AT] or blank.records[blank.start :]
    fields = [[field for field in row if "," in field] for row in rows]
    numbers = all(_DECIMAL_COMMA.fullmatch(field) for own in fields for field in own)
    return numbers and sum(map(bool, fields)) * 2 > len(rows)


def _yields(own: Split, others: Sequence[Split]) -> bool:
    """Whether a delimiter of sentences stands in the fields of a table with another one."""
    return _is_prose(own) and any(
        other.start == 0
        and other.width >= own.width
        and other.regular >= 0.5
        and other.typed >= own.typed
        and not _is_prose(other)
        for other in others
    )


def _score(split: Split) -> tuple[float, bool, float, bool, int]:
    """Regular lines first, then names that are split like the rows."""
    fields = [field for row in split.data[:_LOOKED_AT] for field in row]
    # A comma within numbers delimits nothing.
    decimal = split.dialect.delimiter != "," and any(
        _DECIMAL_COMMA.fullmatch(field) or ("," in field and is_quantity(field.strip()))
        for field in fields
    )
    regular = round(min(split.regular, 0.98), 2)
    return (regular, split.start == 0, round(split.typed, 1), decimal, split.width)


def split(lines: Sequence[str], dialect: Dialect, *, fixed: bool) -> Split | None:
    """A text split by a delimiter; none if that is not believed, which ``fixed`` overrules."""
    if not fixed and whole_lines.are_values(lines, dialect.delimiter):
        return None
    if dialect.delimiter != " ":
        return _split(lines, replace(dialect, spaced=_is_spaced(lines, dialect)), fixed=fixed)
    runs = _split(lines, dialect, fixed=False)
    if runs is None:
        single = _split(lines, replace(dialect, runs=False), fixed=False)
        if single and single.width > 2 and single.regular == 1 and not single.start:
            return single
    return runs or (_split(lines, dialect, fixed=True) if fixed else None)


def _is_spaced(lines: Sequence[str], dialect: Dialect) -> bool:
    """Whether blanks stand between a delimiter and a quoted field."""
    if not dialect.delimiter or not dialect.quote:
        return False
    sign, quote = re.escape(dialect.delimiter), re.escape(dialect.quote)
    field = rf"{sign} +{quote}(?:[^{quote}]|{quote}{quote})*{quote}(?:{sign}|\r?$)"
    return bool(re.search(field, "".join(lines[:_LOOKED_AT]), re.MULTILINE))


def _split(lines: Sequence[str], dialect: Dialect, *, fixed: bool) -> Split | None:
    try:
        placed = numbered(lines, dialect)
    except csv.Error:
        return None
    if not placed:
        return None
    rows, places = [row for _, row in placed], [place for place, _ in placed]
    widths = [len(row) for row in rows]
    keyed = 0 if fixed else _keyed(rows)
    for width in _widths(widths[keyed:]):
        start = _start(widths[keyed:], width)
        if start is None:
            continue
        start += keyed
        start += _titles([row for row in rows[start:] if len(row) == width], width)
        below = [len(row) for row in rows[start + 1 :] if not _is_drawn(row)] or widths[start:]
        regular = below.count(width) / len(below)
        item = Split(
            dialect, rows, places, width, start, regular, row_names=widths[start] == width - 1
        )
        data = item.data or rows[start:]
        item = replace(item, typed=typed(data))
        if fixed or _is_believable(item, data) or _lacks_last(item):
            return item
    return Split(dialect, rows, places, widths[0]) if fixed else None


def _is_drawn(row: Record) -> bool:
    """Whether a record is a line that draws a table, or counts its rows, and says nothing of its delimiter."""
    return (
        len(row) == 1
        and len(row[0].strip()) >= _LEAST_DRAWN
        and bool(_DRAWN.fullmatch(row[0].strip()))
    )


def _keyed(rows: Sequence[Record]) -> int:
    """How many records above a wider table are a key that ends with a colon and its value, as instruments write."""
    count = next((n for n, row in enumerate(rows) if not _is_keyed(row)), len(rows))
    below = Counter(len(row) for row in rows[count:] if len(row) > 1).most_common(1)
    is_table = bool(below) and below[0][0] > 2 and below[0][1] > 1
    return count if count <= _PREAMBLE and is_table else 0


def _is_keyed(row: Record) -> bool:
    filled = [field.strip() for field in row if field.strip()]
    return len(filled) == 2 and row[0].strip() == filled[0] and filled[0].endswith(":")


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


def _titles(rows: Sequence[Record], width: int) -> int:
    """How many rows are titles that a spreadsheet filled up with delimiters, above names that are texts."""
    filled = [[field.strip() for field in row if field.strip()] for row in rows[:_LOOKED_AT]]
    usual = max(map(len, filled), default=0)
    place = next((n for n, own in enumerate(filled) if len(own) >= _FILLED * usual), 0)
    if not place and _is_padded_title(rows, width):
        return 1
    if not 0 < place <= _PREAMBLE or any(map(is_value, filled[place])):
        return 0
    if any(is_value(own[0]) for own in filled[:place]):
        return 0
    below = rows[place + 1 :][:_LOOKED_AT]
    # One text of two fields may as well be a row that lacks something, unless values show where the names are.
    shown = any(below and all(is_value(row[n].strip()) for row in below) for n in range(width))
    return place if width > 2 or shown else 0


def _is_padded_title(rows: Sequence[Record], width: int) -> bool:
    """Whether the first row is a title with a number in it, such as a year, above a fuller row of names."""
    if len(rows) < 3:
        return False
    title, names = ([field.strip() for field in row] for row in rows[:2])
    if all(title) or not all(names) or any(map(is_value, names)):
        return False
    if is_value(title[0]) or not any(map(is_value, title)):
        return False
    below = rows[2:][:_LOOKED_AT]
    return any(all(is_value(row[place].strip()) for row in below) for place in range(width))


def _is_believable(split: Split, data: Sequence[Record]) -> bool:
    delimiter = split.dialect.delimiter
    if delimiter == " ":
        return _is_blank_delimited(split, data)
    if delimiter == ":":
        return split.width > 2 and split.regular >= _REGULAR and split.start == 0
    if split.start and len(split.records) - split.start < 3 and split.width == 2:
        return False
    if _is_named_alone(split, data):
        return False
    if split.regular >= _REGULAR:
        return True
    return (
        split.start == 0
        and not split.row_names
        and split.regular >= _RAGGED
        and not _is_prose(split)
    )


def _lacks_last(split: Split) -> bool:
    """Whether words name one field more than all rows below have, of which one is a number or a time."""
    names, rows = split.records[0], split.records[1:]
    if split.start or split.width < 3 or len(rows) < 2 or split.dialect.delimiter in (" ", ":"):
        return False
    if {len(row) for row in rows} != {split.width - 1} or len({*names}) < split.width:
        return False
    texts = [name.strip() for name in names]
    columns = [[row[place].strip() for row in rows] for place in range(split.width - 1)]
    return (
        all(map(_WORD.fullmatch, texts))
        and not any(map(is_value, texts))
        and any(all(map(is_value, column)) for column in columns)
    )


def _is_named_alone(split: Split, data: Sequence[Record]) -> bool:
    """Whether a word stands alone above lines of which the first holds values, not names: these are its own."""
    above, first = split.records[: split.start], split.records[split.start]
    words = [row for row in above if len(row) == 1 and _WORD.fullmatch(row[0].strip())]
    if split.width != 2 or not above or len(words) < len(above):
        return False
    below = {field.strip() for row in data for field in row}
    return any(is_value(field.strip()) or field.strip() in below for field in first)


def _is_blank_delimited(split: Split, data: Sequence[Record]) -> bool:
    """Whether blanks are delimiters, and not those between the words of one text."""
    first = split.records[split.start]
    numeric = [
        place
        for place in range(split.width)
        if any(row[place : place + 1] != [""] for row in data)
        and all(place < len(row) and (not row[place] or is_number(row[place])) for row in data)
    ]
    if split.regular < _REGULAR or not numeric or (split.row_names and numeric == [0]):
        return False
    dates = sum(bool(_DATE_IN_WORDS.match(" ".join(row))) for row in data)
    if dates * 2 > len(data):
        return False
    if any(map(is_value, first)):
        # Texts that begin with a number look like this as well, below a name of one word or none.
        return split.start == 0 and split.typed >= 0.5
    return True


def _is_prose(split: Split) -> bool:
    """Whether blanks follow the delimiter, as in sentences."""
    if split.dialect.spaced:
        return False
    fields = [field for row in split.records for field in row[1:]]
    return sum(field.startswith(" ") for field in fields) * 2 > len(fields)


def typed(data: Sequence[Record]) -> float:
    """The share of fields that are numbers, times or empty."""
    fields = [field.strip() for row in data[:_LOOKED_AT] for field in row]
    known = sum(not item or is_value(item) or is_quantity(item) for item in fields)
    return known / max(1, len(fields))
