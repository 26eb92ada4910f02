"""The window of a source that is asked for: its rows in place, filtered, ordered, and what they are rows of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from orrery_engine.preview.budget import Budget, BudgetSpentError
from orrery_engine.preview.document import Document, united
from orrery_engine.preview.literals import mask, order, typed
from orrery_engine.preview.shapes import MAX_CELLS, CountKind, WindowRequest
from orrery_wire.errors import Invalid

_FIRST = 1_000  # rows that a filter looks at together at first
_HELD_ROWS = 20_000_000


@dataclass
class Window:
    """Rows of some columns.

    Attributes:
        places: of the columns in the source.
        searched: how many rows were looked at; none if no filter and no order was asked for.
    """

    table: pa.Table
    places: tuple[int, ...]
    has_more: bool = False
    total: int | None = None
    total_kind: CountKind = "unknown"
    searched: int | None = None
    is_whole: bool = True


def window(document: Document, request: WindowRequest, budget: Budget) -> Window:
    """The rows that are asked for.

    Raises:
        Invalid: a column is none of the source, or cannot be compared.
    """
    names = [column.name for column in document.columns]
    for place in _needed(request):
        if place >= len(names):
            raise Invalid(f"There is no column {place:,}", remedy=f"There are {len(names):,}.")
    first = min(request.first_column, max(0, len(names) - 1))
    places = tuple(range(first, min(len(names), first + request.column_count)))
    most = max(1, MAX_CELLS // max(1, len(places)))
    limit = min(request.limit, most)
    if limit < request.limit:
        document.facts.note(
            f"{limit:,} rows are shown at a time: together their cells are as many as are shown."
        )
    reader = _Reader(document, budget, names, places)
    if request.sort:
        return reader.ordered(request, limit)
    if request.filters:
        return reader.filtered(request, limit)
    return reader.plain(request.offset, limit)


def _needed(request: WindowRequest) -> list[int]:
    """The columns that rows are filtered and ordered by."""
    filters = [item.column for item in request.filters]
    return list(dict.fromkeys([*(key.column for key in request.sort), *filters]))


class _Reader:
    """Reads one window."""

    def __init__(
        self, document: Document, budget: Budget, names: Sequence[str], places: tuple[int, ...]
    ) -> None:
        self._document = document
        self._budget = budget
        self._names = names
        self._places = places

    def plain(self, offset: int, limit: int) -> Window:
        """Rows in the order of the source."""
        # A row more says whether there are more, unless the source knows.
        known = self._document.total.kind == "exact"
        need = limit if known else limit + 1
        pieces: list[pa.RecordBatch] = []
        count, is_spent = 0, False
        try:
            for first, batch in self._document.batches(offset, self._places, need):
                self._budget.check()
                begin = max(0, offset - first)
                piece = batch.slice(begin, need - count) if begin < batch.num_rows else None
                if piece is not None and piece.num_rows:
                    pieces.append(piece)
                    count += piece.num_rows
                if count >= need:
                    break
        except BudgetSpentError:
            is_spent = True
            self._document.facts.note(_far(offset) if not count else _CUT_SHORT)
        table = self._table(pieces)
        total = self._document.total
        if total.kind == "exact" and total.count is not None:
            has_more = offset + min(count, limit) < total.count
        else:
            has_more = count > limit or is_spent
        return Window(table.slice(0, limit), self._places, has_more, total.count, total.kind)

    def _table(self, pieces: Sequence[pa.RecordBatch]) -> pa.Table:
        if pieces:
            return united(pieces)
        return pa.table({str(place): pa.nulls(0) for place in self._places})

    def _mask(
        self, batch: pa.RecordBatch, columns: Sequence[int], request: WindowRequest
    ) -> pa.Array:
        """Which rows of a batch fulfil the filters."""
        compared = {
            item.column: typed(
                pa.chunked_array([batch.column(columns.index(item.column))]),
                self._document.columns[item.column].kind,
            )
            for item in request.filters
        }
        condition = mask(compared, request.filters, self._names)
        is_chunked = isinstance(condition, pa.ChunkedArray)
        return condition.combine_chunks() if is_chunked else condition

    def filtered(self, request: WindowRequest, limit: int) -> Window:
        """Rows that fulfil filters, in the order of the source."""
        needed = list(dict.fromkeys(item.column for item in request.filters))
        columns = list(dict.fromkeys([*self._places, *needed]))
        pieces: list[pa.RecordBatch] = []
        matched = searched = 0
        need, is_whole = limit + 1, True
        try:
            for first, batch in self._document.batches(0, columns, _FIRST, request.filters):
                self._budget.check()
                rows = batch.filter(self._mask(batch, columns, request))
                searched = first + batch.num_rows
                begin = max(0, request.offset - matched)
                if begin < rows.num_rows and need > 0:
                    piece = rows.slice(begin, need)
                    pieces.append(piece)
                    need -= piece.num_rows
                matched += rows.num_rows
                if need <= 0:
                    break
        except BudgetSpentError:
            is_whole = False
        table = self._table([piece.select(list(range(len(self._places)))) for piece in pieces])
        has_more = need <= 0
        is_counted = is_whole and not has_more
        return Window(
            table.slice(0, limit),
            self._places,
            has_more,
            matched if is_counted else None,
            "exact" if is_counted else "unknown",
            searched,
            is_whole,
        )

    def ordered(self, request: WindowRequest, limit: int) -> Window:
        """Rows in an order of their values."""
        needed = _needed(request)
        by_place = self._document.take((), self._places) is not None
        columns = needed if by_place else list(dict.fromkeys([*self._places, *needed]))
        pieces: list[pa.RecordBatch] = []
        numbers: list[pa.Array] = []
        searched = held = 0
        is_whole = True
        try:
            for first, batch in self._document.batches(0, columns, 100_000, request.filters):
                self._budget.check()
                searched = first + batch.num_rows
                place = pa.array(range(first, searched), pa.int64())
                if request.filters:
                    condition = self._mask(batch, columns, request)
                    batch, place = batch.filter(condition), place.filter(condition)
                held += batch.nbytes + place.nbytes
                if held > self._budget.memory or searched > _HELD_ROWS:
                    raise BudgetSpentError
                pieces.append(batch)
                numbers.append(place)
        except BudgetSpentError:
            is_whole = False
        total = sum(piece.num_rows for piece in pieces)
        if not total:
            return Window(self._table([]), self._places, False, 0, "exact", searched, is_whole)
        table = united(pieces)
        compared = {
            place: typed(table.column(columns.index(place)), self._document.columns[place].kind)
            for place in needed
        }
        chosen = order(compared, request.sort, self._names).slice(request.offset, limit)
        rows = self._rows(table, columns, numbers, chosen, by_place=by_place)
        return Window(
            rows,
            self._places,
            request.offset + rows.num_rows < total,
            total if is_whole else None,
            "exact" if is_whole else "unknown",
            searched,
            is_whole,
        )

    def _rows(
        self,
        table: pa.Table,
        columns: Sequence[int],
        numbers: Sequence[pa.Array],
        chosen: pa.Array,
        *,
        by_place: bool,
    ) -> pa.Table:
        if not by_place:
            return table.take(chosen).select([columns.index(place) for place in self._places])
        places = pa.chunked_array(numbers, pa.int64()).take(chosen)
        self._budget.extend()
        rows = self._document.take(places.to_pylist(), self._places)
        return self._table([]) if rows is None else rows


_CUT_SHORT = (
    "Fewer rows are shown than were asked for: reading more would take longer than an answer may."
)


def _far(offset: int) -> str:
    return (
        f"Row {offset + 1:,} was not reached: whatever stands before it has to be read first, and that takes more"
        " than an answer may."
    )
