"""A report as one HTML file without scripts, readable without its style sheet, too."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html import escape

from orrery_engine.report.charts import bars, sparkline, steps
from orrery_engine.report.parts import Bars, Cell, Data, Part, shown

_NAME = re.compile(r"--jp-[a-z0-9-]{1,60}\Z")
_VALUE = re.compile(
    r"(#[0-9a-fA-F]{3,8}|(rgb|rgba|hsl|hsla)\([0-9., %/deg]{1,60}\)|[0-9.]{1,6}(px|em|rem|%)?|[A-Za-z0-9 ,'-]{1,200})\Z"
)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

STYLE = """
:root{color-scheme:light dark;--ground:var(--jp-layout-color0,#fff);--raised:var(--jp-layout-color2,#f3f4f6);
--ink:var(--jp-ui-font-color0,#1b1f24);--quiet:var(--jp-ui-font-color2,#57606a);--line:var(--jp-border-color2,#d0d7de);
--bar:var(--jp-brand-color1,#1976d2);--before:var(--jp-ui-font-color2,#57606a);--serious:#b3261e;--warning:#8a5300}
@media (prefers-color-scheme:dark){:root{--ground:var(--jp-layout-color0,#111418);--raised:var(--jp-layout-color2,#21262c);
--ink:var(--jp-ui-font-color0,#e6e8eb);--quiet:var(--jp-ui-font-color2,#9da5ae);--line:var(--jp-border-color2,#3a4149);
--bar:var(--jp-brand-color1,#64b5f6);--before:var(--jp-ui-font-color2,#9da5ae);--serious:#ff8a80;--warning:#ffcc80}}
body{margin:0 auto;max-width:76rem;padding:1.5rem;background:var(--ground);color:var(--ink);
font:14px/1.5 var(--jp-ui-font-family,system-ui,sans-serif)}
h1{font-size:1.5rem;margin:0 0 1rem}h2{font-size:1.1rem;margin:2rem 0 .5rem}
p{margin:.25rem 0;color:var(--quiet)}
.wide{overflow-x:auto}table{border-collapse:collapse;font-size:13px;margin:.5rem 0}
th,td{border-bottom:1px solid var(--line);padding:.25rem .75rem .25rem 0;text-align:left;vertical-align:top;
overflow-wrap:anywhere;mso-number-format:"\\@"}
thead th{color:var(--quiet);font-weight:600;white-space:nowrap}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
bdi{overflow-wrap:anywhere}details{border-bottom:1px solid var(--line);padding:.25rem 0}
summary{cursor:pointer;padding:.25rem 0;font-weight:600}
svg{color:var(--bar);display:block}.before{stroke:var(--before)}
.serious,.broken{color:var(--serious);font-weight:600;white-space:nowrap}.warning{color:var(--warning);font-weight:600;white-space:nowrap}
@media print{details{break-inside:avoid}}
"""
_WORDS = frozenset({"serious", "warning", "broken"})


def page(title: str, parts: Iterable[Part], variables: Mapping[str, str] | None = None) -> str:
    """The whole file. Variables of the lab's theme replace the file's own colours."""
    body = "\n".join(_part(part) for part in parts)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(shown(title))}</title>\n<style>{STYLE}{theme(variables or {})}</style>\n"
        f"</head>\n<body>\n<h1>{_text(title)}</h1>\n{body}\n</body>\n</html>\n"
    )


def theme(variables: Mapping[str, str]) -> str:
    """The lab's variables as a rule; what is not a plain colour, size or font is left out."""
    shown = [
        f"{name}:{value.strip()}"
        for name, value in variables.items()
        if _NAME.match(name) and _VALUE.match(value.strip())
    ]
    return f":root{{{';'.join(shown)}}}" if shown else ""


def brief(title: str, parts: Iterable[Part]) -> str:
    """What a notebook's output holds: tables with inline attributes only, as they survive every sanitizer."""
    body = "\n".join(_brief(part) for part in parts)
    return f"<h3>{_text(title)}</h3>\n{body}\n"


def _text(text: str) -> str:
    return escape(shown(text))


def _inline(piece: str | Data) -> str:
    if isinstance(piece, Data):
        return f"<bdi>{escape(shown(piece.text))}</bdi>"
    return escape(piece)


def _words(words: str | tuple[str | Data, ...]) -> str:
    return _inline(words) if isinstance(words, str) else "".join(_inline(word) for word in words)


def _part(part: Part) -> str:
    paragraphs = "".join(f"<p>{_words(word)}</p>\n" for word in part.words)
    table = f'<div class="wide">{_table(part)}</div>' if part.rows else ""
    title = _words(part.title)
    if part.detail:
        return f"<details><summary>{title}</summary>\n{paragraphs}{table}\n</details>"
    return f"<section>\n<h2>{title}</h2>\n{paragraphs}{table}\n</section>"


def _table(part: Part) -> str:
    rows = "\n".join(
        "<tr>" + "".join(_cell(part, place, cell) for place, cell in enumerate(row)) + "</tr>"
        for row in part.rows
    )
    return f"<table>\n{_head(part)}<tbody>\n{rows}\n</tbody>\n</table>"


def _head(part: Part) -> str:
    if not any(part.header):
        return ""
    cells = "".join(
        f'<th scope="col"{" class=n" if place in part.numbers else ""}>{_inline(name)}</th>'
        for place, name in enumerate(part.header)
    )
    return f"<thead>\n<tr>{cells}</tr>\n</thead>\n"


def _cell(part: Part, place: int, cell: Cell) -> str:
    if place == 0 and not any(part.header):
        return f'<th scope="row">{_inline(cell) if isinstance(cell, str) else ""}</th>'
    mark = ' class="n"' if place in part.numbers else ""
    if isinstance(cell, str) and cell in _WORDS:
        mark = f' class="{cell}"'
    content = _drawn(cell) if isinstance(cell, Bars) else _piece(cell)
    return f"<td{mark}>{content}</td>"


def _piece(cell: str | Data | tuple[str | Data, ...]) -> str:
    return _words(cell) if isinstance(cell, tuple) else _inline(cell)


def _drawn(chart: Bars) -> str:
    label = escape(chart.label)
    before = (
        f'<path class="before" d="{steps(chart.before)}" fill="none" stroke="currentColor"/>'
        if chart.before
        else ""
    )
    return (
        f'<svg role="img" aria-label="{label}" width="120" height="32" viewBox="0 0 120 32">'
        f'<path d="{bars(chart.counts)}" fill="currentColor"/>{before}</svg>'
    )


def _brief(part: Part) -> str:
    paragraphs = "".join(f"<p>{_words(word)}</p>\n" for word in part.words)
    if not part.rows:
        return f"<h4>{_words(part.title)}</h4>\n{paragraphs}"
    head = ""
    if any(part.header):
        cells = "".join(
            f"<th {_aligned(part, place)}>{_inline(name)}</th>"
            for place, name in enumerate(part.header)
        )
        head = f"<thead><tr>{cells}</tr></thead>\n"
    rows = "\n".join(
        "<tr>"
        + "".join(
            f"<td {_aligned(part, place)}>{_plain(cell)}</td>" for place, cell in enumerate(row)
        )
        + "</tr>"
        for row in part.rows
    )
    return f"<h4>{_words(part.title)}</h4>\n{paragraphs}<table>\n{head}<tbody>\n{rows}\n</tbody>\n</table>"


def _aligned(part: Part, place: int) -> str:
    """As an attribute, which GitHub keeps, and as a style, which the lab's own style sheet does not outdo."""
    side = "right" if place in part.numbers else "left"
    return f'align="{side}" style="text-align:{side}"'


def _plain(cell: Cell) -> str:
    if isinstance(cell, Bars):
        return f"<code>{escape(sparkline(cell.counts))}</code>"
    return _piece(cell)
