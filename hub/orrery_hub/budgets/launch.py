"""What budgets say about a server before it starts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from orrery_hub.base import db
from orrery_hub.base.contracts import LaunchAdvice, LaunchRequest
from orrery_hub.budgets import ledger_store, store
from orrery_hub.budgets.charging import prices
from orrery_hub.budgets.ledger import Quantity, minute_of, rate_at
from orrery_hub.budgets.limits import burn
from orrery_hub.budgets.standings import Draw, Standing, evaluate, targets_of
from orrery_hub.budgets.wording import allowance, subject_of
from orrery_wire.errors import Conflict, OrreryError

_MIB = 1024 * 1024


def advise(session: Session, request: LaunchRequest, /, *, lock: bool = False) -> LaunchAdvice:
    """Why the budgets do not allow a server, what an hour of it costs, and what money is left.

    Whatever runs, starts or is reserved has its first minutes left to it: so servers that start side by side do not
    each take the same rest of a budget.
    """
    moment = db.now()
    quantity = Quantity(
        request.devices, round(request.cpu * 1000), -(-request.memory_bytes // _MIB)
    )
    rates = ledger_store.rates(session)
    rate = rate_at(minute_of(moment), rates.get(request.pool_id, []))  # of the first minute
    price = rate.price(quantity) if rate else 0
    standings = _bearing_on(session, request, moment, lock=lock)
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
    session: Session, request: LaunchRequest, moment: datetime, *, lock: bool
) -> Sequence[Standing]:
    person, project = request.person_id, request.project_id
    projects = [project] if project is not None else []
    budgets = store.bearing_on(session, [person], projects)
    if not budgets:
        return ()
    if lock:
        store.lock_subjects(session, budgets, person)
    others = [
        lease
        for lease in ledger_store.held(session, person_id=person, project_ids=projects)
        if (lease.account_id, lease.server) != (request.account_id, request.server_name)
    ]
    rates = ledger_store.rates(session)
    draws = [Draw(lease, price) for lease, price in prices(others, rates, minute_of(moment))]
    return evaluate(session, targets_of(budgets, person), draws, moment)


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
