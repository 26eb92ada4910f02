"""Every kind of file gives the same table."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import polars as pl
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from orrery_engine.error_mapping import failure
from orrery_wire.errors import Invalid, NotFound
from tests.engine.worker_jobs import done, job, of_table, profiled, resolved

ROWS = {
    "id": [1, 2, 3, 4],
    "price": [1.5, 2.5, None, 4.0],
    "name": ["a", "b", "b", None],
    "day": [date(2024, 1, 1), date(2024, 1, 2), date(2024, 1, 3), date(2024, 1, 4)],
    "good": [True, False, True, True],
}


def arrow(path: Path) -> None:
    pa.feather.write_feather(pa.table(ROWS), str(path), compression="zstd")


def excel(path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    page.append(list(ROWS))
    for row in zip(*ROWS.values(), strict=True):
        page.append(row)
    book.save(path)


def packed(path: Path) -> None:
    path.write_bytes(gzip.compress(pl.DataFrame(ROWS).write_csv().encode()))


def listed(path: Path) -> None:
    path.write_text(json.dumps(pl.DataFrame(ROWS).to_dicts(), default=str))


WRITERS: dict[str, Callable[[Path], object]] = {
    "x.parquet": lambda path: pq.write_table(pa.table(ROWS), path),
    "x.arrow": lambda path: pl.DataFrame(ROWS).write_ipc(path),
    "x.feather": arrow,
    "x.csv": lambda path: pl.DataFrame(ROWS).write_csv(path),
    "x.tsv": lambda path: pl.DataFrame(ROWS).write_csv(path, separator="\t"),
    "semicolon.csv": lambda path: pl.DataFrame(ROWS).write_csv(path, separator=";"),
    "odd [name]*?.csv": lambda path: pl.DataFrame(ROWS).write_csv(path),
    "x.csv.gz": packed,
    "x.ndjson": lambda path: pl.DataFrame(ROWS).write_ndjson(path),
    "x.json": listed,
    "x.xlsx": excel,
}


def zipped(data: bytes) -> bytes:
    """An archive with one file."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("inside.csv", data)
    return held.getvalue()


PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "xz": lzma.compress,
    "bz2": bz2.compress,
    "zip": zipped,
    "zstd": lambda data: pa.Codec("zstd").compress(data).to_pybytes(),
}


