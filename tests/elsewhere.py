"""A product below a path and on PostgreSQL, for tests of what must not depend on either."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from orrery_hub.standalone import process_tags
from tests.conftest import Product, orrery, start
from tests.hub.clusters import Cluster

BASE_URL = "/jhub/"


@contextmanager
def product_elsewhere(home: Path, *options: str) -> Iterator[Product]:
    """Start it with ``--base-url /jhub/`` on a PostgreSQL server of its own; stop both at the end."""
    cluster = Cluster()
    try:
        secrets = home / "secrets"
        secrets.mkdir(parents=True, mode=0o700)
        (secrets / "database_url").write_text(cluster.url(), encoding="ascii")
        yield start(home, "--base-url", BASE_URL, *options)
    finally:
        orrery(home, "down")
        process_tags.terminate_tagged(home, seconds=5)
        cluster.close()
