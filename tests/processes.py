"""Server processes of tests: started with their output in a log, stopped for certain."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path


def start_process(
    command: Sequence[str], *, log: Path, cwd: Path, environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """A process in a session of its own; its output is appended to a log."""
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            cwd=cwd,
            env=environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def stop_process(process: subprocess.Popen[bytes] | None, seconds: float = 30) -> None:
    """Send SIGTERM, and SIGKILL to a process that still runs after ``seconds``."""
    if process is None or process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)
