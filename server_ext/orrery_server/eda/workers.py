"""Worker processes: one job each, watched, and gone at once when they are not wanted any more."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import shutil
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from pydantic import ValidationError

from orrery_engine.schemas import Failure, Job, WorkerEvent
from orrery_server.eda.scratch import ScratchFolder
from orrery_wire.errors import BackendUnavailable, OrreryError

Listen = Callable[[WorkerEvent], None]

ENGINE = (sys.executable, "-P", "-m", "orrery_engine")
_LONGEST_LINE = 64 * 2**20
# Reading more than this would hold up the server.
_LARGE_LINE = 256 * 2**10
_MOST_SAID = 1024 * 2**20
_WATCH_SECONDS = 0.1
_SLACK_SECONDS = 30.0
_NICE = 5
# What opens this server or the hub is not for a process that reads other people's files.
_PRIVATE = re.compile(r"^(JUPYTERHUB_|JPY_|ORRERY_|JUPYTER_TOKEN)")
_HELD = (b"RssAnon", b"RssShmem", b"VmSwap")
_SIZES = re.compile(rb"^(VmHWM|RssAnon|RssShmem|VmSwap):\s+(\d+) kB", re.MULTILINE)
_LOG = logging.getLogger("orrery")


class Worker:
    """A process that waits for a job, or does one. It holds nothing of a job before."""

    def __init__(self, process: asyncio.subprocess.Process, scratch: Path) -> None:
        self._process = process
        self.scratch = scratch
        self.peak = 0
        self._said = 0
        self._strange = 0

    @classmethod
    async def start(cls, scratch: ScratchFolder, *, full: bool, command: tuple[str, ...]) -> Worker:
        """A fresh process with a scratch folder of its own, which goes with it.

        Raises:
            BackendUnavailable: the system starts no process.
            StorageFull: there is no room for the folder.
        """
        room = await asyncio.to_thread(scratch.room)
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                *(["--full"] if full else []),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                limit=_LONGEST_LINE,
                cwd=room,
                env={name: value for name, value in os.environ.items() if not _PRIVATE.match(name)},
                start_new_session=True,
            )
        except BaseException as problem:
            shutil.rmtree(room, ignore_errors=True)
            if isinstance(problem, OSError):
                raise BackendUnavailable(
                    "No worker process can be started",
                    reason=f"The system says: {problem.strerror}.",
                    remedy="Close what needs much memory, and try again.",
                ) from problem
            raise
        if full:
            _step_back(process.pid)
        return cls(process, room)

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    @property
    def lives(self) -> bool:
        """Whether it has not ended."""
        return self._process.returncode is None

    async def work(self, job: Job, listen: Listen) -> None:
        """Do a job and tell its news as they come; every way that it can end is the last of them."""
        watch = asyncio.create_task(self._watch(job))
        read = asyncio.create_task(self._read(job, listen))
        try:
            await asyncio.wait({watch, read}, return_when=asyncio.FIRST_COMPLETED)
            if not read.done():
                self.kill()
                listen(WorkerEvent(event="failed", error=watch.result()))
            else:
                read.result()
        finally:
            for task in (watch, read):
                task.cancel()
            await asyncio.gather(watch, read, return_exceptions=True)
            if self._strange > 1:
                _LOG.warning("orrery: a worker said %d lines that are no news", self._strange)

    async def _read(self, job: Job, listen: Listen) -> None:
        out, into = self._process.stdout, self._process.stdin
        if out is None or into is None:
            raise RuntimeError("a worker has no pipes")
        try:
            into.write(job.model_dump_json().encode() + b"\n")
            await into.drain()
            while line := await out.readline():
                if await self._tell(line, listen):
                    self._resident()
                    return
                # Lines that are there already come without a pause; others want to be served, too.
                await asyncio.sleep(0)
        except ConnectionError:
            pass  # it died: told below
        except ValueError:
            self.kill()
            listen(WorkerEvent(event="failed", error=_TOO_MUCH))
            return
        await self._process.wait()
        self._resident()
        listen(WorkerEvent(event="failed", error=_died(self._process.returncode, self.peak)))

    async def _tell(self, line: bytes, listen: Listen) -> bool:
        """Pass a line on; whether it was the last of its job. What is no news may hold data and is not repeated."""
        self._said += len(line)
        if self._said > _MOST_SAID:
            raise ValueError("too much was said")
        try:
            if len(line) > _LARGE_LINE:
                event = await asyncio.to_thread(WorkerEvent.model_validate_json, line)
            else:
                event = WorkerEvent.model_validate_json(line)
        except ValidationError:
            self._strange += 1
            if self._strange == 1:
                _LOG.warning("orrery: a worker said %d bytes that are no news", len(line))
            return False
        listen(event)
        return event.event in ("done", "failed")

    async def _watch(self, job: Job) -> Failure:
        """Ends with what is wrong, when something is."""
        loop = asyncio.get_running_loop()
        until = loop.time() + job.options.seconds + _SLACK_SECONDS
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            held = self._resident()
            if held > job.memory:
                return Failure(
                    code="out_of_memory",
                    message="It needed more memory than it may have",
                    reason=f"It held {_size(held)}; the limit is {_size(job.memory)}.",
                    remedy="Profile a sample, choose fewer sections, or ask for a higher limit (EdaService.memory).",
                )
            if loop.time() > until:
                return Failure(
                    code="timed_out",
                    message="It took longer than its time limit",
                    reason=f"The limit is {job.options.seconds:g} seconds.",
                    remedy="Give it more time, or profile a sample.",
                )

    def _resident(self) -> int:
        """Bytes of memory that are the process's own; 0 where nothing tells."""
        try:
            said = Path(f"/proc/{self.pid}/status").read_bytes()
        except OSError:
            held = 0 if sys.platform == "linux" else _elsewhere(self.pid)
            self.peak = max(self.peak, held)
            return held
        sizes = {name: int(kilobytes) * 1024 for name, kilobytes in _SIZES.findall(said)}
        self.peak = max(self.peak, sizes.get(b"VmHWM", 0))
        return sum(sizes.get(name, 0) for name in _HELD)

    def kill(self) -> None:
        """Stop it and its children; the system takes their memory back meanwhile."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    async def end(self) -> None:
        """Kill it with all its children, and remove its scratch folder."""
        self.kill()
        if self._process.stdin is not None:
            self._process.stdin.close()
        await self._process.wait()
        await asyncio.to_thread(shutil.rmtree, self.scratch, True)


class WorkerPool:
    """Fresh workers: one is kept warm after the first use, and let go when nobody needs it for long."""

    def __init__(
        self, scratch: ScratchFolder, *, idle: float, command: tuple[str, ...] = ENGINE
    ) -> None:
        self._scratch = scratch
        self._idle = idle
        self._command = command
        self._spare: dict[bool, asyncio.Task[Worker]] = {}
        self._timers: dict[bool, asyncio.TimerHandle] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._closed = False

    def warm(self, *, full: bool = False) -> None:
        """Have a worker ready soon; one that imports what the full report needs if ``full``."""
        if self._closed:
            return
        if full not in self._spare:
            self._spare[full] = self._start(full=full)
        if full in self._timers:
            self._timers[full].cancel()
        loop = asyncio.get_running_loop()
        self._timers[full] = loop.call_later(self._idle, self._let_go, full)

    async def take(self, *, full: bool = False) -> Worker:
        """The warm one if it lives, or a new one; BackendUnavailable and StorageFull as ``Worker.start`` says."""
        spare = self._spare.pop(full, None)
        if spare is not None:
            with suppress(OrreryError):
                worker = await self._ready(spare)
                if worker.lives:
                    return worker
                await worker.end()
        return await self._ready(self._start(full=full))

    async def close(self) -> None:
        """End every worker that nobody took."""
        self._closed = True
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        for full in list(self._spare):
            self._let_go(full)
        await asyncio.gather(*self._ending, return_exceptions=True)

    def _start(self, *, full: bool) -> asyncio.Task[Worker]:
        return asyncio.create_task(Worker.start(self._scratch, full=full, command=self._command))

    async def _ready(self, task: asyncio.Task[Worker]) -> Worker:
        """The worker once it is there; who waits may be cancelled, then it is ended."""
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            self._discard(task)
            raise

    def _let_go(self, full: bool) -> None:
        task = self._spare.pop(full, None)
        if task is not None:
            self._discard(task)

    def _discard(self, task: asyncio.Task[Worker]) -> None:
        async def end() -> None:
            with suppress(OrreryError):
                await (await task).end()

        ending = asyncio.create_task(end())
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)


def failure(problem: OrreryError) -> Failure:
    """An error as the reason why a run did not end well."""
    return Failure(
        code=problem.code, message=problem.message, reason=problem.reason, remedy=problem.remedy
    )


_TOO_MUCH = Failure(
    code="too_large",
    message="The worker process said more than it may",
    reason=f"A line may have {_LONGEST_LINE >> 20} MiB, and all of them {_MOST_SAID >> 20} MiB.",
    remedy="Choose fewer columns or sections; if it stays so, report it.",
)


def _died(code: int | None, peak: int) -> Failure:
    if code is not None and code < 0:
        reason = f"It was ended by {signal.Signals(-code).name}, perhaps because the machine ran out of memory."
    else:
        reason = f"Its exit code was {code}."
    if peak:
        reason += f" It held {_size(peak)} at most."
    return Failure(
        code="internal_error",
        message="The worker process ended in the middle of its work",
        reason=reason,
        remedy="Run it again; if it stays so, profile a sample.",
    )


def _step_back(pid: int) -> None:
    """Let a process that computes for minutes leave the way to whatever a person waits for."""
    if hasattr(os, "setpriority"):
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, pid, _NICE)


def _elsewhere(pid: int) -> int:
    """The same where there is no ``/proc``."""
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
