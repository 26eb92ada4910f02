"""What an action on budgets asks beside its scope, for ``explain``: the decisions of ``requests.py``, from the same queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from orrery_hub.base.contracts import Condition, Judge, Memberships
from orrery_hub.base.ownership import as_own
from orrery_hub.base.user import User
from orrery_hub.budgets.store import RequestRow, find_bearing


def rules(memberships: Memberships) -> Mapping[str, Judge]:
    """The rules of all actions."""

    def as_charged(session: Session, user: User, target: str) -> Sequence[Condition]:
        """Only whose servers count in the budget of that number."""
        number = int(target) if target.isdecimal() and len(target) < 10 else 0
        projects = {id_ for id_, _, _ in memberships(session, user.person_id)}
        row = find_bearing(session, number, user.person_id, projects)
        words = (
            "It is the person's, a project's of the person, or everyone's."
            if row
            else "There is none, or the person's servers do not count in it; both look the same."
        )
        return (Condition(row is not None, f"draws on the budget {target!r}", words),)

    own = as_own("request", RequestRow.id, RequestRow.person_id)
    return {"budgets.ask": as_charged, "budgets.withdraw": own}
