"""Delimited text is read as a person would read it, or it is said what was assumed."""

from __future__ import annotations

import csv
import gzip
import io
import math
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orrery_engine.readers.text import tallies, utf8
from orrery_engine.readers.text.dialect import Dialect
from orrery_engine.readers.text.table import TextTable
from orrery_engine.schemas import Job, ReaderOptions
from orrery_wire.errors import Invalid
from tests.engine.worker_jobs import profiled

Columns = dict[str, list[Any]]


class Read:
    """What a file was read as."""

    def __init__(self, folder: Path, data: bytes | str, **options: Any) -> None:
        folder.mkdir(exist_ok=True)
        path = folder / "table.csv"
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        self._read([path], folder, options)

    def _read(self, paths: Sequence[Path], folder: Path, options: dict[str, Any]) -> None:
        scratch = folder / "scratch"
        scratch.mkdir(exist_ok=True)
        job = Job(id="0" * 32, task="profile", memory=2**31, scratch=str(scratch))
        table = TextTable(
            paths, ReaderOptions(**options), job, sum(p.stat().st_size for p in paths)
        )
        try:
            table.prepare()
            self.rows, self.names, self.types = table.rows, table.names, table.types
            self.notes, self.reading = table.notes, table.reading
            count = len(table.names) if table.rows else 0
            self.columns = [table.column(place).to_list() for place in range(count)]
        finally:
            table.close()
        assert [item for item in scratch.iterdir() if item.is_file()] == []

    @property
    def table(self) -> list[tuple[Any, ...]]:
        """Row by row."""
        return list(zip(*self.columns, strict=True))


class ReadFiles(Read):
    """What several files were read as."""

    def __init__(self, folder: Path, files: dict[str, str], **options: Any) -> None:
        paths = []
        for name, text in files.items():
            paths.append(folder / name)
            paths[-1].write_text(text)
        self._read(paths, folder, options)


def lines(*parts: str) -> str:
    return "\n".join([*parts, ""])


LATE = 30_000


@pytest.mark.parametrize(
    ("first", "last", "type_", "value"),
    [
        (lambda n: f"{n % 7}", lambda n: f"{n % 7.5}", "float", None),
        (lambda n: f"{10_000 + n}", lambda n: "00501", "text", "00501"),
        (lambda n: f"{n}", lambda n: "word", "text", "word"),
        (lambda n: f"{n}", lambda n: "1e3", "float", 1000.0),
        (lambda n: f"{n}", lambda n: "12345678901234567890123", "decimal", None),
        (lambda n: f"{n}.5", lambda n: "n/b", "text", "n/b"),
        (lambda n: "2024-01-01", lambda n: "2024-01-01 10:30:00", "datetime", None),
        (lambda n: "2024-01-01", lambda n: "2024-13-01", "text", "2024-13-01"),
        (lambda n: "true", lambda n: "maybe", "text", "maybe"),
        (lambda n: "10:30", lambda n: "26:10", "text", "26:10"),
        (lambda n: "", lambda n: "5", "integer", 5),
        (lambda n: "0.5", lambda n: "007.5", "text", "007.5"),
        (lambda n: "01/02/2024", lambda n: "01/31/2024", "date", date(2024, 1, 31)),
    ],
)
def test_late_values_decide_as_early_ones(
    first: Callable[[int], str],
    last: Callable[[int], str],
    type_: str,
    value: Any,
    tmp_path: Path,
) -> None:
    texts = [first(n) for n in range(LATE)] + [last(n) for n in range(3)]
    read = Read(tmp_path, lines("id,v", *(f"{n},{text}" for n, text in enumerate(texts))))
    assert read.rows == LATE + 3
    assert read.types == ("integer", type_)
    if value is not None:
        assert read.columns[1][-1] == value
    elif type_ == "float":
        assert math.fsum(read.columns[1]) == math.fsum(map(float, texts))


def test_late_decimals_are_not_rounded(tmp_path: Path) -> None:
    values = [n % 7 for n in range(30_000)] + [n % 7.5 for n in range(30_000, 60_000)]
    read = Read(tmp_path, lines("id,v", *(f"{n},{value}" for n, value in enumerate(values))))
    assert sum(read.columns[1]) / 60_000 == sum(values) / 60_000


