"""JSON, one record a line or as a document, and Avro: records whose keys are the columns."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import pyarrow as pa

from orrery_engine.preview import packed
from orrery_engine.preview.budget import Budget, BudgetSpentError
from orrery_engine.preview.cells import kind
from orrery_engine.preview.document import Column, SequentialDocument, Total
from orrery_engine.preview.formats.values import Columns, groups
from orrery_engine.preview.sparse import SparseFile, Stream
from orrery_engine.readers.json import keys, shapes, values
from orrery_engine.readers.text import encodings
from orrery_wire.errors import Invalid, OrreryError

HEAD = 256 * 1024
MOST_DOCUMENT = 48 * 2**20
_LINES = (".ndjson", ".jsonl")
_MOST_KEYS = 10_000


class RecordsDocument(SequentialDocument):
    """Records one after the other; keys that come up later are columns as well."""

    def __init__(self, file: SparseFile) -> None:
        super().__init__()
        self._file = file
        self._names = Columns()

    def _look(self) -> None:
        """Read the first records, which show the columns."""
        self._restart()
        for _ in islice(self._rest(), 1):
            pass
        self._name()

    def _records(self) -> Iterator[Mapping[str, Any]]:
        raise NotImplementedError

    def use(self, budget: Budget) -> None:
        """Read within these limits from now on."""
        self._file.budget = budget

    def _begin(self) -> Iterator[pa.RecordBatch]:
        for group in groups(self._records()):
            self._file.budget.check()
            batch = self._names.batch(group)
            if batch.num_columns > _MOST_KEYS:
                raise keys.too_many()
            self._types(batch)
            yield batch

    def _types(self, batch: pa.RecordBatch) -> None:
        """The columns by what is known of them so far."""
        columns = []
        names: tuple[str, ...] = self._names.names
        for place, name in enumerate(names):
            before = self.columns[place] if place < len(self.columns) else None
            type_ = batch.schema.field(place).type
            own = self._names.kinds.get(place) or kind(type_)
            if before is not None and before.kind != "null":
                columns.append(before)
            else:
                columns.append(Column(name, own, own, is_guessed=True))
        if self.columns and len(columns) > len(self.columns):
            more = ", ".join(column.name[:60] for column in columns[len(self.columns) :][:5])
            self.facts.note(f"Later records have keys that the first ones lack: {more}.")
        self.columns = tuple(columns)

    def _name(self) -> None:
        if not self.columns and self.total.count is None:
            self.total = Total(0, "exact")


class JsonDocument(RecordsDocument):
    """JSON in one file."""

    def __init__(self, file: SparseFile, ending: str) -> None:
        super().__init__(file)
        self._packing = packed.packing(file.read_range(0, 8))
        try:
            content = packed.opened(file, self._packing)
            sample = content.read(HEAD)
        except packed.DAMAGE as problem:
            raise Invalid(
                "The packed file cannot be read", reason="It is damaged or was cut short."
            ) from problem
        encoding = encodings.detect(sample)
        if encoding.name != "utf-8":
            raise Invalid(
                "The JSON cannot be read",
                reason=f"It is written in {encoding.title}, and JSON is UTF-8.",
                remedy="Write it in UTF-8.",
            )
        whole = len(sample) < HEAD
        beginning = sample.decode("utf-8", "replace").removeprefix("\ufeff")
        self.layout = values.layout(beginning, whole=whole, lines=ending in _LINES)
        if self.layout in ("lines", "list"):
            keys.require_few(beginning)
        self._faults = values.Faults()
        self._decoder = values.Decoder()
        self._look()
        if self.layout == "lines" and not whole and not self._packing:
            lines = sample.count(b"\n")
            if lines:
                self.total = Total(round(file.size * lines / len(sample)), "estimate")

    def _records(self) -> Iterator[Mapping[str, Any]]:
        self._faults, self._decoder = values.Faults(), values.Decoder()
        with values.deep():
            shape = self._shape()
            self.facts.note(*shape.notes)
            yield from shape.records
        self.facts.note(self._faults.note(), *self._decoder.notes())

    def _shape(self) -> shapes.Shape:
        content = packed.opened(self._file, self._packing)
        if self.layout == "document":
            try:
                return shapes.records_of(values.document(content, self._decoder, MOST_DOCUMENT))
            except values.JsonError as problem:
                raise _no_json(problem) from problem
        if self.layout == "lines":
            items = values.lines(content, self._decoder, self._faults)
        else:
            stream = values.Stream(content, self._decoder)
            items = stream.items() if self.layout == "list" else stream.values()
        return shapes.of_stream(self._up_to_faults(items))

    def _up_to_faults(self, items: Iterator[Any]) -> Iterator[Any]:
        """Values up to the first that cannot be read, which is said."""
        is_begun = False
        try:
            for item in items:
                is_begun = True
                yield item
        except values.JsonError as problem:
            if not is_begun:
                raise _no_json(problem) from problem
            self.facts.note(f"The rest cannot be read. {problem}")
        except packed.DAMAGE:
            if not self._packing:
                raise
            self.facts.note(
                "The packed file is damaged or cut short: what follows cannot be unpacked."
            )


def _no_json(problem: values.JsonError) -> Invalid:
    return Invalid(
        "The JSON cannot be read",
        reason=str(problem),
        remedy="Check that the file is whole: a list of records or one record a line.",
    )


class AvroDocument(RecordsDocument):
    """Avro, block by block."""

    def __init__(self, file: SparseFile) -> None:
        super().__init__(file)
        self._fields: list[str] = []
        self._reader()
        self._names = Columns(self._fields)
        self._look()
        if not self.columns:
            self.columns = tuple(Column(text, "null", "null") for text in self._names.names)

    def _reader(self) -> Any:
        import fastavro

        self._file.seek(0)
        raw = io.BufferedReader(Stream(self._file), 64 * 1024)
        try:
            reader = fastavro.reader(raw)
            schema: Any = reader.writer_schema
        except (BudgetSpentError, OrreryError, MemoryError):
            raise
        except Exception as problem:  # its library raises classes of all kinds
            raise _damaged() from problem
        fields = schema.get("fields") if isinstance(schema, dict) else None
        self._fields = [str(item.get("name", "")) for item in fields] if fields else ["value"]
        return reader

    def _records(self) -> Iterator[Mapping[str, Any]]:
        reader = self._reader()
        is_begun = False
        try:
            for record in reader:
                is_begun = True
                yield record if isinstance(record, dict) else {"value": record}
        except (BudgetSpentError, OrreryError):
            raise
        except Exception as problem:
            if not is_begun:
                raise _damaged() from problem
            self.facts.note("The rest cannot be read: the file is damaged or was cut short.")


def _damaged() -> Invalid:
    return Invalid(
        "The Avro file cannot be read",
        reason="It is damaged, was cut short, or is packed in a way that is not known here.",
        remedy="Fetch it or write it again.",
    )
