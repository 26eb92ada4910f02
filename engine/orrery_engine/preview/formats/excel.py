"""Workbooks, which have to be read as a whole: the sheet that is asked for, by the reader of the profiles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from orrery_engine.preview.document import Batch, Column, Document, Total
from orrery_engine.preview.shapes import Filter
from orrery_engine.preview.sparse import SparseFile
from orrery_engine.readers.excel import ExcelTable
from orrery_engine.schemas.reading import ReaderOptions
from orrery_wire.errors import Invalid

MOST_BYTES = 64 * 2**20


class ExcelDocument(Document):
    """A sheet of a workbook."""

    def __init__(
        self,
        file: SparseFile,
        ending: str,
        sheet: str,
        options: ReaderOptions,
        scratch: Path,
        memory: int,
    ) -> None:
        super().__init__()
        if file.size > MOST_BYTES:
            raise Invalid(
                "The workbook is too large to be shown",
                reason=f"It has {file.size / 2**20:,.0f} MiB and has to be read as a whole; {MOST_BYTES >> 20} are.",
                remedy="Profile it, or keep the table as Parquet.",
            )
        path = scratch / f"workbook{ending}"
        path.write_bytes(file.read_range(0, file.size))
        try:
            self.facts.sheets = _sheets(path)
            table = ExcelTable(path, sheet, options, memory)
            count = len(table.names)
            arrays = [table.column(place).to_arrow() for place in range(count)]
        finally:
            path.unlink()
        self.columns = tuple(
            Column(name, dtype, type_)
            for name, dtype, type_ in zip(table.names, table.dtypes, table.types, strict=True)
        )
        self._table = pa.table(arrays, names=[str(place) for place in range(count)])
        self.total = Total(self._table.num_rows, "exact")
        self.facts.sheet = table.sheet
        self.facts.reading = table.reading
        self.facts.note(*table.notes)

    def batches(
        self, start: int, places: Sequence[int], rows: int, filters: Sequence[Filter] = ()
    ) -> Iterator[Batch]:
        """Batches of some columns in order, with the place of the first row of each."""
        first = start
        for batch in self._table.select([str(place) for place in places]).slice(start).to_batches():
            yield first, batch
            first += batch.num_rows


def _sheets(path: Path) -> tuple[str, ...]:
    """The names of the sheets; none if only the reader itself can say what is wrong with the file."""
    import python_calamine

    try:
        with python_calamine.CalamineWorkbook.from_path(path) as book:
            return tuple(book.sheet_names)
    except Exception:  # noqa: BLE001  # its classes have no common one
        return ()
