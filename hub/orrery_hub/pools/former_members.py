"""Servers that work for a project for which their person could not start them any more: they stop, after a notice.

The person was removed from the project, or is only a viewer of it now, or it was deleted or archived. Such a server
would go on spending what is the project's, and nobody of the project could stop it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import case, exists, select
from sqlalchemy.orm import Session

from orrery_hub.base import notices
from orrery_hub.base.contracts import RecordChange
from orrery_hub.base.notices import Draft
from orrery_hub.base.people import names
from orrery_hub.base.shared_tables import MEMBER, PROJECT
from orrery_hub.pools import store
from orrery_hub.pools.store import LeaseRow

# So long a person has to save before a server is stopped.
GRACE = timedelta(minutes=10)


class FormerMembers:
    """Looks at running servers again and again; a restart of the service gives everybody the whole time anew."""

    def __init__(self, record: RecordChange) -> None:
        self._record = record
        # Until when each server may run, and whose it is, by lease.
        self._deadlines: dict[int, tuple[int, datetime]] = {}

    def notices(self) -> Sequence[str]:
        """What an operator has to know, without names."""
        count = len(self._deadlines)
        if not count:
            return ()
        what = "One server works" if count == 1 else f"{count} servers work"
        return (
            f"{what} for a project that their person left, or that was deleted or archived; they are stopped {GRACE.seconds // 60} minutes after a notice."
            " The audit log names them (pools.left_project).",
        )

    def settle(self, session: Session, moment: datetime) -> Sequence[tuple[str, str]]:
        """Tell people; the result are the servers to stop, by user and name."""
        former, self._deadlines = self._deadlines, {}
        stops = []
        for row, slug, reason in _leases(session):
            known = former.get(row.id) or self._warn(session, row, slug, reason, moment)
            self._deadlines[row.id] = known
            if moment >= known[1]:
                user = names(session, [row.account_id]).get(row.account_id, "")
                stops.append((user, row.server_name))
        for lease_id in former.keys() - self._deadlines.keys():
            notices.withdraw(session, former[lease_id][0], _key(lease_id))
        return stops

    def _warn(
        self, session: Session, row: LeaseRow, slug: str, reason: str, moment: datetime
    ) -> tuple[int, datetime]:
        deadline = moment + GRACE
        user = names(session, [row.account_id]).get(row.account_id, "")
        self._record(
            session,
            "orrery",
            "pools.left_project",
            f"{user}/{row.server_name}",
            project=slug,
            after={"lease": row.id, "stopped_after": deadline},
        )
        notices.put(
            session,
            Draft(
                key=_key(row.id),
                person_id=row.person_id,
                kind="message",
                level="error",
                message="This server will be stopped",
                reason=f"It works for the project {slug}, {reason}.",
                remedy="Save your work now, and start the server again for another project.",
                server=row.server_name,
                deadline=deadline,
            ),
        )
        return row.person_id, deadline


def _leases(session: Session) -> list[tuple[LeaseRow, str, str]]:
    """The running leases that could not begin now, with the project's slug and what has become of it or its member."""
    works_in_it = exists().where(
        MEMBER.c.project_id == LeaseRow.project_id,
        MEMBER.c.person_id == LeaseRow.person_id,
        MEMBER.c.role.in_(("owner", "editor")),
    )
    is_over = PROJECT.c.deleted.is_not(None) | PROJECT.c.archived.is_not(None)
    reason = case(
        (PROJECT.c.deleted.is_not(None), "which was deleted"),
        (PROJECT.c.archived.is_not(None), "which was archived"),
        else_="of which you are no owner or editor any more",
    )
    query = (
        select(LeaseRow, PROJECT.c.slug, reason)
        .join(PROJECT, PROJECT.c.id == LeaseRow.project_id)
        .where(store.OPEN, LeaseRow.state == "running", is_over | ~works_in_it)
    )
    return [(row, slug, text) for row, slug, text in session.execute(query)]  # rows


def _key(lease_id: int) -> str:
    return f"left-project:{lease_id}"
