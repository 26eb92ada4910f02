"""What happens to a ticket: each event changes its state, its lease, the audit and what the person is told, together.

Every function works in the caller's transaction, on a row that is locked there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from orrery_hub.base.contracts import LaunchRequest, Leases, RecordChange
from orrery_hub.queue import messages, store
from orrery_hub.queue.store import MOVE, TicketRow
from orrery_hub.queue.ticket_state import Event, after
from orrery_wire.queue import WaitCause

# A reservation outlives its offer by so much: the queue ends it, also where the clock is set meanwhile.
_RESERVATION = timedelta(days=1)
SYSTEM = "orrery"
_START_ATTEMPTS = 2


@dataclass(frozen=True)
class Terms:
    """How long an offer stands, a claimed server may take to start, and how many offers may be missed."""

    claim_seconds: float
    start_seconds: float
    missed_offers: int


class Transitions:
    """The events of tickets. ``record`` writes an audit entry."""

    def __init__(self, leases: Leases, terms: Terms, record: RecordChange) -> None:
        self._leases = leases
        self.terms = terms
        self._record = record

    def offer(self, session: Session, row: TicketRow, moment: datetime) -> None:
        """Take a lease for the ticket, and hold it until it is claimed.

        Raises:
            OrreryError: the pool gives no lease; nothing was changed.
        """
        claim = timedelta(seconds=self.terms.claim_seconds)
        request = self._reservable(session, row)
        lease_id = self._leases.reserve(session, request, until=moment + claim + _RESERVATION)
        self._move(session, row, "offer", SYSTEM)
        row.lease_id, row.offered, row.deadline = lease_id, moment, moment + claim
        row.set_cause(None)
        if row.is_auto_claim:
            self.claim(session, row, moment, SYSTEM)
        else:
            messages.tell_offered(session, row)

    def claim(self, session: Session, row: TicketRow, moment: datetime, who: str) -> None:
        """Take the offer: the server is to start."""
        self._move(session, row, "claim", who)
        row.deadline = moment + timedelta(seconds=self.terms.start_seconds)
        messages.withdraw(session, row)

    def start(self, session: Session, row: TicketRow, moment: datetime) -> None:
        """The server runs."""
        self._move(session, row, "start", SYSTEM)
        row.ended = moment
        messages.tell_started(session, row)

    def miss(self, session: Session, row: TicketRow, moment: datetime) -> None:
        """The offer was not claimed in time: the ticket goes to the end, or has ended after too many."""
        self._release(session, row, "the offer was not claimed in time")
        row.missed_offers += 1
        if row.missed_offers >= self.terms.missed_offers:
            self._move(session, row, "expire", SYSTEM)
            row.ended = moment
            messages.tell_expired(session, row)
            return
        self._move(session, row, "miss", SYSTEM)
        row.turn = store.next_turn(session)
        row.pin, row.is_run_now, row.offered = None, False, None
        messages.tell_missed(session, row)

    def cancel(
        self, session: Session, row: TicketRow, moment: datetime, who: str, *, is_own: bool
    ) -> None:
        """End the ticket because the person, or an administrator, does not want it any more."""
        self._release(session, row, "the request was cancelled")
        self._move(session, row, "cancel", who)
        row.ended = moment
        if is_own:
            messages.withdraw(session, row)
        else:
            messages.tell_removed(session, row)

    def fail_start(
        self,
        session: Session,
        row: TicketRow,
        moment: datetime,
        cause: WaitCause,
        *,
        is_final: bool = False,
    ) -> None:
        """Try a start once more that failed, before everybody else; the second failure, or a refusal, ends the ticket.

        A hub that is killed while it starts a server looks like a server that does not start.
        """
        row.failed_starts += 1
        if is_final or row.failed_starts >= _START_ATTEMPTS:
            self.fail(session, row, moment, cause)
            return
        self._release(session, row, "the start failed")
        self._move(session, row, "retry", SYSTEM)
        row.pin, row.is_auto_claim, row.offered = 0, True, None

    def fail(self, session: Session, row: TicketRow, moment: datetime, cause: WaitCause) -> None:
        """End the ticket because it cannot be met."""
        self._release(session, row, f"the start failed: {cause.kind}")
        self._move(session, row, "fail", SYSTEM)
        row.ended = moment
        row.set_cause(cause)
        messages.tell_failed(session, row, cause)

    def overtake(self, session: Session, row: TicketRow, moment: datetime) -> None:
        """End the ticket because the person started the server with something else before it could move."""
        self._release(session, row, "the server was started with something else")
        self._move(session, row, "cancel", SYSTEM)
        row.ended = moment
        messages.tell_overtaken(session, row)

    def swap(self, session: Session, row: TicketRow) -> None:
        """Turn the reservation beside a server that ran into that of the server, which has stopped."""
        if row.lease_id is not None and store.is_beside(session, row.lease_id):
            self._leases.assign(session, row.lease_id, row.server_name)

    def _reservable(self, session: Session, row: TicketRow) -> LaunchRequest:
        """What to reserve: for a server that runs, beside it, for a server has one lease."""
        request = row.request
        is_open = store.has_open_lease(session, row.account_id, row.server_name)
        return replace(request, server_name=f"{row.server_name}{MOVE}") if is_open else request

    def _release(self, session: Session, row: TicketRow, reason: str) -> None:
        if row.lease_id is not None:
            # A server that starts keeps its lease until it is gone, whatever becomes of the ticket.
            self._leases.release(session, row.lease_id, reason)
        row.lease_id = row.deadline = None

    def _move(self, session: Session, row: TicketRow, event: Event, who: str) -> None:
        before = row.state
        row.state = after(before, event)
        session.flush()
        self._record(
            session,
            who,
            f"queue.{event}",
            str(row.id),
            before={"state": before},
            after={"state": row.state, "person_id": row.person_id, "pool": row.pool_id},
        )
