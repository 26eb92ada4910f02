"""What is exact in a plain CSV is so in every other dialect: long numbers, escapes, empty lines, first lines without names."""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from orrery_engine.readers.columns import partitioned
from orrery_engine.readers.table import DatabaseTable
from orrery_engine.readers.text.escapes import escape_of
from orrery_engine.readers.text.whole_lines import are_values
from orrery_engine.schemas import Options, ResolvedSource
from tests.engine.readers.test_reading_kinds import read

# How numbers are written: the delimiter, the decimal sign, and a value that shows the signs.
WRITERS = ((",", ".", "1.5"), (";", ",", "1,5"), ("\t", ",", "1.234,5"), ("|", ".", "1,234.5"))
LONG = (
    ["12345678901234567890123", "12345678901234567890124"],
    ["18446744073709551615", "18446744073709551614"],
    ["9007199254740993", "9007199254740992"],
    ["0.12345678901234567891", "0.12345678901234567892"],
    ["9007199254740993.25", "9007199254740993.5"],
    ["9" * 45, "9" * 44 + "8"],
)


def test_long_numbers_stay_different_beside_any_signs(tmp_path: Path) -> None:
    for delimiter, point, sign in WRITERS:
        rows = [
            delimiter.join([*(own[place].replace(".", point) for own in LONG), sign, str(place)])
            for place in (0, 1)
        ]
        header = delimiter.join([*"abcdefgh"])
        _, read_rows, _ = read(tmp_path / "x.csv", "\n".join([header, *rows, ""]))
        for place, own in enumerate(LONG):
            values = [row[place] for row in read_rows]
            assert [Decimal(value) for value in values] == [Decimal(text) for text in own], values


@pytest.mark.parametrize(("delimiter", "mark"), [(",", ".5"), (";", ",5")])
def test_what_floats_do_not_keep_is_said(delimiter: str, mark: str, tmp_path: Path) -> None:
    texts = ["1e400", "1e-400", "1.2345678901234567891e10", "7"]
    texts = texts if delimiter == "," else [text.replace(".", ",") for text in texts]
    for text in texts:
        data = f"v{delimiter}w\n{text}{delimiter}1{mark}\n2{delimiter}2{mark}\n"
        _, _, notes = read(tmp_path / "x.csv", data)
        assert ("v: numbers" in notes) is (text != "7"), (text, notes)
    printed = ["1.000000000000000000e+00", "1.100000000000000089e+00", "-2.5e-7"]
    _, rows, notes = read(tmp_path / "x.csv", "v\n" + "\n".join(printed) + "\n")
    assert ([row[0] for row in rows], notes) == ([1.0, 1.1, -2.5e-7], "")


def test_points_between_thousands_and_plus_signs_are_said(tmp_path: Path) -> None:
    _, rows, notes = read(tmp_path / "x.csv", "lat;p\n52.520;1.234,50\n48.137;2,75\n")
    assert [row[0] for row in rows] == [52520, 48137]
    assert "lat: points in whole numbers" in notes
    _, rows, notes = read(tmp_path / "x.csv", "n;p\n520;1.234,50\n137;2,75\n")
    assert "points in whole" not in notes
    for numbers, expected in (
        (["+4930123456", "+4930123457"], ["+4930123456", "+4930123457"]),
        (["+4930123456", "4930123456"], [4930123456, 4930123456]),
        (["+5", "-3"], [5, -3]),
    ):
        for delimiter, other in ((",", "x"), (";", "1,5")):
            lines = [f"{text}{delimiter}{other}" for text in numbers]
            data = "\n".join([f"v{delimiter}w", *lines, ""])
            _, rows, notes = read(tmp_path / "x.csv", data)
            assert [row[0] for row in rows] == expected
            assert ("plus signs" in notes) is ("4930123456" in numbers), notes


ESCAPED = (
    (r'"say \"hi\" x"', 'say "hi" x'),
    (r'"C:\temp\new"', r"C:\temp\new"),
    (r'"\d+\s"', r"\d+\s"),
    (r'"a\\b"', r"a\b"),
    (r'"ends with \\"', "ends with \\"),
    (r'"\"all\""', '"all"'),
    (r"C:\plain\new", r"C:\plain\new"),
    ('"two\nlines \\"x\\""', 'two\nlines "x"'),
    ('"say ""so"" too"', 'say "so" too'),
)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_only_quotation_marks_and_itself_lose_a_backslash(delimiter: str, tmp_path: Path) -> None:
    for repeats in (1, 800):
        lines = [f"{place}{delimiter}{text}" for place, (text, _) in enumerate(ESCAPED)] * repeats
        _, rows, notes = read(tmp_path / "x.csv", "\n".join([f"id{delimiter}v", *lines, ""]))
        assert [row[1] for row in rows] == [value for _, value in ESCAPED] * repeats
        assert "before others it was kept" in notes


