"""Tables of connections, their uses and secrets that are to be removed, and their queries; the caller owns the transaction."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    and_,
    false,
    func,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from orrery_hub.base.contracts import LeavingItem
from orrery_hub.base.db import Table, UTCDateTime, now
from orrery_hub.base.people import PersonRow
from orrery_hub.base.shared_tables import PROJECT
from orrery_wire.connections import Audience, ConnectionKind, ConnectionQuery, StoreKind

# A secret that is being written is in use, or was given up, after this time.
_WRITE_TIME = timedelta(minutes=10)


class ConnectionRow(Table):
    """A connection.

    ``slot`` is owner and name, null for a deleted one, whose name is free. ``secrets`` are the names of the secret
    fields that have a value; the values are in ``secret_store`` under ``secret_key``, which is given once for each
    change. One of a project that was removed for good has no project, and is removed next.
    """

    __tablename__ = "connection"
    __table_args__ = (
        Index(None, "project_id"),
        Index(None, "person_id"),
        {"sqlite_autoincrement": True},
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    slot: Mapped[str | None] = mapped_column(String(160), unique=True)
    name: Mapped[str] = mapped_column(String(63))
    kind: Mapped[ConnectionKind] = mapped_column(String(16))
    audience: Mapped[Audience] = mapped_column(String(16))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id", ondelete="SET NULL"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    description: Mapped[str]
    read_only: Mapped[bool]
    spec: Mapped[dict[str, Any]] = mapped_column(JSON)
    secrets: Mapped[list[str]] = mapped_column(JSON)
    secret_store: Mapped[str] = mapped_column(String(16))
    secret_key: Mapped[str] = mapped_column(String(128))
    created: Mapped[datetime] = mapped_column(UTCDateTime)
    updated: Mapped[datetime] = mapped_column(UTCDateTime)
    deleted: Mapped[datetime | None] = mapped_column(UTCDateTime)

    @property
    def owner(self) -> str:
        """Whose it is, as the beginning of its slot."""
        number = {"platform": None, "project": self.project_id, "person": self.person_id}
        return f"{self.audience}:{number[self.audience] or 0}"

    def take_name(self) -> None:
        """Take the slot of the name; the database refuses one that is taken."""
        self.slot = f"{self.owner}/{self.name}"


class UseRow(Table):
    """A connection that a server uses; ``engine_lease`` is what the store has to revoke. A row goes once that is done."""

    __tablename__ = "connection_use"
    __table_args__ = (
        Index(None, "person_id"),
        Index(None, "account_id"),
        Index(None, "connection_id"),
    )
    lease: Mapped[str] = mapped_column(String(32), primary_key=True)
    connection_id: Mapped[int | None] = mapped_column(
        ForeignKey("connection.id", ondelete="SET NULL")
    )
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    server_name: Mapped[str] = mapped_column(String(255))
    server_started: Mapped[datetime | None] = mapped_column(UTCDateTime)
    engine_lease: Mapped[str] = mapped_column(String(255))
    began: Mapped[datetime] = mapped_column(UTCDateTime)
    expires: Mapped[datetime] = mapped_column(UTCDateTime)
    ended: Mapped[datetime | None] = mapped_column(UTCDateTime)


class UnusedSecretRow(Table):
    """A key of a secret that no connection has, or not yet; it is removed when it is ``due``."""

    __tablename__ = "unused_secret"
    store: Mapped[StoreKind] = mapped_column(String(16), primary_key=True)
    key: Mapped[str] = mapped_column(String(128), primary_key=True)
    due: Mapped[datetime] = mapped_column(UTCDateTime)


def new_key(name: str) -> str:
    """A storage key that was never given."""
    return f"{name}-{secrets.token_hex(8)}"


def visible(person: int, projects: Iterable[int], *, platform: bool = True) -> ColumnElement[bool]:
    """The connections of a person, of some projects and of the platform, deleted ones included."""
    return or_(
        and_(ConnectionRow.audience == "platform", true() if platform else false()),
        and_(ConnectionRow.audience == "project", ConnectionRow.project_id.in_([*projects])),
        and_(ConnectionRow.audience == "person", ConnectionRow.person_id == person),
    )


def page(
    session: Session, sees: ColumnElement[bool], query: ConnectionQuery, project: int | None
) -> tuple[Sequence[ConnectionRow], int]:
    """One page of what somebody sees, ordered by name, and the total."""
    row = ConnectionRow
    statement = select(row).where(sees)
    deleted = row.deleted
    statement = statement.where(deleted.is_not(None) if query.deleted else deleted.is_(None))
    for word in query.q.split():
        is_in = row.name.icontains(word, autoescape=True)
        statement = statement.where(is_in | row.description.icontains(word, autoescape=True))
    equals: tuple[tuple[Any, object], ...] = (
        (row.name, query.name),
        (row.audience, query.audience),
        (row.kind, query.kind),
        (row.project_id, project),
    )
    for column, value in equals:
        if value:
            statement = statement.where(column == value)
    total = session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    ordered = statement.order_by(row.name, row.id).offset(query.offset).limit(query.limit)
    return session.scalars(ordered).all(), total


def find(
    session: Session,
    id: int,
    sees: ColumnElement[bool],
    *,
    lock: bool = False,
    deleted: bool = False,
) -> ConnectionRow | None:
    """A connection that somebody sees; with ``deleted``, deleted ones too."""
    query = select(ConnectionRow).where(ConnectionRow.id == id, sees)
    if not deleted:
        query = query.where(ConnectionRow.deleted.is_(None))
    return session.scalar(query.with_for_update() if lock else query)


def count_of_owner(session: Session, row: ConnectionRow) -> int:
    """Number of connections with the owner of a new one, deleted ones included."""
    query = select(func.count()).where(
        ConnectionRow.audience == row.audience,
        ConnectionRow.project_id.is_(row.project_id)
        if row.project_id is None
        else ConnectionRow.project_id == row.project_id,
        ConnectionRow.person_id.is_(row.person_id)
        if row.person_id is None
        else ConnectionRow.person_id == row.person_id,
    )
    return session.scalar(query) or 0


def note_secret(session: Session, store: StoreKind, key: str) -> None:
    """Note a key before its secret is written: what a crash leaves is removed."""
    session.add(UnusedSecretRow(store=store, key=key, due=now() + _WRITE_TIME))


def use_secret(session: Session, row: ConnectionRow, store: StoreKind, key: str) -> None:
    """Give a connection a secret that was written; that of before is removed."""
    drop_secret(session, row)
    if key:
        note = session.get(UnusedSecretRow, (store, key))
        if note is not None:
            session.delete(note)
    row.secret_store, row.secret_key = store, key


def drop_secret(session: Session, row: ConnectionRow) -> None:
    """Have the secret of a connection removed."""
    if row.secret_key:
        session.merge(UnusedSecretRow(store=row.secret_store, key=row.secret_key, due=now()))
        row.secret_key = ""


def end_uses(session: Session, *conditions: ColumnElement[bool]) -> int:
    """End the uses of some conditions; what the engine issued for them is revoked next. Returns how many."""
    query = update(UseRow).where(UseRow.ended.is_(None), *conditions).values(ended=now())
    return int(session.execute(query).rowcount)  # type: ignore[attr-defined]


def purge(session: Session, before: datetime) -> Sequence[ConnectionRow]:
    """Remove the connections that were deleted before a point in time, and those whose project is gone or goes now."""
    removed = select(PROJECT.c.id).where(PROJECT.c.deleted < before)
    query = select(ConnectionRow).where(
        or_(
            ConnectionRow.deleted < before,
            and_(
                ConnectionRow.audience == "project",
                ConnectionRow.project_id.is_(None) | ConnectionRow.project_id.in_(removed),
            ),
        )
    )
    rows = session.scalars(query.with_for_update()).all()
    for row in rows:
        remove(session, row)
    return rows


def remove(session: Session, row: ConnectionRow) -> None:
    """Remove a connection for good, with its secret and its uses."""
    end_uses(session, UseRow.connection_id == row.id)
    drop_secret(session, row)
    session.flush()
    session.delete(row)


def transfer(session: Session, source: int, target: int) -> None:
    """Give a person's connections to another; one whose name the other has is called otherwise."""
    end_uses(session, UseRow.person_id == source)
    session.execute(update(UseRow).where(UseRow.person_id == source).values(person_id=target))
    query = select(ConnectionRow).where(ConnectionRow.person_id == source)
    taken = set(
        session.scalars(select(ConnectionRow.name).where(ConnectionRow.person_id == target))
    )
    for row in session.scalars(query).all():
        if row.name in taken:
            row.name = new_key(row.name[:46])
        taken.add(row.name)
        row.person_id = target
        if row.deleted is None:
            row.take_name()
    session.flush()


