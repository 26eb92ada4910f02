"""How everything here is measured, kept, judged and told.

Peer and ours alternate in one run, at least twenty samples each, order and data from a fixed seed. A run on a
machine that is busy already is refused. Every sample is kept in ``results/<bench>.json``.
"""

from __future__ import annotations

import json
import os
import platform
import random
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

RESULTS = Path(__file__).parent / "results"
SAMPLES = 20
SEED = 20_261_121
BUSY = 1.5
GATE = 0.8
_WORDS = {1: "one core", 2: "two cores", 4: "four cores", 8: "eight cores"}

Sample = Mapping[str, float]


class BusyError(RuntimeError):
    """The machine does other work, so a measurement would say nothing."""


@dataclass(frozen=True)
class Goal:
    """A limit that a value must not exceed; it fails only beyond ``1 / GATE`` of it."""

    name: str
    value: float
    limit: float
    unit: str

    @property
    def state(self) -> str:
        """``met``, ``missed`` or ``failed``."""
        if self.value <= self.limit:
            return "met"
        return "missed" if self.value <= self.limit / GATE else "failed"

    def __str__(self) -> str:
        return (
            f"{self.name}: {self.value:.4g} {self.unit}, the goal is at most {self.limit:.4g} {self.unit}"
            f" (fails above {self.limit / GATE:.4g}): {self.state}"
        )


@dataclass
class Result:
    """What one bench found: series of samples by name, and the goals judged on them."""

    bench: str
    title: str
    method: str
    series: dict[str, list[dict[str, float]]]
    goals: list[Goal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    load: float = 0.0
    when: str = ""
    machine: str = ""

    def keep(self, folder: Path = RESULTS) -> Path:
        """Write the raw samples, rounded so that the file stays small."""
        folder.mkdir(exist_ok=True)
        told = asdict(self) | {
            "goals": [asdict(goal) | {"state": goal.state} for goal in self.goals],
            "series": {
                name: [{key: round(value, 4) for key, value in one.items()} for one in samples]
                for name, samples in self.series.items()
            },
        }
        path = folder / f"{self.bench}.json"
        path.write_text(json.dumps(told, indent=None, separators=(",", ":")) + "\n")
        return path


def machine() -> str:
    """The machine in words, without its name."""
    cores = os.cpu_count() or 1
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{_WORDS.get(cores, f'{cores} cores')}, {memory:.0f} GB of memory, {platform.system()},"
        f" Python {platform.python_version()}"
    )


def ready(*, force: bool = False) -> float:
    """The load average of the last minute.

    Raises:
        BusyError: it is above the limit, and nobody insisted.
    """
    load = os.getloadavg()[0]
    if load > BUSY and not force:
        raise BusyError(
            f"The load average is {load:.2f}; above {BUSY} a measurement is worth nothing."
            " Wait until the machine rests, or insist with --force."
        )
    return load


def alternate(
    sides: Mapping[str, Callable[[], Sample]], samples: int = SAMPLES, *, warm: int = 1
) -> dict[str, list[dict[str, float]]]:
    """Each side ``samples`` times, one after the other in an order that changes every round.

    Raises:
        ValueError: fewer samples than the method asks for.
    """
    if samples < SAMPLES:
        raise ValueError(f"{samples} samples are too few; the method asks for {SAMPLES}")
    order = random.Random(SEED)  # a shuffle that repeats, not a secret
    names = list(sides)
    for _ in range(warm):
        for name in names:
            sides[name]()
    found: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    for _ in range(samples):
        order.shuffle(names)
        for name in names:
            found[name].append(dict(sides[name]()))
    return found


def values(samples: Sequence[Mapping[str, float]], key: str = "ms") -> list[float]:
    """One number of every sample."""
    return [one[key] for one in samples if key in one]


def median(samples: Sequence[Mapping[str, float]], key: str = "ms") -> float:
    """The middle one."""
    return statistics.median(values(samples, key))


def percentile(numbers: Sequence[float], share: float) -> float:
    """The smallest number that at least ``share`` of all do not exceed (nearest rank)."""
    ordered = sorted(numbers)
    rank = max(0, min(len(ordered) - 1, int(-(-share * len(ordered) // 1)) - 1))
    return ordered[rank]


def finish(result: Result, *, force: bool = False, load: float = 0.0) -> Result:
    """The result with when and where, kept and told."""
    result.load = load
    result.when = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    result.machine = machine()
    if force:
        result.notes.append(f"Measured although the load average was {load:.2f}.")
    result.keep()
    return result
