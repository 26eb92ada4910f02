"""What a delimiter cut, or did not cut, and rows that are none of the table at its end are said."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.readers.test_reading_kinds import read

BRACKETS = "Brackets that open"
ESCAPED = "A backslash stands before"
DOUBLED = "Every second column is empty"
QUOTED = "stands in quotation marks; names"
ALIGNED = "columns stand below each other"
LAST = "The last row holds texts"
AGAIN = "the names again"
POINTS = "three digits behind each point"
SIGNS = (BRACKETS, ESCAPED, DOUBLED, QUOTED, ALIGNED, LAST, AGAIN, POINTS)


@pytest.mark.parametrize(
    ("lines", "note"),
    [
        (["id,arr", "1,[1,2,3]", "2,[4,5,6]"], BRACKETS),
        (['id,json', '1,{"a": 1, "b": 2}', '2,{"a": 3, "b": 4}'], BRACKETS),
        (["id;arr", "1;[1;2]", "2;[3;4]"], BRACKETS),
        (["id,arr", "1,[1]", "2,[4]"], ""),
        (["id,arr,x", "1,[low,5", "2,[low,7"], ""),
        (["id,note", r"1,hello\, world", r"2,bye\, all"], ESCAPED),
        (["id,note", r"1,plain", r"2,bye\, all", "3,more"], ESCAPED),
        (["id,path", "1,C:\\", "2,D:\\"], ""),
        (["id,path,n", r"1,C:\,5", r"2,D:\,6"], ""),
        (["id||name||v", "1||ann||2", "2||bob||3"], DOUBLED),
        (["id;;name", "1;;ann", "2;;bob"], DOUBLED),
        (["id,,name", "1,x,ann", "2,,bob"], ""),
        (['"a,b"', '"1,2"', '"3,4"'], QUOTED),
        (['"id,""name"",v"', '"1,""x"",2"', '"2,""y"",3"'], QUOTED),
        (['"last, first"', '"Lee, Ann"', '"Ray, Bob"'], QUOTED),
        (['"name"', '"Lee, Ann"', '"Ray, Bob"'], ""),
        (["Name           Age City", "Ann Smith       23 Paris", "Bob Jones       45 Rome"], ""),
        (["Name           Age City", "Ann Smith      23  Paris", "Bob Jones      45  Rome"], ALIGNED),
        (["id,v", "1,2", "3,4", "", "Source: agency, 2024"], LAST),
        (["id,v", "1,2", "3,4", "Source: agency,"], LAST),
        (["day,v", "2024-01-01,2", "2024-01-02,4", "*preliminary,*"], LAST),
        (["id,v", "1,2", "3,4", "NA,5"], ""),
        (["id,v", "1,2", "3,4", "-,-"], ""),
        (["id,v", "a,2", "3,4", "Source,5"], ""),
        (["id,v", "1,2", "3,4", "id,v", "5,6"], AGAIN),
        (["id,name", "1,ann", "id,name", "2,bob", "id,name", "3,cid"], AGAIN),
        (["name,id", "ann,1", "name,2"], ""),
        (["a,b", "x,y", "a,b"], ""),
        (["id;v", "1;1.234", "2;12.345"], POINTS),
        (["id;v", "1;1.234", "2;12.34"], ""),
        (["id,v", "1,1.234", "2,12.345"], ""),
        (["id;v", "1;0.234", "2;12.345"], ""),
    ],
)  # fmt: skip
def test_what_may_be_cut_elsewhere_is_said(lines: list[str], note: str, tmp_path: Path) -> None:
    for end in ("\n", "\r\n"):
        _, _, notes = read(tmp_path / "x.csv", end.join([*lines, ""]))
        told = [sign for sign in SIGNS if sign in notes]
        assert told == ([note] if note else []), notes


def test_names_that_come_again_late_are_counted(tmp_path: Path) -> None:
    rows = [f"{number},name {number % 7}" for number in range(30_000)]
    text = "\n".join(["id,name", *rows, "id,name", *rows, "id,name", *rows, ""])
    names, read_rows, notes = read(tmp_path / "x.csv", text)
    assert names == ["id", "name"]
    assert len(read_rows) == 3 * len(rows) + 2
    assert "2 rows hold the names again" in notes


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_in_single_quotes_delimit_nothing(delimiter: str, tmp_path: Path) -> None:
    own = [["ann", f"1 Main St{delimiter} Paris"], ["bob", "it''s"], ["cid", "plain"]]
    lines = [delimiter.join(f"'{field}'" for field in row) for row in [["name", "at"], *own]]
    names, rows, _ = read(tmp_path / "x.csv", "\n".join([*lines, ""]))
    assert names == ["name", "at"]
    assert [list(row) for row in rows] == [
        [field.replace("''", "'") for field in row] for row in own
    ]
    text = "\n".join(["name,says", "ann,it's", "bob,that's", ""])
    assert read(tmp_path / "y.csv", text)[1] == [("ann", "it's"), ("bob", "that's")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_last_field_that_all_rows_lack_is_missing(delimiter: str, tmp_path: Path) -> None:
    for count in (2, 3, 20):
        data = [[str(number), f"x {number}"] for number in range(count)]
        lines = [delimiter.join(row) for row in [["id", "name", "comment"], *data]]
        names, rows, notes = read(tmp_path / "x.csv", "\n".join([*lines, ""]))
        assert names == ["id", "name", "comment"]
        assert rows == [(number, f"x {number}", None) for number in range(count)]
        assert f"{count} lines have fewer fields" in notes
