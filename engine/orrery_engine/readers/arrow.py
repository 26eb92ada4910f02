"""Arrow IPC: what a kernel hands over, and Feather."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from orrery_engine.readers.columns import ArrowColumns
from orrery_wire.errors import Invalid

# A mapped file counts as resident memory; a larger one is read column by column instead.
_MAPPED = 0.35


class ArrowTable(ArrowColumns):
    """An Arrow IPC file: mapped if it is small and not packed, else read column by column."""

    def __init__(self, path: Path, memory: int) -> None:
        self._path = path
        self.bytes = path.stat().st_size
        self._local = threading.local()
        reader = _reader(path)
        self._count = reader.num_record_batches
        self._batches = self._mapped(reader, memory)
        sizes = [self._rows_of(number, reader) for number in range(self._count)]
        self._describe(list(reader.schema), sizes)

    def _mapped(self, reader: Any, memory: int) -> list[pa.RecordBatch] | None:
        """All batches, unless they would take too much memory."""
        if not self._count:
            return []
        before = pa.total_allocated_bytes()
        first = reader.get_batch(0)
        packed = pa.total_allocated_bytes() - before > 65_536
        size = max(first.nbytes * self._count if packed else 0, self.bytes or 0)
        if size > memory * _MAPPED:
            return None
        return [reader.get_batch(number) for number in range(self._count)]

    def _rows_of(self, number: int, reader: Any) -> int:
        if self._batches is not None:
            return int(self._batches[number].num_rows)
        if len(reader.schema) == 0:
            return int(reader.get_batch(number).num_rows)
        return int(self._single(0).get_batch(number).num_rows)

    def _single(self, index: int) -> Any:
        """A reader of one column, one for each thread."""
        if getattr(self._local, "index", None) != index:
            options = pa.ipc.IpcReadOptions(included_fields=[index])
            source = pa.OSFile(str(self._path), "rb")
            self._local.reader = pa.ipc.open_file(source, options=options)
            self._local.index = index
        return self._local.reader

    def _pieces(self, index: int, group: int) -> Iterator[pa.Array]:
        """A column's values in a batch."""
        if self._batches is not None:
            yield self._batches[group].column(index)
        else:
            yield self._single(index).get_batch(group).column(0)


def _reader(path: Path) -> Any:
    """The file, mapped.

    Raises:
        Invalid: it is no Arrow file.
    """
    with path.open("rb") as source:
        magic = source.read(6)
    if magic[:4] == b"FEA1":
        raise Invalid(
            "The file is Feather of the first version.",
            reason="That format was given up in 2020.",
            remedy="Write it again with pyarrow.feather.write_feather.",
        )
    if magic != b"ARROW1":
        raise Invalid(
            "The file is no Arrow file.",
            reason="It does not begin with the mark of one.",
            remedy="Write it with pyarrow.ipc.new_file, or choose the right format.",
        )
    return pa.ipc.open_file(pa.memory_map(str(path), "r"))
