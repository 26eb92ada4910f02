"""Previews of a store's files and tables: this side reads ranges of bytes, and a worker parses them."""

from __future__ import annotations

import asyncio

from orrery_engine.lake.entries import Entry
from orrery_engine.lake.opening import Store
from orrery_engine.preview import frames
from orrery_engine.preview.pool import PreviewPool, PreviewWorker
from orrery_engine.preview.shapes import Preview, WindowRequest
from orrery_engine.preview.source import Limits, Message, Meter, Source
from orrery_wire.errors import Invalid, OrreryError

_REMEMBERED = 64
LOCAL = Limits(bytes=1024 * 2**20)


class Previewer:
    """Previews for all stores of a server."""

    def __init__(self, pool: PreviewPool | None = None, limits: Limits | None = None) -> None:
        self.pool = pool or PreviewPool()
        self._limits = limits
        # What is known of sources that a worker may have open: no look at their ends is needed again.
        self._known: dict[str, Entry] = {}

    async def preview(
        self,
        store: Store,
        path: str,
        request: WindowRequest,
        *,
        key: str = "",
        is_folder: bool = False,
    ) -> Preview:
        """A window of a file, or of a table that is a folder.

        Args:
            key: what names the store among others.

        Raises:
            Conflict: the content has changed since it was listed.
            Invalid: it is damaged, too large, or none of what is shown.
        """
        return (await self._answer(store, path, request, key, is_folder=is_folder, as_arrow=False))[
            0
        ]

    async def rows(
        self,
        store: Store,
        path: str,
        request: WindowRequest,
        *,
        key: str = "",
        is_folder: bool = False,
    ) -> tuple[Preview, bytes]:
        """The same with the rows as a stream of Arrow."""
        return await self._answer(store, path, request, key, is_folder=is_folder, as_arrow=True)

    async def close(self) -> None:
        """End the workers."""
        await self.pool.close()

    async def _answer(
        self,
        store: Store,
        path: str,
        request: WindowRequest,
        key: str,
        *,
        is_folder: bool,
        as_arrow: bool,
    ) -> tuple[Preview, bytes]:
        self.pool.warm()
        limits = self._limits_of(store)
        source = Source(store, path, Meter(), limits, is_folder=is_folder)
        name = f"{key}\n{path}"
        known = self._known.get(name)
        # Whoever goes on with what was shown needs no new look: other content would refuse the ranges.
        is_same = known is not None and known.etag == request.etag != ""
        if is_same and self.pool.has(f"{name}\n{request.etag}"):
            source.entry = known
        else:
            await source.look(request)
        held = f"{name}\n{source.etag}"
        worker = await self.pool.take(held)
        try:
            if held not in worker.keys and not source.is_seen:
                await source.look(request)
            message = source.message(request, held, as_arrow=as_arrow, limits=limits)
            text, blob = await _converse(worker, source, message)
        except _WorkerLostError as problem:
            await self.pool.end(worker)
            raise problem.error from None
        except OrreryError:
            self.pool.give_back(worker, "")
            raise
        except BaseException:
            await self.pool.end(worker)
            raise
        self.pool.give_back(worker, held)
        preview = Preview.model_validate_json(text)
        if source.entry is not None:
            self._remember(name, source.entry)
            entry = source.entry
            preview = preview.model_copy(
                update={"size": entry.size, "etag": entry.etag, "modified": entry.modified}
            )
        return preview.model_copy(update={"transfer": source.meter.transfer()}), blob

    def _limits_of(self, store: Store) -> Limits:
        return self._limits or (LOCAL if store.spec.kind == "local" else Limits())

    def _remember(self, name: str, entry: Entry) -> None:
        self._known.pop(name, None)
        self._known[name] = entry
        if len(self._known) > _REMEMBERED:
            self._known.pop(next(iter(self._known)))


class _WorkerLostError(Exception):
    """The worker is of no use any more."""

    def __init__(self, error: OrreryError) -> None:
        super().__init__(str(error))
        self.error = error


async def _converse(worker: PreviewWorker, source: Source, message: Message) -> tuple[bytes, bytes]:
    """Serve a worker until it has an answer: the preview as JSON, and rows as Arrow.

    Raises:
        OrreryError: the worker says what is wrong with the source.
        _WorkerLostError: it died, or broke a limit.
    """
    watch = asyncio.create_task(worker.watch(message.limits.memory, message.limits.seconds))
    talk = asyncio.create_task(_talk(worker, source, message))
    try:
        await asyncio.wait({watch, talk}, return_when=asyncio.FIRST_COMPLETED)
        if not talk.done():
            raise _WorkerLostError(watch.result())
        return talk.result()
    except frames.FrameError:
        raise _WorkerLostError(_crashed()) from None
    finally:
        for task in (watch, talk):
            task.cancel()
        await asyncio.gather(watch, talk, return_exceptions=True)


async def _talk(worker: PreviewWorker, source: Source, message: Message) -> tuple[bytes, bytes]:
    await worker.send(message.fields, message.blobs)
    while True:
        news, blobs = await worker.receive()
        event = news.get("event")
        if event == "done":
            return bytes(blobs[0]), bytes(blobs[1])
        if event == "failed":
            raise OrreryError.from_body(news["error"])
        try:
            answer, sent = await source.answer(news)
        except OrreryError as problem:
            # The worker lets go of what it was at, and says so.
            answer, sent = {"error": problem.body()}, []
        await worker.send(answer, sent)


def _crashed() -> Invalid:
    return Invalid(
        "The file cannot be read",
        reason="Its reader ended in the middle of it, as readers do at damaged files.",
        remedy="Fetch it or write it again.",
    )
