"""Projects in the database: tables and the questions asked of them, inside somebody else's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, Select, String, delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from orrery_hub.base.db import Instant, Table, now
from orrery_wire.projects import ProjectQuery, Role


class ProjectRow(Table):
    """A project; one that was deleted keeps its slug, so that nobody inherits its groups and snippets."""

    __tablename__ = "project"
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(63), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    description: Mapped[str]
    created: Mapped[datetime] = mapped_column(Instant)
    updated: Mapped[datetime] = mapped_column(Instant)
    deleted: Mapped[datetime | None] = mapped_column(Instant)


class MemberRow(Table):
    """A person in a project. The person need not have logged in yet."""

    __tablename__ = "member"
    __table_args__ = (Index(None, "user"),)
    project_id: Mapped[int] = mapped_column(
        ForeignKey("project.id", ondelete="CASCADE"), primary_key=True
    )
    user: Mapped[str] = mapped_column(String(255), primary_key=True)
    role: Mapped[Role] = mapped_column(String(16))
    since: Mapped[datetime] = mapped_column(Instant)


class CurrentRow(Table):
    """The project that one server of a person works in; none if the person left every project."""

    __tablename__ = "current_project"
    user: Mapped[str] = mapped_column(String(255), primary_key=True)
    server: Mapped[str] = mapped_column(String(255), primary_key=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id", ondelete="SET NULL"))


class PersonRow(Table):
    """Somebody who was here at least once."""

    __tablename__ = "person"
    name: Mapped[str] = mapped_column(String(255), primary_key=True)
    met: Mapped[datetime] = mapped_column(Instant)


class MirrorRow(Table):
    """A project whose groups at JupyterHub may differ from its members; gone once they are equal."""

    __tablename__ = "mirror"
    slug: Mapped[str] = mapped_column(String(63), primary_key=True)
    change: Mapped[int]
    attempts: Mapped[int]
    due: Mapped[datetime] = mapped_column(Instant)


def find(session: Session, slug: str, *, lock: bool = False) -> ProjectRow | None:
    """The living project of that slug; with ``lock``, nobody else changes it before we end."""
    query = select(ProjectRow).where(ProjectRow.slug == slug, ProjectRow.deleted.is_(None))
    return session.scalar(query.with_for_update() if lock else query)


def taken(session: Session, slug: str) -> bool:
    """Whether a project, living or deleted, has the slug."""
    return session.scalar(select(ProjectRow.id).where(ProjectRow.slug == slug)) is not None


def memberships(session: Session, user: str) -> Sequence[tuple[int, str, Role]]:
    """The id, slug and role of every living project that a person is in, by slug."""
    query = (
        select(ProjectRow.id, ProjectRow.slug, MemberRow.role)
        .join(MemberRow, MemberRow.project_id == ProjectRow.id)
        .where(MemberRow.user == user, ProjectRow.deleted.is_(None))
        .order_by(ProjectRow.slug)
    )
    return [(key, slug, role) for key, slug, role in session.execute(query)]


def role_of(session: Session, project: ProjectRow, user: str) -> Role | None:
    """What a person is in a project."""
    row = session.get(MemberRow, (project.id, user))
    return row.role if row else None


def size(session: Session, project: ProjectRow) -> int:
    """How many members a project has."""
    query = select(func.count()).where(MemberRow.project_id == project.id)
    return session.scalar(query) or 0


def owners(session: Session, project: ProjectRow) -> int:
    """How many owners a project has."""
    query = select(func.count()).where(
        MemberRow.project_id == project.id, MemberRow.role == "owner"
    )
    return session.scalar(query) or 0


def of_member(
    session: Session, user: str, query: ProjectQuery
) -> tuple[list[tuple[ProjectRow, Role, int]], int]:
    """One page of a person's projects with role and size, by name, and how many there are."""
    sizes = (
        select(MemberRow.project_id, func.count().label("members"))
        .group_by(MemberRow.project_id)
        .subquery()
    )
    found: Select[Any] = (
        select(ProjectRow, MemberRow.role, sizes.c.members)
        .join(MemberRow, MemberRow.project_id == ProjectRow.id)
        .join(sizes, sizes.c.project_id == ProjectRow.id)
        .where(MemberRow.user == user, ProjectRow.deleted.is_(None))
    )
    for word in query.q.split():
        found = found.where(_holds(ProjectRow.name, word) | _holds(ProjectRow.slug, word))
    total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    page = found.order_by(func.lower(ProjectRow.name), ProjectRow.id)
    rows = session.execute(page.offset(query.offset).limit(query.limit))
    return [(row, role, members) for row, role, members in rows], total


