"""JSON of every layout is read exactly, or the place that is no JSON is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from orrery_wire.errors import Invalid
from tests.engine.worker_jobs import Told, done, job, profiled, resolved


def of(text: str | bytes, folder: Path, name: str = "x.json") -> Told:
    """The profile of a text."""
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return profiled(path, folder / "scratch")


def lines(*values: Any) -> str:
    return "\n".join(json.dumps({"a": value}) for value in values)


LARGE = 12345678901234567890123
EXACT: dict[str, tuple[str, dict[str, Any]]] = {
    "late decimals": (lines(*[4] * 20_480, *[4.5] * 20_480), {"mean": 4.25, "distinct": 2}),
    "late texts": (lines(*[4] * 20_480, "x"), {"type": "mixed", "distinct": 2}),
    "large": (lines(LARGE, LARGE + 1, LARGE + 2), {"distinct": 3, "maximum": str(LARGE + 2)}),
    "endless": (lines(10**45, 10**45 + 1), {"distinct": 2, "maximum": str(10**45 + 1)}),
    "uint64": (lines(2**64 - 1, 2**64 - 2), {"type": "integer", "distinct": 2}),
    "large with decimals": (lines(2**53 + 1, 2**53, 1.5), {"distinct": 3}),
    "words": ('[{"a":NaN},{"a":-Infinity},{"a":1}]', {"type": "float", "missing": 1, "infinite": 1}),
    "dates": (lines("2024-01-31", None, "2024-02-01"), {"type": "date", "missing": 1}),
    "no date after all": (lines(*["2024-01-31"] * 30_000, "2024-13-01"), {"type": "text", "distinct": 2}),
    "codes": (lines("007", "08"), {"type": "text", "distinct": 2}),
    "identifiers": (lines("0b0d6a3e-3c4b-4e0e-9f0e-1e7d6a3e3c4b"), {"type": "text"}),
    "mixed": (lines(1, "1", [1], True), {"type": "mixed", "distinct": 4}),
    "nested": (lines({"b": [1]}, {"b": [2, LARGE]}), {"type": "nested", "distinct": 2}),
    "only nulls": (lines(None, None), {"missing": 2}),
    "half a character": ('{"a":"\\ud800x"}\n{"a":"y"}', {"distinct": 2}),
    "an empty key": ('{"":0,"a":1}\n{"":0,"a":2}', {"total": 3}),
    "doubled keys": ('{"a":1,"a":2}\n{"a":3}', {"total": 5}),
    "concatenated": ('{"a":1}{"a":2} {"a":3}\n', {"total": 6}),
    "several lines each": ('{\n"a": 1\n}\n{\n"a": 2\n}\n', {"total": 3}),
    "empty lines": ('\n{"a":1}\n\n  \n{"a":2}\n\n', {"total": 3, "count": 2}),
    "a mark": ('\ufeff[{"a":1},{"a":2}]', {"total": 3}),
}  # fmt: skip


@pytest.mark.parametrize("name", EXACT)
def test_values_are_exact(name: str, tmp_path: Path) -> None:
    text, facts = EXACT[name]
    column = of(text, tmp_path).named("a")
    assert {fact: getattr(column, fact) for fact in facts} == facts
    assert not any((tmp_path / "scratch").iterdir())


def test_late_and_similar_keys_are_columns(tmp_path: Path) -> None:
    late = of(lines(*[1] * 20_480) + '\n{"a":1,"b":7}', tmp_path)
    assert (late.named("b").total, late.named("b").missing) == (7, 20_480)
    similar = of('{"a":1,"A":2}\n{"A":3,"a_1":4}', tmp_path)
    assert {column.name: column.total for column in similar.columns} == {"a": 1, "A": 5, "a_1": 4}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "utf-8-sig"])
@pytest.mark.parametrize("text", ['[{"a":"ü"}]', '{"a":"ü"}\n{"a":"ü"}'])
def test_json_of_other_encodings(encoding: str, text: str, tmp_path: Path) -> None:
    assert of(text.encode(encoding), tmp_path).named("a").maximum == "ü"


FRAME = pd.DataFrame({"n": [1, 2, 3], "x": [1.5, None, 2.5], "s": ["a", "b", "c"]})


@pytest.mark.parametrize("orient", ["columns", "index", "records", "split", "table", "values"])
@pytest.mark.parametrize("index", [None, "s"])
def test_what_pandas_writes(orient: Any, index: str | None, tmp_path: Path) -> None:
    frame = FRAME if index is None else FRAME.set_index(index)
    profile = of(frame.to_json(orient=orient), tmp_path)
    named = {column.total: column for column in profile.columns}
    assert profile.last.rows == 3
    assert {6, 4} <= named.keys()
    assert named[4].missing == 1
    # Only these orients write no index.
    texts = [column.distinct for column in profile.columns if column.type == "text"]
    assert texts == ([] if index and orient in ("records", "values") else [3])
    if orient != "records":
        assert any(orient in note or "no names" in note for note in profile.last.notes)


FEATURE = {"type": "Feature", "id": 7, "properties": {"n": 1}, "geometry": {"type": "Point", "coordinates": [1, 2]}}  # fmt: skip
SHAPES: dict[str, tuple[Any, dict[str, str], str]] = {
    "geojson": (
        {"type": "FeatureCollection", "features": [FEATURE, FEATURE | {"geometry": None}]},
        {"n": "integer", "id": "integer", "geometry": "nested"},
        "GeoJSON",
    ),
    "a feature": (FEATURE, {"n": "integer", "id": "integer", "geometry": "nested"}, "GeoJSON"),
    "series": ({"0": 1, "1": 2}, {"value": "integer"}, "pandas"),
    "one object": ({"a": 1, "b": {"c": [1]}}, {"a": "integer", "b": "nested"}, "one object"),
    "wrapped": ({"count": 2, "results": [{"a": 1}]}, {"a": "integer"}, "not read: count"),
    "lists": ({"a": [1, 2], "b": ["x", "y"]}, {"a": "integer", "b": "text"}, "columns"),
    "rows": ([["a", "b"], [1, 2], [3, 4]], {"a": "integer", "b": "integer"}, "names"),
    "values": ([1, 2.5], {"value": "float"}, ""),
    "no records": ([1, {"a": 2}], {"value": "mixed"}, "no records"),
    "polars": (
        {"columns": [{"name": "a", "datatype": "Int64", "values": [1, 2]}]},
        {"a": "integer"},
        "columns",
    ),
}


@pytest.mark.parametrize("name", SHAPES)
def test_documents_are_tables(name: str, tmp_path: Path) -> None:
    document, types, words = SHAPES[name]
    for indent in (None, 2):
        profile = of(json.dumps(document, indent=indent), tmp_path)
        assert {column.name: column.type for column in profile.columns} == types
        assert words in " ".join(profile.last.notes)
        assert bool(profile.last.notes) == bool(words)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('[{"a": 1},\n{"a": 2},\n{"a": [1,2\n', "Line 4: unexpected end"),
        ('[{"a": 1},\n{"a": 2},\n]', "Line 3: a comma stands before a closing bracket"),
        ('[{"a": 1}\n{"a": 2}]', "Line 2: a comma or a closing bracket is missing"),
        ('[{"a": 1},\n{"a" 2}]', "Line 2: a colon is missing"),
        ("[{\"a\": 1},\n{'a': 2}]", "Line 2: a name in double quotes is missing"),
        ('[{"a": 1}]\n]', "Line 2: there is more after the end"),
        ('{"a": "open', "Line 1: unexpected end"),
        ("<a></a>", "Line 1: a value is missing"),
        ("[" * 5_000, "nested too deeply"),
    ],
)
def test_what_is_no_json_is_refused_with_its_line(text: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="The JSON could not be read") as refusal:
        of(text, tmp_path)
    assert reason in (refusal.value.reason or "")
    assert not any(word in str(refusal.value) for word in (str(tmp_path), "SELECT", "read_json"))


def test_lines_that_are_no_json_count_and_are_named(tmp_path: Path) -> None:
    profile = of('{"a": 1}\nno\n{"a": 2}\n{"a": [1,2\n', tmp_path, "x.ndjson")
    assert (profile.last.rows, profile.named("a").missing) == (4, 2)
    assert profile.last.notes[0].startswith("2 lines are no JSON")
    assert "line 2" in profile.last.notes[0]


@pytest.mark.parametrize("text", ["", "  \n", "[]", "{}"])
def test_json_without_values(text: str, tmp_path: Path) -> None:
    profile = of(text, tmp_path)
    assert profile.last.rows in (0, 1)
    assert profile.columns == []


def test_folders_of_json_are_columns_too(tmp_path: Path) -> None:
    for year, text in (
        ("2023", '{"a":1}'),
        ("2024", '[{"a":2},{"a":3,"b":12345678901234567890123}]'),
    ):
        (tmp_path / "lake" / f"year={year}").mkdir(parents=True)
        (tmp_path / "lake" / f"year={year}" / "x.json").write_text(text)
    profile = done(job(resolved(tmp_path / "lake", format="json"), tmp_path / "scratch"))
    assert profile.named("year").total == 2023 + 2 * 2024
    assert profile.named("a").total == 6
    assert profile.last.notes == ("1 of 2 files lack columns that others have.",)


@pytest.mark.parametrize(
    ("document", "names", "rows", "note"),
    [
        ({"r": {"b": [{"s": 1}, {"s": 2}]}, "head": {"vars": ["s"]}}, ("s",), 2, "'r.b'; not read: head.vars."),
        ({"data": {"users": {"edges": [{"id": 1}], "page": {"n": 1}}}}, ("id",), 1, "'data.users.edges'; not read: data.users.page."),
        ({"hits": {"total": 2, "hits": [{"a": 1}, {"a": 2}]}, "took": 3}, ("a",), 2, "'hits.hits'; not read: took, hits.total."),
        ({"a": {"b": {"c": 1}}, "d": 2}, ("a", "d"), 1, "one object, and was read as one row"),
        ({"a": [1, 2], "b": [1]}, ("a", "b"), 1, "one object, and was read as one row"),
        ({"x": {"p": 1, "q": 2}, "y": {"p": 3}}, ("index", "p", "q"), 2, 'orient="index"'),
        ({"x": {"p": 1}, "y": {"q": 3}}, ("x", "y"), 1, "one object, and was read as one row"),
    ],
)  # fmt: skip
def test_records_in_objects_are_found_and_said(
    document: Any, names: tuple[str, ...], rows: int, note: str, tmp_path: Path
) -> None:
    told = of(json.dumps(document), tmp_path)
    assert tuple(column.name for column in told.columns) == names
    assert told.last.rows == rows
    assert note in " ".join(told.last.notes)


def test_lists_a_line_have_the_names_of_the_first_one(tmp_path: Path) -> None:
    def rows(*values: Any) -> str:
        return "\n".join(map(json.dumps, values))

    for name in ("x.jsonl", "x.json"):
        told = of(rows(["a", "b"], *[[1, 2.5]] * 200, [5, 6, 7], {"a": 1}), tmp_path, name)
        assert [column.name for column in told.columns] == ["a", "b", "column_3"]
        assert (told.last.rows, told.named("column_3").missing) == (202, 201)
        assert "taken for the names" in " ".join(told.last.notes)
    for values in (([1, 2], [3, 4]), (["a", "b"], ["c", "d"])):
        told = of(rows(*values), tmp_path, "x.jsonl")
        assert [column.name for column in told.columns] == ["column_1", "column_2"]
        assert told.last.rows == 2
        assert "columns are numbered" in " ".join(told.last.notes)
    told = of(rows({"a": 1}, [2], 3), tmp_path, "x.jsonl")
    assert "each kind has columns of its own" in " ".join(told.last.notes)
