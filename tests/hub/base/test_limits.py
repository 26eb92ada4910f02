"""Limits: nobody is read before they are known, nobody takes the place of others, and nobody waits without end."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event, text

from orrery_hub.base import health
from orrery_hub.base.db import Database
from orrery_hub.base.limits import Bucket, Limits, Pacer, Slots
from orrery_hub.settings import Settings
from orrery_wire.errors import BackendUnavailable, TimedOut, TooMany
from tests.hub.services import PREFIX, Service

SNIPPET = {"name": "n", "cells": [{"source": "1"}]}
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM (SELECT i FROM n LIMIT 1000000000) AS t"


@pytest.fixture
def limited(tmp_path: Path, sqlite: Database) -> Iterator[Service]:
    """A service that allows ten requests, ten changes and 3,000 bytes at once."""
    service = Service(
        tmp_path / "home",
        sqlite,
        person_requests_per_second=1,
        person_writes_per_second=1,
        max_body=3_000,
        person_body_bytes=3_000,
    )
    yield service
    service.loop.stop()


@pytest.mark.parametrize(
    ("method", "path", "token", "status"),
    [
        ("POST", "/api/snippets", "", 401),
        ("POST", "/api/snippets", "wrong", 401),
        ("PUT", "/api/snippets/some", "wrong", 401),
        ("PATCH", "/api/projects/p", "", 401),
        ("GET", "/api/me", "wrong", 401),
        ("POST", "/api/nothing", "", 404),
        ("POST", "/api/health", "wrong", 405),
        ("BREW", "/api/snippets", "", 405),
        ("GET", "/api/health", "", 200),
        ("GET", "/api/docs", "", 302),
        ("POST", "/api/snippets", "ann", 413),
    ],
)
def test_no_body_is_read_that_is_not_wanted(
    service: Service, method: str, path: str, token: str, status: int
) -> None:
    """A body of a gigabyte is announced, and not a byte of it is taken."""
    headers = [(b"content-length", b"1000000000"), (b"content-type", b"application/json")]
    if token:
        sent_token = service.hub.add("ann") if token == "ann" else token
        headers.append((b"authorization", f"Bearer {sent_token}".encode()))
    scope = {"type": "http", "method": method, "path": PREFIX + path, "headers": headers, "query_string": b"", "client": ("192.0.2.1", 1), "server": ("x", 80), "scheme": "http"}  # fmt: skip
    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        raise AssertionError("the body was read")

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    async def ask() -> None:
        await service.app(scope, receive, send)  # type: ignore[arg-type]

    asyncio.run_coroutine_threadsafe(ask(), service.loop.loop).result(10)
    assert sent[0]["status"] == status
    assert (b"connection", b"close") in sent[0]["headers"]  # type: ignore[operator]


@pytest.mark.parametrize("kind", ["reads", "writes"])
def test_who_asks_too_often_waits_and_others_do_not(limited: Service, kind: str) -> None:
    ann, ben = limited.client("ann"), limited.client("ben")
    answers = [
        ann.get("/me") if kind == "reads" else ann.post("/snippets", json=SNIPPET)
        for _ in range(13)
    ]
    assert [answer.status_code for answer in answers[:10]] == [200 if kind == "reads" else 201] * 10
    refused = answers[-1]
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many")
    assert int(refused.headers["retry-after"]) >= 1
    assert refused.json()["remedy"]
    assert ben.post("/snippets", json=SNIPPET).status_code == 201


@pytest.mark.parametrize("body", [[b""], [b'{"favourite": true}'], [b"{}", b" "]])
def test_a_body_that_is_cut_off_is_not_served(service: Service, body: list[bytes]) -> None:
    """A route may take no body for an answer, and what came for a whole one."""
    ann = service.client("ann")
    snippet = ann.post("/snippets", json=SNIPPET).raise_for_status().json()["id"]
    path = f"{PREFIX}/api/snippets/{snippet}"
    headers = [(b"transfer-encoding", b"chunked"), (b"content-type", b"application/json"), (b"authorization", ann.headers["authorization"].encode())]  # fmt: skip
    scope = {"type": "http", "method": "DELETE", "path": path, "headers": headers, "query_string": b"", "client": ("192.0.2.1", 1), "server": ("x", 80), "scheme": "http"}  # fmt: skip
    messages = iter(
        [
            *({"type": "http.request", "body": part, "more_body": True} for part in body),
            {"type": "http.disconnect"},
        ]
    )
    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        return next(messages)

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    async def ask() -> None:
        await service.app(scope, receive, send)  # type: ignore[arg-type]

    asyncio.run_coroutine_threadsafe(ask(), service.loop.loop).result(10)
    assert [message["status"] for message in sent if "status" in message] == [400]
    assert snippet in ann.get("/snippets/changes").text


def test_bytes_in_flight_are_counted_for_each_person(limited: Service) -> None:
    limits = Limits(limited.settings)

    async def send() -> list[str]:
        results = []
        async with limits.admit("ann", is_write=True) as first:
            first.reserve(2_000)
            async with limits.admit("ann", is_write=True) as second:
                try:
                    second.reserve(2_000)
                except TooMany as problem:
                    results.append(f"{problem.code} {problem.details['retry_after']}")
            async with limits.admit("ben", is_write=True) as other:
                other.reserve(2_000)
                results.append("ben")
        async with limits.admit("ann", is_write=True) as third:
            third.reserve(3_000)
            results.append("again")
        return results

    assert asyncio.run(send()) == ["too_many 1", "ben", "again"]
    big = SNIPPET | {"description": "x" * 4_000}
    assert limited.client("ann").post("/snippets", json=big).status_code == 413


def test_who_does_not_wait_is_refused_slowly(tmp_path: Path) -> None:
    """What a flood of refusals takes from others is bounded by the rate of refusals, not by the flooder's speed."""
    limits = Limits(Settings(home=tmp_path, person_writes_per_second=1))

    async def flood(name: str, seconds: float) -> int:
        refused, end = 0, time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                async with limits.admit(name, is_write=True):
                    pass
            except TooMany:
                refused += 1
        return refused

    async def all_at_once() -> tuple[int, float]:
        floods = [asyncio.create_task(flood("ann", 1.5)) for _ in range(8)]
        await asyncio.sleep(0.7)
        before = time.monotonic()
        async with limits.admit("ben", is_write=True):  # others feel nothing of it
            waited = time.monotonic() - before
        return sum(await asyncio.gather(*floods)), waited

    refused, waited = asyncio.run(all_at_once())
    assert 10 <= refused <= 60
    assert waited < 0.2


