"""Feature sets: named views of datasets, checked against the columns of the version that they take."""

from __future__ import annotations

from sqlalchemy.orm import Session

from orrery_hub.base.db import now
from orrery_hub.base.user import User
from orrery_hub.datasets import shapes, store
from orrery_hub.datasets.context import DatasetContext, Facts
from orrery_hub.datasets.tables import DatasetRow, FeatureSetRow, VersionRow
from orrery_wire.common_errors import invalid_fields
from orrery_wire.datasets import FeatureSet, FeatureSetIn
from orrery_wire.errors import Conflict, NotFound
from orrery_wire.schemas import Page, PageQuery

PER_DATASET = 200


class FeatureSetService:
    """The feature sets of all datasets. What a user may not see gives ``NotFound``."""

    def __init__(self, context: DatasetContext) -> None:
        self._context = context
        self._database = context.database

    def list(self, user: User, id: int, query: PageQuery) -> Page[FeatureSet]:
        """One page of the feature sets of a dataset, by name."""
        with self._database.read() as session:
            row = self._context.permissions(session, user).find(session, id)
            rows, total = store.feature_sets(session, row.id, query)
            items = shapes.feature_sets(session, rows)
        return Page(items=items, total=total, offset=query.offset, limit=query.limit)

    def save(self, user: User, id: int, name: str, request: FeatureSetIn) -> FeatureSet:
        """Store a feature set under a name.

        Raises:
            Conflict: somebody else saved it meanwhile, or there are as many as there may be.
            Forbidden: the user may not change the dataset.
            Invalid: it names a column that the version has not.
            NotFound: there is no such version.
        """
        with self._database.write() as session:
            may = self._context.permissions(session, user)
            row = may.find_writable(session, id)
            _require_columns(_version(session, row, request.number), request)
            stored = session.get(FeatureSetRow, (row.id, name))
            before: Facts | None = _facts(stored) if stored else None
            if stored is None:
                _require_place(session, row)
                stored = FeatureSetRow(dataset_id=row.id, name=name, revision=0)
                session.add(stored)
            if request.base_revision not in (None, stored.revision):
                raise _changed_meanwhile(name, stored.revision)
            stored.number, stored.description = request.number, request.description
            stored.spec = request.spec.model_dump(mode="json")
            stored.revision += 1
            stored.updated, stored.updated_by_id = now(), user.person_id
            session.flush()
            self._context.note(
                session, may, "datasets.features", row, before=before, after=_facts(stored)
            )
            (shape,) = shapes.feature_sets(session, [stored])
            return shape

    def delete(self, user: User, id: int, name: str) -> None:
        """Remove a feature set.

        Raises:
            NotFound: the user sees no such dataset, or it has none of that name.
        """
        with self._database.write() as session:
            may = self._context.permissions(session, user)
            row = may.find_writable(session, id)
            stored = session.get(FeatureSetRow, (row.id, name))
            if stored is None:
                raise NotFound(
                    f"The dataset {row.name!r} has no feature set {name!r}",
                    reason="It was removed, or never there.",
                    remedy="Look at the list of its feature sets.",
                )
            before = _facts(stored)
            self._context.note(session, may, "datasets.features.delete", row, before=before)
            session.delete(stored)


def _version(session: Session, row: DatasetRow, number: int | None) -> VersionRow | None:
    """The version that a feature set is bound to, or the newest; None for a dataset without any.

    Raises:
        NotFound: there is no version of that number.
    """
    version = store.version(session, row.id, number or row.last_number)
    if version is None and number is not None:
        raise NotFound(
            f"The dataset {row.name!r} has no version {number}",
            reason=f"The newest is {row.last_number}." if row.last_number else "It has none.",
            remedy="Choose one of its versions, or none.",
        )
    return version


def _require_columns(version: VersionRow | None, request: FeatureSetIn) -> None:
    """Refuse columns that a version has not, as far as its columns are known."""
    if version is None or not version.columns:
        return
    present = {column["name"] for column in version.columns}
    if unknown := [name for name in request.spec.columns if name not in present]:
        raise invalid_fields(
            (("spec",), f"version {version.number} has no column {name!r}") for name in unknown
        )


def _require_place(session: Session, row: DatasetRow) -> None:
    _, total = store.feature_sets(session, row.id, PageQuery(limit=1))
    if total >= PER_DATASET:
        raise Conflict(
            f"The dataset {row.name!r} can have no more feature sets",
            reason=f"A dataset has {PER_DATASET} at most.",
            remedy="Remove one that is not needed.",
            details={"limit": PER_DATASET},
        )


def _changed_meanwhile(name: str, revision: int) -> Conflict:
    return Conflict(
        f"Somebody else saved the feature set {name!r} meanwhile",
        reason=f"It is at revision {revision} now." if revision else "It was removed.",
        remedy="Look at it, and save yours if it is still to be changed.",
        details={"current": revision},
    )


def _facts(row: FeatureSetRow) -> Facts:
    return {
        "name": row.name,
        "number": row.number,
        "features": len(row.spec["features"]),
        "revision": row.revision,
    }
