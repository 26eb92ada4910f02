"""Who may see and write which snippets."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from orrery_hub.base.user import User
from orrery_hub.scopes import PUBLISH
from orrery_hub.snippets.store import Audience
from orrery_wire.errors import Forbidden


class SnippetPermissions:
    """What a user may do with snippets, by the memberships as they are at this moment."""

    def __init__(self, user: User, memberships: Sequence[tuple[int, str, str]]) -> None:
        self.user = user
        self.slug_by_id = {key: slug for key, slug, _ in memberships}
        self.id_by_slug = {slug: key for key, slug, _ in memberships}
        self._writable = {key for key, _, role in memberships if role in ("owner", "editor")}
        self._facts = json.dumps([sorted(map(list, memberships)), user.may(PUBLISH)])

    @property
    def audience(self) -> Audience:
        """The user and the projects whose snippets the user sees."""
        return Audience(self.user.name, tuple(self.slug_by_id))

    def may_write(self, scope: str, project_id: int | None, author: str) -> bool:
        """Whether the user may write a snippet of an author there."""
        if scope == "mine":
            return author == self.user.name
        if scope == "everyone":
            return self.user.may(PUBLISH)
        return project_id in self._writable

    def fingerprint(self, epoch: int) -> str:
        """Changes when what the user sees or may write changes without a new revision; 16 hexadecimal digits."""
        return hashlib.sha256(f"{epoch} {self._facts}".encode()).hexdigest()[:16]


def read_only(scope: str, project: str | None) -> Forbidden:
    """The error for a snippet that the user sees and may not write, with what to do instead."""
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
