"""Budgets: rates, the ledger of used minutes, limits that stop servers, requests for more, costs."""

from sqlalchemy.orm import Session

from orrery_hub.base.capability import Capability, HubContext, Runtime
from orrery_hub.budgets import ledger_store, store
from orrery_hub.budgets.costs import CostService
from orrery_hub.budgets.enforcer import Enforcer
from orrery_hub.budgets.launch import advise
from orrery_hub.budgets.rates import RateService
from orrery_hub.budgets.requests import RequestService
from orrery_hub.budgets.routes import pages_router, router
from orrery_hub.budgets.rules import rules
from orrery_hub.budgets.service import BudgetService


def _build(context: HubContext) -> Runtime:
    currency, record = context.settings.currency, context.record
    enforcer = Enforcer(context.database, context.servers.stop, context.metrics, record)
    costs = CostService(context.database, context.memberships)
    routes = router(
        BudgetService(context.database, context.memberships, currency=currency, record=record),
        RequestService(context.database, context.memberships, record=record),
        RateService(context.database, currency=currency, record=record),
        costs,
    )
    return Runtime(
        routes,
        pages=lambda login, _: pages_router(costs, login),
        background=enforcer.run,
        notices=enforcer.notices,
    )


def _merge(session: Session, source: int, target: int) -> None:
    store.merge(session, source, target)
    ledger_store.merge(session, source, target)


CAPABILITY = Capability(
    "budgets",
    _build,
    merge=_merge,
    advise_launch=advise,
    rules=rules,
    leave=store.leave,
    lease_ended=ledger_store.unsettle,
)
