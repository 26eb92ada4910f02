"""Servers that run without a lease in a hub with pools: each gets back what it was started with, or is stopped.

Nothing that runs is free: what a server was started with is known from the lease that it had, or from the options that
JupyterHub has of it. A server of which nobody knows what it uses is stopped, after a notice that leaves time to save.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from orrery_hub.base import notices
from orrery_hub.base.contracts import RecordChange
from orrery_hub.base.notices import Draft
from orrery_hub.pools import store
from orrery_hub.pools.leases import PoolLeases
from orrery_hub.pools.planning import Account, Planner
from orrery_hub.pools.store import LeaseRow
from orrery_wire.errors import OrreryError
from orrery_wire.json_types import JsonObject

# So long a person has to save before a server is stopped.
GRACE = timedelta(minutes=10)
# JupyterHub notes a start a moment before it asks for the lease, by its own clock.
_SLACK = timedelta(seconds=60)


@dataclass(frozen=True)
class UnleasedServer:
    """A server that runs without a lease: whose it is, when JupyterHub began to start it, and with which options."""

    account: Account
    user: str
    name: str
    started: datetime | None
    options: JsonObject = field(default_factory=dict)

    @property
    def key(self) -> tuple[int, str]:
        """What tells it apart from every other server."""
        return self.account.id, self.name


class Unleased:
    """What becomes of servers without a lease. One object looks at all of them, again and again."""

    def __init__(self, leases: PoolLeases, planner: Planner, record: RecordChange) -> None:
        self._leases = leases
        self._planner = planner
        self._record = record
        # Since when each was seen without a lease, and until when it may run.
        self._seen: dict[tuple[int, str], datetime] = {}
        self._deadlines: dict[tuple[int, str], tuple[int, datetime]] = {}
        self._restored: set[int] = set()
        self._left = 0

    def notices(self) -> Sequence[str]:
        """What an operator has to know, without names."""
        texts = []
        if self._left:
            texts.append(
                f"{_servers(self._left)} on perhaps: JupyterHub could not stop what it started. What is held stays held"
                " until the process or pod is removed by hand and the server is started again. The audit log names them"
                " (pools.lease.left)."
            )
        if count := len(self._deadlines):
            texts.append(
                f"{_servers(count)} without a lease of the pools, so that nobody knows what is used; they are stopped"
                f" {GRACE.seconds // 60} minutes after a notice. The audit log names them (pools.unleased)."
            )
        if count := len(self._restored):
            texts.append(
                f"{_servers(count)} though the lease had ended, and got it back: devices may be held twice until one of"
                " the servers stops. The audit log names them (pools.lease.restore, pools.lease.resume)."
            )
        return texts

    def settle(
        self, session: Session, servers: Sequence[UnleasedServer], moment: datetime
    ) -> Sequence[UnleasedServer]:
        """Give leases back; the result are the servers to stop."""
        seen, self._seen = self._seen, {server.key: moment for server in servers}
        deadlines, self._deadlines = self._deadlines, {}
        open_leases = {row.id: row.end_reason for row in store.open_leases(session)}
        self._restored &= open_leases.keys()
        self._left = [*open_leases.values()].count(store.LEFT_RUNNING)
        first = store.first_profile(session)
        stops = []
        for server in servers:
            if server.started is not None and first is not None and server.started < first:
                self._leases.adopt(session, *_ids(server), server.name)
            elif server.key not in seen:
                continue  # the report of its end, or its lease, may be on its way
            elif (lease := self._give_back(session, server, moment)) is not None:
                self._restored.add(lease.id)
            else:
                person, deadline = deadlines.get(server.key) or self._warn(session, server, moment)
                self._deadlines[server.key] = person, deadline
                if moment >= deadline:
                    stops.append(server)
        self._withdraw(session, deadlines)
        return stops

    def _give_back(
        self, session: Session, server: UnleasedServer, moment: datetime
    ) -> LeaseRow | None:
        if server.started is None:
            return None
        former = store.last_lease(session, *server.key)
        ended = former.ended_at if former else None
        is_its = (
            former is not None
            and ended is not None
            and former.reserved_at - _SLACK <= server.started <= ended <= moment
        )
        if former is not None and is_its:
            self._leases.restore(session, former, moment)
            return former
        try:
            plan = self._planner.plan(session, server.account, server.name, server.options)
        except OrreryError:
            return None  # it does not say what a server of today's pools may have
        since = min(moment, max(server.started, ended or server.started))
        return self._leases.resume(session, plan.request, since)

    def _warn(
        self, session: Session, server: UnleasedServer, moment: datetime
    ) -> tuple[int, datetime]:
        deadline = moment + GRACE
        self._record(
            session,
            "orrery",
            "pools.unleased",
            f"{server.user}/{server.name}",
            after={"started": server.started, "stopped_after": deadline},
        )
        notices.put(
            session,
            Draft(
                key=_notice_key(server.key),
                person_id=server.account.person_id,
                kind="message",
                level="error",
                message="This server will be stopped",
                reason="It holds nothing of the hub's pools, so nobody knows what it uses or who pays for it.",
                remedy="Save your work now, and start the server again with a profile.",
                server=server.name,
                deadline=deadline,
            ),
        )
        return server.account.person_id, deadline

    def _withdraw(
        self, session: Session, former: Mapping[tuple[int, str], tuple[int, datetime]]
    ) -> None:
        for key in former.keys() - self._deadlines.keys():
            notices.withdraw(session, former[key][0], _notice_key(key))


def _ids(server: UnleasedServer) -> tuple[int, int]:
    return server.account.id, server.account.person_id


def _notice_key(key: tuple[int, str]) -> str:
    return f"unleased:{key[0]}:{key[1]}"[:128]


def _servers(count: int) -> str:
    return "One server runs" if count == 1 else f"{count} servers run"
