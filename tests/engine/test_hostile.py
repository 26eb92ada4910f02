"""Files that are made to do harm, and frames that nobody meant: a clear failure or a whole profile."""

from __future__ import annotations

import gzip
import json
import pickle
import random
import resource
import tempfile
import time
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orrery_engine.error_mapping import failure
from orrery_engine.readers import convert
from orrery_engine.schemas import WorkerEvent
from orrery_wire.errors import Invalid
from tests.effort import examples, trials
from tests.engine.worker_jobs import Told, Worker, done, job, of_table, profiled, resolved

GROWTH = 600 * 2**10  # Kilobytes that a hostile file may cost.


def refused(path: Path, scratch: Path, **more: Any) -> str:
    """What is told of a file that is refused."""
    with pytest.raises(BaseException) as problem:  # noqa: PT011 - polars panics are no Exception
        done(job(resolved(path, **more), scratch))
    told = failure(problem.value)
    assert told.code != "internal_error", told
    assert told.message
    assert told.remedy
    assert "Traceback" not in told.reason
    return f"{told.message} {told.reason}"


class Canary:
    """Leaves a mark when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return Path.touch, (self.mark,)


@pytest.mark.parametrize("form", ["parquet", "csv", "json", "arrow", "excel"])
@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_pickles_are_refused_and_never_run(form: str, protocol: int, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    path = tmp_path / f"data.{form}"
    path.write_bytes(pickle.dumps(Canary(mark), protocol))
    assert "pickle" in refused(path, tmp_path / "s", format=form)
    assert not mark.exists()


def test_extension_types_are_read_as_what_they_store(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    meta = {
        b"ARROW:extension:name": b"arrow.py_extension_type",
        b"ARROW:extension:metadata": pickle.dumps(Canary(mark)),
    }
    other = {b"ARROW:extension:name": b"nobody.knows", b"ARROW:extension:metadata": b"\xff\x00"}
    schema = pa.schema(
        [
            pa.field("p", pa.int64(), metadata=meta),
            pa.field("o", pa.string(), metadata=other),
            pa.field("u", pa.uuid()),
            pa.field("j", pa.json_()),
            pa.field("t", pa.fixed_shape_tensor(pa.int32(), [2])),
        ]
    )
    tensor = pa.ExtensionArray.from_storage(
        schema.field("t").type, pa.array([[1, 2], [3, 4]], pa.list_(pa.int32(), 2))
    )
    table = pa.Table.from_arrays(
        [
            pa.array([1, 2]),
            pa.array(["a", "b"]),
            pa.array([b"0" * 16, b"1" * 16], pa.uuid()),
            pa.ExtensionArray.from_storage(pa.json_(), pa.array(["{}", "[1]"])),
            tensor,
        ],
        schema=schema,
    )
    for ending in (".arrow", ".parquet"):
        told = of_table(table, tmp_path, ending=ending)
        assert told.named("p").total == 3
        assert [one.distinct for one in told.columns] == [2] * 5
        assert [one.note for one in told.columns] == [""] * 5
    assert not mark.exists()


def whole(table: pa.Table) -> bytes:
    """A Parquet file as bytes."""
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, row_group_size=50)
    return sink.getvalue().to_pybytes()


PARQUET = whole(
    pa.table(
        {
            "n": list(range(200)),
            "s": [f"t{one % 9}" for one in range(200)],
            "l": [[one] for one in range(200)],
        }
    )
)


@pytest.mark.parametrize(
    "cut", [0, 1, 4, 8, 100, len(PARQUET) // 2, len(PARQUET) - 9, len(PARQUET) - 1]
)
@pytest.mark.parametrize("form", ["parquet", "arrow", "excel"])
def test_truncated_files_are_refused(cut: int, form: str, tmp_path: Path) -> None:
    path = tmp_path / f"data.{form}"
    data = PARQUET
    if form == "arrow":
        pyarrow.feather.write_feather(pa.table({"n": list(range(200))}), str(path))
        data = path.read_bytes()
    elif form == "excel":
        pd.DataFrame({"n": range(200)}).to_excel(path.with_suffix(".xlsx"))
        data = path.with_suffix(".xlsx").read_bytes()
    path.write_bytes(data[: min(cut, len(data) - 1)])
    refused(path, tmp_path / "s", format=form)


@settings(max_examples=examples(150), deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32), many=st.integers(1, 20))
def test_mutated_parquet_never_ends_badly(seed: int, many: int) -> None:
    order = random.Random(seed)
    data = bytearray(PARQUET)
    for _ in range(many):
        data[order.randrange(len(data))] = order.randrange(256)
    survives(bytes(data), "parquet")


LINES = b'id,name,when\n1,"a ""b""",2024-01-01\n2,\xc3\xbc,2024-01-02\n'
RECORDS = b'{"id": 1, "v": {"a": [1, null]}}\n{"id": 2.5, "v": "x"}\n'


