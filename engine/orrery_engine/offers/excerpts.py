"""The beginning of a large text file, on which code is run in place of the whole."""

from __future__ import annotations

import bz2
import gzip
import lzma
from collections.abc import Callable, Mapping
from pathlib import Path

from orrery_engine.formats import COMPRESSIONS
from orrery_engine.readers.text import encodings
from orrery_engine.schemas import ResolvedSource

_LARGE = 16 * 2**20  # bytes of a file
_PART = 8 * 2**20  # bytes of its content
_PACKERS: Mapping[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "gzip": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
}


def excerpt(resolved: ResolvedSource, scratch: Path) -> Path | None:
    """A file with the first records of a large text; nothing if it is small or cannot be cut at the end of a line."""
    path = Path(resolved.location)
    is_text = resolved.format == "csv" or (resolved.format == "json" and is_in_lines(path))
    if not is_text or not path.is_file() or path.stat().st_size <= _LARGE:
        return None
    packing = encodings.packing(path)
    with encodings.unpacked(path) as file:
        data = file.read(_PART)
    if packing not in _PACKERS or b"\0" in data:
        return None
    end = _last_line(data, (resolved.reading.quote or '"').encode())
    if not end:
        return None
    part = scratch / f"part{''.join(_endings(path))}"
    part.write_bytes(_PACKERS[packing](data[:end]))
    return part


def _last_line(data: bytes, quote: bytes) -> int:
    """Where the last line ends that is not inside quotes; 0 if there is none."""
    end = len(data)
    while end:
        end = data.rfind(b"\n", 0, end) + 1
        if not end or data.count(quote, 0, end) % 2 == 0:
            return end
        end -= 1
    return 0


def _endings(path: Path) -> list[str]:
    """The last ending of a name, with that of a compression."""
    endings = [ending.lower() for ending in path.suffixes]
    return endings[-2:] if endings and endings[-1] in COMPRESSIONS else endings[-1:]


def is_in_lines(path: Path) -> bool:
    """Whether the first line of a JSON file is a record by itself, and another follows or nothing."""
    if not path.is_file():
        return False
    with encodings.unpacked(path) as file:
        first = file.readline(1 << 20).strip()
        second = file.readline(1 << 10).strip()
    return (
        first.startswith(b"{") and first.endswith(b"}") and (second.startswith(b"{") or not second)
    )
