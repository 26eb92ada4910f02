"""The people that the hub service knows, for administrators: who they are, transfer and merge."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from orrery_hub.base import people
from orrery_hub.base.contracts import RecordChange, Transfer, no_record
from orrery_hub.base.db import Database
from orrery_hub.base.people import PersonRow
from orrery_hub.people.schemas import Person, PersonQuery
from orrery_wire.errors import Conflict, NotFound
from orrery_wire.schemas import Page


class PeopleService:
    """Lists people, and gives everything of one person to another.

    ``transfers`` are what every capability does for that; ``on_merge`` is called after two people became one.
    """

    def __init__(
        self,
        database: Database,
        *,
        transfers: Sequence[Transfer] = (),
        record: RecordChange = no_record,
        on_merge: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._transfers = transfers
        self._record = record
        self._on_merge = on_merge

    def list(self, query: PersonQuery) -> Page[Person]:
        """One page of people, ordered by name."""
        statement = select(PersonRow)
        if query.ended:
            statement = statement.where(PersonRow.ended.is_not(None))
        for word in query.q.replace("\x00", "\ufffd").split():
            statement = statement.where(PersonRow.hub_name.icontains(word, autoescape=True))
        with self._database.read() as session:
            total = session.scalar(select(func.count()).select_from(statement.subquery())) or 0
            page = statement.order_by(PersonRow.hub_name).offset(query.offset).limit(query.limit)
            items = tuple(_shape(row) for row in session.scalars(page))
        return Page(items=items, total=total, offset=query.offset, limit=query.limit)

    def transfer(self, who: str, source: int, target: int) -> Person:
        """Give everything of a person to another: snippets, marks, memberships; both stay who they are.

        Returns:
            the person who got it.

        Raises:
            NotFound: there is no such person.
            Conflict: it is the same person, or the one who is to get it has no account any more.
        """
        with self._database.write() as session:
            giver, taker = _both(session, source, target)
            for transfer in self._transfers:
                transfer(session, giver.id, taker.id)
            self._record(session, who, "people.transfer", f"{giver.id}/{taker.id}")
            return _shape(taker)

    def merge(self, who: str, source: int, target: int) -> Person:
        """Give everything of a person to another, and let the account of the one be the other's too.

        Returns:
            the person who both are now.

        Raises:
            NotFound: there is no such person.
            Conflict: it is the same person, or the one who is to get it has no account any more.
        """
        with self._database.write() as session:
            giver, taker = _both(session, source, target)
            people.merge(session, giver, taker, self._transfers)
            self._record(session, who, "people.merge", f"{giver.id}/{taker.id}")
            merged = _shape(taker)
        self._on_merge()
        return merged


def _both(session: Session, source: int, target: int) -> tuple[PersonRow, PersonRow]:
    rows = [session.get(PersonRow, id_, with_for_update=True) for id_ in (source, target)]
    giver, taker = rows
    if giver is None or taker is None:
        raise NotFound(
            "There is no such person",
            reason="Nobody has that number.",
            remedy="Look at the list of people.",
        )
    if giver is taker or giver.merged_into is not None or taker.merged_into is not None:
        raise Conflict(
            "These are not two people",
            reason="It is the same number twice, or one of them was merged into another already.",
            remedy="Look at the list of people.",
        )
    if taker.ended is not None:
        raise Conflict(
            f"{taker.hub_name!r} cannot get anything",
            reason="The account is gone, so nobody could use it.",
            remedy="Name a person who has an account.",
        )
    return giver, taker


def _shape(row: PersonRow) -> Person:
    return Person(
        id=row.id,
        name=row.hub_name,
        created=row.hub_created,
        first_visit=row.first_visit,
        ended=row.ended,
        merged_into=row.merged_into,
    )
