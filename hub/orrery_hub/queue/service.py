"""The queue for people and administrators: request, claim, cancel; order, priority and run-now."""

from __future__ import annotations

import sys
from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from orrery_hub.base import db
from orrery_hub.base.contracts import RecordChange, ResolveLaunch
from orrery_hub.base.db import Database
from orrery_hub.base.people import PersonRow
from orrery_hub.base.request_context import RequestContext, request_context
from orrery_hub.base.user import User
from orrery_hub.queue import store
from orrery_hub.queue.ordering import pins_for
from orrery_hub.queue.store import PRIORITIES, TicketRow
from orrery_hub.queue.tickets import TicketBook, TicketShapes
from orrery_hub.queue.transitions import Transitions
from orrery_hub.queue.view import QueueView
from orrery_wire.errors import Conflict, NotFound
from orrery_wire.queue import QueueQuery, Ticket, TicketIn, TicketPatch, TicketQuery
from orrery_wire.schemas import Page

# The place of a ticket that came after the last look at the queue.
_LAST = sys.maxsize


class QueueService:
    """Tickets. A ticket of somebody else is ``NotFound``. ``offer`` looks at once whether a pool has room."""

    def __init__(
        self,
        database: Database,
        book: TicketBook,
        shapes: TicketShapes,
        view: QueueView,
        transitions: Transitions,
        *,
        resolve: ResolveLaunch,
        offer: Callable[[int], object],
        record: RecordChange,
    ) -> None:
        self._database = database
        self._book = book
        self._shapes = shapes
        self._view = view
        self._transitions = transitions
        self._resolve = resolve
        self._offer_in = offer
        self._record = record

    def list_own(self, user: User, query: TicketQuery) -> Page[Ticket]:
        """One page of the user's tickets, newest first."""
        with self._database.read() as session:
            rows, total = store.page(
                session,
                person_id=user.person_id,
                is_open=True if query.is_open else None,
                offset=query.offset,
                limit=query.limit,
            )
            items = self._shapes.of(session, rows)
        return Page(items=items, total=total, offset=query.offset, limit=query.limit)

    def get(self, user: User, ticket: int) -> Ticket:
        """One ticket of the user."""
        with self._database.read() as session:
            return self._shape(session, _owned(session, user, ticket))

    def request(self, user: User, request: TicketIn) -> Ticket:
        """Wait for a server; what is free is offered at once.

        Raises:
            OrreryError: the user may not start such a server, or waits for as many as a person may.
        """
        with self._database.write() as session:
            account = session.scalars(
                select(PersonRow.id).where(PersonRow.hub_name == user.name)
            ).one()
            launch = self._resolve(
                session, user.person_id, account, request.server_name, request.options
            )
            row = self._book.take(
                session,
                launch,
                user.name,
                priority=PRIORITIES[request.priority],
                is_auto_claim=request.auto_claim,
            )
            ticket, pool_id = row.id, row.pool_id
        self._offer(pool_id)
        return self.get(user, ticket)

    def claim(self, user: User, ticket: int) -> Ticket:
        """Take the offer of a ticket: its server is started.

        Raises:
            Conflict: there is no offer, or no longer.
        """
        with self._database.write() as session:
            row = _owned(session, user, ticket, lock=True)
            if row.state not in ("claimed", "started"):
                is_over = row.deadline is not None and db.now() >= row.deadline
                if row.state != "offered" or is_over:
                    raise _no_offer(row, is_over=is_over)
                self._transitions.claim(session, row, db.now(), user.name)
        return self.get(user, ticket)

    def cancel(self, user: User, ticket: int) -> None:
        """End a ticket of the user; one that has ended stays as it is."""
        with self._database.write() as session:
            row = _owned(session, user, ticket, lock=True)
            self._cancel(session, row, user, is_own=True)

    def list_all(self, query: QueueQuery) -> Page[Ticket]:
        """One page of the tickets of everybody: those that have not ended in the order of the queue."""
        with self._database.read() as session:
            pool_ids = store.pool_id_of(session, query.pool) if query.pool else None
            if query.ended:
                rows, total = store.page(
                    session,
                    q=query.q,
                    pool_ids=pool_ids,
                    state=query.state,
                    is_open=False,
                    offset=query.offset,
                    limit=query.limit,
                )
            else:
                places = store.open_places(session, q=query.q, pool_ids=pool_ids, state=query.state)
                total = len(places)
                ordered = sorted(places, key=lambda place: self._rank(session, place))
                page = ordered[query.offset : query.offset + query.limit]
                rows = store.in_order(session, [place.id for place in page])
            items = self._shapes.of(session, rows)
        return Page(items=items, total=total, offset=query.offset, limit=query.limit)

    def change(self, user: User, ticket: int, patch: TicketPatch) -> Ticket:
        """Give a ticket that waits another place or priority.

        Raises:
            Conflict: it does not wait.
        """
        with self._database.write() as session:
            row = _waiting(session, ticket)
            before = {"priority": row.priority, "pin": row.pin}
            if patch.priority is not None:
                row.priority = PRIORITIES[patch.priority]
            if patch.place is not None:
                self._pin(session, row, patch.place)
            session.flush()
            after = {"priority": row.priority, "pin": row.pin}
            if after != before:
                self._record(
                    session, user.name, "queue.change", str(row.id), before=before, after=after
                )
        self._view.forget()
        with self._database.read() as session:
            return self._shape(session, _existing(session.get(TicketRow, ticket)))

    def run_now(self, user: User, ticket: int) -> Ticket:
        """Let a ticket pass before all others of its pool: it gets what is free, or what becomes free next.

        Raises:
            Conflict: it does not wait.
        """
        with self._database.write() as session:
            row = _waiting(session, ticket)
            if not row.is_run_now:
                row.is_run_now = True
                self._record(
                    session,
                    user.name,
                    "queue.run_now",
                    str(row.id),
                    before={"run_now": False},
                    after={"run_now": True, "person_id": row.person_id},
                )
            pool_id = row.pool_id
        self._view.forget()
        self._offer(pool_id)
        with self._database.read() as session:
            return self._shape(session, _existing(session.get(TicketRow, ticket)))

    def remove(self, user: User, ticket: int) -> None:
        """End the ticket of somebody; one that has ended stays as it is."""
        with self._database.write() as session:
            row = _existing(store.locked(session, ticket))
            self._cancel(session, row, user, is_own=row.person_id == user.person_id)

    def _offer(self, pool_id: int) -> None:
        """Look whether a pool has room; what others are offered is not this request's doing."""
        token = request_context.set(RequestContext())
        try:
            self._offer_in(pool_id)
        finally:
            request_context.reset(token)

    def _cancel(self, session: Session, row: TicketRow, user: User, *, is_own: bool) -> None:
        if row.ended is None:
            self._transitions.cancel(session, row, db.now(), user.name, is_own=is_own)
            self._view.forget()

    def _pin(self, session: Session, row: TicketRow, place: int) -> None:
        rows = {other.id: other for other in store.waiting(session, row.pool_id)}
        ordered = [ticket.id for ticket in self._view.ordered(session, list(rows.values()))]
        for id_, pin in pins_for(ordered, row.id, place).items():
            rows[id_].pin = pin

    def _rank(self, session: Session, row: store.Place) -> tuple[int, int, int]:
        """Offers and claims first, then pool by pool in the order of the queue."""
        if row.state != "waiting":
            return (0, row.pool_id, row.id)
        place = self._view.places(session, row.pool_id).get(row.id, _LAST)
        return (1, row.pool_id, place)

    def _shape(self, session: Session, row: TicketRow) -> Ticket:
        (shape,) = self._shapes.of(session, [row])
        return shape


def _existing(row: TicketRow | None) -> TicketRow:
    if row is None:
        raise NotFound(
            "There is no such request in the queue",
            reason="It never was, it was removed long ago, or it is somebody else's.",
            remedy="Look at the list of your requests.",
        )
    return row


def _owned(session: Session, user: User, ticket: int, *, lock: bool = False) -> TicketRow:
    row = store.locked(session, ticket) if lock else session.get(TicketRow, ticket)
    return _existing(row if row is not None and row.person_id == user.person_id else None)


def _waiting(session: Session, ticket: int) -> TicketRow:
    row = _existing(store.locked(session, ticket))
    if row.state != "waiting":
        raise Conflict(
            "This request does not wait",
            reason=f"It is {row.state}.",
            remedy="Look at the list of the queue.",
            details={"current": row.state},
        )
    return row


def _no_offer(row: TicketRow, *, is_over: bool) -> Conflict:
    if is_over:
        reason = "Its time is over, and the devices go to the next in the queue."
    elif row.state == "waiting":
        reason = "It still waits for its turn."
    else:
        reason = f"The request is {row.state}."
    return Conflict(
        "There is no offer to claim",
        reason=reason,
        remedy="Wait for the next offer; you get a notice.",
        details={"current": row.state},
    )
