"""Use of running servers, limits for idle ones, extensions and advice on sizes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from orrery_hub.base import db, notices
from orrery_hub.base.contracts import RecordChange, no_record
from orrery_hub.base.db import Database
from orrery_hub.base.user import User
from orrery_hub.culling import store
from orrery_hub.culling.judgement import extend, judge
from orrery_hub.culling.right_sizing import Size, Use, smaller, words
from orrery_hub.culling.schemas import (
    Advice,
    AdviceQuery,
    LimitIn,
    PoolLimit,
    ServerUse,
    ServerUseQuery,
)
from orrery_hub.culling.store import NO_LIMITS, Case, CullLimitRow, DefaultLimits
from orrery_hub.culling.warning import notice_key, warning_draft
from orrery_hub.scopes import PLATFORM_ADMIN
from orrery_wire.culling import Activity, CullState, ServerQuery, UseState
from orrery_wire.errors import Conflict, NotFound
from orrery_wire.schemas import Page, PageQuery

REPORT_SECONDS = 60
# A lab whose server is nobody's concern asks again after so long.
_UNLIMITED_SECONDS = 600


class CullingService:
    """What labs report, and what follows from it for people and administrators.

    ``defaults`` are the limits of servers that hold devices of a pool without limits of its own.
    """

    def __init__(
        self,
        database: Database,
        *,
        defaults: DefaultLimits = NO_LIMITS,
        record: RecordChange = no_record,
    ) -> None:
        self._database = database
        self._defaults = defaults
        self._record = record

    def report(self, user: User, query: ServerQuery, activity: Activity) -> CullState:
        """Store what a lab of the user measured; the answer says how the server stands."""
        moment = db.now()
        with self._database.read() as session:
            case = store.case_of(session, user.name, query.server)
        if case is None:
            return _unlimited("unknown", _UNLIMITED_SECONDS)
        with self._database.write() as session:
            row = store.report(session, case.lease_id, activity, moment)
            working = row.as_report().is_working
            if working:
                row.last_work = moment
            if (working or _is_used(row, case)) and case.warned:
                # It is in use again: the warning and the count of extensions begin anew.
                store.unwarn(session, [case.lease_id])
                notices.withdraw(session, case.person_id, notice_key(case.lease_id))
            session.flush()
            current = store.case(session, case.lease_id)
            return self._state(current, moment)

    def mine(self, user: User, query: ServerQuery) -> CullState:
        """How a server of the user stands."""
        with self._database.read() as session:
            return self._state(store.case_of(session, user.name, query.server), db.now())

    def extend(self, user: User, query: ServerQuery) -> CullState:
        """Put off that an idle server of the user is stopped.

        Raises:
            NotFound: no such server runs.
            Conflict: it is not about to be stopped, or was put off as often as may be.
        """
        moment = db.now()
        with self._database.write() as session:
            case = store.case_of(session, user.name, query.server)
            if case is None:
                raise NotFound(
                    "There is no such server",
                    reason="No server of that name runs, or it holds nothing of a pool.",
                    remedy="Look at your servers.",
                )
            limits = case.limits(self._defaults)
            if case.warned is None or limits is None:
                raise Conflict(
                    "There is nothing to put off",
                    reason="The server is not about to be stopped.",
                    remedy="Wait for the warning.",
                )
            later = extend(case.warned, limits, moment)
            if later is None:
                raise Conflict(
                    "The stop cannot be put off again",
                    reason=f"It was put off {limits.extensions} times without the server being used.",
                    remedy="Run something, or save your work and start the server again later.",
                )
            store.warn(session, case.lease_id, later)
            left = limits.extensions - later.extensions
            notices.put(session, warning_draft(case, later, left))
            self._record(
                session,
                user.name,
                "culling.extend",
                f"{case.user}/{case.server}",
                project=case.project,
                after={"deadline": later.deadline, "extensions": later.extensions},
            )
            session.flush()
            return self._state(store.case(session, case.lease_id), moment)

    def servers(self, query: ServerUseQuery) -> Page[ServerUse]:
        """One page of running servers with what they hold and what they use."""
        moment = db.now()
        with self._database.read() as session:
            rows, total = store.page(session, query)
            items = tuple(self._use(case, moment) for case in rows)
        return Page(items=items, total=total, offset=query.offset, limit=query.limit)

    def limits(self, query: PageQuery) -> Page[PoolLimit]:
        """One page of the limits of pools; a pool without one has the default."""
        with self._database.read() as session:
            rows, total = store.limits(session, query.offset, query.limit)
            items = tuple(_limit(slug, row) for slug, row in rows)
        return Page(items=items, total=total, offset=query.offset, limit=query.limit)

    def set_limit(self, who: str, pool: str, request: LimitIn) -> PoolLimit:
        """Set when idle servers of a pool are stopped."""
        with self._database.write() as session:
            row, before = self._limit_row(session, pool)
            facts = request.model_dump()
            if row is None:
                row = CullLimitRow(pool_id=self._pool_id(session, pool), **facts)
                session.add(row)
            else:
                for name, value in facts.items():
                    setattr(row, name, value)
            if before != facts:
                self._record(session, who, "culling.limit.set", pool, before=before, after=facts)
            session.flush()
            return _limit(pool, row)

    def delete_limit(self, who: str, pool: str) -> None:
        """Remove the limit of a pool: the default holds."""
        with self._database.write() as session:
            row, before = self._limit_row(session, pool)
            if row is not None:
                session.delete(row)
                self._record(session, who, "culling.limit.delete", pool, before=before)

    def advice(self, user: User, query: AdviceQuery) -> Page[Advice]:
        """What people asked for and what they used: all for an administrator, else the user's own."""
        since = db.now() - timedelta(days=query.days)
        own = None if user.may(PLATFORM_ADMIN) else user.person_id
        with self._database.read() as session:
            rows, total = store.uses(session, query, own, since)
            sizes: dict[int, list[Size]] = {}
            for profile in store.profiles(session):
                sizes.setdefault(profile["pool_id"], []).append(_size(profile, profile["slug"]))
        items = tuple(_advice(row, sizes.get(row["pool_id"], [])) for row in rows)
        return Page(items=items, total=total, offset=query.offset, limit=query.limit)

    def _limit_row(
        self, session: Session, pool: str
    ) -> tuple[CullLimitRow | None, dict[str, object] | None]:
        row = session.get(CullLimitRow, self._pool_id(session, pool), with_for_update=True)
        names = LimitIn.model_fields
        return row, ({name: getattr(row, name) for name in names} if row is not None else None)

    def _pool_id(self, session: Session, pool: str) -> int:
        id_ = store.pool_id(session, pool)
        if id_ is None:
            raise NotFound(
                f"There is no pool {pool!r}",
                reason="It has another short name, or it was deleted.",
                remedy="Look at the list of pools.",
            )
        return id_

    def _state(self, case: Case | None, moment: datetime) -> CullState:
        if case is None:
            return _unlimited("unknown", _UNLIMITED_SECONDS)
        server, limits = case.as_server(), case.limits(self._defaults)
        state = server.state(moment)
        if limits is None:
            return _unlimited(state, REPORT_SECONDS)
        verdict = judge(server, case.warned, limits, moment)
        used = case.warned.extensions if case.warned else 0
        return CullState(
            is_limited=True,
            state=state,
            idle_since=server.idle_since() if state == "idle" else None,
            idle_minutes=int(limits.idle.total_seconds() // 60),
            cull_at=verdict.cull_at,
            is_warned=case.warned is not None,
            extensions_left=max(0, limits.extensions - used),
            extension_minutes=int(limits.extension.total_seconds() // 60),
            report_seconds=REPORT_SECONDS,
        )

    def _use(self, case: Case, moment: datetime) -> ServerUse:
        state, row = self._state(case, moment), case.activity
        return ServerUse(
            id=case.lease_id,
            person=case.user,
            server=case.server,
            pool=case.pool,
            project=case.project,
            since=case.started,
            devices=case.devices,
            cpu_millis=case.cpu_millis,
            memory_mib=case.memory_mib,
            state=state.state,
            used_cpu_millis=row.cpu_millis if row else None,
            used_memory_mib=row.memory_mib if row else None,
            device_permille=row.device_permille if row else None,
            device_note=row.device_note if row else "",
            idle_since=state.idle_since,
            cull_at=state.cull_at,
            is_warned=state.is_warned,
            extensions=case.warned.extensions if case.warned else 0,
        )


def _is_used(row: store.ActivityRow, case: Case) -> bool:
    """Whether a cell was run after the warning and has ended by the time of the report."""
    return bool(case.warned and row.last_execution and row.last_execution > case.warned.at)


def _unlimited(state: UseState, seconds: int) -> CullState:
    return CullState(
        is_limited=False,
        state=state,
        idle_since=None,
        idle_minutes=None,
        cull_at=None,
        is_warned=False,
        extensions_left=0,
        extension_minutes=0,
        report_seconds=seconds,
    )


def _limit(pool: str, row: CullLimitRow) -> PoolLimit:
    return PoolLimit(
        pool=pool,
        idle_minutes=row.idle_minutes,
        unknown_minutes=row.unknown_minutes,
        extension_minutes=row.extension_minutes,
        extensions=row.extensions,
    )


def _size(row: Any, slug: str) -> Size:
    return Size(
        slug, row["devices"], round(row["cpu"] * 1000), -(-row["memory_bytes"] // store.MIB)
    )


def _advice(row: Any, profiles: list[Size]) -> Advice:
    size = _size(row, row["profile"])
    samples, device_samples = int(row["samples"]), int(row["device_samples"])
    use = Use(
        minutes=samples * REPORT_SECONDS // 60,
        cpu_millis=int(row["cpu_max"]),
        memory_mib=int(row["memory_max"]),
        device_permille=int(row["device_max"]) if device_samples else None,
    )
    fitting = smaller(size, use, profiles)
    return Advice(
        person=row["person"],
        pool=row["pool"],
        profile=row["profile"],
        servers=row["servers"],
        hours=use.minutes // 60,
        cpu_millis=size.cpu_millis,
        used_cpu_millis=use.cpu_millis,
        mean_cpu_millis=int(row["cpu_sum"]) // samples if samples else 0,
        memory_mib=size.memory_mib,
        used_memory_mib=use.memory_mib,
        devices=size.devices,
        mean_device_permille=int(row["device_sum"]) // device_samples if device_samples else None,
        smaller_profile=fitting.slug if fitting else "",
        advice=words(size, use, fitting),
    )
