"""Where budgets stand: limit and grants, use in the present period, and what draws on them now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from orrery_hub.budgets import ledger_store, store
from orrery_hub.budgets.charging import prices
from orrery_hub.budgets.ledger import minute_in
from orrery_hub.budgets.ledger_store import Amounts, LeaseFacts
from orrery_hub.budgets.limits import Position, burn, first_minute
from orrery_hub.budgets.store import BudgetRow


@dataclass(frozen=True)
class Draw:
    """A running server, and what a minute of it costs in micro-units."""

    lease: LeaseFacts
    price: int


@dataclass(frozen=True)
class Standing:
    """A budget for one subject; ``person_id`` is whose, also of a budget of everyone."""

    budget: BudgetRow
    person_id: int | None
    position: Position
    granted: int
    draws: Sequence[Draw] = field(default=())

    def demand(self, draw: Draw) -> int:
        """What a server takes of it each minute."""
        return burn(self.budget.resource, draw.lease.quantity, draw.price)


def draws_of(session: Session, leases: Sequence[LeaseFacts], moment: datetime) -> list[Draw]:
    """Running servers with what a minute of them costs now."""
    rates = ledger_store.rates(session)
    return [Draw(lease, price) for lease, price in prices(leases, rates, minute_in(moment))]


def standings(
    session: Session, budgets: Sequence[BudgetRow], draws: Sequence[Draw], moment: datetime
) -> list[Standing]:
    """Where each budget stands for each subject that draws on it; a budget of everyone once for each such person.

    ``draws`` are all servers that draw on any of them.
    """
    targets = list(_targets(budgets, draws))
    return evaluate(session, targets, draws, moment)


Target = tuple[BudgetRow, int | None]


def _targets(budgets: Sequence[BudgetRow], draws: Sequence[Draw]) -> Iterable[Target]:
    own = {(b.person_id, b.resource, b.period) for b in budgets if b.subject == "person"}
    people = sorted({draw.lease.person_id for draw in draws})
    for budget in budgets:
        if budget.subject == "everyone":
            for person in people:
                if (person, budget.resource, budget.period) not in own:
                    yield budget, person
        else:
            yield budget, budget.person_id


def evaluate(
    session: Session, targets: Sequence[Target], draws: Sequence[Draw], moment: datetime
) -> list[Standing]:
    """Where budgets stand for the people given with them."""
    granted = store.grants(session, {budget.id for budget, _ in targets}, moment)
    used = _used(session, targets, moment)
    result = []
    for budget, person in targets:
        is_everyone = budget.subject == "everyone"
        extra = granted.get((budget.id, None), 0)
        if is_everyone:
            extra += granted.get((budget.id, person), 0)
        own = [draw for draw in draws if _counts(budget, person, draw.lease)]
        amounts = used.get(_key(budget, person, moment), Amounts())
        speed = sum(burn(budget.resource, draw.lease.quantity, draw.price) for draw in own)
        position = Position(budget.amount + extra, amounts.of(budget.resource), speed)
        result.append(Standing(budget, person, position, extra, own))
    return result


def _counts(budget: BudgetRow, person: int | None, lease: LeaseFacts) -> bool:
    if budget.subject == "project":
        return lease.project_id == budget.project_id
    return lease.person_id == person


_Key = tuple[str, int, int | None]


def _key(budget: BudgetRow, person: int | None, moment: datetime) -> _Key:
    since = first_minute(budget.period, moment)
    if budget.subject == "project":
        return "project", since, budget.project_id
    return "person", since, person


def _used(session: Session, targets: Sequence[Target], moment: datetime) -> dict[_Key, Amounts]:
    """The use of every subject in its period, one query for each period."""
    groups: dict[tuple[str, int], set[int]] = {}
    for budget, person in targets:
        by, since, owner = _key(budget, person, moment)
        if owner is not None:
            groups.setdefault((by, since), set()).add(owner)
    result: dict[_Key, Amounts] = {}
    for (by, since), ids in groups.items():
        sums = ledger_store.sums(session, "project" if by == "project" else "person", ids, since)
        result |= {(by, since, owner): amounts for owner, amounts in sums.items()}
    return result


def targets_of(budgets: Sequence[BudgetRow], person_id: int) -> list[Target]:
    """The budgets that bear on a person: one of the person's own takes the place of everyone's."""
    own = {(b.resource, b.period) for b in budgets if b.subject == "person"}
    return [
        (b, None if b.subject == "project" else person_id)
        for b in budgets
        if b.subject != "everyone" or (b.resource, b.period) not in own
    ]


def overview(
    session: Session, budgets: Sequence[BudgetRow], draws: Sequence[Draw], moment: datetime
) -> list[Standing]:
    """Where each budget stands; one of everyone as it does for the person who used most of it."""
    targets: list[Target] = []
    for budget in budgets:
        person = budget.person_id
        if budget.subject == "everyone":
            person = _heaviest(session, budget, moment)
        targets.append((budget, person))
    return evaluate(session, targets, draws, moment)


def _heaviest(session: Session, budget: BudgetRow, moment: datetime) -> int | None:
    since = first_minute(budget.period, moment)
    own = store.people_with_own(session, budget)
    sums = ledger_store.sums(session, "person", None, since)
    amounts = {
        person: amounts.of(budget.resource) for person, amounts in sums.items() if person not in own
    }
    return max(amounts, key=amounts.__getitem__, default=None)
