"""What an action on idle servers asks beside its scope, for ``explain``: the decision of ``service.py``, from the same query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from orrery_hub.base.contracts import Condition, Judge, Memberships
from orrery_hub.base.user import User
from orrery_hub.culling.store import case_of


def _as_running(session: Session, user: User, target: str) -> Sequence[Condition]:
    """Only who has a server of that name that runs."""
    server = target.replace("\x00", "\ufffd")  # PostgreSQL knows no null character
    is_running = case_of(session, user.name, server) is not None
    words = "It runs." if is_running else "No server of that name runs."
    return (Condition(is_running, f"has the server {target!r}", words),)


_RULES: Mapping[str, Judge] = {"culling.extend": _as_running}


def rules(_: Memberships) -> Mapping[str, Judge]:
    """The rules of all actions."""
    return _RULES
