"""Tables of projects and their queries; the caller owns the transaction."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    Boolean,
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    String,
    bindparam,
    case,
    delete,
    func,
    select,
    true,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from orrery_hub.base.contracts import LeavingItem
from orrery_hub.base.counters import counter, increase
from orrery_hub.base.db import Table, UTCDateTime, fetch, now
from orrery_hub.base.people import PersonRow
from orrery_hub.projects.schemas import ManagedProjectQuery
from orrery_wire.projects import MemberQuery, ProjectQuery, Role
from orrery_wire.schemas import PageQuery

RANKS: tuple[Role, ...] = ("viewer", "editor", "owner")
_HAS_ACCOUNT = PersonRow.ended.is_(None)
_CAN_ACT = _HAS_ACCOUNT & (PersonRow.hub_created.is_not(None) | PersonRow.first_visit.is_not(None))


class ProjectRow(Table):
    """A project. A deleted project keeps its slug, so that it can be brought back under it.

    The slug is free again after the purge. What lies outside this database, folders and groups, goes by ``key``,
    which is never given twice.
    """

    __tablename__ = "project"
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(63), unique=True)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    description: Mapped[str]
    created: Mapped[datetime] = mapped_column(UTCDateTime)
    updated: Mapped[datetime] = mapped_column(UTCDateTime)
    deleted: Mapped[datetime | None] = mapped_column(UTCDateTime)
    archived: Mapped[datetime | None] = mapped_column(UTCDateTime)
    category: Mapped[str] = mapped_column(String(120), default="")
    # JSON arrays: words, and objects with title and address.
    labels: Mapped[str] = mapped_column(default="[]")
    links: Mapped[str] = mapped_column(default="[]")


class StorageKeyRow(Table):
    """A storage key that was given once; it stays when the project is purged.

    ``given_to`` is the id of the person who created the project; null for a project that the service made.
    """

    __tablename__ = "storage_key"
    __table_args__ = (Index(None, "given_to"),)
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    given: Mapped[datetime] = mapped_column(UTCDateTime)
    given_to: Mapped[int | None]


class MemberRow(Table):
    """One project member, who need not have logged in yet.

    ``role`` is the higher one of what the owners gave and what a group or role at the log-in provider gives.
    ``is_agreed`` says of an owner whether the person made the project, accepted it, or manages it; what somebody was
    made an owner of unasked does not count against what a person may own.
    """

    __tablename__ = "member"
    __table_args__ = (Index(None, "person_id"),)
    project_id: Mapped[int] = mapped_column(
        ForeignKey("project.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    role: Mapped[Role] = mapped_column(String(16))
    own_role: Mapped[Role | None] = mapped_column(String(16))
    provider_role: Mapped[Role | None] = mapped_column(String(16))
    is_pinned: Mapped[bool] = mapped_column(Boolean, default=False)
    is_agreed: Mapped[bool] = mapped_column(Boolean, default=True, server_default=true())
    since: Mapped[datetime] = mapped_column(UTCDateTime)

    def settle(self) -> None:
        """Make the role the higher one of both; there is at least one."""
        self.role = max(filter(None, (self.own_role, self.provider_role)), key=RANKS.index)


class CurrentRow(Table):
    """The current project of one server of a person; null if none was chosen, or the chosen one was lost."""

    __tablename__ = "current_project"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    server: Mapped[str] = mapped_column(String(255), primary_key=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id", ondelete="SET NULL"))


class GroupSyncRow(Table):
    """A project whose JupyterHub groups may differ from its members; removed once they are equal."""

    __tablename__ = "mirror"
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
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


def new_id(session: Session) -> int | None:
    """An id that no project ever had; None where the database itself never gives one twice.

    SQLite would give the id of a purged project again, and what others remember of that one would be the new one's.
    """
    if session.get_bind().dialect.name != "sqlite":
        return None
    newest = session.scalar(select(func.max(ProjectRow.id))) or 0
    return increase(session, "projects", at_least=newest)


def mark_default(session: Session, project: ProjectRow) -> None:
    """Note that the service made a project for everybody."""
    increase(session, f"default_project_{project.id}")


def find_default(session: Session, slug: str, *, lock: bool = False) -> ProjectRow | None:
    """The project of a slug, if the service made it for everybody; a person's own project is never that.

    A plain key is given to such a project only, so it tells those that were made before they were noted.
    """
    row = find(session, slug, lock=lock)
    if row is None or row.key == row.slug:
        return row
    return row if counter(session, f"default_project_{row.id}") else None


def server_count(session: Session, person: int) -> int:
    """Number of servers for which a person chose a project."""
    query = select(func.count()).where(CurrentRow.person_id == person)
    return session.scalar(query) or 0


def slug_exists(session: Session, slug: str) -> bool:
    """Whether a project has the slug, deleted projects included."""
    return session.scalar(select(ProjectRow.id).where(ProjectRow.slug == slug)) is not None


def new_key(
    session: Session, slug: str, *, plain: bool = False, given_to: int | None = None
) -> str:
    """A storage key for a new project, and the note that it is given; ``plain`` asks for the slug itself.

    A plain key is for the default project, whose places are known before it exists; it is given once, like any other.
    """
    key = slug
    if not plain or session.get(StorageKeyRow, key) is not None:
        key = f"{slug}-{secrets.token_hex(6)}"
    session.add(StorageKeyRow(key=key, given=now(), given_to=given_to))
    session.flush()
    return key


def given_count(session: Session, person: int, since: datetime, until: datetime) -> int:
    """Number of projects that a person created in a time, purged projects included."""
    query = select(func.count()).where(
        StorageKeyRow.given_to == person, StorageKeyRow.given.between(since, until)
    )
    return session.scalar(query) or 0


# Built once: each request of a lab asks for them, and to build a statement takes longer than to execute it.
_MEMBERSHIPS = (
    select(
        ProjectRow.id,
        ProjectRow.slug,
        case((ProjectRow.archived.is_not(None), "viewer"), else_=MemberRow.role),
    )
    .join(MemberRow, MemberRow.project_id == ProjectRow.id)
    .where(MemberRow.person_id == bindparam("person"), ProjectRow.deleted.is_(None))
    .order_by(ProjectRow.slug)
)


def memberships(session: Session, person: int) -> Sequence[tuple[int, str, Role]]:
    """Id, slug and role for every project of a person, ordered by slug; in an archived one everybody is a viewer."""
    rows = fetch(session, _MEMBERSHIPS, {"person": person})
    return [(key, slug, role) for key, slug, role in rows]


class Directory:
    """What other capabilities may ask about projects; ``ProjectDirectory`` of the contracts."""

    def find(self, session: Session, slug: str) -> int | None:
        """The id of the project of a slug; None if there is none in use."""
        row = find(session, slug)
        return row.id if row else None

    def names(self, session: Session, ids: Iterable[int]) -> Mapping[int, tuple[str, str]]:
        """Slug and name of projects by id, deleted projects included."""
        query = select(ProjectRow.id, ProjectRow.slug, ProjectRow.name)
        rows = session.execute(query.where(ProjectRow.id.in_(set(ids))))
        return {key: (slug, name) for key, slug, name in rows}


def keys_of(session: Session, person: int) -> Sequence[str]:
    """The storage keys of every project of a person."""
    query = (
        select(ProjectRow.key)
        .join(MemberRow, MemberRow.project_id == ProjectRow.id)
        .where(MemberRow.person_id == person, ProjectRow.deleted.is_(None))
    )
    return session.scalars(query).all()


def role_of(session: Session, project: ProjectRow, person: int) -> Role | None:
    """Role of a person in a project; None for somebody who is not a member."""
    row = session.get(MemberRow, (project.id, person))
    return row.role if row else None


def member(session: Session, project: ProjectRow, person: int) -> MemberRow | None:
    """A member of a project; None if the person is none."""
    return session.get(MemberRow, (project.id, person))


def member_count(session: Session, project: ProjectRow) -> int:
    """Number of members of a project."""
    query = select(func.count()).where(MemberRow.project_id == project.id)
    return session.scalar(query) or 0


def owner_count(session: Session, project: ProjectRow) -> int:
    """Number of owners of a project who can act: whose account is known and not gone."""
    query = (
        select(func.count())
        .select_from(MemberRow)
        .join(PersonRow, PersonRow.id == MemberRow.person_id)
        .where(MemberRow.project_id == project.id, MemberRow.role == "owner", _CAN_ACT)
    )
    return session.scalar(query) or 0


def owned_count(session: Session, person: int) -> int:
    """Number of projects that a person owns and agreed to own, deleted projects included.

    Nobody else makes the person an owner before the transaction ends.
    """
    session.get(PersonRow, person, with_for_update=True)
    query = select(func.count()).where(
        MemberRow.person_id == person, MemberRow.role == "owner", MemberRow.is_agreed
    )
    return session.scalar(query) or 0


def agree(session: Session, project: ProjectRow, person: int) -> None:
    """Note that an owner manages the project: it counts as one that the person owns."""
    row = session.get_one(MemberRow, (project.id, person))
    row.is_agreed = True


class ListedProject(NamedTuple):
    """A project of a list: what is shown of it, and what a person is in it."""

    slug: str
    key: str
    name: str
    description: str
    created: datetime
    updated: datetime
    deleted: datetime | None
    archived: datetime | None
    category: str
    labels: str
    links: str
    is_pinned: bool
    role: Role
    members: int


def _statement_of_list() -> Select[*tuple[Any, ...]]:
    """The columns of ``ListedProject`` and the total, for one page of the parameter ``person``'s projects.

    The members are counted for that person's projects alone, and the total comes with the page.
    """
    others = aliased(MemberRow)
    members = select(func.count()).where(others.project_id == ProjectRow.id).scalar_subquery()
    columns: list[Any] = [
        ProjectRow.slug,
        ProjectRow.key,
        ProjectRow.name,
        ProjectRow.description,
        ProjectRow.created,
        ProjectRow.updated,
        ProjectRow.deleted,
        ProjectRow.archived,
        ProjectRow.category,
        ProjectRow.labels,
        ProjectRow.links,
        MemberRow.is_pinned,
        MemberRow.role,
        members,
        func.count().over(),
    ]
    return (
        select(*columns)
        .join(MemberRow, MemberRow.project_id == ProjectRow.id)
        .where(MemberRow.person_id == bindparam("person"))
        .order_by(MemberRow.is_pinned.desc(), func.lower(ProjectRow.name), ProjectRow.id)
        .offset(bindparam("offset"))
        .limit(bindparam("limit"))
    )


# Built once: to build a statement takes longer than to execute it.
_LISTED = _statement_of_list()
_IN_USE = _LISTED.where(ProjectRow.deleted.is_(None), ProjectRow.archived.is_(None))
_ARCHIVED = _LISTED.where(ProjectRow.deleted.is_(None), ProjectRow.archived.is_not(None))
_DELETED = _LISTED.where(ProjectRow.deleted.is_not(None), MemberRow.role == "owner")


def list_for_member(
    session: Session, person: int, query: ProjectQuery
) -> tuple[list[ListedProject], int]:
    """One page of a person's projects, the pinned first, ordered by name, and the total.

    With ``query.archived``, the archived ones; with ``query.deleted``, the deleted ones that the person owned.
    """
    statement = _DELETED if query.deleted else _ARCHIVED if query.archived else _IN_USE
    if query.category:
        statement = statement.where(ProjectRow.category == query.category)
    if query.label:
        # The quotes of JSON around a label make it match whole labels only.
        quoted = json.dumps(query.label, ensure_ascii=False)
        statement = statement.where(ProjectRow.labels.contains(quoted, autoescape=True))
    for word in query.q.split():
        statement = statement.where(
            _contains(ProjectRow.name, word) | _contains(ProjectRow.slug, word)
        )
    page = {"person": person, "offset": query.offset, "limit": query.limit}
    rows = fetch(session, statement, page).all()
    if not rows and query.offset:  # behind the end: no row has the total
        first = fetch(session, statement, page | {"offset": 0, "limit": 1}).first()
        return [], first[-1] if first else 0
    return [ListedProject(*row[:-1]) for row in rows], rows[0][-1] if rows else 0


def members(
    session: Session, project: ProjectRow, query: MemberQuery
) -> tuple[list[tuple[MemberRow, str]], int]:
    """One page of a project's members with their names, ordered by name, and the total."""
    statement = (
        select(MemberRow, PersonRow.hub_name)
        .join(PersonRow, PersonRow.id == MemberRow.person_id)
        .where(MemberRow.project_id == project.id)
    )
    for word in query.q.split():
        statement = statement.where(_contains(PersonRow.hub_name, word))
    total = session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    page = statement.order_by(PersonRow.hub_name).offset(query.offset).limit(query.limit)
    return [(row, name) for row, name in session.execute(page)], total


