"""What a person's roles allow, at every request; and what the log-in provider's claims give in projects."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, cast

from sqlalchemy.orm import Session

from orrery_hub.access import store
from orrery_hub.access.roles import ADMIN, BY_NAME, permissions_of
from orrery_hub.access.schemas import AnyRole, RoleGrant
from orrery_hub.base.claims import claims_of
from orrery_hub.base.contracts import ProjectRole, ProviderRoles, RecordChange, Standing
from orrery_hub.base.db import Database
from orrery_hub.base.metrics import Metrics
from orrery_hub.scopes import ADMIN_GROUP, NAMES
from orrery_wire.errors import OrreryError

log = logging.getLogger("orrery_hub.access")

_RANKS = ("viewer", "editor", "owner")
_MAX_CACHED = 50_000
# So many people in one transaction, and then others have their turn.
_CHUNK = 50
_RETRY_SECONDS = 15.0


class _Answer(NamedTuple):
    """What somebody may do, what it was decided from, and until when that is believed."""

    standing: Standing
    generation: int
    until: float
    allowed: frozenset[str]


class Access:
    """Decides by roles, and believes each decision for ``seconds``; a change here is followed at once.

    ``administrators`` are names, ``administrator_groups`` groups of JupyterHub, whose people administer.
    """

    def __init__(
        self,
        database: Database,
        *,
        provider_roles: ProviderRoles,
        record: RecordChange,
        metrics: Metrics,
        default_role: AnyRole = "data-scientist",
        administrators: Iterable[str] = (),
        administrator_groups: Iterable[str] = (),
        seconds: float = 4,
    ) -> None:
        self._database = database
        self._provider_roles = provider_roles
        self._record = record
        self._metrics = metrics
        self.default_role = default_role
        self._administrators = frozenset(administrators)
        self._administrator_groups = frozenset({ADMIN_GROUP, *administrator_groups})
        self._seconds = seconds
        self._generation = 0
        self._answers: dict[int, _Answer] = {}
        # The generation of the mappings that a person's projects were last made equal to.
        self._applied: dict[tuple[int, str], int] = {}
        self._changed = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def allowed(self, person_id: int, standing: Standing) -> frozenset[str]:
        """The scopes that a person may make use of."""
        answer = self._answers.get(person_id)
        if (
            answer is not None
            and answer.until > time.monotonic()
            and answer.generation == self._generation
            and answer.standing == standing
        ):
            return answer.allowed
        generation = self._generation
        allowed = await asyncio.to_thread(self._decide, person_id, standing)
        if len(self._answers) >= _MAX_CACHED:
            self._answers = {}
        until = time.monotonic() + self._seconds
        self._answers[person_id] = _Answer(standing, generation, until, allowed)
        return allowed

    def forget(self) -> None:
        """Decide anew for everybody: roles or mappings changed; safe to call from any thread."""
        self._generation += 1
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._changed.set)

    def is_administrator(self, standing: Standing) -> bool:
        """Whether an account administers: to JupyterHub, by the settings, or by a group."""
        return (
            standing.is_admin
            or standing.account in self._administrators
            or not self._administrator_groups.isdisjoint(standing.groups)
        )

    def grants_of(
        self, session: Session, person_id: int, *, is_administrator: bool = False
    ) -> tuple[RoleGrant, ...]:
        """The roles of a person, and from where each is; the default one if there is no other."""
        return self._grants(store.grants(session, person_id), is_administrator)

    def grants_of_people(
        self, session: Session, people: Sequence[int]
    ) -> Mapping[int, tuple[RoleGrant, ...]]:
        """The same for several people, in one query; what administers elsewhere is not looked at."""
        stored = store.grants_of(session, people)
        return {person: self._grants(grants, False) for person, grants in stored.items()}

    def _grants(self, stored: store.Grants, is_administrator: bool) -> tuple[RoleGrant, ...]:
        grants = [RoleGrant(role=ADMIN, source="administrator")] if is_administrator else []
        grants += [
            RoleGrant(role=cast("AnyRole", role), source="assigned")
            for role in stored.assigned
            if role in BY_NAME
        ]
        grants += [
            RoleGrant(role=cast("AnyRole", role), source="claim", claim=claim)
            for role, claim in stored.by_claim
            if role in BY_NAME
        ]
        return tuple(grants) or (RoleGrant(role=self.default_role, source="default"),)

    def _decide(self, person_id: int, standing: Standing) -> frozenset[str]:
        self.follow(person_id, standing)
        with self._database.read() as session:
            if self.is_administrator(standing):
                return NAMES
            overrides = store.overrides(session)
            grants = self.grants_of(session, person_id)
        return frozenset[str]().union(
            *(permissions_of(BY_NAME[grant.role], overrides) for grant in grants)
        )

    def follow(self, person_id: int, standing: Standing) -> None:
        """Note what the provider says about an account, and give the person what it is mapped to in projects."""
        claims = claims_of(standing.groups)
        generation, key = self._generation, (person_id, standing.account)
        if not claims or self._applied.get(key) == generation:
            with self._database.read() as session:
                stored = store.grants(session, person_id).claims.get(standing.account)
            if (stored or frozenset()) == claims:
                return
        with self._database.write() as session:
            store.set_claims(session, person_id, standing.account, claims)
            self._apply(session, person_id, standing.account)
        self._applied[key] = generation

    def _apply(self, session: Session, person_id: int, name: str) -> None:
        roles: dict[int, ProjectRole] = {}
        for project, role in store.project_roles(session, person_id):
            best = max(role, roles.get(project, "viewer"), key=_RANKS.index)
            roles[project] = cast("ProjectRole", best)
        for slug, changed in self._provider_roles(session, person_id, roles).items():
            what = "access.claim.give" if changed else "access.claim.take"
            after: Mapping[str, object] = {"role": changed, "person_id": person_id}
            self._record(session, "orrery", what, f"{slug}/{name}", project=slug, after=after)

    async def run(self) -> None:
        """Give everybody what the mappings say, at the start and after each change, until cancelled."""
        self._loop = asyncio.get_running_loop()
        while True:
            self._changed.clear()
            try:
                await self._apply_all()
            except OrreryError as problem:
                self._metrics.background.labels("access", "failed").inc()
                log.warning("the mapping of groups cannot be applied now: %s", problem.reason)
                await asyncio.sleep(_RETRY_SECONDS)
                continue
            self._metrics.background.labels("access", "done").inc()
            await self._changed.wait()

    async def _apply_all(self) -> None:
        people = await asyncio.to_thread(self._people)
        for start in range(0, len(people), _CHUNK):
            await asyncio.to_thread(self._apply_some, people[start : start + _CHUNK])

    def _people(self) -> list[int]:
        with self._database.read() as session:
            return store.people_with(session)

    def _apply_some(self, people: list[int]) -> None:
        with self._database.write() as session:
            for person_id in people:
                self._apply(session, person_id, str(person_id))
