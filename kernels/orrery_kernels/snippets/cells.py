"""Several cells as one text and back, with the ``# %%`` marks that editors know."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

Cell = dict[str, Any]

_MARK = re.compile(r"^# %%(?: \[(markdown|raw)\])?[ \t]*$", re.MULTILINE)


def to_text(cells: Sequence[Cell]) -> str:
    """One text; a single code cell stands without a mark, unless it holds one itself."""
    if len(cells) == 1 and cells[0]["kind"] == "code" and not _MARK.search(cells[0]["source"]):
        return str(cells[0]["source"])
    return "\n\n".join(_marked(cell) for cell in cells) + "\n"


def from_text(text: str) -> list[Cell]:
    """The cells of a text; without a mark it is one code cell."""
    marks = list(_MARK.finditer(text))
    if not marks:
        return [{"kind": "code", "source": text.strip("\n")}]
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    cells = [_unmarked(mark, text[mark.end() : end]) for mark, end in zip(marks, ends, strict=True)]
    before = text[: marks[0].start()].strip("\n")
    return ([{"kind": "code", "source": before}] if before.strip() else []) + cells


def to_code(cells: Sequence[Cell]) -> str:
    """One piece of Python that can be put into a cell: markdown becomes comments."""
    return "\n\n".join(
        cell["source"].strip("\n") if cell["kind"] == "code" else _commented(cell["source"])
        for cell in cells
    )


def _marked(cell: Cell) -> str:
    if cell["kind"] == "code":
        return f"# %%\n{cell['source']}"
    return f"# %% [{cell['kind']}]\n{_commented(cell['source'])}"


def _unmarked(mark: re.Match[str], text: str) -> Cell:
    source = text.strip("\n")
    if not mark[1]:
        return {"kind": "code", "source": source}
    return {"kind": mark[1], "source": re.sub(r"^# ?", "", source, flags=re.MULTILINE)}


def _commented(source: str) -> str:
    return "\n".join(f"# {line}".rstrip() for line in source.strip("\n").split("\n"))
