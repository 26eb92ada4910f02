"""Datasets: listed, created, changed, deleted and brought back, with permission checks."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from orrery_hub.base import people
from orrery_hub.base.db import now
from orrery_hub.base.user import User
from orrery_hub.datasets import shapes, store
from orrery_hub.datasets.context import DatasetContext, facts
from orrery_hub.datasets.permissions import DatasetPermissions
from orrery_hub.datasets.tables import DatasetRow
from orrery_wire.datasets import Dataset, DatasetIn, DatasetPatch, DatasetQuery
from orrery_wire.errors import Conflict, Invalid, NotFound
from orrery_wire.schemas import Page

PER_OWNER = 1_000


class DatasetService:
    """The datasets of all people. What a user may not see gives ``NotFound``."""

    def __init__(self, context: DatasetContext) -> None:
        self._context = context
        self._database = context.database

    def list(self, user: User, query: DatasetQuery) -> Page[Dataset]:
        """One page of the datasets that the user sees; of deleted ones those that the user may bring back."""
        with self._database.read() as session:
            may = self._context.permissions(session, user)
            project = may.id_by_slug.get(query.project, -1) if query.project else None
            sees = may.restores if query.deleted else may.sees
            rows, total = store.page(session, sees, query, project)
            items = shapes.datasets(session, may, rows, self._context.undelete_period)
        return Page(items=items, total=total, offset=query.offset, limit=query.limit)

    def get(self, user: User, id: int) -> Dataset:
        """One dataset.

        Raises:
            NotFound: the user sees none of that number.
        """
        with self._database.read() as session:
            may = self._context.permissions(session, user)
            return self._shape(session, may, may.find(session, id))

    def create(self, user: User, request: DatasetIn) -> Dataset:
        """Create a dataset without any version; the user becomes its owner.

        Raises:
            Conflict: the project or the person has one of that name, or as many as there may be.
            Forbidden: the user may not create one in that project.
            Invalid: audience and project do not fit.
            NotFound: the user is not a member of the project.
        """
        try:
            with self._database.write() as session:
                may = self._context.permissions(session, user)
                project = may.target_project(request.audience, request.project)
                may.require_write(request.audience, project)
                row = _new_row(user, request, project)
                _require_place(session, row)
                session.add(row)
                session.flush()
                self._context.note(session, may, "datasets.create", row, after=facts(row, may))
                return self._shape(session, may, row)
        except IntegrityError:
            raise _taken(request.name) from None

    def update(self, user: User, id: int, request: DatasetPatch) -> Dataset:
        """Change what is said about a dataset; its versions stay as they are.

        Raises:
            Conflict: the project or the person has another of that name.
            Forbidden: the user may not change it.
            Invalid: the new owner cannot answer for it.
            NotFound: the user sees no such dataset.
        """
        try:
            with self._database.write() as session:
                may = self._context.permissions(session, user)
                row = may.find_writable(session, id)
                before = facts(row, may)
                self._change(session, row, request)
                row.updated = now()
                session.flush()
                after = facts(row, may)
                self._context.note(session, may, "datasets.change", row, before=before, after=after)
                return self._shape(session, may, row)
        except IntegrityError:
            raise _taken(request.name or "") from None

    def delete(self, user: User, id: int) -> None:
        """Delete a dataset; it can be brought back until it is removed for good. Its data is not touched."""
        with self._database.write() as session:
            may = self._context.permissions(session, user)
            row = may.find_writable(session, id)
            row.deleted, row.slot = now(), None
            self._context.note(session, may, "datasets.delete", row, before=facts(row, may))

    def undelete(self, user: User, id: int) -> Dataset:
        """Bring a deleted dataset back, with its versions.

        Raises:
            Conflict: another has its name now.
            NotFound: the user sees no such dataset.
        """
        name = ""
        try:
            with self._database.write() as session:
                may = self._context.permissions(session, user)
                row = may.find_writable(session, id, deleted=True)
                name = row.name
                if row.deleted is not None:
                    row.deleted, row.updated = None, now()
                    row.take_name()
                    session.flush()
                    self._context.note(
                        session, may, "datasets.undelete", row, after=facts(row, may)
                    )
                return self._shape(session, may, row)
        except IntegrityError:
            raise _taken(name) from None

    def purge_now(self, user: User, id: int) -> None:
        """Remove a deleted dataset for good, with all that is known of its versions. Its data is not touched.

        Raises:
            Conflict: it is not deleted.
            NotFound: the user sees no such dataset.
        """
        with self._database.write() as session:
            may = self._context.permissions(session, user)
            row = may.find_writable(session, id, deleted=True)
            if row.deleted is None:
                raise Conflict(
                    f"The dataset {row.name!r} is in use",
                    reason="Only a deleted dataset can be removed for good.",
                    remedy="Delete it first.",
                )
            self._context.note(session, may, "datasets.purge", row, before=facts(row, may))
            session.delete(row)

    def purge(self, before: datetime) -> None:
        """Remove for good the datasets that were deleted before a point in time."""
        with self._database.write() as session:
            for row in store.purge(session, before):
                self._context.record(session, "orrery", "datasets.purge", row.key)

    def _change(self, session: Session, row: DatasetRow, request: DatasetPatch) -> None:
        if request.owner is not None:
            row.owner_id = self._new_owner(session, row, request.owner)
        if request.name is not None:
            row.name = request.name
            row.take_name()
        if request.description is not None:
            row.description = request.description
        if request.tags is not None:
            row.tags = [*request.tags]
        if request.archived is not None:
            row.archived = (row.archived or now()) if request.archived else None

    def _new_owner(self, session: Session, row: DatasetRow, name: str) -> int:
        """Who is to answer for a dataset.

        Raises:
            Invalid: the dataset is a person's own.
            NotFound: nobody of the name may change datasets of the project.
        """
        if row.audience == "person":
            raise Invalid(
                "A dataset of one's own has no other owner",
                reason="Nobody else sees it.",
                remedy="Make one in a project from it, and choose the owner there.",
            )
        person = people.find(session, name)
        roles = {} if person is None else _roles(self._context, session, person.id)
        if person is None or roles.get(row.project_id or 0) not in ("owner", "editor"):
            raise NotFound(
                f"{name!r} cannot be the owner",
                reason="The owner of a dataset is an editor or owner of its project.",
                remedy="Choose one of them, or have an owner of the project add the person.",
            )
        return person.id

    def _shape(self, session: Session, may: DatasetPermissions, row: DatasetRow) -> Dataset:
        (shape,) = shapes.datasets(session, may, [row], self._context.undelete_period)
        return shape


def _roles(context: DatasetContext, session: Session, person: int) -> dict[int, str]:
    return {key: role for key, _, role in context.memberships(session, person)}


def _new_row(user: User, request: DatasetIn, project: int | None) -> DatasetRow:
    moment = now()
    row = DatasetRow(
        key=store.new_key(request.name),
        name=request.name,
        audience=request.audience,
        project_id=project,
        owner_id=user.person_id,
        description=request.description,
        tags=[*request.tags],
        last_number=0,
        created=moment,
        updated=moment,
    )
    row.take_name()
    return row


def _require_place(session: Session, row: DatasetRow) -> None:
    if store.count_of_owner(session, row) >= PER_OWNER:
        raise Conflict(
            "There can be no more datasets",
            reason=f"A person and a project have {PER_OWNER:,} each, deleted ones included.",
            remedy="Delete one and remove it for good.",
            details={"limit": PER_OWNER},
        )


def _taken(name: str) -> Conflict:
    return Conflict(
        f"There is a dataset {name!r} already",
        reason="A person and a project have one dataset of a name each.",
        remedy="Choose another name, or add a version to that one.",
    )
