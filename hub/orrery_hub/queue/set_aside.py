"""Tickets that cannot be dealt with: each is set aside with its cause for a while, and the others go on."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import monotonic

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from orrery_hub.base.cause_texts import cause_of
from orrery_hub.queue.store import TicketRow
from orrery_wire.errors import OrreryError

log = logging.getLogger("orrery_hub.queue")

_SECONDS = 60.0


class SetAside:
    """Guards what is done to one ticket, so that its fault is no other's."""

    def __init__(self) -> None:
        self._until: dict[int, float] = {}

    def others(self, rows: Sequence[TicketRow]) -> list[TicketRow]:
        """The tickets that are not set aside now."""
        moment = monotonic()
        self._until = {id_: until for id_, until in self._until.items() if until > moment}
        return [row for row in rows if row.id not in self._until]

    @contextmanager
    def guard(self, session: Session, row: TicketRow) -> Iterator[None]:
        """Undo what was done to a ticket when it fails, and note that as its cause.

        Raises:
            Exception: the database does not answer, which is no ticket's fault.
        """
        id_ = row.id
        try:
            with session.begin_nested():
                yield
        except (OperationalError, InterfaceError):
            raise
        except Exception as problem:
            if isinstance(problem, OrreryError) and problem.status >= 500:
                raise
            log.exception("ticket %d is set aside", id_)
            self._until[id_] = monotonic() + _SECONDS
            with session.begin_nested():
                session.refresh(row)
                row.set_cause(cause_of("unknown", type(problem).__name__))

    def notices(self) -> Sequence[str]:
        """What an operator has to know, without names."""
        moment = monotonic()
        count = sum(until > moment for until in self._until.values())
        if not count:
            return ()
        what = "One request" if count == 1 else f"{count} requests"
        return (f"{what} of the queue cannot be dealt with, and others pass; the log says why.",)
