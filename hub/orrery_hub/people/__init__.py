"""People: who has used the hub, and giving what belongs to one of them to another."""

from orrery_hub.base.capability import Capability, HubContext, Runtime
from orrery_hub.people.follow import Follower
from orrery_hub.people.routes import router
from orrery_hub.people.service import PeopleService


def _build(context: HubContext) -> Runtime:
    service = PeopleService(
        context.database,
        transfers=context.transfers,
        record=context.record,
        on_merge=context.accounts.forget,
        projects=context.project_facts,
        activity=context.accounts.activity,
        servers=context.servers.all,
    )
    follower = Follower(context.accounts, context.metrics, context.settings.group_check_seconds)
    return Runtime(router(service), background=follower.run)


CAPABILITY = Capability("people", _build)
