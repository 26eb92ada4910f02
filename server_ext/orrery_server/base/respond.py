"""How a service's result leaves the server: JSON, nothing, a file in pieces, or events while the client listens."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine, Iterator
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

from pydantic import BaseModel
from tornado.iostream import StreamClosedError
from tornado.web import RequestHandler

from orrery_server.base.routes import Download, Endpoint, Event
from orrery_wire.errors import OrreryError
from orrery_wire.schemas import Shape

HEARTBEAT_SECONDS = 15.0
_PIECE_BYTES = 2**20


class Responder(RequestHandler):
    """Sends each kind of response; mixed into a request handler."""

    async def respond(self, endpoint: Endpoint, result: Any) -> None:
        """Await what a service's method returned, and send it as the route's kind says."""
        self._closed = asyncio.Event()
        if endpoint.kind == "stream":
            await self._send_events(cast("AsyncIterator[Event[Shape]]", result))
            return
        value = await (self._until_left(result) if endpoint.action == "read" else result)
        if self._closed.is_set() and endpoint.action == "read":
            return
        if value is None:
            self.set_status(204)
            self.finish()
        elif isinstance(value, Download):
            await self._send_download(value, endpoint.route.media)
        else:
            self.set_status(endpoint.status)
            await self._send_json(value)

    async def _until_left(self, result: Coroutine[Any, Any, Any]) -> Any:
        """The result of what only reads, which is cancelled when the client has gone; None then."""
        reading = asyncio.ensure_future(result)
        closed = asyncio.ensure_future(self._closed.wait())
        try:
            await asyncio.wait({reading, closed}, return_when=asyncio.FIRST_COMPLETED)
            if reading.done():
                return await reading
            reading.cancel()
            await asyncio.wait({reading})
            return None
        finally:
            closed.cancel()

    async def _send_json(self, shape: BaseModel) -> None:
        # A report may have megabytes: piece by piece it holds up nobody else.
        self.set_header("Content-Type", "application/json")
        for piece in json_pieces(shape):
            self.write(piece)
            if len(piece) >= _PIECE_BYTES:
                await self.flush()
                await asyncio.sleep(0)
        self.finish()

    async def _send_download(self, download: Download, media: str) -> None:
        if download.name:
            name = quote(download.name, safe="")
            self.set_header("Content-Disposition", f"attachment; filename*=UTF-8''{name}")
        self.set_header("Content-Type", media)
        pieces = _download_pieces(download)
        while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
            self.write(piece)
            await self.flush()
        # APIHandler takes every response for JSON unless it is told otherwise here.
        self.finish(set_content_type=media)  # type: ignore[call-arg]

    async def _send_events(self, events: AsyncIterator[Event[Shape]]) -> None:
        """Events until there are no more or the client goes; a comment when there was none for a while."""
        closed = asyncio.ensure_future(self._closed.wait())
        following = asyncio.ensure_future(_next(events))
        try:
            while True:
                await asyncio.wait(
                    {closed, following},
                    timeout=HEARTBEAT_SECONDS,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                if closed.done():
                    return
                text = ":\n\n"
                if following.done():
                    event = await following
                    if event is None:
                        break
                    text = event_text(event)
                    following = asyncio.ensure_future(_next(events))
                self.set_header("Content-Type", "text/event-stream")
                self.write(text)
                await self.flush()
        except StreamClosedError:
            return
        except OrreryError as problem:
            if not self._headers_written:
                raise
            self.write(f"event: error\ndata: {json.dumps(problem.body())}\n\n")
        finally:
            closed.cancel()
            following.cancel()
            await asyncio.wait({following})
            await cast("Any", events).aclose()
        self.finish(set_content_type="text/event-stream")  # type: ignore[call-arg]

    def on_connection_close(self) -> None:
        """The client has gone: nothing is sent any more."""
        super().on_connection_close()
        if hasattr(self, "_closed"):
            self._closed.set()


async def _next(events: AsyncIterator[Event[Shape]]) -> Event[Shape] | None:
    return await anext(events, None)


def event_text(event: Event[Shape]) -> str:
    """An event as the stream has it; JSON holds no line breaks, and an id that does would end it."""
    identity = f"id: {event.id}\n" if event.id.isprintable() and event.id else ""
    return f"{identity}data: {event.data.model_dump_json()}\n\n"


def json_pieces(shape: BaseModel) -> Iterator[bytes]:
    """The JSON of a shape; texts of more than a mebibyte at its top come last, in pieces of that size."""
    texts = {
        name: value for name, value in shape if isinstance(value, str) and len(value) > _PIECE_BYTES
    }
    head = shape.model_dump_json(exclude=set(texts)).encode()
    if not texts:
        yield head
        return
    yield head[:-1]
    separator = b"" if head == b"{}" else b","
    for name, text in texts.items():
        yield separator + json.dumps(name).encode() + b':"'
        for start in range(0, len(text), _PIECE_BYTES):
            part = json.dumps(text[start : start + _PIECE_BYTES], ensure_ascii=False)
            yield part[1:-1].encode("utf-8", "backslashreplace")
        yield b'"'
        separator = b","
    yield b"}"


def _download_pieces(download: Download) -> Iterator[bytes]:
    if isinstance(download.content, bytes):
        for start in range(0, len(download.content), _PIECE_BYTES):
            yield download.content[start : start + _PIECE_BYTES]
    elif isinstance(download.content, Path):
        with download.content.open("rb") as file:
            while piece := file.read(_PIECE_BYTES):
                yield piece
    else:
        yield from download.content
