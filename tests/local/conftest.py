"""A state directory of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from orrery_hub.local import marks
from orrery_hub.local.home import Home
from tests.local.fakes import begun


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A prepared state directory; whatever runs in it ends with the test."""
    home = Home(tmp_path / "home")
    home.prepare()
    yield home
    while begun:
        process = begun.pop()
        process.kill()
        process.wait()
    marks.sweep(home.root, seconds=2)
