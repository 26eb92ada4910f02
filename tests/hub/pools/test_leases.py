"""Leases: counted and taken in one transaction, on both databases."""

from __future__ import annotations

import threading
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import select

from orrery_hub.base import db
from orrery_hub.base.contracts import LaunchAdvice, LaunchRequest
from orrery_hub.base.db import Database
from orrery_hub.pools import store
from orrery_hub.pools.schemas import DeviceTypeIn, PoolIn, ProfileIn
from orrery_hub.pools.store import LeaseRow
from orrery_wire.errors import Conflict, Invalid, NotFound, OrreryError
from orrery_wire.launch import CancelIn, EndedIn, LaunchIn, StartedIn
from orrery_wire.pools import LaunchOptions, LeaseQuery, OpenRequest, WaitEstimate
from tests.hub.pools.worlds import Clock, World
from tests.hub.services import make_user


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def cause(world: World, *words: Any, **more: Any) -> str:
    with pytest.raises(OrreryError) as caught:
        world.start(*words, **more)
    problem = caught.value
    assert problem.message
    assert problem.reason
    assert problem.remedy
    return str(problem.details.get("cause", problem.code))


def test_many_starts_at_once_share_no_device(database: Database) -> None:
    world = World(database)
    world.declare(devices=5)
    names = [f"racer{number}" for number in range(12)]
    for name in names:
        make_user(name)
    barrier, results = threading.Barrier(len(names)), []

    def start(name: str) -> None:
        barrier.wait()
        try:
            results.append(world.start(name).environment["CUDA_VISIBLE_DEVICES"])
        except Conflict:
            results.append("none")

    threads = [threading.Thread(target=start, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["0", "1", "2", "3", "4", *["none"] * 7]
    assert world.used() == (5, 0)


def test_a_lease_goes_from_reserved_to_running_to_ended(sqlite: Database, clock: Clock) -> None:
    world = World(sqlite)
    world.declare(devices=2, profile={"devices": 2, "spec": {"cpu": 4, "memory_bytes": 1 << 34}})
    lease = world.start("ann").lease
    assert lease is not None
    assert cause(world, "bob") == "no_device"
    begun = clock.move(seconds=5)
    world.launches.started(StartedIn(user="bob", lease=lease))  # not bob's
    world.launches.started(StartedIn(user="ann", lease=lease))
    stopped = clock.move(minutes=10)
    clock.move(seconds=90)  # the report arrives late
    world.launches.ended(EndedIn(user="bob", lease=lease, at=stopped))
    assert world.used() == (2, 0)
    world.launches.ended(EndedIn(user="ann", lease=lease, at=stopped, reason="stopped"))
    (item,) = world.service.leases(LeaseQuery(state="")).items
    assert (item.state, item.started_at, item.ended_at) == ("ended", begun, stopped)
    assert (item.cpu, item.memory_bytes, item.devices) == (4, 1 << 34, 2)
    assert (item.user, item.pool, item.profile) == ("ann", "gpu", "gpu")
    assert world.ended == [lease]
    assert world.used() == (0, 2)


@pytest.mark.parametrize("minutes", [-60, 60])
def test_no_clock_lets_a_lease_end_before_it_began_or_after_now(
    sqlite: Database, clock: Clock, minutes: int
) -> None:
    world = World(sqlite)
    world.declare(devices=1)
    begun, lease = clock.moment, world.start("ann").lease
    assert lease is not None
    now = clock.move(minutes=5)
    at = now + timedelta(minutes=minutes)
    world.launches.ended(EndedIn(user="ann", lease=lease, at=at))
    (item,) = world.service.leases(LeaseQuery(state="ended")).items
    assert item.ended_at == (begun if minutes < 0 else now)


def test_a_new_start_of_a_server_ends_the_lease_of_the_former(sqlite: Database) -> None:
    world = World(sqlite)
    world.declare(devices=1)
    first, second = world.start("ann"), world.start("ann")
    assert first.lease != second.lease
    assert world.used() == (1, 0)
    assert cause(world, "ann", server="other") == "no_device"


def test_limits_say_which_one(sqlite: Database) -> None:
    world = World(sqlite)
    world.project("churn", ann="editor", bob="owner", eve="viewer")
    world.project("secret", bob="owner")
    world.declare(devices=4, for_everyone=False, devices_per_person=2)
    world.declare(slug="cpu", max_servers=1)
    world.grant("gpu", "churn", 3)
    assert cause(world, "ann", "nowhere") == "project"
    assert cause(world, "eve") == "project"  # a viewer does not work in it
    assert cause(world, "dan") == "project"
    assert cause(world, "ann", project="secret") == "project"
    for server in ("", "second"):
        world.start("ann", server=server)
    assert cause(world, "ann", server="third") == "person_limit"
    world.start("bob", project="churn")
    assert cause(world, "bob", server="second") == "project_limit"
    world.start("dan", "cpu")
    assert cause(world, "eve", "cpu") == "server_limit"
    world.service.drain("root", "gpu", "A node is replaced.")
    assert cause(world, "bob", server="second") == "draining"
    assert world.used() == (3, 1)  # running servers are left alone
    world.service.resume("root", "gpu")
    world.grant("gpu", "churn", 4)
    world.start("bob", server="b")
    assert world.used() == (4, 0)
    world.grant("gpu", "churn")
    assert cause(world, "bob", server="c") == "person_limit"


def test_a_project_has_to_be_chosen_only_where_there_is_a_choice(sqlite: Database) -> None:
    world = World(sqlite)
    for slug in ("one", "two"):
        world.project(slug, ann="owner")
    world.declare(devices=4, for_everyone=False)
    world.grant("gpu", "two")
    world.start("ann")
    (item,) = world.service.leases(LeaseQuery()).items
    assert item.project == "two"
    world.grant("gpu", "one")
    with pytest.raises(Invalid, match="one, two"):
        world.start("ann")
    assert world.start("ann", project="one").lease


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"profile": "gpu", "kubespawner_override": {"image": "evil"}}, "kubespawner_override"),
        ({"profile": ["gpu"]}, "profile"),
        ({"profile": "GPU"}, "profile"),
        ({"profile": "gpu", "environment": {"JUPYTERHUB_API_TOKEN": "x"}}, "JUPYTERHUB_API_TOKEN"),
        ({"profile": "gpu", "environment": {"CUDA_VISIBLE_DEVICES": "0,1"}}, "CUDA_VISIBLE"),
        ({"profile": "gpu", "environment": {"A B": "x"}}, "environment"),
        ({"profile": "gpu", "environment": {"A": "x"}}, "takes no environment"),
        ({"profile": "gpu", "startup_script": "true"}, "takes no startup script"),
        ({"profile": "gpu", "datasets": ["iris"]}, "iris"),
        ({"profile": "gpu", "image": "lab"}, "no image"),
        ({}, "No hardware profile"),
        ({"profile": "hidden"}, "cannot start a server with this profile"),
    ],
)
def test_what_is_sent_directly_is_checked_like_the_form(
    sqlite: Database, options: dict[str, Any], words: str
) -> None:
    world = World(sqlite)
    closed = {"may_set_environment": False, "may_set_startup_script": False}
    world.declare(devices=1, profile={"spec": closed})
    world.declare(slug="hidden", profile={"is_hidden": True})
    world.declare(slug="cpu")
    request = LaunchIn(user="ann", created=None, options=options)
    with pytest.raises(OrreryError) as caught:
        world.launches.launch(make_user("ann").person_id, request)
    assert words in str(caught.value)
    assert world.used() == (0, 1)


