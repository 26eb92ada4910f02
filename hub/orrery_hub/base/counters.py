"""Numbers with a name in the database, which every capability may use; the caller owns the transaction."""

from __future__ import annotations

from sqlalchemy import BigInteger, String
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from orrery_hub.base.db import Table


class CounterRow(Table):
    """A named number."""

    __tablename__ = "counter"
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)


def counter(session: Session, name: str) -> int:
    """The value of a counter; 0 for one that was never set."""
    row = session.get(CounterRow, name)
    return row.value if row else 0


def increase(session: Session, name: str, *, at_least: int = 0) -> int:
    """The next value of a counter, above ``at_least``; nobody else gets it. Others wait until the transaction ends."""
    row = session.get(CounterRow, name, with_for_update=True)
    if row is None:
        try:
            with session.begin_nested():
                session.add(CounterRow(name=name, value=0))
        except IntegrityError:
            pass  # a concurrent transaction added it
        row = session.get_one(CounterRow, name, with_for_update=True)
    row.value = max(row.value, at_least) + 1
    session.flush()
    return row.value
