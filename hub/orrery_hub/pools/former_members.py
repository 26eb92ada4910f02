"""Servers that work for a project of which their person is no owner or editor any more: they stop, after a notice.

Whoever is removed from a project, or is only a viewer of it now, could not start such a server. It would go on spending
what is the project's, and its owners could not stop it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import exists, select
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
            f"{what} for a project that their person left; they are stopped {GRACE.seconds // 60} minutes after a notice."
            " The audit log names them (pools.left_project).",
        )

    def settle(self, session: Session, moment: datetime) -> Sequence[tuple[str, str]]:
        """Tell people; the result are the servers to stop, by user and name."""
        former, self._deadlines = self._deadlines, {}
        stops = []
        for row, slug in _leases(session):
            known = former.get(row.id) or self._warn(session, row, slug, moment)
            self._deadlines[row.id] = known
            if moment >= known[1]:
                user = names(session, [row.account_id]).get(row.account_id, "")
                stops.append((user, row.server_name))
        for lease_id in former.keys() - self._deadlines.keys():
            notices.withdraw(session, former[lease_id][0], _key(lease_id))
        return stops

    def _warn(
        self, session: Session, row: LeaseRow, slug: str, moment: datetime
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
                reason=f"It works for the project {slug}, of which you are no owner or editor any more.",
                remedy="Save your work now, and start the server again for another project.",
                server=row.server_name,
                deadline=deadline,
            ),
        )
        return row.person_id, deadline


def _leases(session: Session) -> list[tuple[LeaseRow, str]]:
    """The running leases for projects of which their people are no owners or editors, with the project's slug."""
    works_in_it = exists().where(
        MEMBER.c.project_id == LeaseRow.project_id,
        MEMBER.c.person_id == LeaseRow.person_id,
        MEMBER.c.role.in_(("owner", "editor")),
    )
    query = (
        select(LeaseRow, PROJECT.c.slug)
        .join(PROJECT, PROJECT.c.id == LeaseRow.project_id)
        .where(store.OPEN, LeaseRow.state == "running", ~works_in_it)
    )
    return [(row, slug) for row, slug in session.execute(query)]  # rows, not pairs


def _key(lease_id: int) -> str:
    return f"left-project:{lease_id}"
