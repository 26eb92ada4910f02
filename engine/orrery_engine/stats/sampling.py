"""Which rows to look at when time or memory do not suffice for all."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orrery_engine.schemas import Options, Sampling

SEED = 20_261_121
# Seconds for one value, from reading it to having told everything, on two cores; measured, with a reserve.
_CELL = 2.5e-7
# What the worker holds before it has seen any data, how often a column is in memory while it is looked at, and what
# else is kept of each row; measured.
_IDLE = 350 * 2**20
_COPIES = 2.5
_BESIDES = 32
_LEAST = 1_000


@dataclass(frozen=True)
class Plan:
    """How many rows to look at, and how many columns at a time."""

    rows: int
    threads: int
    why: str = ""


def plan(rows: int, columns: int, widest: float, options: Options, memory: int) -> Plan:
    """What the budgets allow; ``widest`` is the number of bytes that a value of the widest column needs."""
    if options.sample is not None and options.sample < rows:
        return Plan(options.sample, 2, "You asked for a sample.")
    in_time = options.seconds * 0.7 / (_CELL * max(1, columns))
    room = max(memory - _IDLE, memory // 4)
    per_row = max(8.0, widest) * _COPIES + _BESIDES
    if rows * per_row * 2 <= room and rows <= in_time:
        return Plan(rows, 2)
    in_memory = room / per_row
    most = max(_LEAST, int(min(in_time, in_memory)))
    if most >= rows:
        return Plan(rows, 1)
    why = (
        "All rows would not fit into the memory that the profile may use."
        if in_memory < in_time
        else f"All rows would take longer than the budget of {options.seconds:g} seconds."
    )
    return Plan(most, 1, why)


def pick(rows: int, many: int, seed: int = SEED) -> NDArray[np.int64]:
    """Indices of ``many`` rows at random without replacement, ascending, shape (many,); each row is equally likely."""
    random = np.random.default_rng(seed)
    if many * 20 < rows:
        # Drawing from a set: a permutation of a billion rows would itself not fit.
        chosen = np.unique(random.integers(0, rows, int(many * 1.1) + 10))
        chosen = random.choice(chosen, min(many, len(chosen)), replace=False)
    else:
        chosen = random.choice(rows, many, replace=False)
    return np.sort(chosen).astype(np.int64)


def state(looked_at: int, of: int | None, why: str) -> Sampling:
    """The sampling of a run; its margin is that of a share of one half with 95 % confidence, 1.96 * sqrt(0.25 / n)."""
    return Sampling(rows=looked_at, of=of, why=why, margin=0.98 / math.sqrt(max(1, looked_at)))