@pytest.mark.parametrize(
    ("text", "names", "rows"),
    [
        (lines("comment", *(f"word {n}" for n in range(50)), *(f"hello, world {n}" for n in range(50))), ["comment"], 100),
        (lines("c0", "v0", "a;b"), ["c0"], 2),
        (lines("full name", "Ada Lovelace", "Bo Diddley"), ["full name"], 2),
        (lines("time", "10:30:00", "11:45:10"), ["time"], 2),
        (lines("country,2019,2020,2021", "FR,1,2,3", "DE,4,5,6"), ["country", "2019", "2020", "2021"], 2),
        (lines("2019,2020,2021", "5,9,1", "7,7,2"), ["2019", "2020", "2021"], 2),
        (lines("1,2", "3,4"), ["column_1", "column_2"], 2),
        (lines('"mpg","cyl"', '"Mazda",21,6', '"Datsun",22.8,4'), ["row_name", "mpg", "cyl"], 2),
        (lines('"mpg" "cyl"', '"Mazda RX4" 21 6', '"Datsun" 22.8 4'), ["row_name", "mpg", "cyl"], 2),
        (lines("mpg\tcyl", "Mazda\t21\t6", "Datsun\t22.8\t4"), ["row_name", "mpg", "cyl"], 2),
        (lines("x   y  z", "1   2   3", "10  20  30"), ["x", "y", "z"], 2),
        (lines("a|b", "1|x", "2|y"), ["a", "b"], 2),
        (lines("a\x01b", "1\x01x", "2\x01y"), ["a", "b"], 2),
        (lines("Sales of May", "printed 2024", "", "id,name,amount", "1,A,3.5", "2,B,4"), ["id", "name", "amount"], 2),
        (lines("# made by, x", "# again", "a,b", "1,2", "# late", "3,4"), ["a", "b"], 2),
        (lines("##x=1", "#chrom\tpos", "chr1\t5", "chr2\t6"), ["#chrom", "pos"], 2),
        (lines("'a','b'", "'x, y','2'", "'z','3'"), ["a", "b"], 2),
        (lines("a,b", '1,"say \\"hi\\", you"', '2,"x"'), ["a", "b"], 2),
        (lines("a,b", '1,5" pipe', "2,x"), ["a", "b"], 2),
        (lines("a,b", '1,"x', 'y"', "", "2,z"), ["a", "b"], 2),
        (lines('"a', 'b",c', "1,2"), ["a\nb", "c"], 1),
        ("a,b\r1,2\r3,4\r", ["a", "b"], 2),
        ("a,b\r\n1,2\r\n\r\n3,4", ["a", "b"], 2),
        ("\ufeffa,b\n1,2\n", ["a", "b"], 1),
        (lines("a", "1", "", "3"), ["a"], 2),
        ("a,b", ["a", "b"], 0),
        ("\n\n", [], 0),
    ],
)  # fmt: skip
def test_text_is_read_as_a_person_would(
    text: str, names: list[str], rows: int, tmp_path: Path
) -> None:
    read = Read(tmp_path, text)
    assert list(read.names) == names
    assert read.rows == rows


@pytest.mark.parametrize(
    ("text", "note"),
    [
        (lines("1,2", "3,4"), "The first line was read as data"),
        (lines("Sales of May", "", "id,name", "1,A", "2,B", "3,C"), "first 2 lines were not read"),
        (lines("a,b", "1,2", "3", "4,5,6"), "1 line has fewer fields"),
        (lines("a,b", "1,2", "3", "4,5,6"), "1 line has more fields than there are names (first: line 4)"),
        (lines("a,b", "1,2", '3,"open', "4,5"), "line 3 is never closed"),
        (lines("d", "03/04/2024", "05/06/2024"), "d: the day was taken to stand before the month"),
        (lines("name;price", "A;1,5", "B;2,75"), "read as decimal signs"),
        (lines("name;price", "A;1,234.5", "B;2,750"), "read as signs between thousands"),
        (lines("mpg,cyl", "Mazda,21,6", "Datsun,22.8,4"), "name of the row"),
        (lines("x", "1234567890123456789012345678901234567890.5", "1"), "more digits than are kept"),
    ],
)  # fmt: skip
def test_what_was_assumed_is_said(text: str, note: str, tmp_path: Path) -> None:
    assert any(note in own for own in Read(tmp_path, text).notes)


