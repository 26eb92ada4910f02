"""Limits of a job on memory, time and output, and what is said when one is reached."""

from __future__ import annotations

import re
import signal
import sys
import time
from importlib import import_module
from pathlib import Path

from orrery_engine.schemas import Failure, Job

WATCH_SECONDS = 0.1
# How much longer than its budget a job may take; the worker keeps to the budget by itself.
GRACE_SECONDS = 30.0
# How long a worker may say nothing and compute nothing; at work it tells its progress every 0.4 s.
SILENT_SECONDS = 10.0
MAX_LINE_BYTES = 64 * 2**20
MAX_OUTPUT_BYTES = 1024 * 2**20

_OWN = (b"RssAnon", b"RssShmem", b"VmSwap")
_SIZES = re.compile(rb"^(VmHWM|RssAnon|RssShmem|VmSwap):\s+(\d+) kB", re.MULTILINE)
_LAST_LINE = 300
_DISK_SLEEP = b"D"


class ProcessMemory:
    """Memory of a process, in bytes; zero where the system does not tell."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self.peak = 0

    def sample(self) -> int:
        """Memory that is the process's own now; mapped files are not counted."""
        try:
            status = Path(f"/proc/{self._pid}/status").read_bytes()
        except OSError:
            held = 0 if sys.platform == "linux" else _resident_without_proc(self._pid)
            self.peak = max(self.peak, held)
            return held
        sizes = {name: int(kilobytes) * 1024 for name, kilobytes in _SIZES.findall(status)}
        self.peak = max(self.peak, sizes.get(b"VmHWM", 0))
        return sum(sizes.get(name, 0) for name in _OWN)


class Silence:
    """How long a process has said nothing, used no processor and waited for no disk: a busy one can be late.

    Time in which nobody looked does not count, for then nobody read either: a machine that slept, an event loop that
    was held up.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._activity = _activity(pid)
        self._looked = time.monotonic()
        self._seconds = 0.0

    def end(self) -> None:
        """It has said something."""
        self._seconds = 0.0

    def look(self) -> float:
        """The seconds so far; to be called every ``WATCH_SECONDS``."""
        now = time.monotonic()
        self._seconds += min(now - self._looked, 2 * WATCH_SECONDS)
        self._looked = now
        activity = _activity(self._pid)
        if activity != self._activity or activity[0] == _DISK_SLEEP:
            self._activity = activity
            self._seconds = 0.0
        return self._seconds


class JobLimits:
    """Memory, time and silence of one job; the time runs from when this is made."""

    def __init__(self, job: Job, memory: ProcessMemory, silence: Silence) -> None:
        self._job = job
        self._memory = memory
        self._silence = silence
        self._deadline = time.monotonic() + job.options.seconds + GRACE_SECONDS

    def exceeded(self) -> Failure | None:
        """Why the worker has to be killed now; None while it keeps to its limits."""
        if self._silence.look() > SILENT_SECONDS:
            return HUNG
        held = self._memory.sample()
        if held > self._job.memory:
            return Failure(
                code="out_of_memory",
                message="It needed more memory than it may have",
                reason=f"It held {_size(held)}; the limit is {_size(self._job.memory)}.",
                remedy="Profile a sample, choose fewer sections, or ask for a higher limit (EdaService.memory).",
            )
        if time.monotonic() > self._deadline:
            return Failure(
                code="timed_out",
                message="It took longer than its time limit",
                reason=f"The limit is {self._job.options.seconds:g} seconds.",
                remedy="Give it more time, or profile a sample.",
            )
        return None


HUNG = Failure(
    code="internal_error",
    message="The worker process stopped answering",
    reason=f"It said nothing and computed nothing for {SILENT_SECONDS:g} seconds, and was ended.",
    remedy="Run it again; if it stays so, profile a sample.",
)


def too_much_output() -> Failure:
    """Why a worker was killed that wrote more than anybody could keep."""
    return Failure(
        code="too_large",
        message="The worker process said more than it may",
        reason=f"A line may have {MAX_LINE_BYTES >> 20} MiB, and all of them {MAX_OUTPUT_BYTES >> 20} MiB.",
        remedy="Choose fewer columns or sections; if it stays so, report it.",
    )


def died(code: int | None, peak: int, errors: bytes = b"") -> Failure:
    """Why a worker ended without a result: its exit code or signal, its peak memory, the last line of its errors."""
    if code is not None and code < 0:
        reason = (
            f"It was ended by {_signal_name(-code)}, perhaps because the machine ran out of memory."
        )
    else:
        reason = f"Its exit code was {code}."
    if peak:
        reason += f" It held {_size(peak)} at most."
    lines = [line for line in errors.decode(errors="replace").splitlines() if line.strip()]
    last = lines[-1].strip()[:_LAST_LINE] if lines else ""
    if last.startswith(("ImportError", "ModuleNotFoundError")):
        return Failure(
            code="backend_unavailable",
            message="The worker that profiles cannot be started",
            reason=last,
            remedy="Install what it needs with: pip install jupyter-orrery",
        )
    if last:
        reason += f" {last}"
    return Failure(
        code="internal_error",
        message="The worker process ended in the middle of its work",
        reason=reason,
        remedy="Run it again; if it stays so, profile a sample.",
    )


def _signal_name(number: int) -> str:
    """Its name where it has one: most real-time signals have none."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _activity(pid: int) -> tuple[bytes, bytes, bytes]:
    """State and processor time (user, system) of a process; all empty where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return (b"", b"", b"")
    return (fields[0], fields[11], fields[12])


def _resident_without_proc(pid: int) -> int:
    """Resident memory of a process where there is no ``/proc``, in bytes."""
    try:
        psutil = import_module("psutil")
    except ImportError:
        return 0
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0


def _size(count: int) -> str:
    return f"{count / 2**30:.1f} GiB" if count >= 2**30 else f"{count / 2**20:.0f} MiB"