def test_a_late_backslash_is_kept(tmp_path: Path) -> None:
    lines = [rf'{place},"\"a\" {"x" * 400}"' for place in range(3_000)]
    data = "\n".join(["id,v", *lines, r'60000,"C:\temp"', ""])
    _, rows, notes = read(tmp_path / "x.csv", data)
    assert (rows[1][1], rows[-1][1]) == (f'"a" {"x" * 400}', r"C:\temp")
    assert "kept" in notes


@pytest.mark.parametrize(
    ("text", "escape"),
    [
        ('id,j\n1,"[""C:\\\\dir\\\\"",""b""]"\n2,"[""x"",""y""]"\n', ""),
        ('id,s,t\n1,5\\" pipe,"a,b"\n2,C:\\new,"x ""y"" z"\n', ""),
        ('a,b\n"C:\\dir\\",1\n"D:\\",2\n', ""),
        ('a,b\n"5\\"",1\n"6\\"",2\n', "\\"),
        ('a;b\n"say \\"hi\\"";1\n', "\\"),
        ('a b\n"say \\"hi\\" x" 1\n"y" 2\n', "\\"),
        ("a,b\n'it\\'s',1\n'x',2\n", "\\"),
        ('a,b\n"",1\n"x",2\n', ""),
    ],
)
def test_an_escape_is_what_makes_fields_end_where_fields_do(text: str, escape: str) -> None:
    assert escape_of(text, "'" if "'" in text else '"') == escape


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_names_below_a_line_of_empty_fields(delimiter: str, tmp_path: Path) -> None:
    empty = delimiter * 2
    quoted = delimiter.join(['""'] * 3)
    for above in (
        [empty],
        [quoted],
        [empty] * 2,
        ["", empty],
        [empty, ""],
        [f" {delimiter} {delimiter}"],
    ):
        end = "\r\n" if delimiter == ";" else "\n"
        rows = [delimiter.join(row) for row in ("xyz", "123", "456")]
        names, values, _ = read(tmp_path / "x.csv", end.join([*above, *rows, ""]))
        assert (names, values) == ([*"xyz"], [(1, 2, 3), (4, 5, 6)]), above
    data = "\n".join([empty, *(delimiter.join(row) for row in ("xyz", "123")), ""])
    assert read(tmp_path / "x.csv", data, header=2)[0] == [*"xyz"]


def test_a_word_for_missing_is_no_name(tmp_path: Path) -> None:
    for word in ("NA", "NULL", "N/A", "nan"):
        for below in ("5", "2024-01-05"):
            data = f"ann,{word},red\nbob,{below},blue\ncid,{below},green\n"
            _, rows, notes = read(tmp_path / "x.csv", data)
            assert [len(rows), rows[0][1]] == [3, None], (word, below)
            assert "word for missing" in notes
    for data, names in (
        ("id,NA,name\n1,5,x\n2,6,y\n", ["id", "NA", "name"]),
        ("EU,NA\na,b\nc,d\n", ["EU", "NA"]),
        (",a,b\n0,x,y\n1,z,w\n", ["", "a", "b"]),
    ):
        assert read(tmp_path / "x.csv", data)[0] == names
    _, rows, notes = read(tmp_path / "x.csv", "ann,,red\nbob,5,blue\ncid,6,green\n")
    assert len(rows) == 2
    assert "lacks one above values" in notes
    _, rows, notes = read(tmp_path / "x.csv", "1,x\n2,y,z\n3,w,q\n4,e,r\n")
    assert rows[0] == (1, "x", None)
    assert "lacks a field" in notes


