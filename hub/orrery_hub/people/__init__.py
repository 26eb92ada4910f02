"""People: who has used the hub, and giving what belongs to one of them to another."""

import functools

from orrery_hub.base.capability import Capability, HubContext, Runtime
from orrery_hub.people.follow import Follower
from orrery_hub.people.hub_accounts import HubAccounts
from orrery_hub.people.offboarding import Offboarder, leaving_leases
from orrery_hub.people.places import home_of, log_in_of
from orrery_hub.people.routes import router
from orrery_hub.people.service import PeopleService


def _build(context: HubContext) -> Runtime:
    service = PeopleService(
        context.database,
        transfers=context.transfers,
        merges=context.merges,
        record=context.record,
        on_merge=context.accounts.forget,
        projects=context.project_facts,
        activity=context.accounts.activity,
        servers=context.servers.all,
    )
    follower = Follower(context.accounts, context.metrics, context.settings.group_check_seconds)
    offboarder = Offboarder(
        context.database,
        HubAccounts(context.hub),
        leaves=[*context.leaves, leaving_leases(context.leases)],
        content_leaves=context.content_leaves,
        transfers=context.transfers,
        record=context.record,
        home=functools.partial(home_of, context.settings),
        log_in=log_in_of(context.settings),
        on_change=context.accounts.forget,
        follow=context.accounts.reconcile,
    )
    return Runtime(
        router(service, offboarder),
        background=follower.run,
        bulk_actions=(offboarder.bulk_action(),),
    )


CAPABILITY = Capability("people", _build)
