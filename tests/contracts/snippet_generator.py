"""Snippet bodies drawn from rules, and digests of what they become: the contract of kernel and browser at length.

``snippet_grammar.json`` has the rules, and a digest of every hundred bodies. ``tests/kernels/snippets/test_agreement.py``
and ``labextension/test/snippets/body/agreement.spec.ts`` draw the same bodies and compare. After a change of the grammar
that is meant, ``python -m tests.contracts.snippet_generator`` writes the digests anew.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from orrery_kernels.snippets.template import expand
from orrery_kernels.snippets.template.budget import Budget

PATH = Path(__file__).with_name("snippet_grammar.json")
CHUNKS = 120
DEEPEST = 14


class Generator:
    """Draws texts from rules: a rule is a list of ways, a way a list of texts and of rules (``@name``)."""

    def __init__(self, rules: dict[str, list[list[str]]], seed: int) -> None:
        self._rules = rules
        self._state = (seed * 2_654_435_761 + 1) % 2**32

    def draw(self, rule: str = "body", depth: int = 0) -> str:
        """A text of a rule; too deep inside, by its first way."""
        ways = self._rules[rule]
        way = ways[self._number(len(ways)) if depth < DEEPEST else 0]
        return "".join(
            self.draw(part[1:], depth + 1) if part.startswith("@") else part for part in way
        )

    def _number(self, below: int) -> int:
        self._state = (self._state * 1_664_525 + 1_013_904_223) % 2**32
        return self._state * below >> 32


def read() -> dict[str, Any]:
    """The contract."""
    contract: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
    return contract


def bodies(contract: dict[str, Any], chunk: int) -> list[str]:
    """The bodies of a chunk."""
    size = contract["size"]
    return [
        Generator(contract["rules"], number).draw()
        for number in range(chunk * size, (chunk + 1) * size)
    ]


def outcome(body: str, variables: dict[str, str]) -> str:
    """What a body becomes, and the steps that are left, as one text."""
    budget = Budget()
    expansion = expand(body, variables, budget=budget)
    stops = [
        "\x1e".join(
            [
                str(stop.n),
                stop.default,
                "-" if stop.choices is None else "\x1d".join(stop.choices),
                *(f"{start}-{end}" for start, end in stop.ranges),
            ]
        )
        for stop in expansion.stops
    ]
    return "\x1f".join([expansion.text, *stops, str(budget.left)])


def digest(contract: dict[str, Any], chunk: int) -> str:
    """The digest of what the bodies of a chunk become."""
    outcomes = [outcome(body, contract["variables"]) for body in bodies(contract, chunk)]
    return hashlib.sha256("\0".join(outcomes).encode()).hexdigest()[:16]


def main() -> None:
    """Write the digests anew."""
    contract = read()
    contract["digests"] = [digest(contract, chunk) for chunk in range(CHUNKS)]
    PATH.write_text(json.dumps(contract, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
