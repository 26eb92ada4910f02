"""Texts of SQL are split, formatted and bound by their tokens."""

from __future__ import annotations

from typing import Any

import pytest

from orrery_engine.query.statements import (
    bare,
    bind,
    formatted,
    parameters_of,
    single,
    split,
    tells,
)
from orrery_wire.errors import Invalid


def test_a_text_is_split_between_its_statements() -> None:
    text = "SELECT ';' AS a; -- ; no\n\nSELECT 2 /* ; */ ;;  "
    assert split(text, "postgresql") == ["SELECT ';' AS a", "-- ; no\n\nSELECT 2 /* ; */"]
    assert split("SELECT $$a;b$$; SELECT 1", "postgresql") == ["SELECT $$a;b$$", "SELECT 1"]
    assert split(" ; -- x\n ", "mysql") == []


def test_one_statement_is_run_at_a_time() -> None:
    assert single("SELECT 1;", "sqlite") == "SELECT 1"
    for text in ("", ";", "SELECT 1; SELECT 2", "SELECT 'a", "SELECT 1\0", "/* open"):
        with pytest.raises(Invalid):
            single(text, "sqlite")


@pytest.mark.parametrize(
    ("kind", "text", "bound", "values"),
    [
        ("postgresql", "a = :x AND b = :y OR c = :x", "a = $1 AND b = $2 OR c = $1", (1, "b")),
        ("duckdb", "a = :x::INT", "a = $1::INT", (1,)),
        (
            "mysql",
            "a = :x AND b LIKE '%:y' OR c = :x",
            "a = %s AND b LIKE '%%:y' OR c = %s",
            (1, 1),
        ),
        ("sqlite", "a = :x OR b = :y", "a = ? OR b = ?", (1, "b")),
        ("postgresql", "v::text || ':x' -- :y", "v::text || ':x' -- :y", ()),
        ("duckdb", "list[1:x]", "list[1:x]", ()),
        ("mysql", "a LIKE '%'", "a LIKE '%'", ()),
    ],
)
def test_parameters_are_places_for_values(
    kind: Any, text: str, bound: str, values: tuple[Any, ...]
) -> None:
    result = bind(f"SELECT {text}", {"x": 1, "y": "b"}, kind)
    assert (result.text, result.values) == (f"SELECT {bound}", values)


def test_a_parameter_without_a_value_is_named() -> None:
    assert parameters_of("SELECT :a, :b, :a", "postgresql") == ["a", "b"]
    with pytest.raises(Invalid, match=":a has no value"):
        bind("SELECT :a", {}, "postgresql")


def test_a_text_is_formatted() -> None:
    assert formatted("select a,b from t where x=1", "duckdb") == (
        "SELECT\n  a,\n  b\nFROM t\nWHERE\n  x = 1\n"
    )
    assert formatted("select :a, x from t", "duckdb") == "SELECT\n  :a,\n  x\nFROM t\n"
    with pytest.raises(Invalid):
        formatted("select (", "duckdb")


def test_what_tells_of_a_statement_is_known_by_its_first_letters() -> None:
    for text in ("EXPLAIN SELECT 1", "-- x\n show tables", " /* a\n b */ Desc t", "/**/PRAGMA a"):
        assert tells(text), text
    for text in (
        *("", "SELECT 1", "EXPLAINS", "/* SHOW */ SELECT 1", "-- SHOW\nSELECT 1", "(SHOW)"),
        *("/*! a */ SHOW", "/*M!1 a */ SHOW", "/*+ a */ SHOW", "/* /* */ SHOW */", "--SHOW"),
        *("\ufeffSHOW", "\u00a0SHOW", "# a\nSHOW"),
    ):
        assert not tells(text), text
    assert bare("/* a */ -- b\r\n SHOW x -- c") == "SHOW x -- c"
