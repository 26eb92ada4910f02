"""Notices: what the hub tells people in their labs."""

from collections.abc import Mapping
from datetime import datetime

from orrery_hub.base import notices
from orrery_hub.base.capability import Capability, HubContext, Runtime
from orrery_hub.base.contracts import Judge, Memberships
from orrery_hub.base.ownership import as_own
from orrery_hub.notices.routes import router
from orrery_hub.notices.service import NoticeService


def _build(context: HubContext) -> Runtime:
    service = NoticeService(context.database, announces=context.announces, record=context.record)

    def purge(_: datetime) -> None:
        service.purge()

    return Runtime(router(service), purge=purge)


def _rules(_: Memberships) -> Mapping[str, Judge]:
    own = as_own("notice", notices.NoticeRow.id, notices.NoticeRow.person_id)
    return {"notices.dismiss": own}


CAPABILITY = Capability("notices", _build, merge=notices.transfer, rules=_rules)
