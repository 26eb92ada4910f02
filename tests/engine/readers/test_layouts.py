"""Lines that are none of a table and are read as data are said, and a table is found below keys and between drawn lines."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from tests.engine.readers.test_reading_kinds import read

PEOPLE = ("1,Ann,5.5", "2,Bob,6.25", "3,Cid,7")


@pytest.mark.parametrize(
    ("lines", "note"),
    [
        (["id,name,price", "[-],[text],[EUR]", *PEOPLE], "Line 2 holds texts ('[-]', '[EUR]')"),
        (["id,name,price", "no,,EUR", *PEOPLE], "as a row of units does"),
        (["t,p", "(s),(Pa)", "1,2", "2,3"], "as a row of units does"),
        (["v,w", "x,[m]", "a,1", "b,2"], ""),
        (["v,w", "Ann,unknown", "Bob,1", "Cid,2"], ""),
        (["v,w", "NA,NA", "1,2", "2,3"], ""),
        (["id,name,price", "--,----,-----", *PEOPLE], "1 line of dashes was read as data (first: line 2)"),
        (["id,name,price", *PEOPLE, "==,==,=="], "1 line of dashes"),
        (["id,name,price", *PEOPLE, "-,-,-"], ""),
        (["id,name,price", *PEOPLE, "Total,,18.75"], "The last row begins with 'Total'"),
        (["id,name,price", *PEOPLE, "Summe:,,18.75"], "as a row of totals does"),
        (["id,name,price", *PEOPLE, ",Grand total,18.75"], "'Grand total'"),
        (["name,price", "Total War,5", "Ann,6"], ""),
        (["name,price", "Ann,6", "Totally,5"], ""),
        (["| id | name |", "|----|:----:|", "| 1 | Ann |", "| 2 | Bob |"], "Lines begin and end with '|'"),
        (["a|b|c", "1|2|3"], ""),
        (["id name qty", "1 ann 5"], ""),
        (["id   name      qty", "1    ann lee   5", "2    bob ray   6"], "several words were cut"),
        (["k,v", "a,1", "b,2", "c,3", "x,y,z,w", "1,2,3,4"], "From line 5 on, lines have 4 fields"),
        (["a,b", "1,2", "3,4,5"], ""),
    ],
)  # fmt: skip
def test_rows_that_are_none_are_said(lines: list[str], note: str, tmp_path: Path) -> None:
    signs = ("Line ", "dashes", "The last row", "Lines begin and end", "several words", "From line")
    for end in ("\n", "\r\n"):
        _, rows, notes = read(tmp_path / "x.csv", end.join([*lines, ""]))
        assert note in notes, notes
        of_layout = [own for own in notes.split("\n") if any(sign in own for sign in signs)]
        assert bool(of_layout) is bool(note), notes
        assert len(rows) == len(lines) - 1


@pytest.mark.parametrize(
    "above",
    [
        ["Instrument:\tXR-5"],
        ["Instrument:\tXR-5", "Start:\t2024-01-05 10:00", "Operator:\tJo, B."],
        ["Instrument:\tXR-5", "", "[Data]"],
        ["Serial:\t00123\t\t", "Start:\t5\t\t"],
    ],
)
@pytest.mark.parametrize("width", [3, 4, 9])
@pytest.mark.parametrize("delimiter", ["\t", ",", ";"])
def test_a_table_below_keys_and_values_is_found(
    above: list[str], width: int, delimiter: str, tmp_path: Path
) -> None:
    names = [f"name{'abcdefghi'[place]}" for place in range(width)]
    lines = [line if "Jo," not in line or delimiter != "," else "By:\tJo" for line in above]
    for count in (2, 3, 20):
        data = [[str(place * row) for place in range(width)] for row in range(count)]
        table = [delimiter.join(row) for row in [names, *data]]
        text = "\n".join([*(line.replace("\t", delimiter) for line in lines), *table, ""])
        read_names, rows, notes = read(tmp_path / "x.csv", text)
        assert read_names == names
        assert [[str(value) for value in row] for row in rows] == data
        assert "the table begins below" in notes


def test_a_table_between_drawn_lines_is_split_by_its_own_delimiter(tmp_path: Path) -> None:
    for count in (2, 3, 12):
        data = [f"|{1000 + place}|name {place}|{place}.523,85 |" for place in range(count)]
        rule = "-" * 24
        lines = ["01.05.2024   List   1", "", rule, "|id  |name  |price    |", rule, *data, rule]
        names, rows, notes = read(tmp_path / "x.txt", "\n".join([*lines, ""]))
        assert [name.strip() for name in names] == ["", "id", "name", "price", ""]
        assert [row[2] for row in rows if row[1]] == [f"name {place}" for place in range(count)]
        assert "2 lines of dashes" in notes
        lines = [" id | name ", "----+------", *(f" {n}  | x y" for n in range(count))]
        text = "\n".join([*lines, f"({count} rows)", ""])
        names, rows, notes = read(tmp_path / "x.txt", text)
        assert [name.strip() for name in names] == ["id", "name"]
        assert len(rows) == count + 2
        assert "1 line of dashes" in notes
        assert "fewer fields" in notes


def test_lines_with_signs_of_fields_that_were_not_split_are_said(tmp_path: Path) -> None:
    lines = ["Report", *(f"a{n}|b|c" if n % 3 else "text" for n in range(9))]
    _, rows, notes = read(tmp_path / "x.csv", "\n".join([*lines, ""]))
    assert "|" in notes
    assert len(rows) in (8, 9, 10)


@pytest.mark.parametrize(
    ("rows", "note"),
    [
        ([["id", "h", "w"], [None, "cm", "kg"], [1, 170, 60], [2, 180, 70]], "as a row of units does"),
        ([["h", "w"], ["(cm)", "(kg)"], [170, 60], [180, 70]], "as a row of units does"),
        ([["name", "v"], ["x", 1], ["y", 2], ["Total", 3]], "The last row begins with 'Total'"),
        ([["id", "v"], [1, 10], [2, 20], [None, None], ["Source: agency", 2024]], "The last row holds texts ('Source: agency')"),
        ([["id", "v"], [1, 10], [2, 20], ["* preliminary", None]], "The last row holds texts"),
        ([["id", "v"], [1, 2], ["id", "v"], [3, 4]], "1 row holds the names again"),
        ([["id", "v"], [1, 2], [None, None], ["name", "city", "age"], ["ann", "paris", 3]], "In row 4 another table begins (name, city, age)"),
        ([["name", "v"], ["x", 1], ["y", 2], ["z", 3]], ""),
        ([["id", "v"], [1, 10], [2, 20], [3, None]], ""),
    ],
)  # fmt: skip
def test_rows_of_sheets_that_are_none_are_said(
    rows: list[list[object]], note: str, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / "x.xlsx")
    _, _, notes = read(tmp_path / "x.xlsx")
    signs = ("units", "The last row", "the names again", "another table")
    assert note in notes
    assert any(sign in notes for sign in signs) is bool(note), notes
