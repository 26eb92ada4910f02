"""A table on a sheet is found as a person finds it, and what was chosen is said."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from time import process_time
from typing import Any

import openpyxl
import polars as pl
import pytest
import xlwt
from defusedxml.common import EntitiesForbidden
from openpyxl.worksheet.worksheet import Worksheet

from orrery_engine.readers import workbook_parts
from orrery_engine.readers.excel import ExcelTable
from orrery_engine.schemas import ReaderOptions
from orrery_wire.errors import Invalid, NotFound

MEMORY = 2**31
Rows = Sequence[Sequence[Any]]


def book(path: Path, **sheets: Rows | Callable[[Worksheet], None]) -> Path:
    """A workbook with sheets of rows, or of what a function does to them."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, content in sheets.items():
        page = made.create_sheet(name)
        if callable(content):
            content(page)
        else:
            for row in content:
                page.append(list(row))
    made.save(path)
    return path


def read(path: Path, sheet: str = "", **options: Any) -> ExcelTable:
    return ExcelTable(path, sheet, ReaderOptions(**options), MEMORY)


def rows(table: ExcelTable) -> list[tuple[Any, ...]]:
    return list(
        zip(*(table.column(place).to_list() for place in range(len(table.names))), strict=True)
    )


def rewrite(path: Path, change: Callable[[bytes], bytes]) -> None:
    """Change the first sheet of a workbook as another program would have written it."""
    with zipfile.ZipFile(path) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    with zipfile.ZipFile(path, "w") as packed:
        for name, data in parts.items():
            packed.writestr(name, change(data) if name.endswith("/sheet1.xml") else data)


PEOPLE: Rows = [["id", "name"], [1, "Ada"], [2, "Bo"]]


@pytest.mark.parametrize(
    ("content", "names", "table", "notes"),
    [
        (PEOPLE, ["id", "name"], [(1, "Ada"), (2, "Bo")], []),
        ([["Sales of May"], [], *PEOPLE], ["id", "name"], [(1, "Ada"), (2, "Bo")], ["first 2 rows"]),
        ([[], [], *PEOPLE], ["id", "name"], [(1, "Ada"), (2, "Bo")], []),
        ([[None, None, *row] for row in PEOPLE], ["id", "name"], [(1, "Ada"), (2, "Bo")], []),
        ([[*row, *[None] * 1_020] for row in PEOPLE], ["id", "name"], [(1, "Ada"), (2, "Bo")], []),
        ([["id", "name", "note"], [1, "Ada", None]], ["id", "name", "note"], [(1, "Ada", None)], []),
        ([PEOPLE[0], PEOPLE[1], [], PEOPLE[2]], ["id", "name"], [(1, "Ada"), (2, "Bo")], ["1 empty row was"]),
        ([["country", 2019, 2020], ["FR", 1, 2]], ["country", "2019", "2020"], [("FR", 1, 2)], []),
        ([[1, 2.5], [3, 4.5]], ["column_1", "column_2"], [(1, 2.5), (3, 4.5)], ["no names"]),
        ([["id"], [1], [2]], ["id"], [(1,), (2,)], []),
        ([["Report", None, None], ["by Ada", None, None], ["a", "b", "c"], [1, 2, 3]], ["a", "b", "c"], [(1, 2, 3)], ["first 2 rows"]),
    ],
)  # fmt: skip
def test_the_table_of_a_sheet(
    content: Rows, names: list[str], table: list[Any], notes: list[str], tmp_path: Path
) -> None:
    found = read(book(tmp_path / "x.xlsx", Sheet=content))
    assert list(found.names) == names
    assert rows(found) == table
    assert len(found.notes) == len(notes)
    assert all(note in own for note, own in zip(notes, found.notes, strict=True))


def test_a_cover_sheet_is_passed_over_and_the_sheets_are_named(tmp_path: Path) -> None:
    path = book(tmp_path / "x.xlsx", Cover=[["Annual report"], ["2024"]], Data=PEOPLE, More=PEOPLE)
    found = read(path)
    assert rows(found) == [(1, "Ada"), (2, "Bo")]
    assert found.notes == ("The sheet 'Data' was read; there are also Cover, More.",)
    assert read(path, "Cover").rows == 1
    with pytest.raises(NotFound, match="no sheet 'data'") as refusal:
        read(path, "data")
    assert "Cover, Data, More" in (refusal.value.reason or "")


