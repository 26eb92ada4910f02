"""The ledger in the database: exactly the minutes of every lease, whatever happened to the service and its clock."""

from __future__ import annotations

import itertools
import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from orrery_hub.base.db import Database
from orrery_hub.budgets.charging import Charging
from orrery_hub.budgets.ledger import minute_in, minute_of, span_of
from orrery_hub.budgets.ledger_store import LedgerRow, RateRow
from orrery_hub.pools.store import LeaseRow
from tests.effort import examples
from tests.hub.leases import BEGIN, Clock, Farm
from tests.hub.services import make_user, with_people

make_user("ann")
make_user("ben")


class Books:
    """A pool, its servers, and a service that charges and may be killed and set off its clock."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.farm = Farm(database)
        self.clock = Clock()
        self.charging = Charging(database)
        self.running: list[int] = []
        self.spans: dict[int, tuple[datetime, datetime | None]] = {}

    def start(self, user: str) -> None:
        lease = self.farm.start(user, self.clock.moment)
        self.running.append(lease)
        self.spans[lease] = (self.clock.moment, None)

    def stop(self, lease: int, at: datetime) -> None:
        begin, _ = self.spans[lease]
        end = max(begin, at)
        self.farm.stop(lease, end)
        self.running.remove(lease)
        self.spans[lease] = (begin, end)

    def restart(self) -> None:
        """A new process knows only what is in the database."""
        self.charging = Charging(self.database)

    def charge(self) -> None:
        self.charging.run(self.clock.moment)

    def minutes(self) -> dict[int, Counter[int]]:
        """How often each minute of each lease is in the ledger."""
        counts: dict[int, Counter[int]] = {lease: Counter() for lease in self.spans}
        with self.database.read() as session:
            for row in session.scalars(select(LedgerRow)):
                if row.lease_id in counts:
                    assert row.first_minute < row.end_minute
                    counts[row.lease_id].update(range(row.first_minute, row.end_minute))
        return counts

    def check(self) -> None:
        """No minute twice; of what has ended exactly its minutes, of what runs at least those that are over."""
        for lease, counter in self.minutes().items():
            begin, end = self.spans[lease]
            assert not counter or max(counter.values()) == 1, f"a minute of {lease} is doubled"
            if end is None:
                over = range(minute_of(begin), minute_in(self.clock.moment))
                assert counter.keys() >= set(over), "a minute is lost"
                assert not counter or min(counter) == minute_of(begin)
                assert len(counter) == (max(counter) - min(counter) + 1 if counter else 0)
            else:
                due = span_of(begin, end)
                assert counter.keys() == set(range(due.first, due.end))


_files = itertools.count()


@pytest.fixture
def books(template: Path, tmp_path: Path) -> Callable[[], Books]:
    """Books in a new database, as often as they are asked for."""

    def open_books() -> Books:
        path = shutil.copyfile(template, tmp_path / f"{next(_files)}.sqlite")
        database = Database(f"sqlite:///{path}")
        stack = with_people(database)
        stack.__enter__()
        return Books(database)

    return open_books


START, STOP, LOST = (
    st.tuples(st.just(name), st.integers(0, 5)) for name in ("start", "stop", "lost")
)
GO = st.tuples(st.just("go"), st.sampled_from([1, 30, 59, 60, 61, 600, 3600, 86_000]))
SET = st.tuples(st.just("set clock"), st.sampled_from([-90_000, -3600, -61, -1, 61, 3600, 90_000]))
CHARGE, RESTART = (st.tuples(st.just(name), st.just(0)) for name in ("charge", "restart"))
ACTIONS = st.lists(
    st.one_of(START, GO, GO, STOP, LOST, SET, CHARGE, CHARGE, RESTART), min_size=8, max_size=30
)


@example([("start", 0), ("go", 600), ("stop", 0)])  # it ran while nobody looked
@example(
    [
        ("start", 0),
        ("set clock", 3600),
        ("charge", 0),
        ("set clock", -3600),
        ("go", 61),
        ("stop", 0),
    ]
)
@example([("start", 0), ("go", 3600), ("charge", 0), ("lost", 0), ("restart", 0)])
@example(
    [("start", 0), ("go", 600), ("charge", 0), ("set clock", -90_000), ("go", 60), ("start", 1)]
)
@settings(max_examples=examples(100), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions=ACTIONS)
def test_no_order_of_events_loses_or_doubles_a_minute(
    books: Callable[[], Books], actions: list[tuple[str, int]]
) -> None:
    """Servers overlap, end while nobody looks, the clock is set, the service is restarted at any moment."""
    book = books()
    for action, number in actions:
        if action == "go":
            book.clock.go(number)
        elif action == "set clock":
            book.clock.set(number)
        elif action == "restart":
            book.restart()
        elif action == "start":
            book.start(("ann", "ben")[number % 2])
        elif action == "charge":
            book.charge()
            book.check()
        elif book.running:
            lease = book.running[number % len(book.running)]
            # Lost: it was seen for the last time some minutes ago, and ended then.
            back = timedelta(minutes=17) if action == "lost" else timedelta()
            book.stop(lease, book.clock.moment - back)
    book.clock.go(120)
    book.charge()
    book.check()
    book.restart()
    book.charge()
    book.check()
    book.database.close()


@pytest.mark.parametrize("evening", ["2026-03-28", "2026-10-24"])
def test_the_night_in_which_clocks_change_has_every_hour_once(
    database: Database, monkeypatch: pytest.MonkeyPatch, evening: str
) -> None:
    """Where local time has one hour less or twice, two servers that overlap are charged what went by."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        book = Books(database)
        book.clock.moment = datetime.fromisoformat(f"{evening}T20:00:00+00:00")
        book.start("ann")
        for step in range(12 * 6):
            if step == 12:
                book.start("ann")
            if step % 7 == 0:
                book.restart()
            book.clock.go(600)
            book.charge()
            book.check()
        for lease in tuple(book.running):
            book.stop(lease, book.clock.moment)
        book.charge()
        book.check()
        assert sorted(map(len, book.minutes().values())) == [10 * 60, 12 * 60]
    finally:
        monkeypatch.undo()
        time.tzset()


