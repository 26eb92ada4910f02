"""Shapes of datasets: the digest of a version is that of its content, and what is no dataset is refused by name."""

from __future__ import annotations

import hashlib
import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from orrery_wire.dataset_digest import digest_of
from orrery_wire.datasets import (
    DatasetPart,
    DatasetProfile,
    DatasetVersionIn,
    FeatureSetIn,
    FeatureSetSpec,
)
from tests.effort import examples
from tests.loops import each

Digests = st.sampled_from(["sha256:aa", "md5:bb", "etag:aa", 'etag:"aa"'])
Paths = st.sampled_from(["a", "b", "a/b", "ä.csv", 'x",1,"y', "a b", "a\\n"])
Parts = st.dictionaries(Paths, st.tuples(st.integers(0, 3), Digests), max_size=5)


def parts_of(content: dict[str, tuple[int, str]]) -> list[DatasetPart]:
    return [
        DatasetPart(path=path, size_bytes=size, digest=digest)
        for path, (size, digest) in content.items()
    ]


@given(Parts, Parts, st.randoms(use_true_random=False))
@settings(max_examples=examples(200))
def test_the_digest_is_the_same_for_the_same_content_alone(
    first: dict[str, tuple[int, str]], second: dict[str, tuple[int, str]], order: random.Random
) -> None:
    parts = parts_of(first)
    shuffled = parts[:]
    order.shuffle(shuffled)
    assert digest_of(shuffled) == digest_of(parts)
    assert (digest_of(parts_of(second)) == digest_of(parts)) == (first == second)


def test_the_digest_is_what_the_documents_say() -> None:
    """Whoever computes it elsewhere: lines of JSON, sorted by path, without blanks, in ASCII."""
    parts = parts_of({"b.csv": (3, "md5:0"), "ä.csv": (4, "sha256:1")})
    lines = '["b.csv",3,"md5:0"]\n["\\u00e4.csv",4,"sha256:1"]\n'
    assert digest_of(parts) == f"sha256:{hashlib.sha256(lines.encode()).hexdigest()}"
    assert digest_of([]) == f"sha256:{hashlib.sha256(b'').hexdigest()}"


GOOD: dict[str, Any] = {"source": {"kind": "scratch"}, "parts": []}
PART = {"path": "a", "size_bytes": 1, "digest": "md5:0"}
ZERO = f"sha256:{'0' * 64}"
PARENT = {"dataset": 1, "number": 1}


