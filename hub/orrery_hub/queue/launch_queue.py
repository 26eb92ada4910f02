"""What the queue offers to those who start servers."""

from __future__ import annotations

from sqlalchemy.orm import Session

from orrery_hub.base import people
from orrery_hub.base.contracts import LaunchRequest, Leases, RecordChange
from orrery_hub.queue import store
from orrery_hub.queue.tickets import TicketBook
from orrery_hub.queue.transitions import Terms, Transitions
from orrery_hub.queue.view import QueueView
from orrery_hub.settings import Settings
from orrery_wire.pools import WaitEstimate


class TicketQueue:
    """``LaunchQueue`` of the contracts, with the parts that the rest of the queue is built from."""

    def __init__(self, settings: Settings, leases: Leases, record: RecordChange) -> None:
        self.view = QueueView(
            leases,
            half_life_seconds=settings.queue_half_life_hours * 3600,
            aging_seconds=settings.queue_aging_hours * 3600,
        )
        terms = Terms(
            claim_seconds=settings.queue_claim_minutes * 60,
            start_seconds=settings.queue_start_minutes * 60,
            missed_offers=settings.queue_missed_offers,
        )
        self.transitions = Transitions(leases, terms, record)
        self.book = TicketBook(
            self.view, self.transitions, record, limit=settings.queue_tickets_per_person
        )

    def estimate(self, session: Session, request: LaunchRequest) -> WaitEstimate | None:
        """Place and expected wait of a ticket for a server, if one were taken now."""
        place, wait = self.view.estimate(session, request)
        return WaitEstimate(
            place=place,
            low_seconds=wait.low_seconds if wait else None,
            high_seconds=wait.high_seconds if wait else None,
        )

    def must_wait(self, session: Session, request: LaunchRequest) -> bool:
        """Whether others wait for the pool, whom a start now would overtake."""
        return store.has_blocking(session, request.pool_id)

    def join(self, session: Session, request: LaunchRequest) -> int:
        """Take a ticket for a server; the result is its id."""
        user = people.names(session, [request.account_id])[request.account_id]
        return self.book.take(session, request, user).id
