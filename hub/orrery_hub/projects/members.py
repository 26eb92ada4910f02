"""Members of projects: roles, leaving, and owners for projects that have none."""

from __future__ import annotations

from sqlalchemy.orm import Session

from orrery_hub.base import people
from orrery_hub.base.people import PersonRow
from orrery_hub.base.user import User
from orrery_hub.projects import store
from orrery_hub.projects.lookup import find_owned, find_visible, not_owner
from orrery_hub.projects.parts import ProjectBase, require
from orrery_wire.errors import Conflict, NotFound
from orrery_wire.projects import Member, MemberQuery, Role
from orrery_wire.schemas import Page


class Members(ProjectBase):
    """Who is a member of a project, and as what."""

    def members(self, user: User, slug: str, query: MemberQuery) -> Page[Member]:
        """One page of a project's members; for every member."""
        with self._database.read() as session:
            row, _ = find_visible(session, user, slug)
            rows, total = store.members(session, row, query)
        items = tuple(_member_shape(member, name) for member, name in rows)
        return Page(items=items, total=total, offset=query.offset, limit=query.limit)

    def set_role(
        self, user: User, slug: str, name: str, role: Role, *, create_only: bool = False
    ) -> Member:
        """Add a member or change the role; owners only.

        A name that JupyterHub does not know yet is accepted, so the answer does not reveal who exists.

        Raises:
            Conflict: the last owner would be none any more, with ``create_only`` the person is a member already, or
                the person owns as many projects as a person may.
        """
        with self._database.write() as session:
            row, _ = find_owned(session, user, slug)
            store.agree(session, row, user.person_id)
            person = people.find(session, name)
            old = store.member(session, row, person.id) if person else None
            if person is None or old is None:
                person = people.find_or_invite(session, name, by=user.person_id)
            if old and create_only:
                raise _already_member(old, person.hub_name)
            if old and old.role == old.own_role == role:
                return _member_shape(old, person.hub_name)
            if old and old.provider_role and _is_lower(role, old.provider_role):
                raise _by_provider(person.hub_name, old.provider_role)
            if role == "owner":
                self._require_room(session, person.id, person.hub_name)
            else:
                _require_other_owner(session, row, person)
            before = {"role": old.role} if old else None
            is_own = person.id == user.person_id
            member = store.set_role(session, row, person.id, role, is_agreed=is_own)
            saved = _member_shape(member, person.hub_name)
            store.schedule_sync(session, row.key)
            self._record(
                session,
                user.name,
                f"projects.member.{role}",
                f"{slug}/{person.hub_name}",
                project=slug,
                before=before,
                after={"role": role, "person_id": person.id},
            )
        self._on_change()
        return saved

    def remove_member(self, user: User, slug: str, name: str) -> None:
        """Remove a member (owners only), or leave. Removing someone who is no member does nothing.

        A deleted project can be left too: who was made an owner of it unasked would have it count for ever.
        """
        with self._database.write() as session:
            person = people.find(session, name)
            is_own = person is not None and person.id == user.person_id
            row, role = find_visible(session, user, slug, lock=True, with_deleted=is_own)
            if role != "owner" and (person is None or person.id != user.person_id):
                raise not_owner(slug)
            old = store.member(session, row, person.id) if person else None
            if person is None or old is None:
                return
            if old.provider_role:
                raise _by_provider(person.hub_name, old.provider_role)
            _require_other_owner(session, row, person)
            former_role = old.role
            store.remove_member(session, row, person.id)
            store.schedule_sync(session, row.key)
            self._record(
                session,
                user.name,
                "projects.member.remove",
                f"{slug}/{person.hub_name}",
                project=slug,
                before={"role": former_role, "person_id": person.id},
            )
        self._on_change()

    def members_for_admin(self, slug: str, query: MemberQuery) -> Page[Member]:
        """One page of a project's members, for an administrator; of a deleted project too."""
        with self._database.read() as session:
            row = require(store.find(session, slug, with_deleted=True), slug)
            rows, total = store.members(session, row, query)
        items = tuple(_member_shape(member, name) for member, name in rows)
        return Page(items=items, total=total, offset=query.offset, limit=query.limit)

    def recover(self, who: str, slug: str, name: str) -> Member:
        """Give a project without an owner to somebody; ``who`` is the administrator who does it.

        Raises:
            NotFound: there is no such project, or nobody with the name has an account.
            Conflict: the project has an owner, who can act.
        """
        with self._database.write() as session:
            row, person = _recoverable(session, slug, name)
            member = store.set_role(session, row, person.id, "owner", is_agreed=False)
            saved = _member_shape(member, person.hub_name)
            store.schedule_sync(session, row.key)
            self._record(
                session,
                who,
                "projects.recover",
                f"{slug}/{person.hub_name}",
                project=slug,
                after={"role": "owner", "person_id": person.id},
            )
        self._on_change()
        return saved

    def check_recover(self, slug: str, name: str) -> None:
        """Raise what ``recover`` would raise, and change nothing."""
        with self._database.read() as session:
            _recoverable(session, slug, name)


def _recoverable(session: Session, slug: str, name: str) -> tuple[store.ProjectRow, PersonRow]:
    row = store.find(session, slug, lock=True, with_deleted=True)
    person = people.find(session, name)
    if row is None or person is None or not people.can_act(person):
        raise NotFound(
            f"The project {slug!r} cannot be given to {name!r}",
            reason="There is no such project, or nobody of that name has used the hub.",
            remedy="Look at the list of projects without an owner, and at the list of people.",
        )
    if store.owner_count(session, row):
        raise Conflict(
            f"The project {slug!r} has an owner",
            reason="Only its owners change who is a member.",
            remedy="Ask an owner of the project.",
        )
    return row, person


def _require_other_owner(session: Session, row: store.ProjectRow, person: PersonRow) -> None:
    """Refuse what would leave a project to nobody; an owner who never had an account is nobody."""
    if store.role_of(session, row, person.id) != "owner":
        return
    if store.owner_count(session, row) - people.can_act(person) < 1:
        raise Conflict(
            "A project needs an owner",
            reason=f"{person.hub_name!r} is the last owner of {row.slug!r} who has an account.",
            remedy="Make somebody else an owner first, or delete the project.",
        )


def _is_lower(role: Role, other: Role) -> bool:
    return store.RANKS.index(role) < store.RANKS.index(other)


def _by_provider(name: str, role: Role) -> Conflict:
    return Conflict(
        f"The log-in provider makes {name!r} {role} of this project",
        reason="A group or role there is mapped to the project, so it would come back at the next log-in.",
        remedy="Ask an administrator of the hub to change the mapping, or the group at the provider.",
    )


def _member_shape(row: store.MemberRow, name: str) -> Member:
    return Member(user=name, role=row.role, since=row.since)


def _already_member(row: store.MemberRow, name: str) -> Conflict:
    return Conflict(
        f"{name!r} is a member already",
        reason=f"The role is {row.role}.",
        remedy="Nothing has to be done, or change the role in the list of members.",
        details={"current": _member_shape(row, name).model_dump(mode="json")},
    )
