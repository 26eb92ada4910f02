"""Worker processes of previews: a few, warm, each at one answer at a time, and killed when they break a limit."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from orrery_engine.client import process
from orrery_engine.client.limits import ProcessMemory
from orrery_engine.client.scratch import Scratch
from orrery_engine.preview import frames
from orrery_wire.errors import BackendUnavailable, Invalid, OrreryError, TimedOut

MODULE = "orrery_engine.preview.worker"
WATCH_SECONDS = 0.1
_GRACE_SECONDS = 5.0
_START_SECONDS = 60.0


class PreviewWorker:
    """A process that parses. It never has an address or a key of a store."""

    def __init__(self, child: asyncio.subprocess.Process, scratch: Scratch) -> None:
        self._child = child
        self._scratch = scratch
        self._memory = ProcessMemory(child.pid)
        # What it has open, so that the next window of a source comes from the same process.
        self.keys: list[str] = []

    @classmethod
    async def start(cls, module: str = MODULE) -> PreviewWorker:
        """A process that is ready.

        Args:
            module: its program.

        Raises:
            BackendUnavailable: it cannot be started.
        """
        scratch = await asyncio.to_thread(Scratch)
        try:
            child = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",
                "-m",
                module,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                limit=8 * 2**20,
                env=process.bare_environment() | _ONE_THREAD | {"TMPDIR": str(scratch.folder)},
                start_new_session=True,
            )
        except BaseException as problem:
            scratch.remove()
            if isinstance(problem, OSError):
                raise BackendUnavailable(
                    "No worker process can be started",
                    reason=f"The system says: {os.strerror(problem.errno or 0)}.",
                    remedy="Close what needs much memory, and try again.",
                ) from problem
            raise
        worker = cls(child, scratch)
        try:
            async with asyncio.timeout(_START_SECONDS):
                await worker.receive()
        except BaseException as problem:
            await worker.end()
            if isinstance(problem, TimeoutError | frames.FrameError):
                raise BackendUnavailable("The worker that reads files does not start") from problem
            raise
        return worker

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._child.pid

    @property
    def is_alive(self) -> bool:
        """Whether it has not ended."""
        return self._child.returncode is None

    async def send(self, message: Mapping[str, Any], blobs: Sequence[bytes] = ()) -> None:
        """Say something to it."""
        stdin = self._child.stdin
        if stdin is None:
            raise frames.FrameError("a worker has no pipes")
        try:
            for piece in frames.pack(message, blobs):
                stdin.write(piece)
            await stdin.drain()
        except ConnectionError as problem:
            raise frames.FrameError from problem

    async def receive(self) -> tuple[dict[str, Any], list[memoryview]]:
        """What it says next.

        Raises:
            FrameError: it has ended.
        """
        stdout = self._child.stdout
        if stdout is None:
            raise frames.FrameError("a worker has no pipes")
        try:
            text, blob = frames.lengths(await stdout.readexactly(frames.HEADER.size))
            return frames.unpack(
                await stdout.readexactly(text), await stdout.readexactly(blob) if blob else b""
            )
        except (asyncio.IncompleteReadError, ConnectionError, ValueError) as problem:
            raise frames.FrameError from problem

    async def watch(
        self, memory: int, seconds: float, grace: float = _GRACE_SECONDS
    ) -> OrreryError:
        """Return why it has to be killed, as soon as it has to be."""
        until = time.monotonic() + seconds + grace
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            if self._memory.sample() > memory:
                return too_much_memory(memory)
            if time.monotonic() > until:
                return TimedOut(
                    "It takes too long to read this",
                    reason=f"An answer may take {seconds:g} seconds.",
                    remedy="Choose fewer columns, or profile it.",
                )

    async def end(self) -> None:
        """Kill it with all its children, wait for that, and remove what it left on the disk."""
        process.kill(self.pid)
        if self._child.stdin is not None:
            self._child.stdin.close()
        try:
            with suppress(ProcessLookupError):
                await self._child.wait()
        finally:
            await asyncio.to_thread(self._scratch.remove)


_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "ARROW_IO_THREADS": "1"}


def too_much_memory(memory: int) -> Invalid:
    """What is said when a worker held more than it may."""
    return Invalid(
        "This needs more memory than a preview may use",
        reason=f"The limit is {memory >> 20:,} MiB; a value, a page or a batch of it is larger.",
        remedy="Choose fewer columns, or profile it.",
    )


class PreviewPool:
    """At most ``size`` workers; a free one that has the source open already is taken first."""

    def __init__(self, size: int = 2, idle_seconds: float = 600.0, module: str = MODULE) -> None:
        self._module = module
        self._idle_seconds = idle_seconds
        self._free: list[PreviewWorker] = []
        self._places = asyncio.Semaphore(size)
        self._timer: asyncio.TimerHandle | None = None
        self._ending: set[asyncio.Task[None]] = set()
        self._warming: asyncio.Task[None] | None = None

    def warm(self) -> None:
        """Have a worker ready soon."""
        if not self._free and (self._warming is None or self._warming.done()):
            self._warming = asyncio.create_task(self._warm())

    async def _warm(self) -> None:
        with suppress(OrreryError):
            async with self._places:
                if not self._free:
                    self._release(await PreviewWorker.start(self._module))

    def has(self, key: str) -> bool:
        """Whether a free worker has a source open."""
        return any(key in worker.keys for worker in self._free if worker.is_alive)

    async def take(self, key: str) -> PreviewWorker:
        """A worker for a source; to be given back or ended.

        Raises:
            BackendUnavailable: none can be started.
        """
        await self._places.acquire()
        try:
            self._end_soon([worker for worker in self._free if not worker.is_alive])
            self._free = [worker for worker in self._free if worker.is_alive]
            worker = next((item for item in self._free if key in item.keys), None)
            if worker is None and self._free:
                worker = self._free[-1]
            if worker is None:
                return await PreviewWorker.start(self._module)
            self._free.remove(worker)
            return worker
        except BaseException:
            self._places.release()
            raise

    def give_back(self, worker: PreviewWorker, key: str) -> None:
        """A worker is free again."""
        if key:
            worker.keys = [*(item for item in worker.keys if item != key), key][-8:]
        self._release(worker)
        self._places.release()

    def _release(self, worker: PreviewWorker) -> None:
        self._free.append(worker)
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(self._idle_seconds, self._end_all)

    async def end(self, worker: PreviewWorker) -> None:
        """A worker that broke a limit, or is at what nobody waits for."""
        try:
            await worker.end()
        finally:
            self._places.release()

    def _end_all(self) -> None:
        self._end_soon(self._free)
        self._free = []

    def _end_soon(self, workers: Sequence[PreviewWorker]) -> None:
        for worker in workers:
            task = asyncio.create_task(worker.end())
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)

    async def close(self) -> None:
        """End every worker."""
        if self._timer is not None:
            self._timer.cancel()
        if self._warming is not None:
            self._warming.cancel()
            await asyncio.gather(self._warming, return_exceptions=True)
        self._end_all()
        await asyncio.gather(*self._ending, return_exceptions=True)
