"""Delta and Iceberg tables and folders of Parquet as tables, with their earlier states."""

from __future__ import annotations

import json
from pathlib import Path

import deltalake
import pyarrow as pa
import pytest
from pyiceberg.catalog.memory import InMemoryCatalog

from orrery_engine.preview.shapes import label
from orrery_wire.errors import Invalid, NotFound
from tests.engine.lake.stores import Place
from tests.engine.preview import files
from tests.engine.preview.conftest import Previews

FIRST = pa.table({"a": [1, 2, 3], "p": ["x", "y z", "x"]})
SECOND = pa.table({"a": [4], "p": ["z"], "b": [1.5]})


def delta_files(folder: Path) -> dict[str, bytes]:
    """The files of a Delta table with two commits, of which the second adds a column."""
    deltalake.write_deltalake(folder, FIRST, partition_by=["p"])
    deltalake.write_deltalake(folder, SECOND, mode="append", schema_mode="merge")
    return contents(folder, "t")


def contents(folder: Path, name: str) -> dict[str, bytes]:
    return {
        f"{name}/{path.relative_to(folder)}": path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_delta_table_and_its_versions(
    place: Place, previews: Previews, tmp_path_factory: pytest.TempPathFactory
) -> None:
    place.put(delta_files(tmp_path_factory.mktemp("delta") / "t"))
    shown = previews(place, "t", is_folder=True)
    assert shown.format == "delta"
    assert [column.name for column in shown.columns] == ["a", "p", "b"]
    assert sorted(map(str, shown.rows)) == sorted(
        map(str, [(1, "x", None), (3, "x", None), (2, "y z", None), (4, "z", 1.5)])
    )
    assert (shown.total, shown.total_kind, shown.snapshot, shown.partitions) == (
        4,
        "exact",
        "1",
        ("p",),
    )
    assert shown.schema_changed
    assert [(item.id, item.operation, item.changes_schema) for item in shown.snapshots] == [
        ("1", "WRITE", True),
        ("0", "WRITE", False),
    ]
    assert all(item.at for item in shown.snapshots)
    before = previews(place, "t", is_folder=True, snapshot="0")
    assert [column.name for column in before.columns] == ["a", "p"]
    assert before.total == 3
    found = previews(
        place, "t", is_folder=True, filters=[{"column": 1, "operator": "eq", "value": "z"}]
    )
    assert found.rows == ((4, "z", 1.5),)
    ordered = previews(
        place, "t", is_folder=True, sort=[{"column": 0, "is_descending": True}], limit=2
    )
    assert [row[0] for row in ordered.rows] == [4, 3]
    with pytest.raises(NotFound, match="no version '7'"):
        previews(place, "t", is_folder=True, snapshot="7")


def test_a_delta_table_goes_on_from_its_checkpoint(
    folder: Place, previews: Previews, tmp_path: Path
) -> None:
    where = tmp_path / "t"
    for number in range(4):
        deltalake.write_deltalake(where, pa.table({"a": [number]}), mode="append")
    deltalake.DeltaTable(where).create_checkpoint()
    deltalake.write_deltalake(where, pa.table({"a": [4]}), mode="append")
    assert previews(folder, "t", is_folder=True).total == 5
    (where / "_delta_log" / "00000000000000000001.json").unlink()
    assert previews(folder, "t", is_folder=True).total == 5
    with pytest.raises(NotFound, match="cannot be put together"):
        previews(folder, "t", is_folder=True, snapshot="2")


def test_a_delta_table_that_is_not_read_says_why(
    folder: Place, previews: Previews, tmp_path: Path
) -> None:
    deltalake.write_deltalake(tmp_path / "t", FIRST)
    log = tmp_path / "t" / "_delta_log" / "00000000000000000000.json"
    text = log.read_text()
    log.write_text(text.replace('"path":"part', '"path":"/etc/part'))
    with pytest.raises(Invalid, match="outside of its folder"):
        previews(folder, "t", is_folder=True)
    mapped = json.dumps({"delta.columnMapping.mode": "name"})
    log.write_text(text.replace('"configuration":{}', f'"configuration":{mapped}'))
    with pytest.raises(Invalid, match="olumn"):
        previews(folder, "t", is_folder=True)
    log.write_text(text[: len(text) // 2])
    with pytest.raises(Invalid, match="Delta table cannot be read"):
        previews(folder, "t", is_folder=True)
    log.unlink()
    with pytest.raises(Invalid, match="no Delta table"):
        previews(folder, "t", is_folder=True, format="delta")


def test_an_iceberg_table_and_its_snapshots(
    folder: Place, previews: Previews, tmp_path: Path
) -> None:
    catalog = InMemoryCatalog("c", warehouse=f"file://{tmp_path}/w")
    catalog.create_namespace("n")
    table = catalog.create_table("n.t", FIRST.schema, location=f"file://{tmp_path}/t")
    table.append(FIRST)
    with table.update_schema() as change:
        change.rename_column("p", "part").add_column(
            "b", __import__("pyiceberg.types").types.DoubleType()
        )
    table.append(pa.table({"a": [4], "part": ["z"], "b": [1.5]}))
    shown = previews(folder, "t", is_folder=True)
    assert shown.format == "iceberg"
    assert [column.name for column in shown.columns] == ["a", "part", "b"]
    assert sorted(map(str, shown.rows)) == sorted(
        map(str, [(1, "x", None), (2, "y z", None), (3, "x", None), (4, "z", 1.5)])
    )
    assert (shown.total, shown.schema_changed, len(shown.snapshots)) == (4, True, 2)
    assert [item.rows for item in shown.snapshots] == [4, 3]
    first = shown.snapshots[1]
    before = previews(folder, "t", is_folder=True, snapshot=first.id)
    assert [column.name for column in before.columns] == ["a", "p"]
    assert before.total == 3
    with pytest.raises(NotFound, match="no snapshot"):
        previews(folder, "t", is_folder=True, snapshot="12")
    for path in (tmp_path / "t" / "metadata").glob("*.avro"):
        path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(Invalid, match="Iceberg table cannot be read"):
        previews(folder, "t", is_folder=True)


def test_a_folder_of_parquet_files_is_a_table(place: Place, previews: Previews) -> None:
    place.put(
        {
            "t/year=2025/a.parquet": files.parquet(pa.table({"a": [1, 2]})),
            "t/year=2026/b.parquet": files.parquet(pa.table({"a": [3], "more": ["x"]})),
            "t/_SUCCESS": b"",
            "empty/readme.txt": b"x",
        }
    )
    shown = previews(place, "t", is_folder=True)
    assert shown.rows == ((1, "2025"), (2, "2025"), (3, "2026"))
    assert shown.partitions == ("year",)
    assert label(shown) == "all 3 rows"
    with pytest.raises(Invalid, match="no table"):
        previews(place, "empty", is_folder=True)
