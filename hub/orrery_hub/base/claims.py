"""Groups and app roles of a log-in provider, as groups of JupyterHub with a prefix of their own.

A group ``/research/dev`` of the provider is JupyterHub's group ``idp:group:/research/dev``: by its full path, so two
groups with one last part stay two, and never one of Orrery's or of an operator's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Literal

Kind = Literal["group", "role"]

PREFIX = "idp:"
# JupyterHub stores so many characters of a group's name.
_MAX = 255
_DIGITS = 32


def claim_name(kind: Kind, value: str) -> str:
    """The name of JupyterHub's group for a group or an app role of the provider.

    One that JupyterHub could not store ends in a hash in the place of its end, so that two never become one.
    """
    name = f"{PREFIX}{kind}:{value}"
    if len(name) <= _MAX:
        return name
    digest = hashlib.sha256(value.encode()).hexdigest()[:_DIGITS]
    return f"{name[: _MAX - _DIGITS - 1]}~{digest}"


def is_claim(group: str) -> bool:
    """Whether a group of JupyterHub stands for something that the provider says."""
    return group.startswith(PREFIX)


def claims_of(groups: Iterable[str]) -> frozenset[str]:
    """Those of somebody's groups at JupyterHub that the provider says."""
    return frozenset(group for group in groups if is_claim(group))


def claim_parts(claim: str) -> tuple[Kind, str]:
    """Kind and value of a claim's name."""
    kind, _, value = claim.removeprefix(PREFIX).partition(":")
    return ("role" if kind == "role" else "group"), value
