"""How a file of text or a sheet is read: the same options for ``%eda``, ``orrery eda`` and the SDK."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict, cast

from orrery_engine.formats import format_of
from orrery_kernels.errors import UsageError
from orrery_wire.types.eda import ReaderOptions, SourceIn

_SIGNS = {
    "tab": "\t",
    "\\t": "\t",
    "blank": " ",
    "space": " ",
    "comma": ",",
    "point": ".",
    "semicolon": ";",
    "pipe": "|",
    "none": "",
}
ORDERS = ("dmy", "mdy", "ymd", "ydm")
_FORMATS = ("csv", "excel")


class ReadingArguments(TypedDict, total=False):
    """The keyword arguments of reading; one that is not given is found out from the data.

    ``delimiter`` between fields, " " for any number of blanks; ``quote``, ``escape`` and ``comment`` signs, "" for none;
    ``encoding`` a codec's name; ``decimal`` "." or ","; ``thousands`` the sign between thousands, "" for none;
    ``header`` the line of the names counted from 1 after ``skip`` lines, 0 for no names; ``na`` texts that stand for a
    missing value; ``day_first`` whether 03/04/2024 is in April; ``date_order`` "dmy", "mdy", "ymd" or "ydm", as for
    03-04-05; ``sheet`` of a workbook.
    """

    delimiter: str | None
    quote: str | None
    escape: str | None
    encoding: str | None
    decimal: str | None
    thousands: str | None
    header: int | None
    skip: int | None
    comment: str | None
    na: Sequence[str] | None
    day_first: bool | None
    date_order: str | None
    sheet: str | None


def _sign(words: str) -> str:
    return _SIGNS.get(words.lower(), words)


def _text(words: str) -> str:
    return words


def _header(words: str) -> int:
    return 0 if words.lower() == "none" else _count(words)


def _count(words: str) -> int:
    if not words.isdecimal():
        raise ValueError("a whole number is needed")
    return int(words)


def _list(words: str) -> tuple[str, ...]:
    return tuple(text.strip() for text in words.split(",") if text.strip())


def _yes(words: str) -> bool:
    if words.lower() not in ("yes", "no"):
        raise ValueError("it is yes or no")
    return words.lower() == "yes"


def _order(words: str) -> str:
    if words.lower() not in ORDERS:
        raise ValueError(f"it is one of {', '.join(ORDERS)}")
    return words.lower()


@dataclass(frozen=True)
class ReadingOption:
    """An option of a line or a command, whose words are parsed the same in both."""

    name: str
    metavar: str
    help: str
    parse: Callable[[str], object] = _sign
    longest: int | None = 1

    @property
    def flag(self) -> str:
        """As it is typed."""
        return "--" + self.name.replace("_", "-")

    def value(self, words: str) -> object:
        """What the words stand for.

        Raises:
            UsageError: nothing; it names the option.
        """
        try:
            result = self.parse(words)
        except ValueError as problem:
            raise UsageError(f"{self.flag} {words!r}: {problem}", remedy=self.help) from None
        if self.longest is not None and isinstance(result, str) and len(result) > self.longest:
            raise UsageError(f"{self.flag} {words!r}: one sign is needed", remedy=self.help)
        return result


READING_OPTIONS = (
    ReadingOption(
        "delimiter", "SIGN", "Between the fields of a line; tab, or blank for any number of blanks."
    ),
    ReadingOption("encoding", "NAME", "Of the text, such as windows-1252.", _text, None),
    ReadingOption("decimal", "SIGN", "In numbers: a point or a comma."),
    ReadingOption("thousands", "SIGN", "Between thousands in numbers; none: there is none."),
    ReadingOption(
        "header",
        "LINE",
        "Line of the names, counted from 1 after what is skipped; none: there are no names.",
        _header,
        None,
    ),
    ReadingOption("skip", "LINES", "Lines or rows before the table.", _count, None),
    ReadingOption("comment", "SIGN", "Lines that begin with it are left out; none: no line is."),
    ReadingOption("quote", "SIGN", "Around fields; none: there are no quotes."),
    ReadingOption("escape", "SIGN", "Before a quote in a field; none: a quote is doubled."),
    ReadingOption(
        "na",
        "TEXTS",
        "Texts that stand for a missing value, with commas between them.",
        _list,
        None,
    ),
    ReadingOption("sheet", "NAME", "Sheet of a workbook.", _text, None),
    ReadingOption(
        "day_first", "yes|no", "Whether 03/04/2024 is the third of April: yes or no.", _yes, None
    ),
    ReadingOption(
        "date_order",
        "ORDER",
        "Of day, month and year in dates such as 03-04-05: dmy, mdy, ymd or ydm.",
        _order,
        None,
    ),
)
NAMES = tuple(option.name for option in READING_OPTIONS)


def parse_reading(words: Mapping[str, str | None]) -> ReadingArguments:
    """The options from the words of a line or a command, by name; None was not given.

    Raises:
        UsageError: words that stand for nothing.
    """
    chosen = {}
    for option in READING_OPTIONS:
        typed = words.get(option.name)
        if typed is not None:
            chosen[option.name] = option.value(typed)
    return cast("ReadingArguments", chosen)


def given(reading: ReadingArguments) -> dict[str, object]:
    """The options that are given."""
    return {name: value for name, value in reading.items() if value is not None}


def with_reading(source: SourceIn, reading: ReadingArguments) -> SourceIn:
    """The source with the options; whether they apply to its format is known where it is read."""
    chosen = given(reading)
    if not chosen:
        return source
    sheet = cast("str", chosen.pop("sheet", source["sheet"]))
    if isinstance(chosen.get("na"), str):
        raise UsageError("na is a list of texts", remedy=f"Write na=[{chosen['na']!r}].")
    if not chosen:
        return {**source, "sheet": sheet}
    if "na" in chosen:
        chosen["na"] = list(cast("Sequence[str]", chosen["na"]))
    return {**source, "sheet": sheet, "reading": cast("ReaderOptions", chosen)}


def is_applicable(words: str) -> bool:
    """Whether the name of a file is that of text or a workbook."""
    return format_of(words.partition("#")[0]) in _FORMATS


def refuse_reading(reading: ReadingArguments, what: str) -> None:
    """Refuse the options for data that are read already.

    Raises:
        UsageError: an option was given; it is named.
    """
    chosen = given(reading)
    if chosen:
        raise UsageError(
            f"{', '.join(chosen)}: {what} is read already",
            reason="These options are for files of text and for workbooks.",
            remedy="Leave them out.",
        )
