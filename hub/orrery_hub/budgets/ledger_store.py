"""Tables of the ledger and of rates, and their queries; the caller owns the transaction.

The ledger has a row for each stretch of minutes of a lease with one rate and within one day of UTC. Rows of a lease
never overlap; together they are the minutes that it was charged for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    bindparam,
    delete,
    func,
    insert,
    select,
    text,
    true,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from orrery_hub.base import db
from orrery_hub.base.db import Table, UTCDateTime
from orrery_hub.base.shared_tables import LEASE
from orrery_hub.budgets.ledger import Quantity, Rate, Span, minute_of
from orrery_wire.budgets import Resource

_MIB = 1024 * 1024
# Leases that were started while another transaction ran may have a smaller id than one that is there already.
_OVERLAP = 1_000
_BATCH = 500


_ADD_LOCK = text(
    "INSERT INTO ledger_lock (id, charged_at) VALUES (1, :charged_at) ON CONFLICT (id) DO NOTHING"
).bindparams(bindparam("charged_at", type_=UTCDateTime))


class RateRow(Table):
    """What a pool costs from a point in time on, in micro-units of money for an hour."""

    __tablename__ = "rate"
    __table_args__ = (Index(None, "pool_id", "valid_from", unique=True),)
    id: Mapped[int] = mapped_column(primary_key=True)
    pool_id: Mapped[int] = mapped_column(ForeignKey("pool.id"))
    valid_from: Mapped[datetime] = mapped_column(UTCDateTime)
    device: Mapped[int] = mapped_column(BigInteger)
    cpu: Mapped[int] = mapped_column(BigInteger)
    memory_gib: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    created: Mapped[datetime] = mapped_column(UTCDateTime)


class LedgerRow(Table):
    """Minutes of a lease from ``first_minute`` until before ``end_minute``.

    Project and lease are numbers without a reference: what was charged stays when they are removed.
    """

    __tablename__ = "ledger"
    __table_args__ = (
        Index(None, "person_id", "first_minute"),
        Index(None, "project_id", "first_minute"),
        Index(None, "first_minute"),
    )
    lease_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    first_minute: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    end_minute: Mapped[int] = mapped_column(BigInteger)
    month: Mapped[int]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    project_id: Mapped[int | None]
    pool_id: Mapped[int | None]
    devices: Mapped[int] = mapped_column(BigInteger)
    cpu_millis: Mapped[int] = mapped_column(BigInteger)
    memory_mib: Mapped[int] = mapped_column(BigInteger)
    rate_id: Mapped[int | None] = mapped_column(ForeignKey("rate.id"))
    price: Mapped[int] = mapped_column(BigInteger)


class LedgerLeaseRow(Table):
    """A lease that the ledger knows; settled once it has ended and exactly its minutes are charged."""

    __tablename__ = "ledger_lease"
    __table_args__ = (Index(None, "is_settled"),)
    lease_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    is_settled: Mapped[bool]


class LedgerLockRow(Table):
    """The one row that whoever charges minutes holds, and when that was done last."""

    __tablename__ = "ledger_lock"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    charged_at: Mapped[datetime] = mapped_column(UTCDateTime)


@dataclass(frozen=True)
class LeaseFacts:
    """A lease as it is charged."""

    id: int
    account_id: int
    person_id: int
    server: str
    project_id: int | None
    pool_id: int | None
    quantity: Quantity
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class Amounts:
    """Sums of the ledger in its own units: for a minute each devices, thousandths of a CPU, MiB, micro-units."""

    device: int = 0
    cpu: int = 0
    memory: int = 0
    money: int = 0

    def of(self, resource: Resource) -> int:
        """The amount of a resource."""
        amounts: dict[Resource, int] = {
            "device": self.device,
            "cpu": self.cpu,
            "memory": self.memory,
            "money": self.money,
        }
        return amounts[resource]


def lock(session: Session, moment: datetime) -> LedgerLockRow:
    """The ledger's lock, held until the end of the transaction."""
    row = session.get(LedgerLockRow, 1, with_for_update=True)
    if row is None:
        # The migration puts it there; only a database that was emptied has none, and several may add it at once.
        session.execute(_ADD_LOCK, {"charged_at": moment})
        row = session.get_one(LedgerLockRow, 1, with_for_update=True)
    return row


def last_charged(session: Session) -> datetime | None:
    """When minutes were charged last; None if they never were."""
    return session.scalar(select(LedgerLockRow.charged_at).where(LedgerLockRow.id == 1))


