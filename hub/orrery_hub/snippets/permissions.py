"""Who may see and write which snippets."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from orrery_hub.base.user import User
from orrery_hub.scopes import PUBLISH
from orrery_hub.snippets.store import Audience
from orrery_wire.errors import Forbidden


class Rights:
    """What one person may do with snippets, in the projects as they are at this moment."""

    def __init__(self, person: User, memberships: Sequence[tuple[int, str, str]]) -> None:
        self.person = person
        self.slugs = {key: slug for key, slug, _ in memberships}
        self.ids = {slug: key for key, slug, _ in memberships}
        self._writes = {key for key, _, role in memberships if role in ("owner", "editor")}
        self._print = json.dumps([sorted(map(list, memberships)), person.may(PUBLISH)])

    @property
    def audience(self) -> Audience:
        """Whose eyes to read with."""
        return Audience(self.person.name, tuple(self.slugs))

    def writes(self, scope: str, project_id: int | None, author: str) -> bool:
        """Whether the person may write there."""
        if scope == "mine":
            return author == self.person.name
        if scope == "everyone":
            return self.person.may(PUBLISH)
        return project_id in self._writes

    def mark(self, epoch: int) -> str:
        """Changes whenever what the person sees, or may write, changes other than by a revision."""
        return hashlib.sha256(f"{epoch} {self._print}".encode()).hexdigest()[:16]


def read_only(scope: str, project: str | None) -> Forbidden:
    """Why somebody who sees a snippet may not write it, and what to do instead."""
    if scope == "project":
        reason = f"In the project {project!r} only owners and editors write snippets."
        remedy = "Ask an owner of the project to make you an editor, or save a copy of your own."
    elif scope == "everyone":
        reason = f"Snippets for everyone need the permission {PUBLISH}."
        remedy = "Save it for yourself or for a project."
    else:
        reason = "It was written by somebody else, so it cannot become yours alone."
        remedy = "Save a copy of your own."
    return Forbidden("You may not write this snippet", reason=reason, remedy=remedy)
