"""Queries of datasets; the caller owns the transaction."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    cast,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from orrery_hub.base.contracts import LeavingItem
from orrery_hub.base.people import PersonRow
from orrery_hub.base.shared_tables import PROJECT
from orrery_hub.datasets.tables import (
    CheckRow,
    DatasetRow,
    FeatureSetRow,
    ParentRow,
    ProfileRow,
    UseRow,
    VersionRow,
)
from orrery_wire.datasets import DatasetQuery, DatasetUseQuery, DatasetVersionQuery
from orrery_wire.schemas import PageQuery


class Numbers(NamedTuple):
    """The versions of a dataset: how many, the newest that is not archived, the newest that is published."""

    total: int = 0
    latest: int | None = None
    published: int | None = None


def new_key(name: str) -> str:
    """A storage key that was never given."""
    return f"{name}-{secrets.token_hex(8)}"


def visible(person: int, projects: Iterable[int]) -> ColumnElement[bool]:
    """The datasets of a person and of some projects, deleted ones included."""
    return or_(
        and_(DatasetRow.audience == "project", DatasetRow.project_id.in_([*projects])),
        and_(DatasetRow.audience == "person", DatasetRow.owner_id == person),
    )


_SORT_COLUMNS: Mapping[str, ColumnElement[Any]] = {
    "name": DatasetRow.name.expression,
    "created": DatasetRow.created.expression,
    "updated": DatasetRow.updated.expression,
}


def page(
    session: Session, sees: ColumnElement[bool], query: DatasetQuery, project: int | None
) -> tuple[Sequence[DatasetRow], int]:
    """One page of what somebody sees, and the total."""
    row = DatasetRow
    statement = select(row).where(sees, _is_set(row.deleted, is_set=query.deleted))
    if not query.deleted:
        statement = statement.where(_is_set(row.archived, is_set=query.archived))
    for word in query.q.split():
        is_in = row.name.icontains(word, autoescape=True)
        statement = statement.where(is_in | row.description.icontains(word, autoescape=True))
    if query.tag:
        # As the column has it: the quotes around a tag make it match whole tags only.
        quoted = json.dumps(query.tag)
        statement = statement.where(cast(row.tags, String).contains(quoted, autoescape=True))
    if query.owner:
        owner = select(PersonRow.id).where(PersonRow.hub_name == query.owner)
        statement = statement.where(row.owner_id.in_(owner))
    if query.digest:
        holders = select(VersionRow.dataset_id).where(VersionRow.digest == query.digest)
        statement = statement.where(row.id.in_(holders))
    equals: tuple[tuple[Any, object], ...] = (
        (row.name, query.name),
        (row.audience, query.audience),
        (row.project_id, project),
    )
    for column, value in equals:
        if value:
            statement = statement.where(column == value)
    column = _SORT_COLUMNS[query.sort]
    ordered = column.desc() if query.descending else column.asc()
    return _page(session, statement, query, ordered, row.id.expression)


def find(
    session: Session,
    id: int,
    sees: ColumnElement[bool],
    *,
    lock: bool = False,
    deleted: bool = False,
) -> DatasetRow | None:
    """A dataset that somebody sees; with ``deleted``, deleted ones too."""
    query = select(DatasetRow).where(DatasetRow.id == id, sees)
    if not deleted:
        query = query.where(DatasetRow.deleted.is_(None))
    return session.scalar(query.with_for_update() if lock else query)


def numbers(session: Session, ids: Iterable[int]) -> dict[int, Numbers]:
    """The versions of some datasets, by the dataset's id."""
    version = VersionRow
    is_shown = version.archived.is_(None)
    query = (
        select(
            version.dataset_id,
            func.count(),
            func.max(version.number).filter(is_shown),
            func.max(version.number).filter(is_shown, version.published.is_not(None)),
        )
        .where(version.dataset_id.in_([*ids]))
        .group_by(version.dataset_id)
    )
    return {key: Numbers(*values) for key, *values in session.execute(query)}


def count_of_owner(session: Session, row: DatasetRow) -> int:
    """Number of datasets with the project or person of a new one, deleted ones included."""
    return session.scalar(select(func.count()).where(_same_owner(row))) or 0


