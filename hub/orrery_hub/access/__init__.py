"""Access: roles at the hub, what they allow, what groups at the log-in provider give, and explanations."""

from typing import NamedTuple

from fastapi import APIRouter

from orrery_hub.access import share_pages, store, token_pages
from orrery_hub.access.enforcement import Access
from orrery_hub.access.explain import Explainer
from orrery_hub.access.routes import router
from orrery_hub.access.service import AccessService
from orrery_hub.access.shares import HubShares
from orrery_hub.access.tokens import HubTokens
from orrery_hub.base.capability import Capability, HubContext, Runtime
from orrery_hub.base.login import Login
from orrery_hub.base.pages import Pages


class Parts(NamedTuple):
    """What decides, what an administrator changes, and what explains."""

    access: Access
    service: AccessService
    explainer: Explainer


def create(context: HubContext) -> Parts:
    """The parts on a database and a hub; also for the command line."""
    settings = context.settings
    access = Access(
        context.database,
        provider_roles=context.provider_roles,
        record=context.record,
        metrics=context.metrics,
        default_role=settings.default_role,
        administrators=settings.admins,
        administrator_groups=settings.administrator_groups(),
        seconds=settings.token_cache_seconds,
    )
    service = AccessService(context.database, access, context.memberships, record=context.record)
    explainer = Explainer(
        context.database, access, context.accounts, routes=context.routes, rules=context.rules
    )
    return Parts(access, service, explainer)


def _build(context: HubContext) -> Runtime:
    access, service, explainer = create(context)
    tokens, shares = HubTokens(context.hub), HubShares(context.hub)

    def all_pages(login: Login, pages: Pages) -> APIRouter:
        routes = APIRouter()
        routes.include_router(token_pages.router(service, tokens, login, pages))
        routes.include_router(share_pages.router(service, shares, login, pages))
        return routes

    return Runtime(
        router(service, explainer),
        pages=all_pages,
        background=access.run,
        permissions=access,
    )


CAPABILITY = Capability("access", _build, renamed=store.forget_claims, leave=store.leave)
