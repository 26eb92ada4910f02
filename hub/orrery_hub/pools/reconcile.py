"""Keeps leases equal to the servers that JupyterHub runs."""

from __future__ import annotations

import asyncio
import functools
import logging
import operator
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import select
from sqlalchemy.orm import Session

from orrery_hub.base import db
from orrery_hub.base.accounts import Account, Accounts, account_of
from orrery_hub.base.contracts import StopServer
from orrery_hub.base.db import Database
from orrery_hub.base.metrics import Metrics
from orrery_hub.base.people import PersonRow
from orrery_hub.pools import planning, store
from orrery_hub.pools.former_members import FormerMembers
from orrery_hub.pools.leases import PoolLeases
from orrery_hub.pools.store import LeaseRow
from orrery_hub.pools.unleased import Unleased, UnleasedServer
from orrery_wire.errors import BackendUnavailable, Forbidden, NotFound, OrreryError
from orrery_wire.json_types import JsonObject

log = logging.getLogger("orrery_hub.pools")

_PAGE = 200
_PAGINATION = {"Accept": "application/jupyterhub-pagination+json"}
# A start that was not reported as done, and whose server JupyterHub does not know, failed this long ago.
_START_GRACE = timedelta(seconds=60)
RETRY_SECONDS = 10.0


@dataclass(frozen=True)
class RunningServer:
    """A server that JupyterHub runs, starts or stops."""

    account: Account
    name: str
    is_ready: bool
    started: datetime | None = None
    options: JsonObject = field(default_factory=dict)


# Stops a server, by user and name.


