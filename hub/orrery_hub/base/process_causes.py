"""Why a server did not start, or ended: a pure function of how its start went, how it ended, and its last lines of log.

For a pod, what Kubernetes says of it says more (``pod_causes``); this is what is left, and all there is of a process.
"""

from __future__ import annotations

import re
import signal
from collections.abc import Sequence
from dataclasses import dataclass

from orrery_hub.base.cause_texts import cause_of
from orrery_wire.failures import FailureStage
from orrery_wire.queue import CauseKind, WaitCause

# A shell adds the number of the signal to this, and so do containers.
_SIGNALLED = 128
# What a program says before it ends, the strongest first: without room on the disk, much else fails too.
_LOG_RULES: tuple[tuple[str, CauseKind], ...] = (
    (r"no space left on device|disk quota exceeded|database or disk is full", "disk"),
    (r"\bMemoryError\b|cannot allocate memory|\bout of memory\b|\boom-kill", "memory"),
    (
        r"ModuleNotFoundError|\bImportError\b|no module named|command not found"
        r"|error while loading shared libraries|exec format error",
        "software",
    ),
    (
        r"\bTraitError\b|bad config encountered|unrecognized (flag|arguments)"
        r"|exception while loading config file",
        "configuration",
    ),
)
_LOG = [(re.compile(pattern, re.IGNORECASE), kind) for pattern, kind in _LOG_RULES]


@dataclass(frozen=True)
class Ending:
    """How a start went: how far it came, what was raised, whether its time ran out, and how the process ended.

    ``reason`` is that of JupyterHub's ``SpawnException``, by which a hook says what it refuses.
    """

    stage: FailureStage
    problem: str = ""
    reason: str = ""
    is_late: bool = False
    is_os_error: bool = False
    exit_status: int | None = None


def classify(ending: Ending, lines: Sequence[str]) -> WaitCause:
    """The cause of a failure, with what the machine said of it."""
    kind, detail = _by_ending(ending)
    if not ending.reason:
        # The process, or who started it, has said why; the last word counts.
        words = [*lines, ending.problem]
        for pattern, of_log in _LOG:
            line = next((line for line in reversed(words) if pattern.search(line)), None)
            if line is not None:
                return cause_of(of_log, line.strip())
    return cause_of(kind, detail)


def _by_ending(ending: Ending) -> tuple[CauseKind, str]:
    if ending.reason == "backend_unavailable":
        return "hub_service", ending.problem
    if ending.reason == "mount":
        return "mount", ending.problem
    if ending.reason or ending.is_os_error:
        return "configuration", ending.problem
    if ending.exit_status is not None:
        is_running = ending.stage == "run"
        return ("ended" if is_running else "crash"), exit_text(ending.exit_status)
    if ending.is_late:
        return ("no_answer" if ending.stage == "answer" else "time_limit"), ending.problem
    if ending.stage == "answer":
        return "no_answer", ending.problem
    return "unknown", ending.problem


def exit_text(status: int) -> str:
    """How a process ended, such as ``ended by signal 9 (SIGKILL)``."""
    number = -status if status < 0 else status - _SIGNALLED
    if number > 0:
        try:
            return f"ended by signal {number} ({signal.Signals(number).name})"
        except ValueError:
            pass
    return f"ended with status {status}"
