"""Audit entries: written in the transaction of the change itself, read page by page, verified as a chain."""

from __future__ import annotations

import csv
import io
import json
import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from orrery_hub.audit import store
from orrery_hub.audit.chain import PRUNE, Anchor, Verification, hash_of
from orrery_hub.audit.schemas import AuditFilter, AuditQuery, Entry, Outcome
from orrery_hub.base.db import Database, now
from orrery_hub.base.request_context import request_context
from orrery_wire.json_types import JsonObject
from orrery_wire.schemas import Page

log = logging.getLogger("orrery_hub.audit")

_PENDING = "orrery_audit"
_BATCH = 500
# A program that opens a table takes a cell that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_MAX_ON = 512
Values = Mapping[str, object]


def record(
    session: Session,
    who: str,
    what: str,
    on: str,
    /,
    *,
    project: str = "",
    before: Values | None = None,
    after: Values | None = None,
    outcome: Outcome = "done",
) -> None:
    """Add an entry with the facts of the present request; see ``RecordChange``.

    It joins the chain when the transaction is committed, as the last that is done: the chain has one end, and
    nobody is to hold it for longer than that.
    """
    current = request_context.get()
    row = store.AuditRow(
        when=now(),
        who=plain(who),
        person_id=current.person_id if who == current.user else None,
        permission=current.permission,
        project=plain(project),
        what=plain(what),
        on=plain(on)[:_MAX_ON],
        before=_json(before),
        after=_json(after),
        outcome=outcome,
        address=current.address,
        request_id=current.request_id,
        client_request_id=current.client_request_id,
    )
    session.info.setdefault(_PENDING, []).append((row, _transactions(session)))


def plain(text: str) -> str:
    """A text in which every sign that is not seen, or that steers a terminal, is written as its number.

    People choose names and the paths of requests; an entry is one line wherever it is shown, and PostgreSQL stores no
    NUL.
    """
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text)


def _json(values: Values | None) -> str | None:
    return None if values is None else json.dumps(values, default=str, sort_keys=True)


def _transactions(session: Session) -> frozenset[SessionTransaction]:
    """The present transaction of a session, and those that it is nested in."""
    current = session.get_nested_transaction() or session.get_transaction()
    transactions: set[SessionTransaction] = set()
    while current is not None:
        transactions.add(current)
        current = current.parent
    return frozenset(transactions)


@event.listens_for(Session, "before_commit")
def _join_chain(session: Session) -> None:
    """Give the new entries of a session their places in the chain."""
    if session.in_nested_transaction():
        return  # the end of a savepoint, which may be undone yet
    pending = session.info.pop(_PENDING, None)
    if not pending:
        return
    session.flush()
    head = store.place(session, store.HEAD, lock=True)
    for row, _ in pending:
        row.id = head.entry_id + 1
        row.hash = hash_of(row, head.hash)
        head.entry_id, head.hash = row.id, row.hash
        session.add(row)


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, transaction: SessionTransaction) -> None:
    """What was undone is not recorded."""
    if pending := session.info.get(_PENDING):
        session.info[_PENDING] = [entry for entry in pending if transaction not in entry[1]]


