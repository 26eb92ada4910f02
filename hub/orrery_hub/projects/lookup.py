"""Finding a project for a user who may see it, or change it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from orrery_hub.base.user import User
from orrery_hub.projects import store
from orrery_wire.errors import Forbidden, NotFound
from orrery_wire.projects import Role


def find_visible(
    session: Session, user: User, slug: str, *, lock: bool = False, with_deleted: bool = False
) -> tuple[store.ProjectRow, Role]:
    """A project that the user is a member of, and as what.

    Raises:
        NotFound: there is none; it looks the same if there is one of others.
    """
    row = store.find(session, slug, lock=lock, with_deleted=with_deleted)
    role = store.role_of(session, row, user.person_id) if row else None
    if row is None or role is None:
        raise NotFound(
            f"There is no project {slug!r}",
            reason="It does not exist, or you are not a member of it.",
            remedy="Check the name, or ask an owner of the project to add you.",
        )
    return row, role


def find_owned(
    session: Session, user: User, slug: str, *, with_deleted: bool = False
) -> tuple[store.ProjectRow, Role]:
    """A project that the user owns; nobody else changes it before the transaction ends.

    Raises:
        NotFound: the user is not a member of such a project.
        Forbidden: the user is a member, and no owner.
    """
    row, role = find_visible(session, user, slug, lock=True, with_deleted=with_deleted)
    if role != "owner":
        raise not_owner(slug)
    return row, role


def not_owner(slug: str) -> Forbidden:
    """The error for somebody who sees a project and may not change it."""
    return Forbidden(
        f"You may not change the project {slug!r}",
        reason="Only its owners may.",
        remedy="Ask an owner of the project.",
    )
