"""Capability manifests of the hub service.

A capability is a folder with ``CAPABILITY`` in its ``__init__``, and one line in ``app.CAPABILITIES``. Its
permissions are one line in ``scopes.TABLE``: what may be done is reviewed in one place.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import httpx
from fastapi import APIRouter

from orrery_hub.base.accounts import Account, Accounts
from orrery_hub.base.auth import DeclaredRoute
from orrery_hub.base.bulk import BulkAction
from orrery_hub.base.contracts import (
    Announce,
    CountInProject,
    Judge,
    LaunchAdvisor,
    LaunchQueue,
    LeaseEnded,
    Leases,
    LeaseStarted,
    Leave,
    Memberships,
    PartProbe,
    PermissionSource,
    ProjectDirectory,
    ProjectFacts,
    ProviderRoles,
    RecentFailures,
    RecordChange,
    Renamed,
    ResolveLaunch,
    Standing,
    StartGate,
    Transfer,
)
from orrery_hub.base.db import Database
from orrery_hub.base.login import Login
from orrery_hub.base.metrics import Metrics
from orrery_hub.base.pages import Pages
from orrery_hub.base.servers import ServerList
from orrery_hub.settings import Settings
from orrery_wire.errors import Forbidden

# From so many names on it is cheaper to read every account.
_MANY = 20
# Makes the queue of a service.
MakeQueue = Callable[[Settings, Leases, RecordChange], LaunchQueue]


@dataclass
class Rights:
    """What people may do now, whoever asked and whenever; ``source`` is there once all capabilities are built."""

    accounts: Accounts
    source: PermissionSource | None = None

    async def may(self, name: str, person_id: int | None, scope: str) -> bool:
        """Whether the account of a name is that person's, and may do what a scope allows.

        Raises:
            BackendUnavailable: JupyterHub does not answer.
        """
        account = await self.accounts.read(name)
        return account is not None and await self._holds(account, person_id, scope)

    async def who_may(
        self, people: Collection[tuple[str, int]], scope: str
    ) -> set[tuple[str, int]]:
        """Those of some people, each with the name of an account, who may do what a scope allows.

        Raises:
            BackendUnavailable: JupyterHub does not answer.
        """
        names = {name for name, _ in people}
        if len(names) > _MANY:
            accounts = {account.name: account for account in await self.accounts.read_all()}
        else:
            answers = [await self.accounts.read(name) for name in sorted(names)]
            accounts = {account.name: account for account in answers if account is not None}
        return {
            (name, person_id)
            for name, person_id in people
            if name in accounts and await self._holds(accounts[name], person_id, scope)
        }

    async def _holds(self, account: Account, person_id: int | None, scope: str) -> bool:
        try:
            current = await self.accounts.identify(account)
        except Forbidden:
            return False
        if person_id is not None and current != person_id:
            return False
        if self.source is None:
            return True
        standing = Standing(account.name, account.admin, account.groups)
        return scope in await self.source.allowed(current, standing)


@dataclass(frozen=True)
class HubContext:
    """What every capability is built from. ``hub`` calls JupyterHub's API with the service's own token.

    ``transfers`` together give everything of one person to another that can change hands, ``merges`` make two accounts one
    person's. ``advisors`` are asked before a server starts,
    ``queue`` is where it may wait; ``resolve_launch`` says what the options of a server mean. ``bulk_actions`` has
    those of every capability once all are built. ``gates`` are asked before any start, and ``announces``
    say what everybody is told in the lab, and ``failures`` which servers of an account failed. ``rules`` are the conditions of
    all actions that ask more than a scope, and ``routes`` gives every route of the finished application. ``rights``
    says what somebody may do whose token is not there, as the person who began a job. ``parts`` has the probes of every
    capability once all are built.
    """

    settings: Settings
    database: Database
    hub: httpx.AsyncClient
    accounts: Accounts
    transfers: Sequence[Transfer]
    merges: Sequence[Transfer]
    metrics: Metrics
    record: RecordChange
    memberships: Memberships
    projects: ProjectDirectory
    leases: Leases
    advisors: Sequence[LaunchAdvisor]
    queue: LaunchQueue | None
    project_facts: ProjectFacts
    servers: ServerList
    bulk_actions: dict[str, BulkAction]
    parts: list[PartProbe]
    resolve_launch: ResolveLaunch
    gates: Sequence[StartGate]
    announces: Sequence[Announce]
    failures: RecentFailures | None
    provider_roles: ProviderRoles
    rules: Mapping[str, Judge]
    leaves: Sequence[Leave]
    content_leaves: Sequence[Leave]
    counts: Sequence[CountInProject]
    routes: Callable[[], Sequence[DeclaredRoute]]
    rights: Rights


@dataclass(frozen=True)
class Runtime:
    """A built capability.

    ``pages`` makes the routes of its pages for a browser, below the service's address. ``background`` runs as long as the service. ``notices`` are what an operator has to know now, without names of
    users and objects; they are read in a thread and shown by the health of the service. ``bulk_actions`` are what
    administrators may do to many objects at once. ``purge`` is called every few hours, in a thread, with the point
    in time before which deleted objects are to be removed permanently. ``permissions`` decides what a token's scopes
    are worth. ``parts`` are asked how they are when an administrator looks.
    """

    router: APIRouter
    pages: Callable[[Login, Pages], APIRouter] | None = None
    background: Callable[[], Coroutine[object, object, None]] | None = None
    purge: Callable[[datetime], object] | None = None
    notices: Callable[[], Sequence[str]] | None = None
    bulk_actions: Sequence[BulkAction] = ()
    permissions: PermissionSource | None = None
    parts: Sequence[PartProbe] = ()


@dataclass(frozen=True)
class Capability:
    """One capability of the hub service.

    ``after_restore`` is called after an older copy of the database took the place of a damaged one; ``transfer``
    gives what the capability keeps for one person to another, ``merge`` what it keeps for one account to another of the
    same person, beside what ``transfer`` gives; ``renamed`` is called when a person has another name.
    ``announce`` says what everybody is told in the lab; ``advise_launch`` is asked before a server starts, ``queue`` makes the place where it may wait, ``lease_ended`` is
    called when a lease ends, ``lease_started`` when its server runs; ``recent_failures`` are shown before the next start.
    ``rules`` gives what its actions ask beside their scopes, by the action's name, such as
    ``projects.update``; ``leave`` ends what nobody can take over from somebody who leaves, before anything is handed
    over, and ``content_leave`` ends or names what is left after that; ``counts`` says how much it has in a project.
    """

    name: str
    build: Callable[[HubContext], Runtime]
    after_restore: Callable[[Database], None] | None = None
    transfer: Transfer | None = None
    merge: Transfer | None = None
    renamed: Renamed | None = None
    gate: StartGate | None = None
    announce: Announce | None = None
    advise_launch: LaunchAdvisor | None = None
    queue: MakeQueue | None = None
    lease_ended: LeaseEnded | None = None
    lease_started: LeaseStarted | None = None
    recent_failures: RecentFailures | None = None
    rules: Callable[[Memberships], Mapping[str, Judge]] | None = None
    leave: Leave | None = None
    content_leave: Leave | None = None
    counts: CountInProject | None = None
