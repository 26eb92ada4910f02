"""Jobs: every object once, whatever interrupts them; a dry run changes nothing."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping

import pytest
from sqlalchemy import select

from orrery_hub.admin import store
from orrery_hub.admin.jobs import JobService
from orrery_hub.admin.schemas import Job, JobIn, JobItemQuery
from orrery_hub.audit.service import record
from orrery_hub.audit.store import AuditRow
from orrery_hub.base.bulk import BulkAction, BulkItem
from orrery_hub.base.db import Database
from orrery_hub.base.people import PersonRow
from orrery_hub.base.request_context import request_context
from orrery_hub.scopes import PLATFORM_ADMIN
from orrery_wire.errors import BackendUnavailable, Conflict, Invalid, NotFound
from orrery_wire.schemas import PageQuery
from tests.hub.services import USER, Service, make_user


class Office:
    """An action that counts, and the service that runs it; ``opened`` is a service after a restart."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.user = make_user("root", admin=True)
        self.applied: Counter[str] = Counter()
        self.checked: Counter[str] = Counter()
        self.people: set[int | None] = set()
        # After how many questions the person has lost the right.
        self.rights_last, self.asked, self.is_away = 10**9, 0, False
        self.service = self.opened()

    def opened(self) -> JobService:
        return JobService(self.database, self.actions(), may=self.may, record=record)

    async def may(self, name: str, person_id: int | None, scope: str) -> bool:
        assert (name, person_id, scope) == ("root", self.user.person_id, PLATFORM_ADMIN)
        self.asked += 1
        if self.is_away:
            raise BackendUnavailable("JupyterHub did not answer")
        return self.asked <= self.rights_last

    def actions(self) -> Mapping[str, BulkAction]:
        async def check(item: BulkItem) -> str:
            self.checked[item.target] += 1
            return self._judge(item)

        async def apply(item: BulkItem) -> str:
            self.applied[item.target] += 1
            self.people.add(request_context.get().person_id)
            return self._judge(item)

        action = BulkAction("test.paint", "Paint", check, apply, ("colour",))
        return {action.name: action}

    def _judge(self, item: BulkItem) -> str:
        if item.target == "wet":
            raise Conflict("It is wet", reason="It rains.", remedy="Wait.")
        if item.target == "lost":
            raise KeyError(item.target)
        return f"{item.arguments['colour']} by {item.who}"

    def start(self, *targets: str, is_dry_run: bool = False) -> Job:
        request = JobIn(
            action="test.paint",
            targets=targets,
            arguments={"colour": "red"},
            is_dry_run=is_dry_run,
        )
        return self.service.start(self.user, request)

    def run(self, service: JobService | None = None, batches: int = 1_000) -> None:
        async def run() -> None:
            for _ in range(batches):
                if not await (service or self.service).run_next():
                    return

        asyncio.run(run())

    def items(self, job: Job) -> dict[str, tuple[str, str]]:
        page = self.service.items(job.id, JobItemQuery(limit=200))
        return {item.target: (item.state, item.message) for item in page.items}


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database)


def test_each_object_once_and_what_became_of_it(office: Office) -> None:
    job = office.start("a", "b", "a", "wet", "lost")
    assert (job.state, job.total) == ("queued", 4)
    office.run()
    job = office.service.get(job.id)
    assert (job.state, job.done, job.failed) == ("done", 2, 2)
    assert office.applied == Counter("ab") + Counter(["wet", "lost"])
    assert office.people == {office.user.person_id}
    items = office.items(job)
    assert items["a"] == ("done", "red by root")
    assert items["wet"] == ("failed", "It is wet. It rains.")
    assert "log of the hub service" in items["lost"][1]
    failed = office.service.items(job.id, JobItemQuery(state="failed"))
    assert [item.target for item in failed.items] == ["wet", "lost"]
    with office.database.read() as session:
        (entry,) = session.scalars(select(AuditRow).where(AuditRow.what == "admin.job"))
    assert (entry.who, entry.person_id) == ("root", None)
    assert '"count": 4' in str(entry.after)


def test_a_dry_run_changes_nothing_and_is_then_done(office: Office) -> None:
    dry = office.start("a", "wet", is_dry_run=True)
    office.run()
    assert office.applied == Counter()
    assert office.service.get(dry.id).failed == 1
    real = office.service.repeat(office.user, dry.id, is_dry_run=False, failed_only=False)
    office.run()
    assert (real.is_dry_run, office.applied) == (False, Counter(["a", "wet"]))
    again = office.service.repeat(office.user, real.id, is_dry_run=False, failed_only=True)
    assert again.total == 1
    with pytest.raises(Conflict, match="not ended"):
        office.service.repeat(office.user, again.id, is_dry_run=False, failed_only=True)


def test_a_restart_goes_on_where_it_was(office: Office) -> None:
    targets = [f"t{number}" for number in range(50)]
    job = office.start(*targets)
    office.run(batches=1)
    half = office.service.get(job.id)
    assert (half.state, 0 < half.done < 50) == ("running", True)
    office.run(office.opened())
    job = office.service.get(job.id)
    assert (job.state, job.done) == ("done", 50)
    assert office.applied == Counter(targets)


def test_an_object_that_was_interrupted_counts_once(office: Office) -> None:
    job = office.start("a")
    running, batch = office.service._take()
    assert running
    for _ in range(2):
        office.service._finish(job.id, batch[0][0], "done", "x")
    assert office.service.get(job.id).done == 1


