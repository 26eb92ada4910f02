"""Snippets as text for a terminal and as HTML for a notebook; everything that a person wrote is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from orrery_kernels.snippets import cells as cell_text
from orrery_kernels.text import clean, table


def place(snippet: dict[str, Any]) -> str:
    """Where a snippet comes from, in one word."""
    return str(snippet["library"] or snippet["project"] or snippet["scope"])


class SnippetList:
    """One page of snippets."""

    def __init__(self, page: dict[str, Any]) -> None:
        self.page = page

    @property
    def items(self) -> list[dict[str, Any]]:
        """The snippets of the page."""
        found: list[dict[str, Any]] = self.page["items"]
        return found

    def rows(self) -> list[tuple[str, str, str, str, str]]:
        """Prefix, name, place, tags and description of each."""
        return [
            (
                item["prefix"] or "",
                ("★ " if item["favourite"] else "") + item["name"],
                place(item),
                ", ".join(item["tags"]),
                item["description"],
            )
            for item in self.items
        ]

    def footer(self) -> str:
        """How many of how many, and what else the server said."""
        notices = [
            f"{notice['message']} {notice['remedy']}".strip() for notice in self.page["notices"]
        ]
        return "\n".join(
            [f"{len(self.items)} of {self.page['total']} snippets", *map(clean, notices)]
        )

    def __repr__(self) -> str:
        head = ("Prefix", "Name", "From", "Tags", "Description")
        return f"{table(head, self.rows())}\n{self.footer()}"

    def _repr_html_(self) -> str:
        head = "".join(
            f"<th style='text-align:left'>{name}</th>"
            for name in ("Prefix", "Name", "From", "Tags", "Description")
        )
        rows = "".join(
            "<tr>" + "".join(_html_cell(n, cell) for n, cell in enumerate(row)) + "</tr>"
            for row in self.rows()
        )
        return (
            f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
            f"<small>{escape(self.footer())}</small>"
        )


def _html_cell(column: int, text: str) -> str:
    inner = escape(clean(text))
    return f"<td style='text-align:left'>{f'<code>{inner}</code>' if column == 0 else inner}</td>"


class SnippetView:
    """One snippet with its cells."""

    def __init__(self, snippet: dict[str, Any], placeholders: Sequence[str] = ()) -> None:
        self.snippet = snippet
        self.placeholders = list(placeholders)

    def facts(self) -> list[tuple[str, str]]:
        """What is known of it, without its code."""
        item = self.snippet
        known = [
            ("Id", item["id"]),
            ("From", place(item)),
            ("Prefix", item["prefix"] or ""),
            ("Tags", ", ".join(item["tags"])),
            ("Placeholders", ", ".join(self.placeholders)),
            ("Imports", ", ".join(item["requires"])),
            ("Version", f"{item['version']}, {item['updated_by']}, {item['updated'][:16]}"),
        ]
        return [(name, value) for name, value in known if value]

    def __repr__(self) -> str:
        item = self.snippet
        lines = [
            clean(item["name"]),
            *([clean(item["description"])] if item["description"] else []),
        ]
        lines += [f"{name + ':':<14}{clean(value)}" for name, value in self.facts()]
        return "\n".join([*lines, "", clean(cell_text.to_text(item["cells"]))])

    def _repr_html_(self) -> str:
        item = self.snippet
        facts = " · ".join(f"{name}: {escape(clean(value))}" for name, value in self.facts())
        code = "".join(f"<pre>{escape(clean(cell['source']))}</pre>" for cell in item["cells"])
        return (
            f"<h4>{escape(clean(item['name']))}</h4><p>{escape(clean(item['description']))}</p>"
            f"<small>{facts}</small>{code}"
        )
