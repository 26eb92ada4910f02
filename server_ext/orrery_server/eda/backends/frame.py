"""Tables that a kernel hands over as Arrow files, in a folder that only this person can open."""

from __future__ import annotations

import asyncio
import os
import shutil
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any

from traitlets import Float

from orrery_engine.resolve import resolve_frame
from orrery_engine.schemas import ResolvedSource, SourceIn
from orrery_server.base import files
from orrery_server.eda.backend import HandoverBackend
from orrery_server.eda.schemas import Handover, HandoverIn
from orrery_wire.errors import Invalid, NotFound, StorageFull

_RESERVE_BYTES = 256 * 1024 * 1024
_GROWTH = 1.25


class FrameSource(HandoverBackend):
    """A dataframe of a kernel, as it was when it was handed over."""

    kind = "frame"

    keep_seconds = Float(
        3600.0, min=1.0, help="How long what a kernel hands over is kept when nobody profiles it."
    ).tag(config=True)
    linger_seconds = Float(
        300.0,
        min=0.0,
        help="How long it is kept after a run on it has ended, for a second run on the same data.",
    ).tag(config=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._expiries: dict[str, asyncio.TimerHandle] = {}

    async def create_handover(self, request: HandoverIn) -> Handover:
        name = uuid.uuid4().hex
        path = await asyncio.to_thread(self._create_file, request, name)
        self._expire_in(name, self.keep_seconds)
        return Handover(id=name, path=str(path))

    def _create_file(self, request: HandoverIn, id: str) -> Path:
        path = self._path(id)
        try:
            path.parent.mkdir(mode=0o700, exist_ok=True)
            free = shutil.disk_usage(path.parent).free
            need = int(request.bytes * _GROWTH)
            if need + _RESERVE_BYTES > free:
                raise StorageFull(
                    f"There is no room to hand over {request.name[:80]}",
                    reason=f"It needs about {need:,} bytes; {free:,} are free.",
                    remedy="Free some space, or profile a sample of it.",
                )
            # There before the kernel writes it, so that nobody else can ever read it.
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except OSError as problem:
            raise files.storage_error(problem, path) from problem
        return path

    async def delete_handover(self, id: str) -> None:
        if id not in self._expiries:
            raise _expired(id)
        await asyncio.to_thread(self._forget, id)

    async def resolve(self, source: SourceIn) -> ResolvedSource:
        name = source.location
        if name not in self._expiries:
            raise _expired(source.name or name)
        path = self._path(name)
        if not await asyncio.to_thread(_is_written, path):
            raise Invalid(
                f"{(source.name or 'The dataframe')[:80]} has not been handed over",
                reason="Its file is empty.",
                remedy="Profile the dataframe again from its notebook.",
            )
        self._expire_in(name, self.keep_seconds)
        return resolve_frame(source, str(path))

    def where(self, resolved: ResolvedSource, folder: str | None) -> str:
        return ""  # the kernel has it under its name

    def release(self, source: SourceIn) -> None:
        if source.location in self._expiries:
            self._expire_in(source.location, self.linger_seconds)

    async def close(self) -> None:
        for name in list(self._expiries):
            await asyncio.to_thread(self._forget, name)

    def _path(self, id: str) -> Path:
        return self.context.private() / "frames" / f"{id}.arrow"

    def _expire_in(self, id: str, seconds: float) -> None:
        if id in self._expiries:
            self._expiries[id].cancel()
        self._expiries[id] = asyncio.get_running_loop().call_later(seconds, self._forget, id)

    def _forget(self, id: str) -> None:
        end = self._expiries.pop(id, None)
        if end is not None:
            end.cancel()
            with suppress(OSError):
                self._path(id).unlink()


def _is_written(path: Path) -> bool:
    return path.is_file() and not path.is_symlink() and path.stat().st_size > 0


def _expired(name: str) -> NotFound:
    return NotFound(
        f"{name[:80]} is no longer here",
        reason="What a kernel hands over is kept for a while only.",
        remedy="Profile the dataframe again from its notebook.",
    )