def test_a_cancelled_job_leaves_the_rest(office: Office) -> None:
    job = office.start(*[f"t{number}" for number in range(50)])
    office.run(batches=1)
    cancelled = office.service.cancel("root", job.id)
    assert cancelled.state == "cancelled"
    office.run()
    assert sum(office.applied.values()) == cancelled.done < 50
    states = Counter(state for state, _ in office.items(job).values())
    assert states == {"done": cancelled.done, "cancelled": 50 - cancelled.done}
    # What is done at the same moment is noted all the same, and the job stays cancelled.
    assert office.service.cancel("root", job.id).ended == cancelled.ended


@pytest.mark.parametrize("is_dry_run", [False, True])
@pytest.mark.parametrize("lasts", [0, 1, 25])
def test_a_job_ends_when_its_person_loses_the_right(
    office: Office, lasts: int, is_dry_run: bool
) -> None:
    """Asked at each object, also after a restart in between."""
    office.rights_last = lasts
    job = office.start(*(f"t{n}" for n in range(40)), is_dry_run=is_dry_run)
    office.run(batches=1)
    office.run(office.opened())
    done = office.service.get(job.id)
    assert (done.state, done.done) == ("cancelled", lasts)
    assert sum((office.applied + office.checked).values()) == lasts
    items = office.service.items(job.id, JobItemQuery(limit=200)).items
    left = [item for item in items if item.state == "cancelled"]
    assert len(left) == 40 - lasts
    assert all("does not administer" in item.message for item in left)


def test_while_rights_cannot_be_asked_a_job_waits(office: Office) -> None:
    office.is_away = True
    job = office.start("a", "b")
    with pytest.raises(BackendUnavailable):
        office.run()
    assert office.applied == {}
    office.is_away = False
    office.run()
    assert office.service.get(job.id).state == "done"


def test_the_right_is_that_of_the_account_and_its_person(service: Service) -> None:
    rights = service.app.state.context.rights

    def may(name: str, person_id: int | None) -> bool:
        run = rights.may(name, person_id, PLATFORM_ADMIN)
        return asyncio.run_coroutine_threadsafe(run, service.loop.loop).result(10)

    for name in ("root", "ann"):
        service.client(name, admin=name == "root").get("/me").raise_for_status()
    with service.database.read() as session:
        rows = session.execute(select(PersonRow.hub_name, PersonRow.id)).all()
    numbers: dict[str, int] = dict(rows)  # type: ignore[arg-type]
    assert may("root", numbers["root"])
    assert not may("ann", numbers["ann"])
    assert not may("root", numbers["ann"])
    assert not may("nobody", None)
    for model in service.hub.models.values():
        model["admin"] = False
    assert not may("root", numbers["root"])


def test_who_administers_by_a_role_of_jupyterhub_begins_no_job(service: Service) -> None:
    by_role = service.client("deputy", holds=USER | {PLATFORM_ADMIN})
    assert by_role.get("/admin/jobs").status_code == 200
    request = {"action": "people.offboard", "targets": ["1"]}
    for path, body in (
        ("/admin/jobs", request),
        ("/admin/jobs/1/apply", None),
        ("/admin/jobs/1/retry", None),
    ):
        refused = by_role.post(path, json=body)
        assert (refused.status_code, "role of JupyterHub" in refused.text) == (403, True)
    admin = service.client("root", admin=True)
    assert admin.post("/admin/jobs", json=request | {"is_dry_run": True}).status_code == 201


def test_what_cannot_be_begun_says_why(office: Office) -> None:
    request = JobIn(action="none", targets=("a",))
    with pytest.raises(Invalid, match="no action"):
        office.service.start(office.user, request)
    for arguments in ({}, {"colour": "red", "shade": "x"}):
        request = JobIn(action="test.paint", targets=("a",), arguments=arguments)
        with pytest.raises(Invalid, match="these arguments"):
            office.service.start(office.user, request)
    for call in (office.service.get, lambda number: office.service.cancel("root", number)):
        with pytest.raises(NotFound):
            call(4_711)
    assert [action.name for action in office.service.actions()] == ["test.paint"]


def test_an_action_that_is_gone_fails_each_object(office: Office) -> None:
    job = office.start("a")
    office.run(JobService(office.database, {}, may=office.may, record=record))
    assert "no such action" in office.items(job)["a"][1]


def test_jobs_are_newest_first_and_old_ones_are_purged(office: Office) -> None:
    jobs = [office.start("a"), office.start("b")]
    office.run()
    page = office.service.list(PageQuery())
    assert [job.id for job in page.items] == [jobs[1].id, jobs[0].id]
    assert (page.total, page.items[0].title) == (2, "Paint")
    with office.database.write() as session:
        ended = office.service.get(jobs[1].id).ended
        assert ended
        store.purge_jobs(session, ended)
    assert [job.id for job in office.service.list(PageQuery()).items] == [jobs[1].id]
    with office.database.read() as session:
        assert store.targets(session, jobs[0].id) == []


def test_the_runner_wakes_for_a_new_job(office: Office) -> None:
    async def act() -> None:
        runner = asyncio.create_task(office.service.run())
        await asyncio.sleep(0.05)
        job = await asyncio.to_thread(office.start, "a")
        for _ in range(200):
            if (await asyncio.to_thread(office.service.get, job.id)).ended:
                break
            await asyncio.sleep(0.02)
        runner.cancel()
        assert (await asyncio.to_thread(office.service.get, job.id)).state == "done"

    asyncio.run(act())
