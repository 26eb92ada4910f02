"""Kinds of files that are read wrong without a word if nobody asks: dates in odd orders, comments, marks, stray quotes."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from orrery_engine.read_table import read_table
from orrery_engine.schemas import SourceIn

Rows = list[tuple[Any, ...]]


def read(path: Path, data: bytes | str = b"", **reading: Any) -> tuple[list[str], Rows, str]:
    """Names, rows and notes of a file."""
    if data:
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
    source = SourceIn(kind="file", location=str(path), reading=reading or None)
    table, notes = read_table(source)
    rows = list(zip(*(column.to_pylist() for column in table.columns), strict=True))
    return table.schema.names, rows, "\n".join(notes)


def values(folder: Path, texts: Sequence[str], ending: str) -> tuple[list[Any], str]:
    """The values and notes of a column of texts, as CSV, a list of records or a record a line."""
    records = [{"v": text, "n": 1} for text in texts]
    data = {
        "csv": "v;n\n" + "".join(f"{text};1\n" for text in texts),
        "json": json.dumps(records),
        "ndjson": "\n".join(map(json.dumps, records)),
    }[ending]
    _, rows, notes = read(folder / f"x.{ending}", data)
    return [row[0] for row in rows], notes


ENDINGS = ("csv", "json", "ndjson")


def test_codes_of_short_numbers_are_no_dates_and_times(tmp_path: Path) -> None:
    for texts in (
        ["1-2-3", "01-02-03"],
        ["41-10-1"],
        ["123-4-5"],
        ["5-10-12", "7-10-12"],
        ["0:5:3", "00:05:03"],
        ["999-01-01"],
        ["2024-13-01"],
        ["24-31-05"],
    ):
        for ending in ("csv", "json"):
            assert values(tmp_path, texts, ending) == (texts, ""), (texts, ending)


def test_dates_are_judged_alike_in_csv_and_json(tmp_path: Path) -> None:
    for texts, first in (
        (["2024-01-05", "2024-06-07"], date(2024, 1, 5)),
        (["31/12/2024", "01/02/2024"], date(2024, 12, 31)),
        (["5-Feb-2024", "7-Mar-2024"], date(2024, 2, 5)),
        (["2024.02.05", "2024.03.07"], date(2024, 2, 5)),
        (["2024-01-05T10:00", "2024-01-05T11:30:15"], datetime(2024, 1, 5, 10)),
        (["10:30:00", "11:00:00"], datetime(2024, 1, 1, 10, 30).time()),
    ):
        for ending in ENDINGS:
            column, notes = values(tmp_path, texts, ending)
            assert (column[0], notes) == (first, ""), (texts, ending)


def test_late_texts_that_are_no_dates_in_json(tmp_path: Path) -> None:
    texts = ["2024-01-05"] * 30_000
    for late in (["1-2-3"], ["word"], ["24-01-05"]):
        column, _ = values(tmp_path, [*texts, *late], "ndjson")
        assert column[0] == "2024-01-05"
        assert column[-1] == late[0]
    column, _ = values(tmp_path, [*texts, "2024-01-05 10:00:00"], "ndjson")
    assert column[-1] == datetime(2024, 1, 5, 10)


STEPS = [date(2024, 1, 5) + timedelta(days=5 * step) for step in range(60)]


def test_the_order_of_short_dates_is_the_likeliest_and_said(tmp_path: Path) -> None:
    for place, form in enumerate(("%y-%m-%d", "%y/%m/%d", "%y.%m.%d", "%y-%b-%d", "%d.%m.%y", "%d-%m-%y", "%m/%d/%y", "%d-%b-%y")):  # fmt: skip
        texts = [day.strftime(form) for day in STEPS]
        column, notes = values(tmp_path, texts, ENDINGS[place % 3])
        assert column == STEPS, form
        assert "v: years are written with two digits; they were read as 2024 to 2024." in notes
    few = [day for day in STEPS if day.day < 13][:3]
    column, notes = values(tmp_path, [f"{day:%y-%m-%d} 10:00" for day in few], "csv")
    assert [own.date() for own in column] == few
    assert "read as year, month, day; the values allow day, month, year" in notes


def test_a_person_can_say_the_order_of_dates(tmp_path: Path) -> None:
    for order, day in (
        ("dmy", date(2005, 4, 3)),
        ("mdy", date(2005, 3, 4)),
        ("ymd", date(2003, 4, 5)),
        ("ydm", date(2003, 5, 4)),
    ):
        _, rows, notes = read(tmp_path / "x.csv", "d\n03-04-05\n", date_order=order)
        assert rows == [(day,)]
        assert "the values allow" not in notes
    assert read(tmp_path / "x.csv", "d\n2024-31-12\n", date_order="ydm")[1] == [(date(2024, 12, 31),)]  # fmt: skip


def test_the_century_of_short_years_is_said(tmp_path: Path) -> None:
    _, rows, notes = read(tmp_path / "x.csv", "n;dob\na;16.07.53\nb;25.02.48\nc;19.10.93\n")
    assert [row[1].year for row in rows] == [2053, 2048, 1993]
    assert "dob: years are written with two digits; they were read as 1993 to 2053." in notes
    assert "2 of these dates lie in the future and may be of the century before" in notes


COMMENTS: list[tuple[str, list[str], Rows, str]] = [
    ("# export\nticket,title\n#1001,Broken\n1003,None left\n#1004,Again\n", ["ticket", "title"], [("#1001", "Broken"), ("1003", "None left"), ("#1004", "Again")], "The first line begins with '#' and was left out"),
    ("# export\nticket,title\n#1001,Broken\n#1002,Slow\n", ["ticket", "title"], [("#1001", "Broken"), ("#1002", "Slow")], "first line begins"),
    ("% a\n% b\nt;n\n%x;1\ny;2\n", ["t", "n"], [("%x", 1), ("y", 2)], "The first 2 lines begin with '%' and were left out"),
    ("# export\nid,name\n1,a\n#N/A,b\n3,c\n", ["id", "name"], [(1, "a"), (None, "b"), (3, "c")], "first line begins"),
    ("#chrom\tstart\nchr1\t5\n#chr2\t6\nchr3\t7\n", ["#chrom", "start"], [("chr1", 5), ("#chr2", 6), ("chr3", 7)], ""),
    ("# by, x\n# again\na,b\n1,2\n# late\n3,4\n", ["a", "b"], [(1, 2), (3, 4)], "1 line begins with '#' within the table, not split like it, and was left out as a comment (first: line 5)"),
    ("# e\na,b\n" + "1,2\n" * 6_000 + "#99,b\n# out\n", ["a", "b"], [*[("1", "2")] * 6_000, ("#99", "b")], "(first: line 6,004)"),
    ("# e\nname\n#x\ny\n", ["name"], [("#x",), ("y",)], "first line begins"),
    ('# e\na,b\n1,"x\n# y"\n2,z\n', ["a", "b"], [(1, "x\n# y"), (2, "z")], "first line begins"),
    ("# id,name\n1,a\n2,b\n", ["# id", "name"], [(1, "a"), (2, "b")], ""),
    ("#made,by\na,b\n1,2\n", ["a", "b"], [(1, 2)], "first line begins"),
    ("# one\n\na,b\n1,2\n", ["a", "b"], [(1, 2)], "first line begins"),
]  # fmt: skip


def test_only_comments_are_left_out_and_all_of_them_are_said(tmp_path: Path) -> None:
    for place, (text, names, rows, note) in enumerate(COMMENTS):
        pack = (bytes, gzip.compress)[place % 2]
        got = read(tmp_path / "x.csv", pack(text.encode()))
        assert (got[0], got[1]) == (names, rows), text[:60]
        assert note in got[2]
        assert bool(got[2]) == bool(note) or "missing" in got[2]


def test_a_mark_stands_before_anything(tmp_path: Path) -> None:
    for place, above in enumerate(("", "# export\n", "# a\n# b\n", "\n", "Title\n\n", "% a\n\n", "sep=;\n")):  # fmt: skip
        for table in ("n;v\n1;2\n3;4\n", '"n";"v"\r\n1;2\r\n3;4\r\n'):
            text = above + table if "\r" not in table else above.replace("\n", "\r\n") + table
            pack = (bytes, gzip.compress)[place % 2]
            names, rows, _ = read(tmp_path / "x.csv", pack(b"\xef\xbb\xbf" + text.encode()))
            assert (names, rows) == (["n", "v"], [(1, 2), (3, 4)]), (above, table)
    names, rows, _ = read(tmp_path / "x.csv", b"\xef\xbb\xbf#a\nn,v\n1,2\n", comment="#")
    assert (names, rows) == (["n", "v"], [(1, 2)])


QUOTES: list[tuple[str, Rows, str]] = [
    ('id,name,age\n1,"Jo, Do,25\n2,"Bob",35\n3,"Ann",40\n', [(1, '"Jo', " Do", 25), (2, "Bob", "35", None), (3, "Ann", "40", None)], "1 line has text behind a closing quotation mark (first: line 2)"),
    ('id,name\n1,"a\n2,"b"\n3,c\n', [(1, '"a'), (2, "b"), (3, "c")], "(first: line 2)"),
    ('id,name\n1,"O"Neil"\n2,"Al"x\n3,"b, c"\n', [(1, 'O"Neil'), (2, '"Al"x'), (3, "b, c")], "2 lines have text behind"),
    ('id;name;z\n1;"a\nb";3\n2;"c"d";4\n', [(1, "a\nb", 3), (2, 'c"d', 4)], "(first: line 4)"),
    ('id;name;z\n1;"a" ;3\n2;"b";4\n', [(1, "a", 3), (2, "b", 4)], ""),
    ('id,n,z\n1,"Jo,3\n2,b,4\n3,c,5\n4,c",5\n5,d,6\n', [(1, "Jo,3\n2,b,4\n3,c,5\n4,c", 5), (5, "d", 6)], "2 lines inside of quotation marks split like the table"),
    ('id,n,z\n1,"Jo, the\nfirst\nof",3\n2,b,4\n', [(1, "Jo, the\nfirst\nof", 3), (2, "b", 4)], ""),
    ('id,n,z\n1,a,3\n2,"b,4\n3,"c",5\n4,"d, e",6\n', [(1, "a", 3), (2, '"b', 4), (3, "c", 5), (4, "d, e", 6)], "(first: line 3)"),
    ('id,n,z\n1,5" pipe,3\n2,b,4\n', [(1, '5" pipe', 3), (2, "b", 4)], ""),
]  # fmt: skip


def test_no_record_is_lost_in_another_one(tmp_path: Path) -> None:
    for text, rows, note in QUOTES:
        _, got, notes = read(tmp_path / "x.csv", text)
        assert got == rows, text
        assert note in notes
        assert bool(notes) == bool(note)


def test_times_of_96_bits(tmp_path: Path) -> None:
    times = [datetime(9999, 12, 31, 23, 59, 59, 999999), datetime(1000, 1, 1), datetime(2024, 6, 1)]
    table = pa.table({"t": pa.array(times, pa.timestamp("us")), "l": [[own] for own in times]})
    for stored in (True, False):
        path = tmp_path / "x.parquet"
        pq.write_table(table, path, use_deprecated_int96_timestamps=True, store_schema=stored)
        names, rows, notes = read(path)
        assert (names, rows) == (["t", "l"], [(own, [own]) for own in times])
        assert notes == "t, l: times of 96 bits (INT96) were read to the microsecond."


QUANTITIES: list[tuple[str, list[str], int]] = [
    ("1.234,50 €;Bonn\n2.345,60 €;Ulm\n3.000,00 €;Kiel\n", ["column_1", "column_2"], 3),
    ("55 707,73;Stone\n10 237,65;Hill\n12 000,00;Lake\n", ["column_1", "column_2"], 3),
    ("$1,234.50|south\n$2,345.50|north\n$3,000.00|east\n", ["column_1", "column_2"], 3),
    ("10 EUR;south\n20 EUR;north\n35 EUR;east\n", ["column_1", "column_2"], 3),
    ("53'227.33,south\n12'345.10,north\n1'000.00,east\n", ["column_1", "column_2"], 3),
    ("+49 30 123,Ann\n+49 171 22233,Bob\n030/123456,Cy\n", ["column_1", "column_2"], 3),
    ("A-100,red\nB-20,blue\nC-3,green\n", ["column_1", "column_2"], 3),
    ("2024-W01;south\n2024-W02;north\n2024-W05;east\n", ["column_1", "column_2"], 3),
    ("#FF0000,red\n#00FF00,green\n#0000FF,blue\n", ["column_1", "column_2"], 3),
    ("price;city\n10 EUR;Bonn\n20 EUR;Ulm\n", ["price", "city"], 2),
    ("x1,x2\n1,2\n3,4\n", ["x1", "x2"], 2),
    ("t0,t1\nw5,w17\nw6,w18\n", ["t0", "t1"], 2),
    ("name,code1\nAnn,A5\nBob,B7\n", ["name", "code1"], 2),
    ("q1,name\nA-1,Ann\nB-2,Bob\n", ["q1", "name"], 2),
    ("A,B,C\n1,4,7,\n2,5,8,\n", ["A", "B", "C", "column_4"], 2),
    ("A,B,C\n1,4,7,x\n2,5,8,\n", ["row_name", "A", "B", "C"], 2),
]


def test_what_looks_like_data_is_data(tmp_path: Path) -> None:
    for text, names, count in QUANTITIES:
        got, rows, notes = read(tmp_path / "x.csv", text)
        assert (got, len(rows)) == (names, count), text
        is_said = (
            names[0] == "column_1" or len(names) > 2 or text.startswith(("t0", "name,code1", "q1"))
        )
        assert bool(notes) == is_said, text
