"""The capability of data in a folder of its own, with stores and databases that other tests use too."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from orrery_server.data.service import DataService
from tests.engine.catalog.conftest import database_specs as database_specs
from tests.engine.lake.conftest import s3_endpoint as s3_endpoint
from tests.engine.lake.stores import KEYS, Place, s3_place
from tests.server.contexts import Events, lab_context


@pytest.fixture
def events() -> Events:
    return []


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folder that the lab shows."""
    folder = tmp_path / "lab"
    folder.mkdir()
    return folder


@pytest.fixture
def service(root: Path, events: Events) -> DataService:
    return DataService(context=lab_context(root, events))


@pytest.fixture
def bucket(s3_endpoint: str) -> Place:
    """An empty bucket."""
    return s3_place(s3_endpoint, f"b-{uuid.uuid4().hex[:12]}")


def s3_connection(place: Place, name: str = "sales", **changes: object) -> dict[str, object]:
    """The connection of a bucket as a client sends it."""
    return {
        "name": name,
        "kind": "s3",
        "spec": {
            "bucket": place.spec.bucket,
            "endpoint": place.spec.endpoint,
            "region": "us-east-1",
        },
        "secrets": {
            "access_key_id": KEYS["access_key_id"],
            "secret_access_key": KEYS["secret_access_key"],
        },
        **changes,
    }
