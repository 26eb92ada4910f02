"""One process under the supervisor: started, watched, and started again when it ends or hangs."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import httpx

from orrery_hub import listeners
from orrery_hub.base.secret import secret
from orrery_hub.standalone import process_tags
from orrery_hub.standalone.home import Home
from orrery_hub.standalone.log_problems import first_problem
from orrery_hub.standalone.managed_process import ManagedProcess

EXIT_REFUSED = (
    3  # of a process: its settings or its database refuse it, and a new start will not mend it
)
_POLL_SECONDS = 0.05  # between two looks at a process
_STARTING_SECONDS = 0.2  # between two health checks of a process that starts
_HEALTHY_SECONDS = 2.0  # between two health checks of a healthy process
CHECK_SECONDS = 5.0  # that one health check may take
_PR_SET_PDEATHSIG = 1
# Variables of a lab, which must not reach a hub that is started in one of the lab's terminals.
_LAB_VARIABLES = ("JUPYTERHUB_", "JPY_", "ORRERY_HUB_URL", "ORRERY_CONNECTION_FILE", "CONFIGPROXY_")


@dataclass(frozen=True)
class Delays:
    """Seconds before a process that ended is started again."""

    first: float = 0.5
    longest: float = 30
    steady: float = 60  # that it ran before its end, after which the delays begin anew


class Report(Protocol):
    """Where a part says how it is."""

    def __call__(self, name: str, **changes: object) -> None:
        """Change fields of the status of a process."""


class Part:
    """Keeps one process running."""

    def __init__(
        self,
        managed: ManagedProcess,
        home: Home,
        sockets: Mapping[int, socket.socket],
        report: Report,
        delays: Delays,
    ) -> None:
        self.managed = managed
        self._home = home
        self._sockets = sockets
        self._report = report
        self._delays = delays
        self._process: subprocess.Popen[bytes] | None = None
        self._standby: subprocess.Popen[bytes] | None = None
        self._is_ready = False
        self._starts = 0

    async def keep_running(self, client: httpx.AsyncClient) -> None:
        """Start the process again whenever it ended; at once when it was well, later and later when it was not."""
        delay = self._delays.first
        while True:
            started = time.monotonic()
            offset = self._log_size()
            reason = await self._run_once(client)
            wait = 0.0 if self._is_ready else delay
            problem = "" if self._is_ready else first_problem(self._log, offset)
            ran = time.monotonic() - started
            # One that is well for a moment only is not started again and again without a pause.
            if self._is_ready and ran < 5:
                wait = self._delays.first
            delay = (
                self._delays.first
                if self._is_ready or ran > self._delays.steady
                else min(delay * 2, self._delays.longest)
            )
            log_line(f"{self.managed.name}: {reason}; again in {wait:.1f} s")
            is_refused = self._process is not None and self._process.poll() == EXIT_REFUSED
            self._report(
                self.managed.name,
                state="refused" if is_refused else "waiting",
                pid=None,
                reason=reason,
                problem=problem,
            )
            await self._end(self._process, patience=0)
            await asyncio.sleep(wait)

    async def stop(self) -> None:
        """Stop the process and its children: first the process alone, which stops its own children."""
        await self._end(self._standby, patience=0)
        await self._end(self._process, patience=self.managed.stop_timeout)
        await asyncio.to_thread(
            process_tags.terminate_tagged, self._home.root, self.managed.name, seconds=5
        )

    async def _run_once(self, client: httpx.AsyncClient) -> str:
        """Run the process until it ends or hangs; returns why it ended."""
        started = time.monotonic()
        self._is_ready = False
        try:
            process = self._process = await self._start()
        except Exception as problem:  # noqa: BLE001  # whatever it was: the next start may go well
            return f"it could not be started ({problem or type(problem).__name__})"
        self._starts += 1
        self._report(
            self.managed.name,
            state="starting",
            pid=process.pid,
            since=time.monotonic(),
            starts=self._starts,
        )
        reason = await self._watch(process, client, started)
        if reason:
            return reason
        code = process.poll() or 0
        return f"it ended with signal {-code}" if code < 0 else f"it ended with code {code}"

    async def _watch(
        self, process: subprocess.Popen[bytes], client: httpx.AsyncClient, started: float
    ) -> str:
        """Check the health until the process ends (returns nothing) or has to be ended (returns why)."""
        silence = 0
        limit = max(2, round(self.managed.hang_timeout / CHECK_SECONDS))
        state = "starting"
        while True:
            pause = _HEALTHY_SECONDS if self._is_ready else _STARTING_SECONDS
            if await _ends_within(process, pause):
                return ""
            answer = await self._check(client, self.managed.health)
            now = time.monotonic()
            is_early = not self._is_ready and now - started < self.managed.start_timeout
            if answer == "" and is_early and await self._check(client, self.managed.reached) != "":
                continue
            # Counted in checks and not in time, so what stopped the supervisor too is no silence of the process.
            silence = silence + 1 if answer is None else 0
            if answer == "":
                if not self._is_ready:
                    self._is_ready = True
                    log_line(f"{self.managed.name}: ready after {now - started:.1f} s")
                    self._report(self.managed.name, seconds=round(now - started, 1))
                    self._prepare_standby()
                if state != "ready":
                    state = "ready"
                    self._report(self.managed.name, state=state, reason="", problem="")
            elif answer and state == "ready":
                state = "failing"
                self._report(self.managed.name, state=state, reason=answer)
            elif self._is_ready and silence >= limit:
                return f"it did not answer {limit} health checks"
            elif not self._is_ready and now - started > self.managed.start_timeout:
                return answer or f"it did not answer within {self.managed.start_timeout:.0f} s"

    async def _check(self, client: httpx.AsyncClient, urls: Sequence[str]) -> str | None:
        """What is wrong with the answers of the process: nothing, something, or None if there is no answer."""
        for url in urls:
            try:
                async with asyncio.timeout(CHECK_SECONDS):
                    status = await self._status(client, url)
            except (httpx.HTTPError, OSError):  # an answer that is late, or another program's
                return None
            if status != 200:
                return f"it answers {status} at {url}"
        return ""

    async def _status(self, client: httpx.AsyncClient, url: str) -> int:
        if not self.managed.ca_file:
            return (await client.get(url)).status_code
        # Read at each check: the process makes its certificate when it starts.
        context = ssl.create_default_context(cafile=self.managed.ca_file)
        async with httpx.AsyncClient(
            verify=context, timeout=CHECK_SECONDS, trust_env=False
        ) as own_client:
            return (await own_client.get(url)).status_code

    async def _start(self) -> subprocess.Popen[bytes]:
        """The process that stood by, or a new one."""
        standby, self._standby = self._standby, None
        if standby is not None and standby.poll() is None and standby.stdin:
            try:
                await asyncio.to_thread(_release, standby)
            except OSError as problem:
                log_line(f"{self.managed.name}: the stand-in cannot take over: {problem}")
                await self._end(standby, patience=0)
            else:
                return standby
        # What an earlier run left would go on beside the new process.
        await asyncio.to_thread(
            process_tags.terminate_tagged, self._home.root, self.managed.name, seconds=3
        )
        return self._spawn(self.managed.command, subprocess.DEVNULL)

    def _prepare_standby(self) -> None:
        if not self.managed.module:
            return
        command = (sys.executable, "-m", "orrery_hub.standalone.standby", self.managed.module)
        try:
            self._standby = self._spawn(command, subprocess.PIPE)
        except OSError as problem:
            log_line(f"{self.managed.name}: no stand-in could be started: {problem}")

    def _spawn(self, command: tuple[str, ...], stdin: int) -> subprocess.Popen[bytes]:
        environment = {k: v for k, v in os.environ.items() if not k.startswith(_LAB_VARIABLES)}
        environment["PATH"] = os.pathsep.join(
            (str(Path(sys.executable).parent), environment.get("PATH", os.defpath))
        )
        environment |= self.managed.environment
        environment |= {
            variable: secret(self._home.secrets, name)
            for variable, name in self.managed.secrets.items()
        }
        environment |= listeners.environment(self._sockets)
        environment |= process_tags.environment_tag(self._home.root, self.managed.name)
        with self._log.open("ab") as log:
            return subprocess.Popen(  # noqa: S603  # the command is a line of our own table
                command,
                stdin=stdin,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self._home.run,
                env=environment,
                pass_fds=tuple(listener.fileno() for listener in self._sockets.values()),
                start_new_session=True,
                preexec_fn=_die_with_parent(os.getpid()),
            )

    async def _end(self, process: subprocess.Popen[bytes] | None, *, patience: float) -> None:
        """End a process: asked first if there is patience, killed otherwise. One that hangs hears no request."""
        if process is None:
            return
        if process.stdin:
            process.stdin.close()
        if process.poll() is None and patience:
            process.terminate()
            if await _ends_within(process, patience):
                return
            log_line(f"{self.managed.name}: does not stop, killed")
        if process.poll() is None:
            process.kill()
            await _ends_within(process, 10)

    @property
    def _log(self) -> Path:
        return self._home.log(self.managed.name)

    def _log_size(self) -> int:
        return self._log.stat().st_size if self._log.exists() else 0


def log_line(text: str) -> None:
    """Write a line to the supervisor's own log."""
    print(time.strftime("%Y-%m-%d %H:%M:%S"), text, flush=True)  # noqa: T201  # standard output is the log


def _release(standby: subprocess.Popen[bytes]) -> None:
    if standby.stdin:
        standby.stdin.write(b"go\n")
        standby.stdin.close()


async def _ends_within(process: subprocess.Popen[bytes], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while process.poll() is None:
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(_POLL_SECONDS)
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
