"""What an action on a dataset asks beside its scope, for ``explain``: the decisions of ``permissions.py``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from orrery_hub.base.contracts import Condition, Judge, Memberships
from orrery_hub.base.user import User
from orrery_hub.datasets import store
from orrery_hub.datasets.permissions import DatasetPermissions
from orrery_hub.datasets.tables import DatasetRow

_Seen = tuple[DatasetPermissions, DatasetRow | None, list[Condition]]
_READING = ("get", "versions", "version", "parts", "profile", "version_uses", "version_checks")
_WRITING = ("update", "delete", "add_version", "save_profile", "publish", "archive", "restore")


def rules(memberships: Memberships) -> Mapping[str, Judge]:
    """The rules, on the memberships in projects."""

    def permissions(session: Session, user: User) -> DatasetPermissions:
        return DatasetPermissions(user, memberships(session, user.person_id))

    def visible(
        session: Session,
        user: User,
        target: str,
        *,
        deleted: bool = False,
        versioned: bool = True,
    ) -> _Seen:
        """A dataset by its id, or with ``versioned`` one of its versions by ``id/number``."""
        may = permissions(session, user)
        first, _, rest = target.partition("/")
        row = store.find(session, _number(first), may.sees, deleted=deleted)
        words = "It does not exist, or belongs to others; both look the same."
        if row is not None:
            words = {
                "person": "It is the person's own.",
                "project": "It is in a project that the person is a member of.",
            }[row.audience]
        conditions = [Condition(row is not None, "sees the dataset", words)]
        if row is not None and versioned and (number := _number(rest)):
            is_there = store.version(session, row.id, number) is not None
            words = f"The dataset has {'such a' if is_there else 'no such'} version."
            conditions.append(Condition(is_there, f"the version {number} is there", words))
        return may, row, conditions

    def see(session: Session, user: User, target: str) -> Sequence[Condition]:
        return visible(session, user, target)[2]

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
            Condition(is_writer, "is editor or owner of it", "Viewers create no datasets."),
        )

    def as_writer(**options: bool) -> Judge:
        def judge(session: Session, user: User, target: str) -> Sequence[Condition]:
            may, row, seen = visible(session, user, target, **options)
            is_writable = row is not None and may.may_write(row.audience, row.project_id)
            words = "Its person changes it, or editors and owners of its project."
            return (*seen, Condition(is_writable, "may change the dataset", words))

        return judge

    return {
        "datasets.create": create,
        **{f"datasets.{name}": see for name in (*_READING, "add_use", "feature_sets")},
        **{f"datasets.{name}": as_writer() for name in (*_WRITING, "add_check")},
        "datasets.save_features": as_writer(versioned=False),
        "datasets.delete_features": as_writer(versioned=False),
        "datasets.undelete": as_writer(deleted=True),
        "datasets.purge": as_writer(deleted=True),
    }


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0
