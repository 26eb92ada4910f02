"""Tables of the queue and their queries; the caller owns the transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    ColumnElement,
    Float,
    ForeignKey,
    Index,
    String,
    Text,
    column,
    delete,
    false,
    func,
    not_,
    or_,
    select,
    table,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from orrery_hub.base import db
from orrery_hub.base.contracts import LaunchRequest, LeavingItem
from orrery_hub.base.db import Table, UTCDateTime
from orrery_hub.base.people import PersonRow
from orrery_hub.base.private_options import STRIP_LIMIT, has_private, without_private
from orrery_hub.queue.estimate import Outcome
from orrery_hub.queue.fair_share import Use
from orrery_hub.queue.ordering import Waiting
from orrery_hub.queue.ticket_state import after
from orrery_wire.json_types import JsonObject
from orrery_wire.queue import CauseKind, Priority, TicketState, WaitCause, WaitRange

PRIORITIES: Mapping[Priority, int] = {"low": -1, "normal": 0, "high": 1}
# Held back by something else than the others: whoever comes new does not have to wait for such a ticket.
PASSED_OVER: frozenset[CauseKind] = frozenset(
    {"budget", "maintenance", "not_permitted", "person_maximum", "quota", "too_large"}
)
# How the text of such a cause begins: ``set_cause`` alone writes it.
_PASSED_STARTS = tuple(f'{{"kind":"{kind}",' for kind in sorted(PASSED_OVER))
# What the server of a lease is called that stands beside another of the same server; no server can be called so.
MOVE = "~move"
_OPEN = text("ended IS NULL")
_CLOCK = 1
_OUTCOMES = 200
# Use that is older than so many half-lives counts for nothing.
_HALF_LIVES = 8


class TicketRow(Table):
    """A request for devices. ``account_id`` is the account of the server, ``person_id`` whose account it is.

    ``turn`` is a counter that grows with each ticket that begins to wait: no clock decides who was first. ``lease_id``
    is the lease that an offer holds. ``deadline`` is until when an offer stands, or a claimed server has to be
    started. ``expected_low`` and ``expected_high`` are the range in seconds at the beginning, without its correction.
    """

    __tablename__ = "ticket"
    __table_args__ = (
        Index(
            "uq_ticket_open",
            "account_id",
            "server_name",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index(None, "pool_id", "state"),
        Index(None, "person_id", "ended"),
        Index(None, "ended"),
        {"sqlite_autoincrement": True},  # the number of a purged ticket is not given again
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    server_name: Mapped[str] = mapped_column(String(255))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id", ondelete="SET NULL"))
    pool_id: Mapped[int] = mapped_column(ForeignKey("pool.id"))
    profile_id: Mapped[int] = mapped_column(ForeignKey("hardware_profile.id"))
    devices: Mapped[int]
    cpu: Mapped[float] = mapped_column(Float)
    memory_bytes: Mapped[int] = mapped_column(BigInteger)
    is_spot: Mapped[bool]
    options: Mapped[JsonObject] = mapped_column(JSON)
    priority: Mapped[int]
    pin: Mapped[int | None]
    is_run_now: Mapped[bool] = mapped_column(Boolean, server_default=false())
    is_auto_claim: Mapped[bool]
    turn: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[TicketState] = mapped_column(String(16))
    cause: Mapped[str | None] = mapped_column(Text)
    lease_id: Mapped[int | None] = mapped_column(ForeignKey("lease.id"))
    created: Mapped[datetime] = mapped_column(UTCDateTime)
    offered: Mapped[datetime | None] = mapped_column(UTCDateTime)
    deadline: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended: Mapped[datetime | None] = mapped_column(UTCDateTime)
    missed_offers: Mapped[int]
    failed_starts: Mapped[int]
    expected_low: Mapped[int | None]
    expected_high: Mapped[int | None]

    @property
    def request(self) -> LaunchRequest:
        """The server that it is for."""
        return LaunchRequest(
            person_id=self.person_id,
            account_id=self.account_id,
            server_name=self.server_name,
            project_id=self.project_id,
            pool_id=self.pool_id,
            profile_id=self.profile_id,
            devices=self.devices,
            cpu=self.cpu,
            memory_bytes=self.memory_bytes,
            is_spot=self.is_spot,
            options=self.options,
        )

    @property
    def wait_cause(self) -> WaitCause | None:
        """Why it waits or failed, as of the last look."""
        return WaitCause.model_validate_json(self.cause) if self.cause else None

    def set_cause(self, cause: WaitCause | None) -> None:
        """Note why it waits; a row that says so already is not written."""
        value = cause.model_dump_json() if cause else None
        if value != self.cause:
            self.cause = value


class ClockRow(Table):
    """When the queue last looked at the clock: one row."""

    __tablename__ = "queue_clock"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seen: Mapped[datetime] = mapped_column(UTCDateTime)


# Columns of other capabilities' tables that the queue reads.
_LEASE = table(
    "lease",
    column("id"),
    column("account_id"),
    column("person_id"),
    column("pool_id"),
    column("server_name"),
    column("devices"),
    column("reserved_at", UTCDateTime()),
    column("reserved_until", UTCDateTime()),
    column("started_at", UTCDateTime()),
    column("ended_at", UTCDateTime()),
    column("end_reason"),
)
_POOL = table("pool", column("id"), column("slug"), column("name"), column("spec", JSON()))
_PROFILE = table(
    "hardware_profile",
    column("id"),
    column("slug"),
    column("name"),
    column("pool_id"),
    column("devices"),
    column("spec", JSON()),
    column("deleted"),
)


def next_turn(session: Session) -> int:
    """The turn of a ticket that begins to wait now."""
    return (session.scalar(select(func.max(TicketRow.turn))) or 0) + 1


def open_ticket(session: Session, account_id: int, server_name: str) -> TicketRow | None:
    """The ticket of a server that has not ended."""
    query = select(TicketRow).where(
        TicketRow.account_id == account_id,
        TicketRow.server_name == server_name,
        TicketRow.ended.is_(None),
    )
    return session.scalar(query.with_for_update())


def open_tickets(session: Session, account_id: int) -> Sequence[TicketRow]:
    """The tickets of all servers of an account that have not ended, oldest first."""
    query = select(TicketRow).where(TicketRow.account_id == account_id, TicketRow.ended.is_(None))
    return session.scalars(query.order_by(TicketRow.id)).all()


def moves(session: Session, rows: Sequence[TicketRow]) -> set[int]:
    """The ids of those tickets whose servers hold something else meanwhile."""
    running = servers_with_lease(session, [row.account_id for row in rows])
    leases = beside(session, [row.lease_id for row in rows if row.lease_id])
    return {
        row.id
        for row in rows
        if row.lease_id in leases
        or (row.state == "waiting" and (row.account_id, row.server_name) in running)
    }


def open_count(session: Session, person_id: int) -> int:
    """How many tickets of a person have not ended."""
    query = select(func.count()).where(TicketRow.person_id == person_id, TicketRow.ended.is_(None))
    return session.scalar(query) or 0


def locked(session: Session, ticket: int) -> TicketRow | None:
    """A ticket that nobody else changes before the transaction ends."""
    return session.get(TicketRow, ticket, with_for_update=True, populate_existing=True)


def waiting(session: Session, pool_id: int) -> Sequence[TicketRow]:
    """The tickets of a pool that wait, in no order."""
    query = select(TicketRow).where(TicketRow.pool_id == pool_id, TicketRow.state == "waiting")
    return session.scalars(query).all()


def with_lease(session: Session) -> Sequence[TicketRow]:
    """The tickets of every pool that hold a lease: offered or claimed."""
    states: tuple[TicketState, ...] = ("offered", "claimed")
    query = select(TicketRow).where(TicketRow.state.in_(states)).order_by(TicketRow.id)
    return session.scalars(query.with_for_update()).all()


def rows(session: Session, ids: Iterable[int]) -> Sequence[TicketRow]:
    """Tickets by their ids, in order; nobody else changes them before the transaction ends."""
    chosen = sorted(ids)
    result: list[TicketRow] = []
    for start in range(0, len(chosen), 500):
        query = select(TicketRow).where(TicketRow.id.in_(chosen[start : start + 500]))
        result += session.scalars(query.order_by(TicketRow.id).with_for_update())
    return result


def pools_with_waiting(session: Session) -> Sequence[int]:
    """The pools for which somebody waits."""
    query = select(TicketRow.pool_id).where(TicketRow.state == "waiting").distinct()
    return sorted(session.scalars(query))


def has_open(session: Session) -> bool:
    """Whether any ticket has not ended."""
    query = select(TicketRow.id).where(TicketRow.ended.is_(None)).limit(1)
    return session.scalar(query) is not None


def has_blocking(session: Session, pool_id: int) -> bool:
    """Whether somebody waits for devices of a pool, and not only for a limit of the own."""
    passed = [TicketRow.cause.startswith(start, autoescape=True) for start in _PASSED_STARTS]
    query = select(TicketRow.id).where(
        TicketRow.pool_id == pool_id,
        TicketRow.state == "waiting",
        TicketRow.cause.is_(None) | not_(or_(*passed)),
    )
    return session.scalar(query.limit(1)) is not None


def has_unexplained(session: Session, pool_id: int) -> bool:
    """Whether a ticket waits of which nobody has said why."""
    query = select(TicketRow.id).where(
        TicketRow.pool_id == pool_id, TicketRow.state == "waiting", TicketRow.cause.is_(None)
    )
    return session.scalar(query.limit(1)) is not None


def time_limits(session: Session, pool_id: int) -> dict[int, float]:
    """After how many seconds servers of a pool's profiles are ended, where Kueue does that."""
    spec = session.scalar(select(_POOL.c.spec).where(_POOL.c.id == pool_id)) or {}
    if not spec.get("queue_name"):
        return {}
    query = select(_PROFILE.c.id, _PROFILE.c.spec).where(_PROFILE.c.pool_id == pool_id)
    limits = {id_: (own or {}).get("max_seconds") for id_, own in session.execute(query)}
    return {id_: float(limit) for id_, limit in limits.items() if limit}