def test_two_processes_that_charge_at_once_charge_once(database: Database) -> None:
    """On PostgreSQL nothing but the ledger's lock keeps them apart."""
    book = Books(database)
    for user in ("ann", "ben", "ann"):
        book.start(user)
    rivals = [Charging(database) for _ in range(4)]
    for _ in range(5):
        moment = book.clock.go(61)
        threads = [threading.Thread(target=rival.run, args=(moment,)) for rival in rivals]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        book.check()


def test_a_killed_run_leaves_no_half(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    book = Books(database)
    book.start("ann")
    book.clock.go(600)
    with monkeypatch.context() as patch:
        patch.setattr("orrery_hub.budgets.ledger_store.note_leases", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            book.charge()
    assert not any(book.minutes().values())
    book.charge()
    book.check()


def test_rates_hold_from_their_moment_and_rows_end_with_the_day(database: Database) -> None:
    book = Books(database)
    with database.write() as session:
        for at, price in ((BEGIN - timedelta(days=1), 60), (BEGIN + timedelta(hours=1), 120)):
            session.add(
                RateRow(
                    pool_id=book.farm.pool_id,
                    valid_from=at,
                    device=price,
                    cpu=0,
                    memory_gib=0,
                    currency="EUR",
                    created=BEGIN,
                )
            )
    book.start("ann")
    for _ in range(25):
        book.clock.go(3600)
        book.charge()
    book.check()
    with database.read() as session:
        rows = session.scalars(select(LedgerRow).order_by(LedgerRow.first_minute)).all()
    assert [(row.end_minute - row.first_minute, row.price) for row in rows] == [
        (60, 2),  # two devices at 60 an hour each
        (14 * 60, 4),
        (10 * 60, 4),
    ]
    assert {row.month for row in rows} == {202611}


def test_a_reservation_costs_nothing_and_a_late_start_is_seen(database: Database) -> None:
    book = Books(database)
    reserved = book.farm.start("ann", BEGIN, started_at=None, state="reserved")
    for _ in range(3):
        book.clock.go(600)
        book.charge()
    with database.write() as session:
        session.get_one(LeaseRow, reserved).started_at = book.clock.moment
    book.spans[reserved] = (book.clock.moment, None)
    book.running.append(reserved)
    book.clock.go(600)
    book.charge()
    book.check()
    assert sum(book.minutes()[reserved].values()) == 10
