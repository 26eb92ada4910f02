"""What an action on a project asks beside its scope: the role in the project, for ``explain``.

The decisions of ``service.py``, from the same queries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from orrery_hub.base import people
from orrery_hub.base.contracts import Condition, Judge, Memberships
from orrery_hub.base.user import User
from orrery_hub.projects import store
from orrery_hub.projects.invitations import find_received


def membership(session: Session, user: User, slug: str, *, with_deleted: bool = False) -> Condition:
    """Whether a person is a member of a project, and who made the person one."""
    row = store.find(session, slug, with_deleted=with_deleted)
    member = store.member(session, row, user.person_id) if row else None
    what = f"is a member of the project {slug!r}"
    if member is None:
        words = "There is no such project, or the person is not a member; both look the same."
        return Condition(False, what, words)
    return Condition(True, what, f"As {member.role}, {_origin(member)}.")


def _origin(member: store.MemberRow) -> str:
    if member.own_role != member.role:
        return "by a group or an app role at the log-in provider"
    return "by the project's owners"


def as_member(*, with_deleted: bool = False) -> Judge:
    """Only members."""

    def judge(session: Session, user: User, target: str) -> Sequence[Condition]:
        slug = target.partition("/")[0]
        return (membership(session, user, slug, with_deleted=with_deleted),)

    return judge


def as_owner(*, with_deleted: bool = False) -> Judge:
    """Only owners."""

    def judge(session: Session, user: User, target: str) -> Sequence[Condition]:
        slug = target.partition("/")[0]
        member = membership(session, user, slug, with_deleted=with_deleted)
        return (member, _owner(session, user, slug))

    return judge


def _owner(session: Session, user: User, slug: str) -> Condition:
    row = store.find(session, slug, with_deleted=True)
    role = store.role_of(session, row, user.person_id) if row else None
    words = "So the membership says." if role == "owner" else "Only owners may do this."
    return Condition(role == "owner", f"is an owner of {slug!r}", words)


def _as_owner_or_self(session: Session, user: User, target: str) -> Sequence[Condition]:
    """Removing a member: owners, and who leaves."""
    slug, _, name = target.partition("/")
    member = membership(session, user, slug)
    row = people.find(session, name)
    if member.is_met and row is not None and row.id == user.person_id:
        return (member, Condition(True, "leaves the project", "Everybody may leave."))
    return (member, _owner(session, user, slug))


def _as_invited(session: Session, user: User, target: str) -> Sequence[Condition]:
    """Whoever has an invitation that waits for an answer."""
    row = find_received(session, user.person_id, target.partition("/")[0])
    words = f"As {row.role}." if row else "There was none, it was taken back, or its time is over."
    return (Condition(row is not None, "has an invitation to the project", words),)


_RULES: Mapping[str, Judge] = {
    "projects.get": as_member(),
    "projects.switch": as_member(),
    "projects.members": as_member(),
    "projects.update": as_owner(),
    "projects.delete": as_owner(),
    "projects.undelete": as_owner(with_deleted=True),
    "projects.purge": as_owner(with_deleted=True),
    "projects.set_role": as_owner(),
    "projects.remove_member": _as_owner_or_self,
    "projects.archive": as_owner(),
    "projects.restore": as_owner(),
    "projects.pin": as_member(),
    "projects.unpin": as_member(),
    "projects.counts": as_member(),
    "projects.invitations": as_owner(),
    "projects.invite": as_owner(),
    "projects.withdraw": as_owner(),
    "invitations.accept": _as_invited,
    "invitations.decline": _as_invited,
}


def rules(_: Memberships) -> Mapping[str, Judge]:
    """The rules of all actions."""
    return _RULES
