"""What read or wrote versions of datasets, and what checks of them gave."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from orrery_hub.base.db import add_once, now
from orrery_hub.base.user import User
from orrery_hub.datasets import shapes, store
from orrery_hub.datasets.context import DatasetContext, Facts
from orrery_hub.datasets.tables import CheckRow, DatasetRow, UseRow
from orrery_wire.datasets import (
    DatasetCheck,
    DatasetCheckIn,
    DatasetUse,
    DatasetUseIn,
    DatasetUseQuery,
)
from orrery_wire.errors import TooMany
from orrery_wire.schemas import Page, PageQuery

PER_VERSION = 5_000
CHECKS_PER_VERSION = 100


class UseService:
    """Uses of the versions of all datasets. What a user may not see gives ``NotFound``."""

    def __init__(self, context: DatasetContext) -> None:
        self._context = context
        self._database = context.database

    def of_version(
        self, user: User, id: int, number: int, query: DatasetUseQuery
    ) -> Page[DatasetUse]:
        """One page of what read or wrote a version, the last first."""
        with self._database.read() as session:
            may = self._context.permissions(session, user)
            _, version = may.find_version(session, id, number)
            return _uses(session, query, UseRow.version_id == version.id)

    def of_all(self, user: User, query: DatasetUseQuery) -> Page[DatasetUse]:
        """One page of the uses of all datasets that the user sees: what a notebook, run, model or pipeline read and wrote."""
        with self._database.read() as session:
            may = self._context.permissions(session, user)
            return _uses(session, query, may.sees, DatasetRow.deleted.is_(None))

    def add(self, user: User, id: int, number: int, request: DatasetUseIn) -> DatasetUse:
        """Note that the user read or wrote a version; who sees a dataset may read it, so nobody else is needed.

        Raises:
            Forbidden: it was written, and the user may not change the dataset.
            TooMany: a version has as many different uses as are stored.
        """
        with self._database.write() as session:
            may = self._context.permissions(session, user)
            row, version = may.find_version(session, id, number, write=request.direction == "write")
            moment = now()
            use = UseRow(
                version_id=version.id,
                **request.model_dump(),
                person_id=user.person_id,
                first=moment,
                last=moment,
                hour_count=1,
            )
            present = store.use(session, use)
            if present is None:
                if store.use_count(session, version.id) >= PER_VERSION:
                    raise _no_room(number, row.name)
                # Somebody else may have noted the same at this moment.
                present = use if add_once(session, use) else store.use(session, use)
                self._note(session, user, row, number, request)
            elif _hour(present.last) != _hour(moment):
                present.last, present.person_id = moment, user.person_id
                present.hour_count += 1
                self._note(session, user, row, number, request)
            session.flush()
            (shape,) = shapes.uses(session, [(present or use, version, row)])
            return shape

    def _note(
        self, session: Session, user: User, row: DatasetRow, number: int, request: DatasetUseIn
    ) -> None:
        may = self._context.permissions(session, user)
        after: Facts = {"number": number, "kind": request.kind, "direction": request.direction}
        self._context.note(session, may, "datasets.use", row, after=after)


class CheckService:
    """Results of checks of the versions of all datasets. What a user may not see gives ``NotFound``."""

    def __init__(self, context: DatasetContext) -> None:
        self._context = context
        self._database = context.database

    def list(self, user: User, id: int, number: int, query: PageQuery) -> Page[DatasetCheck]:
        """One page of the results of checks of a version, newest first."""
        with self._database.read() as session:
            may = self._context.permissions(session, user)
            _, version = may.find_version(session, id, number)
            rows, total = store.checks(session, version.id, query)
            items = shapes.checks(session, rows)
        return Page(items=items, total=total, offset=query.offset, limit=query.limit)

    def add(self, user: User, id: int, number: int, request: DatasetCheckIn) -> DatasetCheck:
        """Store what a suite of checks gave on a version; the oldest result makes room.

        Raises:
            Forbidden: the user may not change the dataset.
            TooLarge: the project or the person stores as much as may be.
        """
        items = [item.model_dump(mode="json") for item in request.items]
        with self._database.write() as session:
            may = self._context.permissions(session, user)
            row, version = may.find_version(session, id, number, write=True)
            store.drop_old_checks(session, version.id, CHECKS_PER_VERSION - 1)
            size = len(json.dumps(items))
            self._context.require_room(session, row, size)
            result = CheckRow(
                version_id=version.id,
                name=request.name,
                is_passed=all(item.is_passed for item in request.items),
                items=items,
                stored_bytes=size,
                person_id=user.person_id,
                at=now(),
            )
            session.add(result)
            session.flush()
            after: Facts = {"number": number, "checks": len(items), "passed": result.is_passed}
            self._context.note(session, may, "datasets.check", row, after=after)
            (shape,) = shapes.checks(session, [result])
            return shape


def _uses(
    session: Session, query: DatasetUseQuery, *conditions: ColumnElement[bool]
) -> Page[DatasetUse]:
    rows, total = store.uses(session, query, *conditions)
    items = shapes.uses(session, rows)
    return Page(items=items, total=total, offset=query.offset, limit=query.limit)


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _no_room(number: int, name: str) -> TooMany:
    return TooMany(
        f"No other use of version {number} of {name!r} is noted",
        reason=f"{PER_VERSION:,} different notebooks, runs, models and pipelines used it.",
        remedy="Go on: reading is not stopped by it.",
        details={"limit": PER_VERSION},
    )
