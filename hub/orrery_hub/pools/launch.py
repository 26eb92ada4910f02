"""Before a server starts: what a person may choose, the check of what was chosen, and the lease for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from orrery_hub.base.contracts import (
    LaunchAdvice,
    LaunchAdvisor,
    LaunchQueue,
    LaunchRequest,
    RecentFailures,
    StartGate,
)
from orrery_hub.base.db import Database
from orrery_hub.base.people import PersonRow
from orrery_hub.pools import errors, images, store
from orrery_hub.pools.backend import Backend
from orrery_hub.pools.leases import PoolLeases
from orrery_hub.pools.options import parse_last, taken_along
from orrery_hub.pools.planning import Account, Plan, Planner, account_of, request_of, server_of
from orrery_hub.pools.schemas import ProfileSpec
from orrery_hub.pools.store import DeviceTypeRow, LeaseRow, PoolRow, ProfileRow
from orrery_wire.errors import OrreryError
from orrery_wire.launch import CancelIn, EndedIn, Launch, LaunchIn, ServerIn, StartedIn, Ticket
from orrery_wire.pools import DatasetChoice, LaunchChoices, LaunchOptions, ProfileChoice


class LaunchService:
    """Starts of servers. ``gates`` may close all of them, ``advisors`` are asked before each, ``queue`` is where those wait who find no device.

    ``failures`` says which servers of an account failed lately.
    """

    def __init__(
        self,
        database: Database,
        leases: PoolLeases,
        backend: Backend,
        *,
        advisors: Sequence[LaunchAdvisor] = (),
        queue: LaunchQueue | None = None,
        gates: Sequence[StartGate] = (),
        failures: RecentFailures | None = None,
    ) -> None:
        self._database = database
        self._leases = leases
        self._backend = backend
        self._advisors = advisors
        self._planner = Planner(leases, backend)
        self._queue = queue
        self._gates = gates
        self._failures = failures

    def choices(self, name: str, person_id: int, server: str) -> LaunchChoices:
        """What a person may start, with what is free, what it costs, and why something cannot be started now."""
        with self._database.read() as session:
            account = account_of(session, name, person_id)
            failures = tuple(self._failures(session, account.id)) if self._failures else ()
            if not store.has_profiles(session):
                return LaunchChoices(is_required=False, failures=failures)
            rows = [row for row in store.every(session, ProfileRow) if not row.is_hidden]
            last = parse_last(store.last_options(session, account.id, server))
            profiles = [self._choice(session, account, server, row, last) for row in rows]
            offered = tuple(choice for choice in profiles if choice is not None)
            catalogue = images.offered(session) if self._backend.has_images else ()
            requests = self._queue.requests(session, account.id) if self._queue else ()
        known = {choice.slug for choice in offered}
        return LaunchChoices(
            is_required=True,
            profiles=offered,
            images=catalogue,
            last=last if last and last.profile in known else None,
            requests=tuple(requests),
            failures=failures,
        )

    def _choice(
        self,
        session: Session,
        account: Account,
        server: str,
        row: ProfileRow,
        last: LaunchOptions | None,
    ) -> ProfileChoice | None:
        """A profile as a person sees it; None for one whose pool the person may not use."""
        pool = session.get_one(PoolRow, row.pool_id)
        projects = self._leases.usable_projects(session, pool, account.person_id)
        if not projects and not pool.for_everyone:
            return None
        requests = [
            request_of(account, server, row, project_id)
            for project_id in _projects_to_try(projects, pool, last)
        ]
        request, refusal, advice = self._best(session, requests)
        capacity = self._leases.capacity(session, pool.id)
        type_ = session.get(DeviceTypeRow, pool.device_type_id) if pool.device_type_id else None
        is_waiting = refusal is not None and self._may_wait(session, request, refusal)
        spec = ProfileSpec.model_validate(row.spec)
        return _described(row, pool, type_, spec).model_copy(
            update={
                "pool_devices": capacity.total,
                "used_devices": capacity.used,
                "free_devices": capacity.free,
                "price_micros": advice.price_micros,
                "currency": advice.currency,
                "budget_left_micros": advice.budget_left_micros,
                "cause": errors.cause_of(refusal) if refusal else "",
                "reason": f"{refusal.message}. {refusal.reason}".strip() if refusal else "",
                "remedy": refusal.remedy if refusal else "",
                "is_held": refusal is None and self._is_held(session, request),
                "may_queue": is_waiting,
                "wait": self._queue.estimate(session, request)
                if self._queue and is_waiting
                else None,
                "projects": tuple(projects),
                "images": images.slugs_for(session, spec) if self._backend.has_images else (),
            }
        )

    def _best(
        self, session: Session, requests: Iterable[LaunchRequest]
    ) -> tuple[LaunchRequest, OrreryError | None, LaunchAdvice]:
        """The first of several starts that nothing is against; if there is none, the first."""
        answers = []
        for request in requests:
            advice = self._advise(session, request)
            refusal = advice.refusal
            if refusal is None and not self._is_held(session, request):
                refusal = self._leases.check(session, request, lock=False)
            if refusal is None and self._must_wait(session, request):
                refusal = errors.must_wait(session.get_one(PoolRow, request.pool_id).name)
            answers.append((request, refusal, advice))
            if refusal is None:
                return answers[-1]
        return answers[0]

    def _advise(
        self, session: Session, request: LaunchRequest, *, lock: bool = False
    ) -> LaunchAdvice:
        """What all advisors say together."""
        advices = [advise(session, request, lock=lock) for advise in self._advisors]
        prices = [advice for advice in advices if advice.price_micros is not None]
        left = [a.budget_left_micros for a in advices if a.budget_left_micros is not None]
        return LaunchAdvice(
            refusal=next((advice.refusal for advice in advices if advice.refusal), None),
            price_micros=prices[0].price_micros if prices else None,
            currency=next((advice.currency for advice in advices if advice.currency), ""),
            budget_left_micros=min(left) if left else None,
        )

    def _must_wait(self, session: Session, request: LaunchRequest) -> bool:
        if self._queue is None or self._is_held(session, request):
            return False
        return self._queue.must_wait(session, request)

    def _is_held(self, session: Session, request: LaunchRequest) -> bool:
        """Whether a lease was reserved for this start, which the start takes whatever else is free."""
        former = store.open_lease(session, request.account_id, request.server_name)
        return former is not None and self._leases.is_reserved(former, request)

    def _may_wait(self, session: Session, request: LaunchRequest, refusal: OrreryError) -> bool:
        if self._queue is None or refusal.details.get("is_final"):
            return False
        return errors.cause_of(refusal) in _WAITABLE

    def launch(self, person_id: int, launch: LaunchIn, *, may_queue: bool = True) -> Launch:
        """The lease of a server, and what it starts with; without ``may_queue`` nothing that is claimed or requested.

        Raises:
            OrreryError: why it does not start: options, rights, drain, limits, capacity, budget, queue.
        """
        with self._database.write() as session:
            for gate in self._gates:
                if (refusal := gate(session)) is not None:
                    raise refusal
            if not store.has_profiles(session):
                return Launch(lease=None)
            account = account_of(session, launch.user, person_id)
            plan = self._planner.plan(session, account, launch.server, launch.options)
            if not may_queue and (launch.then or self._is_held(session, plan.request)):
                raise errors.may_not_queue()
            advice = self._advise(session, plan.request, lock=True)
            if advice.refusal is not None:
                raise advice.refusal
            if self._must_wait(session, plan.request):
                raise errors.must_wait(plan.pool.name)
            lease = self._leases.take(session, plan.request)
            if launch.then:
                self._join_then(session, account, plan, launch)
            return self._backend.launch(server_of(session, plan, lease))

    def _join_then(
        self, session: Session, account: Account, started: Plan, launch: LaunchIn
    ) -> None:
        """A place in the queue for where a server moves that starts with something else.

        Raises:
            OrreryError: there is no queue, or waiting would not help; nothing starts.
        """
        profile = store.find(session, ProfileRow, launch.then)
        if profile is None or self._queue is None:
            raise errors.unknown_profile()
        pool = session.get_one(PoolRow, profile.pool_id)
        projects = self._leases.usable_projects(session, pool, account.person_id)
        spec = ProfileSpec.model_validate(profile.spec)
        options = taken_along(started.options, profile.slug, spec, projects)
        plan = self._planner.plan(session, account, launch.server, options.model_dump(mode="json"))
        if (refusal := self._leases.check(session, plan.request, waits=True)) is not None:
            raise refusal
        self._queue.join(session, plan.request)

    def cancel(self, person_id: int, request: CancelIn) -> None:
        """Give up a request in the queue.

        Raises:
            NotFound: the person has no such request.
        """
        with self._database.write() as session:
            if self._queue is None:
                raise errors.no_queue()
            account = account_of(session, request.user, person_id)
            self._queue.cancel(session, account.id, request.ticket)

    def join(self, person_id: int, launch: LaunchIn) -> Ticket:
        """A place in the queue for a server that cannot start now.

        Raises:
            NotFound: there is no queue here.
            OrreryError: waiting would not help.
        """
        with self._database.write() as session:
            if self._queue is None or not store.has_profiles(session):
                raise errors.no_queue()
            account = account_of(session, launch.user, person_id)
            plan = self._planner.plan(session, account, launch.server, launch.options)
            if (refusal := self._leases.check(session, plan.request, waits=True)) is not None:
                raise refusal
            return Ticket(ticket=self._queue.join(session, plan.request))

    def started(self, request: StartedIn) -> None:
        """Note that the server of a lease runs, and since when; a report may come late, twice, and after that of the end."""
        with self._database.write() as session:
            if (row := _lease(session, request)) is not None:
                self._leases.start(session, row, request.at)

    def ended(self, request: EndedIn) -> None:
        """End the lease of a server that stopped, as of when it stopped."""
        with self._database.write() as session:
            if (row := _lease(session, request)) is None:
                return
            if request.started is not None:
                self._leases.start(session, row, request.started)
            if request.is_gone and row.ended_at is not None:
                self._leases.correct_end(session, row, request.reason, request.at)
            elif request.is_gone:
                self._leases.end(session, row.id, request.reason, at=request.at)
            else:
                self._leases.note_left(session, row)

    def resolve(
        self, session: Session, person_id: int, account_id: int, server: str, options: LaunchOptions
    ) -> LaunchRequest:
        """The start that options mean, if waiting for it can help.

        Raises:
            OrreryError: the person may not start such a server.
        """
        account = Account(account_id, person_id)
        plan = self._planner.plan(session, account, server, options.model_dump(mode="json"))
        if (refusal := self._leases.check(session, plan.request, waits=True)) is not None:
            raise refusal
        return plan.request


# Causes that pass.
_WAITABLE = frozenset(
    {"no_device", "draining", "server_limit", "person_limit", "project_limit", "queue"}
)


def _lease(session: Session, request: ServerIn) -> LeaseRow | None:
    """The lease that a report is about; None if it is not that server's."""
    row = session.get(LeaseRow, request.lease, with_for_update=True)
    if row is None or row.server_name != request.server:
        return None
    account = session.scalar(select(PersonRow.id).where(PersonRow.hub_name == request.user))
    return row if account == row.account_id else None


