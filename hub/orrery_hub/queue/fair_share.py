"""Use of devices that decays with time, so that who had much lately comes after who had little."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Use:
    """Devices that were held from ``begin`` to ``end``; ``end`` is None while they are held."""

    devices: int
    begin: datetime
    end: datetime | None


def decayed_use(uses: Iterable[Use], at: datetime, half_life_seconds: float) -> float:
    """Device-seconds until a moment, each counted half for every half-life that has passed since.

    The integral of ``devices * 2**(-(at - t) / half_life)`` over the time of each use. What lies after the moment
    counts nothing, nor does a use that ends before it begins: clocks are set.
    """
    rate = math.log(2) / half_life_seconds
    total = 0.0
    for use in uses:
        older = max(0.0, (at - use.begin).total_seconds())
        newer = max(0.0, (at - use.end).total_seconds()) if use.end else 0.0
        if older > newer:
            total += use.devices * (math.exp(-rate * newer) - math.exp(-rate * older)) / rate
    return total
