"""Delta tables: the log is fetched, read by its library, and of the files that it names only what is shown."""

from __future__ import annotations

import json
import re
import shutil
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa

from orrery_engine.preview.channel import Listed, WorkerStore
from orrery_engine.preview.formats.parquet import ParquetDocument
from orrery_engine.preview.formats.parts import Part, PartsDocument, by_name
from orrery_engine.preview.shapes import Snapshot
from orrery_wire.errors import Invalid, NotFound

LOG = "_delta_log"
_COMMIT = re.compile(r"^(\d{20})\.json$")
_CHECKPOINT = re.compile(r"^(\d{20})\.checkpoint(?:\.(\d{10})\.(\d{10}))?\.parquet$")
_NEWER_CHECKPOINT = re.compile(r"^(\d{20})\.checkpoint\.[0-9a-f-]{36}\.(json|parquet)$")
_MOST_LOG = 20_000
_SHOWN_SNAPSHOTS = 50
_UNREADABLE = {
    "deletionVectors": "rows of its files are marked as deleted (deletion vectors)",
    "columnMapping": "its files call the columns by other names (column mapping)",
}


def delta_document(store: WorkerStore, folder: str, snapshot: str, scratch: Path) -> PartsDocument:
    """The table in a folder, as it is now or as it was at a version.

    Raises:
        NotFound: there is no such version any more.
        Invalid: its log is damaged, or it is written in a way that is not shown.
    """
    listed = {
        item.name: item
        for item in store.listed(f"{folder}/{LOG}" if folder else LOG, most=_MOST_LOG)
    }
    version = _version(listed, snapshot)
    needed = _needed(listed, version)
    copy = scratch / f"delta-{uuid.uuid4().hex}"
    try:
        (copy / LOG).mkdir(parents=True)
        contents = dict(
            zip(needed, store.files([listed[name].path for name in needed]), strict=True)
        )
        for name, content in contents.items():
            (copy / LOG / name).write_bytes(content)
        return _document(store, folder, copy, version, contents)
    finally:
        shutil.rmtree(copy, ignore_errors=True)


def _version(listed: dict[str, Listed], snapshot: str) -> int:
    versions = [int(match[1]) for name in listed if (match := _COMMIT.match(name))]
    if not versions:
        raise Invalid("The folder is no Delta table", reason="Its log holds no commit.")
    if not snapshot:
        return max(versions)
    if not snapshot.isdecimal() or int(snapshot) not in versions:
        raise NotFound(
            f"There is no version {snapshot[:40]!r} of this table",
            reason=f"Its log holds {min(versions):,} to {max(versions):,}.",
            remedy="Choose one of these.",
        )
    return int(snapshot)


def _needed(listed: dict[str, Listed], version: int) -> list[str]:
    """The files of the log that make a version, and the commits that tell of the last ones."""
    if any(_NEWER_CHECKPOINT.match(name) for name in listed):
        raise Invalid(
            "The Delta table cannot be shown",
            reason="Its log has checkpoints of the second form, which are not read here.",
            remedy="Read it with Spark or DuckDB.",
        )
    parts: dict[int, list[tuple[str, int]]] = {}
    for name in listed:
        match = _CHECKPOINT.match(name)
        if match and int(match[1]) <= version:
            parts.setdefault(int(match[1]), []).append((name, int(match[3] or 1)))
    whole = [own for own, names in parts.items() if len(names) == names[0][1]]
    begin = max(whole, default=-1)
    commits = {int(match[1]): name for name in listed if (match := _COMMIT.match(name))}
    lack = [own for own in range(begin + 1, version + 1) if own not in commits]
    if lack:
        raise NotFound(
            f"Version {version:,} of this table cannot be put together any more",
            reason=f"The commit {lack[0]:,} of its log was removed.",
            remedy="Choose a later version.",
        )
    first = min(begin + 1, max(commits) - _SHOWN_SNAPSHOTS)
    names = [name for name, _ in parts.get(begin, [])]
    return names + [
        name for own, name in sorted(commits.items()) if own >= first and own <= max(commits)
    ]


