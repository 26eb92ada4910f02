"""Text for a terminal and for a cell; nothing in it can drive either."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from html import escape

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def clean(text: object) -> str:
    """The text without characters that drive a terminal or turn the direction of writing."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", str(text).replace("\r\n", "\n"))


def moment(time: str) -> str:
    """A time of the server, which is UTC, to the second; it says its zone."""
    return f"{time[:19]}Z"


def table(head: Sequence[str], rows: Sequence[Sequence[object]], width: int | None = None) -> str:
    """A plain table as wide as the terminal; the last column gives way."""
    lines = [[clean(cell).replace("\n", " ") for cell in row] for row in (head, *rows)]
    widths = [max(len(line[n]) for line in lines) for n in range(len(head))]
    room = (width or shutil.get_terminal_size((100, 24)).columns) - sum(widths[:-1])
    room = max(20, room - 2 * (len(head) - 1))
    return "\n".join(
        "  ".join(
            [
                *(c.ljust(w) for c, w in zip(line[:-1], widths[:-1], strict=True)),
                _cut(line[-1], room),
            ]
        )
        for line in lines
    )


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 1] + "…"


class PlainText:
    """A short message with nothing to run or open."""

    def __init__(self, text: str) -> None:
        self.text = clean(text)

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return f"<span>{escape(self.text)}</span>"
