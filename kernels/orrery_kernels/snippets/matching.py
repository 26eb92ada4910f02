"""Which snippet a name means."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from orrery_kernels.errors import AmbiguousName, SnippetNotFound
from orrery_wire.types.snippets import Snippet

_SHOWN = 20


def slug(name: str) -> str:
    """A name without blanks and signs, as it is offered for completion."""
    return re.sub(r"[\W_]+", "-", name.casefold()).strip("-")


def short_name(snippet: Snippet) -> str:
    """The word that completion offers for a snippet: its first prefix, else the slug of its name."""
    return next(iter(snippet["prefixes"]), slug(snippet["name"]))


def place(snippet: Snippet) -> str:
    """Where a snippet comes from, in one word."""
    return snippet["library"] or snippet["project"] or snippet["scope"]


def select(name: str, candidates: Sequence[Snippet]) -> Snippet:
    """The candidate with this id, name, prefix, slug or beginning of a name, in this order.

    Raises:
        AmbiguousName: several fit equally well; the message lists them.
        SnippetNotFound: none fits.
    """
    folded = name.casefold()
    tests: Sequence[Callable[[Snippet], bool]] = (
        lambda snippet: snippet["id"] == name,
        lambda snippet: snippet["name"] == name,
        lambda snippet: name in snippet["prefixes"],
        lambda snippet: snippet["name"].casefold() == folded or slug(snippet["name"]) == slug(name),
        lambda snippet: snippet["name"].casefold().startswith(folded),
    )
    for test in tests:
        matches = [snippet for snippet in candidates if test(snippet)]
        if len(matches) == 1:
            return matches[0]
        if matches:
            raise AmbiguousName(
                f"{len(matches)} snippets fit {name!r}",
                reason="\n  ".join(
                    f"{snippet['id']}  {snippet['name']}  ({place(snippet)})"
                    for snippet in matches[:_SHOWN]
                ),
                remedy="Use an id, the first column.",
            )
    near = ", ".join(repr(snippet["name"]) for snippet in candidates[:5])
    raise SnippetNotFound(
        f"There is no snippet {name!r}",
        reason=f"Nearest: {near}." if near else "",
        remedy="List the snippets with: list",
    )
