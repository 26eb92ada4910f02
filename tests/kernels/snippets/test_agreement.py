"""Thousands of drawn bodies become in the kernel what the contract says, as they do in the browser; none can block."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from orrery_kernels.snippets.template import BodyTooLarge, expand
from orrery_kernels.snippets.template.budget import Budget
from orrery_kernels.snippets.template.regex import (
    MAX_BEHIND,
    MAX_PROGRAM,
    ExpressionError,
    compile_expression,
)
from tests.contracts import snippet_generator
from tests.effort import trials
from tests.loops import each

CONTRACT = snippet_generator.read()
BUDGET_CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "contracts" / "snippet_budget.json").read_text(encoding="utf-8")
)
HOSTILE = (
    "(a+)+$",
    "(a|aa)+$",
    "(a|a)*$",
    "(.*)*x",
    "(a*)*b",
    "(\\w+\\s?)+$",
    "(.*)(.*)(.*)(.*)(.*)x",
    "(a)\\1*(a+)+$",
    "(?=(a+)+$)b",
    "(?<=(a+)+)b",
    "((a{1,30}){1,30}){1,30}$",
    "^(([a-z])+.)+[A-Z]([a-z])+$",
)


@each("chunk", range(trials(len(CONTRACT["digests"]), 20)))
def test_bodies_become_what_the_contract_says(chunk: int) -> None:
    assert snippet_generator.digest(CONTRACT, chunk) == CONTRACT["digests"][chunk]


def test_the_contract_is_long_and_varied() -> None:
    assert len(CONTRACT["digests"]) * CONTRACT["size"] >= 12_000
    texts = [body for chunk in range(3) for body in snippet_generator.bodies(CONTRACT, chunk)]
    assert len(set(texts)) > 0.9 * len(texts)
    transformed = [
        body
        for body in texts
        if "/" in body and expand(body, CONTRACT["variables"]).text.find("${") < 0
    ]
    assert len(transformed) > 20


@pytest.mark.parametrize("length", [30, 3_000, 100_000])
@each("expression", HOSTILE)
def test_a_hostile_expression_is_stopped(expression: str, length: int) -> None:
    text = "a" * length + "!"
    best = min(_seconds(f"${{SELECTION/{expression}/x/g}}", text) for _ in range(2))
    assert best < 0.1, f"{best * 1000:.0f} ms"


def _seconds(body: str, selection: str) -> float:
    begin = time.process_time()
    expand(body, {"SELECTION": selection})
    return time.process_time() - begin


@each("case", BUDGET_CASES)
def test_one_budget_holds_for_all_that_a_body_repeats(case: dict[str, Any]) -> None:
    body = "".join(text * count for text, count in case["parts"])
    begin = time.process_time()
    try:
        expand(body, {"A": "a" * 1_000})
        is_refused = False
    except BodyTooLarge:
        is_refused = True
    assert is_refused == case["isRefused"]
    assert time.process_time() - begin < 1


def test_bodies_that_are_expanded_together_share_a_budget() -> None:
    body = "${1:" + "a" * 2_000 + "}" + "${1/(a|aa)*%d$/x/}"
    expand(body)
    budget = Budget()

    def expand_cells(count: int) -> None:
        for _ in range(count):
            expand(body, budget=budget)

    expand_cells(1)
    with pytest.raises(BodyTooLarge):
        expand_cells(63)


@pytest.mark.parametrize(
    ("length", "is_found"), [(MAX_BEHIND - 1, True), (MAX_BEHIND, True), (MAX_BEHIND + 1, False)]
)
def test_a_look_behind_begins_so_far_back_at_most(length: int, is_found: bool) -> None:
    text = expand(f"${{A/(?<=ba{{{length - 1}}})c/X/}}", {"A": "b" + "a" * (length - 1) + "c"}).text
    assert text.endswith("X") == is_found


@pytest.mark.parametrize(
    "expression",
    [
        "a" * 1_000,
        "(a{1,30}){1,23}",
        "a{1480}",
        "(?=a{740})a{740}",
    ],
)
def test_an_expression_has_so_many_instructions_at_most(expression: str) -> None:
    assert compile_expression(expression, "").size <= MAX_PROGRAM
    longer = f"{expression}{expression}" if len(expression) < 500 else f"(?:{expression}){{2}}"
    with pytest.raises(ExpressionError):
        compile_expression(longer, "")
