"""Notices: what the hub tells people in their labs."""

from datetime import datetime

from orrery_hub.base import notices
from orrery_hub.base.capability import Capability, HubContext, Runtime
from orrery_hub.notices.routes import router
from orrery_hub.notices.service import NoticeService


def _build(context: HubContext) -> Runtime:
    def purge(_: datetime) -> None:
        with context.database.write() as session:
            notices.purge(session)

    return Runtime(router(NoticeService(context.database, record=context.record)), purge=purge)


CAPABILITY = Capability("notices", _build, transfer=notices.transfer)
