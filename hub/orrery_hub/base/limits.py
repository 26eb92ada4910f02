"""Limits of the service: what a person, a stranger and all together may ask for at once.

A person's requests wait for a free place of that person, and are refused when too many wait: who floods the
service slows down only themselves. A refused request names the seconds after which it may be sent again; who does not
wait for them is refused ever more slowly, so that refusing takes no time from others.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import OrderedDict, deque
from dataclasses import dataclass, field

from orrery_hub.base.user import LAUNCHER
from orrery_hub.setting_limits import LimitSettings
from orrery_wire.errors import TooMany

# Seconds that a request waits for a place before it is refused.
WAIT_SECONDS = 10.0
# How many people the limits remember; who is idle and over this number starts with full allowances again.
_MAX_PEOPLE = 10_000
# A burst may use what was not used within so many seconds.
_BURST_SECONDS = 10.0
# Refusals of strangers a second, over all; more are delayed, so that a flood of them is slow.
_STRANGERS_PER_SECOND = 200.0
_STRANGER_DELAY_SECONDS = 2.0
_STRANGERS_DELAYED = 64
# Refusals of one person a second; more are delayed.
_REFUSALS_PER_SECOND = 20.0
_REFUSAL_DELAY_SECONDS = 2.0
_REFUSALS_DELAYED = 16
# How many times a person's limits the process that starts everybody's servers has.
_LAUNCHER_FACTOR = 50


class Bucket:
    """A token bucket: so many uses a second, and a burst of what was not used lately."""

    def __init__(self, per_second: float, *, burst_seconds: float = _BURST_SECONDS) -> None:
        self._per_second = per_second
        self._size = max(1.0, per_second * burst_seconds)
        self._left = self._size
        self._updated = time.monotonic()

    def take(self) -> float:
        """Use one; the result is 0, or the seconds until the next use is allowed."""
        moment = time.monotonic()
        self._left = min(self._size, self._left + (moment - self._updated) * self._per_second)
        self._updated = moment
        if self._left >= 1:
            self._left -= 1
            return 0.0
        return (1 - self._left) / self._per_second


class Slots:
    """A number of places, and a bounded queue of those who wait for one, first come first served."""

    def __init__(self, size: int, queue: int) -> None:
        self._free = size
        self._queue = queue
        self._waiting: deque[asyncio.Future[None]] = deque()
        self.active = 0

    async def acquire(self) -> None:
        """Take a place; wait for one if none is free.

        Raises:
            TooMany: too many wait already, or none became free in time.
        """
        if self.active < self._free:
            self.active += 1
            return
        if len(self._waiting) >= self._queue:
            raise too_many("Too many of your requests wait already.", 1)
        place = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await place
        except BaseException as problem:
            if place.done() and not place.cancelled():
                self.release()
            elif place in self._waiting:
                self._waiting.remove(place)
            if isinstance(problem, TimeoutError):
                raise too_many("Your earlier requests take too long.", 5) from None
            raise

    def release(self) -> None:
        """Give the place to the one who waits longest, or set it free."""
        while self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(None)
                return
        self.active -= 1


@dataclass
class _Person:
    """What one person uses now."""

    requests: Bucket
    writes: Bucket
    read_slots: Slots
    write_slots: Slots
    refusals: Pacer
    body_bytes: int = 0

    @property
    def is_idle(self) -> bool:
        return not (self.read_slots.active or self.write_slots.active or self.body_bytes)


class Limits:
    """Admission of requests, and the memory that their bodies take."""

    def __init__(self, settings: LimitSettings) -> None:
        self._settings = settings
        self._people: OrderedDict[str, _Person] = OrderedDict()
        self._body_bytes = 0
        self.strangers = Pacer(_STRANGERS_PER_SECOND, _STRANGER_DELAY_SECONDS, _STRANGERS_DELAYED)

    def admit(self, name: str, *, is_write: bool) -> Admission:
        """One request of a person, from before its body is read until it is answered; for ``async with``.

        Entering it raises ``TooMany`` if the person asks too often or for too much at once.
        """
        return Admission(self, self._person(name), is_write=is_write)

    def _person(self, name: str) -> _Person:
        person = self._people.get(name)
        if person is None:
            limits = self._settings
            # The launcher asks for everybody who starts a server; what it asks is admitted by person, too.
            factor = _LAUNCHER_FACTOR if name == LAUNCHER else 1
            reads, writes = limits.person_reads_at_once, limits.person_writes_at_once
            person = self._people[name] = _Person(
                Bucket(factor * limits.person_requests_per_second),
                Bucket(factor * limits.person_writes_per_second),
                Slots(factor * reads, factor * 16 * reads),
                Slots(factor * writes, factor * 8 * writes),
                Pacer(_REFUSALS_PER_SECOND, _REFUSAL_DELAY_SECONDS, _REFUSALS_DELAYED),
            )
            self._forget_idle()
        self._people.move_to_end(name)
        return person

    def _forget_idle(self) -> None:
        while len(self._people) > _MAX_PEOPLE:
            oldest, person = next(iter(self._people.items()))
            if not person.is_idle:
                self._people.move_to_end(oldest)
                return
            del self._people[oldest]

    def reserve(self, person: _Person, count: int) -> None:
        """Count bytes of a body that is in memory now.

        Raises:
            TooMany: they are too many of the person, or of all.
        """
        if person.body_bytes + count > self._settings.person_body_bytes:
            raise too_many("You send too many bytes at once.", 1)
        if self._body_bytes + count > self._settings.body_bytes:
            raise too_many("Too many bytes are being sent by all together.", 1)
        person.body_bytes += count
        self._body_bytes += count

    def release(self, person: _Person, count: int) -> None:
        """The bytes are not in memory any more."""
        person.body_bytes -= count
        self._body_bytes -= count


class Admission:
    """A place of one request. A class, for a generator's context manager costs three times as much."""

    def __init__(self, limits: Limits, person: _Person, *, is_write: bool) -> None:
        self._person = person
        self._is_write = is_write
        self._slots = person.write_slots if is_write else person.read_slots
        self._body = BodyBytes(limits, person)

    async def __aenter__(self) -> BodyBytes:
        """Take the place.

        Raises:
            TooMany: the person asks too often or for too much at once.
        """
        person = self._person
        if seconds := person.requests.take():
            await person.refusals.wait()
            raise too_many("You send requests faster than this server takes them.", seconds)
        if self._is_write and (seconds := person.writes.take()):
            await person.refusals.wait()
            raise too_many("You change things faster than this server takes it.", seconds)
        try:
            await self._slots.acquire()
        except TooMany:
            await person.refusals.wait()
            raise
        return self._body

    async def __aexit__(self, *_: object) -> None:
        """Give it back, with the memory of the body."""
        self._body.release()
        self._slots.release()


