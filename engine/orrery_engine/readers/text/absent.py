"""Words that stand for a missing value, and which of them a file holds, so that no name is taken for one in silence."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from orrery_engine.readers.text import dumps
from orrery_engine.readers.text.dialect import Dialect
from orrery_engine.readers.text.encodings import unpacked
from orrery_engine.readers.text.typing import listed

ABSENT = ("#N/A", "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null", dumps.NULL)
_CHUNK = 8 * 2**20
_MOST = 128 * 2**20  # bytes of a file that are searched
_TRIES = 1_000  # places in a chunk where a word may be a part of another


class AbsentWords:
    """Which words were read as missing, and in which columns the first rows hold them."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = tuple(words)
        self._columns: dict[str, list[str]] = {}

    def take_out(self, texts: pa.Table, names: Sequence[str]) -> pa.Table:
        """The texts of the first rows without such words."""
        if not self._words:
            return texts
        words = pa.array(self._words, pa.string())
        columns = []
        for name, column in zip(names, texts.columns, strict=True):
            column = column.cast(pa.string())
            absent = pc.is_in(column, value_set=words)
            if pc.any(absent).as_py():
                for word in pc.unique(column.filter(absent)).to_pylist():
                    self._columns.setdefault(word, []).append(name)
                column = pc.if_else(absent, None, column)
            columns.append(column)
        return pa.Table.from_arrays(columns, names=texts.column_names)

    def search(self, path: Path, dialect: Dialect) -> None:
        """Look for the other words as whole fields of a UTF-8 file."""
        around = f"{dialect.delimiter}{dialect.quote}\r\n".encode()
        left = [word for word in self._words if word not in self._columns]
        read, rest = 0, b"\n"
        with unpacked(path) as file:
            while left and read < _MOST and (chunk := file.read(_CHUNK)):
                read += len(chunk)
                chunk = rest + chunk
                for word in [word for word in left if _is_field(word.encode(), chunk, around)]:
                    self._columns.setdefault(word, [])
                    left.remove(word)
                rest = chunk[-16:]

    def note(self) -> str:
        """Which words were read as missing."""
        if not self._columns:
            return ""
        words = sorted(self._columns)
        names = list(dict.fromkeys(name for word in words for name in self._columns[word]))
        where = f" (in {listed(names)})" if names else ""
        verb = "was" if len(words) == 1 else "were"
        return f"{', '.join(words)} {verb} read as missing{where}; say which texts are if that is wrong."


def _is_field(word: bytes, chunk: bytes, around: bytes) -> bool:
    """Whether a word is a whole field somewhere."""
    place = chunk.find(word)
    for _ in range(_TRIES):
        if place < 0:
            return False
        end = place + len(word)
        if chunk[place - 1] in around and (end == len(chunk) or chunk[end] in around):
            return True
        place = chunk.find(word, end)
    return False


def has_nulls(path: Path) -> bool:
    """Whether a Parquet file of ours holds missing values."""
    metadata = pq.read_metadata(path)
    for group in range(metadata.num_row_groups):
        for column in range(metadata.num_columns):
            statistics = metadata.row_group(group).column(column).statistics
            if statistics is None or not statistics.has_null_count or statistics.null_count:
                return True
    return False
