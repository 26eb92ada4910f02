"""What a budget allows: periods, levels, forecasts and when a server has to end; no clock, no database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from orrery_hub.budgets.ledger import Quantity, minute_of
from orrery_wire.budgets import Period, Resource

# A server that could not run for so many minutes is not started.
START_MINUTES = 5
# So long before the limit the lab is warned that the server stops.
STOP_WARNING_MINUTES = 10
# Who was not warned before, because a limit was lowered, has so long to save.
GRACE = timedelta(seconds=25)
LEVELS: tuple[Literal[80, 95], ...] = (80, 95)

_MONTHS = {"month": 1, "quarter": 3, "year": 12}
# Limits are stored in the units of the ledger: thousandths of a CPU and MiB, each for a minute.
SCALES: dict[Resource, int] = {"device": 1, "cpu": 1000, "memory": 1024, "money": 1}


def period_start(period: Period, moment: datetime) -> datetime | None:
    """When the period of a point in time began, in UTC; None for a budget without periods."""
    if period == "total":
        return None
    day = moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    months = _MONTHS[period]
    return day.replace(month=(day.month - 1) // months * months + 1)


def period_end(period: Period, moment: datetime) -> datetime | None:
    """When the next period begins; None for a budget without periods."""
    start = period_start(period, moment)
    if start is None:
        return None
    months = start.month - 1 + _MONTHS[period]
    return start.replace(year=start.year + months // 12, month=months % 12 + 1)


def first_minute(period: Period, moment: datetime) -> int:
    """The first minute of the period of a point in time; 0 for a budget without periods."""
    start = period_start(period, moment)
    return 0 if start is None else minute_of(start)


def burn(resource: Resource, quantity: Quantity, price: int) -> int:
    """What a lease takes of a resource each minute, in units of the ledger."""
    amounts: dict[Resource, int] = {
        "device": quantity.devices,
        "cpu": quantity.cpu_millis,
        "memory": quantity.memory_mib,
        "money": price,
    }
    return amounts[resource]


@dataclass(frozen=True)
class Position:
    """A budget now, in units of the ledger: its limit with what was granted, its use, and the use of each minute."""

    limit: int
    used: int
    burn: int = 0

    @property
    def is_exhausted(self) -> bool:
        """Whether what draws on it has to stop."""
        return self.used >= self.limit

    @property
    def remaining(self) -> int:
        """What may still be used."""
        return max(0, self.limit - self.used)

    @property
    def level(self) -> Literal[0, 80, 95, 100]:
        """The highest threshold, in percent, that the use has reached."""
        if self.is_exhausted:
            return 100
        reached: Sequence[Literal[80, 95]] = [
            level for level in LEVELS if self.used * 100 >= self.limit * level
        ]
        return reached[-1] if reached else 0

    @property
    def percent(self) -> int:
        """Use in percent of the limit, rounded down; 100 for a limit of nothing."""
        return self.used * 100 // self.limit if self.limit else 100

    @property
    def minutes_left(self) -> int | None:
        """In how many minutes it is exhausted if nothing starts or stops; None if nothing draws on it."""
        if self.is_exhausted:
            return 0
        return -(-self.remaining // self.burn) if self.burn else None

    def allows(self, demand: int) -> bool:
        """Whether a server may start that takes so much each minute; one that takes none always may.

        What draws on the budget already has as many minutes left to it.
        """
        return demand == 0 or self.remaining >= (demand + self.burn) * START_MINUTES


Decision = Literal["run", "warn", "stop"]


def decide(position: Position, demand: int, warned_at: datetime | None, now: datetime) -> Decision:
    """What becomes of a running server that takes ``demand`` of a budget each minute.

    Nothing stops without a warning before; a warning that is in the future, because the clock was set back, counts.
    """
    if demand == 0:
        return "run"
    if position.is_exhausted:
        is_warned = warned_at is not None and (now >= warned_at + GRACE or now < warned_at)
        return "stop" if is_warned else "warn"
    left = position.minutes_left
    return "warn" if left is not None and left <= STOP_WARNING_MINUTES else "run"
