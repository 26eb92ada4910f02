"""What budgets say about a server before it starts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from orrery_hub.base import db
from orrery_hub.base.contracts import LaunchAdvice, LaunchRequest
from orrery_hub.budgets import ledger_store, store
from orrery_hub.budgets.ledger import Quantity, minute_of, rate_at
from orrery_hub.budgets.limits import burn
from orrery_hub.budgets.standings import Standing, evaluate, targets_of
from orrery_hub.budgets.wording import allowance, subject_of
from orrery_wire.errors import Conflict, OrreryError

_MIB = 1024 * 1024


def advise(session: Session, request: LaunchRequest) -> LaunchAdvice:
    """Why the budgets do not allow a server, what an hour of it costs, and what money is left."""
    moment = db.now()
    quantity = Quantity(
        request.devices, round(request.cpu * 1000), -(-request.memory_bytes // _MIB)
    )
    rates = ledger_store.rates(session).get(request.pool_id, [])
    rate = rate_at(minute_of(moment), rates)  # of the first minute that would be charged
    price = rate.price(quantity) if rate else 0
    standings = _bearing_on(session, request.person_id, request.project_id, moment)
    money = [s.position.remaining for s in standings if s.budget.resource == "money"]
    refused = [
        s for s in standings if not s.position.allows(burn(s.budget.resource, quantity, price))
    ]
    return LaunchAdvice(
        refusal=_refusal(session, refused[0]) if refused else None,
        price_micros=price * 60 if rate else None,
        currency=ledger_store.currency(session, rate.id) if rate else "",
        budget_left_micros=min(money, default=None),
    )


def _bearing_on(
    session: Session, person_id: int, project_id: int | None, moment: datetime
) -> Sequence[Standing]:
    projects = [project_id] if project_id is not None else []
    budgets = store.bearing_on(session, [person_id], projects)
    return evaluate(session, targets_of(budgets, person_id), [], moment)


def _refusal(session: Session, standing: Standing) -> OrreryError:
    what = allowance(standing.budget)
    whose = subject_of(session, standing.budget)
    is_exhausted = standing.position.is_exhausted
    return Conflict(
        f"The budget of {whose} does not allow this server",
        reason=(
            f"The {what} are used up."
            if is_exhausted
            else f"What is left of the {what} would be used up within minutes."
        ),
        remedy="Ask for more, choose a smaller profile, or wait for the next period.",
        details={"cause": "budget", "budget": standing.budget.id},
    )
