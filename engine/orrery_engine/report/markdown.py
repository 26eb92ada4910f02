"""A report as Markdown with tables, as GitHub reads them. Texts of data stand in code spans."""

from __future__ import annotations

import re
from collections.abc import Iterable

from orrery_engine.report.charts import sparkline
from orrery_engine.report.parts import Bars, Cell, Data, Part, shown

_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+!|~&@:/$^=\"'-])")


def document(title: str, parts: Iterable[Part]) -> str:
    """The whole file."""
    return "\n\n".join([f"# {_escaped(title)}", *(_part(part) for part in parts)]) + "\n"


def _part(part: Part) -> str:
    level = "###" if part.detail else "##"
    pieces = [f"{level} {_words(part.title)}", *(_words(word) for word in part.words)]
    if part.rows:
        pieces.append(_table(part))
    return "\n\n".join(pieces)


def _table(part: Part) -> str:
    width = len(part.rows[0])
    header: tuple[str | Data, ...] = part.header if len(part.header) == width else ("",) * width
    sides = ["---:" if place in part.numbers else "---" for place in range(width)]
    lines = [
        _row([_words(name) if name else " " for name in header]),
        _row(sides),
        *(_row([_cell(cell) for cell in row]) for row in part.rows),
    ]
    return "\n".join(lines)


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _cell(cell: Cell) -> str:
    if isinstance(cell, Bars):
        drawn = sparkline(cell.counts)
        return f"`{drawn}`" if drawn.strip() else ""
    return _words(cell)


def _words(words: str | Data | tuple[str | Data, ...]) -> str:
    if isinstance(words, tuple):
        return "".join(_words(word) for word in words)
    return span(words.text) if isinstance(words, Data) else _escaped(words)


def _escaped(text: str) -> str:
    """Our own words; every sign that could mean something is taken as itself."""
    return _SPECIAL.sub(r"\\\1", shown(text))


def span(text: str) -> str:
    """A code span that nothing in the text can end; neither links nor mentions arise in it."""
    text = shown(text)
    if not text.strip():
        return "*empty*" if not text else f"*{len(text)} blank*"
    # Whether a bar is taken as the end of a cell depends on what stands before it.
    text = re.sub(r"\\\|", "\\\\│", text).replace("|", "\\|")
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    return f"{fence} {text} {fence}" if _needs_room(text) else f"{fence}{text}{fence}"


def _needs_room(text: str) -> bool:
    return text[0] in "` " or text[-1] in "` \\"
