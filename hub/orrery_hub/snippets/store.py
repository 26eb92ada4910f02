"""Tables of snippets and their queries; the caller owns the transaction.

Every change takes the next number of one counter, and holds the counter until it is committed. So the
numbers are in the order of the commits, on PostgreSQL too, and a reader who has seen number n has missed
nothing below it.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    and_,
    cast,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from orrery_hub.base.contracts import LeavingItem
from orrery_hub.base.counters import CounterRow
from orrery_hub.base.db import Table, UTCDateTime, fetch, now
from orrery_wire.snippets import Scope

REVISION = "snippets"
FLOOR = "snippets_floor"
EPOCH = "snippets_epoch"


class SnippetRow(Table):
    """A snippet without its content, which is in its versions."""

    __tablename__ = "snippet"
    __table_args__ = (
        Index(None, "revision"),
        Index(None, "author_id"),
        Index(None, "project_id"),
        Index(None, "deleted"),
    )
    id: Mapped[str] = mapped_column(String(128), primary_key=True)
    scope: Mapped[Scope] = mapped_column(String(16))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    version: Mapped[int]
    revision: Mapped[int] = mapped_column(BigInteger)
    created: Mapped[datetime] = mapped_column(UTCDateTime)
    updated: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    deleted: Mapped[datetime | None] = mapped_column(UTCDateTime)


class VersionRow(Table):
    """The content of one version, as JSON of ``SnippetContent``; never changed once written.

    ``scope`` and ``project_id`` are those that the snippet had then: who sees it now need not see what it was before.
    """

    __tablename__ = "snippet_version"
    __table_args__ = (Index(None, "project_id"),)
    snippet_id: Mapped[str] = mapped_column(
        ForeignKey("snippet.id", ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[int] = mapped_column(primary_key=True)
    scope: Mapped[Scope] = mapped_column(String(16))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    saved: Mapped[datetime] = mapped_column(UTCDateTime)
    saved_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    content: Mapped[str]


class MarkRow(Table):
    """The marks of one person on a snippet."""

    __tablename__ = "snippet_mark"
    __table_args__ = (Index(None, "person_id", "revision"), Index(None, "snippet_id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
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
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    removed: Mapped[datetime] = mapped_column("gone", UTCDateTime)


@dataclass(frozen=True)
class Audience:
    """A person and the ids of the person's projects."""

    person: int
    projects: tuple[int, ...]

    def sees(self, scope: Scope, project_id: int | None, author_id: int) -> bool:
        """Whether the person sees what an author wrote there."""
        if scope == "mine":
            return author_id == self.person
        return scope == "everyone" or project_id in self.projects

    def includes(self, row: SnippetRow) -> bool:
        """Whether the person sees a snippet."""
        return self.sees(row.scope, row.project_id, row.author_id)

    def includes_version(self, row: SnippetRow, version: VersionRow) -> bool:
        """Whether the person sees a version of a snippet: it was saved for those who may see it."""
        return self.sees(version.scope, version.project_id, row.author_id)

    def clause(self, table: type[SnippetRow] | type[RemovalRow]) -> ColumnElement[bool]:
        """``includes`` as an SQL condition."""
        return or_(
            table.scope == "everyone",
            and_(table.scope == "mine", table.author_id == self.person),
            and_(table.scope == "project", table.project_id.in_(self.projects)),
        )


_COUNTERS = select(CounterRow.name, CounterRow.value)


def counters(session: Session) -> dict[str, int]:
    """Value of every counter."""
    return {name: number for name, number in fetch(session, _COUNTERS)}  # noqa: C416  # rows, not pairs


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


def version(session: Session, id: str, number: int) -> VersionRow | None:
    """A version of a snippet; None if it is not stored."""
    return session.get(VersionRow, (id, number))


def content(session: Session, id: str, number: int) -> str | None:
    """Content of a version, as JSON; None if the version is not stored."""
    row = version(session, id, number)
    return row.content if row else None


def versions(session: Session, id: str) -> Sequence[VersionRow]:
    """Every stored version, newest first."""
    query = select(VersionRow).where(VersionRow.snippet_id == id)
    return session.scalars(query.order_by(VersionRow.version.desc())).all()


def delete_old_versions(
    session: Session, row: SnippetRow, keep: int
) -> Sequence[tuple[int | None, int]]:
    """Delete all but the newest ``keep`` versions.

    Returns:
        for each that was deleted the id of its project, None outside projects, and its bytes.
    """
    old = VersionRow.version <= row.version - keep
    deleted = session.execute(
        delete(VersionRow)
        .where(VersionRow.snippet_id == row.id, old)
        .returning(VersionRow.project_id, _content_bytes(session))
    )
    return [(project_id, size) for project_id, size in deleted]


def mark(session: Session, person: int, id: str) -> MarkRow | None:
    """Marks of a person on a snippet; None if there are none."""
    return session.get(MarkRow, (person, id))


def mark_for_update(session: Session, person: int, id: str, revision: int) -> MarkRow:
    """Marks of a person on a snippet, created if there are none, at a new revision."""
    row = session.get(MarkRow, (person, id))
    if row is None:
        row = MarkRow(person_id=person, snippet_id=id, favourite=False, uses=0, revision=revision)
        session.add(row)
    row.revision = revision
    return row