_MEASURES = (
    func.sum((LedgerRow.end_minute - LedgerRow.first_minute) * LedgerRow.devices),
    func.sum((LedgerRow.end_minute - LedgerRow.first_minute) * LedgerRow.cpu_millis),
    func.sum((LedgerRow.end_minute - LedgerRow.first_minute) * LedgerRow.memory_mib),
    func.sum((LedgerRow.end_minute - LedgerRow.first_minute) * LedgerRow.price),
)


def measures() -> tuple[Any, ...]:
    """The four sums of ``Amounts``, as columns of a query."""
    return _MEASURES


def sums(
    session: Session,
    by: Literal["person", "project"],
    ids: Collection[int] | None,
    first_minute: int,
) -> dict[int, Amounts]:
    """What people or projects used since a minute; ``ids`` None: all of them."""
    owner = LedgerRow.person_id if by == "person" else LedgerRow.project_id
    query = select(owner, *_MEASURES).where(
        LedgerRow.first_minute >= first_minute, owner.is_not(None)
    )
    if ids is not None:
        query = query.where(owner.in_(ids))
    rows = session.execute(query.group_by(owner)).all()
    return {int(row[0]): Amounts(*map(int, row[1:])) for row in rows if row[0] is not None}


def money_of(session: Session, lease_ids: Collection[int]) -> dict[int, int]:
    """What leases cost so far, in micro-units."""
    query = (
        select(LedgerRow.lease_id, _MEASURES[3])
        .where(LedgerRow.lease_id.in_(lease_ids))
        .group_by(LedgerRow.lease_id)
    )
    return {lease: int(money) for lease, money in session.execute(query)}


def running(
    session: Session, *, person_id: int | None = None, project_ids: Collection[int] | None = None
) -> list[LeaseFacts]:
    """The leases of servers that run; of a person, or in any of some projects, if given."""
    return _open(session, LEASE.c.started_at.is_not(None), person_id, project_ids)


def held(
    session: Session, *, person_id: int | None = None, project_ids: Collection[int] | None = None
) -> list[LeaseFacts]:
    """The leases of servers that run, start or are reserved; the latter as if they started now."""
    return _open(session, true(), person_id, project_ids)


def _open(
    session: Session,
    condition: ColumnElement[bool],
    person_id: int | None,
    project_ids: Collection[int] | None,
) -> list[LeaseFacts]:
    query = select(LEASE).where(LEASE.c.ended_at.is_(None), condition)
    conditions = []
    if person_id is not None:
        conditions.append(LEASE.c.person_id == person_id)
    if project_ids is not None:
        conditions.append(LEASE.c.project_id.in_(project_ids))
    if conditions:
        query = query.where(
            conditions[0] if len(conditions) == 1 else conditions[0] | conditions[1]
        )
    return [_facts(row) for row in session.execute(query.order_by(LEASE.c.id)).mappings()]


def unsettled(session: Session, floor: int, since: datetime) -> list[LeaseFacts]:
    """The leases that may have minutes to be charged: those that run, and those that ended and are not settled.

    Leases that the ledger does not know are looked for among those that run, those that ended after ``since``, and
    those with an id from ``floor`` on.
    """
    joined = LEASE.outerjoin(LedgerLeaseRow, LedgerLeaseRow.lease_id == LEASE.c.id)
    is_recent = LEASE.c.ended_at.is_(None) | (LEASE.c.ended_at >= since) | (LEASE.c.id >= floor)
    is_new = LedgerLeaseRow.lease_id.is_(None) & is_recent
    query = (
        select(LEASE)
        .select_from(joined)
        .where(
            LEASE.c.started_at.is_not(None),
            # One that was opened again after it was settled runs on.
            is_new | LedgerLeaseRow.is_settled.is_(False) | LEASE.c.ended_at.is_(None),
        )
        .order_by(LEASE.c.id)
    )
    return [_facts(row) for row in session.execute(query).mappings()]


def next_floor(session: Session) -> int:
    """From which id on new leases are to be looked for."""
    newest = session.scalar(select(func.max(LEASE.c.id))) or 0
    return max(0, newest - _OVERLAP)


