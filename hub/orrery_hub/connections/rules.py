"""What an action on a connection asks beside its scope, for ``explain``: the decisions of ``permissions.py``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy.orm import Session

from orrery_hub.base.contracts import Condition, Judge, Memberships
from orrery_hub.base.db import now
from orrery_hub.base.user import User
from orrery_hub.connections import store
from orrery_hub.connections.permissions import ConnectionPermissions
from orrery_hub.connections.store import ConnectionRow

_Seen = tuple[ConnectionPermissions, ConnectionRow | None, Condition]


def rules(memberships: Memberships) -> Mapping[str, Judge]:
    """The rules, on the memberships in projects."""

    def permissions(session: Session, user: User) -> ConnectionPermissions:
        return ConnectionPermissions(user, memberships(session, user.person_id))

    def visible(session: Session, user: User, target: str, *, deleted: bool = False) -> _Seen:
        may = permissions(session, user)
        number = int(target) if target.isdecimal() and len(target) < 10 else 0
        row = store.find(session, number, may.sees, deleted=deleted)
        words = "It does not exist, or belongs to others; both look the same."
        if row is not None:
            words = {
                "person": "It is the person's own.",
                "platform": "It is for everybody.",
                "project": "It is in a project that the person is a member of.",
            }[row.audience]
        return may, row, Condition(row is not None, "sees the connection", words)

    def see(session: Session, user: User, target: str) -> Sequence[Condition]:
        return (visible(session, user, target)[2],)

    def use(session: Session, user: User, target: str) -> Sequence[Condition]:
        may, row, seen = visible(session, user, target)
        is_usable = row is not None and may.may_use(row)
        words = "Editors and owners of its project use it; viewers if it is read only."
        return (seen, Condition(is_usable, "may use the connection", words))

    def create(session: Session, user: User, target: str) -> Sequence[Condition]:
        """In a project, by its slug; with no object one of one's own."""
        if not target:
            return ()
        may = permissions(session, user)
        project = may.id_by_slug.get(target)
        is_member = project is not None
        is_writer = is_member and may.may_write("project", project)
        return (
            Condition(is_member, f"is a member of the project {target!r}", "By its memberships."),
            Condition(is_writer, "is editor or owner of it", "Viewers create no connections."),
        )

    def as_writer(*, deleted: bool = False) -> Judge:
        def judge(session: Session, user: User, target: str) -> Sequence[Condition]:
            may, row, seen = visible(session, user, target, deleted=deleted)
            is_writable = row is not None and may.may_write(row.audience, row.project_id)
            words = "Its person, editors and owners of its project, or administrators change it."
            return (seen, Condition(is_writable, "may change the connection", words))

        return judge

    own_use: Callable[[Session, User, str], Sequence[Condition]] = _own_use
    return {
        "connections.create": create,
        "connections.get": see,
        "connections.update": as_writer(),
        "connections.delete": as_writer(),
        "connections.undelete": as_writer(deleted=True),
        "connections.purge": as_writer(deleted=True),
        "connections.use": use,
        "uses.renew": own_use,
        "uses.release": own_use,
    }


def _own_use(session: Session, user: User, target: str) -> Sequence[Condition]:
    use = session.get(store.UseRow, target.replace("\x00", "\ufffd"))
    is_open = use is not None and use.ended is None and use.expires > now()
    is_own = is_open and use is not None and use.person_id == user.person_id
    words = "It goes on." if is_own else "There is none, it has ended, or it is another's."
    return (Condition(is_own, "has the use of a connection", words),)