def _contains(column: Any, word: str) -> ColumnElement[bool]:
    return column.icontains(word, autoescape=True)  # type: ignore[no-any-return]


def set_role(
    session: Session, project: ProjectRow, person: int, role: Role, *, is_agreed: bool = True
) -> MemberRow:
    """Add a member, or change the role of a member; one that the log-in provider gives stays beside it.

    ``is_agreed`` says of a new owner whether the person was asked.
    """
    row = session.get(MemberRow, (project.id, person))
    if row is None:
        row = MemberRow(project_id=project.id, person_id=person, since=now())
        session.add(row)
    if role == "owner" and row.role != "owner":
        row.is_agreed = is_agreed
    row.own_role = role
    row.settle()
    session.flush()
    return row


def set_provider_roles(
    session: Session, person: int, roles: Mapping[int, Role]
) -> dict[str, Role | None]:
    """Make the roles that the log-in provider gives a person be those, by project; what changed, by slug.

    What the owners gave stays. Somebody whom nobody gives a role any more is no member.
    """
    query = select(MemberRow).where(
        MemberRow.person_id == person,
        MemberRow.provider_role.is_not(None) | MemberRow.project_id.in_(roles),
    )
    rows = {row.project_id: row for row in session.scalars(query)}
    changes: dict[str, Role | None] = {}
    for project_id in sorted(rows.keys() | roles.keys()):
        project = session.get(ProjectRow, project_id)
        row, role = rows.get(project_id), roles.get(project_id)
        if project is None or (row is not None and row.provider_role == role):
            continue
        if row is None:
            row = MemberRow(project_id=project_id, person_id=person, since=now())
            session.add(row)
        row.provider_role = role
        if row.own_role is None and role is None:
            remove_member(session, project, person)
        else:
            row.settle()
        session.flush()
        schedule_sync(session, project.key)
        changes[project.slug] = role
    return changes


