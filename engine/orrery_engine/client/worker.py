"""A worker process under asyncio: one job, watched, and gone at once when nobody wants it any more."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

from orrery_engine.client import limits, process
from orrery_engine.client.events import EventReader, is_last
from orrery_engine.schemas import Failure, Job, WorkerEvent
from orrery_wire.errors import BackendUnavailable

Listen = Callable[[WorkerEvent], None]
MakeFolder = Callable[[], Path]

# Parsing more than this would hold up the event loop.
_LARGE_LINE = 256 * 2**10

_BUILDING = threading.Lock()


def _build_shapes() -> None:
    # A shape is built when it is first used, which takes these tens of milliseconds: too long for a step of the loop.
    with _BUILDING:
        for shape in (Job, WorkerEvent):
            shape.model_rebuild()


class Worker:
    """A process that waits for a job, or does one. It holds nothing of a job before."""

    def __init__(self, child: asyncio.subprocess.Process, scratch: Path) -> None:
        self._process = child
        self._memory = limits.ProcessMemory(child.pid)
        self._silence = limits.Silence(child.pid)
        self._is_hung = False
        self.scratch = scratch

    @classmethod
    async def start(
        cls, make_folder: MakeFolder, *, full: bool, command: tuple[str, ...] = process.COMMAND
    ) -> Worker:
        """A fresh process with a fresh scratch folder, which goes with it.

        Raises:
            BackendUnavailable: the system starts no process.
            StorageFull: there is no room for the folder.
        """
        await asyncio.to_thread(_build_shapes)
        scratch = await asyncio.to_thread(make_folder)
        try:
            child = await asyncio.create_subprocess_exec(
                *process.arguments(command, full=full),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                limit=limits.MAX_LINE_BYTES,
                cwd=scratch,
                env=process.environment(),
                start_new_session=True,
            )
        except BaseException as problem:
            shutil.rmtree(scratch, ignore_errors=True)
            if isinstance(problem, OSError):
                raise BackendUnavailable(
                    "No worker process can be started",
                    reason=f"The system says: {problem.strerror}.",
                    remedy="Close what needs much memory, and try again.",
                ) from problem
            raise
        if full:
            process.lower_priority(child.pid)
        return cls(child, scratch)

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it has not ended."""
        return self._process.returncode is None

    @property
    def is_hung(self) -> bool:
        """Whether it had to be killed because it had stopped answering: a fresh one may do better."""
        return self._is_hung

    @property
    def peak(self) -> int:
        """Its largest resident memory so far, in bytes."""
        return self._memory.peak

    async def work(self, job: Job, listen: Listen) -> None:
        """Do a job and pass its events on; the last one is ``done`` or ``failed``, whatever happens."""
        reader = EventReader()
        watch = asyncio.create_task(self._watch(job))
        read = asyncio.create_task(self._read(job, reader, listen))
        try:
            await asyncio.wait({watch, read}, return_when=asyncio.FIRST_COMPLETED)
            if not read.done():
                self.kill()
                failure = watch.result()
                self._is_hung = failure is limits.HUNG
                listen(WorkerEvent(event="failed", error=failure))
            else:
                read.result()
        finally:
            for task in (watch, read):
                task.cancel()
            await asyncio.gather(watch, read, return_exceptions=True)
            reader.close()

    async def _read(self, job: Job, reader: EventReader, listen: Listen) -> None:
        stdout, stdin = self._process.stdout, self._process.stdin
        if stdout is None or stdin is None:
            raise RuntimeError("a worker has no pipes")
        try:
            stdin.write(job.model_dump_json().encode() + b"\n")
            await stdin.drain()
            while line := await stdout.readline():
                self._silence.end()
                event = await self._parse(reader, line)
                if event is not None:
                    listen(event)
                    if is_last(event):
                        self._memory.sample()
                        return
                # Lines that are there already come without a pause; other tasks want their turn.
                await asyncio.sleep(0)
        except ConnectionError:
            pass  # it died: told below
        except ValueError:  # OutputTooLarge, or asyncio's own error for a line beyond the limit
            self.kill()
            listen(WorkerEvent(event="failed", error=limits.too_much_output()))
            return
        await self._process.wait()
        self._memory.sample()
        error = limits.died(self._process.returncode, self._memory.peak)
        listen(WorkerEvent(event="failed", error=error))

    @staticmethod
    async def _parse(reader: EventReader, line: bytes) -> WorkerEvent | None:
        if len(line) > _LARGE_LINE:
            return await asyncio.to_thread(reader.parse, line)
        return reader.parse(line)

    async def _watch(self, job: Job) -> Failure:
        """Return why the worker has to be killed, as soon as it has to be."""
        bounds = limits.JobLimits(job, self._memory, self._silence)
        while True:
            await asyncio.sleep(limits.WATCH_SECONDS)
            failure = bounds.exceeded()
            if failure is not None:
                return failure

    def kill(self) -> None:
        """Stop it and its children; the system takes their memory back meanwhile."""
        process.kill(self.pid)

    async def end(self) -> None:
        """Kill it with all its children, wait for that, and remove its scratch folder."""
        self.kill()
        if self._process.stdin is not None:
            self._process.stdin.close()
        await self._process.wait()
        await asyncio.to_thread(shutil.rmtree, self.scratch, True)
