"""Opens what a request names, in the worker, and says what is shown of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from orrery_engine.formats import ending
from orrery_engine.preview import detect
from orrery_engine.preview.budget import Budget
from orrery_engine.preview.cells import CellWriter
from orrery_engine.preview.channel import WorkerStore
from orrery_engine.preview.document import Document
from orrery_engine.preview.formats import contents
from orrery_engine.preview.shapes import Preview, PreviewColumn, PreviewFormat, WindowRequest
from orrery_engine.preview.sparse import SparseFile
from orrery_engine.preview.statistics import of_rows
from orrery_engine.preview.window import Window, window
from orrery_engine.schemas.reading import ReaderOptions
from orrery_wire.errors import Invalid

_FOLDERS: frozenset[PreviewFormat] = frozenset({"delta", "iceberg", "parts"})
_TABLES: frozenset[PreviewFormat] = frozenset(
    {"parquet", "csv", "json", "arrow", "orc", "avro", "excel"}
)
_MOST_PARTS = 10_000


@dataclass(frozen=True)
class Target:
    """What is opened: a file whose ends may be here already, or a folder."""

    store: WorkerStore
    path: str
    file: SparseFile | None
    scratch: Path
    memory: int


@dataclass
class Opened:
    """What is open for a source."""

    format: PreviewFormat
    document: Document | None = None
    content: Preview | None = None


def open_target(target: Target, request: WindowRequest) -> Opened:
    """What a request names, open.

    Raises:
        Invalid: it is damaged, or none of what is shown.
    """
    if target.file is None:
        return _folder(target, request)
    kind = request.format or _format(target.file, target.path)
    if kind in _FOLDERS:
        raise Invalid("This is a file, not the folder of a table", remedy="Choose the folder.")
    if not target.file.size and kind in _TABLES:
        raise Invalid("The file is empty", reason="It has 0 bytes.", remedy="Write it again.")
    if kind in _TABLES:
        return Opened(kind, document=_document(target, target.file, kind, request))
    return Opened(kind, content=_content(target.file, kind))


def _format(file: SparseFile, path: str) -> PreviewFormat:
    """What a file is; its beginning is read only if its end does not say it."""
    named = detect.by_name(path)
    if not file.size and named is not None:
        return named
    if named == "parquet" and file.read_range(max(0, file.size - 4), 4) in (b"PAR1", b"PARE"):
        return named
    return detect.by_content(file.read_range(0, 64), path)


def _document(
    target: Target, file: SparseFile, kind: PreviewFormat, request: WindowRequest
) -> Document:
    options = request.reading or ReaderOptions()
    own = ending(target.path)
    if kind == "parquet":
        from orrery_engine.preview.formats.parquet import ParquetDocument

        return ParquetDocument(file)
    if kind == "csv":
        from orrery_engine.preview.formats.delimited import DelimitedDocument

        return DelimitedDocument(file, own, options)
    if kind in ("json", "avro"):
        from orrery_engine.preview.formats import records

        return records.JsonDocument(file, own) if kind == "json" else records.AvroDocument(file)
    if kind in ("arrow", "orc"):
        from orrery_engine.preview.formats import arrow

        return arrow.arrow_document(file) if kind == "arrow" else arrow.OrcDocument(file)
    from orrery_engine.preview.formats.excel import ExcelDocument

    return ExcelDocument(
        file, own or ".xlsx", request.sheet, options, target.scratch, target.memory
    )


def _content(file: SparseFile, kind: PreviewFormat) -> Preview:
    if kind == "text":
        text, encoding, note = contents.text_of(file)
        reading = ReaderOptions(encoding=encoding)
        return Preview(format=kind, text=text, reading=reading, notes=(note,) if note else ())
    if kind == "notebook":
        cells, notes = contents.notebook_of(file)
        return Preview(format=kind, cells=cells, notes=tuple(notes))
    if kind == "image":
        media = contents.image_type(file.read_range(0, 16))
        if not media:
            raise Invalid(
                "The picture cannot be shown", reason="It is of no kind that browsers draw."
            )
        width, height = contents.image_size(file, media)
        return Preview(format=kind, media=media, width=width, height=height)
    if kind == "pdf":
        return Preview(format=kind, media="application/pdf")
    text, note = contents.hexadecimal(file)
    return Preview(format="binary", text=text, notes=(note,) if note else ())


def _folder(target: Target, request: WindowRequest) -> Opened:
    """A table that is a folder."""
    kind = request.format or _folder_format(target)
    if kind == "delta":
        from orrery_engine.preview.formats.delta import delta_document

        document: Document = delta_document(
            target.store, target.path, request.snapshot, target.scratch
        )
        return Opened(kind, document=document)
    if kind == "iceberg":
        from orrery_engine.preview.formats.iceberg import iceberg_document

        return Opened(kind, document=iceberg_document(target.store, target.path, request.snapshot))
    if kind == "parts":
        return Opened(kind, document=_parts(target))
    raise Invalid("This is a folder", remedy="Choose a file in it.")


def _folder_format(target: Target) -> PreviewFormat:
    names = {item.name for item in target.store.listed(target.path, most=1_000)}
    if "_delta_log" in names:
        return "delta"
    if "metadata" in names:
        below = f"{target.path}/metadata" if target.path else "metadata"
        inner = target.store.listed(below, most=1_000)
        if any(item.name.endswith((".metadata.json", ".metadata.json.gz")) for item in inner):
            return "iceberg"
    return "parts"


def _parts(target: Target) -> Document:
    """The Parquet files of a folder as one table."""
    from orrery_engine.preview.formats.parquet import ParquetDocument
    from orrery_engine.preview.formats.parts import Part, PartsDocument, by_name
    from orrery_engine.readers.columns import plain_partitions
    from orrery_engine.readers.files import FileEntry, partitions

    listed = target.store.listed(target.path, is_recursive=True, most=_MOST_PARTS)
    files = [item for item in listed if _is_part(item.path, target.path) and item.size]
    if not files:
        raise Invalid(
            "The folder holds no table that is shown",
            reason="It is neither a Delta nor an Iceberg table, and no Parquet file is in it.",
            remedy="Choose a file in it.",
        )
    files.sort(key=lambda item: item.path)
    folders = partitions(target.path, [FileEntry(item.path, item.size or 0) for item in files])
    constants = plain_partitions(folders)
    sizes = {item.path: item.size for item in files}
    first = ParquetDocument(target.store.open(files[0].path, None))
    named = list(dict.fromkeys(name for own in constants for name, _ in own))
    stored = first.schema
    own_names = [name for name in named if name not in stored.names]
    schema = pa.schema([*stored, *(pa.field(name, pa.string()) for name in own_names)])
    places = {name: len(stored) + place for place, name in enumerate(own_names)}
    parts = [
        Part(item.path, None, {places[name]: value for name, value in own if name in places})
        for item, own in zip(files, constants, strict=True)
    ]
    document = PartsDocument(
        parts, schema, lambda path: ParquetDocument(target.store.open(path, None)), by_name(schema)
    )
    document.facts.partitions = tuple(own_names)
    document.facts.note(
        f"{len(files):,} Parquet files are shown as one table; the columns are those of the first."
    )
    if len(listed) >= _MOST_PARTS:
        document.facts.note(f"The folder holds more files; the first {len(sizes):,} are shown.")
    return document


def _is_part(path: str, folder: str) -> bool:
    inner = path.removeprefix(f"{folder}/") if folder else path
    is_visible = not any(part.startswith((".", "_")) for part in inner.split("/"))
    return is_visible and detect.by_name(path) == "parquet"


def show(
    opened: Opened, request: WindowRequest, budget: Budget, *, as_arrow: bool
) -> tuple[Preview, bytes]:
    """The window that is asked for, and its rows as a stream of Arrow if these are wanted."""
    document = opened.document
    if document is None:
        return opened.content or Preview(format=opened.format), b""
    document.use(budget)
    result = window(document, request, budget)
    preview = _preview(opened.format, document, result, request)
    if as_arrow:
        return preview, _stream(document, result)
    writer = CellWriter()
    cells = [writer.column(result.table.column(place)) for place in range(len(result.places))]
    rows = tuple(zip(*cells, strict=True)) if cells else ()
    return preview.model_copy(update={"rows": rows, "cut_cells": writer.cut}), b""


def _stream(document: Document, result: Window) -> bytes:
    names = [document.columns[place].name for place in result.places]
    table = result.table.rename_columns(names)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def _preview(
    kind: PreviewFormat, document: Document, result: Window, request: WindowRequest
) -> Preview:
    facts = document.facts
    is_all = result.total == result.table.num_rows and result.is_whole
    own = (
        of_rows(
            result.table,
            [document.columns[place].kind for place in result.places],
            is_whole=is_all,
        )
        if request.statistics
        else [None] * len(result.places)
    )
    columns = []
    for place, computed in zip(result.places, own, strict=True):
        column = document.columns[place]
        columns.append(
            PreviewColumn(
                index=place,
                name=column.name.encode("utf-8", "replace").decode(),
                type=column.type,
                kind=column.kind,
                is_guessed=column.is_guessed,
                statistics=computed or document.source_statistics(place),
            )
        )
    return Preview(
        format=kind,
        columns=tuple(columns),
        column_count=len(document.columns),
        row_count=result.table.num_rows,
        offset=request.offset,
        has_more=result.has_more,
        total=result.total,
        total_kind=result.total_kind,
        searched=result.searched,
        is_whole=result.is_whole,
        notes=tuple(facts.notes),
        reading=facts.reading,
        sheet=facts.sheet,
        sheets=facts.sheets,
        snapshot=facts.snapshot,
        snapshots=facts.snapshots,
        schema_changed=facts.schema_changed,
        partitions=facts.partitions,
    )


def damage_of(kind: Any, problem: BaseException) -> Invalid:
    """What is said of a file that its reader could not read."""
    named = _NAMES.get(kind, "file")
    return Invalid(
        f"The {named} cannot be read",
        reason="It is damaged or was cut short: what it says of itself does not fit what it holds.",
        remedy="Fetch it or write it again.",
        details={"kind": type(problem).__name__},
    )


_NAMES: Mapping[str, str] = {
    "parquet": "Parquet file",
    "arrow": "Arrow file",
    "orc": "ORC file",
    "avro": "Avro file",
    "excel": "workbook",
    "json": "JSON file",
    "csv": "text file",
    "delta": "Delta table",
    "iceberg": "Iceberg table",
    "parts": "folder of Parquet files",
}