def test_nothing_is_said_of_what_is_plain(tmp_path: Path) -> None:
    text = lines("id,name,day,x", "1,a,2024-01-31,0.5", "2,b,2024-02-01,1.5")
    assert Read(tmp_path, text).notes == ()


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1"],
)  # fmt: skip
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_western_encodings(encoding: str, pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    read = Read(tmp_path, pack("name,n\nMüller,1\nÅse,2\n".encode(encoding)))
    assert read.table == [("Müller", 1), ("Åse", 2)]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("shift_jis", "名前,数\n山田太郎,1\n鈴木花子,2\n佐藤,3\n"),
        ("euc_jp", "名前,数\n山田太郎,1\n鈴木花子,2\n"),
        ("big5", "姓名,數\n陳大文,1\n李小龍,2\n"),
        ("cp949", "이름,수\n김철수,1\n이영희,2\n"),
        ("cp1251", "имя,число\nИван,1\nМария,2\nПётр Иванов,3\n"),
        ("koi8-r", "имя,число\nИван,1\nМария,2\nПётр Иванов,3\n"),
        ("cp1253", "όνομα,n\nΓιώργος,1\nΜαρία,2\n"),
    ],
)
def test_other_encodings_are_assumed_and_said(encoding: str, text: str, tmp_path: Path) -> None:
    read = Read(tmp_path, text.encode(encoding))
    assert [name for name, _ in read.table] == [
        line.split(",")[0] for line in text.split("\n")[1:-1]
    ]
    assert any("it was read as" in note for note in read.notes)


@pytest.mark.parametrize("encoding", ["shift_jis", "gb18030", "utf-8", "cp1250"])
def test_a_chosen_encoding_is_not_questioned(encoding: str, tmp_path: Path) -> None:
    text = "név,n\nŁódź,1\n" if encoding == "cp1250" else "姓名,n\n王五,1\n"
    read = Read(tmp_path, text.encode(encoding), encoding=encoding)
    assert read.table[0][0] in ("Łódź", "王五")
    assert read.notes == ()


def test_a_late_byte_that_is_no_utf8(tmp_path: Path) -> None:
    read = Read(tmp_path, b"a,b\n" + b"1,abc\n" * 300_000 + b"2,M\xfcller\n")
    assert read.rows == 300_001
    assert read.columns[1][-1] == "Müller"
    assert any("Windows-1252" in note for note in read.notes)


def test_an_unknown_encoding_is_refused_with_near_ones(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="no encoding 'utf-7000'"):
        Read(tmp_path, "a\n1\n", encoding="utf-7000")


@pytest.mark.parametrize(
    ("text", "options", "names", "table"),
    [
        ("a;b\n1;2\n", {"delimiter": ","}, ["a;b"], [("1;2",)]),
        ("a,b\n1,2\n", {"header": 0}, ["column_1", "column_2"], [("a", "b"), ("1", "2")]),
        ("x\n1\n2\n3\n", {"header": 2}, ["1"], [(2,), (3,)]),
        ("junk,x\na,b\n1,2\n", {"skip": 1}, ["a", "b"], [(1, 2)]),
        ("a;b\n1,5;1.234\n", {"delimiter": ";", "decimal": ",", "thousands": "."}, ["a", "b"], [(1.5, 1234)]),
        ("a;b\n1,234;x\n", {"delimiter": ";", "thousands": ","}, ["a", "b"], [(1234, "x")]),
        ("a;b\n1 234;x\n", {"delimiter": ";", "thousands": " "}, ["a", "b"], [(1234, "x")]),
        ("a,b\nNA,-\n1,x\n", {"na": ("-",)}, ["a", "b"], [("NA", None), ("1", "x")]),
        ("d\n03/04/2024\n", {"day_first": False}, ["d"], [(date(2024, 3, 4),)]),
        ("d\n03/04/2024\n", {"day_first": True}, ["d"], [(date(2024, 4, 3),)]),
        ("a,b\n%x,1\n2,3\n", {"comment": "%"}, ["a", "b"], [(2, 3)]),
        ("#a,b\n1,2\n", {"comment": ""}, ["#a", "b"], [(1, 2)]),
        ("a,b\n'x,1\n", {"quote": ""}, ["a", "b"], [("'x", 1)]),
        ("a b\n1 2\n", {"delimiter": " "}, ["a", "b"], [(1, 2)]),
    ],
)  # fmt: skip
def test_a_person_can_correct_what_was_found(
    text: str,
    options: dict[str, Any],
    names: list[str],
    table: list[tuple[Any, ...]],
    tmp_path: Path,
) -> None:
    read = Read(tmp_path, text, **options)
    assert list(read.names) == names
    assert read.table == table
    assert read.reading is not None
    kept = read.reading.model_dump()
    assert {key: kept[key] for key in options} == options


