"""Profiles without a lab: the worker process is started here and spoken to over its pipes; nothing of it is imported."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from orrery_kernels.eda.resolve import opening_of
from orrery_kernels.eda.run_state import State
from orrery_kernels.eda.service import Told, quiet
from orrery_kernels.errors import RunFailed, ServerUnavailable

Kept = dict[str, Any] | None

_PACKAGE = "orrery_engine"
_GIB = 2**30
_WATCH_SECONDS = 0.1
_SLACK_SECONDS = 30.0
_SECONDS = 120.0
_LAST_WORDS = 2_000
# What opens a server or a hub is not for a process that reads other people's files.
_PRIVATE = re.compile(r"^(JUPYTERHUB_|JPY_|ORRERY_|JUPYTER_TOKEN)")
_HELD = re.compile(rb"^(?:RssAnon|RssShmem|VmSwap):\s+(\d+) kB", re.MULTILINE)
_TOTAL = re.compile(r"^MemTotal:\s+(\d+) kB", re.MULTILINE)
_CGROUP = Path("/sys/fs/cgroup/memory.max")


def run(
    wanted: dict[str, Any], told: Told = quiet, earlier: Kept = None, later: Kept = None
) -> dict[str, Any]:
    """Do a run in a process of its own, which ends with it; the result, with its columns and the full report's page.

    ``earlier`` is the profile that a comparison without a reference side compares with, ``later`` the one that is
    compared with it where no source is.

    Raises:
        RunFailed: it ended without a result.
        ServerUnavailable: the worker is not installed.
        UsageError: the source cannot be read here.
    """
    with tempfile.TemporaryDirectory(prefix="orrery-eda-") as scratch:
        state = State(wanted)
        against = wanted.get("against")
        job = {
            "id": state.run["id"],
            "task": wanted["task"],
            "source": None if later else opening_of(wanted["source"]),
            "against": opening_of(against) if against and not earlier else None,
            "suite": wanted.get("suite"),
            "options": wanted["options"],
            "memory": memory(),
            "scratch": scratch,
        }
        for side, profile in (("before_profile", earlier), ("after_profile", later)):
            if profile is not None:
                path = Path(scratch) / f"{side}.json"
                path.write_text(json.dumps(profile), encoding="utf-8")
                job[side] = str(path)
        with _Worker(scratch, full=wanted["task"] == "report") as worker:
            worker.work(job, state, told)
        state.end(scratch)
    return {"result": state.result(), "columns": state.columns(), "page": state.page}


def render(found: dict[str, Any], form: str, *, brief: bool = False) -> str:
    """What was found, as a document."""
    words = ["--format", form, *(["--brief"] if brief else [])]
    return _program("report", words, {key: found[key] for key in ("result", "columns")})


def checks(found: dict[str, Any], form: str) -> str:
    """The checks that a profile suggests, in a format."""
    told = {key: found[key] for key in ("result", "columns")}
    return _program("checks", ["--format", form], told)


def memory() -> int:
    """Bytes that a worker may hold: two fifths of the machine's, at most eight GiB."""
    found = [20 * _GIB]
    with suppress(OSError, ValueError):
        found.append(int(_CGROUP.read_text(encoding="ascii")))
    with suppress(OSError):
        said = _TOTAL.search(Path("/proc/meminfo").read_text(encoding="ascii"))
        found += [int(said[1]) * 1024] if said else []
    return max(_GIB // 2, min(found) * 2 // 5)


def _program(name: str, words: list[str], given: object) -> str:
    done = subprocess.run(  # noqa: S603 - this Python, and words of ours
        [sys.executable, "-P", "-m", f"{_PACKAGE}.{name}", *words],
        input=json.dumps(given).encode(),
        capture_output=True,
        check=False,
        env=_environment(),
        start_new_session=True,
    )
    if done.returncode != 0:
        raise _silent(done.stderr)
    return done.stdout.decode()


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not _PRIVATE.match(name)}


