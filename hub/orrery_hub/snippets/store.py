"""Tables of snippets and their queries; the caller owns the transaction.

Every change takes the next number of one counter, and holds the counter until it is committed. So the
numbers are in the order of the commits, on PostgreSQL too, and a reader who has seen number n has missed
nothing below it.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    and_,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from orrery_hub.base.db import Table, UTCDateTime
from orrery_wire.snippets import Scope

REVISION = "snippets"
FLOOR = "snippets_floor"
EPOCH = "snippets_epoch"


class CounterRow(Table):
    """A named number."""

    __tablename__ = "counter"
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)


class SnippetRow(Table):
    """A snippet without its content, which is in its versions."""

    __tablename__ = "snippet"
    __table_args__ = (
        Index(None, "revision"),
        Index(None, "author"),
        Index(None, "project_id"),
        Index(None, "deleted"),
    )
    id: Mapped[str] = mapped_column(String(128), primary_key=True)
    scope: Mapped[Scope] = mapped_column(String(16))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    author: Mapped[str] = mapped_column(String(255))
    version: Mapped[int]
    revision: Mapped[int] = mapped_column(BigInteger)
    created: Mapped[datetime] = mapped_column(UTCDateTime)
    updated: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_by: Mapped[str] = mapped_column(String(255))
    deleted: Mapped[datetime | None] = mapped_column(UTCDateTime)


class VersionRow(Table):
    """The content of one version, as JSON of ``SnippetContent``; never changed once written."""

    __tablename__ = "snippet_version"
    snippet_id: Mapped[str] = mapped_column(
        ForeignKey("snippet.id", ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[int] = mapped_column(primary_key=True)
    saved: Mapped[datetime] = mapped_column(UTCDateTime)
    saved_by: Mapped[str] = mapped_column(String(255))
    content: Mapped[str]


class MarkRow(Table):
    """The marks of one user on a snippet."""

    __tablename__ = "snippet_mark"
    __table_args__ = (Index(None, "user", "revision"), Index(None, "snippet_id"))
    user: Mapped[str] = mapped_column(String(255), primary_key=True)
    snippet_id: Mapped[str] = mapped_column(
        ForeignKey("snippet.id", ondelete="CASCADE"), primary_key=True
    )
    favourite: Mapped[bool]
    position: Mapped[float | None]
    uses: Mapped[int]
    used: Mapped[datetime | None] = mapped_column(UTCDateTime)
    seen_version: Mapped[int | None]
    revision: Mapped[int] = mapped_column(BigInteger)


class RemovalRow(Table):
    """A snippet that moved to another scope; its former audience removes it."""

    __tablename__ = "snippet_gone"
    revision: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    snippet_id: Mapped[str] = mapped_column(String(128))
    scope: Mapped[Scope] = mapped_column(String(16))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    author: Mapped[str] = mapped_column(String(255))
    removed: Mapped[datetime] = mapped_column("gone", UTCDateTime)


@dataclass(frozen=True)
class Audience:
    """A user and the ids of the user's projects."""

    user: str
    projects: tuple[int, ...]

    def includes(self, row: SnippetRow | RemovalRow) -> bool:
        """Whether the user sees a snippet."""
        if row.scope == "mine":
            return row.author == self.user
        return row.scope == "everyone" or row.project_id in self.projects

    def clause(self, table: type[SnippetRow] | type[RemovalRow]) -> ColumnElement[bool]:
        """``includes`` as an SQL condition."""
        return or_(
            table.scope == "everyone",
            and_(table.scope == "mine", table.author == self.user),
            and_(table.scope == "project", table.project_id.in_(self.projects)),
        )


def counters(session: Session) -> dict[str, int]:
    """Value of every counter."""
    query = select(CounterRow.name, CounterRow.value)
    return {name: number for name, number in session.execute(query)}  # noqa: C416  # rows, not pairs


def next_revision(session: Session) -> int:
    """Revision for the change of this transaction; other changes wait until it is committed."""
    query = (
        update(CounterRow)
        .where(CounterRow.name == REVISION)
        .values(value=CounterRow.value + 1)
        .returning(CounterRow.value)
    )
    return session.execute(query).scalar_one()


def set_counter(session: Session, name: str, number: int) -> None:
    """Set a counter."""
    session.execute(update(CounterRow).where(CounterRow.name == name).values(value=number))


