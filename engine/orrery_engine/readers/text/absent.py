"""Words that stand for a missing value, and which of them a file holds, so that no name is taken for one in silence."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import product
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from orrery_engine.readers.text import dumps
from orrery_engine.readers.text.dialect import Dialect
from orrery_engine.readers.text.encodings import unpacked
from orrery_engine.readers.text.typing import listed

ABSENT = ("#N/A", "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null", dumps.NULL)
# Every way to write what is no number, which floats hold and which counts as missing.
NOT_NUMBERS = tuple(
    sign + "".join(letters) for sign in ("", "-", "+") for letters in product("nN", "aA", "nN")
)
_CHUNK = 8 * 2**20
_LONGEST = 128  # bytes of a field that the end of a chunk may have cut


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
        around = {*f"{dialect.delimiter}{dialect.quote}\r\n".encode()}
        left = [word for word in self._words if word not in self._columns]
        rest, chunk = b"\n", b" "
        with unpacked(path) as file:
            while left and chunk:
                chunk = file.read(_CHUNK)
                # The end of the file is that of a line.
                piece = rest + (chunk or b"\n")
                present = _fields(np.frombuffer(piece, np.uint8), left, around)
                self._columns.update((word, []) for word in present)
                left = [word for word in left if word not in present]
                rest = piece[-_LONGEST:]

    def words(self) -> list[str]:
        """Which words were met."""
        return sorted(self._columns)

    def note(self) -> str:
        """Which words were read as missing."""
        if not self._columns:
            return ""
        words = sorted(self._columns)
        names = list(dict.fromkeys(name for word in words for name in self._columns[word]))
        where = f" (in {listed(names)})" if names else ""
        verb = "was" if len(words) == 1 else "were"
        return f"{', '.join(words)} {verb} read as missing{where}; say which texts are if that is wrong."


def _fields(text: NDArray[np.uint8], words: Sequence[str], around: Collection[int]) -> set[str]:
    """Which words are whole fields somewhere in a text, with signs ``around`` them."""
    first = {word.encode()[0] for word in words}
    # Comparisons with each sign are quicker than a table of all signs.
    begins = np.flatnonzero(_is_any(text[:-1], around) & _is_any(text[1:], first)) + 1
    present = set()
    for word in words:
        places = begins[begins < len(text) - len(word)]
        for place, sign in enumerate(word.encode()):
            places = places[text[places + place] == sign]
        if _is_any(text[places + len(word)], around).any():
            present.add(word)
    return present


def _is_any(text: NDArray[np.uint8], signs: Collection[int]) -> NDArray[np.bool_]:
    result = np.zeros(len(text), bool)
    for sign in signs:
        result |= text == sign
    return result


def has_nulls(path: Path) -> bool:
    """Whether a Parquet file of ours holds missing values."""
    metadata = pq.read_metadata(path)
    for group in range(metadata.num_row_groups):
        for column in range(metadata.num_columns):
            statistics = metadata.row_group(group).column(column).statistics
            if statistics is None or not statistics.has_null_count or statistics.null_count:
                return True
    return False