def test_what_was_found_reads_the_same_again(tmp_path: Path) -> None:
    text = lines("Sales", "", "id;name;amount", "1;A;1,5", "2;B;2,75", "3;NA;4")
    first = Read(tmp_path, text)
    assert first.reading is not None
    again = Read(tmp_path, text, **first.reading.model_dump())
    assert (again.names, again.table) == (first.names, first.table)


def test_files_of_other_dialects_are_one_table(tmp_path: Path) -> None:
    read = ReadFiles(
        tmp_path, {"1.csv": "a,b\n1,x\n", "2.csv": "b;a;c\ny;2;0.5\n", "3.csv": "a\tb\n3.5\tz\n"}
    )
    assert read.names == ("a", "b", "c")
    assert sorted(read.table) == [(1.0, "x", None), (2.0, "y", 0.5), (3.5, "z", None)]
    assert read.notes == ("2 of 3 files lack columns that others have.",)


def test_large_whole_numbers_are_exact(tmp_path: Path) -> None:
    ids = ["12345678901234567890123", "12345678901234567890124", "12345678901234567890125"]
    read = Read(tmp_path, lines("id,u", *(f"{own},{2**64 - 1 - n}" for n, own in enumerate(ids))))
    assert [str(value) for value in read.columns[0]] == ids
    assert read.columns[1] == [2**64 - 1, 2**64 - 2, 2**64 - 3]


WRITABLE = st.text(
    st.characters(codec="utf-8", exclude_characters="\x00\x1f\r", exclude_categories=("Cs", "Cc")),
    max_size=12,
) | st.sampled_from(['say "hi"', "a,b", "a;b", "line\nbreak", "x\ty", "pipe|", "'", '"'])


@given(
    delimiter=st.sampled_from(",;\t|"),
    quoting=st.sampled_from((csv.QUOTE_MINIMAL, csv.QUOTE_ALL)),
    end=st.sampled_from(("\n", "\r\n")),
    rows=st.lists(
        st.tuples(st.integers(-(10**20), 10**20), WRITABLE, st.integers(0, 9)),
        min_size=3,
        max_size=30,
    ),
)
def test_what_writers_write_is_read_back(
    delimiter: str,
    quoting: Any,
    end: str,
    rows: list[tuple[int, str, int]],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    held = io.StringIO(newline="")
    writer = csv.writer(held, delimiter=delimiter, quoting=quoting, lineterminator=end)
    writer.writerow(["id", "text", "n"])
    writer.writerows(rows)
    folder = tmp_path_factory.mktemp("back")
    read = Read(folder, held.getvalue(), delimiter=delimiter, na=(), comment="")
    assert read.rows == len(rows)
    assert [int(value) for value in read.columns[0]] == [own for own, _, _ in rows]
    assert read.columns[2] == [n for _, _, n in rows]
    if read.types[1] == "text":
        assert [value or "" for value in read.columns[1]] == [text for _, text, _ in rows]


FRAMES = st.fixed_dictionaries(
    {
        "n": st.lists(st.integers(-(2**62), 2**62), min_size=3, max_size=3),
        "x": st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=3, max_size=3),
        "t": st.lists(WRITABLE.filter(lambda text: text.strip() == text and text), min_size=3, max_size=3),
        "d": st.lists(st.dates(date(1000, 1, 1)), min_size=3, max_size=3),
        "b": st.lists(st.booleans(), min_size=3, max_size=3),
    }
)  # fmt: skip


@given(columns=FRAMES, library=st.sampled_from(["polars", "pandas"]))
def test_frames_are_read_back(
    library: str, columns: Columns, tmp_path_factory: pytest.TempPathFactory
) -> None:
    frame = pl.DataFrame(columns)
    text = frame.write_csv() if library == "polars" else frame.to_pandas().to_csv(index=False)
    read = Read(tmp_path_factory.mktemp("frame"), text, delimiter=",", na=(), header=1, comment="")
    by_name = dict(zip(read.names, read.columns, strict=True))
    for name in ("n", "x", "d", "b"):
        assert by_name[name] == columns[name]


