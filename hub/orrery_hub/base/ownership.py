"""The commonest rule beside a scope, for ``explain``: the object is the person's own, known by its number."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from orrery_hub.base.contracts import Condition, Judge
from orrery_hub.base.user import User


def as_own(
    noun: str, id_column: InstrumentedAttribute[int], owner_column: InstrumentedAttribute[int]
) -> Judge:
    """Only whose it is, by the columns of the object's number and of its owner."""

    def judge(session: Session, user: User, target: str) -> Sequence[Condition]:
        number = int(target) if target.isdecimal() and len(target) < 10 else 0
        query = select(owner_column).where(id_column == number)
        is_own = session.scalar(query) == user.person_id
        words = (
            "So it says." if is_own else "There is none, or it is another's; both look the same."
        )
        return (Condition(is_own, f"has the {noun} {target!r}", words),)

    return judge
