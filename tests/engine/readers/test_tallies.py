"""Records are counted without a parser as a parser would count them, wherever a chunk of the file ends."""

from __future__ import annotations

import csv
import io
import random
from pathlib import Path

import pytest

from orrery_engine.readers.text import absent, tallies
from orrery_engine.readers.text.absent import ABSENT, AbsentWords
from orrery_engine.readers.text.dialect import Dialect

FIELDS = (
    "",
    "a",
    "1",
    "x,y",
    'say "hi"',
    "one\ntwo",
    "#",
    "NA",
    "N/A",
    "None",
    "nan",
    "null",
    "\\N",
)


@pytest.mark.parametrize("size", [8 * 2**20, 7, 40])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_records_and_surplus_are_those_of_the_parser(
    size: int, end: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tallies, "_CHUNK", size)
    random_ = random.Random(7)
    path = tmp_path / "x.csv"
    for _ in range(60):
        width = random_.randint(2, 4)
        names = tuple("abcd"[:width])
        rows = [[random_.choice(FIELDS) for _ in names] for _ in range(random_.randint(0, 9))]
        long = [row for row in rows if random_.random() < 0.1]
        text = io.StringIO()
        csv.writer(text, lineterminator=end).writerows(
            [names, *([*row, ""] if row in long else row for row in rows)]
        )
        path.write_bytes(text.getvalue().encode())
        tally = tallies.tally(path, Dialect(",", names=names))
        assert tally.records == len(rows)
        assert bool(tally.surplus) is any(row in long for row in rows)


def test_words_for_missing_values_are_whole_fields(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.csv"
    dialect = Dialect(";", names=("a", "b"))
    for size in (8 * 2**20, 150, 131):
        monkeypatch.setattr(absent, "_CHUNK", size)
        for word in ABSENT:
            for text in (
                f"a;b\n1;{word}\n",
                f"a;b\n{word};x",
                f'a;b\n1;"{word}"\r\n',
                f"a;b\n{'x' * 200};y\n1;{word}",
            ):
                path.write_text(text)
                words = AbsentWords(ABSENT)
                words.search(path, dialect)
                assert words.note().startswith(f"{word} was read as missing"), (word, text)
            for text in (f"a;b\n1;{word}x\n", f"a;b\nx{word};1\n", f"a;b\n1;x {word} y\n"):
                path.write_text(text)
                words = AbsentWords(ABSENT)
                words.search(path, dialect)
                assert not words.note(), (word, text)
