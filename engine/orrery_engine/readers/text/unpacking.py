"""Limits of unpacking: a packed file of a kilobyte may hold more than the disk of whoever reads it."""

from __future__ import annotations

import io
import shutil
from pathlib import Path
from typing import IO, Any

from orrery_wire.errors import Invalid, StorageFull

# Tables of text are seldom packed to less than a hundredth; what stays small may be packed as well as it likes.
MAX_RATIO = 200
SMALL_BYTES = 256 * 2**20
MAX_BYTES = 64 * 2**30
# Left on the disk for what else is saved meanwhile.
RESERVE_BYTES = 256 * 2**20

_BUFFER = 1 << 20


def bounded(stream: IO[bytes], packed_bytes: int) -> io.BufferedReader:
    """The content of a packed file of a size, which raises ``Invalid`` where it goes beyond the limits."""
    return io.BufferedReader(_Bounded(stream, packed_bytes), _BUFFER)


def require_room(folder: Path, size: int = 0) -> None:
    """Check that so many bytes can be written to a folder, and the reserve stays.

    Raises:
        StorageFull: they cannot.
    """
    if size + RESERVE_BYTES > shutil.disk_usage(folder).free:
        raise StorageFull(
            "There is no room to unpack the file.",
            remedy="Free some space, or keep the data as Parquet.",
        )


class _Bounded(io.RawIOBase):
    """Counts what is read."""

    def __init__(self, stream: IO[bytes], packed_bytes: int) -> None:
        self._stream = stream
        self._count = 0
        self._most = min(MAX_BYTES, max(SMALL_BYTES, packed_bytes * MAX_RATIO))

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        data = self._stream.read(len(buffer))
        self._count += len(data)
        if self._count > self._most:
            raise Invalid(
                f"The packed file holds more than {self._most >> 20:,} MiB.",
                reason=f"That is more than {MAX_RATIO} times its size, or than the {MAX_BYTES >> 30} GiB "
                "that are unpacked at most: few tables are like that, and files that are made to fill disks are.",
                remedy="If it is a table, unpack it yourself, or keep it as Parquet.",
            )
        buffer[: len(data)] = data
        return len(data)
