"""Iceberg tables: metadata and manifests by pyiceberg over the store, and of the data files only what is shown."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyiceberg.io import FileIO, InputFile, InputStream, OutputFile
from pyiceberg.io.pyarrow import schema_to_pyarrow
from pyiceberg.serializers import FromInputFile
from pyiceberg.table import StaticTable

from orrery_engine.preview.channel import WorkerStore
from orrery_engine.preview.formats.parquet import ParquetDocument
from orrery_engine.preview.formats.parts import Matching, Part, PartsDocument
from orrery_engine.preview.shapes import Snapshot
from orrery_wire.errors import Invalid, NotFound, OrreryError

if TYPE_CHECKING:
    from pyiceberg.table.metadata import TableMetadata

METADATA = "metadata"
_NAME = re.compile(r"^(?:v(\d+)|(\d+)-[0-9a-f-]{36})(?:\.gz)?\.metadata\.json(?:\.gz)?$")
_MOST_LISTED = 20_000
_MOST_FILES = 20_000
_SHOWN_SNAPSHOTS = 100
_FIELD_ID = b"PARQUET:field_id"


class StoreInput(InputFile):
    """A file of the store, for pyiceberg."""

    def __init__(self, location: str, path: str, store: WorkerStore) -> None:
        super().__init__(location)
        self._path = path
        self._store = store

    @cached_property
    def _content(self) -> bytes:
        return self._store.files([self._path])[0]

    def __len__(self) -> int:
        return len(self._content)

    def exists(self) -> bool:
        """Whether it can be read."""
        try:
            return bool(self._content)
        except NotFound:
            return False

    def open(self, seekable: bool = True) -> InputStream:
        """Its content: metadata and manifests are small."""
        return io.BytesIO(self._content)


class StoreIO(FileIO):
    """The store, for pyiceberg; it only reads."""

    def __init__(self, store: WorkerStore, base: str, folder: str) -> None:
        super().__init__({})
        self._store = store
        # The address that the table has in its own metadata, and where it is in the store.
        self._base = base.rstrip("/")
        self._folder = folder

    def path_of(self, location: str) -> str:
        """Where a file that the metadata names is in the store.

        Raises:
            Invalid: it is not below the table.
        """
        if not location.startswith(f"{self._base}/"):
            raise Invalid(
                "The Iceberg table cannot be shown",
                reason="It names files outside of its folder.",
                remedy="Read it with the program that wrote it.",
            )
        inner = location[len(self._base) + 1 :]
        return f"{self._folder}/{inner}" if self._folder else inner

    def new_input(self, location: str) -> InputFile:
        """A file to read."""
        return StoreInput(location, self.path_of(location), self._store)

    def new_output(self, location: str) -> OutputFile:
        """Nothing is written."""
        raise PermissionError(location)

    def delete(self, location: str | InputFile | OutputFile) -> None:
        """Nothing is deleted."""
        raise PermissionError(str(location))


def iceberg_document(store: WorkerStore, folder: str, snapshot: str) -> PartsDocument:
    """The table in a folder, as it is now or as it was at a snapshot.

    Raises:
        NotFound: there is no such snapshot any more.
        Invalid: its metadata is damaged, or it is written in a way that is not shown.
    """
    try:
        metadata = _metadata(store, folder)
        return _document(store, folder, metadata, snapshot)
    except OrreryError:
        raise
    except Exception as problem:  # its library raises classes of all kinds
        raise Invalid(
            "The Iceberg table cannot be read",
            reason="Its metadata is damaged, or newer than what is known here.",
            remedy="Read it with the program that wrote it.",
        ) from problem


def _metadata(store: WorkerStore, folder: str) -> TableMetadata:
    """The newest metadata of the table."""
    where = f"{folder}/{METADATA}" if folder else METADATA
    numbered = [
        (int(match[1] or match[2]), item.path)
        for item in store.listed(where, most=_MOST_LISTED)
        if (match := _NAME.match(item.name))
    ]
    if not numbered:
        raise Invalid("The folder is no Iceberg table", reason="It holds no metadata of one.")
    path = max(numbered)[1]
    return FromInputFile.table_metadata(StoreInput(path, path, store))


def _document(
    store: WorkerStore, folder: str, metadata: TableMetadata, snapshot: str
) -> PartsDocument:
    files = StoreIO(store, metadata.location, folder)
    table = StaticTable(
        identifier=("table",),
        metadata=metadata,
        metadata_location="",
        io=files,
        catalog=None,  # type: ignore[arg-type]
    )
    chosen = _chosen(metadata, snapshot)
    schema = table.schema()
    if chosen is not None and chosen.schema_id is not None and snapshot:
        schema = table.schemas().get(chosen.schema_id, schema)
    arrow = schema_to_pyarrow(schema, include_field_ids=False)
    parts: list[Part] = []
    if chosen is not None:
        for task in table.scan(snapshot_id=chosen.snapshot_id).plan_files():
            if task.delete_files:
                raise Invalid(
                    "The Iceberg table cannot be shown",
                    reason="Rows of its files are deleted by other files, which are not read here.",
                    remedy="Load it with the code that Insert gives, or compact it.",
                )
            if str(task.file.file_format).rpartition(".")[2].lower() != "parquet":
                raise Invalid(
                    "The Iceberg table cannot be shown", reason="Its data files are not Parquet."
                )
            parts.append(Part(files.path_of(task.file.file_path), task.file.record_count))
            if len(parts) > _MOST_FILES:
                raise Invalid(f"The table has more than {_MOST_FILES:,} files")
    parts.sort(key=lambda part: part.path)
    identifiers = [field.field_id for field in schema.fields]
    document = PartsDocument(
        parts,
        arrow,
        lambda path: ParquetDocument(store.open(path)),
        _by_id(identifiers, arrow.names),
    )
    document.facts.snapshot = str(chosen.snapshot_id) if chosen else ""
    document.facts.snapshots = tuple(_snapshots(metadata))
    document.facts.schema_changed = len({item.schema_id for item in metadata.snapshots}) > 1
    spec = table.spec()
    document.facts.partitions = tuple(str(field.name) for field in spec.fields)
    return document


def _chosen(metadata: TableMetadata, snapshot: str) -> Any:
    if not snapshot:
        return metadata.current_snapshot()
    chosen = metadata.snapshot_by_id(int(snapshot)) if snapshot.isdecimal() else None
    if chosen is None:
        raise NotFound(
            f"There is no snapshot {snapshot[:40]!r} of this table",
            reason="It has expired, or belongs to another table.",
            remedy="Choose one of the list.",
        )
    return chosen


def _by_id(identifiers: Sequence[int], names: Sequence[str]) -> Matching:
    """Matches columns by their ids, as names may have changed; by name in files that have no ids."""

    def matching(own: pa.Schema, place: int) -> int | None:
        has_ids = False
        for number, field in enumerate(own):
            text = (field.metadata or {}).get(_FIELD_ID)
            if text is not None:
                has_ids = True
                if int(text) == identifiers[place]:
                    return number
        if has_ids:
            return None
        indices = own.get_all_field_indices(names[place])
        return indices[0] if indices else None

    return matching


def _snapshots(metadata: TableMetadata) -> Iterator[Snapshot]:
    """The snapshots, the last first."""
    ordered = sorted(metadata.snapshots, key=lambda item: item.timestamp_ms)
    changes = {
        later.snapshot_id
        for earlier, later in pairwise(ordered)
        if earlier.schema_id != later.schema_id
    }
    for item in reversed(ordered[-_SHOWN_SNAPSHOTS:]):
        summary = item.summary
        total = summary.additional_properties.get("total-records") if summary else None
        yield Snapshot(
            id=str(item.snapshot_id),
            at=datetime.fromtimestamp(item.timestamp_ms / 1000, UTC),
            operation=summary.operation.value if summary else "",
            rows=int(total) if total and total.isdecimal() else None,
            changes_schema=item.snapshot_id in changes,
        )