@settings(max_examples=examples(60), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    base=st.sampled_from([(LINES, "csv"), (RECORDS, "json")]),
    seed=st.integers(0, 2**32),
    many=st.integers(1, 12),
)
def test_mutated_text_never_ends_badly(base: tuple[bytes, str], seed: int, many: int) -> None:
    data, form = bytearray(base[0]), base[1]
    order = random.Random(seed)
    for _ in range(many):
        data[order.randrange(len(data))] = order.randrange(256)
    survives(bytes(data), form)


@settings(max_examples=examples(40), deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.binary(max_size=300), form=st.sampled_from(["csv", "json"]))
def test_any_bytes_never_end_badly(data: bytes, form: str) -> None:
    survives(data, form)


def survives(data: bytes, form: str) -> None:
    """A profile or a failure that a person can read, nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"data.{form}"
        path.write_bytes(data)
        ended = ""
        try:
            ended = done(job(resolved(path, format=form), Path(folder) / "s")).event[-1].event
        except BaseException as problem:  # noqa: BLE001 - polars panics are no Exception
            ended = failure(problem).code
        assert ended in ("done", "invalid", "not_found", "out_of_memory")


def test_mutated_arrow_never_ends_the_worker(tmp_path: Path) -> None:
    path = tmp_path / "data.arrow"
    table = pa.table(
        {
            "n": list(range(300)),
            "s": pa.array([f"t{one % 5}" for one in range(300)]).dictionary_encode(),
        }
    )
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=100)
    data = path.read_bytes()
    order = random.Random(11)
    worker = Worker()
    ends = []
    for _ in range(trials(60, 20)):
        broken = bytearray(data)
        for _ in range(order.randrange(1, 6)):
            broken[order.randrange(len(broken))] = order.randrange(256)
        path.write_bytes(bytes(broken))
        worker.send(job(resolved(path), tmp_path / "s").model_dump_json())
        ends.append(worker.until_end().event[-1])
    assert worker.close() == 0
    assert all(
        one.event == "done" or (one.error and one.error.code != "internal_error") for one in ends
    )


CHUNKS = trials(30, 8)  # of a million rows


def test_a_parquet_bomb_is_sampled(tmp_path: Path) -> None:
    path = tmp_path / "bomb.parquet"
    chunk = pa.table({"same": pa.array(["x" * 200] * 1_000_000)})
    with pq.ParquetWriter(path, chunk.schema, compression="zstd") as writer:
        for _ in range(CHUNKS):
            writer.write_table(chunk)
    assert path.stat().st_size < 2_000_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    told = profiled(path, tmp_path / "s", memory=CHUNKS * 2**25)
    assert told.last.rows == CHUNKS * 1_000_000
    assert told.last.sampling is not None
    assert told.last.sampling.rows < CHUNKS * 400_000
    assert told.named("same").distinct == 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 2 * GROWTH


def test_a_bomb_of_lines_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "bomb.csv.gz"
    with gzip.open(path, "wb", compresslevel=9) as out:
        out.write(b"a,b\n")
        for _ in range(CHUNKS * 2):
            out.write(b"1,x\n" * 1_000_000)
    begun = time.monotonic()
    told = profiled(path, tmp_path / "s", seconds=2.0)
    assert time.monotonic() - begun < 30
    assert told.last.sampling is not None
    assert told.last.rows is None or told.last.rows == CHUNKS * 2_000_000
    assert told.named("b").distinct == 1


def test_one_endless_line_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "line.csv.gz"
    with gzip.open(path, "wb") as out:
        for _ in range(trials(64, 36)):
            out.write(b"x" * 2**20)
    assert "could not be read" in refused(path, tmp_path / "s", format="csv")


def test_a_million_columns_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_text(",".join(map(str, range(1_000_000))) + "\n")
    assert "1,000,000 columns" in refused(path, tmp_path / "s")


def test_an_excel_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    openpyxl.Workbook().save(path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet2.xml", b"0" * 400 * 2**20)
    assert "unpacks to far too much" in refused(path, tmp_path / "s")


def test_entities_in_excel_are_not_expanded(tmp_path: Path) -> None:
    path = tmp_path / "lol.xlsx"
    openpyxl.Workbook().save(tmp_path / "plain.xlsx")
    bomb = '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {chr(98 + one)} "{("&" + chr(97 + one) + ";") * 10}">' for one in range(12)
    )
    bomb += "]><worksheet><sheetData><row><c t='inlineStr'><is><t>&m;</t></is></c></row></sheetData></worksheet>"
    with zipfile.ZipFile(tmp_path / "plain.xlsx") as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            target.writestr(name, bomb if name.endswith("sheet1.xml") else source.read(name))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    survives(path.read_bytes(), "excel")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < GROWTH


def test_a_thousand_levels(tmp_path: Path) -> None:
    path = tmp_path / "deep.json"
    path.write_text('{"a": ' + "[" * 1_000 + "1" + "]" * 1_000 + "}")
    told = profiled(path, tmp_path / "s")
    assert told.last.rows == 1
    native = pa.int8()
    for _ in range(1_000):
        native = pa.list_(native)
    assert convert.depth(native) > 40
    with pytest.raises(ValueError, match="levels deep"):
        convert.series(pa.chunked_array([], type=native))
    table = pa.table({"deep": pa.nulls(3, native), "n": [1, 2, 3]})
    for ending in (".parquet", ".arrow"):
        path = tmp_path / f"deep{ending}"
        try:
            if ending == ".parquet":
                pq.write_table(table, path)
            else:
                pyarrow.feather.write_feather(table, str(path))
        except pa.ArrowException:
            continue  # not even the library writes such a file
        survives(path.read_bytes(), ending[1:])


SHALLOW = {
    "nothing": pa.table({}),
    "no rows": pa.table({"a": pa.array([], pa.int64()), "s": pa.array([], pa.string())}),
    "all null": pa.table(
        {"a": pa.nulls(5), "b": pa.nulls(5, pa.float64()), "c": pa.nulls(5, pa.string())}
    ),
    "edges": pa.table(
        {"x": [1e308, -1e308, float("inf"), float("-inf"), float("nan"), 5e-324, None]}
    ),
    "years": pa.table({"t": pa.array([-62_167_219_200, 253_402_300_799, None], pa.timestamp("s"))}),
    "beyond": pa.table({"t": pa.array([2**62, -(2**62), 0], pa.timestamp("us"))}),
    "far": pa.table({"d": pa.array([2**31 - 1, -(2**31), 0], pa.date32())}),
    "zones": pa.table({"t": pa.array([0, 1, 2], pa.timestamp("us", "America/New_York"))}),
    "odd zone": pa.table({"t": pa.array([0, 1, 2], pa.timestamp("us", "Mars/Olympus"))}),
    "decimals": pa.table({"d": [Decimal("1.10"), None, Decimal("-99999999999999999999.99")]}),
    "huge decimals": pa.table(
        {"d": pa.array([Decimal("1e60"), Decimal("2e60")], pa.decimal256(70, 2))}
    ),
    "categories": pa.table({"c": pa.array(["a", "b", "a", None]).dictionary_encode()}),
    "number categories": pa.table({"c": pa.array([1, 2, 1]).dictionary_encode()}),
    "intervals": pa.table({"i": pa.array([(1, 2, 3), None], pa.month_day_nano_interval())}),
    "packed runs": pa.table(
        {"r": pa.RunEndEncodedArray.from_arrays(pa.array([2, 5]), pa.array([7, 8]))}
    ),
    "views": pa.table(
        {
            "v": pa.array(["a", "b", None], pa.string_view()),
            "b": pa.array([b"x", b"", None], pa.binary_view()),
        }
    ),
    "maps": pa.table({"m": pa.array([[("a", 1)], [], None], pa.map_(pa.string(), pa.int64()))}),
    "empty structs": pa.table({"s": pa.array([{}, {}, None], pa.struct([]))}),
    "unsigned": pa.table({"u": pa.array([2**64 - 1, 0], pa.uint64())}),
    "half": pa.table({"h": pa.array(np.array([1.5, np.nan, np.inf], dtype=np.float16))}),
    "times of day": pa.table({"t": pa.array([0, 86_399, None], pa.time32("s"))}),
    "lengths of time": pa.table({"d": pa.array([2**62, -5, None], pa.duration("us"))}),
    "huge text": pa.table({"t": ["x" * 20_000_000, "y"]}),
    "scripts": pa.table(
        {"<script>alert(1)</script>": ["<img src=x onerror=alert(1)>", "=cmd()", "\x00\x1b[31m"]}
    ),
    "unions": pa.table(
        {
            "u": pa.UnionArray.from_sparse(
                pa.array([0, 1], pa.int8()), [pa.array([1, 2]), pa.array(["a", "b"])]
            )
        }
    ),
    "same names": pa.Table.from_arrays(
        [pa.array([1]), pa.array(["a"]), pa.array([2.0])], ["a", "a", ""]
    ),
    "unicode": pa.table({"名前 🙂": ["é", "e\u0301"], "\u202eevil": ["\u2028", "\ud7ff"]}),
}


def unbroken(told: Told, table: pa.Table) -> None:
    """As many columns and rows as there are, and nothing that is no JSON."""
    assert [one.name for one in told.columns] == table.column_names
    assert told.last.rows == table.num_rows
    for event in told.event:
        text = event.model_dump_json()
        assert "NaN" not in text or '"NaN"' in text
        json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
        WorkerEvent.model_validate_json(text)


@pytest.mark.parametrize("ending", [".arrow", ".parquet"])
@pytest.mark.parametrize("name", SHALLOW)
def test_frames_that_nobody_meant(name: str, ending: str, tmp_path: Path) -> None:
    table = SHALLOW[name]
    try:
        told = of_table(table, tmp_path, ending=ending)
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        assert ending == ".parquet"  # Parquet has no such type
        return
    unbroken(told, table)
    for one, column in zip(told.columns, table.columns, strict=True):
        if not one.note:
            assert one.count == table.num_rows
            assert one.missing - one.nan == column.null_count
            assert one.distinct is not None


def test_texts_that_are_no_utf8(tmp_path: Path) -> None:
    raw = pa.array([b"\xff\xfeA", b"fine", None, b"fine"], pa.binary())
    text = pa.Array.from_buffers(pa.string(), 4, raw.buffers())
    for ending in (".arrow", ".parquet"):
        told = of_table(pa.table({"t": text, "n": [1, 2, 3, 4]}), tmp_path, ending=ending)
        found = told.named("t")
        assert (found.note, found.missing, found.distinct) == ("", 1, 2)
        assert {top.value for top in found.top} == {"fine", "\ufffd\ufffdA"}
        assert told.last.head[0][0] == "\ufffd\ufffdA"


def test_offsets_that_reach_beyond_the_file(tmp_path: Path) -> None:
    offsets = pa.py_buffer(np.array([0, 2_000_000_000, 3], dtype=np.int32).tobytes())
    text = pa.Array.from_buffers(pa.string(), 2, [None, offsets, pa.py_buffer(b"abc")])
    with pytest.raises(ValueError, match=r"damaged|offset"):
        convert.series(pa.chunked_array([text]))


def test_what_cannot_be_read_has_a_note_and_the_rest_is_whole(tmp_path: Path) -> None:
    table = pa.table({"u": SHALLOW["unions"]["u"], "t": SHALLOW["odd zone"]["t"][:2], "n": [1, 2]})
    told = of_table(table, tmp_path, ending=".arrow")
    assert told.named("n").total == 3
    assert told.last.rows == 2


def test_ten_rows_of_dicts(tmp_path: Path) -> None:
    """The frame on which a peer asked for 20 PiB."""
    row = {f"k{one}": {"a": one, "b": [one] * 3, "c": {"d": str(one)}} for one in range(76)}
    table = pa.table({name: [value] * 10 for name, value in row.items()})
    told = of_table(table, tmp_path, ending=".arrow")
    unbroken(told, table)
    assert {one.type for one in told.columns} == {"nested"}
    assert {one.distinct for one in told.columns} == {1}
    assert told.last.duplicates is not None
    assert told.last.duplicates.rows == 9


def test_mixed_objects_from_a_kernel(tmp_path: Path) -> None:
    noted = {"orrery:mixed": '{"int": 1, "str": 1, "list": 1}', "orrery:dtype": "object"}
    schema = pa.schema([pa.field("o", pa.string(), metadata=noted)])
    told = of_table(pa.table([["1", "'a'", "[2]"]], schema=schema), tmp_path, ending=".arrow")
    assert (told.columns[0].type, told.columns[0].dtype, told.columns[0].distinct) == (
        "mixed",
        "object",
        3,
    )


def test_old_feather_and_no_arrow_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "old.feather"
    path.write_bytes(b"FEA1" + b"\0" * 50)
    assert "first version" in refused(path, tmp_path / "s")
    path.write_bytes(b"hello world, no arrow")
    assert "no Arrow file" in refused(path, tmp_path / "s")


def test_a_database_file_is_not_taken_for_text(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(b"SQLite format 3\0" + b"\0" * 100)
    with pytest.raises(Invalid, match="cannot be read") as problem:
        profiled(path, tmp_path / "s")
    assert "SQLite" in problem.value.reason


def test_two_thousand_columns(tmp_path: Path) -> None:
    table = pa.table({f"c{one}": np.arange(40) * one % 17 for one in range(2_395)})
    told = of_table(table, tmp_path)
    unbroken(told, table)
    assert told.last.columns == 2_395
    assert len(told.last.names) == 200
    frame = pl.DataFrame(table)
    assert told.columns[2_000].mean == pytest.approx(frame["c2000"].mean())
