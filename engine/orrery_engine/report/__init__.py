"""A run's result as a report to keep or to show: HTML without scripts, Markdown, or JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from orrery_engine.report import html, markdown
from orrery_engine.report.content import parts, title
from orrery_engine.schemas import ColumnProfile, Report, ReportFormat, Result
from orrery_wire.schemas import Shape

__all__ = ["file_name", "render"]

_KINDS: Mapping[ReportFormat, tuple[str, str]] = {
    "html": (".html", "text/html"),
    "json": (".json", "application/json"),
    "markdown": (".md", "text/markdown"),
}


def render(
    result: Result,
    columns: Sequence[ColumnProfile],
    format: ReportFormat = "html",
    *,
    brief: bool = False,
    variables: Mapping[str, str] | None = None,
) -> Report:
    """The report. All that comes from data is text in it, whatever it holds.

    Args:
        result: what the run found.
        columns: all columns of it; for a comparison those of the newer side.
        format: as what to write it.
        brief: only what fits into a notebook's output; HTML is then a fragment without style sheet and drawings.
        variables: the lab's theme, `--jp-*` to colours; without them the reader's system says light or dark.
    """
    ending, media = _KINDS[format]
    if format == "json":
        content = _json(result, columns)
    elif format == "markdown":
        content = markdown.document(title(result), parts(result, columns, brief=brief))
    elif brief:
        content = html.brief(title(result), parts(result, columns, brief=True))
    else:
        content = html.page(title(result), parts(result, columns), variables)
    return Report(name=file_name(result) + ending, type=media, content=content)


def _json(result: Result, columns: Sequence[ColumnProfile]) -> str:
    # Column by column: all at once would be a million objects, and hold up the server.
    text = ",\n  ".join(_dumped(column, "  ") for column in columns)
    listed = f"[\n  {text}\n ]" if text else "[]"
    return f'{{\n "result": {_dumped(result, " ")},\n "columns": {listed}\n}}\n'


def _dumped(shape: Shape, margin: str) -> str:
    fields = shape.model_dump(mode="json")
    text = json.dumps(fields, indent=1, ensure_ascii=False, allow_nan=False)
    return text.replace("\n", f"\n{margin}")


def file_name(result: Result) -> str:
    """A name that every file system takes."""
    source = result.run.source
    name = source.name or source.table or source.location.rsplit("/", 1)[-1]
    plain = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in name)
    return "-".join(part for part in plain.split("-") if part)[:60] or result.run.task
