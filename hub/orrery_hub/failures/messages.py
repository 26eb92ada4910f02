"""What a person is told of a server that failed, as a notice in the transaction that stores it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from orrery_hub.base import notices
from orrery_hub.base.cause_texts import cause_of
from orrery_hub.base.notices import Draft
from orrery_hub.failures import store
from orrery_hub.failures.store import LaunchFailureRow
from orrery_wire.failures import FailureStage

_KEY_LETTERS = 128


def key_of(server: str, stage: FailureStage) -> str:
    """The key of the one notice of a server that did not start, or of the one of a server that ended."""
    what = "ended" if stage == "run" else "start"
    return f"failure:{what}:{server}"[:_KEY_LETTERS]


def tell(session: Session, row: LaunchFailureRow) -> None:
    """The server did not start, or ended, and why."""
    cause = cause_of(row.kind)
    name = f"Your server {row.server_name}" if row.server_name else "Your server"
    what = "has ended by itself" if row.stage == "run" else "did not start"
    notices.put(
        session,
        Draft(
            key=key_of(row.server_name, row.stage),
            person_id=row.person_id,
            kind="failure",
            level="error",
            message=f"{name} {what}.",
            reason=cause.text,
            remedy=cause.remedy,
            subject=str(row.id),
        ),
    )


def forget(session: Session, lease_id: int) -> None:
    """The server of a lease runs: that it did not start is over."""
    if (server := store.server_of(session, lease_id)) is not None:
        person_id, name = server
        notices.withdraw(session, person_id, key_of(name, "start"))
