"""Loading code that is offered gives, when it is run, what the profile of the file says: in each dialect, for each way to write."""

from __future__ import annotations

import ast
import bz2
import gzip
import json
import lzma
import re
import zipfile
from collections.abc import Callable
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orrery_engine import tasks
from orrery_engine.codegen import loading
from orrery_engine.offers import excerpts, offer
from orrery_engine.resolve import resolve
from orrery_engine.schemas import (
    CodeIn,
    CodeJob,
    ColumnProfile,
    Dialect,
    Job,
    Options,
    ReaderOptions,
    SourceIn,
)
from orrery_engine.stats.values import column_type
from orrery_kernels.eda import reader
from orrery_wire.errors import Invalid
from tests.engine.cells import LOCAL, as_polars, instance, run
from tests.engine.worker_jobs import Told, done
from tests.loops import each

NUMBERS = {"integer", "float", "decimal"}


def _text(text: str, encoding: str = "utf-8") -> Callable[[Path], None]:
    return lambda path: void(path.write_bytes(text.encode(encoding)))


def _bytes(data: bytes) -> Callable[[Path], None]:
    return lambda path: void(path.write_bytes(data))


def void(_: object) -> None:
    return None


def _zipped(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("inner.csv", "a,b\n1,x\n2,y\n")


def _book(path: Path) -> None:
    with pd.ExcelWriter(path) as book:
        pd.DataFrame({"n": ["a note"]}).to_excel(
            book, sheet_name="cover", index=False, header=False
        )
        frame = pd.DataFrame(
            {"id": [1, 2, None], "v": ["a", "b", None], "day": pd.Timestamp(2024, 1, 2)}
        )
        frame.to_excel(book, sheet_name="data", index=False, startrow=2)
        book.sheets["data"]["A1"] = "Report of May"


def _hive(path: Path) -> None:
    for year in (2023, 2024):
        folder = path / f"year={year}" / "month=01"
        folder.mkdir(parents=True)
        pl.DataFrame({"x": [year, None], "b": [True, None]}).write_parquet(folder / "x.parquet")


def _widened(path: Path) -> None:
    path.mkdir()
    pl.DataFrame({"x": [1, 2], "only": ["a", "b"]}).write_parquet(path / "1.parquet")
    pl.DataFrame({"x": [1.5, None]}).write_parquet(path / "2.parquet")


GERMAN = (
    "id;preis;datum;plz\n1;1,5;31.12.2024;00501\n2;2,25;01.02.2024;10001\n3;1.234,5;02.03.2024;\n"
)
ROWS = "".join(f"{number},{number % 7}\n" for number in range(3_000))
FILES: dict[str, Callable[[Path], None]] = {
    "plain.csv": _text("a,b\n1,x\n2,y\n"),
    "it's {here}.csv": _text('a,b\n1,x\'s\n2,"y, ""z"""\n'),
    "missing.csv": _text("id,open,word,when\n1,true,NA,2024-01-02\n,,x,\n3,false,,2024-03-04\n"),
    "late.csv": _text(f"id,v\n{ROWS}3000,1.5\n"),
    "late_zip.csv": _text(
        "zip,n\n" + "".join(f"{n + 10000},1\n" for n in range(3_000)) + "00501,2\n"
    ),
    "pipe.psv": _text("id|name|when\n1|a|2024-01-02\n2|b|2024-02-03\n|c|2024-02-04\n"),
    "latin.csv": _text("name,v\nJosé,1\nMünchen,2\nx,3\n", "latin-1"),
    "windows.csv": _text("name,v\nJosé €,1\n“München”,2\nx,3\n", "windows-1252"),
    "preamble.csv": _text("Report of 2024\nby hand\n\nid,v\n1,2\n2,3\n3,4\n"),
    "comments.csv": _text("# a\n# b\nid,v\n1,2\n2,3\n"),
    "german.csv": _text(GERMAN, "windows-1252"),
    "semicolon.txt": _text("a;b\n1,5;x\n2,25;y\n"),
    "tab.tsv": _text("a\tb\n1\tx\n2\tNA\n"),
    "packed.csv": _bytes(gzip.compress(b"a,b\n1,x\n2,y\n")),
    "packed.csv.gz": _bytes(gzip.compress(b"a,b\n1,x\n2,y\n")),
    "packed.csv.xz": _bytes(lzma.compress(b"a,b\n1,x\n2,y\n")),
    "packed.csv.bz2": _bytes(bz2.compress(b"a,b\n1,x\n2,y\n")),
    "packed.csv.zip": _zipped,
    "not_packed.csv.gz": _text("a,b\n1,x\n2,y\n"),
    "wide.csv": _text("a,b\n1,ä\n2,y\n", "utf-16"),
    "marked.csv": _text("a,b\n1,ä\n2,y\n", "utf-8-sig"),
    "r.txt": _text('"a" "b"\n"1" 1 "x"\n"2" 2 "y"\n"3" 3 "z"\n'),
    "ragged.csv": _text("a,b,c\n1,2,3\n4,5\n6,7,8\n"),
    "no_names.csv": _text("1,x,2.5\n2,y,3.5\n3,z,4.5\n"),
    "years.csv": _text("country,2019,2020,2021\nde,1,2,3\nfr,4,5,6\n"),
    "single.csv": _text("text\n" + "hello, world\n" * 3 + "word\n" * 3),
    "words.csv": _text("day,v\n31-OCT-2023,1\n01-NOV-2023,2\n"),
    "single_quotes.csv": _text("a,b\n'1','x,y'\n'2','z'\n"),
    "long.csv": _text("id,v\n12345678901234567890123,1\n12345678901234567890124,2\n"),
    "unsigned.csv": _text("id,v\n18446744073709551615,1\n1,2\n"),
    "doubled.csv": _text("a,a,b\n1,2,3\n4,5,6\n"),
    "returns.csv": _text("a,b\n1,x\ry\n2,z\n"),
    "joined.csv": _text("a,b\r1,2\r3,4\n5,6\n"),
    "old.csv": _text("a,b\r\n1,2\r\n3,4\r\n\x1a"),
    "records.json": _text('[{"a":1,"b":"x"},{"a":2,"b":"007"},{"a":null,"b":null}]'),
    "lines.ndjson": _text('{"a":1,"b":"x"}\n{"a":null,"b":"007"}\n'),
    "lines.json": _text('{"a":1.5,"b":"2024-01-01"}\n{"a":2,"b":"x"}\n'),
    "book.xlsx": _book,
    "hive": _hive,
    "widened": _widened,
}


def _job(source: SourceIn, folder: Path, **more: Any) -> Job:
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    values = {"id": "0" * 32, "task": "code", "options": Options(seconds=20), "memory": 2**31}
    return Job(source=resolve(source), scratch=str(scratch), **(values | more))


def offered(source: SourceIn, dialect: Dialect, folder: Path, **more: Any) -> str:
    asked = CodeJob(request=CodeIn(what="load", dialect=dialect), source=source, **more)
    job = _job(source, folder, code=asked)
    return offer.code(job, asked, tasks.open_table).code


def loaded(code: str, dialect: Dialect) -> Any:
    """The table that the code binds, as the dialect has it."""
    if dialect == "sql":
        with instance().cursor() as connection:
            connection.begin()
            connection.execute(code)
            table = connection.table("df").to_arrow_table()
            connection.rollback()
            return table
    return run(code, {})[1]["df"]


def _columns(table: Any) -> list[tuple[str, pl.Series]]:
    """Names and columns; names may occur twice."""
    if isinstance(table, pd.DataFrame):
        return [
            (str(name), pl.Series(pl.from_arrow(pa.Array.from_pandas(table.iloc[:, place]))))
            for place, name in enumerate(table.columns)
        ]
    if isinstance(table, pa.Table):
        return [
            (name, pl.Series(pl.from_arrow(column)))
            for name, column in zip(table.column_names, table.columns, strict=True)
        ]
    return [(series.name, series) for series in as_polars(table).iter_columns()]


def _missing(series: pl.Series) -> int:
    return (series.fill_nan(None) if series.dtype.is_float() else series).null_count()


def _is_kind(series: pl.Series, column: ColumnProfile, dialect: Dialect) -> bool:
    kind = column_type(series.dtype)
    times = {"date", "datetime"}
    texts = {"text", "category"}
    return (
        kind == column.type
        or column.missing == column.count
        or {kind, column.type} <= texts
        or (dialect == "pandas" and {kind, column.type} <= times)
    )


def assert_as_profiled(table: Any, profile: Told, dialect: Dialect) -> None:
    columns = _columns(table)
    doubled = len({column.name for column in profile.columns}) < len(profile.columns)
    if not (doubled and dialect in ("polars", "duckdb", "sql")):
        assert [name for name, _ in columns] == [column.name for column in profile.columns]
    for (_, series), column in zip(columns, profile.columns, strict=True):
        assert len(series) == profile.last.rows
        assert _missing(series) == column.missing, column.name
        assert _is_kind(series, column, dialect), (column.name, column.type, series.dtype)
        if column.type in NUMBERS and column.mean is not None:
            assert series.cast(pl.Float64).fill_nan(None).mean() == pytest.approx(column.mean)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", FILES)
def test_offered_code_gives_what_the_profile_says(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    FILES[name](path)
    source = SourceIn(kind="file", location=str(path))
    profile = done(_job(source, tmp_path, task="profile"))
    job = _job(source, tmp_path)
    assert job.source is not None
    table = tasks.open_table(job.source, job)
    table.prepare()
    facts, expected = offer.facts_of(table, job.source), offer.table_of(table)
    refused: list[Dialect] = []
    for dialect in LOCAL:
        asked = CodeIn(what="load", dialect=dialect)
        try:
            code = offer.Loader(source, facts, str(path), expected, asked).code()
        except Invalid:
            refused.append(dialect)
            continue
        assert_as_profiled(loaded(code, dialect), profile, dialect)
    table.close()
    assert set(refused) <= {"sql"}


KINDS = {
    "a truth late": '{"c":7}\n{"c":true}\n',
    "a truth very late": '{"c":7}\n' * 3_000 + '{"c":true}\n',
    "a number as text": '{"c":7}\n{"c":"7"}\n',
    "three kinds": '{"c":1}\n{"c":true}\n{"c":"1"}\n{"c":null}\n',
    "numbers and words": '{"c":1.5}\n{"c":"a"}\n{"c":2}\n',
    "a record and a number": '{"c":{"x":1}}\n{"c":5}\n',
    "in a record": '{"c":{"x":1}}\n{"c":{"x":true}}\n',
    "in a list": '{"c":[1,"2"]}\n{"c":[true]}\n',
}


def _plain(value: Any) -> Any:
    """A value of JSON, whether a library gives its text or the value."""
    value = value.item() if hasattr(value, "item") else value
    return json.loads(value) if isinstance(value, str) else value


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", KINDS)
def test_values_of_several_kinds_stay_of_their_kinds(tmp_path: Path, name: str) -> None:
    """7 and true are not 7 and 1, whatever a library makes of them: then its code is not offered, and why is said."""
    path = tmp_path / "x.ndjson"
    path.write_text(KINDS[name], encoding="utf-8")
    source = SourceIn(kind="file", location=str(path))
    expected = [json.loads(line)["c"] for line in KINDS[name].splitlines()]
    refused: dict[str, str] = {}
    for dialect in LOCAL:
        try:
            code = offered(source, dialect, tmp_path)
        except Invalid as problem:
            refused[dialect] = problem.reason
            continue
        if "orrery" in code:
            assert re.search(r"does not\. It (fails|gives)", code), code
            assert [_plain(item) for item in reader.read(path, dialect="polars")["c"]] == expected
            continue
        table = loaded(code, dialect)
        if isinstance(table, pd.DataFrame):
            values = [None if item is None or item != item else item for item in table["c"]]
        else:
            values = [_plain(item) for item in _columns(table)[0][1].to_list()]
        assert [(type(item), item) for item in values] == [(type(item), item) for item in expected]
    assert refused.keys() <= {"sql"}
    assert all(refused.values())


WHOLE = {
    "record.json": ('{"a":"x","b":2}', 1),
    "by_index.json": ('{"a":{"0":1,"1":2},"b":{"0":"x","1":"y"}}', 2),
    "split.json": ('{"columns":["a"],"index":[0,1],"data":[[1],[2]]}', 2),
    "list.json": ("[1,2,3]", 3),
    "number.json": ("7", 1),
    "empty.json": ("[]", 0),
    "inside.json": ('{"meta":1,"rows":[{"a":1},{"a":2}]}', 2),
    "geo.json": ('{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"n":1}}]}', 1),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", WHOLE)
def test_the_reader_that_is_offered_reads_a_document(tmp_path: Path, name: str) -> None:
    """It has no limit of memory of its own, and asks for no more room than the file needs."""
    text, rows = WHOLE[name]
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    source = SourceIn(kind="file", location=str(path))
    profile = done(_job(source, tmp_path, task="profile"))
    assert profile.last.rows == rows
    for dialect in ("pandas", "polars", "pyarrow"):
        table = reader.read(path, dialect=dialect)
        assert len(table) == rows
        if rows:
            assert_as_profiled(table, profile, dialect)


def test_simple_files_have_simple_code(tmp_path: Path) -> None:
    names = ("pipe.psv", "german.csv", "preamble.csv", "hive", "lines.ndjson")
    for name, dialect in product(names, ("pandas", "polars", "duckdb")):
        path = tmp_path / f"{dialect}-{name}"
        FILES[name](path)
        code = offered(SourceIn(kind="file", location=str(path)), dialect, tmp_path)
        assert "orrery" not in code, code


@pytest.mark.filterwarnings("ignore")
def test_what_a_person_chose_is_in_the_code(tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("x~y\n1~-\n2~b\n", encoding="utf-8")
    reading = ReaderOptions(delimiter="~", na=("-",), header=0)
    source = SourceIn(kind="file", location=str(path), reading=reading)
    profile = done(_job(source, tmp_path, task="profile"))
    assert profile.last.rows == 3
    for dialect in LOCAL:
        code = offered(source, dialect, tmp_path)
        assert "~" in code
        assert_as_profiled(loaded(code, dialect), profile, dialect)


@pytest.mark.parametrize("dialect", LOCAL)
def test_the_code_names_the_place_of_the_kernel(tmp_path: Path, dialect: Dialect) -> None:
    path = tmp_path / "plain.csv"
    FILES["plain.csv"](path)
    source = SourceIn(kind="lake", location="plain.csv")
    asked = CodeJob(
        request=CodeIn(what="load", dialect=dialect, frame="wine"),
        source=source,
        location="/somewhere/it's.csv",
    )
    here = SourceIn(kind="file", location=str(path))
    job = _job(here, tmp_path, code=asked)
    code = offer.code(job, asked, tasks.open_table).code
    assert "wine" in code
    assert str(tmp_path) not in code
    assert "/somewhere/it" in code


@pytest.mark.parametrize("dialect", LOCAL)
def test_of_a_large_file_the_beginning_is_run_and_every_type_is_said(
    tmp_path: Path, dialect: Dialect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(excerpts, "_LARGE", 10_000)
    monkeypatch.setattr(excerpts, "_PART", 5_000)
    path = tmp_path / "late.csv"
    rows = "".join(f"{number + 10_000},{number % 7}\n" for number in range(5_000))
    path.write_text(f"zip,v\n{rows}00501,1.5\n", encoding="utf-8")
    source = SourceIn(kind="file", location=str(path))
    profile = done(_job(source, tmp_path, task="profile"))
    code = offered(source, dialect, tmp_path, columns=tuple(profile.columns))
    assert "scratch" not in code
    table = loaded(code, dialect)
    assert_as_profiled(table, profile, dialect)
    assert _columns(table)[0][1][-1] == "00501"


@pytest.mark.filterwarnings("ignore:The lists of the object were read as columns")
@pytest.mark.parametrize("dialect", ["pandas", "polars", "duckdb"])
def test_of_a_large_file_that_is_one_document_no_beginning_is_run(
    tmp_path: Path, dialect: Dialect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut at the end of a line it would be no JSON."""
    monkeypatch.setattr(excerpts, "_LARGE", 1_000)
    monkeypatch.setattr(excerpts, "_PART", 500)
    for name, value in (
        ("list.json", [{"a": n, "b": f"w{n}"} for n in range(200)]),
        ("columns.json", {"a": list(range(200)), "b": [f"w{n}" for n in range(200)]}),
    ):
        path = tmp_path / name
        path.write_text(json.dumps(value, indent=1), encoding="utf-8")
        source = SourceIn(kind="file", location=str(path))
        profile = done(_job(source, tmp_path, task="profile"))
        code = offered(source, dialect, tmp_path, columns=tuple(profile.columns))
        assert_as_profiled(loaded(code, dialect), profile, dialect)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_files_of_a_pattern_are_loaded_as_one(tmp_path: Path, ending: str) -> None:
    for number in range(3):
        folder = tmp_path / str(number)
        folder.mkdir()
        frame = pl.DataFrame({"a": [number, 2], "b": ["x", "it's"]})
        path = folder / f"it's {{here}}.{ending}"
        frame.write_parquet(path) if ending == "parquet" else frame.write_csv(path)
    source = SourceIn(kind="file", location=f"{tmp_path}/[0-9]/*.{ending}")
    profile = done(_job(source, tmp_path, task="profile"))
    assert profile.last.rows == 6
    for dialect in LOCAL:
        code = offered(source, dialect, tmp_path)
        assert_as_profiled(loaded(code, dialect), profile, dialect)


def test_a_table_of_the_kernel_is_there_already(tmp_path: Path) -> None:
    source = SourceIn(kind="frame", location="0" * 32)
    asked = CodeJob(request=CodeIn(what="load", frame="sales"), source=source)
    assert offer.code(_job(source, tmp_path, code=asked), asked, tasks.open_table).code == "sales\n"


@pytest.mark.parametrize("dialect", [dialect for dialect in LOCAL if dialect != "sql"])
def test_what_a_library_says_is_no_code(dialect: Dialect) -> None:
    """An error that quotes the data ends up in a comment, whatever signs the data hold."""
    source = SourceIn(kind="file", location="it's.csv")
    why = "It fails:\r\x00\x0c\u2028import os\u0085\nimport os"
    code = loading.load_with_reader(source, "it's.csv", dialect, "df", why)
    imported = [
        node.names[0].name for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Import)
    ]
    assert imported == ["jupyter_orrery"]


def test_a_worker_offers_code(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [1, None, 3]}), tmp_path / "a.parquet")
    source = SourceIn(kind="file", location=str(tmp_path / "a.parquet"))
    asked = CodeJob(request=CodeIn(what="load"), source=source)
    events = done(_job(source, tmp_path, code=asked)).event
    codes = [event.code.code for event in events if event.code]
    assert len(codes) == 1
    assert "Int64" in codes[0]
    with pytest.raises(Invalid, match="no code"):
        done(_job(source, tmp_path))


def _int96(path: Path) -> None:
    times = [datetime(9999, 12, 31, 23, 59, 59), datetime(1000, 1, 1), datetime(2024, 6, 1, 12)]
    table = pa.table({"t": pa.array(times, pa.timestamp("us")), "n": [1, 2, 3]})
    pq.write_table(table, path, use_deprecated_int96_timestamps=True, store_schema=False)


HARD: dict[str, Callable[[Path], object]] = {
    "int96.parquet": _int96,
    "stray.csv": lambda path: path.write_text(
        'id,name,age\n1,"Jo, Do,25\n2,"Bob",35\n3,"Ann",40\n4,"Sue",41\n'
    ),
    "inner.csv": lambda path: path.write_text('id,name\n1,"O"Neil"\n2,"Al"x\n3,"b, c"\n'),
    "remark.csv": lambda path: path.write_text(
        "# export\nticket,title\n#1001,Broken\n1003,None left\n"
    ),
    "marked.csv": lambda path: path.write_bytes(b"\xef\xbb\xbf# export\nn,v\n1,2\n3,4\n"),
    "years.csv": lambda path: path.write_text("id;day\n1;24-01-05\n2;24-06-10\n3;24-11-30\n"),
    "long.ndjson": lambda path: path.write_text('{"v":0.1234567890123456789}\n{"v":1.5}\n'),
    "codes.json": lambda path: path.write_text('[{"code":"1-2-3"},{"code":"01-02-03"}]'),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", HARD)
def test_code_for_files_that_libraries_read_otherwise(tmp_path: Path, name: str) -> None:
    """What a library reads wrong is not offered with it, and what it reads right is."""
    path = tmp_path / name
    HARD[name](path)
    source = SourceIn(kind="file", location=str(path))
    profile = done(_job(source, tmp_path, task="profile"))
    for dialect in LOCAL:
        try:
            code = offered(source, dialect, tmp_path)
        except Invalid:
            continue
        assert_as_profiled(loaded(code, dialect), profile, dialect)
        if name == "int96.parquet":
            # The reader of DuckDB knows all years.
            assert dialect != "duckdb" or "orrery" not in code
            columns = dict(_columns(loaded(code, dialect)))
            moments = columns["t"].cast(pl.Datetime("us")).to_list()
            assert [own.year for own in moments] == [9999, 1000, 2024], (dialect, code)


@each("dialect", ["pandas", "polars", "pyarrow", "duckdb"])
@each("name", ["*", "^a$", "^.*$", "^", "a$", "^a|b$"])
def test_a_column_named_like_a_pattern_is_that_column(
    name: str, dialect: Dialect, tmp_path: Path
) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f'"{name}",a,day\n1,x,2024-01-02\n,y,2024-01-03\n', encoding="utf-8")
    code = offered(SourceIn(kind="file", location=str(path)), dialect, tmp_path)
    assert code


@each(
    "location, shown",
    [
        ("file:/x.csv", "./file:/x.csv"),
        ("http:/x.csv", "./http:/x.csv"),
        ("a/b:c.csv", "a/b:c.csv"),
        ("x.csv", "x.csv"),
        ("/data/file:/x.csv", "/data/file:/x.csv"),
        ("s3://bucket/x.csv", "s3://bucket/x.csv"),
    ],
)
def test_a_folder_that_is_named_like_an_address_is_a_folder(location: str, shown: str) -> None:
    assert offer._as_path(location) == shown
