"""JSON values one after the other, exactly: integers of any length, decimals with all their digits."""

from __future__ import annotations

import codecs
import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import IO, Any, Literal

from orrery_wire.errors import Invalid

Layout = Literal["lines", "values", "list", "document"]
_CHUNK = 4 * 2**20
_LONGEST = 64 * 2**20
_DIGITS = 4_000
_DEEPEST = 4_000
_BLANK = " \t\r\n"
_END = "unexpected end of data; the file may be cut short"
_COMMA = "a comma stands before a closing bracket"
_NO_VALUE = "there is no value of JSON"
_WORDS = (
    ("Unterminated string", "a text is never closed"),
    ("Expecting property name", "a name in double quotes is missing"),
    ("Expecting ',' delimiter", "a comma or a closing bracket is missing"),
    ("Expecting ':' delimiter", "a colon is missing"),
    ("Expecting value", "a value is missing"),
    ("Illegal trailing comma", _COMMA),
    ("Extra data", "there is more after the end of a value"),
    ("Invalid", "a sign is not valid in a text"),
)
_TRAILING = re.compile(r",\s*[}\]]")


class JsonError(ValueError):
    """A place that is no JSON.

    Attributes:
        line: its line, from 1.
        words: what is wrong there, for a person.
    """

    def __init__(self, line: int, words: str) -> None:
        super().__init__(f"Line {line:,}: {words}.")
        self.line, self.words = line, words


class MoreError(JsonError):
    """A document that another value follows."""


@dataclass
class Faults:
    """Lines that are no JSON: how many, and the first one."""

    count: int = 0
    first: JsonError | None = None

    def add(self, problem: JsonError) -> None:
        """Count a line."""
        self.count += 1
        self.first = self.first or problem

    def note(self) -> str:
        """The same for a person."""
        if self.first is None:
            return ""
        first = f"(first: line {self.first.line:,}, {self.first.words})"
        if self.count == 1:
            return f"1 line is no JSON and counts as a row without values {first}."
        return f"{self.count:,} lines are no JSON and count as rows without values {first}."


def _whole(text: str) -> int | Decimal:
    return int(text) if len(text) <= _DIGITS else Decimal(text)


@contextmanager
def deep() -> Iterator[None]:
    """Values may be nested more deeply than calls usually are."""
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(max(usual, _DEEPEST))
    try:
        yield
    finally:
        sys.setrecursionlimit(usual)


@dataclass
class Decoder:
    """Decodes values; of a key that occurs twice in an object the last value is taken, and it is counted.

    Attributes:
        doubled: how often each key was there again.
    """

    doubled: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        decoder = json.JSONDecoder(
            object_pairs_hook=self._object,
            parse_float=Decimal,
            parse_int=_whole,
            parse_constant=Decimal,
            strict=False,
        )
        self._decode = decoder.raw_decode

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(pairs)
        if len(result) < len(pairs):
            names = [name for name, _ in pairs]
            for name in result:
                if names.count(name) > 1:
                    self.doubled[name] = self.doubled.get(name, 0) + 1
        return result

    def at(self, text: str, position: int, before: int = 0) -> tuple[Any, int]:
        """The value at a position, and where it ends; ``before`` lines precede the text.

        Raises:
            JsonError: there is none.
        """
        try:
            return self._decode(text, position)
        except json.JSONDecodeError as problem:
            line = before + text.count("\n", 0, problem.pos) + 1
            raise JsonError(line, _words(problem, text)) from problem
        except RecursionError as problem:
            raise JsonError(before + 1, "the values are nested too deeply") from problem

    def notes(self) -> tuple[str, ...]:
        """What to say of doubled keys."""
        if not self.doubled:
            return ()
        names = ", ".join([*self.doubled][:5])
        more = f" and {len(self.doubled) - 5} more" if len(self.doubled) > 5 else ""
        return (f"{names}{more}: a key occurs twice in an object; the last value was taken.",)


def _words(problem: json.JSONDecodeError, text: str) -> str:
    if not text[problem.pos :].strip() or problem.msg.startswith("Unterminated string"):
        return _END
    if _TRAILING.match(text, max(0, problem.pos - 1)):
        return _COMMA
    return next((words for begin, words in _WORDS if problem.msg.startswith(begin)), _NO_VALUE)