def test_bytes_in_flight_are_counted_of_all_together(tmp_path: Path) -> None:
    limits = Limits(
        Settings(home=tmp_path, max_body=2_000, body_bytes=10_000, person_body_bytes=4_000)
    )

    async def send() -> list[str]:
        results = []
        async with contextlib.AsyncExitStack() as stack:
            for number in range(4):
                body = await stack.enter_async_context(limits.admit(f"p{number}", is_write=True))
                try:
                    body.reserve(3_000)
                    results.append("taken")
                except TooMany as problem:
                    results.append(problem.reason)
        async with limits.admit("p9", is_write=True) as body:  # every byte was given back
            body.reserve(4_000)
        return results

    refused = "Too many bytes are being sent by all together."
    assert asyncio.run(send()) == ["taken", "taken", "taken", refused]


def test_places_are_given_in_turn_and_the_queue_is_bounded() -> None:
    async def take() -> None:
        slots = Slots(2, 3)
        order: list[int] = []

        async def use(number: int) -> None:
            await slots.acquire()
            order.append(number)
            await asyncio.sleep(0.01)
            slots.release()

        tasks = [asyncio.create_task(use(number)) for number in range(7)]
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert order == [0, 1, 2, 3, 4]
        assert [type(result) for result in results[5:]] == [TooMany, TooMany]
        # Who leaves while waiting takes no place with them.
        await slots.acquire()
        await slots.acquire()
        waiting = asyncio.create_task(slots.acquire())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        slots.release()
        slots.release()
        assert slots.active == 0

    asyncio.run(take())


