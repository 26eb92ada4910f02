"""The first rows of a file with a table in it."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from orrery_kernels.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

    from orrery_kernels.data.filesystem import OrreryFileSystem

# Of a text file no more than this is read for its first rows.
_TEXT_BYTES = 1024 * 1024


def first_rows(filesystem: OrreryFileSystem, path: str, rows: int) -> pa.Table:
    """The first rows as Arrow.

    Raises:
        UsageError: the format is not one that is read here.
    """
    ending = path.rpartition(".")[2].lower()
    reader = _READERS.get(ending)
    if reader is None:
        raise UsageError(
            f"Nothing here shows the first rows of {path.rpartition('/')[2]!r}",
            reason=f"It shows {', '.join(sorted(_READERS))}.",
            remedy="Open it in the panel Data, or read it with code.",
        )
    return reader(filesystem, path, rows).slice(0, rows)


def _parquet(filesystem: OrreryFileSystem, path: str, rows: int) -> pa.Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with filesystem.open(path) as source:
        file = pq.ParquetFile(source)
        batch = next(file.iter_batches(max(rows, 1)), None)
        if batch is None:
            return file.schema_arrow.empty_table()
        return pa.Table.from_batches([batch])


def _arrow(filesystem: OrreryFileSystem, path: str, rows: int) -> pa.Table:
    import pyarrow as pa

    with filesystem.open(path) as source:
        file = pa.ipc.open_file(source)
        if file.num_record_batches == 0:
            return file.schema.empty_table()
        return pa.Table.from_batches([file.get_batch(0)])


def _text(read: Callable[[Any], Any], filesystem: OrreryFileSystem, path: str) -> pa.Table:
    content = filesystem.cat_file(path, 0, _TEXT_BYTES)
    if len(content) == _TEXT_BYTES:
        content = content[: content.rfind(b"\n") + 1] or content
    return read(io.BytesIO(content))


def _csv(filesystem: OrreryFileSystem, path: str, rows: int) -> pa.Table:
    from pyarrow import csv

    delimiter = "\t" if path.lower().endswith(".tsv") else ","
    options = csv.ParseOptions(delimiter=delimiter)
    return _text(lambda file: csv.read_csv(file, parse_options=options), filesystem, path)


def _json(filesystem: OrreryFileSystem, path: str, rows: int) -> pa.Table:
    from pyarrow import json

    return _text(lambda file: json.read_json(file), filesystem, path)


_READERS: dict[str, Callable[[OrreryFileSystem, str, int], pa.Table]] = {
    "arrow": _arrow,
    "csv": _csv,
    "feather": _arrow,
    "jsonl": _json,
    "ndjson": _json,
    "parquet": _parquet,
    "pq": _parquet,
    "tsv": _csv,
}
