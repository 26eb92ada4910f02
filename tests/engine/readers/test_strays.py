"""Rows that are none of a table are said wherever they stand, and however large the text is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.readers.test_reading_kinds import read

LAST, TOTALS, UNLIKE = "The last row", "word such as 'Total'", "texts where others hold values"


@pytest.mark.parametrize(
    ("end", "note"),
    [
        ("Total,9", "The last row begins with 'Total'"),
        ("(30000 rows)", "The last row begins with '(30000 rows)', as a count of rows does"),
        ("Source: agency,2024", "The last row holds texts ('Source: agency')"),
        ("* preliminary,1", "The last row holds texts ('* preliminary')"),
        ("30000,5", ""),
        ("30000,", ""),
    ],
)
def test_the_end_of_a_large_text_is_looked_at(end: str, note: str, tmp_path: Path) -> None:
    body = "".join(f"{n},{n * 7919:040d}\n" for n in range(30_000))
    for text in (f"id,v\n{body}{end}\n", f"id,v\n1,0{end[:0]}01\n2,002\n{end}\n"):
        _, rows, notes = read(tmp_path / "x.csv", text)
        assert note in notes
        assert (LAST in notes) is bool(note)
        assert len(rows) == text.count("\n") - 1


@pytest.mark.parametrize("end", ["Total", "Total: 18", "(3 rows)", "Source: me"])
def test_the_end_of_one_column_is_looked_at(end: str, tmp_path: Path) -> None:
    _, rows, notes = read(tmp_path / "x.csv", f"v\n5\n6\n7\n{end}\n")
    assert rows[-1] == (end,)
    assert LAST in notes
    _, rows, notes = read(tmp_path / "x.csv", "name\nAnn\nTotal\nBob\n")
    assert LAST not in notes


def test_totals_between_others_are_counted(tmp_path: Path) -> None:
    lines = ["region,v", "N,5", "S,6", "Subtotal,11", "E,1", "Subtotal,1", "Grand total,12"]
    _, _, notes = read(tmp_path / "x.csv", "\n".join([*lines, ""]))
    assert LAST in notes
    assert f"2 rows begin with a {TOTALS}" in notes
    for word in ("Summe", "Zwischensumme", "Insgesamt", "TOTAL", "sub-total"):
        text = "region,v\n" + "N,5\n" * 9_000 + f"{word},11\nS,6\n"
        _, _, notes = read(tmp_path / "x.csv", text)
        assert f"1 row begins with a {TOTALS}" in notes
    _, _, notes = read(tmp_path / "x.csv", "film,v\nTotal,Recall\nSummer,5\nTotally,6\nx,7\n")
    assert "2 rows" not in notes


@pytest.mark.parametrize("rows_above", [2, 9_000])
@pytest.mark.parametrize("empty", ["", "\n"])
def test_names_of_another_table_within_are_said(
    rows_above: int, empty: str, tmp_path: Path
) -> None:
    text = "a,b\n" + "1,2\n" * rows_above + f"{empty}c,d\n5,6\n7,8\n"
    _, rows, notes = read(tmp_path / "x.csv", text)
    assert len(rows) == rows_above + 3
    assert f"1 row holds {UNLIKE} (first: row {rows_above + 1:,}, 'c', 'd')" in notes
    # Single texts among numbers are of a mixed column.
    _, _, notes = read(tmp_path / "x.csv", "a,b\n1,low\n2,5\nhigh,6\n4,7\n5,8\n")
    assert UNLIKE not in notes
    _, _, notes = read(tmp_path / "x.csv", "a,b\n1,2\nNA,NULL\nn/a,None\n4,7\nx,8\n")
    assert UNLIKE not in notes


def test_columns_of_a_fixed_width_are_said(tmp_path: Path) -> None:
    for lines in (
        ["name      age city", "Ann Lee    30 Rome", "Bob        41 New York"],
        [
            "id   when        what",
            "0001 2024-01-05  first thing",
            "0002 2024-01-06  second one here",
        ],
    ):
        names, _, notes = read(tmp_path / "x.txt", "\n".join([*lines, ""]))
        assert len(names) == 1
        assert "as between columns of a fixed width" in notes
    _, _, notes = read(tmp_path / "x.txt", "text\none two\nthree  four\nfive six\n")
    assert "fixed width" not in notes


def test_whole_numbers_with_exponents_may_be_codes(tmp_path: Path) -> None:
    said = "may look so, too"
    for text in (
        "code\n1E5\n2E7\n30\n",
        "code\n" + "5\n" * 9_000 + "1E5\n",
        "code;v\n1e5;1,5\n7;2,5\n",
    ):
        _, rows, notes = read(tmp_path / "x.csv", text)
        assert 100_000 in [row[0] for row in rows]
        assert said in notes
    for text in ("v\n1.5E5\n2E7\n", "v\n1e-5\n2\n", "v\n1e+5\n2.5\n", "v\n1\n2\n"):
        assert said not in read(tmp_path / "x.csv", text)[2]