LINES = {
    "times": (["10:20:30", "11:21:00", "12:22:10", "13:00:59"], ":"),
    "times with parts": (["10:20:30.25", "11:21:00.5"], ":"),
    "afternoons": (["10:20:30 PM", "11:21:00 AM"], ":"),
    "stamps": (["2024-01-05T10:20:30", "2024-01-06T11:21:00"], ":"),
    "stamps with zones": (["2024-01-05 10:20:30+01:00", "2024-01-06 11:21:00Z"], ":"),
    "logs": (["05/Jan/2024:10:20:30 +0000", "06/Jan/2024:11:20:30 +0000"], ":"),
    "cards": (["aa:bb:cc:dd:ee:ff", "01:02:03:04:05:06"], ":"),
    "addresses": (["fe80:0:0:0:202:b3ff:fe1e:8329", "2001:db8::1", "::1"], ":"),
    "networks": (["2001:db8::/32", "fe80::/10"], ":"),
    "locations": (["http://a:80/x:y:z", "https://b:81/q:r:s"], ":"),
    "German amounts": (["1.234,50", "22.345,75"], ","),
    "amounts": (["1,234.50", "22,345.75"], ","),
    "days in words": (["January 5, 2024", "March 12, 2024"], ","),
    "spaced amounts": (["1 234,50", "22 345,75"], " "),
    "telephones": (["+49 30 123456", "+44 20 7946"], " "),
}


@pytest.mark.parametrize("kind", LINES)
def test_one_value_a_line_is_not_cut(kind: str) -> None:
    texts, delimiter = LINES[kind]
    for before, after in (("", ""), ('"', '"'), ("", "\r")):
        assert are_values([f"{before}{text}{after}\n" for text in texts], delimiter)
    assert not are_values(["root:x:0:0:root\n", "bin:x:1:1:bin\n"], delimiter)
    assert not are_values(["1:2:3\n", "4:5:6\n", "a,b\n", "1 2\n"], delimiter)


@pytest.mark.parametrize("kind", ["times", "stamps", "cards", "addresses", "German amounts"])
def test_no_record_of_one_value_a_line_is_lost(kind: str, tmp_path: Path) -> None:
    texts, _ = LINES[kind]
    names, rows, _ = read(tmp_path / "x.csv", "\n".join([*texts, ""]))
    assert (len(names), len(rows)) == (1, len(texts))


def test_cuts_at_colons_are_said(tmp_path: Path) -> None:
    data = "root:x:0:/root\nbin:x:1:/bin\nsys:x:3:/dev\n"
    names, _, notes = read(tmp_path / "x.txt", data)
    assert len(names) == 4
    assert "split at colons" in notes


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("repeats", [1, 3_000])
def test_empty_lines_of_the_only_column_are_missing(end: str, repeats: int, tmp_path: Path) -> None:
    lines = ["Ann", "", "Bob", '""', "", "", "Cid"] * repeats
    expected = [line.strip('"') or None for line in lines]
    for below in ("", end, end * 2):
        data = end.join(["name", *lines]) + end + below
        _, rows, notes = read(tmp_path / "x.csv", data)
        assert [row[0] for row in rows] == expected
        assert f"{3 * repeats:,} empty lines were read as missing" in notes
    _, rows, notes = read(tmp_path / "x.csv", end.join(["", "", "v", "1", "2", "", ""]))
    assert [row[0] for row in rows] == [1, 2]
    assert not notes
    # Where no empty text stands in quotes, an empty line is no value for most writers.
    lines = ["1", "", "", "3", ""] * repeats
    _, rows, notes = read(tmp_path / "x.csv", end.join(["v", *lines, ""]))
    assert [row[0] for row in rows] == [1, 3] * repeats
    assert f"{3 * repeats - 1:,} empty lines were left out" in notes


def test_a_late_empty_text_shows_what_empty_lines_are(tmp_path: Path) -> None:
    lines = ["x" * 400, ""] * 3_000
    _, rows, _ = read(tmp_path / "x.csv", "\n".join(["v", *lines, '""', "y", ""]))
    assert len(rows) == 6_002


def test_a_column_of_polars_comes_back(tmp_path: Path) -> None:
    frame = pl.DataFrame({"name": ["Ann", None, "Bob", "", None, "x"]})
    path = tmp_path / "x.csv"
    frame.write_csv(path)
    assert [row[0] for row in read(path)[1]] == ["Ann", None, "Bob", None, None, "x"]


def test_decimal_commas_between_blanks_delimit_nothing(tmp_path: Path) -> None:
    for header in ("", "town x y n\n"):
        lines = "Rome 95,7 -12,8 693\nBari 76,6 98,2 704\nPisa 70,1 84,3 500\n"
        _, rows, _ = read(tmp_path / "x.txt", header + lines)
        assert rows[0] == ("Rome", 95.7, -12.8, 693), header
    assert len(read(tmp_path / "x.txt", "a b,1\nc d,2\ne f,3\n")[0]) == 2


