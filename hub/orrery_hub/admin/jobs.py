"""Jobs: an action on many objects, done in the background one after the other, and gone on with after a restart."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Mapping, Sequence
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from orrery_hub.admin import store
from orrery_hub.admin.schemas import Action, ItemState, Job, JobIn, JobItem, JobItemQuery
from orrery_hub.base.bulk import BulkAction, BulkItem, Step
from orrery_hub.base.contracts import RecordChange, no_record
from orrery_hub.base.db import Database, now
from orrery_hub.base.request_context import RequestContext, request_context
from orrery_hub.base.user import User
from orrery_hub.scopes import PLATFORM_ADMIN
from orrery_wire.errors import Conflict, Forbidden, Invalid, NotFound, OrreryError
from orrery_wire.schemas import Page, PageQuery

log = logging.getLogger("orrery_hub.jobs")

_BATCH = 20
_REFUSED = "Not done: who began the job does not administer the hub any more."
_IDLE_SECONDS = 60.0
_RETRY_SECONDS = 5.0


@dataclass(frozen=True)
class _Running:
    """What a step of the present job needs."""

    id: int
    who: str
    person_id: int | None
    began: datetime
    arguments: Mapping[str, str]
    is_dry_run: bool
    action: BulkAction | None


class MayDo(Protocol):
    """Whether somebody, by name and person, may do now what a scope allows."""

    def __call__(self, name: str, person_id: int | None, scope: str, /) -> Awaitable[bool]:
        """Ask; it raises what keeps the answer away."""


class JobService:
    """Begins, lists, cancels and repeats jobs. ``wake`` is called in any thread when there is a new one.

    ``may`` is asked before each object, for a job can outlast the right of the person who began it.
    """

    def __init__(
        self,
        database: Database,
        actions: Mapping[str, BulkAction],
        *,
        may: MayDo,
        record: RecordChange = no_record,
    ) -> None:
        self._database = database
        self._actions = actions
        self._may = may
        self._record = record
        self._woken = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def actions(self) -> tuple[Action, ...]:
        """What can be done to many objects."""
        return tuple(
            Action(name=action.name, title=action.title, arguments=action.arguments)
            for _, action in sorted(self._actions.items())
        )

    async def require_lasting_right(self, user: User) -> None:
        """Refuse somebody whose right cannot be asked for again before each object.

        Raises:
            Forbidden: the right comes from a role of JupyterHub, which it tells of a token only.
            BackendUnavailable: JupyterHub does not answer.
        """
        if not await self._may(user.name, user.person_id, PLATFORM_ADMIN):
            raise Forbidden(
                "You cannot begin jobs",
                reason="You administer the hub by a role of JupyterHub. A job goes on when you are gone, and JupyterHub"
                " does not say of a role who has it then.",
                remedy="Let an administrator of JupyterHub begin it, or become one by its flag, by a role in Orrery or"
                " by a group.",
            )

    def start(self, user: User, request: JobIn) -> Job:
        """Begin a job, or its dry run.

        Raises:
            Invalid: there is no such action, or it lacks an argument.
        """
        action = self._actions.get(request.action)
        if action is None:
            known = ", ".join(sorted(self._actions))
            raise Invalid(
                f"There is no action {request.action!r}",
                reason=f"There are {known}.",
                remedy="Take one of those.",
            )
        missing = [name for name in action.arguments if not request.arguments.get(name)]
        unknown = sorted(set(request.arguments) - {*action.arguments, *action.options})
        if missing or unknown:
            raise Invalid(
                f"{action.title!r} cannot be done with these arguments",
                reason=f"Missing: {', '.join(missing) or 'none'}. Unknown: {', '.join(unknown) or 'none'}.",
                remedy=f"It takes {', '.join((*action.arguments, *action.options)) or 'none'}.",
            )
        with self._database.write() as session:
            row = store.add_job(
                session,
                action=action.name,
                who=user.name,
                person_id=user.person_id,
                arguments=request.arguments,
                targets=list(dict.fromkeys(request.targets)),
                is_dry_run=request.is_dry_run,
            )
            self._record_start(session, row)
            job = self._shape(row)
        self._wake()
        return job

    def _record_start(self, session: Session, row: store.JobRow) -> None:
        facts = {"action": row.action, "count": row.total, "is_dry_run": row.is_dry_run}
        self._record(session, row.who, "admin.job", str(row.id), after=facts)

    def repeat(self, user: User, id: int, *, is_dry_run: bool, failed_only: bool) -> Job:
        """A new job with the objects of an ended one: for real after a dry run, or those that failed.

        Raises:
            NotFound: there is no such job.
            Conflict: it is not ended, or nothing of it failed.
        """
        with self._database.write() as session:
            old = _require(session.get(store.JobRow, id), id)
            if old.ended is None:
                raise Conflict(
                    f"Job {id} is not ended",
                    reason="What it does now would be done twice.",
                    remedy="Wait, or cancel it.",
                )
            targets = store.targets(session, id, state="failed" if failed_only else None)
            if not targets:
                raise Conflict(
                    f"Nothing of job {id} failed",
                    reason="There is nothing to repeat.",
                    remedy="Nothing has to be done.",
                )
            row = store.add_job(
                session,
                action=old.action,
                who=user.name,
                person_id=user.person_id,
                arguments=json.loads(old.arguments),
                targets=targets,
                is_dry_run=is_dry_run,
            )
            self._record_start(session, row)
            job = self._shape(row)
        self._wake()
        return job

    def cancel(self, who: str, id: int) -> Job:
        """Leave the rest of a job undone; what is done stays done."""
        with self._database.write() as session:
            row = _require(session.get(store.JobRow, id, with_for_update=True), id)
            if row.ended is None:
                store.cancel_pending(session, id)
                row.state, row.ended = "cancelled", now()
                self._record(session, who, "admin.job.cancel", str(id))
            return self._shape(row)

    def _end_refused(self, job: _Running) -> None:
        """Leave the rest of a job undone whose person may not do it any more."""
        log.warning("job %d ends: %r may not do this any more", job.id, job.who)
        with self._database.write() as session:
            row = session.get_one(store.JobRow, job.id, with_for_update=True)
            if row.ended is None:
                store.cancel_pending(session, job.id, _REFUSED)
                row.state, row.ended = "cancelled", now()
                after = {"reason": "the person may not do this any more"}
                self._record(session, "orrery", "admin.job.cancel", str(job.id), after=after)

    def list(self, query: PageQuery) -> Page[Job]:
        """One page of jobs, newest first."""
        with self._database.read() as session:
            rows, total = store.jobs(session, query)
        items = tuple(self._shape(row) for row in rows)
        return Page(items=items, total=total, offset=query.offset, limit=query.limit)

    def get(self, id: int) -> Job:
        """One job."""
        with self._database.read() as session:
            return self._shape(_require(session.get(store.JobRow, id), id))

    def items(self, id: int, query: JobItemQuery) -> Page[JobItem]:
        """One page of a job's objects, and what became of them."""
        with self._database.read() as session:
            _require(session.get(store.JobRow, id), id)
            rows, total = store.items(session, id, query)
        items = tuple(
            JobItem(position=r.position, target=r.target, state=r.state, message=r.message)
            for r in rows
        )
        return Page(items=items, total=total, offset=query.offset, limit=query.limit)

    def _shape(self, row: store.JobRow) -> Job:
        action = self._actions.get(row.action)
        return Job(
            id=row.id,
            action=row.action,
            title=action.title if action else row.action,
            who=row.who,
            is_dry_run=row.is_dry_run,
            state=row.state,
            total=row.total,
            done=row.done,
            failed=row.failed,
            created=row.created,
            started=row.started,
            ended=row.ended,
        )

    def _wake(self) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._woken.set)

    async def run(self) -> None:
        """Do jobs until cancelled."""
        self._loop = asyncio.get_running_loop()
        while True:
            self._woken.clear()
            try:
                while await self.run_next():
                    pass
                seconds = _IDLE_SECONDS
            except OrreryError as problem:
                log.warning("jobs wait: %s", problem)
                seconds = _RETRY_SECONDS
            try:
                async with asyncio.timeout(seconds):
                    await self._woken.wait()
            except TimeoutError:
                continue

    async def run_next(self) -> bool:
        """Do some objects of the oldest job; false if there is none."""
        running, batch = await asyncio.to_thread(self._take)
        if running is None:
            return False
        for position, target in batch:
            if not await self._may(running.who, running.person_id, PLATFORM_ADMIN):
                await asyncio.to_thread(self._end_refused, running)
                break
            state, message = await self._step(running, target)
            if not await asyncio.to_thread(self._finish, running.id, position, state, message):
                break
        return True

    def _take(self) -> tuple[_Running | None, Sequence[tuple[int, str]]]:
        with self._database.write() as session:
            row = store.next_job(session)
            if row is None:
                return None, []
            row.state, row.started = "running", row.started or now()
            batch = [
                (item.position, item.target) for item in store.pending(session, row.id, _BATCH)
            ]
            if not batch:
                row.state, row.ended = "done", now()
            arguments = json.loads(row.arguments)
            action = self._actions.get(row.action)
            running = _Running(
                row.id, row.who, row.person_id, row.created, arguments, row.is_dry_run, action
            )
            return running, batch

    async def _step(self, job: _Running, target: str) -> tuple[ItemState, str]:
        if job.action is None:
            return "failed", "This version of Orrery has no such action."
        step = job.action.check if job.is_dry_run else job.action.apply
        context = copy_context()
        # What is changed is recorded as the person's who began the job.
        context.run(
            request_context.set,
            RequestContext(
                f"job-{job.id}", user=job.who, person_id=job.person_id, permission=PLATFORM_ADMIN
            ),
        )
        item = BulkItem(job.who, target, job.arguments, job.began)
        try:
            return "done", await asyncio.create_task(_call(step, item), context=context)
        except OrreryError as problem:
            return "failed", " ".join(filter(None, (f"{problem.message}.", problem.reason)))
        except Exception:
            # The edge of one object: the others are to be done all the same.
            log.exception("job %d failed unforeseen at an object", job.id)
            return "failed", "It failed unforeseen; the log of the hub service says why."

    def _finish(self, id: int, position: int, state: ItemState, message: str) -> bool:
        """Note the result; false if the job was cancelled meanwhile."""
        with self._database.write() as session:
            store.finish_item(session, id, position, state, message)
            row = session.get_one(store.JobRow, id, populate_existing=True)
            return row.ended is None


async def _call(step: Step, item: BulkItem) -> str:
    return await step(item)


def _require(row: store.JobRow | None, id: int) -> store.JobRow:
    if row is None:
        raise NotFound(
            f"There is no job {id}",
            reason="It was never begun, or it ended long ago.",
            remedy="Look at the list of jobs.",
        )
    return row
