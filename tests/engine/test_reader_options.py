"""An option of reading that a format does not have is an error that names it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from orrery_engine.reader_options import require_applicable
from orrery_engine.resolve import resolve, resolve_table
from orrery_engine.schemas import ReaderOptions, SourceIn
from orrery_wire.errors import Invalid
from tests.loops import each

EVERY: dict[str, Any] = {
    "delimiter": ";",
    "quote": "'",
    "escape": "\\",
    "encoding": "latin-1",
    "decimal": ",",
    "thousands": ".",
    "header": 0,
    "skip": 1,
    "comment": "",
    "na": ("-",),
    "day_first": False,
    "date_order": "mdy",
}
WITHOUT = ("parquet", "json", "arrow", "database", "frame")


def _source(name: str, value: Any, location: str = "a") -> SourceIn:
    if name == "sheet":
        return SourceIn(kind="file", location=location, sheet=value)
    return SourceIn(kind="file", location=location, reading=ReaderOptions(**{name: value}))


@each("name", [*EVERY, "sheet"])
def test_each_option_is_refused_where_it_has_no_effect(name: str) -> None:
    source = _source(name, EVERY.get(name, "May"))
    for kind in WITHOUT:
        with pytest.raises(Invalid, match=name):
            require_applicable(source, kind)
    takes = {"csv": set(EVERY), "excel": {"header", "skip", "sheet"}}
    for kind, names in takes.items():
        if name in names:
            require_applicable(source, kind)
        else:
            with pytest.raises(Invalid, match=name):
                require_applicable(source, kind)


def test_several_are_named_and_signs_that_contradict_each_other() -> None:
    reading = ReaderOptions(delimiter=";", encoding="utf-8", decimal=",")
    source = SourceIn(kind="file", location="a.parquet", reading=reading)
    with pytest.raises(Invalid, match="delimiter, encoding and decimal are not options"):
        require_applicable(source, "parquet")
    same = SourceIn(kind="file", location="a", reading=ReaderOptions(decimal=",", thousands=","))
    with pytest.raises(Invalid, match="both ','"):
        require_applicable(same, "csv")


def test_options_are_checked_where_a_source_is_resolved(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("[]", encoding="utf-8")
    with pytest.raises(Invalid, match="delimiter"):
        resolve(_source("delimiter", ";", str(path)))
    with pytest.raises(Invalid, match="sheet"):
        resolve_table(_source("sheet", "x"), "sqlite://", [])
    text = tmp_path / "a.csv"
    text.write_text("a\n1\n", encoding="utf-8")
    assert resolve(_source("delimiter", ";", str(text))).reading.delimiter == ";"
