"""Who may see and write which snippets."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from sqlalchemy.orm import Session

from orrery_hub.base.user import User
from orrery_hub.scopes import PUBLISH
from orrery_hub.snippets import store
from orrery_hub.snippets.store import Audience, SnippetRow
from orrery_wire.errors import Forbidden, Invalid, NotFound
from orrery_wire.snippets import SnippetIn


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
        return Audience(self.user.person_id, tuple(self.slug_by_id))

    def may_write(self, scope: str, project_id: int | None, author_id: int) -> bool:
        """Whether the user may write a snippet of an author there."""
        if scope == "mine":
            return author_id == self.user.person_id
        if scope == "everyone":
            return self.user.may(PUBLISH)
        return project_id in self._writable

    def fingerprint(self, epoch: int) -> str:
        """Changes when what the user sees or may write changes without a new revision; 16 hexadecimal digits."""
        return hashlib.sha256(f"{epoch} {self._facts}".encode()).hexdigest()[:16]

    def target_project(self, request: SnippetIn) -> int | None:
        """Id of the project that a snippet is to be saved in; None outside projects.

        Raises:
            Invalid: the scope is ``project``, and no project is named.
            NotFound: the user is not a member of such a project.
        """
        if request.scope != "project":
            return None
        if request.project is None:
            raise Invalid(
                "The snippet cannot be saved",
                reason="With the scope `project` it needs the name of a project.",
                remedy="Choose a project.",
            )
        if (project_id := self.id_by_slug.get(request.project)) is None:
            raise NotFound(
                f"There is no project {request.project!r}",
                reason="It does not exist, or you are not a member of it.",
                remedy="Choose one of your projects.",
            )
        return project_id

    def require_write(self, request: SnippetIn, project_id: int | None, author_id: int) -> None:
        """Refuse a snippet that the user may not save where the request puts it.

        Raises:
            Forbidden: the user may not write there.
        """
        if not self.may_write(request.scope, project_id, author_id):
            raise _read_only(request.scope, request.project)

    def find_visible(self, session: Session, id: str, *, deleted: bool = False) -> SnippetRow:
        """A snippet that the user sees; with ``deleted``, deleted snippets too.

        Raises:
            NotFound: there is none.
        """
        row = store.find(session, id, self.audience, deleted=deleted)
        if row is None:
            raise NotFound(
                "There is no such snippet",
                reason="It does not exist, was deleted, or is not yours to see.",
                remedy="Refresh the list.",
            )
        return row

    def find_writable(self, session: Session, id: str, *, deleted: bool = False) -> SnippetRow:
        """A snippet that the user may write; with ``deleted``, deleted snippets too.

        Raises:
            NotFound: the user sees no such snippet.
            Forbidden: the user may not write it.
        """
        row = self.find_visible(session, id, deleted=deleted)
        if not self.may_write(row.scope, row.project_id, row.author_id):
            raise _read_only(row.scope, self.slug_by_id.get(row.project_id or 0))
        return row


def _read_only(scope: str, project: str | None) -> Forbidden:
    """The error for a snippet that the user sees and may not write, with what to do instead."""
    if scope == "project":
        reason = f"In the project {project!r} only owners and editors write snippets."
        remedy = "Ask an owner of the project to make you an editor, or save a copy of your own."
    elif scope == "everyone":
        reason = f"Snippets for everyone need the permission {PUBLISH}, which no lab has."
        remedy = (
            "Save it for yourself or for a project, then choose Share with Everyone… in its menu."
        )
    else:
        reason = "It was written by somebody else, so it cannot become yours alone."
        remedy = "Save a copy of your own."
    return Forbidden("You may not write this snippet", reason=reason, remedy=remedy)
