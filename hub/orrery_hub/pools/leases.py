"""Leases: who may take what of a pool, counted and taken in one transaction.

The row of the pool is locked while a lease is taken, so two starts never share a device.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from orrery_hub.base import db
from orrery_hub.base.contracts import (
    Capacity,
    LaunchRequest,
    LeaseEnded,
    LeaseFacts,
    LeaseStarted,
    Memberships,
    ProjectRole,
    RecordChange,
    no_record,
)
from orrery_hub.base.people import names
from orrery_hub.pools import errors, store
from orrery_hub.pools.store import LeaseRow, PoolRow, ProfileRow
from orrery_wire.errors import OrreryError

# Roles in a project that may use what the project was granted.
_WORKING = frozenset({"owner", "editor"})


class PoolLeases:
    """``Leases`` of the contracts. ``on_end`` are called for each lease that ends, ``on_start`` when its server runs."""

    def __init__(
        self,
        memberships: Memberships,
        *,
        record: RecordChange = no_record,
        on_end: Sequence[LeaseEnded] = (),
        on_start: Sequence[LeaseStarted] = (),
    ) -> None:
        self._memberships = memberships
        self._record = record
        self._on_end = on_end
        self._on_start = on_start

    def capacity(self, session: Session, pool_id: int, *, lock: bool = False) -> Capacity:
        """What a pool has, and what is used of it; with ``lock``, nobody else takes a lease before the transaction ends."""
        pool = session.get_one(PoolRow, pool_id, with_for_update=lock)
        if lock and pool.device_type_id is not None:
            # The numbers of devices are given over all pools of a type.
            session.get_one(store.DeviceTypeRow, pool.device_type_id, with_for_update=True)
        used, servers = store.usage(session, pool_id=pool_id)
        total = store.total_devices(session, pool)
        free = None if total is None else max(0, total - used)
        return Capacity(pool_id, total, used, free, servers, pool.max_servers, pool.is_draining)

    def usable_projects(self, session: Session, pool: PoolRow, person_id: int) -> dict[str, int]:
        """The projects for which a person may use a pool, by slug; for a pool of everyone, all where the person works."""
        granted = store.grants_of(session, pool.id)
        return {
            slug: id_
            for id_, slug, role in self._memberships(session, person_id)
            if role in _WORKING and (pool.for_everyone or id_ in granted)
        }

    def roles(self, session: Session, person_id: int) -> Sequence[tuple[int, str, ProjectRole]]:
        """Id, slug and role for every project of a person."""
        return self._memberships(session, person_id)

    def check(
        self, session: Session, request: LaunchRequest, *, waits: bool = False, lock: bool = True
    ) -> OrreryError | None:
        """Why a server may not start now: rights, drain, limits, capacity; with ``waits``, what waiting does not change.

        Without ``lock`` the answer is for people to read: a moment later it may be another.
        """
        capacity = self.capacity(session, request.pool_id, lock=lock)
        pool = session.get_one(PoolRow, request.pool_id)
        if pool.deleted is not None:
            return errors.unknown_profile()
        profile = session.get(ProfileRow, request.profile_id)
        if profile is None or profile.is_hidden or profile.deleted is not None:
            return errors.unknown_profile()
        projects = self.usable_projects(session, pool, request.person_id)
        if request.project_id is not None and request.project_id not in projects.values():
            return errors.foreign_project()
        if request.project_id is None and not pool.for_everyone:
            return errors.needs_project(projects) if projects else errors.unknown_profile()
        if capacity.total is not None and request.devices > capacity.total:
            return errors.too_many_devices(pool.name, request.devices, capacity.total)
        if waits:
            return None
        return self._check_now(session, request, pool, capacity)

    def _check_now(
        self, session: Session, request: LaunchRequest, pool: PoolRow, capacity: Capacity
    ) -> OrreryError | None:
        if pool.is_draining:
            return errors.draining(pool.name, pool.drain_reason)
        if pool.devices_per_person is not None:
            used, _ = store.usage(session, pool_id=pool.id, person_id=request.person_id)
            if used + request.devices > pool.devices_per_person:
                return errors.person_limit(pool.name, used, pool.devices_per_person)
        if request.project_id is not None:
            grant = store.grants_of(session, pool.id).get(request.project_id)
            if grant is not None and grant.devices is not None:
                used, _ = store.usage(session, pool_id=pool.id, project_id=request.project_id)
                if used + request.devices > grant.devices:
                    return errors.project_limit(pool.name, used, grant.devices)
        if capacity.max_servers is not None and capacity.servers >= capacity.max_servers:
            return errors.server_limit(pool.name, capacity.max_servers)
        if capacity.free is not None and request.devices > capacity.free:
            return errors.no_device(pool.name, request.devices, capacity.free)
        return None

    def reserve(self, session: Session, request: LaunchRequest, *, until: datetime) -> int:
        """Hold what a server needs for somebody who has to start it before a point in time; the result is the lease.

        Raises:
            OrreryError: what ``check`` says.
        """
        return self.take(session, request, until=until).id

    def take(
        self, session: Session, request: LaunchRequest, *, until: datetime | None = None
    ) -> LeaseRow:
        """A lease for a server that starts: the one that was reserved for it, or a new one in the place of an older.

        Raises:
            OrreryError: what ``check`` says.
        """
        former = store.open_lease(session, request.account_id, request.server_name)
        if former is not None:
            if until is None and self.is_reserved(former, request):
                return self._claim(session, former, request)
            former.end_reason = ""
            self._end(session, former, "replaced by a new start", db.now())
        if (refusal := self.check(session, request)) is not None:
            raise refusal
        row = self._add(session, request, until=until)
        self._note(session, row, "pools.lease.take")
        return row

    def _add(self, session: Session, request: LaunchRequest, *, until: datetime | None) -> LeaseRow:
        moment = db.now()
        row = LeaseRow(
            account_id=request.account_id,
            person_id=request.person_id,
            server_name=request.server_name,
            project_id=request.project_id,
            pool_id=request.pool_id,
            profile_id=request.profile_id,
            devices=request.devices,
            cpu=request.cpu,
            memory_bytes=request.memory_bytes,
            is_spot=request.is_spot,
            device_ids=self._device_ids(session, request),
            options=dict(request.options),
            state="reserved",
            reserved_at=moment,
            reserved_until=until,
            seen_at=moment,
            end_reason="",
        )
        try:
            with session.begin_nested():
                session.add(row)
        except IntegrityError:
            raise errors.starts_elsewhere() from None
        return row

    def _claim(self, session: Session, row: LeaseRow, request: LaunchRequest) -> LeaseRow:
        row.options, row.reserved_until, row.seen_at = dict(request.options), None, db.now()
        self._note(session, row, "pools.lease.claim")
        return row

    @staticmethod
    def is_reserved(row: LeaseRow, request: LaunchRequest) -> bool:
        """Whether a lease was reserved for this start, and still is."""
        return (
            row.reserved_until is not None
            and row.reserved_until > db.now()
            and (row.profile_id, row.project_id) == (request.profile_id, request.project_id)
        )

    @staticmethod
    def _device_ids(session: Session, request: LaunchRequest) -> list[int]:
        """The lowest numbers of devices that nobody holds; they tell servers of one machine apart."""
        pool = session.get_one(PoolRow, request.pool_id)
        if not request.devices or pool.device_type_id is None:
            return []
        count = session.get_one(store.DeviceTypeRow, pool.device_type_id).count
        taken = store.device_ids_in_use(session, pool.device_type_id)
        free = [number for number in range(count) if number not in taken]
        return free[: request.devices]

    def restore(self, session: Session, row: LeaseRow, moment: datetime) -> None:
        """Open a lease again that ended though its server runs on: it holds, and costs, what it did."""
        row.ended_at = row.reserved_until = None
        row.state, row.end_reason = "running", ""
        row.started_at, row.seen_at = row.started_at or moment, moment
        session.flush()
        self._note(session, row, "pools.lease.restore")
        for started in self._on_start:
            started(session, row.id)

    def resume(self, session: Session, request: LaunchRequest, since: datetime) -> LeaseRow:
        """A lease for a server that runs since a point in time, whatever is free: it uses its devices already."""
        row = self._add(session, request, until=None)
        row.state, row.started_at = "running", since
        session.flush()
        self._note(session, row, "pools.lease.resume")
        return row

    def adopt(self, session: Session, account_id: int, person_id: int, server: str) -> None:
        """A lease without devices for a server that runs without one: it started before there were profiles."""
        moment = db.now()
        row = LeaseRow(
            account_id=account_id,
            person_id=person_id,
            server_name=server,
            devices=0,
            cpu=0,
            memory_bytes=0,
            is_spot=False,
            device_ids=[],
            options={},
            state="running",
            reserved_at=moment,
            started_at=moment,
            seen_at=moment,
            end_reason="",
        )
        session.add(row)
        session.flush()
        self._note(session, row, "pools.lease.adopt")

    def start(self, session: Session, row: LeaseRow, at: datetime | None = None) -> None:
        """Note that the server of a lease runs since a point in time, or since now.

        Who reports it has another clock, and reports are late: the time lies between the reservation and now, an earlier
        one counts also where the start is known, and one before the end also where that was reported first.
        """
        moment = db.now()
        begun = max(row.reserved_at, min(at or moment, moment))
        if row.ended_at is not None:
            if at is not None and row.started_at is None and begun <= row.ended_at:
                row.started_at = begun
                session.flush()
        elif row.state == "reserved":
            row.state, row.started_at, row.seen_at = "running", begun, moment
            row.reserved_until = None
            session.flush()
            for started in self._on_start:
                started(session, row.id)
        elif at is not None and row.started_at is not None and begun < row.started_at:
            row.started_at = begun
            session.flush()

    def note_left(self, session: Session, row: LeaseRow) -> None:
        """Note that a server could not be stopped and may run on: its lease stays until the server is started anew."""
        if row.ended_at is None:
            row.end_reason = store.LEFT_RUNNING
            session.flush()
            self._note(session, row, "pools.lease.left")

    def assign(self, session: Session, lease_id: int, server_name: str) -> None:
        """Make a reservation that of another server of the same account, whose own lease ends."""
        row = session.get_one(LeaseRow, lease_id, with_for_update=True)
        former = store.open_lease(session, row.account_id, server_name)
        if former is not None and former is not row:
            self._end(session, former, "moved to another pool", db.now())
        row.server_name = server_name
        session.flush()
        self._note(session, row, "pools.lease.assign")

    def end(
        self, session: Session, lease_id: int, reason: str, *, at: datetime | None = None
    ) -> None:
        """End a lease; one that has ended stays as it is."""
        row = session.get(LeaseRow, lease_id, with_for_update=True)
        if row is not None and row.ended_at is None:
            self._end(session, row, reason, at or db.now())
            session.flush()

    def correct_end(self, session: Session, row: LeaseRow, reason: str, at: datetime) -> None:
        """Take the time that a late report says for the end of a lease whose server was found gone.

        It was ended when its server was last seen: the report knows how long it ran while nobody could look.
        """
        if row.ended_at is None or row.end_reason != store.VANISHED:
            return
        if (moment := min(at, db.now())) > row.ended_at:
            row.end_reason = ""
            self._end(session, row, reason, moment)

    def release(self, session: Session, lease_id: int, reason: str) -> None:
        """End a reservation that no start has taken up; the lease of a server that starts or runs stays the server's."""
        row = session.get(LeaseRow, lease_id, with_for_update=True, populate_existing=True)
        if row is not None and row.ended_at is None and row.reserved_until is not None:
            self._end(session, row, reason, db.now())

    def _end(self, session: Session, row: LeaseRow, reason: str, moment: datetime) -> None:
        # A clock that was set back, or another machine's, makes no lease end before it began.
        row.ended_at = max(min(moment, db.now()), row.started_at or row.reserved_at)
        row.state = "ended"
        # Who stopped the server may have noted why already.
        row.end_reason = row.end_reason or reason[:200]
        session.flush()
        self._note(session, row, "pools.lease.end", reason=row.end_reason)
        for ended in self._on_end:
            ended(session, row.id)

    def _note(self, session: Session, row: LeaseRow, what: str, **more: object) -> None:
        user = names(session, [row.account_id]).get(row.account_id, "")
        facts = {"lease": row.id, "pool": row.pool_id, "devices": row.devices, **more}
        self._record(session, user, what, f"{user}/{row.server_name}", after=facts)

    def open(
        self, session: Session, *, pool_id: int | None = None, person_id: int | None = None
    ) -> Sequence[LeaseFacts]:
        """The leases that have not ended, oldest first."""
        rows = store.open_leases(session, pool_id=pool_id, person_id=person_id)
        return [_facts(row) for row in rows]

    def ended(
        self, session: Session, pool_id: int, *, since: datetime, limit: int
    ) -> Sequence[LeaseFacts]:
        """The leases of a pool that ended since a point in time, newest first."""
        rows = store.ended_leases(session, pool_id, since=since, limit=limit)
        return [_facts(row) for row in rows]


def _facts(row: LeaseRow) -> LeaseFacts:
    return LeaseFacts(
        id=row.id,
        account_id=row.account_id,
        person_id=row.person_id,
        server_name=row.server_name,
        project_id=row.project_id,
        pool_id=row.pool_id,
        profile_id=row.profile_id,
        devices=row.devices,
        cpu=row.cpu,
        memory_bytes=row.memory_bytes,
        is_spot=row.is_spot,
        state=row.state,
        reserved_at=row.reserved_at,
        reserved_until=row.reserved_until,
        started_at=row.started_at,
        seen_at=row.seen_at,
        ended_at=row.ended_at,
        is_left_running=row.ended_at is None and row.end_reason == store.LEFT_RUNNING,
    )
