"""The servers of the hub, for administrators: one page of them, and stopping one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from orrery_hub.admin.schemas import RunningServer, ServerQuery, Sort
from orrery_hub.base.bulk import BulkItem
from orrery_hub.base.contracts import ProjectFacts, RecordChange, no_record
from orrery_hub.base.db import Database
from orrery_hub.base.hub_models import Server
from orrery_hub.base.people import PersonRow
from orrery_hub.base.shared_tables import LEASE, POOL, PROFILE, PROJECT
from orrery_wire.errors import NotFound
from orrery_wire.schemas import Page

_EPOCH = datetime.fromtimestamp(0, UTC)
_KEYS: dict[Sort, Callable[[RunningServer], Any]] = {
    "user": lambda server: (server.user, server.name),
    "project": lambda server: server.project or "",
    "started": lambda server: server.started or _EPOCH,
    "last_activity": lambda server: server.last_activity or _EPOCH,
    "state": lambda server: server.state,
}
_SQL_NAMES = 500


class Servers(Protocol):
    """Where the servers are known, and stopped; ``base.servers.ServerList``."""

    def all(self) -> tuple[Server, ...]:
        """Every server that starts, runs or stops."""

    async def stop(
        self, user: str, name: str, *, is_account: Callable[[datetime | None], bool] | None = None
    ) -> None:
        """Stop a server; ``is_account`` says by the moment of its creation whether an account is the one meant."""


class ServerService:
    """Lists and stops the servers of all people."""

    def __init__(
        self,
        database: Database,
        servers: Servers,
        *,
        projects: ProjectFacts,
        record: RecordChange = no_record,
    ) -> None:
        self._database = database
        self._servers = servers
        self._projects = projects
        self._record = record

    def list(self, query: ServerQuery) -> Page[RunningServer]:
        """One page of servers."""
        words = query.q.casefold().split()
        matches = [
            server
            for server in self._described()
            if query.state in (None, server.state) and _matches(server, words)
        ]
        matches.sort(key=_KEYS["user"])
        if query.sort != "user" or query.descending:
            matches.sort(key=_KEYS[query.sort], reverse=query.descending)
        items = tuple(matches[query.offset : query.offset + query.limit])
        return Page(items=items, total=len(matches), offset=query.offset, limit=query.limit)

    def _described(self) -> Sequence[RunningServer]:
        servers = self._servers.all()
        names = sorted({server.user for server in servers})
        people: dict[str, int] = {}
        projects: dict[tuple[int, str], str] = {}
        leases: dict[tuple[int, str], _Lease] = {}
        with self._database.read() as session:
            for start in range(0, len(names), _SQL_NAMES):
                query = select(PersonRow.hub_name, PersonRow.id).where(
                    PersonRow.hub_name.in_(names[start : start + _SQL_NAMES])
                )
                chunk = {name: id_ for name, id_ in session.execute(query)}  # noqa: C416  # rows
                projects |= self._projects.of_servers(session, list(chunk.values()))
                leases |= _leases(session, list(chunk.values()))
                people |= chunk
        described = []
        for server in servers:
            person = people.get(server.user)
            key = (person or 0, server.name)
            described.append(_shape(server, person, projects.get(key), leases.get(key)))
        return described

    async def stop(self, user: str, name: str) -> None:
        """Stop a server of anybody.

        Raises:
            NotFound: there is no such server.
            BackendUnavailable: JupyterHub does not answer.
        """
        await self._servers.stop(user, name)

    async def check_stop(self, item: BulkItem) -> str:
        """The dry run of stopping a server, whose target is ``<person>/<name>``.

        Raises:
            NotFound: there is no such server.
        """
        user, _, name = item.target.partition("/")
        if not any((s.user, s.name) == (user, name) for s in self._servers.all()):
            raise NotFound(
                f"{item.target!r} does not run",
                reason="It has stopped.",
                remedy="Nothing has to be done.",
            )
        return "It runs, and would be stopped."

    async def stop_item(self, item: BulkItem) -> str:
        """Stop a server, whose target is ``<person>/<name>``."""
        user, _, name = item.target.partition("/")

        def is_meant(created: datetime | None) -> bool:
            return created is None or created <= item.began

        await self._servers.stop(user, name, is_account=is_meant)
        await asyncio.to_thread(self.record_stop, item.who, user, name)
        return "Stopped."

    def record_stop(self, who: str, user: str, name: str) -> None:
        """Record that a server was stopped."""
        with self._database.write() as session:
            self._record(session, who, "servers.stop", f"{user}/{name}")


class _Lease(NamedTuple):
    """What a server holds: the titles of pool and profile, the slug of the project."""

    pool: str
    profile: str
    project: str | None


def _leases(session: Session, accounts: Sequence[int]) -> dict[tuple[int, str], _Lease]:
    """What the servers of some accounts hold, by account and server."""
    query = (
        select(
            LEASE.c.account_id,
            LEASE.c.server_name,
            POOL.c.name,
            func.coalesce(PROFILE.c.name, ""),
            PROJECT.c.slug,
        )
        .select_from(LEASE)
        .join(POOL, POOL.c.id == LEASE.c.pool_id)
        .outerjoin(PROFILE, PROFILE.c.id == LEASE.c.profile_id)
        .outerjoin(PROJECT, PROJECT.c.id == LEASE.c.project_id)
        .where(LEASE.c.account_id.in_(accounts), LEASE.c.ended_at.is_(None))
    )
    return {(account, name): _Lease(*held) for account, name, *held in session.execute(query)}


def _shape(
    server: Server, person: int | None, current: str | None, lease: _Lease | None
) -> RunningServer:
    profile = server.user_options.get("profile", "")
    return RunningServer(
        id=f"{server.user}/{server.name}",
        user=server.user,
        person_id=person,
        name=server.name,
        display_name=server.display_name,
        state=server.state,
        project=lease.project if lease else current,
        pool=lease.pool if lease else "",
        profile=lease.profile if lease else profile if isinstance(profile, str) else "",
        started=server.started,
        last_activity=server.last_activity,
        url=server.url,
    )


def _matches(server: RunningServer, words: Sequence[str]) -> bool:
    fields = (server.user, server.name, server.display_name, server.project or "", server.pool)
    text = " ".join(fields).casefold()
    return all(word in text for word in words)
