"""Invitations to projects: sent by owners to a name, and accepted or declined by whoever has it.

Any name can be invited, also one that nobody has: the answer says nothing about who exists.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, String, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from orrery_hub.base import people
from orrery_hub.base.contracts import LeavingItem, RecordChange, no_record
from orrery_hub.base.db import Database, Table, UTCDateTime, now
from orrery_hub.base.people import PersonRow
from orrery_hub.base.user import User
from orrery_hub.projects import store
from orrery_hub.projects.lookup import find_owned
from orrery_wire.errors import Conflict, NotFound
from orrery_wire.project_labels import Invitation, InvitationIn
from orrery_wire.projects import Member, Role
from orrery_wire.schemas import Page, PageQuery

_DAYS = 30
# Invitations to one project that wait for an answer.
_MAX_WAITING = 1_000


class InvitationRow(Table):
    """An invitation that waits for an answer; it is removed with the answer."""

    __tablename__ = "invitation"
    __table_args__ = (Index(None, "person_id"),)
    project_id: Mapped[int] = mapped_column(
        ForeignKey("project.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    role: Mapped[Role] = mapped_column(String(16))
    invited_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created: Mapped[datetime] = mapped_column(UTCDateTime)
    expires: Mapped[datetime] = mapped_column(UTCDateTime)


def transfer(session: Session, source: int, target: int) -> None:
    """Whoever gets what belongs to another decides about the other's invitations; sent ones keep a sender."""
    rows = session.scalars(select(InvitationRow).where(InvitationRow.person_id == source)).all()
    for row in rows:
        if session.get(InvitationRow, (row.project_id, target)) is None:
            session.add(
                InvitationRow(
                    project_id=row.project_id,
                    person_id=target,
                    role=row.role,
                    invited_by_id=row.invited_by_id,
                    created=row.created,
                    expires=row.expires,
                )
            )
        session.delete(row)
    sent = select(InvitationRow).where(InvitationRow.invited_by_id == source)
    for row in session.scalars(sent).all():
        row.invited_by_id = target
    session.flush()


def leave(session: Session, person: int) -> LeavingItem:
    """End the invitations of somebody who leaves."""
    ended = session.execute(
        delete(InvitationRow)
        .where(InvitationRow.person_id == person)
        .returning(InvitationRow.project_id)
    )
    return LeavingItem("invitations", len(ended.all()), False, "To projects.")


def count(session: Session, project: int) -> int:
    """How many invitations to a project wait for an answer."""
    query = select(func.count()).where(
        InvitationRow.project_id == project, InvitationRow.expires > now()
    )
    return session.scalar(query) or 0


