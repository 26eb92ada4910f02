"""Each format gives the same rows, from a folder and from an object store, by ranges."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest

from orrery_engine.preview.shapes import label
from orrery_wire.errors import Conflict, Invalid, NotFound
from tests.engine.lake.stores import Place
from tests.engine.preview import files
from tests.engine.preview.conftest import Previews

TABLE = files.table()
FILES = files.all_files(TABLE)


def test_every_format_shows_its_first_rows_and_any_window(place: Place, previews: Previews) -> None:
    place.put(FILES)
    for name in FILES:
        shown = previews(place, name, limit=50)
        assert [column.name for column in shown.columns] == TABLE.column_names, name
        assert shown.row_count == len(shown.rows) == 50, name
        assert shown.has_more, name
        assert [str(row[0]) for row in shown.rows] == [str(number) for number in range(50)], name
        assert shown.rows[10][2] is None, (name, shown.rows[10])
        assert str(shown.rows[1][1]) == "n1", name
        assert shown.size == len(FILES[name]), name
        assert shown.transfer.bytes > 0, name
        later = previews(place, name, limit=50, offset=970, etag=shown.etag)
        assert [str(row[0]) for row in later.rows] == [
            str(number) for number in range(970, 1_000)
        ], name
        assert not later.has_more, name
        early = previews(place, name, limit=3, offset=7, etag=shown.etag)
        assert [str(row[0]) for row in early.rows] == ["7", "8", "9"], name


def test_kinds_of_columns_are_those_of_the_source_or_guessed(
    folder: Place, previews: Previews
) -> None:
    folder.put(FILES)
    kinds = {
        name: [column.kind for column in previews(folder, name, limit=1).columns] for name in FILES
    }
    assert kinds["a.parquet"] == ["integer", "text", "float", "date", "datetime"]
    assert kinds["a.csv"] == ["integer", "text", "float", "date", "datetime"]
    assert kinds["a.avro"] == ["integer", "text", "float", "date", "datetime"]
    assert kinds["a.xlsx"] == ["integer", "text", "float", "date", "datetime"]
    assert previews(folder, "a.csv", limit=1).columns[0].is_guessed
    assert not previews(folder, "a.parquet", limit=1).columns[0].is_guessed


def test_filters_and_orders_look_at_all_rows_and_say_so(folder: Place, previews: Previews) -> None:
    folder.put(FILES)
    for name in FILES:
        shown = previews(
            folder,
            name,
            limit=5,
            filters=[
                {"column": 1, "operator": "eq", "value": "n3"},
                {"column": 0, "operator": "ge", "value": 500},
            ],
        )
        assert [str(row[0]) for row in shown.rows] == ["500", "507", "514", "521", "528"], name
        assert shown.has_more, name
        whole = previews(
            folder, name, limit=100, filters=[{"column": 0, "operator": "gt", "value": 995}]
        )
        assert (whole.row_count, whole.total, whole.is_whole) == (4, 4, True), name
        ordered = previews(folder, name, limit=3, sort=[{"column": 2, "is_descending": True}])
        assert [str(row[0]) for row in ordered.rows] == ["999", "998", "997"], name
        assert (ordered.total, ordered.is_whole, ordered.searched) == (1_000, True, 1_000), name
        both = previews(
            folder,
            name,
            limit=2,
            offset=1,
            sort=[{"column": 1}, {"column": 0, "is_descending": True}],
            filters=[{"column": 2, "operator": "not_null"}],
        )
        assert [str(row[0]) for row in both.rows] == ["987", "973"], name
        missing = previews(folder, name, filters=[{"column": 2, "operator": "null"}])
        assert missing.total == 100, name


def test_every_operator(folder: Place, previews: Previews) -> None:
    folder.put({"a.parquet": FILES["a.parquet"], "a.csv": FILES["a.csv"]})
    cases = [
        ({"column": 0, "operator": "lt", "value": 3}, 3),
        ({"column": 0, "operator": "le", "value": "3"}, 4),
        ({"column": 1, "operator": "ne", "value": "n0"}, 857),
        ({"column": 1, "operator": "contains", "value": "N6"}, 142),
        ({"column": 1, "operator": "begins", "value": "n"}, 1_000),
        ({"column": 0, "operator": "in", "values": [1, 2, 5_000]}, 2),
        ({"column": 3, "operator": "eq", "value": "2026-01-02"}, 36),
        ({"column": 3, "operator": "gt", "value": "2026-01-27"}, 35),
    ]
    for name in ("a.parquet", "a.csv"):
        for item, count in cases:
            assert previews(folder, name, limit=1_000, filters=[item]).row_count == count, (
                name,
                item,
            )


def test_what_is_shown_is_labelled(folder: Place, previews: Previews) -> None:
    folder.put(FILES)
    assert label(previews(folder, "a.parquet", limit=100)) == "first 100 of 1,000 rows"
    assert label(previews(folder, "a.parquet", limit=5, offset=10)) == "rows 11 to 15 of 1,000 rows"
    assert label(previews(folder, "a.parquet", limit=2_000)) == "all 1,000 rows"
    assert label(previews(folder, "a.csv.gz", limit=10)) == "first 10 of 1,000 rows"
    assert label(previews(folder, "a.avro", limit=10)) == "first 10"
    folder.put({"short.csv": b"a\n1\n\n2\n"})
    assert label(previews(folder, "short.csv")) == "all 2 rows"
    assert label(previews(folder, "short.csv", limit=1)) == "first 1 of 2 rows"
    found = previews(folder, "a.parquet", filters=[{"column": 0, "operator": "lt", "value": 3}])
    assert label(found) == "all 3 rows that match"
    many = b"id,name\n" + b"".join(b"%d,abcdefghij\n" % number for number in range(100_000))
    folder.put({"long.csv": many})
    shown = previews(folder, "long.csv")
    assert shown.total_kind == "estimate"
    assert abs((shown.total or 0) - 100_000) < 5_000
    assert label(shown).startswith("first 100 of about ")


def test_rows_come_as_arrow_with_all_their_digits(folder: Place, previews: Previews) -> None:
    data = pa.table({"a": [2**60, None], "a b": ["x", "y"]})
    folder.put({"a.parquet": files.parquet(data)})
    shown, blob = previews.arrow(folder, "a.parquet")
    assert pa.ipc.open_stream(blob).read_all() == data
    assert shown.rows == ()
    assert previews(folder, "a.parquet").rows == ((str(2**60), "x"), (None, "y"))


def test_columns_are_shown_in_parts_too(folder: Place, previews: Previews) -> None:
    wide = pa.table({f"c{number}": [number] for number in range(3_000)})
    folder.put({"a.parquet": files.parquet(wide)})
    shown = previews(folder, "a.parquet", first_column=2_990, column_count=50)
    assert [column.name for column in shown.columns] == [
        f"c{number}" for number in range(2_990, 3_000)
    ]
    assert shown.rows == (tuple(range(2_990, 3_000)),)
    assert shown.column_count == 3_000


def test_statistics_say_of_what_they_are(folder: Place, previews: Previews) -> None:
    folder.put(FILES)
    of_file = previews(folder, "a.parquet", limit=10).columns[2].statistics
    assert of_file is not None
    assert (of_file.rows, of_file.nulls, of_file.min, of_file.max, of_file.is_whole) == (
        1_000,
        100,
        0.25,
        249.75,
        True,
    )
    of_rows = previews(folder, "a.parquet", limit=10, statistics=True).columns[0].statistics
    assert of_rows is not None
    assert (of_rows.rows, of_rows.distinct, of_rows.mean, of_rows.is_whole) == (10, 10, 4.5, False)
    assert sum(of_rows.counts) == 10


def test_statistics_of_texts_that_are_numbers_are_those_of_numbers(
    folder: Place, previews: Previews
) -> None:
    folder.put({"a.csv": FILES["a.csv"]})
    of_id, of_name = previews(folder, "a.csv", limit=200, statistics=True).columns[:2]
    assert of_id.statistics
    assert (of_id.statistics.min, of_id.statistics.max, of_id.statistics.mean) == (0, 199, 99.5)
    assert of_name.statistics
    assert (of_name.statistics.min, of_name.statistics.max) == ("n0", "n6")


def test_names_may_be_empty_or_occur_twice(folder: Place, previews: Previews) -> None:
    data = pa.Table.from_arrays(
        [pa.array([1]), pa.array(["x"]), pa.array([2.5])], names=["a", "a", ""]
    )
    folder.put(
        {
            "a.parquet": files.parquet(data),
            "a.arrow": files.arrow(data),
            "a.csv": b"a,a,\n1,x,2.5\n",
        }
    )
    for name in ("a.parquet", "a.arrow", "a.csv"):
        shown = previews(folder, name, sort=[{"column": 1}])
        assert [str(value) for value in shown.rows[0]] == ["1", "x", "2.5"], name


def test_texts_notebooks_pictures_and_bytes(folder: Place, previews: Previews) -> None:
    notebook = {
        "nbformat": 4,
        "cells": [
            {"cell_type": "markdown", "source": ["# T\n", "x"]},
            {
                "cell_type": "code",
                "source": "1",
                "outputs": [
                    {"output_type": "stream", "text": "out"},
                    {
                        "output_type": "display_data",
                        "data": {"image/png": "…", "text/plain": "<Figure>"},
                    },
                ],
            },
        ],
    }
    png = (
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
        + (640).to_bytes(4, "big")
        + (480).to_bytes(4, "big")
        + b"\0" * 40
    )
    folder.put(
        {
            "a.txt": "grüß\n".encode() * 3,
            "b.py": b"print(1)\n",
            "c.ipynb": json.dumps(notebook).encode(),
            "d.png": png,
            "e.bin": bytes(range(256)) * 40,
            "f.pdf": b"%PDF-1.7\n",
            "g.md": "\ufeff# ü".encode("utf-16"),
        }
    )
    assert previews(folder, "a.txt").text == "grüß\n" * 3
    assert previews(folder, "b.py").format == "text"
    assert [cell.output for cell in previews(folder, "c.ipynb").cells] == [
        "",
        "out\n<Figure>\n(image/png)",
    ]
    picture = previews(folder, "d.png")
    assert (picture.media, picture.width, picture.height) == ("image/png", 640, 480)
    assert previews(folder, "e.bin").text.startswith(
        "00000000  0001020304050607 08090a0b0c0d0e0f  ...."
    )
    assert previews(folder, "f.pdf").media == "application/pdf"
    assert "# ü" in previews(folder, "g.md").text


def test_sheets_of_a_workbook(folder: Place, previews: Previews) -> None:
    folder.put(FILES)
    shown = previews(folder, "a.xlsx", limit=1)
    assert (shown.sheet, shown.sheets) == ("Sheet", ("Sheet", "Other"))


def test_options_of_reading_are_obeyed_and_answered(folder: Place, previews: Previews) -> None:
    folder.put({"a.csv": b"a;b|c\n1;2|3\n", "b.csv": "nämé;x\nä;1,5\n".encode("latin-1")})
    assert [column.name for column in previews(folder, "a.csv").columns] == ["a", "b|c"]
    piped = previews(folder, "a.csv", reading={"delimiter": "|"})
    assert [column.name for column in piped.columns] == ["a;b", "c"]
    assert piped.reading
    assert piped.reading.delimiter == "|"
    latin = previews(folder, "b.csv")
    assert latin.columns[0].name == "nämé"
    assert latin.columns[1].kind == "float"
    assert any("no valid UTF-8" in note for note in latin.notes)


def test_content_that_changed_is_not_mixed(place: Place, previews: Previews) -> None:
    noise = pa.table({"a": np.random.default_rng(1).random(200_000)})
    place.put({"a.parquet": files.parquet(noise, row_group_size=50_000)})
    shown = previews(place, "a.parquet", limit=10)
    place.put({"a.parquet": files.parquet(files.table(2_000))})
    with pytest.raises(Conflict, match="has changed"):
        previews(place, "a.parquet", limit=10, offset=120_000, etag=shown.etag)
    assert previews(place, "a.parquet", limit=10).total == 2_000


def test_what_is_not_there_is_said(place: Place, previews: Previews) -> None:
    place.put({"x": b"1"})
    with pytest.raises(NotFound):
        previews(place, "gone.parquet")
    place.put(FILES)
    with pytest.raises(Invalid, match="no column 9"):
        previews(place, "a.parquet", sort=[{"column": 9}])