def add_removal(session: Session, row: SnippetRow, revision: int) -> None:
    """Record that a snippet leaves its audience, so that whoever saw it only there removes it."""
    session.add(
        RemovalRow(
            revision=revision,
            snippet_id=row.id,
            scope=row.scope,
            project_id=row.project_id,
            author_id=row.author_id,
            removed=now(),
        )
    )


def transfer(session: Session, source: int, target: int) -> None:
    """Give the snippets and marks of one person to another, whose own marks stay."""
    for row in session.scalars(select(SnippetRow).where(SnippetRow.author_id == source)).all():
        if row.scope == "mine":
            add_removal(session, row, next_revision(session))
        row.author_id = target
        row.revision = next_revision(session)
    for table, column in (
        (SnippetRow, SnippetRow.updated_by_id),
        (VersionRow, VersionRow.saved_by_id),
    ):
        session.execute(update(table).where(column == source).values({column: target}))
    for note in session.scalars(select(MarkRow).where(MarkRow.person_id == source)).all():
        if mark(session, target, note.snippet_id) is None:
            values = {
                name: getattr(note, name)
                for name in ("snippet_id", "favourite", "position", "uses", "used", "seen_version")
            }
            revision = next_revision(session)
            session.add(MarkRow(person_id=target, revision=revision, **values))
        session.delete(note)
    session.flush()


def changes_since(
    session: Session, audience: Audience, after: int, until: int, limit: int
) -> list[tuple[int, str]]:
    """The first changes of an audience's snippets between two revisions, as (revision, id) in order."""
    streams = (
        select(SnippetRow.revision, SnippetRow.id).where(
            SnippetRow.revision > after, SnippetRow.revision <= until, audience.clause(SnippetRow)
        ),
        select(MarkRow.revision, MarkRow.snippet_id).where(
            MarkRow.person_id == audience.person,
            MarkRow.revision > after,
            MarkRow.revision <= until,
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


def person_bytes(session: Session, person: int) -> int:
    """Bytes of all versions of a person's snippets that were saved outside projects, deleted snippets included."""
    query = (
        select(func.sum(_content_bytes(session)))
        .join(SnippetRow, SnippetRow.id == VersionRow.snippet_id)
        .where(SnippetRow.author_id == person, VersionRow.project_id.is_(None))
    )
    return int(session.scalar(query) or 0)


def project_bytes(session: Session, project_id: int) -> int:
    """Bytes of all versions that were saved in a project, deleted snippets included."""
    query = select(func.sum(_content_bytes(session))).where(VersionRow.project_id == project_id)
    return int(session.scalar(query) or 0)


def _content_bytes(session: Session) -> ColumnElement[int]:
    """The bytes of a version's content; its length would be in characters."""
    if session.get_bind().dialect.name == "sqlite":
        return func.length(cast(VersionRow.content, LargeBinary))
    return func.octet_length(VersionRow.content)


def load(
    session: Session, person: int, ids: Iterable[str]
) -> list[tuple[SnippetRow, str, MarkRow | None]]:
    """Snippets with their current content and a person's marks."""
    query = (
        select(SnippetRow, VersionRow.content, MarkRow)
        .join(
            VersionRow,
            and_(VersionRow.snippet_id == SnippetRow.id, VersionRow.version == SnippetRow.version),
        )
        .outerjoin(MarkRow, and_(MarkRow.snippet_id == SnippetRow.id, MarkRow.person_id == person))
        .where(SnippetRow.id.in_(list(ids)))
    )
    return [(row, text, note) for row, text, note in session.execute(query)]


def purge(session: Session, before: datetime) -> list[str]:
    """Remove permanently what was deleted before a point in time; older cursors become invalid.

    Returns:
        the ids of the snippets.
    """
    newest = max(
        session.scalar(select(func.max(table.revision)).where(when < before)) or 0
        for table, when in ((SnippetRow, SnippetRow.deleted), (RemovalRow, RemovalRow.removed))
    )
    removed = session.scalars(
        delete(SnippetRow).where(SnippetRow.deleted < before).returning(SnippetRow.id)
    ).all()
    session.execute(delete(RemovalRow).where(RemovalRow.removed < before))
    if newest > counters(session)[FLOOR]:
        set_counter(session, FLOOR, newest)
    return list(removed)


def leave(session: Session, person: int) -> Sequence[LeavingItem]:
    """What somebody who leaves has written for nobody else, which stays; the rest belongs to projects and to all."""
    query = select(func.count()).where(
        SnippetRow.author_id == person,
        SnippetRow.scope == "mine",
        SnippetRow.deleted.is_(None),
    )
    count = session.scalar(query) or 0
    return (
        LeavingItem(
            "snippets",
            count,
            True,
            "Of the person's own; `orrery people transfer` gives them to somebody.",
        ),
    )


def count_in_project(session: Session, project: int) -> Mapping[str, int]:
    """How many snippets a project has."""
    query = select(func.count()).where(
        SnippetRow.project_id == project,
        SnippetRow.scope == "project",
        SnippetRow.deleted.is_(None),
    )
    return {"snippets": session.scalar(query) or 0}
