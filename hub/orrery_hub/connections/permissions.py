"""Who may see, use and change which connections.

Everybody sees and uses what administrators provide. Members of a project see its connections, its editors and owners
use and change them, and viewers use those that are read only. A person's own are the person's.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from orrery_hub.base.user import User
from orrery_hub.connections import store
from orrery_hub.connections.store import ConnectionRow
from orrery_hub.scopes import PLATFORM_ADMIN
from orrery_wire.connections import Audience
from orrery_wire.errors import Forbidden, Invalid, NotFound


class ConnectionPermissions:
    """What a user may do, by the memberships as they are at this moment."""

    def __init__(self, user: User, memberships: Sequence[tuple[int, str, str]]) -> None:
        self.user = user
        self.slug_by_id = {key: slug for key, slug, _ in memberships}
        self.id_by_slug = {slug: key for key, slug, _ in memberships}
        self._writable = {key for key, _, role in memberships if role in ("owner", "editor")}

    @property
    def sees(self) -> ColumnElement[bool]:
        """The connections that the user sees."""
        return store.visible(self.user.person_id, self.slug_by_id)

    @property
    def restores(self) -> ColumnElement[bool]:
        """The connections that the user may bring back: nobody else sees that they were there."""
        is_admin = self.user.may(PLATFORM_ADMIN)
        return store.visible(self.user.person_id, self._writable, platform=is_admin)

    def may_write(self, audience: Audience, project_id: int | None) -> bool:
        """Whether the user may change connections of an audience that the user sees."""
        if audience == "platform":
            return self.user.may(PLATFORM_ADMIN)
        return audience == "person" or project_id in self._writable

    def may_use(self, row: ConnectionRow) -> bool:
        """Whether the user may use a connection that the user sees."""
        is_writer = row.audience != "project" or row.project_id in self._writable
        return row.deleted is None and (is_writer or row.read_only)

    def target_project(self, audience: Audience, slug: str | None) -> int | None:
        """Id of the project that a new connection is for; None outside projects.

        Raises:
            Invalid: audience and project do not fit.
            NotFound: the user is not a member of such a project.
        """
        if (audience == "project") != (slug is not None):
            raise Invalid(
                "It is not clear whom the connection is for",
                reason="A connection of a project names the project, and no other does.",
                remedy="Choose a project, or whom else it is for.",
            )
        if slug is not None and slug not in self.id_by_slug:
            raise NotFound(
                f"There is no project {slug!r}",
                reason="It does not exist, or you are not a member of it.",
                remedy="Choose one of your projects.",
            )
        return self.id_by_slug[slug] if slug is not None else None

    def require_write(self, audience: Audience, project_id: int | None) -> None:
        """Refuse a user who may not change connections of an audience.

        Raises:
            Forbidden: that is so.
        """
        if self.may_write(audience, project_id):
            return
        if audience == "platform":
            reason = (
                f"Connections for everybody need the permission {PLATFORM_ADMIN}, which no lab has."
            )
            remedy = "Ask an administrator of the hub, or make one for a project or for yourself."
        else:
            reason = "Only owners and editors of the project may, and nobody in an archived one."
            remedy = "Ask an owner of the project to make you an editor."
        raise Forbidden("You may not change this connection", reason=reason, remedy=remedy)

    def require_role(self, old: object, new: object) -> None:
        """Refuse a role of the secrets engine that no administrator chose: it is good for other people's databases.

        Raises:
            Forbidden: that is so.
        """
        if new and new != old and not self.user.may(PLATFORM_ADMIN):
            raise Forbidden(
                "You may not choose a role of the secrets engine",
                reason=f"It needs the permission {PLATFORM_ADMIN}: a role opens what an administrator set up.",
                remedy="Ask an administrator of the hub for a connection with the role.",
            )

    def find(
        self, session: Session, id: int, *, lock: bool = False, deleted: bool = False
    ) -> ConnectionRow:
        """A connection that the user sees.

        Raises:
            NotFound: there is none; it looks the same if there is one of others.
        """
        row = store.find(session, id, self.sees, lock=lock, deleted=deleted)
        if row is None or (
            row.deleted is not None and not self.may_write(row.audience, row.project_id)
        ):
            raise NotFound(
                "There is no such connection",
                reason="It does not exist, was deleted, or is not yours to see.",
                remedy="Look at the list of connections.",
            )
        return row

    def find_writable(self, session: Session, id: int, *, deleted: bool = False) -> ConnectionRow:
        """A connection that the user may change; nobody else changes it before the transaction ends.

        Raises:
            NotFound: the user sees no such connection.
            Forbidden: the user may not change it.
        """
        row = self.find(session, id, lock=True, deleted=deleted)
        self.require_write(row.audience, row.project_id)
        return row

    def find_usable(self, session: Session, id: int) -> ConnectionRow:
        """A connection that the user may use.

        Raises:
            NotFound: the user sees no such connection.
            Forbidden: the user may see it and not use it.
        """
        row = self.find(session, id)
        if not self.may_use(row):
            raise Forbidden(
                "You may not use this connection",
                reason="Viewers of a project use its connections that are read only.",
                remedy="Ask an owner of the project to make you an editor, or the connection read only.",
            )
        return row
