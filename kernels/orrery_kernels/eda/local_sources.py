"""Sources for a worker of this process; a dataframe is written to a file that goes afterwards."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from orrery_kernels.eda.arrow_writer import OnWritten, write
from orrery_kernels.eda.json_types import JsonObject
from orrery_kernels.eda.sources import source_of


def named_source(words: str | os.PathLike[str], name: str) -> JsonObject:
    """A source in words, called by the name if there is one."""
    source = source_of(os.fspath(words))
    return {**source, "name": name or source["name"]}


@contextmanager
def written_frame(frame: object, name: str, on_written: OnWritten) -> Iterator[JsonObject]:
    """The source of a dataframe, which is in a file as long as the context lasts."""
    descriptor, path = tempfile.mkstemp(suffix=".arrow", prefix="orrery-eda-")
    os.close(descriptor)
    try:
        write(frame, path, on_written)
        yield {"kind": "frame", "location": path, "name": name}
    finally:
        with suppress(OSError):
            Path(path).unlink()
