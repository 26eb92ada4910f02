"""What Orrery adds to a lab's router, compared with the router of a lab without it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

Rule = dict[str, Any]


def findings(rules: Sequence[Rule], without: Sequence[Rule]) -> list[str]:
    """What is wrong with the rules of a router; ``without`` are those that it has without Orrery."""
    known = Counter(map(_name, without))
    found = []
    for rule in rules:
        if known[_name(rule)]:
            known[_name(rule)] -= 1
        else:
            found += [f"{_name(rule)}: {problem}" for problem in _problems(rule)]
    found += [f"{name}: Jupyter's rule is gone" for name in known.elements()]
    ours = [rule["pattern"] for rule in rules if rule["orrery"]]
    kept = [_name(rule) for rule in rules if _name(rule) in set(map(_name, without))]
    if kept != list(map(_name, without)):
        found.append("Jupyter's rules stand in another order")
    if len(ours) != len(set(ours)):
        found.append("two rules have one address")
    return found


def _name(rule: Rule) -> str:
    return f"{rule['pattern']} {rule['handler']}"


def _problems(rule: Rule) -> Iterator[str]:
    if not rule["pattern"].startswith("/orrery/"):
        yield "it is outside /orrery"
    if not rule["orrery"]:
        yield "its handler is not one of the base's"
        return
    if not rule["is_base"]:
        yield "it asks in its own way who is there"
    if rule["unauthenticated"]:
        yield f"strangers may {', '.join(rule['unauthenticated'])}"
    if not rule["capability"]:
        yield "it names no permission"