def test_who_chooses_nothing_gets_the_only_profile(sqlite: Database) -> None:
    world = World(sqlite)
    assert world.start("ann", "").lease is None  # without profiles a server just starts
    world.declare(devices=1)
    assert world.start("ann", "").profile == "gpu"


def test_what_an_advisor_says_is_shown_and_enforced(sqlite: Database) -> None:
    asked: list[LaunchRequest] = []

    def advise(session: Any, request: LaunchRequest, *, lock: bool = False) -> LaunchAdvice:
        asked.append(request)
        empty = Conflict("The budget is used up", reason="0 left.", remedy="Ask for more.")
        refusal = empty if request.person_id == make_user("bob").person_id else None
        return LaunchAdvice(refusal, 2_500_000, "EUR", 0 if refusal else 10_000_000)

    world = World(sqlite, advisors=[advise])
    world.declare(devices=2)
    (choice,) = world.choices("ann").profiles
    assert (choice.price_micros, choice.currency, choice.budget_left_micros) == (
        2_500_000,
        "EUR",
        10_000_000,
    )
    assert (choice.cause, choice.free_devices, choice.pool_devices) == ("", 2, 2)
    (choice,) = world.choices("bob").profiles
    assert (choice.cause, choice.may_queue) == ("budget", False)
    assert "used up" in choice.reason
    world.start("ann")
    with pytest.raises(Conflict, match="used up"):
        world.start("bob")
    assert asked[-1].devices == 1