@pytest.mark.parametrize("name", WRITERS)
def test_every_format_tells_the_same(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    WRITERS[name](path)
    told = profiled(path, tmp_path / "scratch")
    assert [one.name for one in told.columns] == list(ROWS)
    assert told.last.rows == 4
    kinds = {one.name: one.type for one in told.columns}
    assert kinds["id"] == "integer"
    assert kinds["price"] == "float"
    assert kinds["name"] == "text"
    assert kinds["day"] in ("date", "datetime")
    assert kinds["good"] == "boolean"
    assert told.named("price").mean == pytest.approx(8 / 3)
    assert told.named("price").missing == 1
    assert told.named("name").distinct == 2
    assert str(told.named("day").minimum).startswith("2024-01-01")
    assert told.last.names == tuple(ROWS)
    assert told.last.head[0][:3] == (1, 1.5, "a")
    assert told.last.duplicates is not None
    assert told.last.duplicates.rows == 0
    left = [one for one in (tmp_path / "scratch").iterdir() if one.is_file()]
    assert left == []


def test_a_folder_and_a_pattern_are_one_table(tmp_path: Path) -> None:
    for year in (2023, 2024):
        (tmp_path / "lake" / f"year={year}").mkdir(parents=True)
        for part in range(3):
            table = pa.table({"n": [year, part], "s": [f"{part}", None]})
            pq.write_table(table, tmp_path / "lake" / f"year={year}" / f"part-{part}.parquet")
    (tmp_path / "lake" / "_SUCCESS.parquet").write_text("no data")
    (tmp_path / "lake" / ".hidden.parquet").write_text("no data")
    folder = done(job(resolved(tmp_path / "lake", format="parquet"), tmp_path / "scratch"))
    assert folder.last.rows == 12
    assert folder.named("n").total == 3 * (2023 + 2024) + 2 * (0 + 1 + 2)
    pattern = done(job(resolved(f"{tmp_path}/lake/year=2024/*.parquet"), tmp_path / "scratch"))
    assert pattern.last.rows == 6


def test_files_of_other_columns_fit_by_name(tmp_path: Path) -> None:
    folder = tmp_path / "lake"
    folder.mkdir()
    pq.write_table(pa.table({"a": [1, 2], "b": ["x", "y"]}), folder / "1.parquet")
    pq.write_table(pa.table({"b": ["z"], "a": pa.array([3], pa.int32())}), folder / "2.parquet")
    pq.write_table(pa.table({"a": [4], "c": [True]}), folder / "3.parquet")
    profile = done(job(resolved(folder, format="parquet"), tmp_path / "scratch"))
    assert profile.named("a").total == 10
    assert profile.named("b").missing == 1
    assert profile.named("b").distinct == 3
    assert profile.named("c").missing == 3
    assert profile.last.notes == ("3 of 3 files lack columns that others have.",)


@pytest.mark.parametrize(
    ("first", "second", "type_", "values"),
    [
        (pa.array([1, 2]), pa.array([0.5]), "float", {"total": 3.5}),
        (pa.array([0.5]), pa.array([1, 2]), "float", {"total": 3.5}),
        (pa.array([1], pa.int8()), pa.array([300], pa.int64()), "integer", {"total": 301}),
        (pa.array([None, None]), pa.array([7]), "integer", {"total": 7, "missing": 2}),
        (pa.array([date(2024, 1, 1)]), pa.array([datetime(2024, 1, 2, 3)]), "datetime", {"distinct": 2}),
        (pa.array(["a"]), pa.array(["b"], pa.large_string()), "text", {"distinct": 2}),
        (pa.array([1]), pa.array(["x"]), "text", {"distinct": 2}),
    ],
)  # fmt: skip
def test_files_of_other_types_have_one_that_holds_all(
    first: pa.Array, second: pa.Array, type_: str, values: dict[str, Any], tmp_path: Path
) -> None:
    folder = tmp_path / "lake"
    folder.mkdir()
    for number, array in enumerate((first, second)):
        pq.write_table(pa.table({"v": array}), folder / f"{number}.parquet")
    column = done(job(resolved(folder, format="parquet"), tmp_path / "scratch")).named("v")
    assert column.type == type_
    assert column.note == ""
    assert {name: getattr(column, name) for name in values} == values


@pytest.mark.parametrize("ending", [".parquet", ".csv"])
@pytest.mark.parametrize("root", ["lake", "env=prod"])
def test_folders_that_are_named_after_values_are_columns(
    ending: str, root: str, tmp_path: Path
) -> None:
    for year, month, n in ((2023, "01", 1), (2023, "02", 2), (2024, "01", 3)):
        folder = tmp_path / root / f"year={year}" / f"month={month}" / "kind=a%20b"
        folder.mkdir(parents=True)
        frame = pl.DataFrame({"n": [n]})
        frame.write_parquet(folder / f"x{ending}") if ending == ".parquet" else frame.write_csv(
            folder / f"x{ending}"
        )
    kind = "parquet" if ending == ".parquet" else "csv"
    for location in (tmp_path / root, tmp_path / root / "*" / "*" / "*" / f"*{ending}"):
        profile = done(job(resolved(location, format=kind), tmp_path / "scratch"))
        assert [column.name for column in profile.columns] == ["n", "year", "month", "kind"]
        assert profile.named("year").total == 2 * 2023 + 2024
        assert (profile.named("month").type, profile.named("month").maximum) == ("integer", 2)
        assert profile.named("kind").top[0].value == "a b"
    inside = done(job(resolved(tmp_path / root / "year=2023", format=kind), tmp_path / "scratch"))
    assert [column.name for column in inside.columns] == ["n", "month", "kind"]


def test_csv_files_of_a_folder_fit_by_name(tmp_path: Path) -> None:
    folder = tmp_path / "lake"
    folder.mkdir()
    (folder / "1.csv").write_text("a,b\n1,x\n")
    (folder / "2.csv").write_text("b,a\ny,2\n")
    told = done(job(resolved(folder, format="csv"), tmp_path / "scratch"))
    assert told.named("a").total == 3
    assert told.last.rows == 2
    assert told.last.notes == ()
    (folder / "3.csv").write_text("a\n4\n")
    told = done(job(resolved(folder, format="csv"), tmp_path / "scratch"))
    assert told.named("b").missing == 1
    assert told.last.notes == ("1 of 3 files lack columns that others have.",)


def test_json_files_of_a_folder_fit_by_name(tmp_path: Path) -> None:
    folder = tmp_path / "lake"
    folder.mkdir()
    (folder / "1.ndjson").write_text('{"a": 1, "b": 2}\n')
    (folder / "2.ndjson").write_text('{"a": 3}\n')
    told = done(job(resolved(folder, format="json"), tmp_path / "scratch"))
    assert told.named("a").total == 4
    assert told.last.notes == ("1 of 2 files lack columns that others have.",)


def test_names_may_be_equal_empty_or_long(tmp_path: Path) -> None:
    long = "x" * 5_000
    arrays = [pa.array([1, 2]), pa.array([3, 4]), pa.array(["a", "b"]), pa.array([5.0, 6.0])]
    names = ["a", "a", "", long]
    for ending in (".parquet", ".arrow"):
        told = of_table(pa.Table.from_arrays(arrays, names=names), tmp_path, ending=ending)
        assert [one.name for one in told.columns] == names
        assert [one.total for one in told.columns] == [3, 7, None, 11]
    path = tmp_path / "same.csv"
    path.write_text(f"a,a,,ü €,{long}\n1,2,3,4,5\n6,7,8,9,10\n")
    told = profiled(path, tmp_path / "scratch")
    assert [one.name for one in told.columns][:2] == ["a", "a"]
    assert [one.name for one in told.columns][3:] == ["ü €", long]
    assert [one.total for one in told.columns] == [7, 9, 11, 13, 15]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a,b\n1,x\n2\n3,y,z\n", {"a", "b"}),
        ('a,b\n1,"x\ny"\n2,"say ""hi"""\n', {"a", "b"}),
        ("a;b\n1,5;x\n2,5;y\n", {"a", "b"}),
        ("\ufeffa,b\n1,2\n", {"a", "b"}),
        ("a,b\r\n1,2\r\n3,4\r\n", {"a", "b"}),
        ("=cmd|'/c calc'!A1,b\n=1+1,2\n", {"=cmd|'/c calc'!A1", "b"}),
    ],
)
def test_csv_as_people_write_it(text: str, wanted: set[str], tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(text, encoding="utf-8", newline="")
    told = profiled(path, tmp_path / "scratch")
    assert wanted <= {one.name for one in told.columns}
    assert told.last.rows in (1, 2, 3)


@pytest.mark.parametrize(
    ("text", "names", "notes"),
    [
        (
            "a,b\n1,2\n3,4\n3,4,5,6\n",
            ["a", "b", "column_3", "column_4"],
            ["1 line has more fields"],
        ),
        ('a,b\n1,2\n"open\n', ["a", "b"], ["1 line has fewer fields", "line 3 is never closed"]),
        (
            'a,b\n1,2\n3,4,5,6\n"open\n',
            ["a", "b", "column_3", "column_4"],
            ["1 line has fewer", "1 line has more", "line 4 is never closed", "The last row"],
        ),
        (
            "words, and more\nnone\none, two, three\nfour\n",
            ["words, and more"],
            ["texts only", "Each line"],
        ),
        (
            '"last, first"\n"Ada, A."\n"Bo, B."\n',
            ["last, first"],
            ["texts only", "Each line was read as one value, for it stands in quotation marks"],
        ),
    ],
)
def test_lines_of_different_length_are_said(
    text: str, names: list[str], notes: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "ragged.csv"
    path.write_text(text)
    profile = profiled(path, tmp_path / "scratch")
    assert [column.name for column in profile.columns] == names
    assert len(profile.last.notes) == len(notes)
    assert all(note in own for note, own in zip(notes, profile.last.notes, strict=True))


def test_late_surprises_do_not_end_a_run(tmp_path: Path) -> None:
    path = tmp_path / "late.csv"
    path.write_text("a,b\n" + "1,2\n" * 60_000 + "word,3\n")
    told = profiled(path, tmp_path / "scratch")
    assert told.last.rows == 60_001
    assert told.named("a").type == "text"
    assert told.named("b").total == 120_003


def test_other_encodings_are_said(tmp_path: Path) -> None:
    path = tmp_path / "latin.csv"
    path.write_bytes("name,n\nMüller,1\nÅse,2\n".encode("latin-1"))
    told = profiled(path, tmp_path / "scratch")
    assert any("UTF-8" in note for note in told.last.notes)
    assert told.named("name").maximum in ("Åse", "Müller")
    wide = tmp_path / "wide.csv"
    wide.write_bytes("name,n\nMüller,1\n".encode("utf-16"))
    assert profiled(wide, tmp_path / "scratch").named("n").total == 1


def test_words_for_missing_are_missing(tmp_path: Path) -> None:
    path = tmp_path / "na.csv"
    path.write_text("a,b\n1,NA\n,x\nNaN,null\n")
    told = profiled(path, tmp_path / "scratch")
    assert told.named("a").missing == 2
    assert told.named("a").type == "integer"
    assert told.named("b").missing == 2


@pytest.mark.parametrize("text", ["", "a,b\n"])
def test_files_without_rows(text: str, tmp_path: Path) -> None:
    path = tmp_path / "empty.csv"
    path.write_text(text)
    told = profiled(path, tmp_path / "scratch")
    assert told.last.rows == 0
    assert [one.name for one in told.columns] == [one for one in text.strip().split(",") if one]


def test_json_of_several_kinds(tmp_path: Path) -> None:
    path = tmp_path / "odd.ndjson"
    path.write_text(
        '{"a": 1, "b": {"c": [1]}, "m": 1}\n{"a": 2.5, "m": "x"}\n{"a": null, "m": [2]}\n'
    )
    told = profiled(path, tmp_path / "scratch")
    assert told.named("a").mean == 1.75
    assert told.named("b").type == "nested"
    assert told.named("m").type == "mixed"
    assert told.named("m").distinct == 3


def test_lines_that_are_no_json_are_said(tmp_path: Path) -> None:
    path = tmp_path / "cut.ndjson"
    path.write_text('{"a": 1}\n{"a": 2}\n{"a": [1,2\n')
    told = profiled(path, tmp_path / "scratch")
    assert (told.last.rows, told.named("a").missing) == (3, 1)
    assert any("no JSON" in note for note in told.last.notes)
    path.write_text('{"a": [1,2')
    with pytest.raises(Invalid, match="The JSON could not be read") as refusal:
        profiled(path, tmp_path / "scratch")
    assert "unexpected end of data" in (refusal.value.reason or "")
    path.write_text('{"a": null}\n')
    assert profiled(path, tmp_path / "scratch").named("a").missing == 1


def test_excel_tells_mixed_cells_sheets_and_formulae(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    book = openpyxl.Workbook()
    page = book.active
    for row in (
        ["a", "b", None],
        [1, "x", None],
        ["two", 3.5, None],
        [datetime(2024, 1, 1), "=1+1", None],
    ):
        page.append(row)
    second = book.create_sheet("Second")
    second.append(["n"])
    second.append([7])
    book.save(path)
    told = profiled(path, tmp_path / "scratch")
    assert told.named("a").type == "mixed"
    assert told.named("a").distinct == 3
    assert told.named("b").missing == 1  # a formula that was never computed
    other = done(job(resolved(path, sheet="Second"), tmp_path / "scratch"))
    assert other.named("n").total == 7
    with pytest.raises(NotFound, match="There is no sheet"):
        done(job(resolved(path, sheet="Third"), tmp_path / "scratch"))


def test_what_a_kernel_noted_is_told(tmp_path: Path) -> None:
    noted = {"orrery:mixed": '{"int": 2, "str": 1}', "orrery:dtype": "object"}
    schema = pa.schema(
        [
            pa.field("m", pa.string(), metadata=noted),
            pa.field("c", pa.int8(), metadata={"orrery:dtype": "Int8", "orrery:mixed": "no json"}),
        ]
    )
    told = of_table(
        pa.table([["1", "2", "'x'"], [1, 2, 3]], schema=schema), tmp_path, ending=".arrow"
    )
    assert (told.columns[0].type, told.columns[0].dtype) == ("mixed", "object")
    assert (told.columns[1].type, told.columns[1].dtype) == ("integer", "Int8")


def test_arrow_beyond_the_memory_is_read_by_column(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    table = pa.table(
        {"a": random.normal(size=200_000), "s": [f"t{one % 9}" for one in range(200_000)]}
    )
    whole = of_table(table, tmp_path, ending=".arrow")
    parts = of_table(table, tmp_path, ending=".arrow", memory=2**20, seconds=3_600.0)
    assert whole.last.sampling is None
    assert parts.last.sampling is not None
    assert parts.last.sampling.rows < 200_000
    assert parts.named("a").mean == pytest.approx(whole.named("a").mean, abs=0.05)


def test_a_missing_file_and_an_empty_folder_are_said(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        profiled(tmp_path / "none.parquet", tmp_path / "scratch")
    (tmp_path / "folder").mkdir()
    with pytest.raises(NotFound, match="no files"):
        done(job(resolved(tmp_path / "folder", format="csv"), tmp_path / "scratch"))


@pytest.mark.parametrize("name", ["x.csv", "x.csv.gz", "x.csv.xz", "x.csv.bz2", "x.csv.zip"])
@pytest.mark.parametrize("pack", PACKINGS)
def test_packing_is_known_by_the_content(name: str, pack: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(PACKINGS[pack](b"a,b\n1,2\n"))
    assert profiled(path, tmp_path / "scratch").named("b").total == 2


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "simplecache::s3://b/k", "reference://x", "github://o:r@/x"]
)
def test_only_object_stores_are_reached(address: str, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="kind of address"):
        done(job(resolved(address, format="csv"), tmp_path / "scratch"))


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """A bucket of an S3 server of our own."""
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    address = "http://{}:{}".format(*server.get_host_and_port())
    for name, said in {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "topsecret",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, said)
    boto3.client("s3", endpoint_url=address).create_bucket(Bucket="lake")
    yield {"endpoint_url": address}
    server.stop()


def test_a_store_without_credentials_says_what_to_set(
    bucket: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    asked = resolved("s3://lake/t.csv", format="csv", options=bucket)
    with pytest.raises(Exception) as refused:  # noqa: PT011 - the library's own
        done(job(asked, tmp_path / "scratch"))
    told = failure(refused.value)
    assert told.code == "forbidden"
    assert "AWS_ACCESS_KEY_ID" in told.remedy


def test_an_object_store_is_read_in_place(bucket: dict[str, str], tmp_path: Path) -> None:
    import boto3

    client = boto3.client("s3", **bucket)
    for part in range(2):
        path = tmp_path / "part.parquet"
        pq.write_table(pa.table({"n": [part, 10], "s": ["a", None]}), path)
        client.put_object(Bucket="lake", Key=f"t/part-{part}.parquet", Body=path.read_bytes())
    client.put_object(Bucket="lake", Key="t.csv", Body=b"n,s\n1,a\n2,b\n")
    for location, form, total in (
        ("s3://lake/t", "parquet", 21),
        ("s3://lake/t/part-1.parquet", "parquet", 11),
        ("s3://lake/t/part-*.parquet", "parquet", 21),
        ("s3://lake/t.csv", "csv", 3),
    ):
        asked = resolved(location, format=form, options={"endpoint_url": bucket["endpoint_url"]})
        assert done(job(asked, tmp_path / "scratch")).named("n").total == total


def test_what_else_a_folder_holds_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "lake"
    folder.mkdir()
    pq.write_table(pa.table({"a": [1]}), folder / "1.parquet")
    (folder / "2.parquet").write_bytes(b"")
    (folder / "3.csv").write_text("a\n2\n")
    (folder / "notes.md").write_text("no table")
    (folder / ".hidden.csv").write_text("a\n3\n")
    profile = done(job(resolved(folder, format="parquet"), tmp_path / "scratch"))
    assert profile.named("a").total == 1
    assert profile.last.notes == (
        "1 file is empty and was left out.",
        "Files of other formats in the folder were not read: 1 csv.",
    )
    (folder / "2.parquet").write_bytes(b"PAR1 cut short")
    with pytest.raises(Invalid, match=r"2\.parquet cannot be read") as refusal:
        done(job(resolved(folder, format="parquet"), tmp_path / "scratch"))
    assert "Its end is missing" in (refusal.value.reason or "")


@pytest.mark.parametrize("missing", ["__HIVE_DEFAULT_PARTITION__"])
def test_a_folder_may_stand_for_a_missing_value(missing: str, tmp_path: Path) -> None:
    for year in ("2023", missing):
        (tmp_path / "lake" / f"year={year}").mkdir(parents=True)
        pq.write_table(pa.table({"a": [1]}), tmp_path / "lake" / f"year={year}" / "x.parquet")
    year_column = done(job(resolved(tmp_path / "lake", format="parquet"), tmp_path / "scratch"))
    assert (year_column.named("year").total, year_column.named("year").missing) == (2023, 1)
