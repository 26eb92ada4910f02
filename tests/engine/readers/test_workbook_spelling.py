"""Cells of .xlsx files mean the same in every spelling that XML and the standard allow."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwt

from orrery_engine.readers import workbook_copies
from orrery_engine.readers.workbook_parts import column_of, letters_of
from orrery_wire.errors import Invalid
from tests.engine.readers.test_excel import read, rewrite, rows

Change = Callable[[bytes], bytes]
_PLACE, _VALUE = re.compile(rb' r="[A-Z]+\d+"'), re.compile(rb"<v>([^<]*)</v>")
_ROWS = re.compile(rb'(<row) r="\d+"')

SPELLINGS: dict[str, Change] = {
    "usual": lambda xml: xml,
    "no places": lambda xml: _PLACE.sub(b"", xml),
    "no places at all": lambda xml: _ROWS.sub(rb"\1", _PLACE.sub(b"", xml)),
    "a column without places": lambda xml: re.sub(rb' r="B\d+"', b"", xml),
    "spaces around signs": lambda xml: re.sub(rb' r="([A-Z]+\d+)"', rb' r = "\1"', xml),
    "single quotes": lambda xml: re.sub(rb' (r|s|t)="(\w+)"', rb" \1='\2'", xml),
    "kept space": lambda xml: _VALUE.sub(rb'<v xml:space="preserve">\1</v>', xml),
    "comments": lambda xml: _VALUE.sub(rb"<!-- a > b --><v>\1</v>", xml),
    "CDATA": lambda xml: _VALUE.sub(rb"<v><![CDATA[\1]]></v>", xml),
    "ends with spaces": lambda xml: xml.replace(b"</v>", b"</v >").replace(b"</c>", b"</c\n>"),
    "a cell a line": lambda xml: re.sub(rb"(<c\b[^>]*[^/]>)(<[fv])", b"\\1\n  \\2", xml),
    "references": lambda xml: re.sub(rb"<v>(\d)", lambda m: b"<v>&#%d;" % ord(m[1]), xml),
    "prefixes": lambda xml: re.sub(rb"<(/?)(?=[a-z])", rb"<\1x:", xml).replace(b"xmlns=", b"xmlns:x="),
}  # fmt: skip


def formatted(path: Path, code: str, values: list[Any]) -> Path:
    """A workbook with values in a format beside numbers that have none."""
    book = openpyxl.Workbook()
    book.active.append(["n", "v"])
    for place, value in enumerate(values, 1):
        book.active.append([place, value])
        book.active.cell(place + 1, 2).number_format = code
    book.save(path)
    return path


def facts(path: Path) -> tuple[Any, ...]:
    """All that is read and said of a workbook."""
    table = read(path)
    return table.names, table.types, rows(table), table.notes


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_formats_formulas_and_days_are_seen_in_every_spelling(
    spelling: str, tmp_path: Path
) -> None:
    for number, (code, values) in enumerate(
        (
            ("00000", [501, 10001, 7]),
            ("0%", [0.5, 0.25]),
            ("mmm", [datetime(2024, 1, 5)]),
            ('0.00" EUR"', [5.5, 1]),
            ("yyyy-mm-dd", [60, 61]),
            ("General", ["=1+1", 12345678901234567890, True, "a<b & c"]),
            ("h:mm", [-0.25, 0.5]),
        )
    ):
        path = formatted(tmp_path / f"{number}.xlsx", code, values)
        usual = facts(path)
        rewrite(path, SPELLINGS[spelling])
        assert facts(path) == usual, (spelling, code)


def test_the_usual_spelling_is_read_as_it_is(tmp_path: Path) -> None:
    path = formatted(tmp_path / "x.xlsx", "00000", [501, 7, "=1+1", True, "a & b", datetime.now()])
    for spelling in ("usual", "single quotes", "a cell a line", "prefixes"):
        rewrite(path, SPELLINGS[spelling])
        assert workbook_copies.mended(path) is None, spelling


def test_errors_and_hidden_rows_count_in_every_spelling(tmp_path: Path) -> None:
    for spelling, change in SPELLINGS.items():
        path = formatted(tmp_path / "x.xlsx", "00000", [501, "#N/A", 7, "#N/A"])
        rewrite(path, lambda xml: xml.replace(b'<row r="3"', b'<row r="3" hidden="1"'))
        rewrite(path, change)
        table = read(path)
        assert [row[1] for row in rows(table)] == ["00501", None, "00007", None], spelling
        notes = "\n".join(table.notes)
        assert "2 cells hold errors (#N/A)" in notes, spelling
        assert "1 hidden row" in notes, spelling


def test_cells_without_places_follow_those_that_have_one(tmp_path: Path) -> None:
    path = formatted(tmp_path / "x.xlsx", "0", [1])
    sheet = (
        b'<row r="1"><c t="str"><v>a</v></c><c t="str"><v>b</v></c><c r="D1" t="str"><v>d</v></c></row>'
        b'<row><c><v>1</v></c><c r="C2"><v>3</v></c><c><v>4</v></c></row>'
        b'<row r="4"><c r="B4"><v>2</v></c></row><row><c/><c/><c/><c><v>5</v></c></row>'
    )
    rewrite(path, lambda xml: re.sub(rb"<sheetData>.*</sheetData>", b"<sheetData>" + sheet + b"</sheetData>", xml))  # fmt: skip
    table = read(path, header=1)
    assert (table.names[0], table.names[-1]) == ("a", "d")
    first, *_, last = rows(table)
    assert (first[0], first[-1], last[-1]) == (1, 4, 5)


ERRORS = (
    *("#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!", "#CONNECT!", "#BUSY!", "#UNKNOWN!"),
    *("#PYTHON!", "#GETTING_DATA", "#EXTERNAL!", "#A&B!"),
)


@pytest.mark.parametrize("error", ERRORS)
def test_errors_that_the_reader_does_not_know_are_missing(error: str, tmp_path: Path) -> None:
    written = error.replace("&", "&amp;").encode()
    for code, values, expected in (
        ("00000", [501, "#N/A", 7], ["00501", None, "00007"]),
        ("General", [5, "#N/A", "#DIV/0!"], [5, None, None]),
    ):
        path = formatted(tmp_path / "x.xlsx", code, values)
        rewrite(path, lambda xml: xml.replace(b"#N/A", written))
        table = read(path)
        assert [row[1] for row in rows(table)] == expected
        assert error.replace("&", "&amp;") in "\n".join(table.notes)


def test_truth_that_is_none_is_a_text(tmp_path: Path) -> None:
    path = formatted(tmp_path / "x.xlsx", "General", [True, False, True])
    rewrite(path, lambda xml: xml.replace(b't="b"><v>0<', b't="b"><v>yes<'))
    assert [row[1] for row in rows(read(path))] == ["True", "yes", "True"]


def test_sheets_that_declare_entities_are_not_expanded(tmp_path: Path) -> None:
    path = formatted(tmp_path / "x.xlsx", "General", [5, 6])
    declared = b'<!DOCTYPE x [<!ENTITY a "1234567890"><!ENTITY b "&a;&a;&a;&a;">]>'
    rewrite(path, lambda xml: xml.replace(b"<worksheet", declared + b"<worksheet", 1).replace(b"<v>5<", b"<v>&b;<"))  # fmt: skip
    assert workbook_copies.mended(path) is None
    try:
        table = read(path)
    except Invalid:
        return
    assert "12345678901234567890" not in str(rows(table))


@pytest.mark.parametrize("ending", ["xlsx", "xls"])
@pytest.mark.parametrize("is_of_1904", [False, True])
def test_negative_times_are_lengths_and_negative_dates_are_before_the_first(
    ending: str, is_of_1904: bool, tmp_path: Path
) -> None:
    first = date(1904, 1, 1) if is_of_1904 else date(1899, 12, 30)
    quarter, noon = timedelta(hours=-6), datetime.combine(first, time(12))
    for code, values, expected, noted in (
        ("h:mm", [-0.25, -0.5], [quarter, 2 * quarter], False),
        ("h:mm:ss", [-0.25, 0.5], [quarter, -2 * quarter], False),
        ("mm:ss", [-1 / 1440, -2 / 1440], [timedelta(minutes=-1), timedelta(minutes=-2)], False),
        ("[h]:mm", [-0.25, -1.5], [quarter, 6 * quarter], False),
        ("yyyy-mm-dd", [-5, -6], [first - timedelta(days=5), first - timedelta(days=6)], True),
        ("dd.mm.yyyy h:mm", [-5.5, -1.5], [noon - timedelta(days=6), noon - timedelta(days=2)], True),
        ("0.00", [-5.5, -1.5], [-5.5, -1.5], False),
        ('0.0" days"', [-5.5, -1.5], [-5.5, -1.5], False),
    ):  # fmt: skip
        path = tmp_path / f"x.{ending}"
        if ending == "xls":
            old_workbook(path, code, values, is_of_1904)
        else:
            formatted(path, code, values)
            if is_of_1904:
                of_1904(path)
        table = read(path)
        assert [row[1] for row in rows(table)] == expected, code
        notes = "\n".join(table.notes)
        assert (f"v: numbers below 0 in formats of dates were read as days before {first}" in notes) is noted  # fmt: skip


def old_workbook(path: Path, code: str, values: list[float], is_of_1904: bool) -> None:
    """The same as an .xls file."""
    book = xlwt.Workbook()
    book.dates_1904 = is_of_1904
    page, style = book.add_sheet("S"), xlwt.XFStyle()
    style.num_format_str = code
    page.write(0, 0, "n")
    page.write(0, 1, "v")
    for place, value in enumerate(values, 1):
        page.write(place, 0, place)
        page.write(place, 1, value, style)
    book.save(str(path))


def of_1904(path: Path) -> None:
    """Count the days of a workbook from 1904 on."""
    with zipfile.ZipFile(path) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    name = "xl/workbook.xml"
    parts[name] = re.sub(rb"<workbookPr\b[^>]*/>", b'<workbookPr date1904="1"/>', parts[name])
    with zipfile.ZipFile(path, "w") as packed:
        for key, data in parts.items():
            packed.writestr(key, data)


def test_not_a_number_beside_texts_is_missing(tmp_path: Path) -> None:
    for values, expected in (
        ([1.5, 2, "x"], [None, "2", "x"]),
        ([1.5, "y", "x"], [None, "y", "x"]),
        ([1.5, 1.5, "x"], [None, None, "x"]),
    ):
        path = formatted(tmp_path / "x.xlsx", "General", values)
        rewrite(path, lambda xml: xml.replace(b"<v>1.5<", b"<v>NaN<"))
        table = read(path)
        assert [row[1] for row in rows(table)] == expected
        assert ("float" in table.mixtures.get(1, {})) is False


def test_letters_of_columns_are_those_of_their_places() -> None:
    for place in (0, 1, 25, 26, 27, 51, 52, 701, 702, 16_383):
        assert column_of(letters_of(place).encode()) == place
