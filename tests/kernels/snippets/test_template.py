"""The expander keeps every promise of the corpus, and no body can make it hang or fail."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orrery_kernels.snippets.template import BodyTooLarge, escape, expand
from tests.effort import examples
from tests.loops import each

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "contracts" / "snippet_bodies.json").read_text(encoding="utf-8")
)
PIECES = st.sampled_from(
    [
        "$",
        "{",
        "}",
        "${",
        "1",
        "2",
        ":",
        "|",
        ",",
        "/",
        "\\",
        "a",
        "😀",
        "\n",
        "$0",
        "${1:",
        "${A:",
        "(.*)",
        "g",
    ]
)


@each("case", CASES)
def test_corpus(case: dict[str, Any]) -> None:
    found = expand(case["body"], case["variables"])
    assert found.text == case["text"]
    assert [
        {
            "n": stop.n,
            "default": stop.default,
            "choices": None if stop.choices is None else list(stop.choices),
            "ranges": [list(place) for place in stop.ranges],
        }
        for stop in found.stops
    ] == case["stops"]


def test_corpus_is_large_and_named_once() -> None:
    assert len(CASES) >= 60
    assert len({case["name"] for case in CASES}) == len(CASES)


def test_values_reach_mirrors_and_transforms() -> None:
    found = expand("${1:df}.head() # $1 ${1/(.*)/${1:/upcase}/}", values={1: "train"})
    assert found.text == "train.head() # train TRAIN"
    assert found.stops[0].ranges == ((0, 5), (15, 20), (21, 26))


def test_value_is_not_parsed() -> None:
    assert expand("$1", values={1: "${2:x}$0"}).text == "${2:x}$0"


def test_a_stop_inside_itself_ends() -> None:
    assert expand("${1:a $1}").text.startswith("a ")


def test_repeating_mirrors_are_refused() -> None:
    body = "".join(f"${{{n}:{f'${n + 1}' * 10}}}" for n in range(1, 12)) + "${12:xxxxxxxxxx}"
    with pytest.raises(BodyTooLarge):
        expand(body)


@pytest.mark.parametrize(
    "piece",
    [
        "${1:",
        "${1|a,",
        "${A/(",
        "${A/a/",
        "${A/a/${1:?",
        "$1",
        "\\",
        "${A/a/b/",
        "${1|",
        "{",
        "}",
        "${A:${1|a,b|}",
    ],
)
def test_long_hostile_bodies_take_seconds_at_most(piece: str) -> None:
    start = time.process_time()
    with suppress(BodyTooLarge):
        expand(piece * (200_000 // len(piece)))
    assert time.process_time() - start < 2


@given(st.text())
def test_escape_gives_the_text_back(text: str) -> None:
    assert expand(escape(text)).text == text


@settings(max_examples=examples(300))
@given(st.lists(PIECES, max_size=40).map("".join))
def test_any_body_expands_and_its_ranges_fit(body: str) -> None:
    found = expand(body, {"A": "value"})
    length = len(found.text.encode("utf-16-le")) // 2
    assert found.stops[-1].n == 0
    for stop in found.stops:
        assert all(0 <= start <= end <= length for start, end in stop.ranges)