def sizes(session: Session, pool_id: int) -> set[int]:
    """How many devices the profiles of a pool have."""
    query = select(_PROFILE.c.devices).where(
        _PROFILE.c.pool_id == pool_id, _PROFILE.c.deleted.is_(None)
    )
    return set(session.scalars(query.distinct()))


def profiles_of(session: Session, ids: Sequence[int]) -> dict[int, int]:
    """The profiles of tickets, by id of the ticket."""
    result: dict[int, int] = {}
    for start in range(0, len(ids), 500):
        query = select(TicketRow.id, TicketRow.profile_id).where(
            TicketRow.id.in_(ids[start : start + 500])
        )
        result |= {id_: profile for id_, profile in session.execute(query)}  # noqa: C416  # rows
    return result


def without_expected(session: Session, pool_id: int) -> Sequence[int]:
    """The tickets that wait for a pool and have no first range yet."""
    query = select(TicketRow.id).where(
        TicketRow.pool_id == pool_id,
        TicketRow.state == "waiting",
        TicketRow.expected_high.is_(None),
    )
    return session.scalars(query.order_by(TicketRow.id)).all()


def note_expected(session: Session, waits: Mapping[int, WaitRange]) -> None:
    """Note the first range of each ticket that has none yet, without its correction."""
    for row in rows(session, waits):
        if row.expected_high is None and row.state in ("waiting", "offered"):
            wait = waits[row.id]
            row.expected_low, row.expected_high = wait.low_seconds, wait.high_seconds


