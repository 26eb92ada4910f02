"""The queue: requests for devices that wait, are offered what becomes free, and are claimed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from orrery_hub.base.capability import Capability, HubContext, Runtime
from orrery_hub.base.contracts import Judge, Memberships
from orrery_hub.base.ownership import as_own
from orrery_hub.queue import store
from orrery_hub.queue.dispatcher import Dispatcher
from orrery_hub.queue.launch_queue import TicketQueue
from orrery_hub.queue.routes import router
from orrery_hub.queue.service import QueueService
from orrery_hub.queue.starter import Starter
from orrery_hub.queue.tickets import TicketShapes


def _build(context: HubContext) -> Runtime:
    queue = context.queue
    if not isinstance(queue, TicketQueue):
        queue = TicketQueue(context.settings, context.leases, context.record)
    dispatcher = Dispatcher(
        context.database,
        context.leases,
        queue.view,
        queue.transitions,
        gates=context.gates,
        advisors=context.advisors,
    )
    service = QueueService(
        context.database,
        queue.book,
        TicketShapes(queue.view, context.projects),
        queue.view,
        queue.transitions,
        resolve=context.resolve_launch,
        offer=dispatcher.offer_in,
        record=context.record,
    )

    def purge(before: datetime) -> None:
        with context.database.write() as session:
            store.purge(session, before)

    starter = Starter(
        dispatcher,
        context.hub,
        context.metrics,
        tick_seconds=context.settings.queue_tick_seconds,
    )
    return Runtime(router(service), background=starter.run, purge=purge, notices=dispatcher.notices)


def _rules(_: Memberships) -> Mapping[str, Judge]:
    own = as_own("request", store.TicketRow.id, store.TicketRow.person_id)
    return {f"tickets.{name}": own for name in ("get", "cancel", "claim")}


CAPABILITY = Capability(
    "queue",
    _build,
    merge=store.merge,
    queue=TicketQueue,
    rules=_rules,
    leave=store.leave,
)