def remove_member(session: Session, project: ProjectRow, person: int) -> None:
    """Remove a member; servers of the member that worked in the project work in none."""
    session.execute(
        delete(MemberRow).where(MemberRow.project_id == project.id, MemberRow.person_id == person)
    )
    session.execute(
        update(CurrentRow)
        .where(CurrentRow.project_id == project.id, CurrentRow.person_id == person)
        .values(project_id=None)
    )


def transfer(session: Session, source: int, target: int) -> None:
    """Give every membership of one person to another, who keeps the higher role where both are members."""
    query = (
        select(MemberRow, ProjectRow)
        .join(ProjectRow, ProjectRow.id == MemberRow.project_id)
        .where(MemberRow.person_id == source)
        .order_by(ProjectRow.key)
    )
    for row, project in session.execute(query).all():
        if row.own_role is not None:
            present = session.get(MemberRow, (project.id, target))
            own = present.own_role if present else None
            role = max(row.own_role, own or "viewer", key=RANKS.index)
            set_role(session, project, target, role, is_agreed=row.is_agreed)
        session.delete(row)
        schedule_sync(session, project.key)
    chosen = select(CurrentRow).where(CurrentRow.person_id == source)
    for current in session.scalars(chosen).all():
        if session.get(CurrentRow, (target, current.server)) is None:
            session.add(
                CurrentRow(person_id=target, server=current.server, project_id=current.project_id)
            )
        session.delete(current)
    session.flush()