def test_who_waits_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orrery_hub.base.limits.WAIT_SECONDS", 0.02)

    async def wait() -> None:
        slots = Slots(1, 3)
        await slots.acquire()
        with pytest.raises(TooMany, match="at once"):
            await slots.acquire()
        slots.release()
        assert slots.active == 0

    asyncio.run(wait())


def test_a_bucket_fills_up_again() -> None:
    bucket = Bucket(100)
    assert not any(bucket.take() for _ in range(1_000))
    assert 0 < bucket.take() <= 0.01
    time.sleep(0.03)
    assert bucket.take() == 0


def test_refusals_of_strangers_are_paced() -> None:
    async def refuse() -> float:
        pacer = Pacer(200, 2, 100)
        began = time.monotonic()
        await asyncio.gather(*(pacer.wait() for _ in range(160)))
        return time.monotonic() - began

    assert 0.2 < asyncio.run(refuse()) < 2


def test_people_who_left_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orrery_hub.base.limits._MAX_PEOPLE", 10)
    limits = Limits(Settings())

    async def visit() -> None:
        async with limits.admit("stays", is_write=False):
            for number in range(50):
                async with limits.admit(f"p{number}", is_write=False):
                    pass
            assert "stays" in limits._people
        assert len(limits._people) <= 11

    asyncio.run(visit())


def test_metric_labels_are_bounded(service: Service) -> None:
    ann, stranger = service.client("ann"), service.anonymous()
    for number in range(30):
        for client in (ann, stranger):
            client.request(f"M{number}", "/me", headers={"host": f"h{number}"})
        ann.get(f"/made-up/{number}")
        ann.get(f"/projects/p{number}")
        ann.get(f"/snippets/s{number}/versions?x={number}")
    admin = service.client("root", admin=True)
    lines = [line for line in admin.get("/metrics").text.splitlines() if "seconds_count" in line]
    assert 3 <= len(lines) < 12, lines
    assert any('method="other"' in line for line in lines)
    assert not any("M1" in line or "p1" in line or "h1" in line for line in lines)


@pytest.mark.parametrize(
    ("trusted", "address", "secure"),
    [
        ((), "127.0.0.1", False),
        (("10.0.0.0/8",), "127.0.0.1", False),
        (("127.0.0.1",), "203.0.113.9", True),
        (("127.0.0.0/8",), "203.0.113.9", True),
    ],
)
def test_headers_of_a_proxy_are_believed_from_trusted_ones_only(
    tmp_path: Path, sqlite: Database, trusted: tuple[str, ...], address: str, secure: bool
) -> None:
    service = Service(tmp_path / "home", sqlite, trusted_proxies=trusted)
    try:
        forwarded = {"X-Forwarded-For": "198.51.100.1, 203.0.113.9", "X-Forwarded-Proto": "https"}
        ann = service.client("ann")
        ann.post("/projects", json={"slug": "p", "name": "P"}, headers=forwarded)
        entry = service.client("root", admin=True).get("/audit?what=projects.create").json()
        assert entry["items"][0]["address"] == address
        page = service.browser().get(f"{PREFIX}/api/docs", headers=forwarded)
        assert ("Secure" in page.headers["set-cookie"]) is secure
    finally:
        service.loop.stop()


def test_a_query_that_takes_too_long_is_stopped(url: str) -> None:
    database = Database(url, seconds=0.2)
    began = time.monotonic()
    with pytest.raises(TimedOut), database.read() as session:
        session.execute(text(ENDLESS))
    assert time.monotonic() - began < 5
    # The connection is as good as new.
    with database.read() as session:
        assert session.scalar(text("SELECT 1")) == 1
    database.close()


