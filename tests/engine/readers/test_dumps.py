r"""Texts as databases write them: ``\N`` is a missing value, and backslashes stand before signs of a field."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from orrery_engine.readers.text import dumps
from tests.engine.readers.test_reading_kinds import read

NULLS = "\\N was read as missing"
ESCAPED = "as databases write it"
KEPT = "were read as signs like others"


@pytest.mark.parametrize("sign", ["\t", ",", ";", "|"])
def test_the_null_of_databases_is_missing_and_said(sign: str, tmp_path: Path) -> None:
    lines = [["id", "name", "v"], ["1", "Ann", "\\N"], ["2", "\\N", "5"], ["3", "Bo", "6"]]
    for end in ("\n", "\r\n"):
        text = "".join(sign.join(line) + end for line in lines)
        names, rows, notes = read(tmp_path / "x.csv", text)
        assert names == ["id", "name", "v"]
        assert rows == [(1, "Ann", None), (2, None, 5), (3, "Bo", 6)]
        assert NULLS in notes
        assert ESCAPED not in notes
        names, rows, _ = read(
            tmp_path / "x.csv", "".join(sign.join(line) + end for line in lines[1:])
        )
        assert (names[0], len(rows)) == ("column_1", 3)


def test_nulls_beside_quoted_fields_and_late_ones(tmp_path: Path) -> None:
    _, rows, notes = read(tmp_path / "x.csv", 'id,name\n1,"a \\"q\\" b"\n2,\\N\n3,"c"\n')
    assert rows == [(1, 'a "q" b'), (2, None), (3, "c")]
    assert KEPT not in notes
    late = "id\tv\n" + "".join(f"{n}\t{n % 7}\n" for n in range(20_000)) + "20000\t\\N\n"
    _, rows, notes = read(tmp_path / "x.tsv", late)
    assert rows[-1] == (20_000, None)
    assert NULLS in notes


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("a\\tb", "a\tb"),
        ("a\\\tb", "a\tb"),
        ("one\\nnext", "one\nnext"),
        ("back\\\\slash", "back\\slash"),
        ("\\\\N", "\\N"),
        ('say "hi"\\\\', 'say "hi"\\'),
    ],
)
def test_escapes_of_databases_are_left_out(written: str, value: str, tmp_path: Path) -> None:
    text = f"id\tnote\n1\t{written}\n2\t\\N\n3\tx\n"
    for end in ("", "\\.\n"):
        for name, data in (
            ("x.tsv", (text + end).encode()),
            ("x.tsv.gz", gzip.compress((text + end).encode())),
        ):
            names, rows, notes = read(tmp_path / name, data)
            assert names == ["id", "note"]
            # A backslash and an N are a missing value, even where a database would tell them apart.
            assert rows == [(1, None if value == "\\N" else value), (2, None), (3, "x")]
            assert ESCAPED in notes


def test_a_line_end_behind_a_backslash_is_a_part_of_a_value(tmp_path: Path) -> None:
    text = "id\tnote\tn\n1\tone\\\nnext\t5\n2\t\\N\t6\n"
    _, rows, _ = read(tmp_path / "x.tsv", text)
    assert rows == [(1, "one\nnext", 5), (2, None, 6)]
    _, rows, _ = read(tmp_path / "x.tsv", "id\tnote\n1\tone\\\nnext\n2\t\\N\n")
    assert rows == [(1, "one\nnext"), (2, None)]


def test_backslashes_of_others_are_kept(tmp_path: Path) -> None:
    for value in ("C:\\data\\users", "\\d+\\s", "a\\"):
        _, rows, notes = read(tmp_path / "x.csv", f"id;path\n1;{value}\n2;\\N\n3;x\n")
        assert rows == [(1, value), (2, None), (3, "x")]
        assert ESCAPED not in notes
        assert KEPT in notes
    _, rows, _ = read(tmp_path / "x.tsv", "id\tpath\n1\ta\\tb\n2\tx\n")
    assert rows[0] == (1, "a\\tb")
    _, rows, notes = read(tmp_path / "x.tsv", 'id\tj\n1\t"q"\n2\t\\N\n3\tx\\ty\n')
    assert rows[1:] == [(2, None), (3, "x\\ty")]
    assert KEPT in notes


def test_pieces_of_a_text_are_written_alike() -> None:
    text = '1\ta\\\nb\t\\N\n2\tsay "x"\t\\\\\n3\t\\tq\tz\n'
    whole = dumps.AsQuoted("\t").replaced(text, True)
    for size in range(1, len(text)):
        own = dumps.AsQuoted("\t")
        parts = [own.replaced(text[at : at + size], False) for at in range(0, len(text), size)]
        assert "".join([*parts, own.replaced("", True)]) == whole