def _described(
    row: ProfileRow, pool: PoolRow, type_: DeviceTypeRow | None, spec: ProfileSpec
) -> ProfileChoice:
    """What is declared of a profile, as a person sees it."""
    return ProfileChoice(
        slug=row.slug,
        name=row.name,
        description=row.description,
        pool=pool.slug,
        pool_name=pool.name,
        device_type=type_.name if type_ else "",
        mig_slice=type_.mig_slice if type_ else "",
        devices=row.devices,
        cpu=row.cpu,
        memory_bytes=row.memory_bytes,
        is_spot=row.is_spot,
        needs_project=not pool.for_everyone,
        default_image=spec.default_image,
        datasets=tuple(
            DatasetChoice(
                name=item.name,
                description=item.description,
                path=item.path,
                is_read_only=item.is_read_only,
            )
            for item in spec.datasets
        ),
        may_set_environment=spec.may_set_environment,
        may_set_startup_script=spec.may_set_startup_script,
    )


def _projects_to_try(
    projects: Mapping[str, int], pool: PoolRow, last: LaunchOptions | None
) -> list[int | None]:
    """The projects for which a start is tried, the last choice first."""
    first = projects.get(last.project) if last else None
    ids: list[int | None] = [id_ for id_ in projects.values() if id_ != first]
    if pool.for_everyone:
        return [first] if first is not None else [None]
    return ids if first is None else [first, *ids]
