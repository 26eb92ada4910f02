"""What texts may mean in two ways is said, whatever stands beside it."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

from orrery_engine.readers.text import encodings
from orrery_engine.schemas import ResolvedSource
from orrery_engine.stats.values import length, value, values
from tests.engine.readers.test_reading_kinds import read
from tests.engine.worker_jobs import done, job, of_table, profiled

POINTS = "v: there are three digits behind each point"


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
@pytest.mark.parametrize(
    ("texts", "is_doubtful"),
    [
        (["336.465", "128.928", "812"], True),
        (["1.234", "12.500", "0"], True),
        (["1.234", "12.500", "-999"], True),
        (["1.234", "12.500"], True),
        (["1.234"] * 300 + ["7", "2.345"], True),
        (["1.234", "12.500", "0.999"], False),
        (["1.234", "12.5", "999"], False),
        (["1.234", "12.500", "4321"], False),
        (["1.234", "12.500", "1e3"], False),
        (["812", "336", "0"], False),
    ],
)
def test_points_that_may_stand_between_thousands_are_said(
    texts: list[str], is_doubtful: bool, delimiter: str, tmp_path: Path
) -> None:
    for texts_of_line in (texts, texts[::-1]):
        lines = [f"o{place}{delimiter}{text}" for place, text in enumerate(texts_of_line)]
        _, _, notes = read(tmp_path / "x.txt", "\n".join([f"n{delimiter}v", *lines, ""]))
        assert (POINTS in notes) is is_doubtful, (texts, notes)


def test_beside_commas_points_are_decimal_signs(tmp_path: Path) -> None:
    _, rows, notes = read(tmp_path / "x.csv", "n,v\na,1.234\nb,999\n")
    assert ([row[1] for row in rows], notes) == ([1.234, 999.0], "")


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["1.75", "12.25", "3.50"], ["1.75", "12.25", "3.50"]),
        (["1.23", "12.3456", "7"], ["1.23", "12.3456", "7"]),
        (["1.234", "12.500", "999"], [1234, 12500, 999]),
        (["1.234.567", "-12.500", "0"], [1234567, -12500, 0]),
        (["0.5", "1.234"], ["0.5", "1.234"]),
        (["1.234", "12.3456"], ["1.234", "12.3456"]),
        (["1.5E3", "2"], ["1.5E3", "2"]),
        ([".5", "2"], [".5", "2"]),
    ],
)
def test_a_sign_between_thousands_is_no_decimal_sign(
    texts: list[str], expected: list[object], tmp_path: Path
) -> None:
    data = "n;v\n" + "".join(f"{place};{text}\n" for place, text in enumerate(texts))
    _, rows, notes = read(tmp_path / "x.csv", data, thousands=".")
    assert [row[1] for row in rows] == expected
    assert "exponent" not in notes


@pytest.mark.parametrize("word", ["Nan", "NAN", "-nan", "+NaN", "-NAN", "nAn"])
def test_every_spelling_of_no_number_is_named(word: str, tmp_path: Path) -> None:
    late = [*["1.5"] * 60_000, word] if word in ("NAN", "-nan") else ["1", word]
    for lines in ([word, "1.5", "2.5"], late, ["Inf", word, "1"]):
        text = "\n".join(["n,v", *(f"a,{line}" for line in lines), ""])
        overview = profiled_text(text, tmp_path)
        assert f"v: what is written as {word} counts as missing." in overview, (word, overview)
    names = "\n".join(["n,v", f"{word},1", "Eva,2", ""])
    _, rows, notes = read(tmp_path / "names.csv", names)
    assert ([row[0] for row in rows], notes) == ([word, "Eva"], "")


def profiled_text(text: str, folder: Path) -> str:
    path = folder / "x.csv"
    path.write_text(text)
    return "\n".join(profiled(path, folder / "scratch").last.notes)


def test_words_for_missing_values_are_named_once(tmp_path: Path) -> None:
    notes = profiled_text("n,v\na,nan\nb,1.5\nc,NaN\n", tmp_path)
    assert notes.count("NaN") == 1
    assert "counts as missing" not in notes
    _, _, notes = read(tmp_path / "y.csv", "n,v\na,nan\nb,1.5\n", na=())
    assert "v: what is written as nan counts as missing." in notes


SIGNS = (
    *("T (°C),RH (%)\n21,40\n", "v,w\n±0.5,1\n", "n,v\nFoo™,1\n", "n,v\na,5 €\n", "n,v\na,£5\n"),
    *("n,v\na,§5\n", "n,v\na,10\u201320\n", "n,v\n52°31',1\n", "n,v\nm²,1\n", "n,v\n5 µm,1\n"),
    *("n,v\nFoo®,1\n", "n,v\n© 2020,1\n", "n,v\ndon\u2019t,1\n", "T [°F],v\n70,1\n", "°C,v\n1,2\n"),
)


@pytest.mark.parametrize("text", SIGNS)
def test_signs_alone_are_those_of_windows(text: str) -> None:
    for repeats in (1, 300):
        head, _, rest = text.partition("\n")
        data = "\n".join([head, *[rest] * repeats]).encode("cp1252")
        own = encodings.detect(data)
        assert (own.name, own.assumed) == ("cp1252", True), own
        assert "it was read as Windows-1252" in own.note()


def test_lengths_of_time_keep_nanoseconds_and_signs(tmp_path: Path) -> None:
    for nanoseconds, text in (
        (500, "0:00:00.000000500"),
        (-1, "-0:00:00.000000001"),
        (1_000, "0:00:00.000001"),
        (0, "0:00:00"),
        (86_400_000_000_000, "1 day, 0:00:00"),
        (-5_000_000_000, "-0:00:05"),
        (-180_000_000_000_000, "-2 days, 2:00:00"),
        (90_061_500_000_001, "1 day, 1:01:01.500000001"),
    ):
        assert length(nanoseconds) == text
        assert values(pl.Series([nanoseconds, None], dtype=pl.Duration("ns"))) == [text, None]
        if nanoseconds % 1_000 == 0:
            delta = timedelta(microseconds=nanoseconds // 1_000)
            assert value(delta) == text
            assert values(pl.Series([delta])) == [text]
            if nanoseconds >= 0:
                assert text == str(delta)
    assert values(pl.Series([2**62], dtype=pl.Duration("ms")))[0] is not None
    table = pa.table({"x": pa.array([500, 700, None], pa.duration("ns"))})
    told = of_table(table, tmp_path)
    column = told.named("x")
    assert (column.minimum, column.maximum) == ("0:00:00.000000500", "0:00:00.000000700")
    assert [row[0] for row in told.last.head] == [column.minimum, column.maximum, None]


PAIRS = pa.map_(pa.string(), pa.int64())


@pytest.mark.parametrize(
    "wrap",
    [
        lambda kind, item: (kind, item),
        lambda kind, item: (pa.list_(kind), [item]),
        lambda kind, item: (pa.struct([("m", kind), ("n", pa.int64())]), {"m": item, "n": 1}),
        lambda kind, item: (pa.map_(pa.string(), kind), [("outer", item)]),
    ],
)
def test_no_value_of_a_key_that_occurs_twice_is_lost(wrap, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    items = [[("k", 7001), ("k", 2)], [("k", 2)], [("k", 7009), ("j", 3), ("k", 2)], None, []]
    type_ = wrap(PAIRS, None)[0]
    cells = [wrap(PAIRS, item)[1] for item in items]
    told = of_table(pa.table({"x": pa.array(cells, type_), "n": [*range(5)]}), tmp_path)
    shown = [str(row[0]) for row in told.last.head]
    assert ["7001" in shown[0], "7009" in shown[2]] == [True, True], shown
    assert len(set(shown[:3])) == 3
    assert not told.named("x").unread


def test_maps_whose_keys_differ_are_shown_as_they_were(tmp_path: Path) -> None:
    told = of_table(pa.table({"x": pa.array([[("k", 1), ("j", 2)], []], PAIRS)}), tmp_path)
    assert [row[0] for row in told.last.head] == ["{'k': 1, 'j': 2}", "{}"]


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le", "UTF-16be"])
def test_bytes_that_are_no_characters_are_counted_in_sqlite(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA encoding = '{encoding}'")
        connection.execute("CREATE TABLE rows (good text, bad text, n integer)")
        good = ["é", "a", "日本"]
        bad = [b"\xffa", b"\xfea", b"a"] if encoding == "UTF-8" else ["b", "é", "a"]
        for number, (one, other) in enumerate(zip(good, bad, strict=True)):
            connection.execute("INSERT INTO rows VALUES (?, CAST(? AS TEXT), ?)", (one, other, number))  # fmt: skip
    connection.close()
    address = f"sqlite:///{path}"
    source = ResolvedSource(reader="table", location=address, format="database", table="rows")
    told = done(job(source, tmp_path / "scratch"))
    assert told.named("good").note == ""
    if encoding == "UTF-8":
        assert "2 texts hold bytes that are no characters" in told.named("bad").note
        shown = [row[1] for row in told.last.head]
        assert shown == ["\\xffa", "\\xfea", "a"]
        assert told.named("bad").distinct == 3
    else:
        assert told.named("bad").note == ""


def test_halves_of_characters_stay_different() -> None:
    assert value("x\ud83d") == "x\\ud83d"
    assert value("x\udc00") != value("x\ud83d")
