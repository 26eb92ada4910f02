"""One previewer for a file of tests, on stores of each kind."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from orrery_engine.preview.pool import PreviewPool
from orrery_engine.preview.previewer import Previewer
from orrery_engine.preview.shapes import Preview, WindowRequest
from tests.engine.lake.stores import Place, local_place, s3_place


class Previews:
    """Previews, asked for one after the other on an event loop of their own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.previewer = Previewer(PreviewPool(1))

    def run(self, work: Any) -> Any:
        """What a coroutine returns."""
        return self.loop.run_until_complete(work)

    def __call__(self, place: Place, path: str, *, is_folder: bool = False, **more: Any) -> Preview:
        """The preview of a path."""
        request = WindowRequest.model_validate(more)
        store = place.open()
        return self.run(
            self.previewer.preview(store, path, request, key=place.spec.bucket, is_folder=is_folder)
        )

    def arrow(self, place: Place, path: str, **more: Any) -> tuple[Preview, bytes]:
        """The preview of a path with its rows as Arrow."""
        request = WindowRequest.model_validate(more)
        return self.run(self.previewer.rows(place.open(), path, request, key=place.spec.bucket))

    def close(self) -> None:
        """End the workers."""
        self.run(self.previewer.close())
        self.loop.close()


@pytest.fixture(scope="session")
def previews() -> Iterator[Previews]:
    """A previewer with a warm worker."""
    own = Previews()
    yield own
    own.close()


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """A server that speaks S3."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def folder(tmp_path: Path) -> Place:
    """A folder of this machine."""
    return local_place(tmp_path)


@pytest.fixture(params=["local", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """An empty store of each kind."""
    if request.param == "local":
        return local_place(tmp_path)
    return s3_place(request.getfixturevalue("s3_server"), f"p-{uuid.uuid4().hex[:12]}")