def test_hidden_sheets_and_rows_are_said(tmp_path: Path) -> None:
    def hide(page: Worksheet) -> None:
        for row in [*PEOPLE, [3, "Cy"]]:
            page.append(list(row))
        page.row_dimensions[3].hidden = True

    path = book(tmp_path / "x.xlsx", Secret=PEOPLE, Data=hide)
    made = openpyxl.load_workbook(path)
    made["Secret"].sheet_state = "hidden"
    made.save(path)
    found = read(path)
    assert found.rows == 3
    assert found.notes == (
        "Hidden sheets were not read: Secret.",
        "1 hidden row was read like the others.",
    )


def test_merged_cells_hold_their_value(tmp_path: Path) -> None:
    def merge(page: Worksheet) -> None:
        for row in (["team", "n"], ["red", 1], [None, 2], ["blue", 3]):
            page.append(row)
        page.merge_cells("A2:A3")

    found = read(book(tmp_path / "x.xlsx", Data=merge))
    assert rows(found) == [("red", 1), ("red", 2), ("blue", 3)]
    assert any("Merged cells" in note for note in found.notes)


def test_names_in_two_rows_are_joined(tmp_path: Path) -> None:
    def merge(page: Worksheet) -> None:
        for row in (
            ["shop", "2023", None, "2024", None],
            [None, "Q1", "Q2", "Q1", "Q2"],
            ["A", 1, 2, 3, 4],
        ):
            page.append(row)
        page.merge_cells("A1:A2")
        page.merge_cells("B1:C1")
        page.merge_cells("D1:E1")

    found = read(book(tmp_path / "x.xlsx", Data=merge))
    assert found.names == ("shop", "2023 Q1", "2023 Q2", "2024 Q1", "2024 Q2")
    assert rows(found) == [("A", 1, 2, 3, 4)]
    assert any("two rows" in note for note in found.notes)


def test_types_of_cells(tmp_path: Path) -> None:
    content = [
        ["day", "at", "clock", "long", "yes", "n", "x", "mixed", "both"],
        [date(2024, 1, 1), datetime(2024, 1, 1, 10, 30), time(10, 30), timedelta(hours=26), True, 1, 1.5, 1, date(2024, 1, 1)],
        [date(2024, 1, 2), datetime(2024, 1, 2, 10, 30), time(11, 30), timedelta(hours=27), False, 2, 2, "x", datetime(2024, 1, 1, 5)],
    ]  # fmt: skip
    found = read(book(tmp_path / "x.xlsx", Data=content))
    kinds = dict(zip(found.names, found.types, strict=True))
    assert kinds["day"] in ("date", "datetime")
    assert kinds["at"] == "datetime"
    assert kinds["clock"] == "time"
    assert kinds["long"] == "duration"
    assert kinds["yes"] == "boolean"
    assert kinds["n"] == "integer"
    assert kinds["x"] == "float"
    assert kinds["mixed"] == "mixed"
    assert kinds["both"] == "datetime"


def test_a_person_can_correct_what_was_found(tmp_path: Path) -> None:
    path = book(tmp_path / "x.xlsx", Data=[["a", "b"], ["c", "d"], [1, 2]])
    assert read(path, header=0).rows == 3
    assert read(path, header=2).names == ("c", "d")
    assert rows(read(path, skip=1)) == [(1, 2)]


