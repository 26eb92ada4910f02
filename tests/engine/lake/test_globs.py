"""Patterns of paths: what they fit, and that none of them takes long."""

from __future__ import annotations

import time

import pytest

from orrery_engine.lake.globs import Glob, fitting
from orrery_wire.errors import Invalid

CASES = [
    ("*.csv", "a.csv x/a.csv", [True, False]),
    ("**/*.csv", "a.csv x/a.csv x/y/a.csv x/a.csvx", [True, True, True, False]),
    ("x/**", "x/a x/y/a y/a x", [True, True, False, False]),
    ("x/**/y", "x/y x/a/y x/a/b/y x/ay xy", [True, True, True, False, False]),
    ("a?c", "abc a/c ac", [True, False, False]),
    ("[ab].csv", "a.csv c.csv", [True, False]),
    ("[!ab].csv", "a.csv c.csv /.csv", [False, True, False]),
    ("year=[0-9]*/**/p-*.parquet", "year=2026/p-1.parquet year=2026/m=1/p-.parquet", [True, True]),
    ("a[b", "a[b ab", [True, False]),
    ("(a|b)+.csv", "(a|b)+.csv a.csv", [True, False]),
    ("ü*", "üx ux", [True, False]),
]


@pytest.mark.parametrize(("pattern", "paths", "fits"), CASES)
def test_what_a_pattern_fits(pattern: str, paths: str, fits: list[bool]) -> None:
    assert fitting(Glob(pattern), paths.split(" ")) == fits


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("**/" * 300 + "x", "/".join("a" * 500)),
        ("**a/" * 200 + "x", "a/" * 500),
        ("*a" * 500 + "x", "a" * 1_000),
        ("**/*a" * 200 + "x", "a/" * 500),
        ("[ab]*" * 200 + "x", "ab" * 500),
    ],
)
def test_no_pattern_takes_long(pattern: str, path: str) -> None:
    begun = time.process_time()
    assert fitting(Glob(pattern), [path] * 10) == [False] * 10
    assert time.process_time() - begun < 2


def test_a_pattern_that_is_too_long_is_refused() -> None:
    with pytest.raises(Invalid, match="too long"):
        Glob("*" * 1_025)
