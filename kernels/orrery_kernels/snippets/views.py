"""Snippets as text for a terminal and as HTML for a notebook; everything that a person wrote is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from orrery_kernels.listing import Listing
from orrery_kernels.snippets import cells as cell_text
from orrery_kernels.snippets.matching import place
from orrery_kernels.text import clean, moment
from orrery_wire.errors import OrreryError, SecretFound
from orrery_wire.types.snippets import Library, Snippet, SnippetPage, SnippetVersion


class SnippetList(Listing[Snippet]):
    """One page of snippets; ``page`` is the server's JSON, with the facets to filter by."""

    head = ("Prefix", "Name", "From", "Tags", "Description")
    noun = "snippets"

    def __init__(self, page: SnippetPage) -> None:
        notes = [f"{notice['message']} {notice['remedy']}".strip() for notice in page["notices"]]
        super().__init__(page["items"], page["total"], notes)
        self.page = page
        if page["exact_count"] == 0 and page["items"]:
            self.lead = "No snippet has all these words. Nearest:"
        elif page["exact_count"] < page["total"]:
            self.lead = f"{page['exact_count']} with all these words, and the nearest:"

    def cells(self, item: Snippet) -> tuple[object, ...]:
        """Prefix, name, place, tags and description."""
        return (
            ", ".join(item["prefixes"]),
            ("★ " if item["favourite"] else "") + item["name"],
            place(item),
            ", ".join(item["tags"]),
            item["description"],
        )


class VersionList(Listing[SnippetVersion]):
    """The versions of a snippet, newest first."""

    head = ("Version", "Saved", "By", "Name")
    noun = "versions"

    def cells(self, item: SnippetVersion) -> tuple[object, ...]:
        """Number, time, person and name."""
        return item["version"], moment(item["saved"]), item["saved_by"], item["content"]["name"]


class LibraryList(Listing[Library]):
    """The libraries."""

    head = ("Name", "Snippets", "State", "From", "Problem")
    noun = "libraries"

    def cells(self, item: Library) -> tuple[object, ...]:
        """Name, count, state, origin and error."""
        return (
            item["name"],
            item["count"],
            item["state"],
            item["url"] or item["kind"],
            item["error"] or _unread(len(item["problems"])),
        )


def _unread(count: int) -> str:
    return f"{count} not read as they are; see `libraries problems`" if count else ""


class SnippetView:
    """One snippet with its cells."""

    def __init__(self, snippet: Snippet, placeholders: Sequence[str] = ()) -> None:
        self.snippet = snippet
        self.placeholders = list(placeholders)

    def properties(self) -> list[tuple[str, str]]:
        """What is known of the snippet, without its code."""
        item = self.snippet
        properties = [
            ("Id", item["id"]),
            ("From", place(item)),
            ("Prefix", ", ".join(item["prefixes"])),
            ("Tags", ", ".join(item["tags"])),
            ("Placeholders", ", ".join(self.placeholders)),
            ("Imports", ", ".join(item["requires"])),
            ("Version", f"{item['version']}, {item['updated_by']}, {item['updated'][:16]}"),
        ]
        return [(name, value) for name, value in properties if value]

    def __repr__(self) -> str:
        item = self.snippet
        lines = [
            clean(item["name"]),
            *([clean(item["description"])] if item["description"] else []),
        ]
        lines += [f"{name + ':':<14}{clean(value)}" for name, value in self.properties()]
        return "\n".join([*lines, "", clean(cell_text.to_text(item["cells"]))])

    def _repr_html_(self) -> str:
        item = self.snippet
        properties = " · ".join(
            f"{name}: {escape(clean(value))}" for name, value in self.properties()
        )
        code = "".join(f"<pre>{escape(clean(cell['source']))}</pre>" for cell in item["cells"])
        return (
            f"<h4>{escape(clean(item['name']))}</h4><p>{escape(clean(item['description']))}</p>"
            f"<small>{properties}</small>{code}"
        )


def findings(error: OrreryError) -> str:
    """Where the server found what looks like a secret, one line each, and how to save all the same."""
    if not isinstance(error, SecretFound):
        return ""
    items = error.details.get("findings")
    lines = [
        f"\n  cell {int(item['cell']) + 1}, line {item['line']}: {item['kind']}: {item['excerpt']}"
        for item in (items if isinstance(items, list) else ())
    ]
    return clean("".join(lines)) + "\n  To save it all the same: --allow-secrets"
