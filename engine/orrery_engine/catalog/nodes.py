"""What the tree of a database is made of."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Literal

from orrery_wire.errors import Invalid

NodeKind = Literal[
    "schema", "table", "view", "materialized_view", "foreign_table", "partitioned_table", "column"
]


@dataclass(frozen=True, slots=True)
class Node:
    """A schema, a table, or a column.

    Attributes:
        path: the names from the top, such as schema, table, column.
        type: the database's own name of a column's type.
        is_nullable: of a column; None for others.
        rows: of a table, as the database's statistics estimate it; None where they say nothing.
        bytes: what a table takes on disk; None where that is not cheap to know.
        key: of a column: whether it is part of the primary key, or refers to another table.
        problem: why it cannot be read; empty if it can.
    """

    path: tuple[str, ...]
    kind: NodeKind
    type: str = ""
    comment: str = ""
    owner: str = ""
    rows: int | None = None
    bytes: int | None = None
    is_nullable: bool | None = None
    key: Literal["", "primary", "foreign"] = ""
    default: str = ""
    problem: str = ""

    @property
    def name(self) -> str:
        """The last of its names."""
        return self.path[-1]


@dataclass(frozen=True, slots=True)
class NodePage:
    """Some nodes in the order of their names (columns: of the table); ``next`` is where more begin, if there are."""

    nodes: tuple[Node, ...]
    next: str = ""


def token_of(name: str) -> str:
    """The place after a name, as a client sends it back."""
    return base64.urlsafe_b64encode(json.dumps(name).encode()).decode("ascii")


def parse_token(token: str) -> str:
    """The name that a page begins after; empty for the first page.

    Raises:
        Invalid: no list gave this text.
    """
    if not token:
        return ""
    try:
        name = json.loads(base64.b64decode(token, altchars=b"-_", validate=True))
    except (ValueError, RecursionError):
        name = None
    if not isinstance(name, str) or "\0" in name:
        raise Invalid(
            "The place in the list is not known",
            reason="It is not one that a list of this service gave.",
            remedy="Begin the list anew.",
        )
    return name


def page_of(nodes: list[Node], limit: int) -> NodePage:
    """A page from one node more than it may have."""
    if len(nodes) <= limit:
        return NodePage(tuple(nodes))
    return NodePage(tuple(nodes[:limit]), token_of(nodes[limit - 1].name))
