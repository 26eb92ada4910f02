"""Damaged, cut and hostile files: words for a person, in time, and the next file is shown as ever."""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import time
import zipfile
from pathlib import Path

import pyarrow as pa
import pytest

from orrery_engine.preview.pool import PreviewPool
from orrery_engine.preview.previewer import Previewer
from orrery_engine.preview.shapes import WindowRequest
from orrery_engine.preview.source import Limits
from orrery_wire.errors import Invalid, OrreryError
from tests.effort import trials
from tests.engine.lake.stores import Place
from tests.engine.preview import files
from tests.engine.preview.conftest import Previews

TABLE = files.table(200)
FILES = files.all_files(TABLE)
_SECONDS = 10


def outcome(previews: Previews, place: Place, name: str, **more: object) -> str:
    """What becomes of a file: "shown", or what is said; anything else fails the test."""
    begun = time.monotonic()
    failure: OrreryError | None = None
    try:
        previews(place, name, **more)
    except OrreryError as problem:
        failure = problem
    result = "shown" if failure is None else str(failure)
    assert failure is None or failure.code != "internal_error", failure
    assert "Traceback" not in result
    assert len(result) < 700
    assert time.monotonic() - begun < _SECONDS, name
    return result


def test_files_cut_anywhere_are_told_from_whole_ones(folder: Place, previews: Previews) -> None:
    for name, content in FILES.items():
        for share in (0.0, 0.02, 0.5, 0.98):
            cut = content[: int(len(content) * share)]
            folder.put({f"{share}-{name}": cut})
            result = outcome(previews, folder, f"{share}-{name}", limit=1_000)
            if name in ("a.parquet", "a.arrow", "a.feather", "a.orc", "a.xlsx"):
                assert result != "shown", (name, share)
    folder.put({"a.parquet": FILES["a.parquet"]})
    assert previews(folder, "a.parquet").total == 200


def test_files_with_other_bytes_never_harm(folder: Place, previews: Previews) -> None:
    chance = random.Random(12)
    for name, content in FILES.items():
        for number in range(trials(200, 6)):
            damaged = bytearray(content)
            for _ in range(chance.choice((1, 8, 64))):
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
            folder.put({f"{number}-{name}": bytes(damaged)})
            outcome(previews, folder, f"{number}-{name}", limit=1_000)
    folder.put({"a.csv": FILES["a.csv"]})
    assert previews(folder, "a.csv").row_count == 100


def test_names_that_lie_are_seen_through(folder: Place, previews: Previews) -> None:
    folder.put(
        {
            "a.csv": FILES["a.parquet"],
            "b.parquet": FILES["a.csv"],
            "c.json": FILES["a.avro"],
            "d.csv": FILES["a.xlsx"],
        }
    )
    assert previews(folder, "a.csv").format == "parquet"
    assert previews(folder, "c.json").format == "avro"
    assert "not whole" in outcome(previews, folder, "b.parquet", format="parquet")
    assert outcome(previews, folder, "d.csv") != "shown"


