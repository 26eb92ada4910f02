"""A server that misbehaves as asked; the real one is in ``lab.py``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from orrery_kernels.client import ENV
from tests.kernels.stub import Stub


@pytest.fixture
def stub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stub]:
    """A stub that the environment's connection file leads to."""
    found = Stub()
    found.start()
    monkeypatch.setenv(ENV, str(found.connection_file(tmp_path)))
    yield found
    found.stop()
