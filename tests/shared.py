"""What is started once for a whole run, whichever worker wants it first, and stopped when all workers are done."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# Workers inherit it from the process that starts them.
VARIABLE = "TEST_SHARED_FOLDER"


def prepare() -> None:
    """Make the folder of this run; called in the process that starts the workers, before it does."""
    os.environ[VARIABLE] = tempfile.mkdtemp(prefix="orrery-run-")


def once(name: str, start: Callable[[Path], Any], stop: Callable[[Path], Sequence[str]]) -> Any:
    """What ``start`` gives (as JSON) for a folder of its own; it is called by the first worker that asks.

    ``stop`` gives the command that undoes it, run with ORRERY_HOME set to the folder at the end of the run.
    """
    folder = Path(os.environ[VARIABLE]) / name
    answer = folder.with_suffix(".json")
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not answer.exists():
            folder.mkdir(exist_ok=True)
            folder.with_suffix(".stop").write_text(json.dumps(list(stop(folder))))
            answer.write_text(json.dumps(start(folder)))
        return json.loads(answer.read_text())


@contextmanager
def first_alone(name: str) -> Iterator[None]:
    """The first worker that comes here does alone what follows; the others wait for its end, and do it side by side."""
    done = Path(os.environ[VARIABLE]) / f"{name}.first"
    with done.with_suffix(".turn").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if done.exists():
            fcntl.flock(lock, fcntl.LOCK_UN)
        yield
        done.touch()


def stop_all() -> None:
    """Stop what was started, in the process that called ``prepare``."""
    root = Path(os.environ.pop(VARIABLE))
    for file in sorted(root.glob("*.stop")):
        subprocess.run(
            json.loads(file.read_text()),
            env=os.environ | {"ORRERY_HOME": str(file.with_suffix(""))},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            timeout=120,
            check=False,
        )
    shutil.rmtree(root, ignore_errors=True)
