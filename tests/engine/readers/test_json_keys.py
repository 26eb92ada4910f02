"""Records with more different keys than columns can be profiled are refused at once, with what to do."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from orrery_engine.error_mapping import failure
from orrery_engine.readers.json.keys import MAX_KEYS, require_few
from orrery_engine.schemas import CodeIn
from orrery_wire.errors import Invalid
from tests.engine.worker_jobs import profiled
from tests.loops import each


def lines(records: list[dict[str, object]]) -> str:
    return "\n".join(map(json.dumps, records))


WRITERS: list[Callable[[list[dict[str, object]]], str]] = [lines, json.dumps]
MANY: list[list[dict[str, object]]] = [
    [{f"k{number}": number for number in range(100_000)}],
    [{f"k{number}": number for number in range(100_000)}] * 2,
    [{f"k{number}": 1} for number in range(30_000)],
    [{"a": 1, f'q"{number}\\': {"b": [1]}} for number in range(30_000)],
]


@each("number", range(len(MANY)))
def test_too_many_keys_are_refused_at_once(number: int, tmp_path: Path) -> None:
    for place, write in enumerate(WRITERS):
        path = tmp_path / f"{number}-{place}.{'jsonl' if write is lines else 'json'}"
        path.write_text(write(MANY[number]), encoding="utf-8")
        began = time.process_time()
        with pytest.raises(Invalid, match=f"more than {MAX_KEYS:,} different keys") as refused:
            profiled(path, tmp_path / "s")
        assert "Parquet" in refused.value.remedy
        assert time.process_time() - began < 20


@each(
    "text",
    [
        json.dumps([{"a": {f"k{number}": 1 for number in range(30_000)}}]),
        lines([{"a": {f"k{number}": 1 for number in range(30_000)}}]),
        lines([{"a": ":" * 30_000, "b": '{"c":1}' * 10_000}]),
        lines([{"a": 1, "b": 2}] * 30_000),
        json.dumps([{"a": [{"b": 1}] * 30_000}]),
    ],
)
def test_what_only_looks_like_many_keys_is_not_refused(text: str) -> None:
    require_few(text)


@each("name", ["class", "import", "None", "lambda", "2df", "a b", "", "df-1", "a" * 200])
def test_what_is_no_variable_is_refused_where_it_is_given(name: str) -> None:
    with pytest.raises(ValueError, match=r"variable|pattern"):
        CodeIn(what="load", dialect="polars", frame=name)


@each("name", ["df", "größe", "_", "match", "_1", "数据"])
def test_what_is_a_variable_is_taken(name: str) -> None:
    assert CodeIn(what="load", dialect="polars", frame=name).frame == name


@each(
    "text",
    [
        "Out of Memory Error: failed to allocate data of size 1 GiB (SET threads=X)",
        "could not allocate block of size 256.0 KiB (1 GiB/1 GiB used) SET threads=X",
        "failed to pin block of size 256.0 KiB",
    ],
)
def test_what_a_library_says_of_memory_is_said_in_words_of_ours(text: str) -> None:
    told = failure(RuntimeError(text))
    assert told.code == "out_of_memory"
    assert "SET" not in told.reason + told.remedy