def leave(session: Session, person: int) -> Sequence[LeavingItem]:
    """End every membership of somebody who leaves; projects that have no other owner are named."""
    query = (
        select(MemberRow, ProjectRow)
        .join(ProjectRow, ProjectRow.id == MemberRow.project_id)
        .where(MemberRow.person_id == person)
        .order_by(ProjectRow.slug)
    )
    rows = session.execute(query).all()
    owned = [project for row, project in rows if row.role == "owner"]
    for row, project in rows:
        session.delete(row)
        schedule_sync(session, project.key)
    session.execute(delete(CurrentRow).where(CurrentRow.person_id == person))
    session.flush()
    slugs = [project.slug for project in owned if not owner_count(session, project)]
    words = f"Without an owner: {', '.join(slugs)}. `orrery ownerless-projects recover` gives them to somebody."
    return (
        LeavingItem("memberships", len(rows), False, "In projects."),
        LeavingItem("projects", len(slugs), True, words if slugs else ""),
    )


def purge(session: Session, before: datetime) -> list[ProjectRow]:
    """Remove permanently the projects that were deleted before a point in time; returns them."""
    query = select(ProjectRow).where(ProjectRow.deleted < before).with_for_update()
    rows = list(session.scalars(query))
    session.execute(delete(ProjectRow).where(ProjectRow.id.in_([row.id for row in rows])))
    return rows


