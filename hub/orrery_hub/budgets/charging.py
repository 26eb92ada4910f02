"""Charges the minutes of leases to the ledger.

Whoever charges holds the ledger's lock, and a lease's minutes are what its own times say: so it does not matter how
often, when, and by how many processes this is done, and a process that was killed leaves nothing half done.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from orrery_hub.base.db import Database
from orrery_hub.budgets import ledger_store as store
from orrery_hub.budgets.ledger import Rate, Span, due_span, excess, missing, month_of, split
from orrery_hub.budgets.ledger_store import LeaseFacts, LedgerRow

log = logging.getLogger("orrery_hub.budgets")

# Leases that ended so long before the last run are looked at again: a clock may have been set.
_OVERLAP = timedelta(hours=1)


@dataclass
class _Changes:
    """What a run adds to the ledger and takes back."""

    rows: list[dict[str, object]] = field(default_factory=list)
    ends: list[tuple[int, int, int]] = field(default_factory=list)
    settled: list[int] = field(default_factory=list)
    running: list[int] = field(default_factory=list)
    returned: int = 0


class Charging:
    """Brings the ledger up to date."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # The first run after a start looks at every lease.
        self._floor = 0

    def run(self, moment: datetime) -> None:
        """Charge every minute that has begun and is not charged, and give back what a lease did not run."""
        with self._database.read() as session:
            since = (store.last_charged(session) or moment) - _OVERLAP
            is_needed = bool(store.unsettled(session, self._floor, since))
            floor = store.next_floor(session)
        if not is_needed:  # a hub without pools writes nothing
            self._floor = floor
            return
        with self._database.write() as session:
            held = store.lock(session, moment)
            self._charge(session, moment, held.charged_at - _OVERLAP)
            held.charged_at = max(held.charged_at, moment)
            floor = store.next_floor(session)
        self._floor = floor

    def _charge(self, session: Session, moment: datetime, since: datetime) -> None:
        leases = store.unsettled(session, self._floor, since)
        if not leases:
            return
        rates = store.rates(session)
        last = store.last_rows(session, [lease.id for lease in leases if lease.ended_at is None])
        ended = [lease for lease in leases if lease.ended_at is not None]
        rows = store.rows_of(session, [lease.id for lease in ended])
        changes = _Changes()
        for lease in leases:
            own = rates.get(lease.pool_id, []) if lease.pool_id is not None else []
            if lease.ended_at is None:
                _extend(changes, lease, last.get(lease.id), own, moment)
            else:
                _settle(session, changes, lease, rows.get(lease.id, []), own)
        store.set_ends(session, changes.ends)
        store.add(session, changes.rows)
        store.note_leases(session, changes.running, is_settled=False)
        store.note_leases(session, changes.settled, is_settled=True)
        if changes.returned:
            log.info("%d minutes were charged too much and given back", changes.returned)


def _extend(
    changes: _Changes,
    lease: LeaseFacts,
    last: LedgerRow | None,
    rates: Sequence[Rate],
    moment: datetime,
) -> None:
    """Charge a running lease from where it was charged last."""
    changes.running.append(lease.id)
    charged_until = last.end_minute if last else 0
    due = due_span(lease.started_at, None, moment, charged_until)
    gap = Span(max(due.first, charged_until), due.end)
    for part, rate in split(gap, rates):
        if last is not None and _continues(last, part, rate, lease):
            changes.ends.append((lease.id, last.first_minute, part.end))
        else:
            changes.rows.append(_row(lease, part, rate))


def _continues(last: LedgerRow, part: Span, rate: Rate | None, lease: LeaseFacts) -> bool:
    """Whether minutes belong to the row before them: no gap, one day, one rate, one owner."""
    joined = Span(last.first_minute, part.end)
    return (
        last.end_minute == part.first
        and len(list(split(joined, []))) == 1
        and last.rate_id == (rate.id if rate else None)
        and (last.person_id, last.project_id) == (lease.person_id, lease.project_id)
    )


def _settle(
    session: Session,
    changes: _Changes,
    lease: LeaseFacts,
    rows: Sequence[LedgerRow],
    rates: Sequence[Rate],
) -> None:
    """Make the rows of a lease that has ended exactly its minutes."""
    changes.settled.append(lease.id)
    due = due_span(lease.started_at, lease.ended_at, lease.started_at, 0)
    charged = []
    for row in rows:
        span = store.span(row)
        if row.first_minute < due.first or row.first_minute >= due.end:
            store.remove(session, row)
            changes.returned += len(span)
            continue
        charged.append(span)
        if surplus := sum(map(len, excess(due, span))):
            changes.returned += surplus
            changes.ends.append((lease.id, row.first_minute, due.end))
    for gap in missing(due, charged):
        changes.rows += [_row(lease, part, rate) for part, rate in split(gap, rates)]


def _row(lease: LeaseFacts, part: Span, rate: Rate | None) -> dict[str, object]:
    return {
        "lease_id": lease.id,
        "first_minute": part.first,
        "end_minute": part.end,
        "month": month_of(part.first),
        "person_id": lease.person_id,
        "project_id": lease.project_id,
        "pool_id": lease.pool_id,
        "devices": lease.quantity.devices,
        "cpu_millis": lease.quantity.cpu_millis,
        "memory_mib": lease.quantity.memory_mib,
        "rate_id": rate.id if rate else None,
        "price": rate.price(lease.quantity) if rate else 0,
    }


def prices(
    leases: Sequence[LeaseFacts], rates: Mapping[int, Sequence[Rate]], minute: int
) -> Iterator[tuple[LeaseFacts, int]]:
    """Each lease with its price in a minute, in micro-units."""
    for lease in leases:
        own = rates.get(lease.pool_id, ()) if lease.pool_id is not None else ()
        valid = [rate for rate in own if rate.valid_from <= minute]
        yield lease, valid[-1].price(lease.quantity) if valid else 0