class AuditService:
    """Reads, verifies and shortens the audit.

    ``anchors`` is a file to which the head of the chain is appended now and then. ``keep_days`` is how long entries
    are kept.
    """

    def __init__(self, database: Database, *, anchors: Path | None = None) -> None:
        self._database = database
        self._anchors = anchors

    def page(self, query: AuditQuery) -> Page[Entry]:
        """One page of entries, newest first."""
        with self._database.read() as session:
            rows, total = store.page(session, query)
        items = tuple(map(_entry, rows))
        return Page(items=items, total=total, offset=query.offset, limit=query.limit)

    def export(self, query: AuditFilter, style: str) -> Iterator[str]:
        """Entries as text, oldest first, a few hundred at a time; ``style`` is ``ndjson`` or ``csv``."""
        if style == "csv":
            yield _csv([list(Entry.model_fields)])
        last = -1
        while True:
            with self._database.read() as session:
                rows = store.after(session, last, _BATCH, query)
            if not rows:
                return
            last = rows[-1].id
            entries = [_entry(row) for row in rows]
            if style == "csv":
                yield _csv([_cells(entry) for entry in entries])
            else:
                yield "".join(entry.model_dump_json() + "\n" for entry in entries)

    def head(self) -> Anchor:
        """Id and hash of the newest entry."""
        with self._database.read() as session:
            return _anchor(store.place(session, store.HEAD))

    def count(self) -> int:
        """How many entries there are."""
        with self._database.read() as session:
            head, start = store.place(session, store.HEAD), store.place(session, store.CHECKPOINT)
            return head.entry_id - start.entry_id

    def verify(
        self, anchors: Sequence[Anchor] = (), on_progress: Callable[[int], None] = lambda _: None
    ) -> Verification:
        """Go through the whole chain, with the anchors in the file and those given."""
        stored, damaged = self._read_anchors()  # before the head, which only grows
        known = [*stored, *anchors]
        with self._database.read() as session:
            # Every query sees the same state of the database.
            session.connection(execution_options={"isolation_level": self._database.snapshot})
            start = _anchor(store.place(session, store.CHECKPOINT))
            head = _anchor(store.place(session, store.HEAD))
            verification = Verification(start, known)
            verification.problems += [
                f"line {line} of {self._anchors} is no anchor" for line in damaged
            ]
            for rows in store.batches(session, _BATCH):
                verification.check(rows)
                on_progress(verification.count)
        verification.finish(head)
        return verification

    def note_verification(self, who: str) -> None:
        """Record that somebody has the chain verified."""
        with self._database.write() as session:
            record(session, who, "audit.verify", "chain")

    def anchor(self) -> None:
        """Append the head to the file of anchors and to the log."""
        head = self.head()
        stored, _ = self._read_anchors()
        if self._anchors is None or head in stored[-1:]:
            return
        with self._anchors.open("a+b") as file:
            # A line that a crash cut short stays a line of its own.
            is_cut = file.tell() > 0 and file.seek(-1, os.SEEK_END) >= 0 and file.read(1) != b"\n"
            file.write(b"\n" * is_cut + f"{head}\n".encode("ascii"))
            file.flush()
            os.fsync(file.fileno())
        log.info("the audit's anchor is %s", head)

    def _read_anchors(self) -> tuple[list[Anchor], list[int]]:
        """The anchors in the file, and the numbers of the lines that are none."""
        if self._anchors is None or not self._anchors.exists():
            return [], []
        anchors, damaged = [], []
        lines = self._anchors.read_text(encoding="ascii", errors="replace").splitlines()
        for number, line in enumerate(lines, start=1):
            try:
                anchors += [Anchor.parse(line)] if line.strip() else []
            except ValueError:
                damaged.append(number)
        return anchors, damaged

    def prune(self, before: datetime) -> int:
        """Delete the entries that are older than a point in time; the chain goes on from a checkpoint."""
        with self._database.write() as session:
            checkpoint = store.place(session, store.CHECKPOINT, lock=True)
            last = store.last_before(session, before)
            if last is None or last.id <= checkpoint.entry_id:
                return 0
            checkpoint.entry_id, checkpoint.hash = last.id, last.hash
            count = store.delete_until(session, last.id)
            record(
                session,
                "orrery",
                PRUNE,
                str(last.id),
                after={"count": count, "checkpoint": str(_anchor(checkpoint))},
            )
            return count


def _anchor(row: store.ChainRow) -> Anchor:
    return Anchor(row.entry_id, row.hash)


def _entry(row: store.AuditRow) -> Entry:
    values: JsonObject = {name: getattr(row, name) for name in Entry.model_fields}
    for name in ("before", "after"):
        values[name] = json.loads(values[name]) if values[name] else None
    return Entry(**values)


def _cells(entry: Entry) -> list[str]:
    cells = []
    for value in entry.model_dump(mode="json").values():
        text = "" if value is None else value if isinstance(value, str) else json.dumps(value)
        cells.append(f"'{text}" if text.startswith(_FORMULA) else text)
    return cells


def _csv(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