class Queue:
    """A queue in which somebody else waits already."""

    def __init__(self, *, waits: bool = True) -> None:
        self.waits = waits
        self.joined: list[LaunchRequest] = []

    def estimate(self, session: Any, request: LaunchRequest) -> WaitEstimate:
        return WaitEstimate(place=2, low_seconds=60, high_seconds=600)

    def must_wait(self, session: Any, request: LaunchRequest) -> bool:
        return self.waits

    def join(self, session: Any, request: LaunchRequest) -> int:
        self.joined.append(request)
        return len(self.joined)

    def requests(self, session: Any, account_id: int) -> tuple[OpenRequest, ...]:
        return ()

    def cancel(self, session: Any, account_id: int, ticket: int) -> None:
        raise NotFound("There is none")


@pytest.mark.parametrize("devices", [1, 2])
def test_a_newcomer_does_not_overtake_the_queue_and_a_claim_is_not_held_up(
    sqlite: Database, clock: Clock, devices: int
) -> None:
    queue = Queue()
    world = World(sqlite, queue=queue)
    world.declare(devices=devices)
    assert cause(world, "ann") == "queue"
    (choice,) = world.choices("ann").profiles
    assert (choice.cause, choice.may_queue) == ("queue", True)
    assert choice.wait == WaitEstimate(place=2, low_seconds=60, high_seconds=600)
    ann = make_user("ann").person_id
    request = LaunchIn(user="ann", created=None, options={"profile": "gpu"})
    assert world.launches.join(ann, request).ticket == 1
    with sqlite.write() as session:
        until = clock.moment + timedelta(minutes=10)
        lease = world.leases.reserve(session, queue.joined[0], until=until)
    assert world.used() == (1, devices - 1)
    assert [c.cause for c in world.choices("ann").profiles] == [""]
    assert [c.is_held for c in world.choices("ann").profiles] == [True]
    assert not world.choices("eve").profiles[0].is_held
    assert not world.choices("ann", "other").profiles[0].is_held
    assert world.start("ann").lease == lease
    assert not world.choices("ann").profiles[0].is_held
    with sqlite.read() as session:
        row = session.get_one(LeaseRow, lease)
        assert (row.state, row.reserved_until) == ("reserved", None)
    # A place that was not claimed in time is nobody's.
    queue.waits = False
    with sqlite.write() as session:
        world.leases.end(session, lease, "stopped")
        late = world.leases.reserve(session, queue.joined[0], until=clock.moment)
    clock.move(seconds=1)
    assert world.start("ann").lease != late


def test_waiting_is_not_offered_where_it_would_not_help(sqlite: Database) -> None:
    queue = Queue()
    world = World(sqlite, queue=queue)
    world.project("churn", ann="owner")
    world.declare(devices=1, profile={"devices": 3})
    world.declare(slug="mine", devices=1, for_everyone=False)
    world.grant("mine", "churn")
    (choice, _) = world.choices("ann").profiles
    assert (choice.cause, choice.may_queue) == ("no_device", False)
    request = LaunchIn(user="eve", created=None, options={"profile": "mine"})
    with pytest.raises(NotFound):
        world.launches.join(make_user("eve").person_id, request)
    assert queue.joined == []