def as_waiting(row: TicketRow, moment: datetime) -> Waiting:
    """The ticket as far as its place depends on it."""
    return Waiting(
        id=row.id,
        person_id=row.person_id,
        devices=row.devices,
        turn=row.turn,
        priority=row.priority,
        pin=row.pin,
        is_run_now=row.is_run_now,
        waited_seconds=(moment - row.created).total_seconds(),
    )


def uses(
    session: Session, people: Iterable[int], moment: datetime, half_life_seconds: float
) -> dict[int, list[Use]]:
    """What people held of every pool lately, and hold."""
    since = moment - timedelta(seconds=_HALF_LIVES * half_life_seconds)
    chosen = set(people)
    result: defaultdict[int, list[Use]] = defaultdict(list)
    if not chosen:
        return result
    query = select(
        _LEASE.c.person_id,
        _LEASE.c.devices,
        func.coalesce(_LEASE.c.started_at, _LEASE.c.reserved_at, type_=UTCDateTime()),
        _LEASE.c.ended_at,
    ).where(
        _LEASE.c.person_id.in_(chosen),
        _LEASE.c.devices > 0,
        _LEASE.c.ended_at.is_(None) | (_LEASE.c.ended_at > since),
    )
    for person, devices, begin, end in session.execute(query):
        result[person].append(Use(devices, begin, end))
    return result


def outcomes(session: Session, pool_id: int, moment: datetime) -> list[Outcome]:
    """The ranges that were told lately in a pool and what came true, and those that are too short already."""
    query = (
        select(
            TicketRow.expected_low, TicketRow.expected_high, TicketRow.created, TicketRow.offered
        )
        .where(
            TicketRow.pool_id == pool_id,
            TicketRow.offered.is_not(None),
            TicketRow.expected_high.is_not(None),
            TicketRow.missed_offers == 0,
            TicketRow.is_run_now.is_(False),
        )
        .order_by(TicketRow.id.desc())
        .limit(_OUTCOMES)
    )
    over = [
        Outcome(low or 0, high or 0, max(0.0, (offered - created).total_seconds()))
        for low, high, created, offered in session.execute(query)
        if offered is not None
    ]
    late = [
        Outcome(row.expected_low or 0, row.expected_high, waited)
        for row in waiting(session, pool_id)
        if row.expected_high is not None
        and (waited := (moment - row.created).total_seconds()) > row.expected_high
    ]
    return over + late