def ownerless(session: Session, query: PageQuery) -> tuple[list[tuple[ProjectRow, int]], int]:
    """One page of the projects without an owner who can act, ordered by slug, with their numbers of members; the total."""
    owners = (
        select(MemberRow.project_id)
        .join(PersonRow, PersonRow.id == MemberRow.person_id)
        .where(MemberRow.role == "owner", _CAN_ACT)
    )
    statement = select(ProjectRow).where(ProjectRow.id.not_in(owners))
    total = session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    page = statement.add_columns(_member_counts()).order_by(ProjectRow.slug)
    rows = session.execute(page.offset(query.offset).limit(query.limit))
    return [(row, count) for row, count in rows], total


def _member_counts() -> ColumnElement[int]:
    return select(func.count()).where(MemberRow.project_id == ProjectRow.id).scalar_subquery()


_SORT_COLUMNS: dict[str, ColumnElement[Any]] = {
    "name": func.lower(ProjectRow.name),
    "slug": ProjectRow.slug.expression,
    "created": ProjectRow.created.expression,
    "updated": ProjectRow.updated.expression,
    "deleted": ProjectRow.deleted.expression,
    "members": _member_counts(),
}
_OWNERS_SHOWN = 5


def list_for_admin(
    session: Session, query: ManagedProjectQuery
) -> tuple[list[tuple[ProjectRow, int, list[str]]], int]:
    """One page of the projects of the hub, each with the number of members and some owners who can act; the total."""
    owners = (
        select(MemberRow.project_id, PersonRow.hub_name)
        .join(PersonRow, PersonRow.id == MemberRow.person_id)
        .where(MemberRow.role == "owner", _CAN_ACT)
    )
    statement = select(ProjectRow, _member_counts())
    if query.state == "in_use":
        statement = statement.where(ProjectRow.deleted.is_(None))
    elif query.state == "deleted":
        statement = statement.where(ProjectRow.deleted.is_not(None))
    elif query.state == "ownerless":
        statement = statement.where(
            ProjectRow.id.not_in(owners.with_only_columns(MemberRow.project_id))
        )
    for word in query.q.split():
        statement = statement.where(
            _contains(ProjectRow.name, word) | _contains(ProjectRow.slug, word)
        )
    # Without the members, which would be counted for each project and not looked at.
    ids = statement.with_only_columns(ProjectRow.id)
    total = session.scalar(select(func.count()).select_from(ids.subquery())) or 0
    column = _SORT_COLUMNS[query.sort]
    ordered = (column.desc() if query.descending else column.asc()).nulls_last()
    page = statement.order_by(ordered, ProjectRow.id).offset(query.offset).limit(query.limit)
    rows = session.execute(page).all()
    names: dict[int, list[str]] = {row.id: [] for row, _ in rows}
    of_page = owners.where(MemberRow.project_id.in_(names)).order_by(PersonRow.hub_name)
    for project, name in session.execute(of_page):
        if len(names[project]) < _OWNERS_SHOWN:
            names[project].append(name)
    return [(row, count, names[row.id]) for row, count in rows], total