@pytest.mark.parametrize("holder", ["this process", "another"])
def test_a_lock_is_waited_for_as_long_as_a_query(url: str, holder: str) -> None:
    database, other = Database(url, seconds=1), Database(url, seconds=30)
    if holder == "this process":
        other._write_lock = database._write_lock
    with other.write() as session:
        session.execute(text("CREATE TABLE t (n int)"))
        session.execute(text("INSERT INTO t VALUES (1)"))
    with other.write() as held:
        held.execute(text("UPDATE t SET n = 2"))
        began = time.monotonic()
        with pytest.raises(BackendUnavailable, match="busy"), database.write() as session:
            session.execute(text("UPDATE t SET n = 3"))
        assert time.monotonic() - began < 6
    with database.write() as session:
        session.execute(text("UPDATE t SET n = 4"))
    database.close()
    other.close()


def test_health_does_not_wait_behind_work(service: Service, sqlite: Database) -> None:
    """Every worker waits for the database, which a change holds."""
    ann = [service.client(f"p{number}") for number in range(50)]
    with sqlite.write() as session:
        session.execute(text("SELECT 1"))
        threads = [
            threading.Thread(target=client.post, args=("/snippets",), kwargs={"json": SNIPPET})
            for client in ann
        ]
        for thread in threads:
            thread.start()
        time.sleep(0.3)
        began = time.monotonic()
        answer = service.anonymous().get("/health")
        assert time.monotonic() - began < 2.5
        assert answer.status_code == 200
    for thread in threads:
        thread.join()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_health_says_that_nothing_can_be_saved(
    kind: str, request: pytest.FixtureRequest, sqlite: Database
) -> None:
    if kind == "sqlite":
        database = sqlite
        statement = "PRAGMA query_only=ON"
    else:
        database = request.getfixturevalue("shared")
        statement = "SET default_transaction_read_only = on"

    def close(connection: object, *_: object) -> None:
        connection.cursor().execute(statement)  # type: ignore[attr-defined]
        if kind == "postgresql":
            connection.commit()  # type: ignore[attr-defined]

    event.listen(database.engine, "checkout", close)
    try:
        found = health.health(database)
    finally:
        event.remove(database.engine, "checkout", close)
        database.engine.dispose()
    assert (found.status, found.database) == ("degraded", "read-only")
    assert "full or read-only" in found.notices[0]
    assert health.health(database).status == "ok"


def test_health_says_that_the_disk_is_full(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert health.health(sqlite).status == "ok"
    monkeypatch.setattr(health, "_SPARE_BYTES", 1 << 60)
    found = health.health(sqlite)
    assert (found.status, found.database) == ("degraded", "ok")
    assert "almost full" in found.notices[0]


def test_a_database_that_hangs_is_failing_and_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "ANSWER_SECONDS", 0.05)
    gate, count = threading.Event(), 0

    def examine() -> health.Health:
        nonlocal count
        count += 1
        gate.wait(5)
        return health.Health(status="ok", database="ok")

    async def ask() -> list[str]:
        probe = health.HealthProbe(examine)
        answers = [await probe.current() for _ in range(3)]
        gate.set()
        await asyncio.sleep(0.05)
        answers.append(await probe.current())
        return [answer.status for answer in answers]

    assert asyncio.run(ask()) == ["failing"] * 3 + ["ok"]
    assert count == 1


def test_few_are_delayed_and_the_others_are_sent_away() -> None:
    async def flood() -> list[bool]:
        pacer = Pacer(10, 0.3, 5)
        return list(await asyncio.gather(*(pacer.wait() for _ in range(40))))

    started = time.monotonic()
    turns = asyncio.run(flood())
    assert time.monotonic() - started < 5
    # Some at once by the burst, and five that waited.
    assert 5 < turns.count(True) <= 12
