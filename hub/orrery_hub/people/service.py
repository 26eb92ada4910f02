"""The people that the hub service knows, for administrators: who they are, transfer and merge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from orrery_hub.base import people
from orrery_hub.base.contracts import ProjectFacts, RecordChange, Transfer, no_record
from orrery_hub.base.db import Database
from orrery_hub.base.hub_models import Activity, Server
from orrery_hub.base.people import PersonRow
from orrery_hub.people.schemas import Person, PersonQuery, Sort
from orrery_wire.errors import Conflict, NotFound
from orrery_wire.projects import Membership, Role
from orrery_wire.schemas import Page

_COLUMNS: dict[Sort, Any] = {
    "name": PersonRow.hub_name,
    "created": PersonRow.hub_created,
    "first_visit": PersonRow.first_visit,
    "ended": PersonRow.ended,
}


class PeopleService:
    """Lists people, and gives everything of one person to another.

    ``transfers`` are what every capability does for that, ``merges`` what it does to make two accounts one person's; ``on_merge`` is called after two people became one.
    Projects, activity and servers are what a list shows beside the people; the command line has none of them.
    """

    def __init__(
        self,
        database: Database,
        *,
        transfers: Sequence[Transfer] = (),
        merges: Sequence[Transfer] = (),
        record: RecordChange = no_record,
        on_merge: Callable[[], None] = lambda: None,
        projects: ProjectFacts | None = None,
        activity: Callable[[str], Activity | None] = lambda _: None,
        servers: Callable[[], Sequence[Server]] = tuple,
    ) -> None:
        self._database = database
        self._transfers = transfers
        self._merges = merges
        self._record = record
        self._on_merge = on_merge
        self._projects = projects
        self._activity = activity
        self._servers = servers

    def list(self, query: PersonQuery) -> Page[Person]:
        """One page of people."""
        statement = select(PersonRow)
        if query.ended:
            statement = statement.where(PersonRow.ended.is_not(None))
        if query.project and self._projects:
            statement = statement.where(self._projects.has_member(PersonRow.id, query.project))
        for word in query.q.split():
            statement = statement.where(PersonRow.hub_name.icontains(word, autoescape=True))
        with self._database.read() as session:
            total = session.scalar(select(func.count()).select_from(statement.subquery())) or 0
            order = self._order(query)
            page = statement.order_by(*order).offset(query.offset).limit(query.limit)
            items = self._shapes(session, session.scalars(page).all())
        return Page(items=items, total=total, offset=query.offset, limit=query.limit)

    def get(self, id: int) -> Person:
        """One person.

        Raises:
            NotFound: nobody has that number.
        """
        with self._database.read() as session:
            row = session.get(PersonRow, id)
            if row is None:
                raise _nobody()
            return self._shapes(session, [row])[0]

    def _order(self, query: PersonQuery) -> tuple[ColumnElement[Any], Any]:
        if query.sort == "projects" and self._projects:
            column = self._projects.count(PersonRow.id)
        else:
            column = _COLUMNS.get(query.sort, PersonRow.hub_name)
        ordered = column.desc() if query.descending else column.asc()
        return (ordered.nulls_last(), PersonRow.hub_name)

    def _shapes(self, session: Session, rows: Sequence[PersonRow]) -> tuple[Person, ...]:
        ids = [row.id for row in rows]
        memberships = self._projects.of_people(session, ids) if self._projects else {}
        running = Counter(server.user for server in self._servers())
        return tuple(
            _shape(
                row,
                activity=self._activity(row.hub_name),
                projects=memberships.get(row.id, ()),
                servers=running[row.hub_name],
            )
            for row in rows
        )

    def transfer(self, who: str, source: int, target: int) -> Person:
        """Give everything of a person to another: snippets, marks, memberships; both stay who they are.

        Servers, requests in the queue, budgets and costs stay with who has them: a limit is no property.

        Returns:
            the person who got it.

        Raises:
            NotFound: there is no such person.
            Conflict: it is the same person, or the one who is to get it has no account.
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
            Conflict: it is the same person, or the one who is to get it has no account.
        """
        with self._database.write() as session:
            giver, taker = _both(session, source, target)
            people.merge(session, giver, taker, self._merges)
            self._record(session, who, "people.merge", f"{giver.id}/{taker.id}")
            merged = _shape(taker)
        self._on_merge()
        return merged


def _both(session: Session, source: int, target: int) -> tuple[PersonRow, PersonRow]:
    # Everybody locks in the same order: two requests about the same two people never wait for each other.
    rows = {
        id_: session.get(PersonRow, id_, with_for_update=True) for id_ in sorted({source, target})
    }
    giver, taker = rows[source], rows[target]
    if giver is None or taker is None:
        raise _nobody()
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
    if not people.can_act(taker):
        raise Conflict(
            f"{taker.hub_name!r} cannot get anything",
            reason="It is an invitation: whoever is given that name at JupyterHub would have everything.",
            remedy="Name a person who has an account; an invited person has one after the first visit.",
        )
    return giver, taker


def _nobody() -> NotFound:
    return NotFound(
        "There is no such person",
        reason="Nobody has that number.",
        remedy="Look at the list of people.",
    )


def _shape(
    row: PersonRow,
    *,
    activity: Activity | None = None,
    projects: Sequence[tuple[str, Role]] = (),
    servers: int = 0,
) -> Person:
    return Person(
        id=row.id,
        name=row.hub_name,
        created=row.hub_created,
        first_visit=row.first_visit,
        ended=row.ended,
        offboarded=row.offboarded,
        handed_over=row.handed_over,
        merged_into=row.merged_into,
        is_admin=activity.is_admin if activity else None,
        last_activity=activity.last_activity if activity else None,
        projects=tuple(Membership(slug=slug, role=role) for slug, role in projects),
        servers=servers,
    )
