"""What an action on a snippet asks beside its scope, for ``explain``: the decisions of ``permissions.py``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from orrery_hub.base.contracts import Condition, Judge, Memberships
from orrery_hub.base.user import User
from orrery_hub.snippets import store
from orrery_hub.snippets.permissions import SnippetPermissions


def rules(memberships: Memberships) -> Mapping[str, Judge]:
    """The rules, on the memberships in projects."""

    def permissions(session: Session, user: User) -> SnippetPermissions:
        return SnippetPermissions(user, memberships(session, user.person_id))

    def visible(
        session: Session, user: User, id: str, *, deleted: bool = False
    ) -> tuple[SnippetPermissions, store.SnippetRow | None, Condition]:
        may = permissions(session, user)
        row = store.find(session, id, may.audience, deleted=deleted)
        words = "It does not exist, or belongs to others; both look the same."
        if row is not None:
            words = {
                "mine": "The person wrote it.",
                "everyone": "It is for everybody.",
            }.get(row.scope, "It is in a project that the person is a member of.")
        return may, row, Condition(row is not None, "sees the snippet", words)

    def see(session: Session, user: User, target: str) -> Sequence[Condition]:
        return (visible(session, user, target)[2],)

    def write(
        session: Session, user: User, target: str, *, deleted: bool = False
    ) -> Sequence[Condition]:
        may, row, seen = visible(session, user, target, deleted=deleted)
        is_writable = row is not None and may.may_write(row.scope, row.project_id, row.author_id)
        words = (
            "As its author, or as editor or owner of its project."
            if is_writable
            else "Its author writes it, or editors and owners of its project."
        )
        return (seen, Condition(is_writable, "may write the snippet", words))

    def create(session: Session, user: User, target: str) -> Sequence[Condition]:
        """In a project, by its slug; with no object a snippet of one's own."""
        if not target:
            return ()
        return _in_project(permissions(session, user), user, target)

    def write_deleted(session: Session, user: User, target: str) -> Sequence[Condition]:
        return write(session, user, target, deleted=True)

    return {
        "snippets.create": create,
        "snippets.save": write,
        "snippets.delete": write,
        "snippets.undelete": write_deleted,
        "snippets.versions": see,
        "snippets.mark": see,
    }


def _in_project(may: SnippetPermissions, user: User, slug: str) -> Sequence[Condition]:
    """What a new snippet of a project asks of its author."""
    project = may.id_by_slug.get(slug)
    is_writer = project is not None and may.may_write("project", project, user.person_id)
    is_member = project is not None
    words = "By the memberships of the project."
    return (
        Condition(is_member, f"is a member of the project {slug!r}", words),
        Condition(is_writer, "is editor or owner of it", "Viewers write no snippets."),
    )
