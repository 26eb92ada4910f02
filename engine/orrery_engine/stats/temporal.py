"""How points in time lie: their grain, their steps and gaps, the hours and days of the week."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from orrery_engine.schemas import TimeProfile
from orrery_engine.stats.numeric import in_order, quantile
from orrery_engine.stats.values import epoch

_DAY = 86_400
_SCALES = (("minute", 60), ("hour", 3_600), ("day", _DAY))


def describe(
    times: pl.Series, ordered: NDArray[np.int64], different: NDArray[np.int64]
) -> TimeProfile:
    """Points in time or days without missing ones; the same as whole units, sorted; and each once."""
    units = epoch(times.dtype)
    zone = getattr(times.dtype, "time_zone", None) or ""
    wall = times.dt.replace_time_zone(None) if zone else times
    seconds = _seconds(wall.to_physical().to_numpy(), units)
    steps = np.diff(different) / units
    typical = quantile(in_order(steps), 0.5) if len(steps) else None
    now = datetime.now(UTC).timestamp()
    return TimeProfile(
        granularity=_granularity(wall, seconds, units),
        zone=zone,
        typical_step=typical,
        gaps=int(np.count_nonzero(steps > 3 * typical)) if typical else 0,
        largest_gap=float(steps.max()) if len(steps) else None,
        weekdays=_counts((seconds // _DAY + 3) % 7, 7),
        hours=() if times.dtype == pl.Date else _counts(seconds // 3_600 % 24, 24),
        future=int(len(ordered) - np.searchsorted(ordered, now * units, side="right")),
    )


def _seconds(physical: NDArray[np.int64], units: float) -> NDArray[np.int64]:
    """Whole seconds since 1970."""
    physical = physical.astype(np.int64)
    return physical * _DAY if units < 1 else physical // int(units)


def _counts(keys: NDArray[np.int64], many: int) -> tuple[int, ...]:
    return tuple(np.bincount(keys, minlength=many).tolist())


def _granularity(wall: pl.Series, seconds: NDArray[np.int64], units: float) -> str:
    """The largest unit of which every value is a whole number."""
    grain = "second"
    if units >= 1 and len(wall) and bool((wall.to_physical().to_numpy() % int(units)).any()):
        return grain
    for name, size in _SCALES:
        if (seconds % size).any():
            return grain
        grain = name
    days = wall.dt.day().unique().to_list()
    if days != [1]:
        return "day"
    return "year" if wall.dt.month().unique().to_list() == [1] else "month"