def _document(
    store: WorkerStore, folder: str, copy: Path, version: int, contents: dict[str, bytes]
) -> PartsDocument:
    import deltalake

    # Later commits stand in the copy for their facts; the library reads up to the version.
    try:
        table = deltalake.DeltaTable(str(copy), version=version)
        features = set(table.protocol().reader_features or ())
        schema = pa.schema(table.schema().to_arrow())
        actions = pa.table(table.get_add_actions(flatten=True)).to_pylist()
        partitions = tuple(table.metadata().partition_columns)
        mapping = table.metadata().configuration.get("delta.columnMapping.mode", "none")
    except Exception as problem:  # its library raises classes of all kinds
        raise Invalid(
            "The Delta table cannot be read",
            reason="Its log is damaged, or newer than what is known here.",
            remedy="Read it with the program that wrote it.",
        ) from problem
    _refuse(features, mapping, contents)
    names = schema.names
    parts = [
        Part(
            _joined(folder, unquote(action["path"])),
            action.get("num_records"),
            {
                names.index(name): action.get(f"partition.{name}")
                for name in partitions
                if name in names
            },
        )
        for action in sorted(actions, key=lambda item: str(item["path"]))
    ]
    document = PartsDocument(
        parts, schema, lambda path: ParquetDocument(store.open(path)), by_name(schema)
    )
    document.facts.snapshot = str(version)
    document.facts.snapshots = tuple(_snapshots(contents))
    document.facts.schema_changed = any(item.changes_schema for item in document.facts.snapshots)
    document.facts.partitions = partitions
    return document


def _refuse(features: set[str], mapping: str, contents: dict[str, bytes]) -> None:
    reasons = []
    if "deletionVectors" in features and any(
        b'"deletionVector":{' in text for text in contents.values()
    ):
        reasons.append(_UNREADABLE["deletionVectors"])
    if mapping != "none":
        reasons.append(_UNREADABLE["columnMapping"])
    if reasons:
        raise Invalid(
            "The Delta table cannot be shown",
            reason=f"{reasons[0].capitalize()}, which is not read here.",
            remedy="Read it with Spark or DuckDB.",
        )


def _joined(folder: str, path: str) -> str:
    if "://" in path or path.startswith("/"):
        raise Invalid(
            "The Delta table cannot be shown",
            reason="It names files outside of its folder (a shallow clone).",
            remedy="Read it with the program that wrote it.",
        )
    return f"{folder}/{path}" if folder else path


def _snapshots(contents: dict[str, bytes]) -> Iterator[Snapshot]:
    """The versions that the log tells of, the last first."""
    commits = [(int(match[1]), name) for name in contents if (match := _COMMIT.match(name))]
    has_schema = False
    result = []
    for version, name in sorted(commits):
        facts = _commit(contents[name])
        is_change = "metaData" in facts and has_schema
        has_schema = has_schema or "metaData" in facts or version > 0
        info: Any = facts.get("commitInfo") or {}
        metrics = info.get("operationMetrics") or {}
        rows = metrics.get("num_added_rows", metrics.get("numOutputRows"))
        result.append(
            Snapshot(
                id=str(version),
                at=_moment(info.get("timestamp")),
                operation=str(info.get("operation", ""))[:100],
                rows=int(str(rows)) if str(rows).isdecimal() else None,
                changes_schema=is_change,
            )
        )
    yield from reversed(result)


def _commit(text: bytes) -> dict[str, Any]:
    """The actions of a commit by their kinds, of each kind the last."""
    result: dict[str, Any] = {}
    for line in text.splitlines():
        if not line.startswith((b'{"commitInfo"', b'{"metaData"')):
            continue
        try:
            result |= json.loads(line)
        except (ValueError, RecursionError):
            continue
    return result


def _moment(milliseconds: object) -> datetime | None:
    if not isinstance(milliseconds, int):
        return None
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def is_delta(names: Sequence[str]) -> bool:
    """Whether a folder with these names is a table."""
    return LOG in names