@pytest.mark.parametrize("ending", [".xlsx", ".xls", ".ods"])
def test_every_kind_of_workbook(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"x{ending}"
    frame = pl.DataFrame({"n": [1, 2], "t": ["a", "b"]})
    if ending == ".xls":
        old = xlwt.Workbook()
        page = old.add_sheet("Data")
        for row, values in enumerate([("n", "t"), *frame.rows()]):
            for place, value in enumerate(values):
                page.write(row, place, value)
        old.save(str(path))
    else:
        frame.to_pandas().to_excel(path, index=False, engine="odf" if ending == ".ods" else None)
    found = read(path)
    assert found.types == ("integer", "text")
    assert rows(found) == frame.rows()


@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04", b"no workbook", b"\xd0\xcf\x11\xe0" + b"\0" * 600]
)
def test_what_is_no_workbook_is_said(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(data)
    with pytest.raises(Invalid, match="cannot be read"):
        read(path)


def test_cells_with_errors_are_missing_and_said(tmp_path: Path) -> None:
    def fail(page: Worksheet) -> None:
        for row in (["a", "b"], [1, "#N/A"], [2, "#DIV/0!"], [3, 5]):
            page.append(row)
        for cell in ("B2", "B3"):
            page[cell].data_type = "e"

    table = read(book(tmp_path / "x.xlsx", Data=fail))
    assert rows(table) == [(1, None), (2, None), (3, 5)]
    assert table.notes == ("2 cells hold errors (#DIV/0!, #N/A) and count as missing.",)


def test_hidden_rows_are_those_of_the_sheet_whatever_its_file(tmp_path: Path) -> None:
    whole = openpyxl.Workbook()
    for page in (whole.active, whole.create_sheet("Second")):
        for row in (["a", "b"], [1, 2], [3, 4]):
            page.append(row)
    whole["Second"].row_dimensions[2].hidden = True
    whole.move_sheet("Second", -1)
    whole.create_chartsheet("Chart", 0)
    path = tmp_path / "x.xlsx"
    whole.save(path)
    assert "1 hidden row was read like the others." in read(path).notes
    assert read(path, "Sheet").notes == ()


def test_two_tables_of_a_sheet_are_not_one(tmp_path: Path) -> None:
    below = [["x", "y"], [1, 2], [3, 4], [], [], ["p", "q"], [5, 6], [7, 8]]
    path = book(tmp_path / "x.xlsx", Data=below)
    table = read(path)
    assert rows(table) == [(1, 2), (3, 4)]
    assert "In row 6 another table begins (p, q)" in table.notes[0]
    other = read(path, skip=5)
    assert (other.names, rows(other)) == (("p", "q"), [(5, 6), (7, 8)])
    beside = [["x", None, "p"], [1, None, 5], [3, None, 7]]
    path = book(tmp_path / "y.xlsx", Data=beside)
    assert "Empty columns were left out (after 'x')" in read(path).notes[0]


def test_digits_that_excel_does_not_keep_are_said(tmp_path: Path) -> None:
    path = book(tmp_path / "x.xlsx", Data=[["id", "n"], [1234567890123456, 1], [2, 3]])
    assert read(path).notes == ("id: of numbers with more than 15 digits Excel keeps 15.",)


FORMULAS: list[tuple[Rows, str]] = [
    ([["item", "v"], ["a", 1], ["b", 2], ["c", "=B2+B3"]], "v: 1 cell holds a formula"),
    ([["item", "v"], ["a", "=1+1"], ["b", "=2+2"]], "v: 2 cells hold formulas"),
    ([["a", "b"], [1, "=A2"], ["=1", 2], [3, 4]], "a, b: 2 cells hold formulas"),
    ([[], [None, "a", "b"], [None, 1, "=B3"], [None, 2, 3]], "b: 1 cell holds a formula"),
    ([["Report"], [], ["a", "b"], [1, "=A4"], [2, 3]], "b: 1 cell holds a formula"),
    ([["a"], [1], ['=IF(A2>0,"<v>x</v>","")'], [3]], "a: 1 cell holds a formula"),
]


@pytest.mark.parametrize(("content", "note"), FORMULAS)
def test_formulas_without_results_are_said(content: Rows, note: str, tmp_path: Path) -> None:
    """A program that is no spreadsheet stores formulas without their results."""
    table = read(book(tmp_path / "x.xlsx", Data=content))
    said = [own for own in table.notes if "formula" in own]
    assert len(said) == 1
    assert said[0].startswith(note)
    assert "without a stored result" in said[0]


def test_formulas_with_results_and_those_above_a_table_need_no_word(tmp_path: Path) -> None:
    path = book(tmp_path / "x.xlsx", Data=[["=1+1"], [], ["a", "b"], [1, "=A4"], [2, "=A5"]])

    def stored(sheet: bytes) -> bytes:
        """As Excel writes a number, and a text without signs."""
        sheet = re.sub(rb'r="B4"><f>A4</f><v ?(/|></v)>', b'r="B4"><f>A4</f><v>5</v>', sheet)
        return sheet.replace(b'r="B5"><f>A5</f>', b'r="B5" t="str"><f>A5</f>')

    rewrite(path, stored)
    table = read(path)
    assert rows(table) == [(1, 5), (2, None)]
    assert not any("formula" in note for note in table.notes)


@pytest.mark.parametrize(
    ("number", "exact"),
    [
        (1234567890123456789, False),
        (-1234567890123456789, False),
        (2**53 + 1, False),
        (2**53, True),
        (10**18, True),
        (123456789012345, True),
    ],
)
def test_numbers_that_lose_digits_are_said(number: int, exact: bool, tmp_path: Path) -> None:
    path = book(tmp_path / "x.xlsx", Data=[["k", "id"], ["a", 4321], ["b", 7], ["c", str(number)]])
    rewrite(path, lambda sheet: sheet.replace(b"<v>4321</v>", f"<v>{number}</v>".encode()))
    table = read(path, header=1)
    said = [note for note in table.notes if "lost the last digits" in note]
    assert bool(said) is not exact
    if said:
        assert said[0].startswith("id: 1 whole number is")
        assert f"{number} became {int(float(number))}" in said[0]
        assert not any("Excel keeps 15" in note for note in table.notes)


MONTHS = [date(2024, 1, 1), date(2024, 2, 1)]


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ([["store", *MONTHS], ["A", 1, 2], ["B", 3, 4]], ["store", "2024-01-01", "2024-02-01"]),
        ([["store", *MONTHS[::-1]], ["A", 1, 2.5]], ["store", "2024-02-01", "2024-01-01"]),
        ([[None, *MONTHS], ["A", 1, None], ["B", 3, 4]], ["", "2024-01-01", "2024-02-01"]),
        ([MONTHS, [1, 2], [3, 4]], ["2024-01-01", "2024-02-01"]),
        ([["s", datetime(2024, 1, 1, 6), datetime(2024, 1, 1, 12)], ["A", 1, 2]], ["s", "2024-01-01 06:00:00", "2024-01-01 12:00:00"]),
    ],
)  # fmt: skip
def test_dates_above_numbers_are_names(content: Rows, names: list[str], tmp_path: Path) -> None:
    table = read(book(tmp_path / "x.xlsx", Data=content))
    assert list(table.names) == names
    assert table.rows == len(content) - 1
    assert all(kind in ("text", "integer", "float") for kind in table.types)
    assert any("dates in the first row were read as names" in note for note in table.notes)