def members(
    session: Session, project: ProjectRow, query: ProjectQuery
) -> tuple[Sequence[MemberRow], int]:
    """One page of a project's members, by name, and how many there are."""
    found = select(MemberRow).where(MemberRow.project_id == project.id)
    for word in query.q.split():
        found = found.where(_holds(MemberRow.user, word))
    total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    page = found.order_by(MemberRow.user).offset(query.offset).limit(query.limit)
    return session.scalars(page).all(), total


def _holds(column: Any, word: str) -> ColumnElement[bool]:
    # A NUL matches nothing, and PostgreSQL refuses to be asked for one.
    return column.icontains(word.replace("\x00", "\ufffd"), autoescape=True)  # type: ignore[no-any-return]


def put_member(session: Session, project: ProjectRow, user: str, role: Role) -> MemberRow:
    """Make a person a member, or give a member another role."""
    row = session.get(MemberRow, (project.id, user))
    if row is None:
        row = MemberRow(project_id=project.id, user=user, role=role, since=now())
        session.add(row)
    row.role = role
    session.flush()
    return row


def remove_member(session: Session, project: ProjectRow, user: str) -> None:
    """Take a person out of a project and out of every server's current project."""
    session.execute(
        delete(MemberRow).where(MemberRow.project_id == project.id, MemberRow.user == user)
    )
    session.execute(
        delete(CurrentRow).where(CurrentRow.project_id == project.id, CurrentRow.user == user)
    )


def first_time(session: Session, user: str) -> bool:
    """Note that somebody was here; true the first time, for one of however many ask at once."""
    if session.get(PersonRow, user):
        return False
    try:
        with session.begin_nested():
            session.add(PersonRow(name=user, met=now()))
    except IntegrityError:
        return False
    return True


def purge(session: Session, before: datetime) -> None:
    """Remove for good what was deleted long ago."""
    session.execute(delete(ProjectRow).where(ProjectRow.deleted < before))


def to_mirror(session: Session, slug: str) -> None:
    """Note that a project's groups must be looked at."""
    row = session.get(MirrorRow, slug, with_for_update=True)
    if row is None:
        try:
            with session.begin_nested():
                session.add(MirrorRow(slug=slug, change=1, attempts=0, due=now()))
        except IntegrityError:
            row = session.get_one(MirrorRow, slug, with_for_update=True)
    if row is not None:
        row.change += 1
        row.attempts = 0
        row.due = now()


def due(session: Session, limit: int = 20) -> list[tuple[str, int]]:
    """Slugs whose groups should be looked at now, each with the number of the change that asked for it."""
    query = select(MirrorRow.slug, MirrorRow.change).where(MirrorRow.due <= now())
    return [(slug, change) for slug, change in session.execute(query.limit(limit))]


def mirrored(session: Session, slug: str, change: int) -> None:
    """Forget a slug, unless something changed again meanwhile."""
    session.execute(delete(MirrorRow).where(MirrorRow.slug == slug, MirrorRow.change == change))


def mirror_later(session: Session, slug: str) -> None:
    """Try a slug again after twice the time of last time, five minutes at most."""
    if row := session.get(MirrorRow, slug):
        row.attempts += 1
        row.due = now() + timedelta(seconds=min(300, 2**row.attempts))


def people(session: Session, slug: str) -> dict[Role, set[str]] | None:
    """Who should be in each of a project's groups; none for a project that is gone."""
    project = find(session, slug)
    if project is None:
        return None
    sorted_in: dict[Role, set[str]] = {"owner": set(), "editor": set(), "viewer": set()}
    query = select(MemberRow.user, MemberRow.role).where(MemberRow.project_id == project.id)
    for user, role in session.execute(query):
        sorted_in[role].add(user)
    return sorted_in
