"""Several cells as one text and back, with the ``# %%`` marks that editors know."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import cast

from orrery_kernels.errors import UsageError
from orrery_wire.types.snippets import Snippet, SnippetCell

# The cell magic of IPython that runs or shows the language; a snippet in another language has no place in a notebook.
CELL_MAGICS = {
    "bash": "%%bash",
    "html": "%%html",
    "javascript": "%%javascript",
    "latex": "%%latex",
    "markdown": "%%markdown",
    "sh": "%%sh",
}

_MARK = re.compile(r"^# %%(?: \[(markdown|raw)\])?[ \t]*$", re.MULTILINE)


def to_text(cells: Sequence[SnippetCell]) -> str:
    """One text; a single code cell stands without a mark, unless it holds one itself."""
    if len(cells) == 1 and cells[0]["kind"] == "code" and not _MARK.search(cells[0]["source"]):
        return cells[0]["source"]
    return "\n\n".join(_to_marked(cell) for cell in cells) + "\n"


def from_text(text: str) -> list[SnippetCell]:
    """The cells of a text; without a mark it is one code cell."""
    marks = list(_MARK.finditer(text))
    if not marks:
        return [{"kind": "code", "source": text.strip("\n")}]
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    cells = [
        _from_marked(mark, text[mark.end() : end]) for mark, end in zip(marks, ends, strict=True)
    ]
    before = text[: marks[0].start()].strip("\n")
    first: list[SnippetCell] = [{"kind": "code", "source": before}] if before.strip() else []
    return first + cells


def to_code(cells: Sequence[SnippetCell], language: str = "python") -> str:
    """The text of one notebook cell: markdown becomes comments, another language gets its cell magic."""
    code = "\n\n".join(
        cell["source"].strip("\n") if cell["kind"] == "code" else _to_comment(cell["source"])
        for cell in cells
    )
    return with_magic(code, language)


def with_magic(code: str, language: str) -> str:
    """The code below the cell magic of its language."""
    magic = CELL_MAGICS.get(language)
    return f"{magic}\n{code}" if magic else code


def require_notebook_language(snippet: Snippet) -> None:
    """Refuse a snippet that a Python notebook cannot run or show.

    Raises:
        UsageError: with where it can be inserted.
    """
    if snippet["language"] != "python" and snippet["language"] not in CELL_MAGICS:
        raise UsageError(
            f"{snippet['name']!r} is written in {snippet['language']}",
            reason="This kernel runs Python.",
            remedy="Insert it from the Snippets panel where it belongs.",
        )


def _to_marked(cell: SnippetCell) -> str:
    if cell["kind"] == "code":
        return f"# %%\n{cell['source']}"
    return f"# %% [{cell['kind']}]\n{_to_comment(cell['source'])}"


def _from_marked(mark: re.Match[str], text: str) -> SnippetCell:
    source = text.strip("\n")
    if not mark[1]:
        return {"kind": "code", "source": source}
    plain = re.sub(r"^# ?", "", source, flags=re.MULTILINE)
    return cast("SnippetCell", {"kind": mark[1], "source": plain})


def _to_comment(source: str) -> str:
    return "\n".join(f"# {line}".rstrip() for line in source.strip("\n").split("\n"))
