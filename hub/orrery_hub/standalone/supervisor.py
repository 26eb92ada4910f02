"""The supervisor process: ``python -m orrery_hub.standalone.supervisor <home>``.

It holds the listening sockets, starts the processes of ``run/plan.json``, restarts those that ended or hang, and writes
``run/state.json``. It outlives its parent; on Linux the kernel ends its direct children when it dies. Labs are not among
them: they end by ``stop`` alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import shutil
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable, Coroutine
from pathlib import Path

import httpx

from orrery_hub.listeners import open_listener
from orrery_hub.standalone import process_tags, state
from orrery_hub.standalone.home import Home
from orrery_hub.standalone.managed_process import Plan
from orrery_hub.standalone.part import CHECK_SECONDS, Delays, Part, log_line

LOG_BYTES = 5_000_000
_BEAT_SECONDS = 5.0
_AGAIN_SECONDS = 2.0
LAB_TAG = "lab"


class Supervisor:
    """Keeps the processes of a plan running until ``stop``."""

    def __init__(self, plan: Plan, delays: Delays = Delays()) -> None:  # noqa: B008  # it is frozen
        self._home = Home(Path(plan.home))
        self._plan = plan
        self._delays = delays
        self._stop = asyncio.Event()
        now = time.monotonic()
        self._status = state.Status(
            pid=os.getpid(),
            address=plan.address,
            local=plan.local,
            started=now,
            beat=now,
            processes={
                p.name: state.ProcessStatus(title=p.title, port=p.port) for p in plan.processes
            },
        )

    def stop(self) -> None:
        """Request the end; ``run`` returns when every process has stopped."""
        self._stop.set()

    async def run(self) -> None:
        """Start every process and keep it running; after ``stop``, stop them in reverse order, then the labs.

        Raises:
            OSError: a port of the plan is in use.
        """
        with contextlib.ExitStack() as stack:
            parts = [
                Part(
                    managed,
                    self._home,
                    {p: stack.enter_context(self._listen(p)) for p in managed.listeners},
                    self._update_status,
                    self._delays,
                )
                for managed in self._plan.processes
            ]
            # What it names may be other people's servers since; JupyterHub adds the routes of the labs that run.
            (self._home.run / "routes.json").unlink(missing_ok=True)
            state.write(self._home, self._status)
            self._announce()
            await self._keep_running(parts)
            for part in reversed(parts):
                await part.stop()
        await asyncio.to_thread(process_tags.terminate_tagged, self._home.root, LAB_TAG)
        self._home.withdraw()
        state.delete(self._home)

    async def _keep_running(self, parts: list[Part]) -> None:
        # Without pooled connections: one to a process that was killed would count as its successor's silence.
        limits = httpx.Limits(max_keepalive_connections=0)
        async with httpx.AsyncClient(
            timeout=CHECK_SECONDS, trust_env=False, limits=limits
        ) as client:
            works: dict[str, Callable[[], Coroutine[object, object, None]]] = {
                part.managed.name: functools.partial(part.keep_running, client) for part in parts
            }
            works |= {"rotation of logs": self._rotate_logs, "state": self._beat}
            tasks = [asyncio.create_task(self._keep_going(*work)) for work in works.items()]
            await self._stop.wait()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _keep_going(
        self, name: str, work: Callable[[], Coroutine[object, object, None]]
    ) -> None:
        """Begin a work again that failed unforeseen: whatever it was, all others go on."""
        while True:
            try:
                await work()
            except Exception:  # noqa: BLE001  # the edge of the work: no other layer would begin it again
                log_line(
                    f"{name}: failed unforeseen, again in {_AGAIN_SECONDS:.0f} s\n{traceback.format_exc()}"
                )
            await asyncio.sleep(_AGAIN_SECONDS)

    def _listen(self, port: int) -> socket.socket:
        try:
            return open_listener(self._plan.host, port)
        except OSError as problem:
            raise OSError(f"port {port} of {self._plan.host} is taken: {problem}") from problem

    def _announce(self) -> None:
        try:
            self._home.announce()
        except OSError as problem:
            log_line(f"commands in other shells will not find the labs: {problem}")

    def _update_status(self, name: str, **changes: object) -> None:
        known = self._status.processes[name]
        self._status.processes[name] = known.model_copy(update=changes)
        self._write_status()

    def _write_status(self) -> None:
        self._status.beat = time.monotonic()
        try:
            state.write(self._home, self._status)
        except OSError as problem:
            # What runs must not end because the disk is full.
            log_line(f"the state cannot be written: {problem}")

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(_BEAT_SECONDS)
            self._write_status()

    async def _rotate_logs(self) -> None:
        while True:
            for file in self._home.logs.rglob("*.log"):
                try:
                    rotate_log(file)
                except OSError as problem:
                    log_line(f"{file.name} cannot be rotated: {problem}")
            await asyncio.sleep(10)


def rotate_log(log: Path, limit: int = LOG_BYTES) -> bool:
    """Copy a log of more than ``limit`` bytes to ``.1`` and truncate it; true if it was too long.

    Its writers append, so they go on. A line that is written between copy and truncation is lost.
    """
    if not log.exists() or log.stat().st_size <= limit:
        return False
    shutil.copyfile(log, log.with_name(f"{log.name}.1"))
    os.truncate(log, 0)
    return True


async def _main(plan: Plan) -> None:
    supervisor = Supervisor(plan)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, supervisor.stop)
    await supervisor.run()


def main() -> int:
    """Run the plan of a home; exit code 3 if another supervisor runs, 4 if a port is taken."""
    home = Home(Path(sys.argv[1]))
    with state.exclusive_lock(home.run / "supervisor.lock") as is_alone:
        if not is_alone:
            log_line("another supervisor is running")
            return 3
        plan = Plan.model_validate_json((home.run / "plan.json").read_bytes())
        log_line(
            f"supervisor {os.getpid()} starts {', '.join(process.name for process in plan.processes)}"
        )
        try:
            asyncio.run(_main(plan))
        except OSError as problem:
            log_line(f"CRITICAL: {problem}")
            return 4
        log_line("everything has stopped")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