@given(
    rows=st.lists(
        st.lists(st.sampled_from(["a", "", '"', "x\ny", "5\"", "#", ",", " "]), min_size=2, max_size=2),
        max_size=20,
    ),
    end=st.sampled_from(["\n", "\r\n"]),
    last=st.booleans(),
)  # fmt: skip
def test_records_are_counted_as_a_parser_counts_them(
    rows: list[list[str]], end: str, last: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    held = io.StringIO(newline="")
    csv.writer(held, lineterminator=end).writerows([["n", "m"], *rows])
    text = held.getvalue() if last else held.getvalue().removesuffix(end)
    path = tmp_path_factory.mktemp("count") / "x.csv"
    path.write_bytes(text.encode())
    assert tallies.count(path, Dialect(",", names=("n", "m"))) == len(rows)


@pytest.mark.parametrize(
    ("text", "type_", "value"),
    [
        ("31-OCT-2023", "date", "2023-10-31"),
        ("31 Oct 23", "date", "2023-10-31"),
        ("October 31, 2023", "date", "2023-10-31"),
        ("31OCT2023", "date", "2023-10-31"),
        ("2023-Oct-31", "date", "2023-10-31"),
        ("31 October 2023 22:00", "datetime", "2023-10-31T22:00:00"),
        ("10/31/2023 10:00 PM", "datetime", "2023-10-31T22:00:00"),
        ("31.10.2023 10:00:00", "datetime", "2023-10-31T10:00:00"),
        ("26:10:00", "text", "26:10:00"),
        ("00:0a:95:9d:68:16", "text", "00:0a:95:9d:68:16"),
        ("31-FOO-2023", "text", "31-FOO-2023"),
        ("31-FEB-2023", "text", "31-FEB-2023"),
    ],
)
def test_months_in_words_are_dates(text: str, type_: str, value: str, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(f'v,n\n"{text}",1\n"{text}",2\n')
    column = profiled(path, tmp_path / "scratch").named("v")
    assert (column.type, column.minimum) == (type_, value)


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("code,n\nNA,1\nDE,NA\nFR,2\n", "NA was read as missing (in code, n);"),
        ("a,b\n#N/A,null\n1,2\n", "#N/A, null were read as missing (in a, b);"),
        ("code,n\n" + "DE,1\n" * 6_000 + "NA,2\n", "NA was read as missing;"),
        ("surname,n\nNull,1\nDNA,2\n,3\n", ""),
    ],
)
def test_words_that_were_read_as_missing_are_said(text: str, note: str, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(text)
    notes = profiled(path, tmp_path / "scratch").last.notes
    assert bool(notes) == bool(note)
    assert all(item.startswith(note) for item in notes)


@pytest.mark.parametrize("late", [[], ["7"]])
def test_integers_of_any_length_stay_different(late: list[str], tmp_path: Path) -> None:
    for length in (17, 19, 23, 38, 60):
        base = 10**length + 3
        texts = [str(base), str(base + 1), str(base + 2), *late]
        path = tmp_path / "x.csv"
        path.write_text("\n".join(["id", *texts]) + "\n")
        column = profiled(path, tmp_path / "scratch").named("id")
        assert column.distinct == len(texts)
        assert column.maximum == str(base + 2) or column.type == "text"


LONG = "".join(f"{number},n\n" for number in range(8_000))
INSIDE, BETWEEN = "was read as part of a value", "read as lines, too"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(
    ("text", "table", "note"),
    [
        ("a,b\n1,x\ry\n2,z\n", [(1, "x\ry"), (2, "z")], INSIDE),
        ("a;b\n1;x\ry\rz\n2;w\n", [(1, "x\ry\rz"), (2, "w")], INSIDE),
        ('a,b\n1,"x\ry"\n2,z\rw\n', [(1, "x\ry"), (2, "z\rw")], INSIDE),
        ("a,b\r\n1,x\ry\r\n2,z\r\n", [(1, "x\ry"), (2, "z")], INSIDE),
        ("a,b\r1,2\r3,4\n5,6\n", [(1, 2), (3, 4), (5, 6)], BETWEEN),
        ("a,b\n1,2\r3,4\r5,6\n", [(1, 2), (3, 4), (5, 6)], BETWEEN),
        ("a,b\r\n1,2\r3,4\r\n5,6\r\n", [(1, 2), (3, 4), (5, 6)], BETWEEN),
        ('a,b\r1,"x\ry"\r2,z\n', [(1, "x\ry"), (2, "z")], BETWEEN),
        ("a b\n1 2\r3 4\n5 6\n", [(1, 2), (3, 4), (5, 6)], BETWEEN),
        ("a\n1\r2\n3\n", [(1,), (2,), (3,)], BETWEEN),
        ('a,b\n1,"x\ry"\n2,z\n', [(1, "x\ry"), (2, "z")], ""),
        ("a,b\n1,2\r\r\n3,4\r\r\n", [(1, 2), (3, 4)], ""),
    ],
)
def test_carriage_returns_without_a_line_feed(
    tmp_path: Path, text: str, table: list[Any], note: str, encoding: str
) -> None:
    read = Read(tmp_path / "a", text.encode(encoding))
    assert read.table == table
    assert len(read.notes) == bool(note)
    assert all(note in own for own in read.notes)


@pytest.mark.parametrize(
    ("last", "rows", "note"),
    [
        ("7,x\ry\n", 1, INSIDE),
        ("7,x\r8,y\n", 2, BETWEEN),
        ("7,José\ry\n", 1, INSIDE),
        ("7,x\n\x1a", 1, "Ctrl-Z"),
        ("7,José\n\x1a\r\n", 1, "Ctrl-Z"),
    ],
)
def test_signs_far_behind_what_is_looked_at_first(
    tmp_path: Path, last: str, rows: int, note: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(utf8, "_SAMPLE", 10_000)
    read = Read(tmp_path / "a", f"a,b\n{LONG}{last}".encode("cp1252"))
    assert read.rows == 8_000 + rows
    assert any(note in own for own in read.notes)
    assert not any("no character" in own for own in read.notes)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\x1a", "\x1a\n", "\r\n\x1a", "\n\x1a\x1a\x1a", "\n\x1a\r\n"])
@pytest.mark.parametrize("packed", [False, True])
def test_the_mark_at_the_end_of_a_file_is_no_row(
    tmp_path: Path, end: str, encoding: str, packed: bool
) -> None:
    data = f"a,b\r\n1,\x1a José\r\n2,z{end}".encode(encoding)
    read = Read(tmp_path / "a", gzip.compress(data) if packed else data)
    assert read.table == [(1, "\x1a José"), (2, "z")]
    assert any("Ctrl-Z" in note for note in read.notes)


@pytest.mark.parametrize(
    "text",
    [
        lines("1,5,red", "2,7,blue", "3,9,green", "4,2,red"),
        lines("1,2,a", "4,5,b", "7,8,c", "1,1,d"),
        lines("1,2,3,x", "4,5,6,y", "7,8,9,z"),
        lines("1,2,3,x", "3,1,2,y", "2,3,1,z", "1,1,3,z", "2,2,2,z"),
        lines("ann,3,40", "bob,5,50", "cid,7,20"),
        lines("2019,Paris", "2018,London", "2017,Rome"),
        lines("2019,2020", "2018,2021", "2017,1999"),
        lines("0,hello,2", "1,hello,3", "2,hello,4"),
        lines("A,100,200", ",300,400", ",500,600"),
        lines('1,2,"3,a"', '4,5,"6,b"'),
        lines("2023-01-01,10,missing", "2023-01-02,11,5", "2023-01-03,12,6"),
        lines("2024-01-01 10:00,5", "2024-01-02 11:00,6"),
        lines("May 5 2024", "June 7 2024", "July 8 2024"),
        lines("1,2,3"),
        lines("x,1"),
        lines(*(f"{n},{n * 7 % 13},name {n}" for n in range(5_000))),
    ],
)
def test_a_file_without_names_loses_no_record_and_it_is_said(text: str, tmp_path: Path) -> None:
    read = Read(tmp_path, text)
    assert read.rows == text.count("\n")
    assert read.names[0] == "column_1"
    assert read.notes[0].startswith("The first line was read as data: ")
    assert ("holds numbers only" in read.notes[0]) <= ("-" not in text)


@pytest.mark.parametrize(
    "text",
    [
        lines("1,2,3,x", "5,9,1,y", "2,2,2,z"),
        lines("country,2019", "FR,5", "DE,7"),
        lines("2019,2020,2021", "5,9,1", "7,7,2"),
        lines("store,2024-01-01,2024-02-01", "A,1,2", "B,3,4"),
        lines("id,5,name", "1,7,x", "2,9,y"),
        "a,b\n",
    ],
)
def test_names_that_may_be_data_are_said(text: str, tmp_path: Path) -> None:
    read = Read(tmp_path, text)
    assert list(read.names) == text.split("\n")[0].split(",")
    assert any("line was taken for names" in note for note in read.notes)


@pytest.mark.parametrize(
    ("names", "values", "expected"),
    [
        (("name", "preis"), ["A", "1,5", "B", "2,5", "C", "3,5"], 1.5),
        (("amount", "label"), ["1,50", "coffee", "2,75", "tea", "3,00", "milk", "4,25", "bread"], "coffee"),
        (("a", "b"), ["1,5", "x", "2,5", "y", "1.234,5", "z"], "x"),
        (("name", "text"), ["A", "hello, world", "B", "good, day", "C", "so, so"], "hello, world"),
        (("n", "v"), [own for n in range(2_000) for own in (f"item {n}", f"{n},25")], 0.25),
        (("column_1", "column_2"), ["A", "1,5", "B", "2,5", "C", "3,5"], 1.5),
    ],
)  # fmt: skip
@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_a_comma_in_each_line_is_no_delimiter_of_a_table_with_another(
    delimiter: str, names: tuple[str, str], values: list[str], expected: Any, tmp_path: Path
) -> None:
    rows = [names] if names[0] != "column_1" else []
    rows += list(zip(values[::2], values[1::2], strict=True))
    read = Read(tmp_path, lines(*map(delimiter.join, rows)))
    assert (read.names, read.rows) == (names, len(values) // 2)
    assert read.columns[1][0] == expected


@pytest.mark.parametrize(
    ("name", "line"), [("x.tsv", "a, b\t1"), ("x.TAB", "a,5\t1"), ("x.psv", "a,b|c;d")]
)
def test_the_ending_of_a_name_says_the_delimiter(name: str, line: str, tmp_path: Path) -> None:
    read = ReadFiles(tmp_path, {name: lines(*[line] * 3)})
    assert len(read.names) == 2
    assert read.rows in (2, 3)


@pytest.mark.parametrize("sign", ["\x0b", "\x0c", "\x1c", "\x1d", "\x85", "\u2028", "\u2029"])
def test_only_line_ends_end_lines(sign: str, tmp_path: Path) -> None:
    read = Read(tmp_path, lines(f"a{sign}n,b", "1,x", "2,z", f"3,q{sign}r"))
    assert read.names == (f"a{sign}n", "b")
    assert read.table == [(1, "x"), (2, "z"), (3, f"q{sign}r")]
    assert read.notes == ()
    titled = Read(tmp_path, lines(f"Sales{sign}of May", "", "a,b,c", "1,2,x", "3,4,y"))
    assert (titled.names, titled.rows) == (("a", "b", "c"), 2)


@pytest.mark.parametrize("delimiter", [",", ";", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_blanks_before_quotes_are_left_out(delimiter: str, end: str, tmp_path: Path) -> None:
    rows = [
        '"Year", "Score", "Title"', '1968,  86, "Greetings"', '1970,  73, "Hi! Mom"', "1971, 40, Born",
    ]  # fmt: skip
    text = end.join([*rows, ""]).replace(",", delimiter).replace("!", delimiter)
    read = Read(tmp_path, text)
    assert read.names == ("Year", "Score", "Title")
    assert read.table == [(1968, 86, "Greetings"), (1970, 73, f"Hi{delimiter} Mom"), (1971, 40, "Born")]  # fmt: skip


@pytest.mark.parametrize("hint", ["sep={}", "SEP={}", '"sep={}"'])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_line_for_excel_says_the_delimiter(
    hint: str, delimiter: str, end: str, tmp_path: Path
) -> None:
    rows = [hint.format(delimiter), *(delimiter.join(row) for row in ("abc", "123"))]
    read = Read(tmp_path, end.join([*rows, ""]))
    assert (read.names, read.table) == (("a", "b", "c"), [(1, 2, 3)])
    assert read.notes == (
        f"The first line says that fields are delimited by {delimiter!r}; it was not read.",
    )
    assert read.reading is not None
    again = Read(tmp_path, end.join([*rows, ""]), **read.reading.model_dump())
    assert (again.names, again.table) == (read.names, read.table)


@pytest.mark.parametrize(
    ("titles", "rows"),
    [
        (["Sales report,,"], ["a,b,c", "1,2,3", "4,5,6"]),
        (["PREAMBLE,,", ",,", "of,,"], ["a,b,c", "x,2,y", "z,5,y"]),
        (["Sales report,"], ["a,b", "x,2", "y,5"]),
        (["plain", "Sales report,,,"], ["a,b,c,d", "x,2,y,1", "z,5,,2"]),
    ],
)
def test_titles_that_are_padded_are_no_names(
    titles: list[str], rows: list[str], tmp_path: Path
) -> None:
    read = Read(tmp_path, lines(*titles, *rows))
    assert list(read.names) == rows[0].split(",")
    assert read.rows == len(rows) - 1
    assert "integer" in read.types
    assert any("the table begins below" in note for note in read.notes)


@pytest.mark.parametrize("row", ["1,9,2,", '1,"9",2,', "1,9,2,\r", '"x', "# c,,,,"])
@pytest.mark.parametrize("many", [2, 8_000])
def test_an_empty_field_too_many_is_said(row: str, many: int, tmp_path: Path) -> None:
    closed = ['y",2,', "1,2,"] if row == '"x' else []
    read = Read(tmp_path, lines("a,b,c", *["1,2,"] * many, row, *closed, '4,"5",'), comment="#")
    surplus = [note for note in read.notes if "more fields than there are names" in note]
    is_surplus = row.startswith("1")
    assert bool(surplus) == is_surplus
    assert all(f"line {many + 2:,}" in note for note in surplus)
    assert read.rows == many + 1 + is_surplus + len(closed)


@pytest.mark.parametrize(
    ("text", "names", "table"),
    [
        ("a b c\n1  3\n4 z 6\n", ("a", "b", "c"), [(1, None, 3), (4, "z", 6)]),
        ("x   y  z\n1   2   3\n10  20  30\n", ("x", "y", "z"), [(1, 2, 3), (10, 20, 30)]),
        ("a\x1fb\nc\nd\n", ("a\x1fb",), [("c",), ("d",)]),
        ("a\x1fb\n1\x1f2\n3\x1f4\n", ("a", "b"), [(1, 2), (3, 4)]),
        (" \n \n", (), []),
        ("\t\n\t\n", (), []),
        (" \r\n\t \r\n", (), []),
        (" \na,b\n1,2\n", ("a", "b"), [(1, 2)]),
        (" \n\na\n1\n2\n", ("a",), [(1,), (2,)]),
        ("address\n12 Main St\n7 High St\n9 Low Rd\n", ("address",), [("12 Main St",), ("7 High St",), ("9 Low Rd",)]),
        ("street name\n12 Main St\n7 High St\n", ("street name",), [("12 Main St",), ("7 High St",)]),
        ("size\n10 kg\n12 kg\n13 kg\n", ("size",), [("10 kg",), ("12 kg",), ("13 kg",)]),
        ("word\n1 a b\n2 c d\n", ("word",), [("1 a b",), ("2 c d",)]),
        ("d\nMay 5 2024\nJune 7 2024\n", ("d",), [("May 5 2024",), ("June 7 2024",)]),
        ("when\n5 May 2024\n7 June 2024\n", ("when",), [(date(2024, 5, 5),), (date(2024, 6, 7),)]),
        ('a,"b\n1,2\n3,4\n', ("a", '"b'), [(1, 2), (3, 4)]),
        ('a,b "c",d\n1,2,3\n4,5,6\n', ("a", 'b "c"', "d"), [(1, 2, 3), (4, 5, 6)]),
    ],
)  # fmt: skip
def test_what_looks_like_something_else(
    text: str, names: tuple[str, ...], table: list[tuple[Any, ...]], tmp_path: Path
) -> None:
    read = Read(tmp_path, text)
    assert (read.names, read.table) == (names, table)


def test_a_delimiter_in_sentences_yields_to_one_between_fields(tmp_path: Path) -> None:
    row = "April 15, 2023;40287;25.00;Ray;pending"
    read = Read(tmp_path, lines(f"{row};", f"{row};", row))
    assert (read.rows, len(read.names)) == (3, 6)
    assert any("fewer fields" in note for note in read.notes)


@pytest.mark.parametrize("packing", ["gzip", "zstd"])
@pytest.mark.parametrize(
    "text", ["a,b\n1,2\n3\n", "Title\n\na,b\n1,2\n3,4\n", "a,b,c\n1,2,\n1,2,3,\n"]
)
def test_packed_text_is_read_line_by_line_as_well(packing: str, text: str, tmp_path: Path) -> None:
    packed = gzip.compress(text.encode())
    if packing == "zstd":
        packed = pa.compress(text.encode(), codec="zstd", asbytes=True)
    read = Read(tmp_path, packed)
    assert (read.names[:2], read.rows) == (("a", "b"), 2)
    assert read.notes