def leave(session: Session, person: int) -> Sequence[LeavingItem]:
    """Delete the connections of somebody who leaves and end all uses."""
    end_uses(session, UseRow.person_id == person)
    query = select(ConnectionRow).where(
        ConnectionRow.person_id == person, ConnectionRow.deleted.is_(None)
    )
    rows = session.scalars(query).all()
    for row in rows:
        row.deleted, row.slot = now(), None
    session.flush()
    words = "The person's own, with their secrets; they are removed for good later."
    return (LeavingItem("connections", len(rows), False, words if rows else ""),)


def count(session: Session, project: int) -> int:
    """Number of connections in use of a project."""
    query = select(func.count()).where(
        ConnectionRow.project_id == project, ConnectionRow.deleted.is_(None)
    )
    return session.scalar(query) or 0


def open_uses(session: Session) -> Sequence[tuple[UseRow, str]]:
    """The uses that have not ended, with the name of the account whose server has them."""
    query = (
        select(UseRow, PersonRow.hub_name)
        .join(PersonRow, PersonRow.id == UseRow.account_id)
        .where(UseRow.ended.is_(None))
    )
    return [(row, name) for row, name in session.execute(query)]


def use_count(session: Session, person: int, *, lock: bool = False) -> int:
    """Number of connections that the servers of a person use now; with ``lock``, it grows by the caller alone."""
    if lock:
        session.get(PersonRow, person, with_for_update=True)
    query = select(func.count()).where(
        UseRow.person_id == person, UseRow.ended.is_(None), UseRow.expires > now()
    )
    return session.scalar(query) or 0


def account_id(session: Session, name: str) -> int:
    """The row of an account."""
    return session.scalars(select(PersonRow.id).where(PersonRow.hub_name == name)).one()