def stored_bytes(session: Session, row: DatasetRow) -> int:
    """Bytes that the versions of all datasets of the same project or person take here, deleted ones included."""
    versions = select(VersionRow.id).join(DatasetRow).where(_same_owner(row)).scalar_subquery()
    total = 0
    for table, key in (
        (VersionRow, VersionRow.id),
        (ProfileRow, ProfileRow.version_id),
        (CheckRow, CheckRow.version_id),
    ):
        query = select(func.sum(table.stored_bytes)).where(key.in_(versions))
        total += int(session.scalar(query) or 0)
    return total


def _same_owner(row: DatasetRow) -> ColumnElement[bool]:
    is_same = DatasetRow.audience == row.audience
    if row.audience == "project":
        return and_(is_same, DatasetRow.project_id == row.project_id)
    return and_(is_same, DatasetRow.owner_id == row.owner_id)


def version(session: Session, dataset: int, number: int) -> VersionRow | None:
    """A version of a dataset; None if there is none of that number."""
    query = select(VersionRow).where(VersionRow.dataset_id == dataset, VersionRow.number == number)
    return session.scalar(query)


def versions(
    session: Session, dataset: int, query: DatasetVersionQuery
) -> tuple[Sequence[VersionRow], int]:
    """One page of the versions of a dataset, newest first, and the total."""
    row = VersionRow
    statement = select(row).where(row.dataset_id == dataset)
    if query.source is not None:
        statement = statement.where(row.source_kind == query.source)
    if query.state is not None:
        is_archived = query.state == "archived"
        statement = statement.where(_is_set(row.archived, is_set=is_archived))
        if not is_archived:
            is_published = query.state == "published"
            statement = statement.where(_is_set(row.published, is_set=is_published))
    return _page(session, statement, query, row.number.desc())


def parents(session: Session, version: VersionRow) -> Sequence[tuple[ParentRow, DatasetRow | None]]:
    """The parents of a version in their order, each with its dataset while that is there."""
    query = (
        select(ParentRow, DatasetRow)
        .outerjoin(VersionRow, VersionRow.id == ParentRow.parent_id)
        .outerjoin(DatasetRow, DatasetRow.id == VersionRow.dataset_id)
        .where(ParentRow.version_id == version.id)
        .order_by(ParentRow.position)
    )
    return [(row, dataset) for row, dataset in session.execute(query)]


def profiled(session: Session, ids: Iterable[int]) -> set[int]:
    """The versions of some ids that have a profile."""
    query = select(ProfileRow.version_id).where(ProfileRow.version_id.in_([*ids]))
    return set(session.scalars(query))


def use(session: Session, row: UseRow) -> UseRow | None:
    """The use that is there already of the kind, the reference and the direction of another."""
    query = select(UseRow).where(
        UseRow.version_id == row.version_id,
        UseRow.kind == row.kind,
        UseRow.ref == row.ref,
        UseRow.direction == row.direction,
    )
    return session.scalar(query.with_for_update())


def use_count(session: Session, version: int) -> int:
    """Number of uses of a version."""
    return session.scalar(select(func.count()).where(UseRow.version_id == version)) or 0


Use = tuple[UseRow, VersionRow, DatasetRow]


def uses(
    session: Session, query: DatasetUseQuery, *conditions: ColumnElement[bool]
) -> tuple[Sequence[Use], int]:
    """One page of uses under some conditions, the last first, and the total."""
    row = UseRow
    statement = select(row, VersionRow, DatasetRow).select_from(row)
    statement = statement.join(VersionRow).join(DatasetRow)
    statement = statement.where(*conditions)
    equals: tuple[tuple[Any, object], ...] = (
        (row.kind, query.kind),
        (row.ref, query.ref),
        (row.direction, query.direction),
    )
    for column, value in equals:
        if value:
            statement = statement.where(column == value)
    total = _total(session, statement.with_only_columns(row.id))
    ordered = statement.order_by(row.last.desc(), row.id.desc())
    result = session.execute(ordered.offset(query.offset).limit(query.limit))
    return [(use, version, dataset) for use, version, dataset in result], total