def find(
    session: Session, id: str, audience: Audience, *, deleted: bool = False
) -> SnippetRow | None:
    """A snippet that the audience sees; with ``deleted``, deleted snippets too."""
    query = select(SnippetRow).where(SnippetRow.id == id, audience.clause(SnippetRow))
    if not deleted:
        query = query.where(SnippetRow.deleted.is_(None))
    return session.scalar(query)


def content(session: Session, id: str, version: int) -> str | None:
    """Content of a version, as JSON; None if the version is not stored."""
    row = session.get(VersionRow, (id, version))
    return row.content if row else None


def versions(session: Session, id: str) -> Sequence[VersionRow]:
    """Every stored version, newest first."""
    query = select(VersionRow).where(VersionRow.snippet_id == id)
    return session.scalars(query.order_by(VersionRow.version.desc())).all()


def delete_old_versions(session: Session, row: SnippetRow, keep: int) -> None:
    """Delete all but the newest ``keep`` versions."""
    session.execute(
        delete(VersionRow).where(
            VersionRow.snippet_id == row.id, VersionRow.version <= row.version - keep
        )
    )


def mark(session: Session, user: str, id: str) -> MarkRow | None:
    """Marks of a user on a snippet; None if there are none."""
    return session.get(MarkRow, (user, id))


def mark_for_update(session: Session, user: str, id: str, revision: int) -> MarkRow:
    """Marks of a user on a snippet, created if there are none, at a new revision."""
    row = session.get(MarkRow, (user, id))
    if row is None:
        row = MarkRow(user=user, snippet_id=id, favourite=False, uses=0, revision=revision)
        session.add(row)
    row.revision = revision
    return row


def changes_since(
    session: Session, audience: Audience, after: int, until: int, limit: int
) -> list[tuple[int, str]]:
    """The first changes of an audience's snippets between two revisions, as (revision, id) in order."""
    streams = (
        select(SnippetRow.revision, SnippetRow.id).where(
            SnippetRow.revision > after, SnippetRow.revision <= until, audience.clause(SnippetRow)
        ),
        select(MarkRow.revision, MarkRow.snippet_id).where(
            MarkRow.user == audience.user, MarkRow.revision > after, MarkRow.revision <= until
        ),
        select(RemovalRow.revision, RemovalRow.snippet_id).where(
            RemovalRow.revision > after, RemovalRow.revision <= until, audience.clause(RemovalRow)
        ),
    )
    merged: Iterator[tuple[int, str]] = heapq.merge(
        *(
            [
                (number, key)
                for number, key in session.execute(query.order_by("revision").limit(limit))
            ]
            for query in streams
        )
    )
    return [pair for pair, _ in zip(merged, range(limit), strict=False)]


def content_lengths(session: Session, ids: Iterable[str]) -> dict[str, int]:
    """Length of the current content by snippet id, in characters."""
    query = (
        select(SnippetRow.id, func.length(VersionRow.content))
        .join(
            VersionRow,
            and_(VersionRow.snippet_id == SnippetRow.id, VersionRow.version == SnippetRow.version),
        )
        .where(SnippetRow.id.in_(list(ids)))
    )
    return {key: length for key, length in session.execute(query)}  # noqa: C416  # rows, not pairs


def load(
    session: Session, user: str, ids: Iterable[str]
) -> list[tuple[SnippetRow, str, MarkRow | None]]:
    """Snippets with their current content and a user's marks."""
    query = (
        select(SnippetRow, VersionRow.content, MarkRow)
        .join(
            VersionRow,
            and_(VersionRow.snippet_id == SnippetRow.id, VersionRow.version == SnippetRow.version),
        )
        .outerjoin(MarkRow, and_(MarkRow.snippet_id == SnippetRow.id, MarkRow.user == user))
        .where(SnippetRow.id.in_(list(ids)))
    )
    return [(row, text, note) for row, text, note in session.execute(query)]


def purge(session: Session, before: datetime) -> int:
    """Remove permanently what was deleted before a point in time; older cursors become invalid."""
    newest = max(
        session.scalar(select(func.max(table.revision)).where(when < before)) or 0
        for table, when in ((SnippetRow, SnippetRow.deleted), (RemovalRow, RemovalRow.removed))
    )
    removed = session.execute(
        delete(SnippetRow).where(SnippetRow.deleted < before).returning(SnippetRow.id)
    ).all()
    session.execute(delete(RemovalRow).where(RemovalRow.removed < before))
    if newest > counters(session)[FLOOR]:
        set_counter(session, FLOOR, newest)
    return len(removed)
