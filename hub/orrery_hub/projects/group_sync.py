"""Background synchronisation of project members into JupyterHub groups ``orrery-project-<storage key>-<role>``.

The queue of projects to synchronise is in the database, so neither a restart nor an unreachable
JupyterHub loses a change. A run compares members with the groups, so repeating it is harmless. Groups
change without Orrery too: by JupyterHub's admin API, or at a log-in where the authenticator manages
groups. So every ``check_seconds`` the groups of all projects are read, and those that differ are queued.
"""

from __future__ import annotations

import asyncio
import logging
import time

import httpx

from orrery_hub.base.accounts import Accounts
from orrery_hub.base.db import Database
from orrery_hub.base.metrics import Metrics
from orrery_hub.projects import store
from orrery_hub.projects.group_claims import GroupClaims
from orrery_hub.projects.jupyterhub_groups import JupyterHubGroups, RefusedError, Rejected
from orrery_wire.errors import BackendUnavailable, OrreryError
from orrery_wire.projects import Role

log = logging.getLogger("orrery_hub.group_sync")

QUEUE_SECONDS = 5
RETRY_SECONDS = 15
CHECK_SECONDS = 300
# So many projects are queued in one transaction: on SQLite nobody else writes meanwhile.
_PIECE = 50
ROLES: tuple[Role, ...] = ("owner", "editor", "viewer")

# What can fail in a call whose answer comes from another program.
_FAILURES = (
    httpx.HTTPError,
    httpx.InvalidURL,
    RefusedError,
    BackendUnavailable,
    ValueError,
    KeyError,
    TypeError,
)


def group(key: str, role: Role) -> str:
    """Name of the JupyterHub group for the members of one role in the project of a storage key."""
    return f"orrery-project-{key}-{role}"