def test_a_server_starts_now_and_waits_for_where_it_moves(sqlite: Database) -> None:
    queue = Queue(waits=False)
    world = World(sqlite, queue=queue)
    world.project("churn", ann="owner")
    world.project("other", ann="owner")
    closed = {"may_set_startup_script": False}
    datasets = [dataset("iris")]
    world.declare(devices=1, for_everyone=False, profile={"spec": {**closed, "datasets": datasets}})
    world.declare(slug="cpu", profile={"spec": {"datasets": [*datasets, dataset("wine")]}})
    chosen = {"environment": {"A": "1"}, "startup_script": "true", "datasets": ["wine", "iris"]}

    def start(then: str, **more: Any) -> None:
        options = {"profile": "cpu"} | chosen | more
        request = LaunchIn(user="ann", created=None, options=options, then=then)
        world.launches.launch(make_user("ann").person_id, request)

    for then in ("gpu", "nowhere"):
        with pytest.raises(NotFound, match="cannot start a server with this profile"):
            start(then)
    # What is refused starts nothing.
    assert world.service.leases(LeaseQuery()).total == 0
    world.grant("gpu", "churn")
    start("gpu", project="other")
    (joined,) = queue.joined
    assert joined.options == LaunchOptions(
        profile="gpu", project="churn", environment={"A": "1"}, datasets=("iris",)
    ).model_dump(mode="json")
    (lease,) = world.service.leases(LeaseQuery()).items
    assert (lease.profile, lease.project) == ("cpu", "other")
    with pytest.raises(NotFound, match="no queue"):
        World(sqlite).launches.cancel(1, CancelIn(user="ann", created=None, ticket=1))


def dataset(name: str) -> dict[str, Any]:
    return {"name": name, "source": "/tmp", "path": f"/{name}", "is_read_only": False}


def test_what_was_chosen_is_remembered(sqlite: Database) -> None:
    world = World(sqlite)
    world.declare(devices=2)
    assert world.choices("ann").last is None
    world.start("ann", environment={"A": "1"}, startup_script="echo ready")
    for server in ("", "new"):
        last = world.choices("ann", server).last
        assert (last.environment, last.startup_script) == ({"A": "1"}, "echo ready")
    assert world.choices("bob").last is None


def test_devices_of_one_type_have_numbers_over_all_its_pools(sqlite: Database) -> None:
    world = World(sqlite)
    types = DeviceTypeIn(slug="a100", name="A100", count=4)
    world.service.device_types.create("root", types)
    for slug in ("train", "try"):
        pool = PoolIn(slug=slug, name=slug, device_type="a100", devices=2, for_everyone=True)
        world.service.pools.create("root", pool)
        profile = ProfileIn(slug=slug, pool=slug, name=slug, devices=1)
        world.service.profiles.create("root", profile)
    numbers = [
        world.start(name, pool).environment["CUDA_VISIBLE_DEVICES"]
        for name, pool in (("ann", "train"), ("bob", "try"), ("eve", "train"), ("dan", "try"))
    ]
    assert numbers == ["0", "1", "2", "3"]
    world.declare(slug="cpu")
    assert world.start("fay", "cpu").environment["CUDA_VISIBLE_DEVICES"] == "-1"


def test_leases_follow_a_person_who_is_merged(sqlite: Database) -> None:
    world = World(sqlite)
    world.declare(devices=2)
    ann, bob = make_user("ann").person_id, make_user("bob").person_id
    for name in ("ann", "bob"):
        world.start(name)  # both have a server without a name
    with sqlite.write() as session:
        store.merge(session, ann, bob)
    with sqlite.read() as session:
        facts = world.leases.open(session, person_id=bob)
    assert [(item.account_id, item.person_id) for item in facts] == [(ann, bob), (bob, bob)]
    page = world.service.leases(LeaseQuery(), person_id=bob)
    assert {item.user for item in page.items} == {"ann", "bob"}


def test_leases_are_filtered_and_sorted(sqlite: Database) -> None:
    world = World(sqlite)
    world.project("churn", ann="owner")
    world.declare(devices=4)
    world.declare(slug="cpu")
    world.start("bob")
    world.start("ann", project="churn", server="train")
    world.start("eve", "cpu")

    def users(**query: Any) -> list[str]:
        return [item.user for item in world.service.leases(LeaseQuery(**query)).items]

    assert users() == ["eve", "ann", "bob"]
    assert users(sort="user", descending=False) == ["ann", "bob", "eve"]
    assert users(descending=False, limit=1, offset=1) == ["ann"]
    assert users(pool="cpu") == ["eve"]
    assert users(project="churn") == users(q="TRAI") == ["ann"]
    assert users(state="ended") == []
    with pytest.raises(NotFound):
        users(project="nowhere")


