"""The running product, for every test that wants the real thing."""

from __future__ import annotations

import atexit
import gc
import os
import re
import runpy
import signal
import subprocess
import sys
from collections.abc import Generator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import shared
from tests.budgets import Budgets
from tests.effort import PROFILE
from tests.groups import GroupScheduling

ORRERY = (sys.executable, "-c", "from orrery_kernels.cli import main; main()")
# What a lab tells its terminals must not reach tests that are started in one.
FOREIGN = ("JUPYTERHUB_", "JPY_", "ORRERY_", "MLFLOW_", "JUPYTER_CONFIG_PATH")
# What starts servers and browsers, the longest first: no worker is to be left alone with one of them in the end. Those of
# `ui` and of `security` are a group each, which one worker runs for minutes.
LONG = ("ui", "security", "faults", "hub", "server/snippets/library", "kernels")
HERE = Path(__file__).parent
START = HERE / "start"
# Here, and by the environment in every process that tests start.
runpy.run_path(str(START / "sitecustomize.py"))
# Servers of tests speak plain HTTP, and each of some thousand clients would read the certificates of all authorities
# first, for 18 ms.
httpx._transports.default.create_ssl_context = cache(httpx.create_ssl_context)


def pytest_configure(config: pytest.Config) -> None:
    """Forget what this process was handed down: variables of a lab or of the product that this machine runs."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Budgets(), "budgets")
        shared.prepare()
        before = os.environ.get("PYTHONPATH")
        os.environ["PYTHONPATH"] = os.pathsep.join([str(START), *([before] if before else [])])
        # What tests start announces itself to this run only, and not to the person's own shells.
        os.environ["XDG_STATE_HOME"] = str(Path(os.environ[shared.VARIABLE]) / "state")
    # Hundreds of processes are started; each would compile every module that it imports.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    for name in [name for name in os.environ if name.startswith(FOREIGN)]:
        del os.environ[name]
    # A shell lets its background jobs ignore this.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """In a fresh tree, let one worker compile all modules and tests for the others."""
    with shared.first_alone("collection"):
        return (yield)


def pytest_collection_finish() -> None:
    """Show the garbage collector nothing that was imported or collected: IPython asks it at the end of each shell."""
    gc.collect()
    gc.freeze()
    # At its end the interpreter has to see all of it: DuckDB counts what it could not take back.
    atexit.register(gc.unfreeze)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what all workers used. What is frozen stays so here: pytest collects five times over at its end."""
    if not hasattr(config, "workerinput"):
        shared.stop_all()


def pytest_report_header() -> str:
    """How hard the tests try."""
    return f"test profile: {PROFILE}"


@cache
def _place(file: Path) -> int:
    file = file.relative_to(HERE)
    fits = (place for place, folder in enumerate(LONG) if file.is_relative_to(folder))
    return next(fits, len(LONG))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long ones first, each file as a whole."""
    items.sort(key=lambda item: _place(item.path))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Half as many again as there are processors: a third of the time a worker waits for a server or a browser."""
    processors = len(os.sched_getaffinity(0))
    return processors + processors // 2


@pytest.hookimpl(tryfirst=True, optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> GroupScheduling | None:
    """Files that use one server or one person stay in one worker."""
    return GroupScheduling(config, log) if config.getvalue("dist") == "loadfile" else None


@dataclass(frozen=True)
class Product:
    """A product that runs: where it is, and how to get in."""

    home: Path
    address: str

    def password(self, name: str) -> str:
        """What a person logs in with."""
        kind = "admin" if name == "admin" else "user"
        return (self.home / "secrets" / f"{kind}_password").read_text(encoding="ascii").strip()

    def orrery(self, *words: str, seconds: float = 240) -> subprocess.CompletedProcess[str]:
        """The command ``orrery`` on this product."""
        return orrery(self.home, *words, seconds=seconds)


def orrery(
    home: Path, *words: str, seconds: float = 240, **more: str
) -> subprocess.CompletedProcess[str]:
    """The command ``orrery`` with a state directory of its own."""
    return subprocess.run(
        [*ORRERY, *words],
        env=os.environ | {"ORRERY_HOME": str(home)} | more,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


def start(home: Path, *options: str) -> Product:
    """A product that has been started, or the reason why not."""
    said = orrery(home, "up", "--port", "0", *options)
    assert said.returncode == 0, said.stdout + said.stderr
    found = re.search(r"Orrery is at (http://\S+)", said.stdout)
    assert found, said.stdout
    return Product(home, found[1])


def _start(home: Path) -> str:
    return start(home).address


@pytest.fixture(scope="session")
def product() -> Product:
    """The whole product, started once for the tests of all workers. Leave it as it is: do not stop it, do not delete."""
    home = Path(os.environ[shared.VARIABLE]) / "product"
    return Product(home, shared.once("product", _start, lambda _: [*ORRERY, "down"]))