class GroupSync:
    """Synchronises queued projects every 5 seconds; ``wake`` starts a run at once.

    Every ``check_seconds`` it looks for groups that changed without Orrery.
    """

    def __init__(
        self,
        database: Database,
        hub: httpx.AsyncClient,
        metrics: Metrics,
        accounts: Accounts,
        *,
        check_seconds: float = CHECK_SECONDS,
    ) -> None:
        self._database = database
        self._groups = JupyterHubGroups(hub, GroupClaims(database))
        self._metrics = metrics
        self._accounts = accounts
        self._check_seconds = check_seconds
        self._wakeup = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        # What is wrong with a project's groups, by storage key; and the names of members that JupyterHub does not take.
        self._problems: dict[str, str] = {}
        self._missing: dict[str, frozenset[str]] = {}
        self._check_problem = ""

    def wake(self) -> None:
        """Start the next run at once; safe to call from any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._wakeup.set)

    def notices(self) -> tuple[str, ...]:
        """What an operator has to know, without names of projects and users: health is open to all."""
        texts = []
        if self._check_problem:
            texts.append(
                "JupyterHub's groups cannot be compared with the projects; the log says why."
            )
        if count := len(self._problems):
            texts.append(
                f"The JupyterHub groups of {count} projects cannot be made equal to their members;"
                " the log says which and why."
            )
        return tuple(texts)

    async def run(self) -> None:
        """Synchronise until cancelled."""
        self._loop = asyncio.get_running_loop()
        next_check = time.monotonic()
        while True:
            self._wakeup.clear()
            try:
                if time.monotonic() >= next_check:
                    is_checked = await self.check()
                    pause = self._check_seconds if is_checked else RETRY_SECONDS
                    next_check = time.monotonic() + min(pause, self._check_seconds)
                await self.sync_due()
            except OrreryError as problem:
                log.warning("group membership cannot be synchronised now: %s", problem.reason)
            try:
                async with asyncio.timeout(min(QUEUE_SECONDS, self._check_seconds)):
                    await self._wakeup.wait()
            except TimeoutError:
                continue

    async def check(self) -> bool:
        """Queue every project whose groups differ from its members; false if JupyterHub could not be read.

        A member who never visited is no difference: JupyterHub need not know the name, and the first visit
        queues the project.
        """
        missing = {name for names in self._missing.values() for name in names}
        try:
            await self._groups.delete_unmarked()
            actual = await self._groups.read_all()
            known = await self._groups.existing(missing)
        except _FAILURES as problem:
            self._metrics.background.labels("group_check", "failed").inc()
            words = _words(problem)
            if words != self._check_problem:
                log.warning("JupyterHub's groups cannot be compared with the projects: %s", words)
            self._check_problem = words
            return False
        self._check_problem = ""
        self._metrics.background.labels("group_check", "done").inc()
        await asyncio.to_thread(self._queue_differences, actual, known)
        return True

    def _queue_differences(self, actual: dict[str, set[str]], known: set[str]) -> None:
        with self._database.read() as session:
            projects = store.members_of_all(session)
            visited = store.visitors(session)
        differing = []
        for key, expected in projects.items():
            ignored = self._missing.get(key, frozenset()) - known
            required = visited - ignored
            # What was refused is tried again, also for members who never visited.
            if key in self._problems or any(
                _differs(
                    actual.get(group(key, role)), expected[role] if expected else None, required
                )
                for role in ROLES
            ):
                differing.append(key)
        if differing:
            log.info("the groups of %d projects differ from their members", len(differing))
        for start in range(0, len(differing), _PIECE):
            with self._database.write() as session:
                store.queue_syncs(session, differing[start : start + _PIECE])

    async def sync_due(self) -> None:
        """Synchronise every project that is due."""
        while waiting := await asyncio.to_thread(self._due):
            for key, change in waiting:
                await self._sync(key, change)

    async def _sync(self, key: str, change: int) -> None:
        try:
            refused = await self._reconcile(key)
        except _FAILURES as problem:
            self._metrics.background.labels("group_sync", "failed").inc()
            self._set_problem(key, _words(problem))
            await asyncio.to_thread(self._postpone, key)
            return
        self._metrics.background.labels("group_sync", "done").inc()
        self._set_problem(key, f"JupyterHub refuses {sorted(refused)}" if refused else "")
        await asyncio.to_thread(self._finish, key, change)

    async def _reconcile(self, key: str) -> set[str]:
        """Make the groups of a project equal to its members; the names that JupyterHub knows and refuses.

        Removals come first, over all roles, and what one group refuses does not keep the others waiting.

        Raises:
            RefusedError: a group as a whole was refused; the others are done.
        """
        expected = await asyncio.to_thread(self._members, key)
        if expected is None:
            self._missing.pop(key, None)
            for role in ROLES:
                await self._groups.delete(group(key, role))
            return set()
        rejected, problems = Rejected(), []
        actual: dict[Role, set[str]] = {}
        for role in ROLES:
            try:
                actual[role] = await self._groups.read_or_create(group(key, role))
            except RefusedError as problem:
                problems.append(problem)
        # The account of a member may be gone, and the name another's by now.
        await self._accounts.confirm(
            name for role, users in actual.items() for name in expected[role] - users
        )
        expected = await asyncio.to_thread(self._members, key) or expected
        extra = {role: users - expected[role] for role, users in actual.items()}
        lacking = {role: expected[role] - users for role, users in actual.items()}
        for change, names in ((self._groups.remove, extra), (self._groups.add, lacking)):
            for role, users in names.items():
                try:
                    outcome = await change(group(key, role), users)
                except RefusedError as problem:
                    problems.append(problem)
                else:
                    rejected.unknown |= outcome.unknown
                    rejected.refused |= outcome.refused
        self._missing[key] = frozenset(rejected.unknown | rejected.refused)
        if problems:
            raise problems[0]
        return rejected.refused

    def _set_problem(self, key: str, words: str) -> None:
        """Log a problem when it begins or changes, not at each attempt."""
        if words and self._problems.get(key) != words:
            log.warning("the groups of project %s cannot be made equal: %s", key, words)
        elif not words and key in self._problems:
            log.info("the groups of project %s are equal again", key)
        self._problems.pop(key, None)
        if words:
            self._problems[key] = words

    def _due(self) -> list[tuple[str, int]]:
        with self._database.read() as session:
            return store.due_syncs(session)

    def _members(self, key: str) -> dict[Role, set[str]] | None:
        with self._database.read() as session:
            return store.members_by_role(session, key)

    def _finish(self, key: str, change: int) -> None:
        with self._database.write() as session:
            store.finish_sync(session, key, change)

    def _postpone(self, key: str) -> None:
        with self._database.write() as session:
            store.postpone_sync(session, key)


def _differs(actual: set[str] | None, expected: set[str] | None, required: set[str]) -> bool:
    """Whether a group is not as the members say; of them only the ``required`` have to be in it."""
    if actual is None or expected is None:
        return actual is not expected
    return bool(actual - expected or (expected & required) - actual)


def _words(problem: Exception) -> str:
    """What failed, without the address and token of a request."""
    return str(problem) if isinstance(problem, RefusedError) else type(problem).__name__
