"""What a person is told of a ticket, as a notice in the transaction of what happened."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from orrery_hub.base import notices
from orrery_hub.base.notices import Draft
from orrery_hub.queue import store
from orrery_hub.queue.store import TicketRow
from orrery_wire.notices import NoticeLevel
from orrery_wire.queue import WaitCause


def key_of(row: TicketRow) -> str:
    """The key of the one notice of a ticket."""
    return f"ticket:{row.id}"


def what_of(session: Session, row: TicketRow) -> str:
    """What the ticket is for, such as ``2 devices of A100``."""
    _, name = store.pool_names(session, [row.pool_id]).get(row.pool_id, ("", "the pool"))
    if not row.devices:
        return f"room in {name}"
    return f"{'a device' if row.devices == 1 else f'{row.devices} devices'} of {name}"


def tell_offered(session: Session, row: TicketRow) -> None:
    """The devices are there: claim them."""
    what = what_of(session, row)
    notices.put(
        session,
        Draft(
            key=key_of(row),
            person_id=row.person_id,
            kind="claim",
            level="warning",
            message=f"{what[0].upper()}{what[1:]} is yours: claim it.",
            reason="It is held for you until then, and goes to the next in the queue after that.",
            remedy="Claim it, or cancel the request.",
            subject=str(row.id),
            action="claim",
            deadline=row.deadline,
        ),
    )


def tell_missed(session: Session, row: TicketRow) -> None:
    """Nobody claimed it in time: the request is at the end of the queue."""
    _tell(
        session,
        row,
        f"The offer of {what_of(session, row)} was not claimed in time.",
        reason="It went to the next in the queue; your request waits at the end.",
        remedy="Claim the next offer, or cancel the request.",
    )


def tell_expired(session: Session, row: TicketRow) -> None:
    """Nobody claimed it, and not for the first time: the request has ended."""
    _tell(
        session,
        row,
        f"Your request for {what_of(session, row)} has ended.",
        reason=f"{row.missed_offers} offers were not claimed in time.",
        remedy="Request it again when you need it.",
    )


def tell_failed(session: Session, row: TicketRow, cause: WaitCause) -> None:
    """The request has ended because it cannot be met, or the server did not start."""
    _tell(
        session,
        row,
        f"Your request for {what_of(session, row)} has failed.",
        reason=cause.text,
        remedy=cause.remedy,
        level="error",
    )


def tell_started(session: Session, row: TicketRow) -> None:
    """The server runs with the devices."""
    _tell(session, row, f"Your server runs with {what_of(session, row)}.", level="info")


def tell_overtaken(session: Session, row: TicketRow) -> None:
    """The person started the server with something else, which is not stopped for the request."""
    _tell(
        session,
        row,
        f"Your request for {what_of(session, row)} has ended.",
        reason="The server was started with something else before it could move.",
        remedy="Request it again if you still need it.",
    )


def tell_removed(session: Session, row: TicketRow) -> None:
    """An administrator cancelled the request."""
    _tell(
        session,
        row,
        f"Your request for {what_of(session, row)} was cancelled.",
        reason="An administrator of the hub did it.",
        remedy="Ask an administrator, or request it again.",
    )


def withdraw(session: Session, row: TicketRow) -> None:
    """Nothing is to be told of the ticket any more."""
    notices.withdraw(session, row.person_id, key_of(row))


def _tell(
    session: Session,
    row: TicketRow,
    message: str,
    *,
    reason: str = "",
    remedy: str = "",
    level: NoticeLevel = "warning",
    deadline: datetime | None = None,
) -> None:
    notices.put(
        session,
        Draft(
            key=key_of(row),
            person_id=row.person_id,
            kind="queue",
            level=level,
            message=message,
            reason=reason,
            remedy=remedy,
            subject=str(row.id),
            deadline=deadline,
        ),
    )