def _facts(row: Mapping[Any, Any]) -> LeaseFacts:
    quantity = Quantity(
        devices=row["devices"],
        cpu_millis=round(row["cpu"] * 1000),
        memory_mib=-(-row["memory_bytes"] // _MIB),
    )
    return LeaseFacts(
        id=row["id"],
        account_id=row["account_id"],
        person_id=row["person_id"],
        server=row["server_name"],
        project_id=row["project_id"],
        pool_id=row["pool_id"],
        quantity=quantity,
        started_at=row["started_at"] or db.now(),
        ended_at=row["ended_at"],
    )


def rates(session: Session) -> dict[int, list[Rate]]:
    """The rates of every pool, each ordered by the minute from which it is valid."""
    by_pool: dict[int, list[Rate]] = {}
    for row in session.scalars(select(RateRow).order_by(RateRow.valid_from)):
        rate = Rate(row.id, minute_of(row.valid_from), row.device, row.cpu, row.memory_gib)
        by_pool.setdefault(row.pool_id, []).append(rate)
    return by_pool


def rows_of(session: Session, lease_ids: Collection[int]) -> dict[int, list[LedgerRow]]:
    """The rows of some leases, each ordered by time."""
    by_lease: dict[int, list[LedgerRow]] = {}
    ids = list(lease_ids)
    for begin in range(0, len(ids), _BATCH):
        query = (
            select(LedgerRow)
            .where(LedgerRow.lease_id.in_(ids[begin : begin + _BATCH]))
            .order_by(LedgerRow.lease_id, LedgerRow.first_minute)
        )
        for row in session.scalars(query):
            by_lease.setdefault(row.lease_id, []).append(row)
    return by_lease


def last_rows(session: Session, lease_ids: Collection[int]) -> dict[int, LedgerRow]:
    """The last row of each of some leases."""
    ids = list(lease_ids)
    result: dict[int, LedgerRow] = {}
    for begin in range(0, len(ids), _BATCH):
        part = ids[begin : begin + _BATCH]
        last = (
            select(LedgerRow.lease_id, func.max(LedgerRow.first_minute).label("first"))
            .where(LedgerRow.lease_id.in_(part))
            .group_by(LedgerRow.lease_id)
            .subquery()
        )
        query = select(LedgerRow).join(
            last,
            (LedgerRow.lease_id == last.c.lease_id) & (LedgerRow.first_minute == last.c.first),
        )
        result |= {row.lease_id: row for row in session.scalars(query)}
    return result


def add(session: Session, rows: Sequence[Mapping[str, object]]) -> None:
    """Add rows to the ledger."""
    if rows:
        session.execute(insert(LedgerRow), list(rows))


def set_ends(session: Session, ends: Iterable[tuple[int, int, int]]) -> None:
    """Give rows, by lease and first minute, another end."""
    values = [{"lease": lease, "first": first, "end": end} for lease, first, end in ends]
    if not values:
        return
    table = LedgerRow.__table__
    statement = (
        update(LedgerRow)
        .where(table.c.lease_id == bindparam("lease"), table.c.first_minute == bindparam("first"))
        .values(end_minute=bindparam("end"))
    )
    session.connection().execute(statement, values)


def merge(session: Session, source: int, target: int) -> None:
    """Make what one account has used the other's, which is the same person's: it is used once, together."""
    session.execute(update(LedgerRow).where(LedgerRow.person_id == source).values(person_id=target))


def remove(session: Session, row: LedgerRow) -> None:
    """Remove a row: its lease did not run then."""
    session.execute(
        delete(LedgerRow).where(
            LedgerRow.lease_id == row.lease_id, LedgerRow.first_minute == row.first_minute
        )
    )


def note_leases(session: Session, lease_ids: Collection[int], *, is_settled: bool) -> None:
    """Note that the ledger knows leases, and whether they are settled."""
    ids = sorted(set(lease_ids))
    known: dict[int, bool] = {}
    for begin in range(0, len(ids), _BATCH):
        query = select(LedgerLeaseRow.lease_id, LedgerLeaseRow.is_settled).where(
            LedgerLeaseRow.lease_id.in_(ids[begin : begin + _BATCH])
        )
        known |= {lease: settled for lease, settled in session.execute(query)}  # noqa: C416  # rows
    if new := [id_ for id_ in ids if id_ not in known]:
        values = [{"lease_id": id_, "is_settled": is_settled} for id_ in new]
        session.execute(insert(LedgerLeaseRow), values)
    if changed := [id_ for id_, settled in sorted(known.items()) if settled != is_settled]:
        statement = (
            update(LedgerLeaseRow)
            .where(LedgerLeaseRow.__table__.c.lease_id == bindparam("lease"))
            .values(is_settled=is_settled)
        )
        session.connection().execute(statement, [{"lease": id_} for id_ in changed])


def unsettle(session: Session, lease_id: int) -> None:
    """Charge a lease that ends once more by its own times: a late report may say that it ended later than was noted."""
    table = LedgerLeaseRow.__table__
    statement = update(LedgerLeaseRow).where(table.c.lease_id == lease_id)
    session.execute(statement.values(is_settled=False))


def span(row: LedgerRow) -> Span:
    """The minutes of a row."""
    return Span(row.first_minute, row.end_minute)


def currency(session: Session, rate_id: int) -> str:
    """The currency of a rate."""
    return session.scalar(select(RateRow.currency).where(RateRow.id == rate_id)) or ""
