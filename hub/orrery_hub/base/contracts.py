"""What one capability offers to all others, as signatures: they import these, never each other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple, Protocol

from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute, Session

from orrery_hub.base.notices import Broadcast
from orrery_hub.base.user import User
from orrery_wire.errors import OrreryError
from orrery_wire.pools import LastFailure, LaunchOptions, LeaseState, OpenRequest, WaitEstimate

ProjectRole = Literal["owner", "editor", "viewer"]

# Id, slug and role for every project of a person (by id), read in the caller's transaction.
Memberships = Callable[[Session, int], Sequence[tuple[int, str, ProjectRole]]]

# Makes the roles that the log-in provider gives a person (by id) be those, by id of the project, and no others, beside
# what owners gave; what changed by slug, None for a role that is taken away.
ProviderRoles = Callable[
    [Session, int, Mapping[int, ProjectRole]], Mapping[str, ProjectRole | None]
]

# Gives what belongs to one person (by id) to another, in the caller's transaction.
Transfer = Callable[[Session, int, int], None]

# Does what has to be done because a person (by id) has another name, in the transaction that notes the name.
Renamed = Callable[[Session, int], None]

# Called with the id of a lease that ends, in the transaction that ends it.
LeaseEnded = Callable[[Session, int], None]

# Called with the id of a lease whose server runs, in the transaction that notes it.
LeaseStarted = Callable[[Session, int], None]

# The servers of an account (by id) that failed lately, each with its last failure, newest first.
RecentFailures = Callable[[Session, int], Sequence[LastFailure]]


class ProjectDirectory(Protocol):
    """What others may ask about projects, in the caller's transaction."""

    def find(self, session: Session, slug: str) -> int | None:
        """The id of the project of a slug; None if there is none in use."""

    def names(self, session: Session, ids: Iterable[int]) -> Mapping[int, tuple[str, str]]:
        """Slug and name of projects by id, deleted projects included."""


@dataclass(frozen=True)
class LaunchRequest:
    """A server that somebody wants to start, once its options are checked.

    ``account_id`` is the account that the server belongs to, ``person_id`` whose account that is. ``options`` are the
    ``LaunchOptions``, as JSON.
    """

    person_id: int
    account_id: int
    server_name: str
    project_id: int | None
    pool_id: int
    profile_id: int
    devices: int
    cpu: float
    memory_bytes: int
    is_spot: bool
    options: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class LaunchAdvice:
    """What a capability says about a server before it starts: may it, what an hour costs, what is left to spend.

    Amounts are in millionths of ``currency``; None where no rate or no budget is set.
    """

    refusal: OrreryError | None = None
    price_micros: int | None = None
    currency: str = ""
    budget_left_micros: int | None = None


# The start that the options of a server mean: session, person, account, name of the server, options. It raises why the
# person may not start such a server.
ResolveLaunch = Callable[[Session, int, int, str, LaunchOptions], LaunchRequest]

# Why no server at all may start now, in the caller's transaction; None if they may.
StartGate = Callable[[Session], OrreryError | None]


class LaunchAdvisor(Protocol):
    """Asked before every start and reservation, and for every profile that is shown; it changes nothing."""

    def __call__(
        self, session: Session, request: LaunchRequest, /, *, lock: bool = False
    ) -> LaunchAdvice:
        """What is to be said; with ``lock``, no start that bears on the answer is decided before the transaction ends."""


# What everybody is told in the lab now, in the caller's transaction.
Announce = Callable[[Session], Sequence[Broadcast]]


class LaunchQueue(Protocol):
    """What the queue offers to those who start servers, in the caller's transaction."""

    def estimate(self, session: Session, request: LaunchRequest) -> WaitEstimate | None:
        """Place and expected wait of a ticket for it, if one were taken now; None: no tickets for its pool."""

    def must_wait(self, session: Session, request: LaunchRequest) -> bool:
        """Whether others wait for the pool, whom a start now would overtake."""

    def join(self, session: Session, request: LaunchRequest) -> int:
        """Take a ticket; the result is its id."""

    def requests(self, session: Session, account_id: int) -> Sequence[OpenRequest]:
        """What the servers of an account wait for, oldest first."""

    def cancel(self, session: Session, account_id: int, ticket: int) -> None:
        """End a ticket for a server of an account; one that has ended stays as it is.

        Raises:
            NotFound: the account has no such ticket.
        """


class Capacity(NamedTuple):
    """The devices and servers of a pool; None: there is no limit."""

    pool_id: int
    total: int | None
    used: int
    free: int | None
    servers: int
    max_servers: int | None
    is_draining: bool


@dataclass(frozen=True)
class LeaseFacts:
    """A lease, as others see it. ``is_left_running``: its server could not be stopped, and may run on."""

    id: int
    account_id: int
    person_id: int
    server_name: str
    project_id: int | None
    pool_id: int | None
    profile_id: int | None
    devices: int
    cpu: float
    memory_bytes: int
    is_spot: bool
    state: LeaseState
    reserved_at: datetime
    reserved_until: datetime | None
    started_at: datetime | None
    seen_at: datetime
    ended_at: datetime | None
    is_left_running: bool = False


