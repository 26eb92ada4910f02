"""The process that keeps the parts running: ``python -m orrery_hub.standalone.supervisor <home>``.

It starts what ``run/plan.json`` lists, watches, starts again what died or hangs, and writes ``run/state.json``.
A parent of this process may die; when this process dies, the system itself ends the direct children.
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
from orrery_hub.standalone.managed_process import Part, Plan

LOG_BYTES = 5_000_000
_LOOK = 0.1  # seconds between two looks at a process
_WELL = 5.0  # seconds between two questions to a part that is well
_PATIENCE = 12  # unanswered questions in a row after which a part that was well counts as hung
_PR_SET_PDEATHSIG = 1
# Variables of a lab must not reach a hub that is started in one of its terminals.
_FOREIGN = ("JUPYTERHUB_", "JPY_", "ORRERY_HUB_URL", "ORRERY_CONNECTION_FILE", "CONFIGPROXY_")


class Supervisor:
    """Keeps the parts of a plan running until it is told to stop."""

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
            parts={p.name: state.PartStatus(title=p.title, port=p.port) for p in plan.parts},
        )

    def stop(self) -> None:
        """Ask for the end; ``run`` returns when everything has stopped."""
        self._stop.set()

    async def run(self) -> None:
        """Start every part and keep it running; after ``stop``, stop them in the reverse order."""
        state.write(self._home, self._status)
        async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
            keepers = [asyncio.create_task(self._keep(part, client)) for part in self._plan.parts]
            keepers.append(asyncio.create_task(self._rotate()))
            await self._stop.wait()
            for keeper in keepers:
                keeper.cancel()
            await asyncio.gather(*keepers, return_exceptions=True)
        for part in reversed(self._plan.parts):
            await self._end(part)
        state.forget(self._home)

    async def _keep(self, part: Part, client: httpx.AsyncClient) -> None:
        delay, longest = self._delays
        while True:
            began = time.monotonic()
            reason = await self._once(part, client)
            if time.monotonic() - began > self._steady:
                delay = self._delays[0]
            say(f"{part.name}: {reason}; again in {delay:.1f} s")
            self._note(part, state="waiting", pid=None, reason=reason)
            await self._end(part)
            await asyncio.sleep(delay)
            delay = min(delay * 2, longest)

    async def _once(self, part: Part, client: httpx.AsyncClient) -> str:
        """One life of a part. Why it ended."""
        # What an earlier life left behind would hold its ports.
        await asyncio.to_thread(
            process_tags.sweep, self._home.root, part.name, *part.brood, seconds=3
        )
        began = time.monotonic()
        try:
            process = self._start(part)
        except OSError as problem:
            return f"it could not be started ({problem})"
        starts = self._status.parts[part.name].starts + 1
        self._note(part, state="starting", pid=process.pid, since=time.time(), starts=starts)
        asked = missed = 0.0
        while (code := process.poll()) is None:
            await asyncio.sleep(_LOOK)
            ready = self._status.parts[part.name].state == "ready"
            if time.monotonic() - asked < (_WELL if ready else 0.3):
                continue
            well = await _well(part, client)
            asked = time.monotonic()
            missed = 0 if well else missed + 1
            if well and not ready:
                self._note(part, state="ready", seconds=round(asked - began, 1), reason="")
                say(f"{part.name}: ready after {asked - began:.1f} s")
            elif ready and missed >= _PATIENCE:
                return "it stopped answering"
            elif not ready and asked - began > part.patience:
                return f"it did not answer within {part.patience:.0f} s"
        return f"it ended with signal {-code}" if code < 0 else f"it ended with code {code}"

    def _start(self, part: Part) -> subprocess.Popen[bytes]:
        environment = {k: v for k, v in os.environ.items() if not k.startswith(_FOREIGN)}
        environment["PATH"] = os.pathsep.join(
            (str(Path(sys.executable).parent), environment.get("PATH", os.defpath))
        )
        environment |= part.environment | process_tags.mark(self._home.root, part.name)
        with self._home.log(part.name).open("ab") as log:
            process = subprocess.Popen(  # noqa: S603  # the command is a line of our own table
                part.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self._home.run,
                env=environment,
                start_new_session=True,
                preexec_fn=_die_with_parent(os.getpid()),
            )
        self._running[part.name] = process
        return process

    async def _end(self, part: Part) -> None:
        """Stop a part and what it began: first the part alone, which knows best how to stop its own."""
        process = self._running.pop(part.name, None)
        if process is not None and process.poll() is None:
            process.terminate()
            deadline = time.monotonic() + part.grace
            while process.poll() is None and time.monotonic() < deadline:  # noqa: ASYNC110  # a process is no event
                await asyncio.sleep(_LOOK)
            if process.poll() is None:
                say(f"{part.name}: does not stop, killed")
                process.kill()
                process.wait()
        await asyncio.to_thread(
            process_tags.sweep, self._home.root, part.name, *part.brood, seconds=5
        )

    def _note(self, part: Part, **changes: object) -> None:
        known = self._status.parts[part.name]
        self._status.parts[part.name] = known.model_copy(update=changes)
        state.write(self._home, self._status)

    async def _rotate(self) -> None:
        while True:
            for file in self._home.logs.glob("*.log"):
                shorten(file)
            await asyncio.sleep(10)


def shorten(log: Path, limit: int = LOG_BYTES) -> bool:
    """Keep a log that has grown too long as ``.1`` and empty it; its writers append and need not know.

    A line that is written in between may be lost.
    """
    if not log.exists() or log.stat().st_size <= limit:
        return False
    shutil.copyfile(log, log.with_name(f"{log.name}.1"))
    os.truncate(log, 0)
    return True


def say(text: str) -> None:
    """A line in the supervisor's own log."""
    print(time.strftime("%Y-%m-%d %H:%M:%S"), text, flush=True)  # noqa: T201  # standard output is the log


async def _well(part: Part, client: httpx.AsyncClient) -> bool:
    for url in part.health:
        try:
            if (await client.get(url)).status_code != 200:
                return False
        except httpx.HTTPError:
            return False
    return True


def _die_with_parent(parent: int) -> Callable[[], None] | None:
    if not sys.platform.startswith("linux"):
        return None  # elsewhere, `up` and `down` find orphans by their mark
    libc = ctypes.CDLL(None)

    def ask() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return ask


async def _main(plan: Plan) -> None:
    supervisor = Supervisor(plan)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, supervisor.stop)
    await supervisor.run()


def main() -> int:
    """Run the plan of a home; 3 if another supervisor does."""
    home = Home(Path(sys.argv[1]))
    with state.only_one(home.run / "supervisor.lock") as alone:
        if not alone:
            say("another supervisor is at work")
            return 3
        plan = Plan.model_validate_json((home.run / "plan.json").read_bytes())
        say(f"supervisor {os.getpid()} starts {', '.join(part.name for part in plan.parts)}")
        asyncio.run(_main(plan))
        say("everything has stopped")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
