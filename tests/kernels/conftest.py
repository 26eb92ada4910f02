"""A server that misbehaves as asked, and a real one with a kernel (``lab.py``)."""

from __future__ import annotations

import atexit
from collections.abc import Iterator
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from orrery_kernels.client import ENV
from tests.kernels.lab import Kernel, Lab
from tests.kernels.stub import Stub


@pytest.fixture
def person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home directory of a person whose shell knows nothing of a lab, whatever else runs on this machine."""
    for name in (ENV, "ORRERY_HOME", "XDG_STATE_HOME", "JUPYTER_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    home = tmp_path / "person"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(home / "runtime"))
    monkeypatch.setenv("LOGNAME", "ada")
    return home


@pytest.fixture
def stub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stub]:
    """A stub that the environment's connection file leads to."""
    found = Stub()
    found.start()
    monkeypatch.setenv(ENV, str(found.connection_file(tmp_path)))
    yield found
    found.stop()


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A real server with Orrery, for all files that a worker has."""
    found = Lab(tmp_path_factory.mktemp("lab"))
    found.start()
    yield found
    found.stop()


@pytest.fixture(scope="module")
def kernel(lab: Lab) -> Iterator[Kernel]:
    """A kernel that it started, for the tests of one file."""
    found = lab.kernel()
    yield found
    lab.end(found)


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    """A shell of IPython with the magics; what is put into its next cell is in ``next_cells``."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    config = Config()
    config.HistoryManager.hist_file = ":memory:"
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance(config=config)
    shell.next_cells = []
    shell.set_next_input = lambda text, replace=False: shell.next_cells.append(text)
    shell.run_line_magic("load_ext", "jupyter_orrery")
    yield shell
    shell.atexit_operations()
    atexit.unregister(shell.atexit_operations)
    InteractiveShell.clear_instance()
