"""A real PostgreSQL for the tests of databases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.hub.clusters import Cluster


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """One server for all tests here."""
    cluster = Cluster()
    yield cluster
    cluster.close()
