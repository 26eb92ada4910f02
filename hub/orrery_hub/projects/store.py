"""Tables of projects and their queries; the caller owns the transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    String,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from orrery_hub.base.db import Table, UTCDateTime, now
from orrery_wire.names import normalize_user_name
from orrery_wire.projects import MemberQuery, ProjectQuery, Role


class ProjectRow(Table):
    """A project. A deleted project keeps its slug, so that no new project inherits groups and snippets."""

    __tablename__ = "project"
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(63), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    description: Mapped[str]
    created: Mapped[datetime] = mapped_column(UTCDateTime)
    updated: Mapped[datetime] = mapped_column(UTCDateTime)
    deleted: Mapped[datetime | None] = mapped_column(UTCDateTime)


class MemberRow(Table):
    """One project member, who need not have logged in yet."""

    __tablename__ = "member"
    __table_args__ = (Index(None, "user"),)
    project_id: Mapped[int] = mapped_column(
        ForeignKey("project.id", ondelete="CASCADE"), primary_key=True
    )
    user: Mapped[str] = mapped_column(String(255), primary_key=True)
    role: Mapped[Role] = mapped_column(String(16))
    since: Mapped[datetime] = mapped_column(UTCDateTime)


class CurrentRow(Table):
    """The current project of one server of a user; null if the user chose none, or lost the chosen one."""

    __tablename__ = "current_project"
    user: Mapped[str] = mapped_column(String(255), primary_key=True)
    server: Mapped[str] = mapped_column(String(255), primary_key=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id", ondelete="SET NULL"))


class UserRow(Table):
    """A user who visited at least once."""

    __tablename__ = "person"
    name: Mapped[str] = mapped_column(String(255), primary_key=True)
    first_visit: Mapped[datetime] = mapped_column("met", UTCDateTime)


class GroupSyncRow(Table):
    """A project whose JupyterHub groups may differ from its members; removed once they are equal."""

    __tablename__ = "mirror"
    slug: Mapped[str] = mapped_column(String(63), primary_key=True)
    change: Mapped[int]
    attempts: Mapped[int]
    due: Mapped[datetime] = mapped_column(UTCDateTime)


def find(
    session: Session, slug: str, *, lock: bool = False, with_deleted: bool = False
) -> ProjectRow | None:
    """The project of a slug; with ``lock``, nobody else changes it before the transaction ends."""
    query = select(ProjectRow).where(ProjectRow.slug == slug)
    if not with_deleted:
        query = query.where(ProjectRow.deleted.is_(None))
    return session.scalar(query.with_for_update() if lock else query)


def slug_exists(session: Session, slug: str) -> bool:
    """Whether a project has the slug, deleted projects included."""
    return session.scalar(select(ProjectRow.id).where(ProjectRow.slug == slug)) is not None


def memberships(session: Session, user: str) -> Sequence[tuple[int, str, Role]]:
    """Id, slug and role for every project of a user, ordered by slug."""
    query = (
        select(ProjectRow.id, ProjectRow.slug, MemberRow.role)
        .join(MemberRow, MemberRow.project_id == ProjectRow.id)
        .where(MemberRow.user == user, ProjectRow.deleted.is_(None))
        .order_by(ProjectRow.slug)
    )
    return [(key, slug, role) for key, slug, role in session.execute(query)]


def role_of(session: Session, project: ProjectRow, user: str) -> Role | None:
    """Role of a user in a project; None if the user is not a member."""
    row = session.get(MemberRow, (project.id, user))
    return row.role if row else None


def member(session: Session, project: ProjectRow, user: str) -> MemberRow | None:
    """A member of a project; None if the user is none."""
    return session.get(MemberRow, (project.id, user))


def person_name(session: Session, project: ProjectRow, name: str) -> str:
    """The name that a person has or will have at JupyterHub, which puts names into small letters at log-in.

    A name in capitals is taken as it is only of somebody who has it: a member, or who was here before, at a
    hub whose authenticator keeps capitals.
    """
    if session.get(MemberRow, (project.id, name)) or session.get(UserRow, name):
        return name
    return normalize_user_name(name)


def member_count(session: Session, project: ProjectRow) -> int:
    """Number of members of a project."""
    query = select(func.count()).where(MemberRow.project_id == project.id)
    return session.scalar(query) or 0


def owner_count(session: Session, project: ProjectRow) -> int:
    """Number of owners of a project."""
    query = select(func.count()).where(
        MemberRow.project_id == project.id, MemberRow.role == "owner"
    )
    return session.scalar(query) or 0


def list_for_member(
    session: Session, user: str, query: ProjectQuery
) -> tuple[list[tuple[ProjectRow, Role, int]], int]:
    """One page of a user's projects as (project, role, member count), ordered by name, and the total.

    With ``query.deleted``, the deleted projects that the user owned.
    """
    sizes = (
        select(MemberRow.project_id, func.count().label("members"))
        .group_by(MemberRow.project_id)
        .subquery()
    )
    statement: Select[Any] = (
        select(ProjectRow, MemberRow.role, sizes.c.members)
        .join(MemberRow, MemberRow.project_id == ProjectRow.id)
        .join(sizes, sizes.c.project_id == ProjectRow.id)
        .where(MemberRow.user == user)
    )
    if query.deleted:
        statement = statement.where(ProjectRow.deleted.is_not(None), MemberRow.role == "owner")
    else:
        statement = statement.where(ProjectRow.deleted.is_(None))
    for word in query.q.split():
        statement = statement.where(
            _contains(ProjectRow.name, word) | _contains(ProjectRow.slug, word)
        )
    total = session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    page = statement.order_by(func.lower(ProjectRow.name), ProjectRow.id)
    rows = session.execute(page.offset(query.offset).limit(query.limit))
    return [(row, role, members) for row, role, members in rows], total


def members(
    session: Session, project: ProjectRow, query: MemberQuery
) -> tuple[Sequence[MemberRow], int]:
    """One page of a project's members, ordered by name, and the total."""
    statement = select(MemberRow).where(MemberRow.project_id == project.id)
    for word in query.q.split():
        statement = statement.where(_contains(MemberRow.user, word))
    total = session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    page = statement.order_by(MemberRow.user).offset(query.offset).limit(query.limit)
    return session.scalars(page).all(), total