class InvitationService:
    """Sends, lists, withdraws, accepts and declines invitations."""

    def __init__(
        self,
        database: Database,
        *,
        record: RecordChange = no_record,
        on_change: Callable[[], None] = lambda: None,
        projects_per_person: int = 100,
    ) -> None:
        self._database = database
        self._record = record
        self._on_change = on_change
        self._projects_per_person = projects_per_person

    def invite(self, user: User, slug: str, request: InvitationIn) -> Invitation:
        """Invite a name to a project; owners only. Once more replaces the role and the time.

        Raises:
            Conflict: the person is a member already, or too many invitations wait for an answer.
        """
        with self._database.write() as session:
            project, _ = find_owned(session, user, slug)
            store.agree(session, project, user.person_id)
            person = people.find_or_invite(session, request.user, by=user.person_id)
            if member := store.member(session, project, person.id):
                raise Conflict(
                    f"{person.hub_name!r} is a member already",
                    reason=f"The role is {member.role}.",
                    remedy="Nothing has to be done, or change the role in the list of members.",
                )
            _require_few(session, project, person)
            moment = now()
            row = session.merge(
                InvitationRow(
                    project_id=project.id,
                    person_id=person.id,
                    role=request.role,
                    invited_by_id=user.person_id,
                    created=moment,
                    expires=moment + timedelta(days=_DAYS),
                )
            )
            session.flush()
            self._note(session, user, "projects.invitation.send", project, person, row.role)
            return _shape(session, row)

    def sent(self, user: User, slug: str, query: PageQuery) -> Page[Invitation]:
        """One page of the invitations to a project that wait for an answer; owners only."""
        with self._database.read() as session:
            project, _ = find_owned(session, user, slug)
            return _page(session, query, InvitationRow.project_id == project.id)

    def withdraw(self, user: User, slug: str, name: str) -> None:
        """Take an invitation back; owners only. One that is not there is no error."""
        with self._database.write() as session:
            project, _ = find_owned(session, user, slug)
            person = people.find(session, name)
            row = session.get(InvitationRow, (project.id, person.id)) if person else None
            if row is not None and person is not None:
                session.delete(row)
                what = "projects.invitation.withdraw"
                self._note(session, user, what, project, person, row.role)

    def received(self, user: User, query: PageQuery) -> Page[Invitation]:
        """One page of the invitations of the user that wait for an answer."""
        with self._database.read() as session:
            return _page(session, query, InvitationRow.person_id == user.person_id)

    def accept(self, user: User, slug: str) -> Member:
        """Become a member as the invitation says.

        Raises:
            NotFound: there is no invitation of the user to such a project.
            Conflict: the user owns as many projects as a person may.
        """
        with self._database.write() as session:
            project, row = _find(session, user, slug)
            if row.role == "owner":
                self._require_room(session, user)
            if (member := store.member(session, project, user.person_id)) is None:
                member = store.set_role(session, project, user.person_id, row.role)
                store.schedule_sync(session, project.key)
            session.delete(row)
            person = session.get_one(PersonRow, user.person_id)
            self._note(session, user, "projects.invitation.accept", project, person, member.role)
            answer = Member(user=person.hub_name, role=member.role, since=member.since)
        self._on_change()
        return answer

    def decline(self, user: User, slug: str) -> None:
        """Refuse an invitation."""
        with self._database.write() as session:
            project, row = _find(session, user, slug)
            session.delete(row)
            person = session.get_one(PersonRow, user.person_id)
            self._note(session, user, "projects.invitation.decline", project, person, row.role)

    def purge(self, before: datetime) -> None:
        """Remove invitations whose time ended before a point in time."""
        with self._database.write() as session:
            session.execute(delete(InvitationRow).where(InvitationRow.expires < before))

    def _require_room(self, session: Session, user: User) -> None:
        limit = self._projects_per_person
        if store.owned_count(session, user.person_id) >= limit:
            raise Conflict(
                "You cannot own one more project",
                reason=f"A person may own {limit:,}, deleted ones included.",
                remedy="Leave one, or ask an administrator of the hub for more (ORRERY_PROJECTS_PER_PERSON).",
            )

    def _note(
        self,
        session: Session,
        user: User,
        what: str,
        project: store.ProjectRow,
        person: PersonRow,
        role: str,
    ) -> None:
        on = f"{project.slug}/{person.hub_name}"
        after = {"role": role, "person_id": person.id}
        self._record(session, user.name, what, on, project=project.slug, after=after)


def _require_few(session: Session, project: store.ProjectRow, person: PersonRow) -> None:
    is_new = session.get(InvitationRow, (project.id, person.id)) is None
    if is_new and count(session, project.id) >= _MAX_WAITING:
        raise Conflict(
            "Nobody else can be invited now",
            reason=f"{_MAX_WAITING:,} invitations to this project wait for an answer.",
            remedy="Take back those that nobody answers, or wait until their time is over.",
            details={"limit": _MAX_WAITING},
        )


def find_received(session: Session, person: int, slug: str) -> InvitationRow | None:
    """The invitation of a person to a project that is in use, unless its time is over; None if there is none."""
    project = store.find(session, slug)
    row = session.get(InvitationRow, (project.id, person)) if project else None
    return row if row is not None and row.expires > now() else None


def _find(session: Session, user: User, slug: str) -> tuple[store.ProjectRow, InvitationRow]:
    project = store.find(session, slug, lock=True)
    row = find_received(session, user.person_id, slug)
    if project is None or row is None:
        raise NotFound(
            f"You have no invitation to {slug!r}",
            reason="There was none, it was taken back, or its time is over.",
            remedy="Ask an owner of the project for another.",
        )
    return project, row


def _page(session: Session, query: PageQuery, condition: object) -> Page[Invitation]:
    statement = (
        select(InvitationRow)
        .join(store.ProjectRow, store.ProjectRow.id == InvitationRow.project_id)
        .where(
            condition,  # type: ignore[arg-type]  # one of two comparisons above
            InvitationRow.expires > now(),
            store.ProjectRow.deleted.is_(None),
        )
    )
    total = session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    ordered = statement.order_by(InvitationRow.created, InvitationRow.person_id)
    rows = session.scalars(ordered.offset(query.offset).limit(query.limit)).all()
    items = tuple(_shape(session, row) for row in rows)
    return Page(items=items, total=total, offset=query.offset, limit=query.limit)


def _shape(session: Session, row: InvitationRow) -> Invitation:
    project = session.get_one(store.ProjectRow, row.project_id)
    names = people.names(session, [row.person_id, row.invited_by_id])
    return Invitation(
        slug=project.slug,
        project=project.name,
        user=names[row.person_id],
        role=row.role,
        invited_by=names[row.invited_by_id],
        created=row.created,
        expires=row.expires,
    )
