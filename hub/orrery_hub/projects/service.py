"""Projects, their members and the current project of each server, with permission checks."""

from __future__ import annotations

import json
import logging

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from orrery_hub.base import people
from orrery_hub.base.db import now
from orrery_hub.base.user import User
from orrery_hub.projects import store
from orrery_hub.projects.lifecycle import Lifecycle
from orrery_hub.projects.lookup import find_owned, find_visible
from orrery_hub.projects.members import Members
from orrery_hub.projects.parts import audit_facts
from orrery_wire.errors import Conflict
from orrery_wire.projects import Current, Me, Membership, Project, ProjectPatch, ProjectQuery
from orrery_wire.schemas import Page

log = logging.getLogger("orrery_hub.projects")

# Servers for which one person may have chosen a project.
_MAX_SERVERS = 1_000


class ProjectService(Members, Lifecycle):
    """Projects and their members. Users who are not members get ``NotFound``.

    ``default`` is the (slug, name) of the project that every user joins as ``default_role``, or None.
    ``undelete_days`` is how long a deleted project can be brought back; ``projects_per_person`` how many a person may
    own, deleted projects included, and those not that somebody else made the person an owner of unasked. In 24 hours a
    person creates twice as many at most, purged projects included: their folders and storage keys stay.
    ``record`` writes an audit entry; ``on_change`` is called after a change of membership.
    """

    def me(self, user: User) -> Me:
        """The user with scopes and projects."""
        self._on_first_visit(user)
        with self._database.read() as session:
            rows = store.memberships(session, user.person_id)
        return Me(
            name=user.name,
            admin=user.admin,
            scopes=tuple(sorted(user.scopes)),
            projects=tuple(Membership(slug=slug, role=role) for _, slug, role in rows),
        )

    def list(self, user: User, query: ProjectQuery) -> Page[Project]:
        """One page of the projects that the user is a member of."""
        self._on_first_visit(user)
        with self._database.read() as session:
            rows, total = store.list_for_member(session, user.person_id, query)
        items = tuple(self._shape(row, row.role, row.members, row.is_pinned) for row in rows)
        return Page(items=items, total=total, offset=query.offset, limit=query.limit)

    def get(self, user: User, slug: str) -> Project:
        """One project."""
        with self._database.read() as session:
            row, _ = find_visible(session, user, slug)
            return self.shape_of(session, row, user.person_id)

    def update(self, user: User, slug: str, request: ProjectPatch) -> Project:
        """Change name, description, category, labels or links; owners only."""
        with self._database.write() as session:
            row, _ = find_owned(session, user, slug)
            store.agree(session, row, user.person_id)
            before, facts = _content(row), audit_facts(row)
            _change(row, request)
            if _content(row) != before:
                row.updated = now()
                self._record(
                    session,
                    user.name,
                    "projects.change",
                    slug,
                    project=slug,
                    before=facts,
                    after=audit_facts(row),
                )
            return self.shape_of(session, row, user.person_id)

    def current(self, user: User, server: str) -> Current:
        """The current project of a server: the chosen one; before any choice, the default project.

        A chosen project that the user lost is none, never the default: it would take what is meant for few.
        """
        self._on_first_visit(user)
        with self._database.read() as session:
            chosen = session.get(store.CurrentRow, (user.person_id, server))
            if chosen is None:
                row = store.find_default(session, self._default[0]) if self._default else None
            else:
                row = (
                    session.get(store.ProjectRow, chosen.project_id) if chosen.project_id else None
                )
            is_usable = row is not None and not row.deleted and not row.archived
            member = store.member(session, row, user.person_id) if row and is_usable else None
            if row is None or member is None:
                return Current(project=None)
            return Current(project=self.shape_of(session, row, user.person_id))

    def switch(self, user: User, server: str, slug: str | None) -> Current:
        """Change the current project of a server, or clear it with ``slug=None``."""
        with self._database.write() as session:
            row = find_visible(session, user, slug)[0] if slug is not None else None
            if row is not None and row.archived:
                raise _is_archived(row)
            is_known = session.get(store.CurrentRow, (user.person_id, server)) is not None
            if not is_known and store.server_count(session, user.person_id) >= _MAX_SERVERS:
                raise Conflict(
                    "The project of one more server cannot be chosen",
                    reason=f"You have chosen a project for {_MAX_SERVERS:,} servers.",
                    remedy="Use a server with a name that you have used before.",
                    details={"limit": _MAX_SERVERS},
                )
            session.merge(
                store.CurrentRow(
                    person_id=user.person_id, server=server, project_id=row.id if row else None
                )
            )
            self._record(
                session,
                user.name,
                "projects.choose",
                slug or "",
                project=slug or "",
                after={"server": server, "project": slug},
            )
            project = self.shape_of(session, row, user.person_id) if row else None
        if row is not None:
            self._locations.make(row.key)
        return Current(project=project)

    def _on_first_visit(self, user: User) -> None:
        """On the first visit of a user: join the default project and synchronise groups."""
        if user.person_id in self._visited:
            return
        key = None
        with self._database.write() as session:
            first = people.record_first_visit(session, user.person_id)
            if first:
                # JupyterHub refuses unknown group members; since this visit it knows the user.
                store.schedule_all(session, user.person_id)
            if first or user.admin:
                key = self._join_default(session, user, first)
        self._visited.add(user.person_id)
        if key:
            self._locations.make(key)
        self._on_change()

    def _join_default(self, session: Session, user: User, first: bool) -> str | None:
        """Make the user a member of the default project; its storage key if somebody joined."""
        if not self._default:
            return None
        slug, name = self._default
        if not store.slug_exists(session, slug):
            try:
                with session.begin_nested():
                    row = self._add(session, slug, name, "", now(), is_default=True)
                    store.mark_default(session, row)
            except IntegrityError:
                pass  # a concurrent first visit created it
        default = store.find_default(session, slug, lock=True)
        if default is None:
            if store.find(session, slug) is not None:
                log.warning(
                    "nobody joins %r: it is a person's own project (ORRERY_DEFAULT_PROJECT)", slug
                )
            return None
        row = default
        role = store.role_of(session, row, user.person_id)
        if user.admin and not store.owner_count(session, row):
            store.set_role(session, row, user.person_id, "owner", is_agreed=False)
        elif first and role is None:
            store.set_role(session, row, user.person_id, self._default_role)
        else:
            return row.key if first else None
        store.schedule_sync(session, row.key)
        self._record(session, user.name, "projects.join", slug, project=slug)
        return row.key


def _content(row: store.ProjectRow) -> tuple[str, ...]:
    return (row.name, row.description, row.category, row.labels, row.links)


def _change(row: store.ProjectRow, request: ProjectPatch) -> None:
    """Take over what was sent; labels once each, in their order."""
    row.name = row.name if request.name is None else request.name
    if request.description is not None:
        row.description = request.description
    if request.category is not None:
        row.category = request.category
    if request.labels is not None:
        row.labels = json.dumps(list(dict.fromkeys(request.labels)), ensure_ascii=False)
    if request.links is not None:
        links = [link.model_dump(mode="json") for link in request.links]
        row.links = json.dumps(links, ensure_ascii=False)


def _is_archived(row: store.ProjectRow) -> Conflict:
    return Conflict(
        f"The project {row.slug!r} is archived",
        reason="Nobody works in an archived project.",
        remedy="An owner of it can restore it.",
    )