@each(
    "bad, words",
    [
        ({"parts": None}, "digest"),
        ({"parts": None, "digest": ZERO}, "part_count"),
        ({"parts": [PART, PART]}, "twice"),
        ({"parts": [PART], "digest": ZERO}, "not that of its"),
        ({"parts": [PART], "part_count": 2}, "not that of its"),
        ({"parts": [PART | {"path": "../a"}]}, "climbs"),
        ({"parts": [PART | {"path": "/etc/passwd"}]}, "no path below"),
        ({"parts": [PART | {"path": "C:\\a"}]}, "no path below"),
        ({"parts": [PART | {"path": "~/a"}]}, "no path below"),
        ({"parts": [PART | {"path": "a\nb"}]}, "pattern"),
        ({"parts": [PART | {"digest": "0"}]}, "pattern"),
        ({"parts": [PART | {"size_bytes": -1}]}, "greater"),
        ({"parts": [PART | {"size_bytes": True}]}, "truth value"),
        (
            {"parts": [PART | {"path": str(n), "size_bytes": 2**53 - 1} for n in range(2)]},
            "together",
        ),
        ({"source": {"kind": "parents"}}, "parents"),
        ({"source": {"kind": "parents", "operation": "combine"}, "parents": [PARENT]}, "needs 2"),
        ({"parents": [PARENT, PARENT]}, "twice"),
        ({"columns": [{"name": "a", "type": "x"}, {"name": "a", "type": "y"}]}, "twice"),
        ({"location": {"path": "/a"}}, "no path below"),
        ({"location": {"connection": "c", "path": "a/../../b"}}, "climbs"),
        ({"source": {"kind": "url", "url": "https://u:p@example.org/"}}, "secret"),
        ({"source": {"kind": "url", "url": "https://example.org/?token=x"}}, "secret"),
        ({"source": {"kind": "url", "url": "file:///etc/passwd"}}, "no address"),
        ({"source": {"kind": "files", "patterns": []}}, "at least 1"),
        ({"source": {"kind": "files", "patterns": ["../*"]}}, "climbs"),
        ({"source": {"kind": "files", "patterns": ["/*"]}}, "no path below"),
        ({"source": {"kind": "query", "sql": ""}}, "at least 1"),
        ({"source": {"kind": "query", "sql": "x", "parameters": {"a b": 1}}}, "pattern"),
        (
            {"source": {"kind": "git", "repository": "https://u:p@h/r", "commit": "0" * 40}},
            "secret",
        ),
        ({"source": {"kind": "git", "repository": "https://h/r", "commit": "main"}}, "pattern"),
        ({"source": {"kind": "magic"}}, "tag"),
        ({"note": "a\x00"}, "code 0"),
        ({"unknown": 1}, "Extra"),
    ],
)
def test_what_is_no_version_is_refused(bad: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as problem:
        DatasetVersionIn.model_validate(GOOD | bad)
    assert words.lower() in str(problem.value).lower()


@each(
    "source",
    [
        {"kind": "scratch"},
        {"kind": "files", "patterns": ["raw/**/*.parquet", "a b/ü.csv"]},
        {"kind": "objects", "connection": "lake", "prefix": "/a/b/", "patterns": ["*.csv"]},
        {"kind": "query", "sql": "SELECT $a", "parameters": {"a": 1.5, "b": "x", "c": True}},
        {"kind": "git", "repository": "git@example.org:team/data.git", "commit": "a" * 64},
        {"kind": "url", "url": "https://example.org:8443/a.csv?year=2026"},
    ],
)
def test_every_kind_of_source_comes_back_as_it_was(source: dict[str, Any]) -> None:
    version = DatasetVersionIn.model_validate(GOOD | {"source": source})
    again = DatasetVersionIn.model_validate(json.loads(version.model_dump_json()))
    assert again == version
    dumped = version.model_dump(mode="json")["source"]
    assert {name: dumped[name] for name in source} == source


@each(
    "profile, words",
    [
        ({"a": "x\x00"}, "cannot be stored"),
        ({"a\x00": 1}, "cannot be stored"),
        ({"a": ["\ud800"]}, "cannot be stored"),
        ({"a": float("nan")}, "NaN"),
        ({"a": "x" * 1_000_001}, "1,000,000"),
    ],
)
def test_what_cannot_be_stored_is_no_profile(profile: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as problem:
        DatasetProfile.model_validate({"profile": profile})
    assert words in str(problem.value)


def test_what_looks_like_an_escape_is_a_text() -> None:
    text = {"profile": {"a": "\\u0000", "b": "\\ud800"}}
    assert DatasetProfile.model_validate(text).profile == text["profile"]


@each(
    "bad",
    [
        {"keys": []},
        {"keys": ["k", "k"]},
        {"features": []},
        {"features": [{"name": "f"}]},
        {"features": [{"name": "f", "column": "a", "expression": "a"}]},
        {"features": [{"name": "f", "column": "a"}, {"name": "f", "column": "b"}]},
        {"features": [{"name": "1f", "column": "a"}]},
    ],
)
def test_what_is_no_feature_set_is_refused(bad: dict[str, Any]) -> None:
    spec = {"keys": ["k"], "features": [{"name": "f", "column": "a"}]} | bad
    with pytest.raises(ValidationError):
        FeatureSetIn.model_validate({"spec": spec})


def test_a_feature_set_names_its_columns() -> None:
    features = [{"name": "a", "column": "x"}, {"name": "b", "expression": "x + 1"}]
    spec = FeatureSetSpec.model_validate({"keys": ["k"], "timestamp": "t", "features": features})
    assert spec.columns == ("k", "t", "x")
