"""What administrators declare, one kind at a time: list, create, replace, delete, each change audited."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Generic, TypeVar

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from orrery_hub.base import db
from orrery_hub.base.contracts import RecordChange, no_record
from orrery_hub.base.db import Database
from orrery_hub.pools import errors, store
from orrery_hub.pools.schemas import CatalogueQuery
from orrery_hub.pools.store import DeviceTypeRow, ImageRow, PoolRow, ProfileRow
from orrery_wire.json_types import JsonObject
from orrery_wire.schemas import Page, Shape

In = TypeVar("In", bound=Shape)
Out = TypeVar("Out", bound=Shape)
Row = TypeVar("Row", DeviceTypeRow, PoolRow, ProfileRow, ImageRow)


class Declarations(ABC, Generic[In, Out, Row]):
    """One kind of what is declared; ``what`` is its name in messages, ``action`` in the audit."""

    what: ClassVar[str]
    action: ClassVar[str]
    table: type[Row]

    def __init__(self, database: Database, *, record: RecordChange = no_record) -> None:
        self._database = database
        self._record = record

    @abstractmethod
    def values(self, session: Session, request: In, row: Row | None) -> JsonObject:
        """The columns of a request, checked; ``row`` is what it replaces.

        Raises:
            OrreryError: the request does not fit to what else is declared.
        """

    @abstractmethod
    def shape(self, session: Session, row: Row) -> Out:
        """What administrators see of a row."""

    @abstractmethod
    def refuse_delete(self, session: Session, row: Row) -> None:
        """Refuse to delete what is needed.

        Raises:
            Conflict: by what it is needed.
        """

    def after_change(self, session: Session, row: Row) -> None:
        """Check what several rows have to fulfil together, after one of them changed.

        Raises:
            Conflict: they do not.
        """

    def list(self, query: CatalogueQuery) -> Page[Out]:
        """One page."""
        with self._database.read() as session:
            rows, total = store.page(session, self.table, query)
            items = tuple(self.shape(session, row) for row in rows)
        return Page(items=items, total=total, offset=query.offset, limit=query.limit)

    def get(self, slug: str) -> Out:
        """One of them."""
        with self._database.read() as session:
            return self.shape(session, self.find(session, slug))

    def find(self, session: Session, slug: str, *, lock: bool = False) -> Row:
        """The row of a slug.

        Raises:
            NotFound: there is none.
        """
        row = store.find(session, self.table, slug, lock=lock)
        if row is None:
            raise errors.not_declared(self.what, slug)
        return row

    def create(self, who: str, request: In) -> Out:
        """Declare something new.

        Raises:
            Conflict: the slug is in use.
        """
        slug = _slug(request)
        try:
            with self._database.write() as session:
                if store.find(session, self.table, slug) is not None:
                    raise errors.slug_taken(self.what, slug)
                row = self.add(session, request)
                self._note(session, who, "create", row, after=request)
                return self.shape(session, row)
        except IntegrityError:
            raise errors.slug_taken(self.what, slug) from None

    def replace(self, who: str, slug: str, request: In) -> Out:
        """Declare something that exists anew; the slug may change.

        Raises:
            Conflict: the new slug is in use.
            Forbidden: it is declared in the file of pools.
        """
        try:
            with self._database.write() as session:
                row = self.find(session, slug, lock=True)
                _refuse_declared(self.what, row)
                before = self.shape(session, row)
                self.change(session, row, request)
                self._note(session, who, "change", row, before=before, after=request)
                return self.shape(session, row)
        except IntegrityError:
            raise errors.slug_taken(self.what, _slug(request)) from None

    def delete(self, who: str, slug: str) -> None:
        """Delete it; leases keep their references.

        Raises:
            Conflict: it is needed.
            Forbidden: it is declared in the file of pools.
        """
        with self._database.write() as session:
            row = self.find(session, slug, lock=True)
            _refuse_declared(self.what, row)
            self.refuse_delete(session, row)
            before = self.shape(session, row)
            self.remove(session, row)
            self._note(session, who, "delete", row, before=before)

    def add(self, session: Session, request: In, *, is_declared: bool = False) -> Row:
        """A new row."""
        moment = db.now()
        values = self.values(session, request, None)
        row = self.table(**values, is_declared=is_declared, created=moment, updated=moment)
        session.add(row)
        session.flush()
        self.after_change(session, row)
        return row

    def declare(self, session: Session, row: Row | None, request: In) -> str:
        """Make a row what the file of pools says, or add one; the result is the verb, empty if nothing changes.

        What several rows have to fulfil together is for the caller to check, when all are declared.
        """
        moment = db.now()
        values = self.values(session, request, row)
        if row is None:
            session.add(self.table(**values, is_declared=True, created=moment, updated=moment))
            session.flush()
            return "create"
        is_same = row.is_declared and all(getattr(row, name) == values[name] for name in values)
        if is_same:
            return ""
        for name, value in values.items():
            setattr(row, name, value)
        row.is_declared, row.updated = True, moment
        session.flush()
        return "change"

    def change(self, session: Session, row: Row, request: In) -> None:
        """Give a row the values of a request."""
        for name, value in self.values(session, request, row).items():
            setattr(row, name, value)
        row.updated = db.now()
        session.flush()
        self.after_change(session, row)

    def remove(self, session: Session, row: Row) -> None:
        """Mark a row as deleted."""
        row.deleted = db.now()
        session.flush()
        self.after_change(session, row)

    def _note(
        self,
        session: Session,
        who: str,
        verb: str,
        row: Row,
        *,
        before: Shape | None = None,
        after: Shape | None = None,
    ) -> None:
        self._record(
            session,
            who,
            f"pools.{self.action}.{verb}",
            row.slug,
            before=_facts(before),
            after=_facts(after),
        )


def _slug(request: Any) -> str:
    return str(request.slug)


def _refuse_declared(what: str, row: DeviceTypeRow | PoolRow | ProfileRow | ImageRow) -> None:
    if row.is_declared:
        raise errors.is_declared(what)


def _facts(shape: Shape | None) -> dict[str, object] | None:
    """What the audit says of a declaration: values and scripts may hold secrets, so names and lengths stand for them."""
    if shape is None:
        return None
    facts: JsonObject = shape.model_dump(mode="json")
    if isinstance(spec := facts.get("spec"), dict) and "environment" in spec:
        spec["environment"] = sorted(spec["environment"])
        spec["startup_script"] = len(spec["startup_script"])
    return facts
