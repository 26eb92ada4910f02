"""The notice to a person whose idle server is about to be stopped."""

from __future__ import annotations

from orrery_hub.base.notices import Draft
from orrery_hub.culling.judgement import Warned
from orrery_hub.culling.store import Case


def notice_key(lease_id: int) -> str:
    """The notice's key: a server has one."""
    return f"cull:{lease_id}"


def warning_draft(case: Case, warned: Warned, extensions_left: int) -> Draft:
    """The notice, with a button as long as the stop may be put off."""
    remedy = (
        f"Run something, or extend; that can be done {extensions_left} more times."
        if extensions_left
        else "Run something, or save your work: it cannot be extended any more."
    )
    is_unknown = case.as_server().state(warned.at) == "unknown"
    return Draft(
        key=notice_key(case.lease_id),
        person_id=case.person_id,
        kind="cull",
        level="warning",
        message="This server "
        + ("may be unused" if is_unknown else "is idle")
        + " and will be stopped",
        reason="It is not known whether its devices are used: the lab does not report, or cannot measure them."
        if is_unknown
        else "No kernel has computed anything and no device was used for a while.",
        remedy=remedy,
        server=case.server,
        subject=str(case.lease_id),
        action="extend" if extensions_left else "",
        deadline=warned.deadline,
    )
