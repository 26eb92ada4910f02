"""Worker processes: one job each, watched, and gone at once when they are not wanted any more."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from pydantic import ValidationError

from orrery_server.eda.schemas import Failure, Job, News
from orrery_server.errors import OrreryError

Listen = Callable[[News], None]

_LONGEST_LINE = 256 * 1024 * 1024
_WATCH_SECONDS = 0.1
_SLACK_SECONDS = 30.0
# What opens this server or the hub is not for a process that reads other people's files.
_PRIVATE = re.compile(r"^(JUPYTERHUB_|JPY_|ORRERY_|JUPYTER_TOKEN)")
_COMMAND = (sys.executable, "-P", "-m", "orrery_server.eda.engine")
_RESIDENT = re.compile(rb"^(VmHWM|RssAnon):\s+(\d+) kB", re.MULTILINE)


class Worker:
    """A process that waits for a job, or does one. It holds nothing of a job before."""

    def __init__(self, process: asyncio.subprocess.Process, scratch: Path) -> None:
        self._process = process
        self.scratch = scratch
        self.peak = 0

    @classmethod
    async def start(cls, *, full: bool, command: tuple[str, ...] = _COMMAND) -> Worker:
        """A fresh process with a scratch folder of its own, which goes with it."""
        scratch = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="orrery-eda-"))
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                *(["--full"] if full else []),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                limit=_LONGEST_LINE,
                cwd=scratch,
                env={name: value for name, value in os.environ.items() if not _PRIVATE.match(name)},
                start_new_session=True,
            )
        except BaseException:
            shutil.rmtree(scratch, ignore_errors=True)
            raise
        return cls(process, scratch)

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
                listen(News(event="failed", error=watch.result()))
            else:
                read.result()
        finally:
            for task in (watch, read):
                task.cancel()
            await asyncio.gather(watch, read, return_exceptions=True)

    async def _read(self, job: Job, listen: Listen) -> None:
        out, into = self._process.stdout, self._process.stdin
        if out is None or into is None:
            raise RuntimeError("a worker has no pipes")
        try:
            into.write(job.model_dump_json().encode() + b"\n")
            await into.drain()
            while line := await out.readline():
                if self._tell(line, listen):
                    return
        except (ConnectionError, ValueError):
            pass  # it died, or said a line without end: both are told below
        await self._reap()
        listen(News(event="failed", error=_died(self._process.returncode)))

    def _tell(self, line: bytes, listen: Listen) -> bool:
        """Pass a line on; whether it was the last of its job. What is no news may hold data and is not repeated."""
        try:
            news = News.model_validate_json(line)
        except ValidationError:
            logging.getLogger("orrery").warning(
                "orrery: a worker said %d bytes that are no news", len(line)
            )
            return False
        listen(news)
        return news.event in ("done", "failed")

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
        """Bytes of memory that are the process's own; 0 where the system does not tell."""
        try:
            said = Path(f"/proc/{self.pid}/status").read_bytes()
        except OSError:
            return 0
        sizes = {name: int(kilobytes) * 1024 for name, kilobytes in _RESIDENT.findall(said)}
        self.peak = max(self.peak, sizes.get(b"VmHWM", 0))
        return sizes.get(b"RssAnon", 0)

    async def end(self) -> None:
        """Kill it with all its children, and remove its scratch folder."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        await self._reap()
        await asyncio.to_thread(shutil.rmtree, self.scratch, True)

    async def _reap(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        await self._process.wait()


class Workers:
    """Fresh workers: one is kept warm after the first use, and let go when nobody needs it for long."""

    def __init__(self, *, idle: float, command: tuple[str, ...] = _COMMAND) -> None:
        self._idle = idle
        self._command = command
        self._spare: dict[bool, asyncio.Task[Worker]] = {}
        self._timers: dict[bool, asyncio.TimerHandle] = {}
        self._ending: set[asyncio.Task[None]] = set()

    def warm(self, *, full: bool = False) -> None:
        """Have a worker ready soon; one that imports what the full report needs if ``full``."""
        if full not in self._spare:
            made = Worker.start(full=full, command=self._command)
            self._spare[full] = asyncio.create_task(made)
        if full in self._timers:
            self._timers[full].cancel()
        loop = asyncio.get_running_loop()
        self._timers[full] = loop.call_later(self._idle, self._let_go, full)

    async def take(self, *, full: bool = False) -> Worker:
        """The warm one if it lives, or a new one."""
        task = self._spare.pop(full, None)
        if task is not None:
            try:
                worker = await task
            except OSError:
                worker = None
            if worker is not None and worker.lives:
                return worker
            if worker is not None:
                await worker.end()
        return await Worker.start(full=full, command=self._command)

    async def close(self) -> None:
        """End every worker that nobody took."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        for full in list(self._spare):
            self._let_go(full)
        await asyncio.gather(*self._ending, return_exceptions=True)

    def _let_go(self, full: bool) -> None:
        task = self._spare.pop(full, None)
        if task is None:
            return

        async def end() -> None:
            await (await task).end()

        ending = asyncio.create_task(end())
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)


def failure(problem: OrreryError) -> Failure:
    """An error as the reason why a run did not end well."""
    return Failure(
        code=problem.code, message=problem.message, reason=problem.reason, remedy=problem.remedy
    )


def _died(code: int | None) -> Failure:
    if code is not None and code < 0:
        reason = f"It was ended by {signal.Signals(-code).name}, perhaps because the machine ran out of memory."
    else:
        reason = f"Its exit code was {code}."
    return Failure(
        code="internal_error",
        message="The worker process ended in the middle of its work",
        reason=reason,
        remedy="Run it again; if it stays so, profile a sample.",
    )


def _size(count: int) -> str:
    return f"{count / 2**30:.1f} GiB" if count >= 2**30 else f"{count / 2**20:.0f} MiB"
