"""Idle servers are stopped after a warning, servers in use never; shown on every order of events and on a trace."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st
from jupyterhub_idle_culler import default_cull_arbiter

from orrery_hub.culling.judgement import (
    FRESH,
    Limits,
    Report,
    Server,
    Verdict,
    Warned,
    extend,
    judge,
)
from tests.loops import each

START = datetime(2026, 3, 29, 0, 0, tzinfo=UTC)  # the night in which clocks change in Europe
MINUTE = timedelta(minutes=1)
LIMITS = Limits(idle=timedelta(minutes=30))


def report(at: datetime, **more: object) -> Report:
    values: dict[str, object] = {
        "at": at,
        "busy_kernels": 0,
        "cpu_millis": 10,
        "memory_mib": 300,
        "device_permille": 0,
        "last_execution": None,
    }
    return Report(**values | more)  # type: ignore[arg-type]


def server(minute: int, last_work: int | None, **more: object) -> Server:
    now = START + minute * MINUTE
    work = None if last_work is None else START + last_work * MINUTE
    return Server(START, has_devices=True, report=report(now, **more), last_work=work)


@each(
    "minute, last_work, more, expected",
    [
        (19, None, {}, Verdict("keep", START + 30 * MINUTE)),
        (20, None, {}, Verdict("warn", START + 30 * MINUTE)),
        (25, 10, {}, Verdict("keep", START + 40 * MINUTE)),
        # Idle for a day before anybody could warn: the warning is as long as always.
        (1440, None, {}, Verdict("warn", START + 1450 * MINUTE)),
        (1440, None, {"busy_kernels": 1}, Verdict("keep")),
        (1440, None, {"device_permille": 50}, Verdict("keep")),
        (1440, None, {"cpu_millis": 500}, Verdict("keep")),
        # A device that cannot be measured says nothing of use; the kernels and CPUs still do.
        (1440, None, {"device_permille": None}, Verdict("keep")),
        (1440, None, {"device_permille": None, "busy_kernels": 1}, Verdict("keep")),
        (
            60,
            None,
            {"last_execution": START + 50 * MINUTE},
            Verdict("keep", START + 80 * MINUTE),
        ),
    ],
)
def test_a_server_is_judged_by_its_work(
    minute: int, last_work: int | None, more: dict[str, object], expected: Verdict
) -> None:
    now = START + minute * MINUTE
    assert judge(server(minute, last_work, **more), None, LIMITS, now) == expected


def test_a_lab_that_says_nothing_is_left_alone() -> None:
    now = START + timedelta(days=3)
    warned = Warned(START, START + 10 * MINUTE)
    old = report(now - FRESH - timedelta(seconds=1))
    future = report(now + FRESH + timedelta(seconds=1))
    for last in (None, old, future):
        silent = Server(START, has_devices=True, report=last, last_work=None)
        assert judge(silent, warned, LIMITS, now).action == "keep"


@each(
    "reported, more, minutes, expected",
    [
        (0, {}, 200, Verdict("keep", START + 240 * MINUTE)),
        (0, {}, 235, Verdict("warn", START + 245 * MINUTE)),
        (100, {}, 235, Verdict("keep", START + 340 * MINUTE)),
        # While the lab reports, it is the last work that counts, not the last report.
        (235, {"device_permille": None}, 235, Verdict("warn", START + 245 * MINUTE)),
        (235, {"device_permille": None, "cpu_millis": 900}, 235, Verdict("keep")),
        # A clock that was set back makes no server older than it is.
        (9_000, {}, 235, Verdict("keep", START + 475 * MINUTE)),
        (None, {}, 235, Verdict("warn", START + 245 * MINUTE)),
    ],
)
def test_what_is_not_known_has_a_limit_of_its_own(
    reported: int | None, more: dict[str, object], minutes: int, expected: Verdict
) -> None:
    limits = Limits(idle=30 * MINUTE, unknown=240 * MINUTE)
    last = None if reported is None else report(START + reported * MINUTE, **more)
    state = Server(START, has_devices=True, report=last, last_work=None)
    assert judge(state, None, limits, START + minutes * MINUTE) == expected


def test_an_open_tab_counts_where_no_device_is_held() -> None:
    now = START + timedelta(hours=2)
    for has_devices, action in ((True, "warn"), (False, "keep")):
        seen = Server(START, has_devices, report(now), None, browser_activity=now - MINUTE)
        assert judge(seen, None, LIMITS, now).action == action


def test_extensions_are_counted() -> None:
    warned: Warned | None = Warned(START, START + 10 * MINUTE)
    deadlines = []
    while warned := extend(warned, LIMITS, START):
        deadlines.append(warned.deadline - START)
    assert deadlines == [timedelta(minutes=10 + 60 * n) for n in (1, 2, 3)]


class Event(NamedTuple):
    """What happens in a minute."""

    busy: bool
    is_silent: bool
    extends: bool
    clock: int


EVENTS = st.lists(
    st.builds(
        Event,
        busy=st.booleans() | st.just(False),
        is_silent=st.sampled_from([False, False, False, True]),
        extends=st.sampled_from([False, False, False, True]),
        clock=st.sampled_from([1, 1, 1, 5, 15, 40, -30]),
    ),
    max_size=60,
)


@given(EVENTS)
def test_no_order_of_events_stops_a_server_in_use_or_without_a_full_warning(
    events: list[Event],
) -> None:
    now, work, last = START, None, None
    warned: Warned | None = None
    extensions = 0
    for event in events:
        now += event.clock * MINUTE
        if not event.is_silent:
            last = report(now, busy_kernels=int(event.busy))
            if event.busy:
                work, extensions = now, 0
        if event.extends and warned and (later := extend(warned, LIMITS, now)):
            warned, extensions = later, extensions + 1
        state = Server(START, has_devices=True, report=last, last_work=work)
        verdict = judge(state, warned, LIMITS, now)
        assert extensions <= LIMITS.extensions
        if verdict.action == "cull":
            assert last is not None
            assert not last.busy_kernels
            assert abs(now - last.at) <= FRESH
            assert warned is not None
            assert now >= warned.deadline
            assert warned.deadline - warned.at >= LIMITS.warning
            assert work is None or work <= warned.at
            return
        if verdict.action == "keep":
            warned = None
        elif warned is None or (work is not None and work > warned.at):
            assert verdict.cull_at is not None
            warned = Warned(now, verdict.cull_at)


@dataclass
class Session:
    """A simulated server with a device: which minutes compute, and in which a tab is open."""

    works: list[bool]
    tab: list[bool]
    answers: list[bool]
    warned: Warned | None = None


def sessions(count: int, minutes: int, seed: int) -> Iterator[Session]:
    """People who try things out, train for hours, and go home with the tab open or closed."""
    source = random.Random(seed)
    for _ in range(count):
        works, tab = [False] * minutes, [False] * minutes
        begin = source.randrange(0, 180)
        end = begin + source.randrange(120, 540)
        closes = source.random() < 0.5
        minute = begin
        while minute < end:
            kind = source.choices(["cells", "pause", "training"], [6, 3, 1])[0]
            length = {"cells": 15, "pause": 35, "training": 240}[kind]
            length = source.randrange(1, length)
            is_watched = source.random() < 0.5
            for m in range(minute, min(minute + length, minutes)):
                tab[m] = True
                # Cells compute now and then; a training all the time, without a word and with the tab closed.
                works[m] = kind == "training" or (kind == "cells" and source.random() < 0.6)
                if kind == "training":
                    tab[m] = is_watched
            minute += length
        if not closes:
            for m in range(min(minute, minutes), minutes):
                tab[m] = True
        answers = [tab[m] and m < end for m in range(minutes)]
        yield Session(works, tab, answers)


def run(session: Session, *, stock: bool, limits: Limits) -> tuple[int, int]:
    """Minutes in which the device was held without work, and how often a busy kernel was stopped."""
    idle = busy_culls = 0
    work: datetime | None = None
    # JupyterHub's last activity: a tab renews it, a kernel that computes without a word does not.
    activity = START
    is_up = True
    for minute, works in enumerate(session.works):
        now = START + minute * MINUTE
        if not is_up:
            if works or session.answers[minute]:
                is_up, session.warned, activity = True, None, now  # the person starts it again
                work = now
            else:
                continue
        if session.tab[minute]:
            activity = now
        if works:
            work = now
        else:
            idle += 1
        if stock:
            is_culled = default_cull_arbiter(
                inactive=now - activity, inactive_limit=limits.idle.total_seconds(), server={}
            )
        else:
            is_culled = judged(session, works, work, minute, limits)
        if is_culled:
            busy_culls += works
            is_up = False
    return idle, busy_culls


def judged(
    session: Session, works: bool, work: datetime | None, minute: int, limits: Limits
) -> bool:
    now = START + minute * MINUTE
    state = Server(START, True, report(now, busy_kernels=int(works)), work)
    verdict = judge(state, session.warned, limits, now)
    if verdict.action == "keep":
        session.warned = None
    elif verdict.action == "warn" and verdict.cull_at:
        if session.warned is None:
            session.warned = Warned(now, verdict.cull_at)
        if session.answers[minute] and now >= session.warned.deadline - MINUTE:
            session.warned = extend(session.warned, limits, now) or session.warned
    return verdict.action == "cull"


def test_idle_devices_are_freed_twice_as_well_as_by_the_stock_culler() -> None:
    """On one trace of 200 servers over a day, and no busy kernel is stopped."""
    limits = Limits(idle=timedelta(hours=1))
    stock = [run(s, stock=True, limits=limits) for s in sessions(200, 24 * 60, seed=7)]
    own = [run(s, stock=False, limits=limits) for s in sessions(200, 24 * 60, seed=7)]
    assert sum(busy for _, busy in own) == 0
    assert sum(busy for _, busy in stock) > 0
    idle_stock, idle_own = sum(idle for idle, _ in stock), sum(idle for idle, _ in own)
    assert idle_own <= idle_stock / 2, (idle_own, idle_stock)


def test_when_nobody_works_no_device_is_held() -> None:
    """Scale to zero: the tab stays open overnight, nobody answers, and the server is stopped after its limit."""
    night = Session([False] * 600, [True] * 600, [False] * 600)
    limits = Limits(idle=timedelta(hours=1))
    assert run(night, stock=False, limits=limits)[0] == 61
    assert run(night, stock=True, limits=limits)[0] == 600
