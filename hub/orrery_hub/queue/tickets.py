"""Taking a ticket, and tickets as shapes."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from orrery_hub.base import db, people
from orrery_hub.base.contracts import LaunchRequest, ProjectDirectory, RecordChange
from orrery_hub.queue import store, unused_offers
from orrery_hub.queue.store import PRIORITIES, TicketRow
from orrery_hub.queue.transitions import Transitions
from orrery_hub.queue.view import QueueView
from orrery_wire.errors import Conflict, Invalid
from orrery_wire.json_types import JsonObject
from orrery_wire.queue import Priority, Ticket

_PRIORITY_NAMES: dict[int, Priority] = {number: name for name, number in PRIORITIES.items()}


class TicketBook:
    """Takes tickets. ``limit`` is how many a person may have at once.

    ``named_servers`` is how many servers with names JupyterHub lets a person have; None: it is not known here.
    """

    def __init__(
        self,
        view: QueueView,
        transitions: Transitions,
        record: RecordChange,
        *,
        limit: int,
        named_servers: int | None = None,
    ) -> None:
        self._view = view
        self._transitions = transitions
        self._record = record
        self._limit = limit
        self._named_servers = named_servers

    def take(
        self,
        session: Session,
        request: LaunchRequest,
        who: str,
        *,
        priority: int = 0,
        is_auto_claim: bool = False,
    ) -> TicketRow:
        """A ticket for a server: the one that it has, if it is for the same profile and project, else a new one.

        Raises:
            Conflict: the person has as many as a person may have at once.
        """
        self._check_name(session, request)
        former = store.open_ticket(session, request.account_id, request.server_name)
        if former is not None:
            same = (former.profile_id, former.project_id) == (
                request.profile_id,
                request.project_id,
            )
            if same:
                self._change(session, former, dict(request.options), is_auto_claim, who)
                return former
            self._transitions.cancel(session, former, db.now(), who, is_own=True)
        if store.open_count(session, request.person_id) >= self._limit:
            raise Conflict(
                "You cannot wait for one more server",
                reason=f"A person may have {self._limit} requests in the queue at once.",
                remedy="Cancel one of them.",
                details={"limit": self._limit},
            )
        if (
            refusal := unused_offers.refusal(session, request.person_id, request.pool_id)
        ) is not None:
            raise refusal
        row = self._add(session, request, priority, is_auto_claim)
        self._record(
            session,
            who,
            "queue.request",
            str(row.id),
            after={
                "state": row.state,
                "person_id": row.person_id,
                "pool": row.pool_id,
                "devices": row.devices,
            },
        )
        self._view.forget()
        return row

    def _change(
        self,
        session: Session,
        row: TicketRow,
        options: JsonObject,
        is_auto_claim: bool,
        who: str,
    ) -> None:
        """Take other options for the same start; a text of a person is not recorded, only that it is another."""
        is_same = row.options == options
        if is_same and row.is_auto_claim == is_auto_claim:
            return
        before = {"auto_claim": row.is_auto_claim}
        row.options, row.is_auto_claim = options, is_auto_claim
        after = {"auto_claim": is_auto_claim, "has_other_options": not is_same}
        self._record(session, who, "queue.update", str(row.id), before=before, after=after)

    def _check_name(self, session: Session, request: LaunchRequest) -> None:
        """Refuse a server that JupyterHub would not start once the devices are held for it."""
        name, most = request.server_name, self._named_servers
        if not name or most is None:
            return
        if most == 0:
            raise Invalid(
                "Servers with names are not enabled on this hub",
                reason="Everybody has one server, which has no name.",
                remedy="Request it without a name, or ask an administrator (`ORRERY_NAMED_SERVERS`).",
            )
        if len(store.named_servers(session, request.account_id) | {name}) > most:
            raise Conflict(
                "You cannot have one more server with a name",
                reason=f"A person may have {most}, those included for which a request waits.",
                remedy="Request it for one that you have, or cancel another request.",
                details={"limit": most},
            )

    def _add(
        self, session: Session, request: LaunchRequest, priority: int, is_auto_claim: bool
    ) -> TicketRow:
        row = TicketRow(
            account_id=request.account_id,
            person_id=request.person_id,
            server_name=request.server_name,
            project_id=request.project_id,
            pool_id=request.pool_id,
            profile_id=request.profile_id,
            devices=request.devices,
            cpu=request.cpu,
            memory_bytes=request.memory_bytes,
            is_spot=request.is_spot,
            options=dict(request.options),
            priority=priority,
            is_auto_claim=is_auto_claim,
            is_run_now=False,
            turn=store.next_turn(session),
            state="waiting",
            created=db.now(),
            missed_offers=0,
            failed_starts=0,
        )
        session.add(row)
        session.flush()
        return row


class TicketShapes:
    """Tickets as those see them who ask; ``projects`` knows their names."""

    def __init__(self, view: QueueView, projects: ProjectDirectory) -> None:
        self._view = view
        self._projects = projects

    def of(self, session: Session, rows: Sequence[TicketRow]) -> tuple[Ticket, ...]:
        """Tickets with names, places, ranges and causes."""
        users = people.names(session, [row.account_id for row in rows])
        pools = store.pool_names(session, [row.pool_id for row in rows])
        profiles = store.profile_slugs(session, [row.profile_id for row in rows])
        projects = self._projects.names(session, {r.project_id for r in rows if r.project_id})
        moves = store.moves(session, rows)
        views = {
            pool: self._view.of_pool(session, pool)
            for pool in {row.pool_id for row in rows if row.state == "waiting"}
        }
        tickets = []
        for row in rows:
            view = views.get(row.pool_id) if row.state == "waiting" else None
            slug, name = pools.get(row.pool_id, ("", ""))
            tickets.append(
                Ticket(
                    id=row.id,
                    person=users.get(row.account_id, ""),
                    server_name=row.server_name,
                    project=projects.get(row.project_id or 0, (None, ""))[0],
                    pool=slug,
                    pool_name=name,
                    profile=profiles.get(row.profile_id, ""),
                    devices=row.devices,
                    state=row.state,
                    priority=_PRIORITY_NAMES[row.priority],
                    auto_claim=row.is_auto_claim,
                    is_move=row.id in moves,
                    run_now=row.is_run_now,
                    place=view.places.get(row.id) if view else None,
                    wait=view.waits.get(row.id) if view else None,
                    cause=row.wait_cause if row.state in ("waiting", "failed") else None,
                    created=row.created,
                    offered=row.offered,
                    claim_until=row.deadline if row.state == "offered" else None,
                    ended=row.ended,
                    missed_offers=row.missed_offers,
                )
            )
        return tuple(tickets)