@dataclass
class BodyBytes:
    """The bytes that one request's body takes."""

    limits: Limits
    person: _Person = field(repr=False)
    count: int = 0

    def reserve(self, count: int) -> None:
        """Count more bytes of the body; raises like ``Limits.reserve``."""
        self.limits.reserve(self.person, count)
        self.count += count

    def release(self) -> None:
        """Count none any more."""
        self.limits.release(self.person, self.count)
        self.count = 0


class Pacer:
    """Delays what comes faster than a rate, at most by a number of seconds.

    Each that is delayed holds a connection, and connections are few: at most ``most`` are.
    """

    def __init__(self, per_second: float, longest: float, most: int) -> None:
        self._most = most
        self._interval = 1 / per_second
        self._burst = 0.5
        self._longest = longest
        self._next = 0.0
        self._delayed = 0

    async def wait(self) -> bool:
        """Wait for the next turn; false if too many do, so that the client is to be sent away instead."""
        moment = time.monotonic()
        self._next = max(self._next + self._interval, moment - self._burst)
        delay = self._next - moment
        if delay > self._longest:
            self._next = moment + self._longest
        if delay <= 0:
            return True
        if self._delayed >= self._most:
            return False
        self._delayed += 1
        try:
            await asyncio.sleep(min(delay, self._longest))
        finally:
            self._delayed -= 1
        return True


def too_many(reason: str, seconds: float) -> TooMany:
    """The error for a request that may be sent again after some seconds."""
    after = max(1, math.ceil(seconds))
    return TooMany(
        "This is too much at once",
        reason=reason,
        remedy=f"Try again in {after} s." if after > 1 else "Try again in a second.",
        details={"retry_after": after},
    )
