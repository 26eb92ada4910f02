"""Minutes that a lease is charged for, and what they cost, as arithmetic over intervals.

A minute is counted from 1970 in UTC. It is charged to a lease that covers its beginning: minute ``m`` of the interval
``[start, end)`` is charged if ``start <= 60 m < end`` in seconds. So an interval has the same minutes as its parts
together wherever it is cut, and leases that follow each other share none. Local time plays no part.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MINUTE_MICROSECONDS = 60_000_000
MINUTES_PER_DAY = 24 * 60
# The price of a minute is computed from thousandths of a CPU and from MiB.
_DIVISOR = 60 * 1000 * 1024


@dataclass(frozen=True)
class Quantity:
    """What a lease holds at any moment: devices, thousandths of a CPU, MiB of memory."""

    devices: int
    cpu_millis: int
    memory_mib: int


@dataclass(frozen=True)
class Rate:
    """Prices of an hour in micro-units of money, valid from a minute on until the next rate of the pool."""

    id: int
    valid_from: int
    device: int
    cpu: int
    memory_gib: int

    def price(self, quantity: Quantity) -> int:
        """Micro-units for one minute, rounded half up."""
        numerator = (
            quantity.devices * self.device * 1000 * 1024
            + quantity.cpu_millis * self.cpu * 1024
            + quantity.memory_mib * self.memory_gib * 1000
        )
        return (2 * numerator + _DIVISOR) // (2 * _DIVISOR)


@dataclass(frozen=True)
class Span:
    """The minutes from ``first`` until before ``end``."""

    first: int
    end: int

    def __len__(self) -> int:
        return max(0, self.end - self.first)


def minute_of(moment: datetime) -> int:
    """The first minute that begins at a point in time or after it.

    Raises:
        ValueError: the time has no zone, so it says no point in time.
    """
    if moment.tzinfo is None:
        raise ValueError("a point in time needs a time zone")
    return -(-((moment - _EPOCH) // _MICROSECOND) // _MINUTE_MICROSECONDS)


def minute_in(moment: datetime) -> int:
    """The minute in which a point in time lies."""
    return (moment - _EPOCH) // timedelta(minutes=1)


def begin_of(minute: int) -> datetime:
    """The point in time at which a minute begins."""
    return _EPOCH + timedelta(minutes=minute)


def span_of(start: datetime, end: datetime) -> Span:
    """The minutes of the interval from ``start`` until before ``end``; empty if it ends before it starts."""
    first = minute_of(start)
    return Span(first, max(first, minute_of(end)))


def due_span(start: datetime, end: datetime | None, now: datetime, charged_until: int) -> Span:
    """The minutes that a lease is to be charged for now.

    While it runs, a minute is charged when it is over, and what was charged stays, also when the clock was set back: the
    lease will run beyond it. Once it has ended, its own interval decides: the minute that has begun is charged, and what
    a clock that was fast charged beyond it is given back.
    """
    if end is not None:
        return span_of(start, end)
    first = minute_of(start)
    return Span(first, max(first, minute_in(now), charged_until))


def missing(due: Span, charged: Sequence[Span]) -> list[Span]:
    """The minutes that are due and were not charged; ``charged`` is ordered and without overlap."""
    gaps = []
    position = due.first
    for span in charged:
        if span.first > position:
            gaps.append(Span(position, min(span.first, due.end)))
        position = max(position, span.end)
    gaps.append(Span(position, due.end))
    return [gap for gap in gaps if len(gap)]


def excess(due: Span, charged: Span) -> tuple[Span, ...]:
    """The minutes of ``charged`` that are not due: before and after."""
    before = Span(charged.first, min(charged.end, due.first))
    after = Span(max(charged.first, due.end), charged.end)
    if not len(due):
        return (charged,) if len(charged) else ()
    return tuple(part for part in (before, after) if len(part))


def split(span: Span, rates: Sequence[Rate]) -> Iterator[tuple[Span, Rate | None]]:
    """The parts of a span with one rate and within one day of UTC, in their order.

    ``rates`` are those of one pool, ordered by ``valid_from``; before the first there is none.
    """
    first = span.first
    while first < span.end:
        rate = rate_at(first, rates)
        changes = [other.valid_from for other in rates if other.valid_from > first]
        next_day = (first // MINUTES_PER_DAY + 1) * MINUTES_PER_DAY
        end = min(span.end, next_day, *changes)
        yield Span(first, end), rate
        first = end


def rate_at(minute: int, rates: Sequence[Rate]) -> Rate | None:
    """The rate that is valid in a minute; None before the first."""
    valid = [rate for rate in rates if rate.valid_from <= minute]
    return valid[-1] if valid else None


def month_of(minute: int) -> int:
    """The month of a minute in UTC as a number such as 202611."""
    moment = begin_of(minute)
    return moment.year * 100 + moment.month
