"""The supervisor process: ``python -m orrery_hub.standalone.supervisor <home>``.

It starts the processes of ``run/plan.json``, restarts those that ended or hang, and writes ``run/state.json``. It
outlives its parent; on Linux the kernel ends its direct children when it dies.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from orrery_hub.standalone import process_tags, state
from orrery_hub.standalone.home import Home
from orrery_hub.standalone.managed_process import ManagedProcess, Plan

LOG_BYTES = 5_000_000
_POLL_SECONDS = 0.1  # between two looks at a process
_STARTING_SECONDS = 0.3  # between two health checks of a process that starts
_HEALTHY_SECONDS = 5.0  # between two health checks of a healthy process
_MAX_FAILED_CHECKS = 12  # in a row, after which a process that was healthy counts as hung
_PR_SET_PDEATHSIG = 1
# Variables of a lab, which must not reach a hub that is started in one of the lab's terminals.
_LAB_VARIABLES = ("JUPYTERHUB_", "JPY_", "ORRERY_HUB_URL", "ORRERY_CONNECTION_FILE", "CONFIGPROXY_")


class Supervisor:
    """Keeps the processes of a plan running until ``stop``."""

    def __init__(
        self, plan: Plan, *, first_delay: float = 0.5, longest_delay: float = 30, steady: float = 60
    ) -> None:
        self._home = Home(Path(plan.home))
        self._plan = plan
        self._delays = (first_delay, longest_delay)
        self._steady = steady
        self._stop = asyncio.Event()
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._status = state.Status(
            pid=os.getpid(),
            address=plan.address,
            started=time.time(),
            processes={
                p.name: state.ProcessStatus(title=p.title, port=p.port) for p in plan.processes
            },
        )

    def stop(self) -> None:
        """Request the end; ``run`` returns when every process has stopped."""
        self._stop.set()

    async def run(self) -> None:
        """Start every process and keep it running; after ``stop``, stop them in reverse order."""
        state.write(self._home, self._status)
        try:
            self._home.announce()
        except OSError as problem:
            log_line(f"commands in other shells will not find the labs: {problem}")
        async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
            tasks = [
                asyncio.create_task(self._keep_running(process, client))
                for process in self._plan.processes
            ]
            tasks.append(asyncio.create_task(self._rotate_logs()))
            await self._stop.wait()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        for process in reversed(self._plan.processes):
            await self._stop_process(process)
        self._home.withdraw()
        state.delete(self._home)

    async def _keep_running(self, managed: ManagedProcess, client: httpx.AsyncClient) -> None:
        delay, longest = self._delays
        while True:
            started = time.monotonic()
            reason = await self._run_once(managed, client)
            if time.monotonic() - started > self._steady:
                delay = self._delays[0]
            log_line(f"{managed.name}: {reason}; again in {delay:.1f} s")
            self._update_status(managed, state="waiting", pid=None, reason=reason)
            await self._stop_process(managed)
            await asyncio.sleep(delay)
            delay = min(delay * 2, longest)

    async def _run_once(self, managed: ManagedProcess, client: httpx.AsyncClient) -> str:
        """Run a process until it ends or hangs; returns why it ended."""
        # Children of an earlier run would occupy its ports.
        await asyncio.to_thread(
            process_tags.terminate_tagged,
            self._home.root,
            managed.name,
            *managed.children,
            seconds=3,
        )
        started = time.monotonic()
        try:
            process = self._start(managed)
        except OSError as problem:
            return f"it could not be started ({problem})"
        starts = self._status.processes[managed.name].starts + 1
        self._update_status(
            managed, state="starting", pid=process.pid, since=time.time(), starts=starts
        )
        checked = 0.0
        failed_checks = 0
        while (code := process.poll()) is None:
            await asyncio.sleep(_POLL_SECONDS)
            is_ready = self._status.processes[managed.name].state == "ready"
            if time.monotonic() - checked < (_HEALTHY_SECONDS if is_ready else _STARTING_SECONDS):
                continue
            is_healthy = await _is_healthy(managed, client)
            checked = time.monotonic()
            failed_checks = 0 if is_healthy else failed_checks + 1
            if is_healthy and not is_ready:
                self._update_status(
                    managed, state="ready", seconds=round(checked - started, 1), reason=""
                )
                log_line(f"{managed.name}: ready after {checked - started:.1f} s")
            elif is_ready and failed_checks >= _MAX_FAILED_CHECKS:
                return "it stopped answering"
            elif not is_ready and checked - started > managed.start_timeout:
                return f"it did not answer within {managed.start_timeout:.0f} s"
        return f"it ended with signal {-code}" if code < 0 else f"it ended with code {code}"

    def _start(self, managed: ManagedProcess) -> subprocess.Popen[bytes]:
        environment = {k: v for k, v in os.environ.items() if not k.startswith(_LAB_VARIABLES)}
        environment["PATH"] = os.pathsep.join(
            (str(Path(sys.executable).parent), environment.get("PATH", os.defpath))
        )
        environment |= managed.environment | process_tags.environment_tag(
            self._home.root, managed.name
        )
        with self._home.log(managed.name).open("ab") as log:
            process = subprocess.Popen(  # noqa: S603  # the command is a line of our own table
                managed.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self._home.run,
                env=environment,
                start_new_session=True,
                preexec_fn=_die_with_parent(os.getpid()),
            )
        self._running[managed.name] = process
        return process

    async def _stop_process(self, managed: ManagedProcess) -> None:
        """Stop a process and its children: first the process alone, which stops its own children."""
        process = self._running.pop(managed.name, None)
        if process is not None and process.poll() is None:
            process.terminate()
            deadline = time.monotonic() + managed.stop_timeout
            while process.poll() is None and time.monotonic() < deadline:  # noqa: ASYNC110  # a process is no event
                await asyncio.sleep(_POLL_SECONDS)
            if process.poll() is None:
                log_line(f"{managed.name}: does not stop, killed")
                process.kill()
                process.wait()
        await asyncio.to_thread(
            process_tags.terminate_tagged,
            self._home.root,
            managed.name,
            *managed.children,
            seconds=5,
        )

    def _update_status(self, managed: ManagedProcess, **changes: object) -> None:
        known = self._status.processes[managed.name]
        self._status.processes[managed.name] = known.model_copy(update=changes)
        state.write(self._home, self._status)

    async def _rotate_logs(self) -> None:
        while True:
            for file in self._home.logs.glob("*.log"):
                rotate_log(file)
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


def log_line(text: str) -> None:
    """Write a line to the supervisor's own log."""
    print(time.strftime("%Y-%m-%d %H:%M:%S"), text, flush=True)  # noqa: T201  # standard output is the log


async def _is_healthy(managed: ManagedProcess, client: httpx.AsyncClient) -> bool:
    for url in managed.health:
        try:
            if (await client.get(url)).status_code != 200:
                return False
        except httpx.HTTPError:
            return False
    return True


def _die_with_parent(parent: int) -> Callable[[], None] | None:
    if not sys.platform.startswith("linux"):
        return None  # elsewhere, `up` and `down` find orphans by their tag
    libc = ctypes.CDLL(None)

    def set_death_signal() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return set_death_signal


async def _main(plan: Plan) -> None:
    supervisor = Supervisor(plan)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, supervisor.stop)
    await supervisor.run()


def main() -> int:
    """Run the plan of a home; exit code 3 if another supervisor runs."""
    home = Home(Path(sys.argv[1]))
    with state.exclusive_lock(home.run / "supervisor.lock") as is_alone:
        if not is_alone:
            log_line("another supervisor is running")
            return 3
        plan = Plan.model_validate_json((home.run / "plan.json").read_bytes())
        log_line(
            f"supervisor {os.getpid()} starts {', '.join(process.name for process in plan.processes)}"
        )
        asyncio.run(_main(plan))
        log_line("everything has stopped")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