class Reconciler:
    """Compares every ``seconds``: a lease whose server is gone ends, a server without a lease gets its own back, or is stopped.

    ``before`` is called before each comparison, in a thread.
    """

    def __init__(
        self,
        database: Database,
        hub: httpx.AsyncClient,
        accounts: Accounts,
        leases: PoolLeases,
        metrics: Metrics,
        seconds: float,
        *,
        unleased: Unleased,
        former_members: FormerMembers,
        stop: StopServer,
        before: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._hub = hub
        self._accounts = accounts
        self._leases = leases
        self._metrics = metrics
        self._seconds = seconds
        self._unleased = unleased
        self._former_members = former_members
        self._stop = stop
        self._before = before
        self._is_failing = False
        # Running leases whose server was not there the last time; the report of its stop may be on its way.
        self._missing: set[int] = set()

    async def run(self) -> None:
        """Compare until cancelled."""
        while True:
            is_done = await self.compare()
            await asyncio.sleep(self._seconds if is_done else min(RETRY_SECONDS, self._seconds))

    async def compare(self) -> bool:
        """Compare once; false if JupyterHub or the database does not answer."""
        try:
            await asyncio.to_thread(self._before)
            if await asyncio.to_thread(self._is_needed):
                moment = db.now()
                servers = await self.read_servers()
                ids = await self._identified(servers)
                stops = await asyncio.to_thread(self.apply, servers, ids, moment)
                created = {server.account.name: server.account.created for server in servers}
                for user, name in stops:
                    if user in created:
                        await self._end(user, name, created[user])
        except OrreryError as problem:
            self._metrics.background.labels("pools", "failed").inc()
            if not self._is_failing:
                log.warning("leases cannot be compared with servers: %s", problem.reason)
            self._is_failing = True
            return False
        self._metrics.background.labels("pools", "done").inc()
        self._is_failing = False
        return True

    async def _identified(self, servers: Sequence[RunningServer]) -> Mapping[Account, int]:
        """Whose the servers are; without those of somebody who has left and whose servers are still being stopped."""
        ids = {}
        for server in servers:
            with suppress(Forbidden):
                ids[server.account] = await self._accounts.identify(server.account)
        return ids

    async def _end(self, user: str, name: str, created: datetime | None) -> None:
        try:
            is_account = functools.partial(operator.eq, created)
            await self._stop(user, name, is_account=is_account)
        except NotFound:
            return  # it stopped meanwhile
        except OrreryError as problem:
            log.warning("a server that may not run on was not stopped: %s", problem.reason)

    def _is_needed(self) -> bool:
        """Whether there are profiles, or leases of when there were."""
        with self._database.read() as session:
            open_ = session.scalar(select(LeaseRow.id).where(store.OPEN).limit(1))
            return open_ is not None or store.has_profiles(session)

    async def read_servers(self) -> list[RunningServer]:
        """The servers of everybody, in pages.

        Raises:
            BackendUnavailable: JupyterHub does not answer.
        """
        servers: list[RunningServer] = []
        offset: int | None = 0
        try:
            while offset is not None:
                query: dict[str, str | int] = {"offset": offset, "limit": _PAGE, "state": "active"}
                response = await self._hub.get("/users", params=query, headers=_PAGINATION)
                page = response.raise_for_status().json()
                for user in page["items"]:
                    servers += _servers_of(user)
                items = page["items"]
                offset = offset + len(items) if page["_pagination"]["next"] and items else None
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as problem:
            raise BackendUnavailable(
                "The servers of this hub cannot be listed",
                reason="JupyterHub did not answer the hub service.",
                remedy="Try again in a moment.",
            ) from problem
        return servers

    def apply(
        self, servers: Sequence[RunningServer], ids: Mapping[Account, int], moment: datetime
    ) -> Sequence[tuple[str, str]]:
        """Make the leases equal to the servers that there were at a moment; the result are servers to stop, by user and name."""
        with self._database.write() as session:
            accounts = _account_ids(session, [server.account.name for server in servers])
            present = {
                (accounts[server.account.name], server.name): server
                for server in servers
                if server.account.name in accounts
            }
            seen, missing = [], set()
            for row in store.open_leases(session):
                server = present.pop((row.account_id, row.server_name), None)
                if server is not None:
                    seen.append(row.id)
                    if server.is_ready:
                        self._leases.start(session, row)
                elif row.reserved_at < moment:
                    missing.add(row.id)
                    self._end_vanished(session, row, moment)
            self._missing = missing
            store.note_seen(session, seen, moment)
            if not store.has_profiles(session):
                return ()
            unleased = [
                UnleasedServer(
                    planning.Account(account_id, ids[server.account]),
                    server.account.name,
                    name,
                    server.started,
                    server.options,
                )
                for (account_id, name), server in present.items()
                if server.is_ready and server.account in ids
            ]
            stops = self._unleased.settle(session, unleased, moment)
            return [
                *((server.user, server.name) for server in stops),
                *self._former_members.settle(session, moment),
            ]

    def _end_vanished(self, session: Session, row: LeaseRow, moment: datetime) -> None:
        """End a lease without a server: a place that was not claimed, a start that failed, a server that is gone twice."""
        if row.end_reason == store.LEFT_RUNNING:
            return  # JupyterHub forgot it, and it may run on
        if row.state == "running":
            if row.id in self._missing:
                self._leases.end(session, row.id, store.VANISHED, at=row.seen_at)
        elif row.reserved_until is not None:
            if row.reserved_until <= moment:
                self._leases.end(session, row.id, "not claimed in time", at=row.reserved_until)
        elif row.seen_at + _START_GRACE < moment:
            self._leases.end(session, row.id, "start failed", at=row.seen_at)


def _servers_of(user: Mapping[str, Any]) -> list[RunningServer]:
    account = account_of(user)
    return [
        RunningServer(
            account,
            str(server["name"]),
            bool(server.get("ready")),
            _moment(server.get("started")),
            server.get("user_options") or {},
        )
        for server in user.get("servers", {}).values()
        if server.get("ready") or server.get("pending")
    ]


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _account_ids(session: Session, names: Sequence[str]) -> dict[str, int]:
    ids: dict[str, int] = {}
    for start in range(0, len(names), 500):
        part = names[start : start + 500]
        query = select(PersonRow.hub_name, PersonRow.id).where(PersonRow.hub_name.in_(part))
        ids.update({name: id_ for name, id_ in session.execute(query)})  # noqa: C416  # rows, not pairs
    return ids