def layout(beginning: str, *, whole: bool, lines: bool = False) -> Layout:
    """How the values of a file stand there.

    Args:
        beginning: its first characters.
        whole: whether these are all.
        lines: whether its name says that each line is a value.
    """
    text = beginning.lstrip(_BLANK)
    if lines:
        return "lines"
    decoder = Decoder()
    if _is_list_of_records(text):
        return "list"
    first, _, rest = text.partition("\n")
    if _is_value(decoder, first) and rest.strip():
        return "lines"
    try:
        _, end = decoder.at(text, 0)
    except JsonError:
        # A second line that is a record says that the first one is broken.
        second = rest.lstrip(_BLANK).partition("\n")[0]
        if text.startswith("{") and second.startswith("{") and _is_value(decoder, second):
            return "lines"
        return "document"
    return "values" if text[end:].strip() else "document"


def _is_value(decoder: Decoder, line: str) -> bool:
    try:
        _, end = decoder.at(line, 0)
    except JsonError:
        return False
    # A line may hold several records, but a list of records ends with a bracket of its own.
    return line[end:].strip()[:1] in ("", "{")


def _is_list_of_records(text: str) -> bool:
    return text.startswith("[") and text[1:].lstrip(_BLANK).startswith("{")


def lines(file: IO[bytes], decoder: Decoder, faults: Faults) -> Iterator[Any]:
    """The values of each line; a line that is none gives None."""
    for number, raw in enumerate(file, 1):
        text = raw.decode("utf-8", "replace").strip("\ufeff" + _BLANK)
        position = 0
        while position < len(text):
            try:
                value, position = decoder.at(text, position, number - 1)
            except JsonError as problem:
                faults.add(problem)
                yield None
                break
            yield value
            while text[position : position + 1] in (" ", "\t"):
                position += 1


def document(file: IO[bytes], decoder: Decoder, most: int) -> Any:
    """The only value of a file.

    Raises:
        JsonError: it is none.
        MoreError: another value follows.
        Invalid: it has more than ``most`` bytes.
    """
    data = _at_most(file, most + 1)
    if len(data) > most:
        raise Invalid(
            "The JSON could not be read.",
            reason=f"It is a single value of more than {most // 2**20:,} MiB, which has to be in memory as a whole.",
            remedy="Write it as one record a line, or allow more memory.",
        )
    text = data.decode("utf-8", "replace").removeprefix("\ufeff")
    start = len(text) - len(text.lstrip(_BLANK))
    if start == len(text):
        return []
    value, end = decoder.at(text, start)
    if text[end:].strip():
        raise MoreError(text.count("\n", 0, end) + 1, "there is more after the end of a value")
    return value


def _at_most(file: IO[bytes], size: int) -> bytes:
    """The first bytes; a file object asked for many at once would reserve room for all of them."""
    data = bytearray()
    while len(data) < size and (chunk := file.read(min(_CHUNK, size - len(data)))):
        data += chunk
    return bytes(data)


class Stream:
    """Values of a file that need not stand in lines of their own, read piece by piece."""

    def __init__(self, file: IO[bytes], decoder: Decoder) -> None:
        self._file, self._decoder = file, decoder
        self._utf8 = codecs.getincrementaldecoder("utf-8")("replace")
        self._text, self._position, self._lines, self._ended = "", 0, 0, False

    def _more(self, size: int = _CHUNK) -> None:
        raw = self._file.read(size)
        self._lines += self._text.count("\n", 0, self._position)
        self._text = self._text[self._position :] + self._utf8.decode(raw, final=not raw)
        self._position, self._ended = 0, not raw

    def _sign(self) -> str:
        """The next sign that is not blank; "" at the end."""
        while True:
            rest = len(self._text)
            while self._position < rest and self._text[self._position] in "\ufeff" + _BLANK:
                self._position += 1
            if self._position < rest:
                return self._text[self._position]
            if self._ended:
                return ""
            self._more()

    def _value(self) -> Any:
        size = _CHUNK
        while True:
            try:
                value, end = self._decoder.at(self._text, self._position, self._lines)
            except JsonError:
                if self._ended or len(self._text) - self._position > _LONGEST:
                    raise
            else:
                if end < len(self._text) or self._ended:
                    self._position = end
                    return value
            self._more(size)
            size *= 2

    def values(self) -> Iterator[Any]:
        """Values that follow one another."""
        while self._sign():
            yield self._value()

    def items(self) -> Iterator[Any]:
        """The items of the list that the file is."""
        self._sign()
        self._position += 1
        if self._sign() == "]":
            return
        while True:
            if self._sign() in ("", "]"):
                raise self._error(_COMMA if self._sign() else _END)
            yield self._value()
            sign = self._sign()
            self._position += 1
            if sign == "]":
                if self._sign():
                    raise self._error("there is more after the end of a value")
                return
            if sign != ",":
                raise self._error("a comma or a closing bracket is missing" if sign else _END)

    def _error(self, words: str) -> JsonError:
        return JsonError(self._lines + self._text.count("\n", 0, self._position) + 1, words)
