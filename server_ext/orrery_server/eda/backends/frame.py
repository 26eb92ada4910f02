"""Tables that a kernel hands over as Arrow files, in a folder that only this person can open."""

from __future__ import annotations

import asyncio
import shutil
import time
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_runtime_dir
from traitlets import Float, Unicode, default

from orrery_server.eda.backends.base import HandoverBackend
from orrery_server.eda.schemas import Handover, HandoverIn, Opening, SourceIn
from orrery_server.errors import NotFound, StorageFull
from orrery_server.reach import disk

_SPARE = 256 * 1024 * 1024
_GROWS = 1.25


class FrameSource(HandoverBackend):
    """A dataframe of a kernel, as it was when it was handed over."""

    kind = "frame"

    folder = Unicode(
        help="Where kernels write what they hand over; below the Jupyter runtime directory."
    ).tag(config=True)
    keep_seconds = Float(
        3600.0, min=1.0, help="How long a handover is kept after it was last used."
    ).tag(config=True)

    @default("folder")
    def _default_folder(self) -> str:
        return str(Path(jupyter_runtime_dir(), "orrery-eda", uuid.uuid4().hex[:12]))

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._used: dict[str, float] = {}

    async def offer(self, wanted: HandoverIn) -> Handover:
        await asyncio.to_thread(self._clear)
        return await asyncio.to_thread(self._offer, wanted)

    def _offer(self, wanted: HandoverIn) -> Handover:
        folder = Path(self.folder)
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            folder.chmod(0o700)
            free = shutil.disk_usage(folder).free
        except OSError as problem:
            raise disk.told(problem, folder) from problem
        need = int(wanted.bytes * _GROWS)
        if need + _SPARE > free:
            raise StorageFull(
                f"There is no room to hand over {wanted.name}",
                reason=f"It needs about {need:,} bytes; {free:,} are free.",
                remedy="Free some space, or profile a sample of it.",
            )
        made = uuid.uuid4().hex
        self._used[made] = time.monotonic()
        return Handover(id=made, path=str(folder / f"{made}.arrow"))

    async def drop(self, id: str) -> None:
        if self._used.pop(id, None) is None:
            raise _gone(id)
        await asyncio.to_thread(self._unlink, id)

    async def resolve(self, source: SourceIn) -> Opening:
        wanted = source.location
        path = Path(self.folder, f"{wanted}.arrow")
        if wanted not in self._used or not await asyncio.to_thread(path.is_file):
            raise _gone(source.name or wanted)
        self._used[wanted] = time.monotonic()
        return Opening(
            reader="arrow", location=str(path), format="arrow", name=source.name or "frame"
        )

    def where(self, opening: Opening) -> str:
        return ""  # the kernel has it under its name

    async def close(self) -> None:
        await asyncio.to_thread(shutil.rmtree, self.folder, True)

    def _clear(self) -> None:
        """Forget what was not used for long."""
        now = time.monotonic()
        for one, used in list(self._used.items()):
            if now - used > self.keep_seconds:
                del self._used[one]
                self._unlink(one)

    def _unlink(self, id: str) -> None:
        with suppress(OSError):
            Path(self.folder, f"{id}.arrow").unlink()


def _gone(name: str) -> NotFound:
    return NotFound(
        f"{name[:80]} is no longer here",
        reason="What a kernel hands over is kept for a while only.",
        remedy="Profile the dataframe again from its notebook.",
    )
