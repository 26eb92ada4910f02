"""What a project means: who may see it, who may change it, and which one a server works in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from orrery_hub.base.db import Database, now
from orrery_hub.base.person import Person
from orrery_hub.projects import store
from orrery_hub.projects.locations import Places
from orrery_wire.errors import Conflict, Forbidden, Invalid, NotFound
from orrery_wire.projects import (
    Current,
    Me,
    Member,
    Membership,
    Project,
    ProjectIn,
    ProjectPatch,
    ProjectQuery,
    Role,
)
from orrery_wire.schemas import Page

Record = Callable[[Session, str, str, str], None]

# Addresses below /projects that are not projects.
_RESERVED = frozenset({"current", "home"})


class ProjectService:
    """Projects and their members. A project that one is not in does not exist for one.

    ``default`` is the slug and name of the project that everybody joins, or nothing.
    ``record`` notes a change for the audit; ``changed`` is called when groups have to follow.
    """

    def __init__(
        self,
        database: Database,
        places: Places,
        *,
        default: tuple[str, str] | None = None,
        record: Record = lambda session, who, what, on: None,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._places = places
        self._default = default
        self._record = record
        self._changed = changed
        self._met: set[str] = set()

    def me(self, person: Person) -> Me:
        """Who asks, with scopes and projects."""
        self._meet(person)
        with self._database.read() as session:
            found = store.memberships(session, person.name)
        return Me(
            name=person.name,
            admin=person.admin,
            scopes=tuple(sorted(person.scopes)),
            projects=tuple(Membership(slug=slug, role=role) for _, slug, role in found),
        )

    def list(self, person: Person, query: ProjectQuery) -> Page[Project]:
        """One page of the projects that the person is in."""
        self._meet(person)
        with self._database.read() as session:
            rows, total = store.of_member(session, person.name, query)
        items = tuple(self._shape(row, role, members) for row, role, members in rows)
        return Page(items=items, total=total, offset=query.offset, limit=query.limit)

    def get(self, person: Person, slug: str) -> Project:
        """One project."""
        with self._database.read() as session:
            return self._seen(session, *_found(session, person, slug))

    def create(self, person: Person, wanted: ProjectIn) -> Project:
        """A new project, owned by the person.

        Raises:
            Conflict: the slug is taken, or was by a project that is deleted.
        """
        _plain(wanted.description)
        if wanted.slug in _RESERVED:
            raise Invalid(
                f"A project cannot be called {wanted.slug!r}",
                reason="The word has another meaning in addresses.",
                remedy="Choose another short name.",
            )
        moment = now()
        try:
            with self._database.write() as session:
                row = self._add(session, wanted.slug, wanted.name, wanted.description, moment)
                store.put_member(session, row, person.name, "owner")
                store.to_mirror(session, row.slug)
                self._record(session, person.name, "projects.create", row.slug)
                made = self._shape(row, "owner", 1)
        except IntegrityError:
            raise Conflict(
                f"There can be no second project {wanted.slug!r}",
                reason="A project has that short name, or had it until lately.",
                remedy="Choose another short name.",
            ) from None
        self._places.make(made.slug)
        self._changed()
        return made

    def patch(self, person: Person, slug: str, wanted: ProjectPatch) -> Project:
        """Another name or description; an owner's right."""
        _plain(wanted.description or "")
        with self._database.write() as session:
            row, role = _owned(session, person, slug)
            row.name = row.name if wanted.name is None else wanted.name
            if wanted.description is not None:
                row.description = wanted.description
            row.updated = now()
            self._record(session, person.name, "projects.change", slug)
            return self._seen(session, row, role)

    def delete(self, person: Person, slug: str) -> None:
        """Take a project away from everybody; an owner's right. Its folders are left alone."""
        with self._database.write() as session:
            row, _ = _owned(session, person, slug)
            row.deleted = now()
            store.to_mirror(session, slug)
            self._record(session, person.name, "projects.delete", slug)
        self._changed()

    def members(self, person: Person, slug: str, query: ProjectQuery) -> Page[Member]:
        """One page of a project's members; every member may see it."""
        with self._database.read() as session:
            row, _ = _found(session, person, slug)
            rows, total = store.members(session, row, query)
        items = tuple(Member(user=r.user, role=r.role, since=r.since) for r in rows)
        return Page(items=items, total=total, offset=query.offset, limit=query.limit)

    def put_member(self, person: Person, slug: str, user: str, role: Role) -> Member:
        """Make somebody a member or change the role; an owner's right.

        Whether the hub knows the name is not told: a name that nobody bears yet waits for its bearer.
        """
        with self._database.write() as session:
            row, _ = _owned(session, person, slug)
            if role != "owner":
                _keeps_owner(session, row, user)
            member = store.put_member(session, row, user, role)
            store.to_mirror(session, slug)
            self._record(session, person.name, f"projects.member.{role}", f"{slug}/{user}")
            made = Member(user=member.user, role=member.role, since=member.since)
        self._changed()
        return made

    def remove_member(self, person: Person, slug: str, user: str) -> None:
        """Take somebody out; an owner's right, or one's own wish. Somebody who is not in it is out already."""
        with self._database.write() as session:
            row, role = _found(session, person, slug, lock=True)
            if user != person.name and role != "owner":
                raise _not_owner(slug)
            _keeps_owner(session, row, user)
            store.remove_member(session, row, user)
            store.to_mirror(session, slug)
            self._record(session, person.name, "projects.member.remove", f"{slug}/{user}")
        self._changed()

    def current(self, person: Person, server: str) -> Current:
        """The project that a server works in: the chosen one, at first the default one."""
        self._meet(person)
        with self._database.read() as session:
            chosen = session.get(store.CurrentRow, (person.name, server))
            if chosen is None:
                row = store.find(session, self._default[0]) if self._default else None
            else:
                row = (
                    session.get(store.ProjectRow, chosen.project_id) if chosen.project_id else None
                )
            role = store.role_of(session, row, person.name) if row and not row.deleted else None
            return Current(project=self._seen(session, row, role) if row and role else None)

    def choose(self, person: Person, server: str, slug: str | None) -> Current:
        """Let a server work in another project, or in none."""
        with self._database.write() as session:
            row, role = _found(session, person, slug) if slug is not None else (None, None)
            session.merge(
                store.CurrentRow(
                    user=person.name, server=server, project_id=row.id if row else None
                )
            )
            project = self._seen(session, row, role) if row and role else None
        if slug is not None:
            self._places.make(slug)
        return Current(project=project)

    def purge(self, before: datetime) -> None:
        """Remove for good what was deleted before a moment."""
        with self._database.write() as session:
            store.purge(session, before)

    def _meet(self, person: Person) -> None:
        """The first time that somebody is here: join the default project, and catch up with groups."""
        if person.name in self._met:
            return
        with self._database.write() as session:
            first = store.first_time(session, person.name)
            if first:
                # JupyterHub refuses members that it does not know; now it knows this one.
                for _, slug, _ in store.memberships(session, person.name):
                    store.to_mirror(session, slug)
            if first or person.admin:
                self._join_default(session, person, first)
        self._met.add(person.name)
        if self._default and first:
            self._places.make(self._default[0])
        self._changed()

    def _join_default(self, session: Session, person: Person, first: bool) -> None:
        if not self._default:
            return
        slug, name = self._default
        if not store.taken(session, slug):
            try:
                with session.begin_nested():
                    self._add(session, slug, name, "", now())
            except IntegrityError:
                pass  # somebody else's first visit made it in the same moment
        row = store.find(session, slug, lock=True)
        if row is None:
            return
        role = store.role_of(session, row, person.name)
        if person.admin and not store.owners(session, row):
            store.put_member(session, row, person.name, "owner")
        elif first and role is None:
            store.put_member(session, row, person.name, "editor")
        else:
            return
        store.to_mirror(session, slug)
        self._record(session, person.name, "projects.join", slug)

    @staticmethod
    def _add(
        session: Session, slug: str, name: str, description: str, moment: datetime
    ) -> store.ProjectRow:
        row = store.ProjectRow(
            slug=slug, name=name, description=description, created=moment, updated=moment
        )
        session.add(row)
        session.flush()
        return row

    def _seen(self, session: Session, row: store.ProjectRow, role: Role) -> Project:
        return self._shape(row, role, store.size(session, row))

    def _shape(self, row: store.ProjectRow, role: Role, members: int) -> Project:
        return Project(
            slug=row.slug,
            name=row.name,
            description=row.description,
            role=role,
            members=members,
            lake=self._places.lake(row.slug),
            repository=self._places.repository(row.slug),
            created=row.created,
            updated=row.updated,
        )