@pytest.mark.parametrize(
    "content",
    [
        [["A", date(2024, 1, 1), date(2024, 2, 1)], ["B", date(2024, 3, 1), date(2024, 4, 1)]],
        [[date(2024, 1, 1), 5], [date(2024, 1, 2), 6]],
        [[1, date(2024, 1, 1), date(2024, 1, 1)], [2, 5, 6]],
    ],
)
def test_dates_above_dates_are_data(content: Rows, tmp_path: Path) -> None:
    table = read(book(tmp_path / "x.xlsx", Data=content))
    assert table.rows == len(content)
    assert any("read as data" in note for note in table.notes)


@pytest.mark.parametrize(
    ("content", "first", "count"),
    [
        ([[1, 5, "red"], [2, 7, "blue"], [3, 9, "green"]], "column_1", 3),
        ([["ann", 3, 40], ["bob", 5, 50]], "column_1", 2),
        ([[2019, "Paris"], [2018, "Rome"]], "column_1", 2),
        ([[1, 2, 3, "x"], [4, 5, 6, "y"]], "column_1", 2),
        ([[date(2023, 1, 1), 10, "missing"], [date(2023, 1, 2), 11, 5]], "column_1", 2),
        ([["x", 1]], "column_1", 1),
        ([["a", True], ["b", False]], "column_1", 2),
        ([["country", 2019], ["FR", 5], ["DE", 7]], "country", 2),
        ([[1, 2, 3, "x"], [5, 9, 1, "y"], [2, 2, 2, "z"]], "1", 2),
    ],
)  # fmt: skip
def test_numbers_are_names_only_if_they_say_so(
    content: Rows, first: str, count: int, tmp_path: Path
) -> None:
    table = read(book(tmp_path / "x.xlsx", Data=content))
    assert (table.names[0], table.rows) == (first, count)
    how = "read as data" if first == "column_1" else "taken for names"
    assert any(f"The first row was {how}: " in note for note in table.notes)