class LeaseLife(NamedTuple):
    """How far a lease has come. ``is_reserved``: nobody has begun to start its server."""

    is_reserved: bool
    started_at: datetime | None
    ended_at: datetime | None
    end_reason: str


def lease_life(session: Session, lease_id: int) -> LeaseLife:
    """How far a lease has come."""
    query = select(
        _LEASE.c.reserved_until.is_not(None),
        _LEASE.c.started_at,
        _LEASE.c.ended_at,
        _LEASE.c.end_reason,
    )
    row = session.execute(query.where(_LEASE.c.id == lease_id)).one()
    return LeaseLife(bool(row[0]), row[1], row[2], row[3] or "")


def is_beside(session: Session, lease_id: int) -> bool:
    """Whether a lease stands beside that of its server, because the server ran when it was reserved."""
    return lease_id in beside(session, [lease_id])


def beside(session: Session, lease_ids: Iterable[int]) -> set[int]:
    """Those of several leases that stand beside that of their servers."""
    query = select(_LEASE.c.id).where(
        _LEASE.c.id.in_(set(lease_ids)), _LEASE.c.server_name.endswith(MOVE)
    )
    return set(session.scalars(query))


def has_open_lease(session: Session, account_id: int, server_name: str) -> bool:
    """Whether a server holds a lease."""
    return (account_id, server_name) in servers_with_lease(session, [account_id])


def named_servers(session: Session, account_id: int) -> set[str]:
    """The names of the servers of an account that run, or for which a request waits; without the one that has none."""
    leases = select(_LEASE.c.server_name).where(
        _LEASE.c.account_id == account_id, _LEASE.c.ended_at.is_(None)
    )
    tickets = select(TicketRow.server_name).where(
        TicketRow.account_id == account_id, TicketRow.ended.is_(None)
    )
    names = {*session.scalars(leases), *session.scalars(tickets)}
    return {name.removesuffix(MOVE) for name in names} - {""}


def open_lease_id(session: Session, account_id: int, server_name: str) -> int | None:
    """The lease that a server holds; None if it holds none."""
    return session.scalar(
        select(_LEASE.c.id).where(
            _LEASE.c.account_id == account_id,
            _LEASE.c.server_name == server_name,
            _LEASE.c.ended_at.is_(None),
        )
    )


def servers_with_lease(session: Session, account_ids: Iterable[int]) -> set[tuple[int, str]]:
    """Account and name of the servers of accounts that hold a lease."""
    query = select(_LEASE.c.account_id, _LEASE.c.server_name).where(
        _LEASE.c.account_id.in_(set(account_ids)), _LEASE.c.ended_at.is_(None)
    )
    return {(account, name) for account, name in session.execute(query)}  # rows