def _found(
    session: Session, person: Person, slug: str, *, lock: bool = False
) -> tuple[store.ProjectRow, Role]:
    row = store.find(session, slug, lock=lock)
    role = store.role_of(session, row, person.name) if row else None
    if row is None or role is None:
        raise NotFound(
            f"There is no project {slug!r}",
            reason="It does not exist, or you are not a member of it.",
            remedy="Check the name, or ask an owner of the project to add you.",
        )
    return row, role


def _owned(session: Session, person: Person, slug: str) -> tuple[store.ProjectRow, Role]:
    row, role = _found(session, person, slug, lock=True)
    if role != "owner":
        raise _not_owner(slug)
    return row, role


def _not_owner(slug: str) -> Forbidden:
    return Forbidden(
        f"You may not change the project {slug!r}",
        reason="Only its owners may.",
        remedy="Ask an owner of the project.",
    )


def _keeps_owner(session: Session, row: store.ProjectRow, user: str) -> None:
    if store.role_of(session, row, user) == "owner" and store.owners(session, row) == 1:
        raise Conflict(
            "A project needs an owner",
            reason=f"{user!r} is the last owner of {row.slug!r}.",
            remedy="Make somebody else an owner first, or delete the project.",
        )


def _plain(description: str) -> None:
    if "\x00" in description:
        raise Invalid(
            "The description cannot be used",
            reason="It holds a NUL character.",
            remedy="Remove the character.",
        )
