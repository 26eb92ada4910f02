"""A server that misbehaves as asked, and a real one with a kernel (``lab.py``)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from orrery_kernels.client import ENV
from tests.kernels.lab import Kernel, Lab
from tests.kernels.stub import Stub


@pytest.fixture
def stub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stub]:
    """A stub that the environment's connection file leads to."""
    found = Stub()
    found.start()
    monkeypatch.setenv(ENV, str(found.connection_file(tmp_path)))
    yield found
    found.stop()


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A real server with Orrery, for the tests of one file."""
    found = Lab(tmp_path_factory.mktemp("lab"))
    found.start()
    yield found
    found.stop()


@pytest.fixture(scope="module")
def kernel(lab: Lab) -> Kernel:
    """A kernel that it started."""
    return lab.kernel()