def bombs() -> dict[str, bytes]:
    """Files of few bytes that unpack to many, or hold what takes long to look at."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * 150_000_000)
        archive.writestr("[Content_Types].xml", b"<x/>")
    deep = "[" * 100_000 + "]" * 100_000
    wide = ",".join(f"c{number}" for number in range(120_000))
    return {
        "bomb.xlsx": sink.getvalue(),
        "zeros.csv.gz": gzip.compress(b"a,b\n" + b"0" * 60_000_000, 1),
        "rows.csv.gz": gzip.compress(b"a,b\n" + b"1,2\n" * 3_000_000, 1),
        "deep.json": deep.encode(),
        "deep.jsonl": (f'{{"a": {"[" * 5_000}1{"]" * 5_000}}}\n' * 3).encode(),
        "keys.json": json.dumps([{f"k{number}": 1 for number in range(30_000)}]).encode(),
        "wide.csv": f"{wide}\n{wide}\n".encode(),
        "line.csv": b"a,b\n" + b"x" * 20_000_000,
        "quote.csv": b'a,b\n1,"' + b"x\n" * 9_000_000,
        "nul.csv": b"a,b\n\0,\0\n" * 1_000,
        "sizes.parquet": b"PAR1" + b"\0" * 100 + (2**31 - 5).to_bytes(4, "little") + b"PAR1",
        "negative.parquet": b"PAR1" + b"\xff" * 64 + (64).to_bytes(4, "little") + b"PAR1",
        "huge.png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\x7f\xff\xff\xff" * 2 + b"\0" * 30,
        "cells.ipynb": json.dumps({"cells": "x"}).encode(),
        "blocks.avro": b"Obj\x01" + b"\xff" * 200,
        "long.arrow": b"ARROW1\0\0" + b"\xff" * 100 + b"\x7f\xff\xff\x7f" + b"ARROW1",
    }


def test_bombs_take_neither_memory_nor_time(folder: Place) -> None:
    own = Previews()
    own.previewer = Previewer(
        PreviewPool(1), Limits(bytes=64 * 2**20, seconds=1.5, memory=700 * 2**20)
    )
    try:
        folder.put(bombs())
        results = {name: outcome(own, folder, name) for name in bombs()}
        refused = (
            "bomb.xlsx",
            "deep.json",
            "keys.json",
            "sizes.parquet",
            "negative.parquet",
            "huge.png",
            "cells.ipynb",
            "blocks.avro",
            "long.arrow",
            "zeros.csv.gz",
            "line.csv",
        )
        assert {name: results[name] for name in refused if results[name] == "shown"} == {}
        assert results["rows.csv.gz"] == "shown"
        assert results["deep.jsonl"] == "shown" or "nested" in results["deep.jsonl"]
        folder.put({"a.parquet": FILES["a.parquet"]})
        assert own(folder, "a.parquet").total == 200
    finally:
        own.close()


def test_values_at_the_edges_are_shown(folder: Place, previews: Previews) -> None:
    nested = pa.array([[{"a": float("nan"), "b": b"\0\xff"}]])
    data = pa.table(
        {
            "whole": pa.array([2**63 - 1], pa.int64()),
            "real": pa.array([float("inf")]),
            "decimal": pa.array(
                [pa.scalar("123456789012345678901234567890.12").cast(pa.decimal128(38, 2))]
            ),
            "year": pa.array([253402300800 + 10**10], pa.timestamp("s")),
            "early": pa.array([-(10**6)], pa.date32()),
            "zone": pa.array([0], pa.timestamp("us", "Europe/Berlin")),
            "length": pa.array([10**9], pa.duration("ms")),
            "bytes": pa.array([b"\xff" * 100]),
            "text": pa.array(["<img src=x onerror=alert(1)>" + "x" * 5_000]),
            "nested": nested,
            "map": pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int64())),
            "category": pa.array(["a"]).dictionary_encode(),
            "nothing": pa.nulls(1),
        }
    )
    folder.put({"a.arrow": files.arrow(data)})
    (row,) = previews(folder, "a.arrow").rows
    values = dict(zip(data.column_names, row, strict=True))
    assert values["whole"] == str(2**63 - 1)
    assert values["real"] == "inf"
    assert values["decimal"] == "123456789012345678901234567890.12"
    assert str(values["year"]).startswith(("2", "+1", "1")), values["year"]
    assert values["bytes"].startswith("0x" + "ff" * 64)
    assert str(values["text"]).endswith("…")
    assert json.loads(str(values["nested"])) == [{"a": "nan", "b": "0x00ff"}]
    assert json.loads(str(values["map"])) == [["k", 1]]
    assert (values["category"], values["nothing"]) == ("a", None)
    assert previews(folder, "a.arrow").cut_cells == 2


def test_text_that_is_no_unicode_is_shown_with_marks(folder: Place, previews: Previews) -> None:
    data = pa.Array.from_buffers(
        pa.string(),
        2,
        [None, pa.array([0, 2, 3], pa.int32()).buffers()[1], pa.py_buffer(b"\xff\xfea")],
    )
    folder.put({"a.arrow": files.arrow(pa.table({"t": data}))})
    assert previews(folder, "a.arrow").rows == (("\ufffd\ufffd",), ("a",))


def test_ragged_rows_keep_all_that_they_hold(folder: Place, previews: Previews) -> None:
    folder.put({"a.csv": b"a,b\n1,2\n3\n4,5,6\n7,8\n" + b"1,2\n" * 50})
    shown = previews(folder, "a.csv")
    assert shown.rows[:3] == (("1", "2"), ("3", None), ("4", "5,6"))
    assert any("another number of fields" in note for note in shown.notes)


def test_faults_behind_the_first_rows_are_said(folder: Place, previews: Previews) -> None:
    folder.put(
        {
            "a.jsonl": b'{"a": 1}\n{"a": \n{"a": 3, "b": 4}\n',
            "b.json": b'[{"a": 1}, {"a": 2}, {"a": 3',
            "c.csv.gz": gzip.compress(os.urandom(200_000).hex().encode().replace(b"f", b"\n"))[
                :-5_000
            ],
        }
    )
    lines = previews(folder, "a.jsonl")
    assert [row[0] for row in lines.rows] == [1, None, 3]
    assert any("no JSON" in note for note in lines.notes)
    assert [row[0] for row in previews(folder, "b.json").rows] == [1, 2]
    cut = previews(folder, "c.csv.gz", limit=10_000, offset=20_000)
    assert any("cut short" in note for note in cut.notes), cut.notes


def test_a_budget_of_bytes_is_kept_and_said(folder: Place) -> None:
    own = Previews()
    own.previewer = Previewer(PreviewPool(1), Limits(bytes=4 * 2**20, seconds=10))
    try:
        text = b"id,name\n" + b"".join(
            b"%d,%s\n" % (number, b"x" * 90) for number in range(200_000)
        )
        folder.put({"a.csv": text})
        found = own(folder, "a.csv", filters=[{"column": 0, "operator": "eq", "value": 199_999}])
        assert (found.row_count, found.is_whole) == (0, False)
        assert 20_000 < (found.searched or 0) < 60_000
        assert found.transfer.bytes < 6 * 2**20
        far = own(folder, "a.csv", offset=190_000)
        assert far.row_count == 0
        assert any("was not reached" in note for note in far.notes)
    finally:
        own.close()


def test_a_preview_that_nobody_waits_for_ends(folder: Place, previews: Previews) -> None:
    import asyncio

    folder.put({"a.csv.gz": gzip.compress(b"a,b\n" + b"1,2\n" * 5_000_000, 1)})

    async def give_up() -> None:
        request = WindowRequest.model_validate({"sort": [{"column": 0}]})
        task = asyncio.create_task(previews.previewer.preview(folder.open(), "a.csv.gz", request))
        await asyncio.sleep(0.4)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    previews.run(give_up())
    folder.put({"a.parquet": FILES["a.parquet"]})
    assert previews(folder, "a.parquet").total == 200


def test_a_path_leads_out_of_no_store(folder: Place, previews: Previews) -> None:
    folder.put({"a.csv": b"a\n1\n"})
    Path(folder.spec.bucket, "out.csv").symlink_to("/etc/passwd")
    os.mkfifo(f"{folder.spec.bucket}/pipe.csv")
    for path in ("../../etc/passwd", "out.csv", "pipe.csv", "a/../../b", "x\0y", ""):
        with pytest.raises(OrreryError):
            previews(folder, path)
    with pytest.raises(Invalid):
        previews(folder, "out.csv")