def _contains(column: Any, word: str) -> ColumnElement[bool]:
    # PostgreSQL refuses a query with a NUL; nothing that is stored contains one.
    return column.icontains(word.replace("\x00", "\ufffd"), autoescape=True)  # type: ignore[no-any-return]


def set_role(session: Session, project: ProjectRow, user: str, role: Role) -> MemberRow:
    """Add a member, or change the role of a member."""
    row = session.get(MemberRow, (project.id, user))
    if row is None:
        row = MemberRow(project_id=project.id, user=user, role=role, since=now())
        session.add(row)
    row.role = role
    session.flush()
    return row


def remove_member(session: Session, project: ProjectRow, user: str) -> None:
    """Remove a member; servers of the member that worked in the project work in none."""
    session.execute(
        delete(MemberRow).where(MemberRow.project_id == project.id, MemberRow.user == user)
    )
    session.execute(
        update(CurrentRow)
        .where(CurrentRow.project_id == project.id, CurrentRow.user == user)
        .values(project_id=None)
    )


def record_first_visit(session: Session, user: str) -> bool:
    """Record a visit; true for the first, and for exactly one of several concurrent first visits."""
    if session.get(UserRow, user):
        return False
    try:
        with session.begin_nested():
            session.add(UserRow(name=user, first_visit=now()))
    except IntegrityError:
        return False
    return True


def purge(session: Session, before: datetime) -> None:
    """Remove permanently the projects that were deleted before a point in time."""
    session.execute(delete(ProjectRow).where(ProjectRow.deleted < before))


def schedule_sync(session: Session, slug: str) -> None:
    """Queue a project for group synchronisation."""
    row = session.get(GroupSyncRow, slug, with_for_update=True)
    if row is None:
        try:
            with session.begin_nested():
                session.add(GroupSyncRow(slug=slug, change=1, attempts=0, due=now()))
        except IntegrityError:
            row = session.get_one(GroupSyncRow, slug, with_for_update=True)
    if row is not None:
        row.change += 1
        row.attempts = 0
        row.due = now()


def due_syncs(session: Session, limit: int = 20) -> list[tuple[str, int]]:
    """Queued projects that are due, as (slug, change number)."""
    query = select(GroupSyncRow.slug, GroupSyncRow.change).where(GroupSyncRow.due <= now())
    return [(slug, change) for slug, change in session.execute(query.limit(limit))]


def finish_sync(session: Session, slug: str, change: int) -> None:
    """Remove a project from the queue, unless it changed again meanwhile."""
    session.execute(
        delete(GroupSyncRow).where(GroupSyncRow.slug == slug, GroupSyncRow.change == change)
    )


def postpone_sync(session: Session, slug: str) -> None:
    """Retry a project after an exponentially growing delay, 300 seconds at most."""
    if row := session.get(GroupSyncRow, slug):
        row.attempts += 1
        row.due = now() + timedelta(seconds=min(300, 2**row.attempts))


def queue_syncs(session: Session, slugs: Sequence[str]) -> None:
    """Queue projects for group synchronisation; one that is queued keeps its time and its attempts."""
    queued = set(session.scalars(select(GroupSyncRow.slug)))
    for slug in slugs:
        if slug not in queued:
            schedule_sync(session, slug)


def visitors(session: Session) -> set[str]:
    """Names of all users who visited at least once."""
    return set(session.scalars(select(UserRow.name)))


def members_of_all(session: Session) -> dict[str, dict[Role, set[str]] | None]:
    """User names by role for every project, by slug; None for a project that is deleted."""
    projects: dict[str, dict[Role, set[str]] | None] = {
        slug: {"owner": set(), "editor": set(), "viewer": set()} if deleted is None else None
        for slug, deleted in session.execute(select(ProjectRow.slug, ProjectRow.deleted))
    }
    query = select(ProjectRow.slug, MemberRow.user, MemberRow.role).join(
        MemberRow, MemberRow.project_id == ProjectRow.id
    )
    for slug, user, role in session.execute(query):
        users = projects.get(slug)
        if users is not None:
            users[role].add(user)
    return projects


def members_by_role(session: Session, slug: str) -> dict[Role, set[str]] | None:
    """User names by role; None for a project that is deleted."""
    project = find(session, slug)
    if project is None:
        return None
    users: dict[Role, set[str]] = {"owner": set(), "editor": set(), "viewer": set()}
    query = select(MemberRow.user, MemberRow.role).where(MemberRow.project_id == project.id)
    for user, role in session.execute(query):
        users[role].add(user)
    return users