@pytest.mark.parametrize("merged", ["A13:F14", "A13:F13", "A13:B14", "A13:XFD14", "A13:B13"])
def test_a_merged_note_below_a_table_leaves_the_table(merged: str, tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append(["id", "name"])
        for number in range(10):
            sheet.append([number, f"n{number}"])
        sheet["A13"] = "Note: figures are provisional"
        sheet.merge_cells(merged)

    table = read(book(tmp_path / "x.xlsx", data=fill))
    assert table.names == ("id", "name")
    # The note is a value of the first column, beside which the numbers are texts.
    assert rows(table)[:10] == [(str(number), f"n{number}") for number in range(10)]


def test_a_cell_merged_over_the_whole_sheet_adds_no_columns(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append(["a", "b", "c"])
        sheet.append([1, "x", 2])
        sheet.append([3, "y", 4])

    path = book(tmp_path / "x.xlsx", data=fill)
    whole = b'<mergeCells count="1"><mergeCell ref="B2:XFD1048576"/></mergeCells>'
    rewrite(path, lambda xml: xml.replace(b"</sheetData>", b"</sheetData>" + whole))
    assert read(path).names == ("a", "b", "c")


def test_a_cell_far_away_on_another_sheet_is_no_harm(tmp_path: Path) -> None:
    for place in ("XFD1048575", "A1048576", "ZZ1000000"):
        made = openpyxl.Workbook()
        made.active.title = "data"
        for row in (["id", "v"], [1, "a"], [2, "b"]):
            made["data"].append(row)
        other = made.create_sheet("solver")
        other["A1"], other[place] = 1, 2
        other["AB7"] = 3
        other.sheet_state = "hidden"
        path = tmp_path / "far.xlsx"
        made.save(path)
        table = ExcelTable(path, "", ReaderOptions(), 2**29)
        assert rows(table) == [(1, "a"), (2, "b")]
        assert any("too far apart" in note and "solver" in note for note in table.notes), place
        with pytest.raises(Invalid, match="solver"):
            ExcelTable(path, "solver", ReaderOptions(), 2**29)


@pytest.mark.parametrize(
    "noise",
    [
        b"<row " * 300_000,
        b'<c r="A9" t="e">' * 100_000,
        b"<f " * 300_000,
        b"</f><v " * 200_000,
    ],
)
def test_text_that_looks_like_cells_takes_no_time(noise: bytes, tmp_path: Path) -> None:
    path = book(tmp_path / "x.xlsx", data=[["a", "b"], [1, "x"], [2, "y"]])
    rewrite(path, lambda xml: xml.replace(b"<sheetData>", b"<!--" + noise + b"--><sheetData>"))
    began = process_time()
    assert len(rows(read(path))) == 2
    assert process_time() - began < 5


def test_overlapping_merged_cells_take_no_time(tmp_path: Path) -> None:
    path = book(tmp_path / "x.xlsx", data=[["a", "b", "c"], *([n, "x", n] for n in range(1_000))])
    ranges = b'<mergeCell ref="B2:B1001"/>' * 200_000
    merged = b"</sheetData><mergeCells>" + ranges + b"</mergeCells>"
    rewrite(path, lambda xml: xml.replace(b"</sheetData>", merged))
    began = process_time()
    assert len(rows(read(path))) == 1_000
    assert process_time() - began < 10


def test_entities_in_the_parts_of_a_workbook_are_refused_or_left(tmp_path: Path) -> None:
    dtd = b'<!DOCTYPE w [<!ENTITY a "hidden">]>'
    path = book(tmp_path / "x.xlsx", data=[["a", "b"], [1, "x"]])
    with zipfile.ZipFile(path, "a") as packed:
        original = packed.read("xl/workbook.xml")
    declared = original.replace(b"<workbook", dtd + b"<workbook", 1)
    copied = tmp_path / "y.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(copied, "w") as new:
        for name in old.namelist():
            new.writestr(name, declared if name == "xl/workbook.xml" else old.read(name))
    with zipfile.ZipFile(copied) as packed, pytest.raises(EntitiesForbidden):
        workbook_parts._parts(packed)