class Leases(Protocol):
    """What the pools offer, in the caller's transaction."""

    def capacity(self, session: Session, pool_id: int, *, lock: bool = False) -> Capacity:
        """What a pool has, and what is used of it; with ``lock``, nobody else takes a lease before the transaction ends."""

    def check(
        self, session: Session, request: LaunchRequest, *, waits: bool = False, lock: bool = True
    ) -> OrreryError | None:
        """Why a server may not start now: rights, drain, limits, capacity; with ``waits``, what waiting does not change.

        Without ``lock`` it is for people to read: a moment later it may be another.
        """

    def reserve(self, session: Session, request: LaunchRequest, *, until: datetime) -> int:
        """Hold what a server needs for somebody who has to start it before a point in time; the result is the lease.

        Raises:
            OrreryError: what ``check`` says.
        """

    def release(self, session: Session, lease_id: int, reason: str) -> None:
        """End a reservation that no start has taken up; the lease of a server that starts or runs stays the server's."""

    def assign(self, session: Session, lease_id: int, server_name: str) -> None:
        """Make a reservation that of another server of the same account, whose own lease ends."""

    def end(
        self, session: Session, lease_id: int, reason: str, *, at: datetime | None = None
    ) -> None:
        """End a lease; one that has ended stays as it is."""

    def open(
        self, session: Session, *, pool_id: int | None = None, person_id: int | None = None
    ) -> Sequence[LeaseFacts]:
        """The leases that have not ended, oldest first."""

    def ended(
        self, session: Session, pool_id: int, *, since: datetime, limit: int
    ) -> Sequence[LeaseFacts]:
        """The leases of a pool that ended since a point in time, newest first."""


class ProjectFacts(Protocol):
    """What lists of people and servers show of projects."""

    def count(self, person: InstrumentedAttribute[int]) -> ColumnElement[int]:
        """The number of projects in use that a person (a column of ids) is a member of."""

    def has_member(self, person: InstrumentedAttribute[int], slug: str) -> ColumnElement[bool]:
        """Whether a person (a column of ids) is a member of a project."""

    def of_people(
        self, session: Session, people: Sequence[int]
    ) -> Mapping[int, Sequence[tuple[str, Literal["owner", "editor", "viewer"]]]]:
        """Slug and role for every project in use of each of some people, by the person's id."""

    def of_servers(self, session: Session, people: Sequence[int]) -> Mapping[tuple[int, str], str]:
        """The slug of the project that each server of some people works in, by person and name of the server."""


# How many there are of what a capability keeps in a project (by id), by what it is.
CountInProject = Callable[[Session, int], Mapping[str, int]]


class LeavingItem(NamedTuple):
    """One kind of thing that somebody who leaves has: how many, whether they are left, and what or where they are."""

    what: str
    number: int
    is_left: bool
    detail: str


# Ends what a capability keeps for a person (by id) who leaves, in the caller's transaction, which is undone for a plan.
Leave = Callable[[Session, int], Sequence[LeavingItem]]


class PartProbe(NamedTuple):
    """A part of the product that administrators see: its name, its title, and how it is asked how it is, with a sentence."""

    name: str
    title: str
    ask: Callable[[], Awaitable[tuple[Literal["ok", "degraded", "failing", "unknown"], str]]]


class Condition(NamedTuple):
    """A condition of an action: whether it is met, what it is, and why it is met or not, in words."""

    is_met: bool
    what: str
    why: str


# What an action asks beside its scope, of a person with all scopes that the roles allow, and an object such as
# ``churn/grace``: the same decision as that of the route, from the same facts.
Judge = Callable[[Session, User, str], Sequence[Condition]]


@dataclass(frozen=True)
class Standing:
    """What JupyterHub says about an account: its name, whether it administers, and its groups."""

    account: str
    is_admin: bool = False
    groups: frozenset[str] = field(default_factory=frozenset)


class PermissionSource(Protocol):
    """Which of Orrery's scopes a person's roles allow, whatever a token carries."""

    async def allowed(self, person_id: int, standing: Standing) -> frozenset[str]:
        """The scopes that the person may make use of."""


class RecordChange(Protocol):
    """Adds an audit entry to the transaction of the change itself, so that neither exists without the other."""

    def __call__(
        self,
        session: Session,
        who: str,
        what: str,
        on: str,
        /,
        *,
        project: str = "",
        before: Mapping[str, object] | None = None,
        after: Mapping[str, object] | None = None,
        outcome: Literal["done", "forbidden", "conflict", "too_many"] = "done",
    ) -> None:
        """Record that a user (``who``) did ``what``, such as ``snippets.save``, to an object (``on``).

        ``project`` is the slug of the project that the object belongs to. ``before`` and ``after`` are what changed,
        without anything that may hold a secret: never a text that a person wrote, but its length.
        """


def no_record(*_: object, **__: object) -> None:
    """Records nothing: for a service outside the hub service, as in a test."""


class StopServer(Protocol):
    """Stops a server of an account; ``is_account`` says by the moment of its creation whether it is that one."""

    def __call__(
        self, user: str, name: str, *, is_account: Callable[[datetime | None], bool]
    ) -> Awaitable[None]:
        """Stop a server."""
