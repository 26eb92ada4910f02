"""Offers that nobody used: what was held for them was held from everybody else, and cost nothing."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from orrery_hub.base import db
from orrery_hub.queue import store
from orrery_wire.errors import Conflict

# An offer that was not used counts for so long.
_PERIOD = timedelta(hours=1)
# So many of a pool may a person give back, let pass or fail to start in that time. With ten minutes to claim, what is
# held for somebody who never comes is held for a third of the time at most.
LIMIT = 2


def refusal(
    session: Session, person_id: int, pool_id: int, *, with_standing: bool = False
) -> Conflict | None:
    """Why a person is offered nothing more of a pool now; None if that is not so.

    ``with_standing`` counts the offers, too, that the person has not claimed yet.
    """
    unused = store.unused_offers(session, person_id, pool_id, db.now() - _PERIOD)
    standing = store.standing_offers(session, person_id, pool_id) if with_standing else 0
    if unused + standing < LIMIT:
        return None
    return Conflict(
        "You cannot request devices of this pool now",
        reason=f"Within an hour you may leave {LIMIT} offers of a pool unused. You gave back or let pass {unused}"
        + (f", and have not claimed {standing}." if standing else "."),
        remedy="Start the server when a device is free, or wait: within an hour it goes on.",
        details={"cause": "person_limit", "limit": LIMIT},
    )