def schedule_sync(session: Session, key: str) -> None:
    """Queue a project for group synchronisation."""
    row = session.get(GroupSyncRow, key, with_for_update=True)
    if row is None:
        try:
            with session.begin_nested():
                session.add(GroupSyncRow(key=key, change=1, attempts=0, due=now()))
        except IntegrityError:
            row = session.get_one(GroupSyncRow, key, with_for_update=True)
    if row is not None:
        row.change += 1
        row.attempts = 0
        row.due = now()


def schedule_all(session: Session, person: int) -> None:
    """Queue every project of a person: JupyterHub knows the person by a new name."""
    for key in keys_of(session, person):
        schedule_sync(session, key)


def due_syncs(session: Session, limit: int = 20) -> list[tuple[str, int]]:
    """Queued projects that are due, as (storage key, change number)."""
    query = select(GroupSyncRow.key, GroupSyncRow.change).where(GroupSyncRow.due <= now())
    return [(key, change) for key, change in session.execute(query.limit(limit))]


def finish_sync(session: Session, key: str, change: int) -> None:
    """Remove a project from the queue, unless it changed again meanwhile."""
    session.execute(
        delete(GroupSyncRow).where(GroupSyncRow.key == key, GroupSyncRow.change == change)
    )


def postpone_sync(session: Session, key: str) -> None:
    """Retry a project after an exponentially growing delay, 300 seconds at most."""
    if row := session.get(GroupSyncRow, key):
        row.attempts += 1
        row.due = now() + timedelta(seconds=min(300, 2**row.attempts))


def queue_syncs(session: Session, keys: Sequence[str]) -> None:
    """Queue projects for group synchronisation; one that is queued keeps its time and its attempts."""
    queued = set(session.scalars(select(GroupSyncRow.key).where(GroupSyncRow.key.in_(keys))))
    for key in keys:
        if key not in queued:
            schedule_sync(session, key)


def visitors(session: Session) -> set[str]:
    """Names of everybody who visited at least once and has an account."""
    query = select(PersonRow.hub_name).where(PersonRow.first_visit.is_not(None), _HAS_ACCOUNT)
    return set(session.scalars(query))


def members_of_all(session: Session) -> dict[str, dict[Role, set[str]] | None]:
    """User names by role for every project, by storage key; None for a project that is deleted."""
    projects: dict[str, dict[Role, set[str]] | None] = {
        key: {"owner": set(), "editor": set(), "viewer": set()} if deleted is None else None
        for key, deleted in session.execute(select(ProjectRow.key, ProjectRow.deleted))
    }
    query = (
        select(ProjectRow.key, PersonRow.hub_name, MemberRow.role)
        .join(MemberRow, MemberRow.project_id == ProjectRow.id)
        .join(PersonRow, PersonRow.id == MemberRow.person_id)
        .where(_HAS_ACCOUNT)
    )
    for key, user, role in session.execute(query):
        users = projects.get(key)
        if users is not None:
            users[role].add(user)
    return projects


def members_by_role(session: Session, key: str) -> dict[Role, set[str]] | None:
    """User names by role in the project of a storage key; None for a project that is deleted."""
    project = session.scalar(
        select(ProjectRow).where(ProjectRow.key == key, ProjectRow.deleted.is_(None))
    )
    if project is None:
        return None
    users: dict[Role, set[str]] = {"owner": set(), "editor": set(), "viewer": set()}
    query = (
        select(PersonRow.hub_name, MemberRow.role)
        .join(MemberRow, MemberRow.person_id == PersonRow.id)
        .where(MemberRow.project_id == project.id, _HAS_ACCOUNT)
    )
    for user, role in session.execute(query):
        users[role].add(user)
    return users
