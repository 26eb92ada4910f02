"""Who may see and change which datasets.

Members of a project see its datasets and note what they read; its editors and owners change them. In an archived project
nobody does. A person's own are the person's.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from orrery_hub.base.user import User
from orrery_hub.datasets import store
from orrery_hub.datasets.tables import DatasetRow, VersionRow
from orrery_wire.datasets import DatasetAudience
from orrery_wire.errors import Forbidden, Invalid, NotFound

_WRITERS = ("owner", "editor")


class DatasetPermissions:
    """What a user may do, by the memberships as they are at this moment."""

    def __init__(self, user: User, memberships: Sequence[tuple[int, str, str]]) -> None:
        self.user = user
        self.slug_by_id = {key: slug for key, slug, _ in memberships}
        self.id_by_slug = {slug: key for key, slug, _ in memberships}
        self._writable = {key for key, _, role in memberships if role in _WRITERS}

    @property
    def sees(self) -> ColumnElement[bool]:
        """The datasets that the user sees."""
        return store.visible(self.user.person_id, self.slug_by_id)

    @property
    def restores(self) -> ColumnElement[bool]:
        """The datasets that the user may bring back: nobody else sees that they were there."""
        return store.visible(self.user.person_id, self._writable)

    def is_visible(self, row: DatasetRow) -> bool:
        """Whether the user sees a dataset."""
        if row.deleted is not None:
            return False
        if row.audience == "project":
            return row.project_id in self.slug_by_id
        return row.owner_id == self.user.person_id

    def may_write(self, audience: DatasetAudience, project_id: int | None) -> bool:
        """Whether the user may change datasets of an audience that the user sees."""
        return audience == "person" or project_id in self._writable

    def slug(self, row: DatasetRow) -> str:
        """The short name of a dataset's project; empty outside projects."""
        return self.slug_by_id.get(row.project_id or 0, "")

    def target_project(self, audience: DatasetAudience, slug: str | None) -> int | None:
        """Id of the project that a new dataset is for; None outside projects.

        Raises:
            Invalid: audience and project do not fit.
            NotFound: the user is not a member of such a project.
        """
        if (audience == "project") != (slug is not None):
            raise Invalid(
                "It is not clear whom the dataset is for",
                reason="A dataset of a project names the project, and no other does.",
                remedy="Choose a project, or make it one of your own.",
            )
        if slug is not None and slug not in self.id_by_slug:
            raise NotFound(
                f"There is no project {slug!r}",
                reason="It does not exist, or you are not a member of it.",
                remedy="Choose one of your projects.",
            )
        return self.id_by_slug[slug] if slug is not None else None

    def require_write(self, audience: DatasetAudience, project_id: int | None) -> None:
        """Refuse a user who may not change datasets of an audience.

        Raises:
            Forbidden: that is so.
        """
        if not self.may_write(audience, project_id):
            raise Forbidden(
                "You may not change this dataset",
                reason="Only owners and editors of its project may, and nobody in an archived one.",
                remedy="Ask an owner of the project to make you an editor, or make a dataset of your own from it.",
            )

    def find(
        self, session: Session, id: int, *, lock: bool = False, deleted: bool = False
    ) -> DatasetRow:
        """A dataset that the user sees.

        Raises:
            NotFound: there is none; it looks the same if there is one of others.
        """
        row = store.find(session, id, self.sees, lock=lock, deleted=deleted)
        if row is None or (
            row.deleted is not None and not self.may_write(row.audience, row.project_id)
        ):
            raise NotFound(
                "There is no such dataset",
                reason="It does not exist, was deleted, or is not yours to see.",
                remedy="Look at the list of datasets.",
            )
        return row

    def find_writable(self, session: Session, id: int, *, deleted: bool = False) -> DatasetRow:
        """A dataset that the user may change; nobody else changes it before the transaction ends.

        Raises:
            NotFound: the user sees no such dataset.
            Forbidden: the user may not change it.
        """
        row = self.find(session, id, lock=True, deleted=deleted)
        self.require_write(row.audience, row.project_id)
        return row

    def find_version(
        self, session: Session, id: int, number: int, *, write: bool = False
    ) -> tuple[DatasetRow, VersionRow]:
        """A version of a dataset that the user sees, or with ``write`` may change.

        Raises:
            NotFound: the user sees no such dataset, or it has no such version.
            Forbidden: the user may not change it.
        """
        row = self.find_writable(session, id) if write else self.find(session, id)
        version = store.version(session, row.id, number)
        if version is None:
            raise NotFound(
                f"The dataset {row.name!r} has no version {number}",
                reason=f"The newest is {row.last_number}." if row.last_number else "It has none.",
                remedy="Look at the list of its versions.",
            )
        return row, version