class _Worker:
    """The process; as a context, it is gone when that ends."""

    def __init__(self, scratch: str, *, full: bool) -> None:
        self._words = tempfile.TemporaryFile(dir=scratch)  # noqa: SIM115 - closed with the process
        # A session of its own: what interrupts the kernel must not reach it, for here decides what that means.
        self._process = subprocess.Popen(  # noqa: S603 - this Python, and words of ours
            [sys.executable, "-P", "-m", _PACKAGE, *(["--full"] if full else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._words,
            cwd=scratch,
            env=_environment(),
            start_new_session=True,
        )
        self._problem: dict[str, Any] | None = None
        self._ended = threading.Event()

    def __enter__(self) -> _Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self._kill()
        self._ended.set()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._words):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()

    def work(self, job: dict[str, Any], state: State, told: Told) -> None:
        """Do a job, and pass on what it says.

        Raises:
            RunFailed, ServerUnavailable: as ``run`` says.
        """
        into, out = self._process.stdin, self._process.stdout
        if into is None or out is None:
            raise RuntimeError("a worker has no pipes")
        threading.Thread(target=self._watch, args=(job,), daemon=True).start()
        with suppress(BrokenPipeError):
            into.write(json.dumps(job).encode() + b"\n")
            into.flush()
        for line in out:
            news = json.loads(line)
            if news["event"] == "failed":
                raise RunFailed(news["error"])
            state.hear(news)
            told(state.run)
            if news["event"] == "done":
                return
        raise self._died()

    def _watch(self, job: dict[str, Any]) -> None:
        """Kill it when it takes too much, and remember why."""
        limit = float(job["options"].get("seconds") or _SECONDS) + _SLACK_SECONDS
        until = time.monotonic() + limit
        while not self._ended.wait(_WATCH_SECONDS):
            held = _held(self._process.pid)
            if held > job["memory"]:
                self._problem = {
                    "code": "out_of_memory",
                    "message": "It needed more memory than it may have",
                    "reason": f"It held {held / _GIB:.1f} GiB; the limit is {job['memory'] / _GIB:.1f} GiB.",
                    "remedy": "Profile a sample, or choose fewer sections.",
                }
            elif time.monotonic() > until:
                self._problem = {
                    "code": "timed_out",
                    "message": "It took longer than its time limit",
                    "reason": f"The limit is {limit - _SLACK_SECONDS:g} seconds.",
                    "remedy": "Give it more time, or profile a sample.",
                }
            if self._problem:
                self._kill()
                return

    def _kill(self) -> None:
        if self._process.poll() is not None:
            return
        with suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()

    def _died(self) -> RunFailed | ServerUnavailable:
        code = self._process.wait()
        if self._problem:
            return RunFailed(self._problem)
        if code < 0:
            return RunFailed(
                {
                    "code": "internal_error",
                    "message": "The worker process ended in the middle of its work",
                    "reason": f"It was ended by {signal.Signals(-code).name}, perhaps because the machine ran out of memory.",
                    "remedy": "Run it again; if it stays so, profile a sample.",
                }
            )
        self._words.seek(0)
        return _silent(self._words.read()[-_LAST_WORDS:])


def _held(pid: int) -> int:
    """Bytes of memory that are the process's own; 0 where nothing tells."""
    try:
        said = Path(f"/proc/{pid}/status").read_bytes()
    except OSError:
        return 0
    return sum(int(size) for size in _HELD.findall(said)) * 1024


def _silent(said: bytes) -> ServerUnavailable:
    lines = [line for line in said.decode(errors="replace").strip().splitlines() if line.strip()]
    return ServerUnavailable(
        "The worker that profiles cannot be started",
        reason=lines[-1][:300] if lines else "It ended without a word.",
        remedy="Install it with: pip install 'jupyter-orrery[lab]'",
    )
