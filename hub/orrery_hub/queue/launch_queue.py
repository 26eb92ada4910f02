"""What the queue offers to those who start servers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from orrery_hub.base import db, people
from orrery_hub.base.contracts import LaunchRequest, Leases, RecordChange
from orrery_hub.queue import store
from orrery_hub.queue.store import TicketRow
from orrery_hub.queue.tickets import TicketBook
from orrery_hub.queue.transitions import Terms, Transitions
from orrery_hub.queue.view import QueueView
from orrery_hub.settings import Settings
from orrery_wire.errors import NotFound
from orrery_wire.pools import OpenRequest, OpenState, WaitEstimate
from orrery_wire.queue import TicketState, WaitRange


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
            self.view,
            self.transitions,
            record,
            limit=settings.queue_tickets_per_person,
            named_servers=settings.named_servers,
        )

    def estimate(self, session: Session, request: LaunchRequest) -> WaitEstimate | None:
        """Place and expected wait of a ticket for a server, if one were taken now."""
        place, wait = self.view.estimate(session, request)
        return _estimate(place, wait)

    def must_wait(self, session: Session, request: LaunchRequest) -> bool:
        """Whether others wait for the pool, whom a start now would overtake."""
        return store.has_blocking(session, request.pool_id)

    def join(self, session: Session, request: LaunchRequest) -> int:
        """Take a ticket for a server; the result is its id."""
        user = people.names(session, [request.account_id])[request.account_id]
        return self.book.take(session, request, user).id

    def requests(self, session: Session, account_id: int) -> Sequence[OpenRequest]:
        """What the servers of an account wait for, oldest first."""
        rows = store.open_tickets(session, account_id)
        pools = store.pool_names(session, [row.pool_id for row in rows])
        profiles = store.profile_slugs(session, [row.profile_id for row in rows])
        moves = store.moves(session, rows)
        requests = []
        for row in rows:
            cause = row.wait_cause if row.state == "waiting" else None
            requests.append(
                OpenRequest(
                    id=row.id,
                    server_name=row.server_name,
                    profile=profiles.get(row.profile_id, ""),
                    pool_name=pools.get(row.pool_id, ("", ""))[1],
                    state=_OPEN[row.state],
                    is_move=row.id in moves,
                    wait=self._wait(session, row),
                    reason=cause.text if cause else "",
                    remedy=cause.remedy if cause else "",
                    claim_until=row.deadline if row.state == "offered" else None,
                )
            )
        return requests

    def cancel(self, session: Session, account_id: int, ticket: int) -> None:
        """End a ticket for a server of an account; one that has ended stays as it is.

        Raises:
            NotFound: the account has no such ticket.
        """
        row = store.locked(session, ticket)
        if row is None or row.account_id != account_id:
            raise NotFound(
                "There is no such request in the queue",
                reason="It was removed long ago, or it is somebody else's.",
                remedy="Look at what you wait for on the page before a start.",
            )
        if row.ended is None:
            user = people.names(session, [account_id])[account_id]
            self.transitions.cancel(session, row, db.now(), user, is_own=True)
            self.view.forget()

    def _wait(self, session: Session, row: TicketRow) -> WaitEstimate | None:
        if row.state != "waiting":
            return None
        view = self.view.of_pool(session, row.pool_id)
        place = view.places.get(row.id)
        return _estimate(place, view.waits.get(row.id)) if place else None


_OPEN: Mapping[TicketState, OpenState] = {
    "waiting": "waiting",
    "offered": "offered",
    "claimed": "claimed",
}


def _estimate(place: int, wait: WaitRange | None) -> WaitEstimate:
    return WaitEstimate(
        place=place,
        low_seconds=wait.low_seconds if wait else None,
        high_seconds=wait.high_seconds if wait else None,
    )
