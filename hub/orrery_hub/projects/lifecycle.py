"""The life of projects: created, deleted, brought back, removed for good; and the lists of administrators."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from orrery_hub.base.db import now
from orrery_hub.base.user import User
from orrery_hub.projects import store
from orrery_hub.projects.lookup import find_owned
from orrery_hub.projects.parts import ProjectBase, audit_facts, require
from orrery_hub.projects.schemas import ManagedProject, ManagedProjectQuery, OwnerlessProject
from orrery_wire.errors import Conflict, Invalid
from orrery_wire.names import RESERVED_SLUGS
from orrery_wire.projects import Project, ProjectIn
from orrery_wire.schemas import Page, PageQuery

_DAY = timedelta(days=1)


class Lifecycle(ProjectBase):
    """Creates projects, deletes them and brings them back."""

    def create(self, user: User, request: ProjectIn) -> Project:
        """Create a project with the user as owner.

        Raises:
            Conflict: a project, possibly a deleted one, has the slug, or the user owns as many as a person may.
            Invalid: the slug is reserved, or the description holds a NUL character.
        """
        if request.slug in RESERVED_SLUGS:
            raise Invalid(
                f"A project cannot be called {request.slug!r}",
                reason="The word has another meaning in addresses.",
                remedy="Choose another short name.",
            )
        if self._default and request.slug == self._default[0]:
            raise self._slug_taken(user, request.slug)
        moment = now()
        try:
            with self._database.write() as session:
                self._require_room(session, user.person_id)
                self._require_calm(session, user.person_id, moment)
                row = self._add(
                    session,
                    request.slug,
                    request.name,
                    request.description,
                    moment,
                    creator=user.person_id,
                )
                store.set_role(session, row, user.person_id, "owner")
                store.schedule_sync(session, row.key)
                self._record(
                    session,
                    user.name,
                    "projects.create",
                    row.slug,
                    project=row.slug,
                    after=audit_facts(row),
                )
                project, key = self.shape_of(session, row, user.person_id), row.key
        except IntegrityError:
            raise self._slug_taken(user, request.slug) from None
        self._locations.make(key)
        self._on_change()
        return project

    def delete(self, user: User, slug: str) -> None:
        """Delete a project; owners only. Its folders are left alone."""
        with self._database.write() as session:
            row, _ = find_owned(session, user, slug)
            row.deleted = now()
            store.schedule_sync(session, row.key)
            self._record(
                session, user.name, "projects.delete", slug, project=slug, before=audit_facts(row)
            )
        self._on_change()

    def undelete(self, user: User, slug: str) -> Project:
        """Bring a deleted project back, with its members; owners only."""
        with self._database.write() as session:
            row, _ = find_owned(session, user, slug, with_deleted=True)
            store.agree(session, row, user.person_id)
            is_change = row.deleted is not None
            if is_change:
                row.deleted = None
                row.updated = now()
                store.schedule_sync(session, row.key)
                self._record(
                    session,
                    user.name,
                    "projects.undelete",
                    slug,
                    project=slug,
                    after=audit_facts(row),
                )
            project = self.shape_of(session, row, user.person_id)
        if is_change:
            self._on_change()
        return project

    def purge_now(self, user: User, slug: str) -> None:
        """Remove a deleted project permanently, with its snippets; owners only. Its folders are left alone.

        Raises:
            Conflict: the project is in use.
        """
        with self._database.write() as session:
            row, _ = find_owned(session, user, slug, with_deleted=True)
            if row.deleted is None:
                raise Conflict(
                    f"The project {slug!r} is in use",
                    reason="Only a deleted project can be removed for good.",
                    remedy="Delete it first.",
                )
            self._record(
                session,
                user.name,
                "projects.purge",
                f"{slug}/{row.key}",
                project=slug,
                before=audit_facts(row),
            )
            session.delete(row)

    def purge(self, before: datetime) -> None:
        """Remove permanently the projects that were deleted before a point in time."""
        with self._database.write() as session:
            for row in store.purge(session, before):
                self._record(
                    session,
                    "orrery",
                    "projects.purge",
                    f"{row.slug}/{row.key}",
                    project=row.slug,
                    before=audit_facts(row),
                )

    def restore(self, who: str, slug: str) -> ManagedProject:
        """Bring a deleted project back, with its members, for an administrator (``who``)."""
        with self._database.write() as session:
            row = require(store.find(session, slug, lock=True, with_deleted=True), slug)
            is_change = row.deleted is not None
            if is_change:
                row.deleted = None
                row.updated = now()
                store.schedule_sync(session, row.key)
                self._record(
                    session, who, "projects.undelete", slug, project=slug, after=audit_facts(row)
                )
            restored = self._managed(row, store.member_count(session, row), ())
        if is_change:
            self._on_change()
        return restored

    def is_deleted(self, slug: str) -> bool:
        """Whether a project is deleted, for an administrator.

        Raises:
            NotFound: there is no such project.
        """
        with self._database.read() as session:
            row = require(store.find(session, slug, with_deleted=True), slug)
            return row.deleted is not None

    def ownerless(self, query: PageQuery) -> Page[OwnerlessProject]:
        """One page of the projects that nobody can change any more, for an administrator."""
        with self._database.read() as session:
            rows, total = store.ownerless(session, query)
            items = tuple(
                OwnerlessProject(
                    slug=row.slug,
                    name=row.name,
                    members=count,
                    deleted=row.deleted,
                )
                for row, count in rows
            )
        return Page(items=items, total=total, offset=query.offset, limit=query.limit)

    def list_for_admin(self, query: ManagedProjectQuery) -> Page[ManagedProject]:
        """One page of all projects of the hub, for an administrator."""
        with self._database.read() as session:
            rows, total = store.list_for_admin(session, query)
        items = tuple(self._managed(row, count, owners) for row, count, owners in rows)
        return Page(items=items, total=total, offset=query.offset, limit=query.limit)

    def _managed(self, row: store.ProjectRow, count: int, owners: Sequence[str]) -> ManagedProject:
        return ManagedProject(
            slug=row.slug,
            name=row.name,
            members=count,
            owners=tuple(owners),
            created=row.created,
            updated=row.updated,
            deleted=row.deleted,
            purge_after=row.deleted + self._undelete_period if row.deleted else None,
        )

    @staticmethod
    def _add(
        session: Session,
        slug: str,
        name: str,
        description: str,
        moment: datetime,
        *,
        creator: int | None = None,
        is_default: bool = False,
    ) -> store.ProjectRow:
        row = store.ProjectRow(
            id=store.new_id(session),
            slug=slug,
            key=store.new_key(session, slug, plain=is_default, given_to=creator),
            name=name,
            description=description,
            created=moment,
            updated=moment,
            category="",
            labels="[]",
            links="[]",
        )
        session.add(row)
        session.flush()
        return row

    def _require_calm(self, session: Session, person: int, moment: datetime) -> None:
        """Refuse one more project of a person who created twice as many in 24 hours as a person may own.

        Raises:
            Conflict: that is so.
        """
        limit = 2 * self._projects_per_person
        # What a clock that was ahead has dated into the future counts for a day more, and not until then.
        if store.given_count(session, person, moment - _DAY, moment + _DAY) >= limit:
            raise Conflict(
                "You cannot create one more project today",
                reason=f"A person may create {limit:,} in 24 hours; those that were removed for good count too.",
                remedy="Wait, or ask an administrator of the hub for more (ORRERY_PROJECTS_PER_PERSON).",
                details={"limit": limit},
            )

    def _slug_taken(self, user: User, slug: str) -> Conflict:
        """Why a slug cannot be given; who may bring its project back is told so, and nobody else."""
        message = f"There can be no second project {slug!r}"
        with self._database.read() as session:
            row = store.find(session, slug, with_deleted=True)
            if row and row.deleted and store.role_of(session, row, user.person_id) == "owner":
                return Conflict(
                    message,
                    reason=f"The deleted project {row.name!r} has that short name, and you own it.",
                    remedy=f"Bring it back (Bring Back on a project page, or `orrery projects undelete {slug}`),"
                    " or choose another short name.",
                    details={"undelete": slug},
                )
        return Conflict(
            message,
            reason="A project has that short name, had it until lately, or it is for the project that everybody joins.",
            remedy="Choose another short name.",
        )