def test_what_ended_is_there_for_estimates(sqlite: Database, clock: Clock) -> None:
    world = World(sqlite)
    world.declare(devices=1)
    begun = clock.moment
    for name in ("ann", "bob"):
        lease = world.start(name).lease
        assert lease is not None
        clock.move(minutes=1)
        world.launches.ended(EndedIn(user=name, lease=lease, at=db.now()))
    with sqlite.read() as session:
        pool = store.find(session, store.PoolRow, "gpu")
        assert pool is not None
        both = world.leases.ended(session, pool.id, since=begun, limit=9)
        late = world.leases.ended(session, pool.id, since=begun + timedelta(seconds=90), limit=9)
    assert [item.person_id for item in both] == [make_user(n).person_id for n in ("bob", "ann")]
    assert len(late) == 1


@pytest.mark.parametrize("order", sorted({*permutations(("started", "ended", "started", "seen"))}))
def test_reports_in_any_order_and_twice_say_the_same_of_a_server(
    sqlite: Database, clock: Clock, order: tuple[str, ...]
) -> None:
    world = World(sqlite)
    world.declare(devices=1)
    reserved = clock.moment
    lease = world.start("ann").lease
    assert lease is not None
    begun, ended = clock.move(minutes=1), clock.move(minutes=9)
    clock.move(minutes=3)  # the hub service was away
    for what in order:
        clock.move(seconds=5)
        if what == "started":
            world.launches.started(StartedIn(user="ann", lease=lease, at=begun))
        elif what == "ended":
            world.launches.ended(EndedIn(user="ann", lease=lease, at=ended, started=begun))
        else:
            with sqlite.write() as session:
                row = session.get_one(store.LeaseRow, lease)
                if row.ended_at is None:
                    world.leases.start(session, row)  # what the comparison with JupyterHub notes
    with sqlite.read() as session:
        row = session.get_one(store.LeaseRow, lease)
        assert (row.reserved_at, row.started_at, row.ended_at) == (reserved, begun, ended)
    assert world.ended == [lease]


@pytest.mark.parametrize(
    ("started", "ended", "expected"),
    [
        (-600, 300, (0, 300)),  # its clock is behind: not before it was reserved
        (9_999, 300, (None, 300)),  # after its own end: nobody knows
        (60, 9_999, (60, 720)),  # its clock is ahead: not in the future
        (None, 300, (None, 300)),
    ],
)
def test_a_clock_that_is_wrong_charges_nothing_that_cannot_be(
    sqlite: Database, clock: Clock, started: float | None, ended: float, expected: tuple[Any, float]
) -> None:
    world = World(sqlite)
    world.declare(devices=1)
    begin = clock.moment
    lease = world.start("ann").lease
    assert lease is not None
    clock.move(minutes=12)
    since = None if started is None else begin + timedelta(seconds=started)
    report = EndedIn(user="ann", lease=lease, at=begin + timedelta(seconds=ended))
    world.launches.ended(report)
    world.launches.started(StartedIn(user="ann", lease=lease, at=since))
    with sqlite.read() as session:
        row = session.get_one(store.LeaseRow, lease)
        assert row.ended_at is not None
        seen = None if row.started_at is None else (row.started_at - begin).total_seconds()
        assert (seen, (row.ended_at - begin).total_seconds()) == expected


def test_two_starts_of_one_server_at_once_are_a_conflict(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(sqlite)
    world.declare(devices=4)
    world.start("ann")
    monkeypatch.setattr(store, "open_lease", lambda *_: None)  # neither has seen the other's
    with pytest.raises(Conflict, match="being started already"):
        world.start("ann")
    monkeypatch.undo()
    assert world.used() == (1, 3)


def test_what_nobody_may_start_any_more_is_reserved_for_nobody(sqlite: Database) -> None:
    world = World(sqlite)
    world.declare(devices=1)
    world.start("ann")
    with sqlite.write() as session:
        (lease,) = session.scalars(select(store.LeaseRow))
        request = LaunchRequest(
            lease.person_id,
            lease.account_id,
            "other",
            None,
            lease.pool_id or 0,
            lease.profile_id or 0,
            0,
            0,
            0,
            False,
        )
        assert world.leases.check(session, request) is None
        profile = session.scalars(select(store.ProfileRow)).one()
        for name, value in (("is_hidden", True), ("deleted", db.now())):
            profile.is_hidden, profile.deleted = False, None
            setattr(profile, name, value)
            session.flush()
            refusal = world.leases.check(session, request, waits=True)
            assert refusal is not None
            assert refusal.details["cause"] == "project"
