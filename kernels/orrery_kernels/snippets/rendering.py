"""The cells of a snippet with values in the places of its placeholders."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from orrery_kernels.errors import BodyTooLarge, UsageError
from orrery_wire.types.snippets import Snippet, SnippetCell

if TYPE_CHECKING:
    from orrery_kernels.snippets.template.budget import Budget

# Languages in which a tab is not the same as blanks.
_TABBED = frozenset({"go", "makefile", "tsv"})
_TAB = "    "


def render_cells(
    snippet: Snippet, variables: Mapping[str, str], values: Mapping[str, str]
) -> list[SnippetCell]:
    """The cells with their bodies expanded; ``values`` go by number, default text or variable.

    Raises:
        UsageError: a value names nothing in the snippet.
        BodyTooLarge: the bodies take too many steps together, or become too long.
    """
    tidy = [_tidy(cell, snippet["language"]) for cell in snippet["cells"]]
    if snippet["syntax"] != "vscode":
        if values:
            raise UsageError(
                f"{snippet['name']!r} has no placeholders",
                reason=f"So {', '.join(sorted(values))} cannot be given.",
            )
        return tidy
    from orrery_kernels.snippets.template.budget import Budget

    budget = Budget()
    used: set[str] = set()
    cells: list[SnippetCell] = []
    known = {**variables, **{name: text for name, text in values.items() if name.isupper()}}
    for cell in tidy:
        source, names = _expand_cell(cell["source"], known, values, budget)
        used |= names
        cells.append({"kind": cell["kind"], "source": source})
    unknown = sorted(set(values) - used)
    if unknown:
        names = set(placeholders(snippet, variables))
        raise UsageError(
            f"{snippet['name']!r} has no placeholder {', '.join(unknown)}",
            reason=f"It has: {', '.join(sorted(names)) or 'none'}.",
        )
    return cells


def _tidy(cell: SnippetCell, language: str) -> SnippetCell:
    """The cell as the panel inserts it: line feeds end lines, and tabs that indent are four blanks."""
    source = re.sub(r"\r\n?", "\n", cell["source"])
    if language not in _TABBED:
        source = re.sub(r"^\t+", lambda tabs: _TAB * len(tabs[0]), source, flags=re.MULTILINE)
    return {"kind": cell["kind"], "source": source}


def placeholders(snippet: Snippet, variables: Mapping[str, str] | None = None) -> Sequence[str]:
    """How the placeholders of a snippet can be named: by default text where that is a name, else by number."""
    if snippet["syntax"] != "vscode":
        return []
    from orrery_kernels.snippets.template import expand
    from orrery_kernels.snippets.template.budget import Budget

    budget = Budget()
    expansions = [
        expand(cell["source"], variables or {}, budget=budget) for cell in snippet["cells"]
    ]
    names = [
        stop.default if stop.default.isidentifier() else str(stop.n)
        for expansion in expansions
        for stop in expansion.stops
        if stop.n
    ]
    return list(dict.fromkeys(names))


def shown_placeholders(snippet: Snippet) -> Sequence[str]:
    """The placeholders to show beside the code; in their place the reason where the code is not expanded."""
    try:
        return placeholders(snippet)
    except BodyTooLarge as error:
        return [f"not known. {error}"]


def _expand_cell(
    body: str, known: Mapping[str, str], values: Mapping[str, str], budget: Budget
) -> tuple[str, set[str]]:
    """The expanded source, and which of the values it used."""
    from orrery_kernels.snippets.template import expand

    numbers: dict[int, str] = {}
    used = {
        name for name in values if name.isupper() and re.search(rf"\$\{{?{re.escape(name)}\b", body)
    }
    # Without values there is nothing to look for; what is looked at twice must not cost a body its expansion.
    for stops in [expand(body, names).stops for names in ((known, {}) if values else ())]:
        for stop in stops:
            for name in (str(stop.n), stop.default):
                if name in values and stop.n not in numbers and name:
                    numbers[stop.n] = values[name]
                    used.add(name)
    return expand(body, known, numbers, budget).text, used
