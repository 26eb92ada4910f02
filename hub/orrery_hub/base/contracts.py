"""What one capability offers to all others, as signatures: they import these, never each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, Protocol

from sqlalchemy.orm import Session

# Id, slug and role for every project of a person (by id), read in the caller's transaction.
Memberships = Callable[
    [Session, int], Sequence[tuple[int, str, Literal["owner", "editor", "viewer"]]]
]

# Gives what belongs to one person (by id) to another, in the caller's transaction.
Transfer = Callable[[Session, int, int], None]

# Does what has to be done because a person (by id) has another name, in the transaction that notes the name.
Renamed = Callable[[Session, int], None]


class RecordChange(Protocol):
    """Adds an audit entry to the transaction of the change itself, so that neither exists without the other."""

    def __call__(
        self,
        session: Session,
        who: str,
        what: str,
        on: str,
        /,
        *,
        project: str = "",
        before: Mapping[str, object] | None = None,
        after: Mapping[str, object] | None = None,
        outcome: Literal["done", "forbidden", "conflict", "too_many"] = "done",
    ) -> None:
        """Record that a user (``who``) did ``what``, such as ``snippets.save``, to an object (``on``).

        ``project`` is the slug of the project that the object belongs to. ``before`` and ``after`` are what changed,
        without anything that may hold a secret: never a text that a person wrote, but its length.
        """


def no_record(*_: object, **__: object) -> None:
    """Records nothing: for a service outside the hub service, as in a test."""