def pool_names(session: Session, ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Slug and name of pools, by id."""
    query = select(_POOL.c.id, _POOL.c.slug, _POOL.c.name).where(_POOL.c.id.in_(set(ids)))
    return {id_: (slug, name) for id_, slug, name in session.execute(query)}


def pool_id_of(session: Session, slug: str) -> Sequence[int]:
    """The ids of all pools that have or had a slug."""
    return session.scalars(select(_POOL.c.id).where(_POOL.c.slug == slug)).all()


def profile_slugs(session: Session, ids: Iterable[int]) -> dict[int, str]:
    """The slugs of profiles, by id."""
    query = select(_PROFILE.c.id, _PROFILE.c.slug).where(_PROFILE.c.id.in_(set(ids)))
    return {id_: slug for id_, slug in session.execute(query)}  # noqa: C416  # rows, not pairs


def page(
    session: Session,
    *,
    person_id: int | None = None,
    q: str = "",
    pool_ids: Sequence[int] | None = None,
    state: TicketState | None = None,
    is_open: bool | None = None,
    offset: int = 0,
    limit: int = 50,
) -> tuple[Sequence[TicketRow], int]:
    """One page of tickets, newest first, and how many there are in all."""
    conditions = _conditions(q, pool_ids, state, is_open)
    if person_id is not None:
        conditions.append(TicketRow.person_id == person_id)
    query = select(TicketRow).where(*conditions)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    tickets = session.scalars(query.order_by(TicketRow.id.desc()).offset(offset).limit(limit))
    return tickets.all(), total


class Place(NamedTuple):
    """What the order of a list depends on: a row of a queue without the rest, for all of them are ordered."""

    id: int
    pool_id: int
    state: TicketState


def open_places(
    session: Session, *, q: str, pool_ids: Sequence[int] | None, state: TicketState | None
) -> list[Place]:
    """Every ticket that has not ended, in no order."""
    columns = select(TicketRow.id, TicketRow.pool_id, TicketRow.state)
    conditions = _conditions(q, pool_ids, state, True)
    return [Place(*row) for row in session.execute(columns.where(*conditions))]


def in_order(session: Session, ids: Sequence[int]) -> Sequence[TicketRow]:
    """Tickets in the order of their ids in a list."""
    query = select(TicketRow).where(TicketRow.id.in_(ids))
    known = {row.id: row for row in session.scalars(query)}
    return [known[id_] for id_ in ids if id_ in known]


def _conditions(
    q: str, pool_ids: Sequence[int] | None, state: TicketState | None, is_open: bool | None
) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        TicketRow.account_id.in_(
            select(PersonRow.id).where(PersonRow.hub_name.icontains(word, autoescape=True))
        )
        for word in q.replace("\x00", "\ufffd").split()
    ]
    if pool_ids is not None:
        conditions.append(TicketRow.pool_id.in_(pool_ids))
    if state is not None:
        conditions.append(TicketRow.state == state)
    if is_open is not None:
        conditions.append(TicketRow.ended.is_(None) if is_open else TicketRow.ended.is_not(None))
    return conditions


def unused_offers(session: Session, person_id: int, pool_id: int, since: datetime) -> int:
    """How many offers of a pool a person gave back or let pass since a point in time, or could not start a server with."""
    reservations = select(func.count()).where(
        _LEASE.c.person_id == person_id,
        _LEASE.c.pool_id == pool_id,
        _LEASE.c.ended_at >= since,
        _LEASE.c.started_at.is_(None),
        _LEASE.c.reserved_until.is_not(
            None
        ),  # it is null once a start has taken the reservation up
    )
    failed = select(func.count()).where(
        TicketRow.person_id == person_id,
        TicketRow.pool_id == pool_id,
        TicketRow.ended >= since,
        TicketRow.state == "failed",
        TicketRow.offered.is_not(None),
    )
    return (session.scalar(reservations) or 0) + (session.scalar(failed) or 0)


def standing_offers(session: Session, person_id: int, pool_id: int) -> int:
    """How many offers of a pool a person has not claimed yet."""
    query = select(func.count()).where(
        TicketRow.person_id == person_id,
        TicketRow.pool_id == pool_id,
        TicketRow.state == "offered",
    )
    return session.scalar(query) or 0


def last_seen(session: Session) -> datetime | None:
    """When the queue last looked at the clock."""
    row = session.get(ClockRow, _CLOCK)
    return row.seen if row else None


def note_seen(session: Session, moment: datetime) -> None:
    """Note that the queue looks at the clock now."""
    session.merge(ClockRow(id=_CLOCK, seen=moment))


def merge(session: Session, source: int, target: int) -> None:
    """Make every ticket of an account the other's, which is the same person's; the servers stay those of their accounts."""
    session.execute(update(TicketRow).where(TicketRow.person_id == source).values(person_id=target))


def leave(session: Session, person: int) -> Sequence[LeavingItem]:
    """Cancel what somebody who leaves waits for; the leases of offers end with all others of the person."""
    query = select(TicketRow).where(TicketRow.person_id == person, TicketRow.ended.is_(None))
    rows = session.scalars(query.with_for_update()).all()
    moment = db.now()
    for row in rows:
        row.state, row.ended = after(row.state, "cancel"), moment
        row.lease_id = row.deadline = None
    session.flush()
    return (LeavingItem("requests", len(rows), False, "What the person waits for in the queue."),)


def purge(session: Session, before: datetime) -> None:
    """Remove the tickets that ended before a point in time, and what of the others is for no list.

    A ticket that has ended starts nothing any more, so nobody needs its environment and script.
    """
    ended = select(TicketRow).where(TicketRow.ended.is_not(None), has_private(TicketRow.options))
    for row in session.scalars(ended.limit(STRIP_LIMIT)).all():
        row.options = without_private(row.options)
    session.execute(delete(TicketRow).where(TicketRow.ended < before))
