"""What is stored of datasets, as the shapes that a user gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy.orm import Session

from orrery_hub.base import people
from orrery_hub.datasets import store
from orrery_hub.datasets.permissions import DatasetPermissions
from orrery_hub.datasets.store import Numbers
from orrery_hub.datasets.tables import CheckRow, DatasetRow, FeatureSetRow, ParentRow, VersionRow
from orrery_wire.datasets import (
    CheckItem,
    Dataset,
    DatasetCheck,
    DatasetColumn,
    DatasetPart,
    DatasetUse,
    DatasetVersion,
    DatasetVersionDetail,
    FeatureSet,
    FeatureSetSpec,
    ParentVersion,
)


def datasets(
    session: Session,
    may: DatasetPermissions,
    rows: Sequence[DatasetRow],
    undelete_period: timedelta,
) -> tuple[Dataset, ...]:
    """Datasets as a user sees them."""
    numbers = store.numbers(session, (row.id for row in rows))
    names = people.names(session, (row.owner_id for row in rows))
    return tuple(
        _dataset(may, row, numbers.get(row.id, Numbers()), names[row.owner_id], undelete_period)
        for row in rows
    )


def _dataset(
    may: DatasetPermissions, row: DatasetRow, numbers: Numbers, owner: str, period: timedelta
) -> Dataset:
    return Dataset(
        id=row.id,
        name=row.name,
        audience=row.audience,
        project=may.slug(row) or None,
        owner=owner,
        description=row.description,
        tags=tuple(row.tags),
        latest=numbers.latest,
        published=numbers.published,
        version_count=numbers.total,
        may_write=may.may_write(row.audience, row.project_id),
        created=row.created,
        updated=row.updated,
        archived=row.archived,
        deleted=row.deleted,
        purge_after=row.deleted + period if row.deleted else None,
    )


def versions(session: Session, rows: Sequence[VersionRow]) -> tuple[DatasetVersion, ...]:
    """Versions without their columns and parents."""
    profiled = store.profiled(session, (row.id for row in rows))
    names = people.names(session, (row.created_by_id for row in rows))
    return tuple(
        DatasetVersion.model_validate(_version(row, names, has_profile=row.id in profiled))
        for row in rows
    )


def version(session: Session, may: DatasetPermissions, row: VersionRow) -> DatasetVersionDetail:
    """A version with its columns, and its parents as far as the user sees them."""
    has_profile = bool(store.profiled(session, [row.id]))
    names = people.names(session, [row.created_by_id])
    return DatasetVersionDetail.model_validate(
        _version(row, names, has_profile=has_profile)
        | {
            "columns": tuple(map(DatasetColumn.model_validate, row.columns)),
            "parents": tuple(_parent(may, *pair) for pair in store.parents(session, row)),
        }
    )


def _version(row: VersionRow, names: Mapping[int, str], *, has_profile: bool) -> dict[str, object]:
    return {
        "dataset": row.dataset_id,
        "number": row.number,
        "state": row.state,
        "digest": row.digest,
        "mode": row.mode,
        "source": row.source,
        "location": row.location,
        "column_count": row.column_count,
        "row_count": row.row_count,
        "size_bytes": row.size_bytes,
        "part_count": row.part_count,
        "has_profile": has_profile,
        "has_parts": row.has_parts,
        "note": row.note,
        "created": row.created,
        "created_by": names[row.created_by_id],
        "published": row.published,
        "archived": row.archived,
    }


def _parent(may: DatasetPermissions, row: ParentRow, dataset: DatasetRow | None) -> ParentVersion:
    is_visible = dataset is not None and may.is_visible(dataset)
    return ParentVersion(
        dataset=dataset.id if is_visible and dataset is not None else None,
        name=dataset.name if is_visible and dataset is not None else "",
        number=row.number,
        digest=row.digest,
    )


def parts(row: VersionRow) -> tuple[DatasetPart, ...]:
    """The files of a version; empty where they were too many to be stored."""
    return tuple(
        DatasetPart(path=path, size_bytes=size, digest=digest)
        for path, size, digest in row.parts or ()
    )


def uses(session: Session, rows: Sequence[store.Use]) -> tuple[DatasetUse, ...]:
    """What read or wrote versions."""
    names = people.names(session, (use.person_id for use, _, _ in rows))
    return tuple(
        DatasetUse(
            dataset=dataset.id,
            name=dataset.name,
            number=version.number,
            kind=use.kind,
            ref=use.ref,
            direction=use.direction,
            user=names[use.person_id],
            first=use.first,
            last=use.last,
            hour_count=use.hour_count,
        )
        for use, version, dataset in rows
    )


def checks(session: Session, rows: Sequence[CheckRow]) -> tuple[DatasetCheck, ...]:
    """Results of checks."""
    names = people.names(session, (row.person_id for row in rows))
    return tuple(
        DatasetCheck(
            id=row.id,
            name=row.name,
            is_passed=row.is_passed,
            items=tuple(map(CheckItem.model_validate, row.items)),
            user=names[row.person_id],
            at=row.at,
        )
        for row in rows
    )


def feature_sets(session: Session, rows: Sequence[FeatureSetRow]) -> tuple[FeatureSet, ...]:
    """Feature sets."""
    names = people.names(session, (row.updated_by_id for row in rows))
    return tuple(
        FeatureSet(
            name=row.name,
            number=row.number,
            description=row.description,
            spec=FeatureSetSpec.model_validate(row.spec),
            revision=row.revision,
            updated=row.updated,
            updated_by=names[row.updated_by_id],
        )
        for row in rows
    )
