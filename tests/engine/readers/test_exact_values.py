"""Values that libraries round, wrap or replace without a word: as they are written, or said."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

from orrery_engine.schemas import Options, ResolvedSource
from orrery_engine.stats.univariate import profile_column
from tests.engine.readers.test_reading_kinds import read
from tests.engine.worker_jobs import done, job

LONG = ("0.1234567890123456789", "123456789.12345678901", "3.14159265358979323846", "-0.00012345678901234567891")  # fmt: skip
SHORT = ("0.1", "0.12345678901234567", "0.10000000000000001", "0.1234567890123456", "1e300", "-0.00012345678901234567", "12345.678901234567", "5e-324")  # fmt: skip
LAYOUTS = {
    "ndjson": '{{"n":"a","v":{0}}}\n{{"n":"b","v":1.5}}\n',
    "json": '[{{"n":"a","v": {0}}},{{"n":"b","v":1.5}}]',
}


def test_long_decimals_of_json_keep_their_digits(tmp_path: Path) -> None:
    for ending, layout in LAYOUTS.items():
        for number in LONG:
            _, rows, notes = read(tmp_path / f"x.{ending}", layout.format(number))
            assert [row[1] for row in rows] == [Decimal(number), Decimal("1.5")], (ending, number)
            assert not notes
        for number in SHORT:
            _, rows, notes = read(tmp_path / f"x.{ending}", layout.format(number))
            assert [row[1] for row in rows] == [float(number), 1.5]
            assert not notes


def test_late_long_decimals_of_json(tmp_path: Path) -> None:
    lines = [
        json.dumps({"v": place / 7, "t": "a, 0.1234567890123456789"}) for place in range(30_000)
    ]
    _, rows, _ = read(tmp_path / "x.ndjson", "\n".join([*lines, '{"v":0.1234567890123456789}']))
    assert rows[-1][0] == Decimal("0.1234567890123456789")


def test_numbers_beyond_floats_are_said(tmp_path: Path) -> None:
    for number, value in (
        ("1e400", math.inf),
        ("-1E+309", -math.inf),
        ("1e4000", math.inf),
        ("1e-400", 0.0),
    ):
        for ending, layout in (*LAYOUTS.items(), ("csv", "n,v\na,{0}\nb,1.5\n")):
            _, rows, notes = read(tmp_path / f"x.{ending}", layout.format(number))
            assert [row[1] for row in rows] == [value, 1.5], (ending, number)
            assert "v: numbers are too large or too near to zero for floats" in notes
    for text in ("inf", "-Infinity", "0e5", "0.000", "1e300"):
        _, rows, notes = read(tmp_path / "x.csv", f"n,v\na,{text}\nb,1.5\n")
        assert [row[1] for row in rows] == [float(text), 1.5]
        assert not notes


def test_half_a_character_is_said(tmp_path: Path) -> None:
    cases: tuple[tuple[str, str, bool], ...] = (
        (r"\ud83d", "\ufffd", True),
        (r"a\udc00b", "a\ufffdb", True),
        (r"\ud83d\ude00", "\U0001f600", False),
        (r"\ud83dx\ud83d\ude00", "\ufffdx\U0001f600", True),
        (r"?", "?", False),
    )
    for ending, layout in LAYOUTS.items():
        for text, value, is_said in cases:
            _, rows, notes = read(
                tmp_path / f"x.{ending}", layout.format(f'"{text}"').replace("1.5", '"z"')
            )
            assert rows[0][1] == value, (ending, text)
            assert ("v: 1 text holds half a character" in notes) is is_said
        names, _, _ = read(tmp_path / f"x.{ending}", layout.format('1,"\\ud83dk":2'))
        assert names == ["n", "v", "\ufffdk"]


def write_ods(path: Path, names: Sequence[str], rows: Sequence[tuple[str | None, str]]) -> None:
    """A sheet whose first column holds lengths of time."""
    book, sheet = OpenDocumentSpreadsheet(), Table(name="s")
    for place, row in enumerate([tuple(names), *rows]):
        line = TableRow()
        for column, text in enumerate(row):
            if place and not column and text:
                cell = TableCell(valuetype="time", timevalue=text)
            else:
                cell = TableCell(valuetype="string") if text else TableCell()
            if text:
                cell.addElement(P(text=text))
            line.addElement(cell)
        sheet.addElement(line)
    book.spreadsheet.addElement(sheet)
    book.save(path)


def test_lengths_of_time_on_sheets(tmp_path: Path) -> None:
    lengths = [timedelta(hours=26, minutes=10), timedelta(seconds=90.5), -timedelta(hours=3), None]
    odf_texts = ["PT26H10M00S", "PT00H01M30.5S", "-PT3H", None]
    path = tmp_path / "x.ods"
    write_ods(path, ["v", "n"], [(text, "a") for text in odf_texts])
    _, rows, _ = read(path)
    assert [row[0] for row in rows] == lengths


def test_texts_that_look_like_lengths_stay_texts_elsewhere(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (("v", "n"), ("PT26H10M00S", 1), ("PT1H", 2)):
        book.active.append(row)
    book.save(tmp_path / "x.xlsx")
    _, rows, _ = read(tmp_path / "x.xlsx")
    assert [row[0] for row in rows] == ["PT26H10M00S", "PT1H"]


def test_the_day_that_never_was(tmp_path: Path) -> None:
    for serials, is_said in (
        ([59, 61], False),
        ([60, 61], True),
        ([59, 60], True),
        ([59.5, 60.25], True),
    ):
        book = openpyxl.Workbook()
        page = book.active
        page.append(["day", "n"])
        for place, serial in enumerate(serials):
            page.append([serial, 60])
            page.cell(place + 2, 1).number_format = "yyyy-mm-dd"
        book.save(tmp_path / "x.xlsx")
        _, rows, notes = read(tmp_path / "x.xlsx")
        assert len(rows) == 2
        assert ("day: 1900-02-28 stands for" in notes) is is_said, (serials, notes)


TITLES = (
    ("Report,2024,\nname,qty,price\na,1,2\nb,3,4\n", ["name", "qty", "price"], 2),
    ("Sales;2023;;\ncity;n;v;w\nUlm;1;2;x\nBonn;3;4;y\n", ["city", "n", "v", "w"], 2),
    ("country,2019,2020\nGermany,x,1\nFrance,y,2\n", ["country", "2019", "2020"], 2),
    (",city,n\nAnn,Bonn,4\nBob,Ulm,3\n", ["", "city", "n"], 2),
    ("a,2024,\nx,y,z\nv,w,u\n", ["a", "2024", ""], 2),
)


def test_titles_with_a_year_are_no_names(tmp_path: Path) -> None:
    for text, names, count in TITLES:
        got, rows, notes = read(tmp_path / "x.csv", text)
        assert (got, len(rows)) == (names, count), text
        if "2024," in text or "2023" in text:
            assert notes
        book = openpyxl.Workbook()
        delimiter = ";" if ";" in text else ","
        for line in text.splitlines():
            book.active.append([_cell(field) for field in line.split(delimiter)])
        book.save(tmp_path / "x.xlsx")
        got, rows, _ = read(tmp_path / "x.xlsx")
        assert ([name or "" for name in got], len(rows)) == (names, count), text


def _cell(text: str) -> Any:
    return int(text) if text.isdigit() else text or None


def test_names_above_texts_alone_are_said(tmp_path: Path) -> None:
    line = "The first line was taken for names: all lines hold texts only."
    for text, is_said in (
        ("name,city\nAnn,Bonn\nBob,Ulm\n", True),
        ("red;south\nblue;north\ngreen;east\n", True),
        ("name\nAnn\nBob\n", True),
        ("name,n\nAnn,1\nBob,2\n", False),
        ("name,day\nAnn,2024-01-05\nBob,2024-01-06\n", False),
        ("name,city\nAnn,\nBob,\n", True),
    ):
        _, _, notes = read(tmp_path / "x.csv", text)
        assert (line in notes) is is_said, text
    assert not read(tmp_path / "x.csv", "name,city\nAnn,Bonn\n", header=1)[2]
    book = openpyxl.Workbook()
    for row in (("name", "city"), ("Ann", "Bonn"), ("Bob", "Ulm")):
        book.active.append(row)
    book.save(tmp_path / "x.xlsx")
    assert "taken for names: all rows hold texts only" in read(tmp_path / "x.xlsx")[2]


def test_comments_that_a_person_chose_are_counted(tmp_path: Path) -> None:
    for text, note in (
        (
            "a,b\n#1,x\n2,y\n#3,z\n4,w\n",
            "2 lines begin with '#' and were left out as comments; 2 of them split like",
        ),
        ("a,b\n# far\n2,y\n4,w\n", "1 line begins with '#' and was left out as a comment."),
        ('a,b\n1,"x\n# y"\n2,z\n', ""),
        (
            "a,b\n1,x\n2,y,z\n#3,w\n",
            "1 line begins with '#' and was left out as a comment; 1 of them split like",
        ),
    ):
        _, _, notes = read(tmp_path / "x.csv", text, comment="#")
        assert note in notes, text
        assert ("left out as" in notes) is bool(note)


def test_lines_inside_of_quotes_are_counted_in_the_careful_way(tmp_path: Path) -> None:
    # A record of another length makes the reading careful.
    text = 'id,n,z\n1,"Jo,3\n2,b,4\n3,c,5\n4,c",5\n5,d\n6,e,7\n'
    _, rows, notes = read(tmp_path / "x.csv", text)
    assert len(rows) == 3
    assert "2 lines inside of quotation marks split like the table" in notes


def test_whole_numbers_beyond_floats_are_computed_exactly() -> None:
    for values, std, median in (
        ([20150515061816532] * 250 + [20150515061816534] * 250, 1.001, "20150515061816533"),
        ([2**63 - 1] * 5 + [2**63 - 2] * 5, 0.527, str(2**63 - 2)),
        ([2**53 + 1, 2**53 + 2, 2**53 + 3], 1.0, str(2**53 + 2)),
        ([-(2**62) - 1, -(2**62) - 3], math.sqrt(2), str(-(2**62) - 2)),
    ):
        column = profile_column(pl.Series(values), 0, "x", "i", Options())
        assert column.std == pytest.approx(std, abs=1e-3)
        assert abs(column.skewness or 0.0) < 1e-9
        middle = {own.share: own.value for own in column.quantiles}
        assert middle[0.5] == median
        assert all(
            min(values) <= int(own) <= max(values) for own in middle.values() if own is not None
        )


def test_a_database_says_that_it_computes_in_floating_point(tmp_path: Path) -> None:
    for values, is_said in (
        ([1, 2, 3], False),
        ([2**62 + 1, 2**62 + 3], True),
        ([10**15 - 1, 1], False),
    ):
        path = tmp_path / f"{len(values)}{is_said}{values[0]}.db"
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE t (v INTEGER)")
            connection.executemany("INSERT INTO t VALUES (?)", [(own,) for own in values])
        source = ResolvedSource(
            reader="table", location=f"sqlite:///{path}", format="database", table="t"
        )
        told = done(job(source, tmp_path / f"s{path.stem}"))
        assert ("computed in floating point" in told.columns[0].note) is is_said
        assert not told.columns[0].unread
