"""Numbers of sheets that are shown in another way are read as they are shown, or said; rows with errors alone count."""

from __future__ import annotations

import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwt

from orrery_engine.readers.workbook_formats import showing, shown
from tests.engine.readers.test_excel import read, rows

CODES, OTHERS = "read as the texts that number formats show: v", "show other texts than the values"


def formatted(path: Path, code: str, values: list[Any]) -> Path:
    """A workbook whose column "v" has a format."""
    if path.suffix == ".xls":
        old = xlwt.Workbook()
        page = old.add_sheet("S")
        style = xlwt.XFStyle()
        style.num_format_str = code
        for place, name in enumerate(("n", "v")):
            page.write(0, place, name)
        for place, value in enumerate(values, 1):
            page.write(place, 0, place)
            page.write(place, 1, value, style)
        old.save(str(path))
        return path
    book = openpyxl.Workbook()
    book.active.append(["n", "v"])
    for place, value in enumerate(values, 1):
        book.active.append([place, value])
        book.active.cell(place + 1, 2).number_format = code
    book.save(path)
    return path


@pytest.mark.parametrize("ending", ["xlsx", "xls"])
@pytest.mark.parametrize(
    ("code", "values", "texts"),
    [
        ("00000", [501, 10001, 7], ["00501", "10001", "00007"]),
        ("000-00-0000", [123456789, 1234567], ["123-45-6789", "001-23-4567"]),
        ("000\\-000", [501, 123456], ["000-501", "123-456"]),
        ("00000-0000", [5010001], ["00501-0001"]),
        (
            "[<=9999999]###-####;(###) ###-####",
            [5551234, 2025551234],
            ["555-1234", "(202) 555-1234"],
        ),
        ('"AB-"000', [5, 1234], ["AB-005", "AB-1234"]),
        ("00", [1, 12], ["01", "12"]),
    ],
)
def test_codes_are_read_as_they_are_shown(
    ending: str, code: str, values: list[int], texts: list[str], tmp_path: Path
) -> None:
    table = read(formatted(tmp_path / f"x.{ending}", code, values))
    assert [row[1] for row in rows(table)] == texts
    assert any(CODES in note and code in note for note in table.notes)


@pytest.mark.parametrize("ending", ["xlsx", "xls"])
@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("0%", [0.5, 0.25]),
        ("0.00%", [0.055]),
        ('"ID"0', [5, 6]),
        ('0" days"', [5, 6]),
        ("[$€-407] #,##0.00", [5.5, 6]),
        ('#,##0.00\\ "€"', [5.5, 6]),
        ('#,##0,,"M"', [5_500_000]),
        ("#,##0,", [5_500]),
        (";;;", [5, 6]),
        ('"yes";;"no"', [1, 0]),
        ("# ?/?", [0.25]),
        ("00", [1, 3.5]),
        ("yyyy", [datetime(2024, 1, 5)]),
        ("mmm-yy", [datetime(2024, 1, 5)]),
        ("dddd", [datetime(2024, 1, 5)]),
    ],
)
def test_values_that_are_shown_otherwise_are_said(
    ending: str, code: str, values: list[Any], tmp_path: Path
) -> None:
    table = read(formatted(tmp_path / f"x.{ending}", code, values))
    read_values = [row[1] for row in rows(table)]
    assert (
        [float(value) for value in read_values] == values
        if "y" not in code.lower()[1:] and "d" not in code[:2]
        else True
    )
    assert any(OTHERS in note and "v (" in note for note in table.notes), table.notes


@pytest.mark.parametrize("ending", ["xlsx", "xls"])
def test_plain_formats_need_no_word(ending: str, tmp_path: Path) -> None:
    for code in (
        *(
            "General",
            "0",
            "0.00",
            "#,##0",
            "#,##0.00",
            "#\\ ##0",
            "0.00E+00",
            "[Red]0.00",
            "0_);(0)",
        ),
        *("_(* #,##0.00_);_(* \\(#,##0.00\\)", "@", "0000"),
    ):
        table = read(formatted(tmp_path / f"x.{ending}", code, [4500, 4501]))
        assert [row[1] for row in rows(table)] == [4500, 4501], code
        assert not [note for note in table.notes if "format" in note], code
    for code in ("yyyy-mm-dd", "dd.mm.yy;@", "d/m/yyyy h:mm", "dddd, d mmmm yyyy"):
        assert showing(code) == ""


def test_what_a_format_shows() -> None:
    for code, number, text in (
        ("000-000", 1234567, "1234-567"),
        ("00 00", 5, "00 05"),
        ("(000) 000", 12345, "(012) 345"),
        ('00;-00;"none"', 0, "none"),
        ('[=1]"one"00;[>5]000;00', 9, "009"),
        ("??-00", 12, "-12"),
    ):
        assert shown(code, number).strip() == text


