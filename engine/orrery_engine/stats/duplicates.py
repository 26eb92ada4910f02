"""What whole rows tell, gathered while the columns pass by: duplicates and what is missing together."""

from __future__ import annotations

import threading

import numpy as np
import polars as pl
from numpy.typing import NDArray

from orrery_engine.readers.base import READING, Table
from orrery_engine.schemas import Duplicates, MissingPattern
from orrery_engine.stats.numeric import Runs, in_order

_PATTERNS = 30
_EXAMPLES = 5
_EXAMPLE_COLUMNS = 200
# Bytes for which rows are kept column by column as bits of what is missing.
_ROOM = 128 * 2**20


class Rows:
    """A hash of each row, and a hash of the set of columns that it misses.

    Sums of products with random odd factors do not depend on the order, so columns may come in any and from several
    threads; two different rows meet with a chance of rows squared over 2**65.
    """

    def __init__(self, rows: int, columns: int) -> None:
        random = np.random.default_rng(0)
        self._factors = random.integers(0, 2**63, columns, dtype=np.uint64) * np.uint64(
            2
        ) + np.uint64(1)
        self._sums = np.zeros(rows, dtype=np.uint64)
        self._gaps = np.zeros(rows, dtype=np.uint64)
        self._bits: dict[int, NDArray[np.uint8]] = {}
        self._missing = columns
        self._lock = threading.Lock()

    def add(self, index: int, series: pl.Series) -> None:
        """Take a column in."""
        if series.dtype.is_float():
            series = series.fill_nan(None)
        factor = self._factors[index]
        hashes = series.hash().to_numpy()
        mixed = (hashes ^ (hashes >> np.uint64(29))) * factor
        absent = series.is_null().to_numpy() if series.null_count() else None
        with self._lock:
            self._missing -= 1
            self._sums += mixed
            if absent is not None:
                self._gaps[absent] += factor
                if len(self._bits) * len(absent) / 8 < _ROOM:
                    self._bits[index] = np.packbits(absent)

    def duplicates(self, table: Table) -> Duplicates | None:
        """Rows that repeat an earlier one, with some of them; unknown if a column could not be read."""
        if self._missing:
            return None
        ordered = in_order(self._sums)
        result = Runs(ordered)
        repeated = len(ordered) - result.distinct
        if not repeated or not len(self._factors):
            return Duplicates(rows=0)
        most = [place for place in result.most(_EXAMPLES) if result.counts[place] > 1]
        firsts = [int(np.argmax(self._sums == ordered[result.starts[place]])) for place in most]
        try:
            examples = table.rows_at(firsts, _EXAMPLE_COLUMNS)
        except READING:
            examples = ()
        return Duplicates(rows=repeated, examples=examples)

    def patterns(self) -> tuple[MissingPattern, ...]:
        """Which columns are missing together, the most frequent first; full rows are no pattern."""
        ordered = in_order(self._gaps)
        result = Runs(ordered)
        order = np.argsort(-result.counts, kind="stable")
        patterns = []
        for place in order:
            key = ordered[result.starts[place]]
            if key == 0:
                continue
            row = int(np.argmax(self._gaps == key))
            columns = tuple(index for index in sorted(self._bits) if self._misses(index, row))
            if columns:
                patterns.append(MissingPattern(columns=columns, rows=int(result.counts[place])))
            if len(patterns) == _PATTERNS:
                break
        return tuple(patterns)

    def _misses(self, index: int, row: int) -> bool:
        return bool(self._bits[index][row >> 3] & (128 >> (row & 7)))
