"""A lab without a hub for the pages that show code."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kernels.lab import Lab


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A real server with Orrery."""
    lab = Lab(tmp_path_factory.mktemp("lab"))
    lab.start()
    yield lab
    lab.stop()