def test_codes_of_a_part_of_a_column_make_it_texts(tmp_path: Path) -> None:
    path = formatted(tmp_path / "x.xlsx", "00000", [501, 7, 12])
    book = openpyxl.load_workbook(path)
    book.active["B4"].number_format = "General"
    book.save(path)
    assert [row[1] for row in rows(read(path))] == ["00501", "00007", "12"]
    book.active["B4"].value = 12.5
    book.save(path)
    table = read(path)
    assert [row[1] for row in rows(table)] == [501, 7, 12.5]
    assert any(OTHERS in note for note in table.notes)


def test_rows_that_hold_an_error_alone_count(tmp_path: Path) -> None:
    for width in (1, 2):
        book = openpyxl.Workbook()
        for value in ("v", 1, "#N/A", 3, None, "#REF!", "#DIV/0!"):
            book.active.append([value] * width)
        book.save(tmp_path / "x.xlsx")
        table = read(tmp_path / "x.xlsx")
        assert [row[0] for row in rows(table)] == [1, None, 3, None, None]
        assert any(
            "errors (#DIV/0!, #N/A, #REF!) and count as missing" in note for note in table.notes
        )
        assert any("1 empty row was left out" in note for note in table.notes)
    old = xlwt.Workbook()
    page = old.add_sheet("S")
    for place, value in enumerate(("v", 1, 42, 3, 23)):
        if value in (42, 23):
            page.row(place).set_cell_error(0, value)
        else:
            page.write(place, 0, value)
    old.save(str(tmp_path / "x.xls"))
    table = read(tmp_path / "x.xls")
    assert [row[0] for row in rows(table)] == [1, None, 3, None]
    assert any("2 cells hold errors (#N/A, #REF!)" in note for note in table.notes)


def test_rows_of_formulas_without_results_count(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for value in ("v", 1, "=A2+1", 3):
        book.active.append([value])
    book.save(tmp_path / "x.xlsx")
    table = read(tmp_path / "x.xlsx")
    assert [row[0] for row in rows(table)] == [1, None, 3]
    assert any("without a stored result" in note for note in table.notes)


_TAGS = ("office", "table", "text", "calcext")
_HEAD = "<office:document-content {} office:version='1.2'><office:body><office:spreadsheet>".format(
    " ".join(f'xmlns:{tag}="urn:oasis:names:tc:opendocument:xmlns:{tag}:1.0"' for tag in _TAGS)
)


def open_sheet(path: Path, *lines: list[tuple[str, str, str]]) -> Path:
    """An .ods file with cells of a type, a value and the text that is shown."""

    def cell(kind: str, value: str, text: str) -> str:
        stored = f'office:value="{value}"' if value else ""
        return f'<table:table-cell office:value-type="{kind}" {stored}><text:p>{text}</text:p></table:table-cell>'

    body = "".join(
        f"<table:table-row>{''.join(cell(*own) for own in line)}</table:table-row>"
        for line in lines
    )
    content = f'{_HEAD}<table:table table:name="S">{body}</table:table></office:spreadsheet></office:body></office:document-content>'
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr("content.xml", content)
        packed.writestr("META-INF/manifest.xml", "<manifest/>")
    return path


def test_cells_of_open_documents_are_read_as_they_are_shown(tmp_path: Path) -> None:
    names = [("string", "", "zip"), ("string", "", "p"), ("string", "", "w")]
    path = open_sheet(
        tmp_path / "x.ods",
        names,
        [("float", "501", "00501"), ("percentage", "0.055", "5.5%"), ("float", "5", "5")],
        [("float", "10001", "10001"), ("percentage", "0.5", "50%"), ("string", "", "#N/A")],
        [("float", "7", "00007"), ("percentage", "0.1", "10%"), ("float", "0", "#DIV/0!")],
    )
    table = read(path)
    assert rows(table) == [("00501", 0.055, 5), ("10001", 0.5, None), ("00007", 0.1, None)]
    assert any("2 numbers were read as the texts" in note for note in table.notes)
    assert any(
        "3 cells show another text than the value that was read, such as '5.5%' for 0.055" in note
        for note in table.notes
    )
    assert any("2 cells hold errors (#DIV/0!, #N/A)" in note for note in table.notes)
    alone = open_sheet(
        tmp_path / "y.ods",
        names[:1],
        [("float", "1", "1")],
        [("string", "", "#REF!")],
        [("float", "3", "3")],
    )
    assert [row[0] for row in rows(read(alone))] == [1, None, 3]
