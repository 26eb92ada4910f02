"""A lab without a hub for the pages that show code."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kernels.lab import Lab


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A real server with Orrery; one for each page, for two pages may use one name."""
    lab = Lab(tmp_path_factory.mktemp("lab"))
    lab.start()
    yield lab
    lab.stop()
