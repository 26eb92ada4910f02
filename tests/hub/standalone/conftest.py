"""A state directory of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from orrery_hub.standalone import process_tags
from orrery_hub.standalone.home import Home
from tests.hub.standalone.fakes import started_processes


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A prepared state directory; whatever runs in it ends with the test."""
    home = Home(tmp_path / "home")
    home.prepare()
    yield home
    while started_processes:
        process = started_processes.pop()
        process.kill()
        process.wait()
    process_tags.terminate_tagged(home.root, seconds=2)
