"""JSON as a table: DuckDB reads what is regular, and what it read is compared with what is there.

Whatever does not come out of it exactly (integers beyond 64 bits, doubled keys, keys that differ in
capitals only, lines that are no JSON, documents) is read value by value, and what was assumed is said.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa

from orrery_engine.formats import ending
from orrery_engine.quoting import sql_text
from orrery_engine.readers import convert, duck
from orrery_engine.readers.columns import plain_partitions
from orrery_engine.readers.json import keys, quick, shapes, staging, values
from orrery_engine.readers.json.quick import InexactError, Part, QuickReader
from orrery_engine.readers.json.shapes import Shape
from orrery_engine.readers.json.staging import RecordWriter
from orrery_engine.readers.json.values import Decoder, Faults, JsonError
from orrery_engine.readers.staged import StagedTable
from orrery_engine.readers.text import dates, types, typing
from orrery_engine.readers.text.encodings import unpacked
from orrery_engine.readers.text.types import MISMATCH, TextType
from orrery_engine.readers.text.utf8 import Utf8Files
from orrery_engine.schemas import ColumnType, Job, ReaderOptions
from orrery_wire.errors import Invalid

_SHARE = 0.45  # Of the budget of time, before only the first rows are read.
_GLIMPSE = 5_000
_LEAST = 3.0
_LINES = (".ndjson", ".jsonl")
_DOCUMENT = 12  # Python objects take so many times the room of their text.
_BETWEEN = 1_000  # records between two looks at the clock
# Texts are judged as those of a text file are.
_DATES = types.dates(ReaderOptions())
_REFUSALS = (*duck.REFUSALS, InexactError)


@dataclass
class _Counts:
    """What is met on the way through files."""

    decoder: Decoder = field(default_factory=Decoder)
    faults: Faults = field(default_factory=Faults)


class JsonTable(StagedTable):
    """Records in one file or several."""

    def __init__(
        self,
        paths: Sequence[Path],
        options: ReaderOptions,
        job: Job,
        size: int,
        partitions: Sequence[Mapping[str, str | None]] = (),
    ) -> None:
        """Look at the beginnings of files.

        Args:
            paths: files on this machine.
            options: what a person chose; of these the encoding counts.
            job: limits, and the folder for what is written on the way.
            size: bytes of all files.
            partitions: for each file the values that its folders are named after, by column.
        """
        super().__init__(job, size)
        self._files = Utf8Files(Path(job.scratch))
        self._parts: list[Part] = []
        self._is_cut = False
        self._kinds: dict[int, TextType] = {}
        folders = [dict(own) for own in plain_partitions(partitions or [{}] * len(paths))]
        filled = [own for own in zip(paths, folders, strict=True) if own[0].stat().st_size]
        if not filled:
            self.rows = 0
            return
        try:
            self._parts = [self._part(path, own, options.encoding) for path, own in filled]
            self._careful = any(part.layout in ("values", "document") for part in self._parts)
            self._quick = QuickReader(self._parts)
            self._glimpse()
        except BaseException:
            self.close()
            raise

    def _part(self, path: Path, folders: Mapping[str, str | None], encoding: str | None) -> Part:
        file = self._files.file(path, encoding, marked=False)
        lines = ending(path.name) in _LINES
        layout = values.layout(file.beginning, whole=file.whole, lines=lines)
        if layout in ("lines", "list"):
            keys.require_few(file.beginning)
        return Part(file, layout, folders)

    def close(self) -> None:
        """Let go of the files, and of the room on the disk."""
        super().close()
        self._files.close()

    def _encoding_notes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(note for part in self._parts for note in part.file.notes))

    # By DuckDB

    def _glimpse(self) -> None:
        """The first rows, and what the columns seem to be."""
        if not self._careful:
            try:
                self._glimpse_quickly()
            except _REFUSALS:
                self._careful = True
            else:
                return
        with self._duckdb.connected() as connection:
            writer, notes = self._written(_GLIMPSE)
            if writer.names:
                chosen = writer.choose(connection)
                self._first = connection.sql(
                    typing.select(writer.relation(), chosen)
                ).to_arrow_table()
        for piece in writer.pieces:
            piece.unlink()
        self.types = tuple(convert.kind(item.type) for item in self._first.schema)
        self.dtypes = tuple(str(item.type) for item in self._first.schema)
        self._name_written(writer, notes)

    def _glimpse_quickly(self) -> None:
        with self._duckdb.connected() as connection:
            columns = self._quick.describe(connection, quick.SAMPLE)
            query = f"{self._quick.query(columns, {})} LIMIT {_GLIMPSE}"
            texts = connection.sql(query).to_arrow_table()
            self._kinds = self._first_kinds(columns, texts)
            connection.register("texts", texts)
            chosen = [self._kinds.get(place, types.TEXT) for place in range(texts.num_columns)]
            self._first = connection.sql(typing.select("texts", chosen)).to_arrow_table()
        self.types = tuple(convert.kind(item.type) for item in self._first.schema)
        self.dtypes = tuple(str(item.type) for item in self._first.schema)
        self._name(columns, {})

    def _first_kinds(self, columns: Mapping[str, str], first: pa.Table) -> dict[int, TextType]:
        """What the columns of texts stand for, by the first of them."""
        kinds = {}
        for place, of in enumerate(columns.values()):
            if not quick.is_text(of):
                continue
            column = [text for text in first.column(place).to_pylist() if text is not None]
            fitting = [kind for kind in _DATES if kind.fits(column)] if column else []
            if fitting:
                kinds[place] = dates.first_choice(fitting, column, _DATES)
        return kinds

    def _name(self, columns: Mapping[str, str], mixtures: Mapping[int, Mapping[str, int]]) -> None:
        """Names and types of what DuckDB read."""
        self.names = (*columns, *self._quick.folders(columns))
        self.dtypes = (
            *(
                self.dtypes[place]
                if place in self._kinds
                else "VARCHAR"
                if quick.is_text(of)
                else of[:500]
                for place, of in enumerate(columns.values())
            ),
            *self.dtypes[len(columns) :],
        )
        self.forms = {place: kind.form for place, kind in self._kinds.items() if kind.form}
        changed: dict[int, ColumnType] = {
            place: "nested" for place, of in enumerate(columns.values()) if quick.is_nested(of)
        }
        for place, kinds in mixtures.items():
            nested = kinds.keys() <= {"list", "dict"} and bool(kinds)
            changed[place] = "nested" if nested else "mixed" if len(kinds) > 1 else "text"
        self.types = tuple(changed.get(place, of) for place, of in enumerate(self.types))
        self.mixtures = {
            place: kinds for place, kinds in mixtures.items() if changed[place] == "mixed"
        }
        self.notes = self._encoding_notes()

    def _stage(self) -> None:
        """All rows, by the quick way or the careful one."""
        if not self._careful:
            try:
                self._stage_quickly()
            except _REFUSALS:
                self._careful = True
            else:
                return
        self._stage_carefully()

    def _stage_quickly(self) -> None:
        """By DuckDB's parser.

        Raises:
            InexactError: what came out is not what is there.
        """
        seconds = self._job.options.seconds * _SHARE
        with self._duckdb.connected() as connection:
            columns = self._quick.describe(connection, quick.ALL)
            whole = self._copied_quickly(connection, columns, seconds)
            notes = self._settled_dates(connection, columns, seconds)
            self._quick.compare(connection, columns, self._out)
            self._quick.compare_digits(columns)
            if whole:
                self._quick.compare_rows(connection, self._out)
            mixtures = self._quick.mixtures(connection, columns, self._out)
            lacking = self._quick.lacking(connection, len(columns))
        self._settle(whole=whole)
        self.dtypes = self._whole().dtypes
        self._name(columns, mixtures)
        self.notes += (*lacking, *notes)

    def _copied_quickly(
        self, connection: duckdb.DuckDBPyConnection, columns: Mapping[str, str], seconds: float
    ) -> bool:
        """Write the rows, or the first ones and false; texts that are no dates after all stay texts."""
        try:
            return self._copied(connection, self._quick.query(columns, self._kinds), seconds)
        except duck.REFUSALS as problem:
            if MISMATCH not in str(problem):
                raise
        whole = self._copied(connection, self._quick.query(columns, {}), seconds)
        candidates = [_DATES if place in self._kinds else () for place in range(len(columns))]
        chosen = typing.choose(connection, f"read_parquet({sql_text(str(self._out))})", candidates)
        self._kinds = {place: kind for place, kind in enumerate(chosen) if kind is not types.TEXT}
        if self._kinds:
            whole = self._copied(connection, self._quick.query(columns, self._kinds), seconds)
        return whole

    def _copied(self, connection: duckdb.DuckDBPyConnection, query: str, seconds: float) -> bool:
        """Write rows; the first ones only, and false, if the time does not suffice for all."""
        if duck.copied(connection, query, self._out, seconds):
            return True
        duck.copy_first(connection, query, self._out, max(_LEAST, seconds), len(self.names))
        return False

    def _settled_dates(
        self, connection: duckdb.DuckDBPyConnection, columns: Mapping[str, str], seconds: float
    ) -> tuple[str, ...]:
        """Dates in the most likely of the orders that fit all of them, and what could be otherwise."""
        kinds = [self._kinds.get(place, types.TEXT) for place in range(len(columns))]
        written = f"read_parquet({sql_text(str(self._out))})"
        choices = dates.Dates(connection, written, kinds, _DATES).choices()
        likely = self._kinds | {place: own.kind for place, own in choices.items()}
        if likely != self._kinds:
            self._kinds = likely
            self._copied(connection, self._quick.query(columns, likely), seconds)
            kinds = [likely.get(place, types.TEXT) for place in range(len(columns))]
        return dates.Dates(connection, written, kinds, _DATES).notes([*columns], choices)

    # Value by value

    def _stage_carefully(self) -> None:
        """Every value, exactly."""
        self._mend_encodings()
        with self._duckdb.connected() as connection:
            writer, notes = self._written()
            self._temporary += writer.pieces
            if not writer.names:
                self.rows, self.types, self.dtypes = writer.rows, (), ()
                self._name_written(writer, notes)
                return
            chosen = writer.choose(connection)
            seconds = self._job.options.seconds
            self._is_cut |= not self._copied(
                connection, typing.select(writer.relation(), chosen), seconds
            )
            written = f"read_parquet({sql_text(str(self._out))})"
            choices = dates.Dates(connection, written, chosen, _DATES).choices()
            likely = [
                choices[place].kind if place in choices else kind
                for place, kind in enumerate(chosen)
            ]
            if likely != chosen:
                chosen = likely
                self._is_cut |= not self._copied(
                    connection, typing.select(writer.relation(), chosen), seconds
                )
            settled = dates.Dates(connection, written, chosen, _DATES)
            notes = (*notes, *settled.notes([*writer.names], choices))
        self.forms = {place: kind.form for place, kind in enumerate(chosen) if kind.form}
        self._settle(whole=not self._is_cut)
        self.dtypes = self._whole().dtypes
        self._name_written(writer, (*notes, *typing.notes(chosen, [*writer.names])))

    def _mend_encodings(self) -> None:
        """Write files anew whose beginning is UTF-8 and whose rest is not."""
        for place, part in enumerate(self._parts):
            file = self._files.mended(part.file)
            if file is not None:
                self._parts[place] = Part(file, part.layout, part.folders)

    def _name_written(self, writer: RecordWriter, notes: Sequence[str]) -> None:
        self.names = tuple(map(staging.whole, writer.names))
        self.types = tuple(writer.column_type(place) or of for place, of in enumerate(self.types))
        self.mixtures = writer.mixtures()
        self.notes = (*self._encoding_notes(), *notes)

    def _written(self, rows: int | None = None) -> tuple[RecordWriter, tuple[str, ...]]:
        """The records of all files, or the first ones of each, and what to say of them.

        Raises:
            Invalid: they are no JSON.
        """
        writer = RecordWriter(Path(self._job.scratch) / f"records-{uuid.uuid4().hex}")
        counts = _Counts()
        notes: list[str] = []
        widths = []
        seconds = max(_LEAST, self._job.options.seconds * _SHARE / len(self._parts))
        for part in self._parts:
            try:
                with values.deep():
                    width, remarks = self._copy(part, writer, counts, rows, seconds)
            except JsonError as problem:
                raise _refusal(problem) from problem
            notes += [note for note in remarks if note not in notes]
            widths.append(width)
        writer.flush()
        faults = counts.faults
        if faults.first is not None:
            if faults.count == writer.rows:
                raise _refusal(faults.first)
            notes.append(faults.note())
        lack = sum(width < max(widths) for width in widths)
        if lack:
            notes.append(f"{lack} of {len(widths)} files lack columns that others have.")
        return writer, (*notes, *counts.decoder.notes(), *writer.notes())

    def _copy(
        self, part: Part, writer: RecordWriter, counts: _Counts, rows: int | None, seconds: float
    ) -> tuple[int, tuple[str, ...]]:
        """Write the records of a file; how many different keys they have, and what was assumed."""
        until = time.monotonic() + seconds
        folders = self._quick.folder_values(part)
        names: set[str] = set()
        with _shaped(part, counts, self._job.memory // _DOCUMENT) as shape:
            for number, record in enumerate(shape.records):
                if number == rows:
                    break
                if number % _BETWEEN == 0 and number and time.monotonic() > until:
                    self._is_cut = rows is None
                    break
                writer.add({**record, **folders} if folders else record)
                names |= record.keys()
        return len(names), shape.notes


@contextmanager
def _shaped(part: Part, counts: _Counts, most: int) -> Iterator[Shape]:
    """The records of a file; ``most`` bytes of a document are read.

    Raises:
        JsonError: it is no JSON.
        Invalid: it is a document of more bytes.
    """
    if part.layout == "document":
        with suppress(values.MoreError), unpacked(part.file.path) as file:
            document = values.document(file, counts.decoder, most)
            yield shapes.records_of(document)
            return
    with unpacked(part.file.path) as file:
        stream = values.Stream(file, counts.decoder)
        if part.layout == "lines":
            items = values.lines(file, counts.decoder, counts.faults)
        else:
            items = stream.items() if part.layout == "list" else stream.values()
        yield shapes.of_stream(items)


def _refusal(problem: ValueError) -> Invalid:
    return Invalid(
        "The JSON could not be read.",
        reason=str(problem),
        remedy="Check that the file is whole: a list of records or one record a line.",
    )
