"""Thousands of drawn bodies become in the kernel what the contract says, as they do in the browser; none can block."""

from __future__ import annotations

import time

import pytest

from orrery_kernels.snippets.template import expand
from tests.contracts import snippet_generator
from tests.effort import trials
from tests.loops import each

CONTRACT = snippet_generator.read()
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