def checks(session: Session, version: int, query: PageQuery) -> tuple[Sequence[CheckRow], int]:
    """One page of the results of checks of a version, newest first, and the total."""
    statement = select(CheckRow).where(CheckRow.version_id == version)
    return _page(session, statement, query, CheckRow.id.desc())


def drop_old_checks(session: Session, version: int, keep: int) -> None:
    """Remove all but the newest results of checks of a version."""
    newest = select(CheckRow.id).where(CheckRow.version_id == version)
    newest = newest.order_by(CheckRow.id.desc()).limit(keep)
    session.execute(
        delete(CheckRow).where(CheckRow.version_id == version, CheckRow.id.not_in(newest))
    )


def feature_sets(
    session: Session, dataset: int, query: PageQuery
) -> tuple[Sequence[FeatureSetRow], int]:
    """One page of the feature sets of a dataset by name, and the total."""
    statement = select(FeatureSetRow).where(FeatureSetRow.dataset_id == dataset)
    return _page(session, statement, query, FeatureSetRow.name.asc())


def purge(session: Session, before: datetime) -> Sequence[DatasetRow]:
    """Remove the datasets that were deleted before a point in time, and those whose project is gone or goes now."""
    removed = select(PROJECT.c.id).where(PROJECT.c.deleted < before)
    query = select(DatasetRow).where(
        or_(
            DatasetRow.deleted < before,
            and_(
                DatasetRow.audience == "project",
                DatasetRow.project_id.is_(None) | DatasetRow.project_id.in_(removed),
            ),
        )
    )
    rows = session.scalars(query.with_for_update()).all()
    for row in rows:
        session.delete(row)
    session.flush()
    return rows


def transfer(session: Session, source: int, target: int) -> None:
    """Give a person's datasets, and what the person did with others, to another; a name that is taken is another then."""
    query = select(DatasetRow).where(DatasetRow.owner_id == source)
    own = DatasetRow.audience == "person"
    of_target = select(DatasetRow.name).where(own, DatasetRow.owner_id == target)
    taken = set(session.scalars(of_target))
    for row in session.scalars(query).all():
        row.owner_id = target
        if row.audience == "project":
            continue
        if row.name in taken:
            row.name = new_key(row.name[:46])
        taken.add(row.name)
        if row.deleted is None:
            row.take_name()
    for table, column in (
        (VersionRow, VersionRow.created_by_id),
        (UseRow, UseRow.person_id),
        (CheckRow, CheckRow.person_id),
        (FeatureSetRow, FeatureSetRow.updated_by_id),
    ):
        session.execute(update(table).where(column == source).values({column: target}))
    session.flush()


def leave(session: Session, person: int) -> Sequence[LeavingItem]:
    """What somebody who leaves has outside projects, which stays; the rest belongs to projects."""
    query = select(func.count()).where(
        DatasetRow.owner_id == person,
        DatasetRow.audience == "person",
        DatasetRow.deleted.is_(None),
    )
    words = "Of the person's own; `orrery people transfer` gives them to somebody."
    return (LeavingItem("datasets", session.scalar(query) or 0, True, words),)


def count_in_project(session: Session, project: int) -> Mapping[str, int]:
    """How many datasets a project has."""
    query = select(func.count()).where(
        DatasetRow.project_id == project, DatasetRow.deleted.is_(None)
    )
    return {"datasets": session.scalar(query) or 0}


def _is_set(column: Any, *, is_set: bool) -> ColumnElement[bool]:
    result: ColumnElement[bool] = column.is_not(None) if is_set else column.is_(None)
    return result


def _total(session: Session, statement: Select[Any]) -> int:
    return session.scalar(select(func.count()).select_from(statement.subquery())) or 0


def _page(
    session: Session, statement: Select[Any], query: PageQuery, *order: ColumnElement[Any]
) -> tuple[Sequence[Any], int]:
    total = _total(session, statement)
    ordered = statement.order_by(*order).offset(query.offset).limit(query.limit)
    return session.scalars(ordered).all(), total
