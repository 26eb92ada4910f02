"""The board of failures: what is reported, what administrators see and mark, and what a person is told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from orrery_hub.base import db
from orrery_hub.base.cause_texts import cause_of
from orrery_hub.base.contracts import RecordChange, no_record
from orrery_hub.base.db import Database
from orrery_hub.base.user import User
from orrery_hub.failures import messages, store
from orrery_hub.failures.schemas import (
    CauseCount,
    CauseQuery,
    Failure,
    FailurePatch,
    FailureQuery,
    FailureRecord,
)
from orrery_hub.failures.store import LaunchFailureRow
from orrery_wire.errors import NotFound
from orrery_wire.failures import FailureIn
from orrery_wire.json_types import JsonObject
from orrery_wire.pools import LastFailure
from orrery_wire.schemas import Page
from orrery_wire.secret_scan import without_secrets

# So long a person is reminded of a server that failed.
_RECENT = timedelta(days=1)
_DETAIL_LETTERS = 500
_MASK = "••••••"
# A setting in a log, such as `DB_PASSWORD=...`, `token: ...` or `?token=...`; plain words are no value.
_NAMED_SECRET = re.compile(
    r"((?:token|secret|passw(?:or)?d|passphrase|api_?key|access_?key|credentials?)[\w-]*[\"']?\s{0,3}[=:]\s{0,3}[\"']?)"
    r"[^\s\"'&,;]+",
    re.IGNORECASE,
)


class FailureService:
    """Stores and lists failures. ``keep_days`` is how long they are kept."""

    def __init__(
        self, database: Database, *, keep_days: int = 90, record: RecordChange = no_record
    ) -> None:
        self._database = database
        self._keep_days = keep_days
        self._record = record

    def report(self, person_id: int, report: FailureIn) -> None:
        """Store a failure, and tell the person. Takes processor time: every line is looked through for secrets."""
        masked = report.model_copy(
            update={
                "detail": _masked(report.detail)[:_DETAIL_LETTERS],
                "events": tuple(map(_masked, report.events)),
                "log": tuple(map(_masked, report.log)),
            }
        )
        with self._database.write() as session:
            account = store.account_id(session, report.user)
            owner = person_id if account is None else account
            # A report whose answer was lost is sent again.
            if not store.is_known(session, owner, report):
                row = store.add(session, owner, person_id, masked, db.now())
                messages.tell(session, row)

    def list(self, query: FailureQuery) -> Page[Failure]:
        """One page of failures."""
        with self._database.read() as session:
            rows, total = store.page(session, query)
            items = tuple(Failure(**_facts(row)) for row in rows)
        return Page(items=items, total=total, offset=query.offset, limit=query.limit)

    def get(self, id: int) -> FailureRecord:
        """A failure with its last lines.

        Raises:
            NotFound: there is none of that number.
        """
        with self._database.read() as session:
            return _record(_known(session, id))

    def causes(self, query: CauseQuery) -> Page[CauseCount]:
        """One page of counts by cause, the commonest first."""
        with self._database.read() as session:
            rows, total = store.causes(session, query)
        items = tuple(
            CauseCount(
                kind=row.kind,
                text=cause_of(row.kind).text,
                failures=row.failures,
                people=row.people,
                open=row.open,
                last_at=row.last_at,
            )
            for row in rows
        )
        return Page(items=items, total=total, offset=query.offset, limit=query.limit)

    def change(self, user: User, id: int, patch: FailurePatch) -> FailureRecord:
        """Mark a failure as handled, or open it again.

        Raises:
            NotFound: there is none of that number.
        """
        with self._database.write() as session:
            self._mark(session, user.name, user.person_id, id, patch.is_handled)
            return _record(_known(session, id))

    def handle(self, who: str, id: int) -> bool:
        """Mark a failure as handled by somebody of a name; false if it was already.

        Raises:
            NotFound: there is none of that number.
        """
        with self._database.write() as session:
            person_id = store.account_id(session, who)
            return self._mark(session, who, person_id, id, is_handled=True)

    def is_handled(self, id: int) -> bool:
        """Whether somebody has looked after a failure.

        Raises:
            NotFound: there is none of that number.
        """
        with self._database.read() as session:
            row: LaunchFailureRow = _known(session, id).LaunchFailureRow
            return row.handled_at is not None

    def _mark(
        self, session: Session, who: str, person_id: int | None, id: int, is_handled: bool
    ) -> bool:
        entry = _known(session, id)
        row: LaunchFailureRow = entry.LaunchFailureRow
        if is_handled == (row.handled_at is not None):
            return False
        row.handled_at = db.now() if is_handled else None
        row.handled_by = person_id if is_handled else None
        session.flush()
        what = "failures.handle" if is_handled else "failures.reopen"
        facts = {"failure": row.id, "cause": row.kind}
        on = f"{entry.person}/{row.server_name}"
        self._record(session, who, what, on, project=entry.project, after=facts)
        return True

    def purge(self) -> None:
        """Remove what is older than it is kept."""
        with self._database.write() as session:
            store.purge(session, db.now() - timedelta(days=self._keep_days))


def recent(session: Session, account_id: int) -> Sequence[LastFailure]:
    """The servers of an account that failed in the last day, each with its last failure, newest first."""
    failures = []
    for row in store.newest(session, account_id, db.now() - _RECENT):
        cause = cause_of(row.kind)
        failures.append(
            LastFailure(
                server=row.server_name,
                is_start=row.stage != "run",
                reason=cause.text,
                remedy=cause.remedy,
                at=row.at,
            )
        )
    return failures


def _masked(line: str) -> str:
    """A line without what looks like a secret, and without values that are called one."""
    return _NAMED_SECRET.sub(rf"\1{_MASK}", without_secrets(line))


def _known(session: Session, id: int) -> Any:
    row = store.find(session, id)
    if row is None:
        raise NotFound(
            "There is no such failure",
            reason="It was removed because of its age, or it never was.",
            remedy="Look at the list of failures.",
        )
    return row


def _facts(row: Any) -> JsonObject:
    failure: LaunchFailureRow = row.LaunchFailureRow
    return {
        "id": failure.id,
        "person": row.person,
        "server": failure.server_name,
        "project": row.project,
        "pool": row.pool,
        "profile": row.profile,
        "stage": failure.stage,
        "cause": cause_of(failure.kind, failure.detail),
        "node": failure.node,
        "began": failure.began,
        "at": failure.at,
        "exit_status": failure.exit_status,
        "handled_at": failure.handled_at,
        "handled_by": row.handler,
    }


def _record(row: Any) -> FailureRecord:
    failure: LaunchFailureRow = row.LaunchFailureRow
    return FailureRecord(**_facts(row), events=tuple(failure.events), log=tuple(failure.log))