def test_marks_of_joined_files_are_left_out(tmp_path: Path) -> None:
    late = "".join(f"{place},x\n" for place in range(20_000))
    for more in ("", late):
        data = f"\ufeffa,b\n1,x\n{more}\ufeff3,y\n"
        _, rows, notes = read(tmp_path / "x.csv", data)
        assert rows[-1] == (3, "y")
        assert "byte-order mark" in notes


def _summary(folder: Path, declared: str, values: list[Any]) -> tuple[Any, int]:
    path = folder / "x.db"
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as connection:
        connection.execute(f"CREATE TABLE t (a {declared})")
        connection.executemany("INSERT INTO t VALUES (?)", [(value,) for value in values])
    connection.close()
    source = ResolvedSource(
        reader="table", location=f"sqlite:///{path}", format="database", table="t"
    )
    table = DatabaseTable(source, Options())
    profile = table.summary(0, Options())
    duplicates, _ = table.together([profile])
    table.close()
    assert duplicates is not None
    return profile, duplicates.rows


@pytest.mark.parametrize(
    ("declared", "values", "kind"),
    [
        ("BOOLEAN", [1, 0, 2, -1], "integer"),
        ("BOOLEAN", [1, 0, None], "boolean"),
        ("DATE", ["12/31/2019", "01/05/2024"], "text"),
        ("DATE", ["2024-01-05", "2024-13-45"], "text"),
        ("DATE", ["2024-01-05", "2024-02-30"], "text"),
        ("DATE", ["2024-01-05", None, "2024-02-29"], "date"),
        ("DATE", ["2024-01-05 10:00", "2024-01-06 11:00"], "datetime"),
        ("DATETIME", ["2024-01-05 10:00:00", "2024-01-06 10:00:00.5"], "datetime"),
        ("DATETIME", ["2024-01-05 10:00:00", "2024-01-06T10:00:00"], "text"),
        ("DATETIME", ["2024-01-05", "2024-01-06"], "datetime"),
        ("DATETIME", ["yesterday", "2024-01-06"], "text"),
        ("TIME", ["10:00", "9:30"], "text"),
        ("TIME", ["10:00:00", "25:30:00"], "text"),
        ("TIME", ["10:00", "09:30"], "time"),
    ],
)
def test_sqlite_declares_what_its_values_are_not(
    declared: str, values: list[Any], kind: str, tmp_path: Path
) -> None:
    profile, _ = _summary(tmp_path, declared, values)
    assert profile.type == kind
    assert profile.distinct == len({*values} - {None})
    assert ("It is declared as" in profile.note) is (kind in ("text", "integer"))


@pytest.mark.parametrize("collation", ["NOCASE", "RTRIM", "BINARY"])
def test_texts_of_sqlite_are_equal_only_if_they_are_the_same(
    collation: str, tmp_path: Path
) -> None:
    values = ["a", "A", "b", "B", "b "]
    profile, repeated = _summary(tmp_path, f"TEXT COLLATE {collation}", values)
    assert (profile.distinct, repeated) == (5, 0)
    assert sorted(str(top.value) for top in profile.top) == sorted(values)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("genres", ["Action|Drama", "Comedy|Drama", "Drama|War", "A|B"]),
        ("formula", ["x^2", "y^3", "z^4"]),
        ("size", ["~5", "~7", "~9"]),
        ("tags", ["red;blue", "green;blue", "pink;red"]),
        ("coords", ["52.5,13.4", "48.1,11.6", "53.5,10.0"]),
    ],
)
def test_a_name_alone_is_that_of_the_whole_lines(
    name: str, values: list[str], tmp_path: Path
) -> None:
    names, rows, _ = read(tmp_path / "x.csv", "\n".join([name, *values, ""]))
    assert names == [name]
    assert [row[0] for row in rows] == values
    _, rows, _ = read(tmp_path / "x.csv", "Report\nname;age\nAnn;5\nBob;6\n")
    assert rows == [("Ann", 5), ("Bob", 6)]


def test_folders_named_after_codes_stay_different() -> None:
    for texts, expected in (
        (["001", "1"], ["001", "1"]),
        (["06", "07", "06"], [6, 7, 6]),
        (["2024", None], [2024, None]),
        (["-0", "0"], ["-0", "0"]),
    ):
        assert partitioned(texts).to_pylist() == expected
