r"""Texts as databases write them: ``\N`` is a missing value, and a backslash stands before signs of a field.

MySQL writes so into files, and PostgreSQL copies so. Such a text is written anew with quotation marks in place of
the backslashes, unless one of these stands before other signs, as in a path of Windows.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from pathlib import Path

from orrery_engine.readers.text.encodings import unpacked

NULL = "\\N"
NOTE = "The text was read as databases write it: a backslash stands for an escape, and \\N for a missing value."
_AS_SIGNS = "Backslashes stand beside \\N, and not all as databases write them: they were read as signs like others."
_CHUNK = 8 * 2**20
_SIGNS = ",;\t|\x01"
_NULLS = re.compile(rf"(^|[{_SIGNS}])\\N(?=([{_SIGNS}])|\r?$)", re.MULTILINE)
_LETTERS = dict(zip("tnrbfv0Z", "\t\n\r\b\f\v\0\x1a", strict=True))
_END = "\\."
_PAIR = re.compile(r"\\(.)", re.DOTALL)


def delimiter(text: str) -> str:
    r"""The delimiter of a text in which ``\N`` stands as a whole field, and no field begins with a quotation mark."""
    around = Counter(sign for match in _NULLS.finditer(text) for sign in match.groups() if sign)
    if not around:
        return ""
    sign = around.most_common(1)[0][0]
    quoted = re.compile(rf'(?:^|{re.escape(sign)})"', re.MULTILINE)
    return "" if quoted.search(text) else sign


def unread_note(text: str) -> str:
    r"""What to say of backslashes that stand beside ``\N``, and before no quotation marks."""
    others = _NULLS.sub(lambda match: match[1], text)
    if len(others) == len(text):
        return ""
    return _AS_SIGNS if "\\" in others.replace("\\\\", "").replace('\\"', "") else ""


def is_escaped(path: Path, sign: str) -> bool:
    r"""Whether backslashes of a UTF-8 file stand before signs of a field everywhere, and not only in ``\N``."""
    own = re.escape(sign.encode())
    usual = re.compile(rb"\\(?:[\\tnrbfvZ0\n" + own + rb"]|\.\r?\n)")
    null = re.compile(rb"(?:(?<=[\n" + own + rb"])|\A)\\N(?=[\r\n" + own + rb"]|\Z)")
    has_escapes, rest, width = False, b"", -1
    with unpacked(path) as file:
        while chunk := file.read(_CHUNK):
            chunk = rest + chunk
            cut = chunk.rfind(b"\n") + 1 or len(chunk)
            whole, rest = chunk[:cut], chunk[cut:]
            width = chunk.partition(b"\n")[0].count(sign.encode()) if width < 0 else width
            if b"\\" not in whole:
                continue
            other = null.sub(b"", whole)
            has_escapes = has_escapes or b"\\" in other
            if b"\\" in usual.sub(b"", other) or _has_whole_line(whole, sign.encode(), width):
                return False
    return has_escapes and b"\\" not in usual.sub(b"", null.sub(b"", rest + b"\n"))


def _has_whole_line(text: bytes, sign: bytes, width: int) -> bool:
    """Whether a line ends with a backslash, and both it and the next one hold all fields: its end is no part of a value."""
    if b"\\\n" not in text:
        return False
    return any(
        line.endswith(b"\\")
        and not line.endswith(b"\\\\")
        and min(line.count(sign), after.count(sign)) >= width
        for line, after in itertools.pairwise(text.split(b"\n"))
    )


class AsQuoted:
    """Writes such a text with quotation marks; it may come in pieces."""

    def __init__(self, sign: str) -> None:
        self._sign, self._waiting = sign, ""
        own = re.escape(sign)
        self._line = re.compile(r"(?:[^\\\n]|\\.)*+\n", re.DOTALL)
        self._field = re.compile(rf"(?:[^\\{own}]|\\.)*+", re.DOTALL)

    def replaced(self, text: str, final: bool) -> str:
        """The next piece; a record that is not at its end waits for the piece after it."""
        text = self._waiting + text
        if final and text and not text.endswith("\n"):
            text += "\n"
        written, end = [], 0
        for match in self._line.finditer(text):
            if match.start() != end:
                break
            end = match.end()
            written.append(self._quoted(match[0]))
        self._waiting = text[end:]
        return "".join(written) + (self._waiting if final else "")

    def _quoted(self, line: str) -> str:
        if "\\" not in line and '"' not in line:
            return line
        body = line.removesuffix("\n").removesuffix("\r")
        if body == _END:
            return ""
        fields, place = [], 0
        while True:
            match = self._field.match(body, place)
            field = match[0] if match else ""
            fields.append(field if field == NULL else self._value(field))
            place += len(field)
            if place >= len(body):
                return self._sign.join(fields) + "\n"
            place += 1

    def _value(self, field: str) -> str:
        text = _PAIR.sub(lambda pair: _LETTERS.get(pair[1], pair[1]), field)
        if any(sign in text for sign in (self._sign, '"', "\n", "\r")):
            text = '"' + text.replace('"', '""') + '"'
        return text
