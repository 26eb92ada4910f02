"""Rates of pools: what an hour costs, from which point in time on."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from orrery_hub.base import db
from orrery_hub.base.contracts import RecordChange, no_record
from orrery_hub.base.db import Database
from orrery_hub.base.shared_tables import POOL
from orrery_hub.budgets import ledger_store, store
from orrery_hub.budgets.ledger_store import RateRow
from orrery_hub.budgets.schemas import Rate, RateIn, RateQuery
from orrery_wire.errors import Conflict, Invalid, NotFound
from orrery_wire.schemas import Page


class RateService:
    """Lists, adds and removes rates. What was charged keeps its price, so rates begin now or later."""

    def __init__(
        self, database: Database, *, currency: str = "EUR", record: RecordChange = no_record
    ) -> None:
        self._database = database
        self._currency = currency
        self._record = record

    def list(self, query: RateQuery) -> Page[Rate]:
        """One page of rates, by pool, the newest first."""
        statement = select(RateRow).join(POOL, POOL.c.id == RateRow.pool_id)
        if query.pool:
            statement = statement.where(POOL.c.slug == query.pool)
        with self._database.read() as session:
            total = session.scalar(select(func.count()).select_from(statement.subquery())) or 0
            ordered = statement.order_by(POOL.c.slug, RateRow.valid_from.desc())
            rows = session.scalars(ordered.offset(query.offset).limit(query.limit))
            items = tuple(_shape(session, row) for row in rows)
        return Page(items=items, total=total, offset=query.offset, limit=query.limit)

    def add(self, who: str, request: RateIn) -> Rate:
        """Set what a pool costs from a point in time on.

        Raises:
            NotFound: there is no such pool.
            Invalid: it would begin in the past.
            Conflict: a rate of the pool begins at that moment.
        """
        try:
            with self._database.write() as session:
                pool = session.scalar(
                    select(POOL.c.id).where(POOL.c.slug == request.pool, POOL.c.deleted.is_(None))
                )
                if pool is None:
                    raise NotFound(
                        f"There is no pool {request.pool!r}",
                        reason="It has another short name, or it was deleted.",
                        remedy="Look at the list of pools.",
                    )
                # Minutes that are charged already keep their price, also where the clock was set back.
                ledger_store.lock(session, db.now())
                moment = max(db.now(), ledger_store.last_charged(session) or db.now())
                if request.valid_from and request.valid_from < moment:
                    raise Invalid(
                        "A rate cannot begin in the past",
                        reason="What was charged keeps its price.",
                        remedy="Name a time that is to come, or none for now.",
                    )
                row = RateRow(
                    pool_id=pool,
                    valid_from=request.valid_from or moment,
                    device=request.device,
                    cpu=request.cpu,
                    memory_gib=request.memory_gib,
                    currency=self._currency,
                    created=db.now(),
                )
                session.add(row)
                session.flush()
                self._record(
                    session, who, "budgets.rate.add", str(row.id), after=_facts(request, row)
                )
                return _shape(session, row)
        except IntegrityError:
            raise Conflict(
                "A rate of this pool begins at that moment already",
                reason="A pool has one rate at a time.",
                remedy="Remove that rate first, or name another time.",
            ) from None

    def remove(self, who: str, id: int) -> None:
        """Remove a rate that is not valid yet.

        Raises:
            NotFound: there is no such rate.
            Conflict: minutes were charged by it.
        """
        with self._database.write() as session:
            ledger_store.lock(session, db.now())
            row = session.get(RateRow, id)
            if row is None:
                raise NotFound(
                    "There is no such rate",
                    reason="No rate has that number.",
                    remedy="Look at the list of rates.",
                )
            if not _is_removable(session, row):
                raise Conflict(
                    "This rate is valid already",
                    reason="Minutes may have been charged by it, and keep their price.",
                    remedy="Add a rate that takes its place from now on.",
                )
            session.delete(row)
            self._record(session, who, "budgets.rate.remove", str(id), before={"pool": row.pool_id})


def _facts(request: RateIn, row: RateRow) -> dict[str, object]:
    return request.model_dump(exclude={"valid_from"}) | {"valid_from": row.valid_from}


def _is_removable(session: Session, row: RateRow) -> bool:
    charged = ledger_store.last_charged(session)
    return row.valid_from > max(db.now(), charged or db.now())


def _shape(session: Session, row: RateRow) -> Rate:
    following = session.scalar(
        select(func.min(RateRow.valid_from)).where(
            RateRow.pool_id == row.pool_id, RateRow.valid_from > row.valid_from
        )
    )
    return Rate(
        id=row.id,
        pool=store.pool_slug(session, row.pool_id),
        device=row.device,
        cpu=row.cpu,
        memory_gib=row.memory_gib,
        currency=row.currency,
        valid_from=row.valid_from,
        valid_until=following,
        is_removable=_is_removable(session, row),
    )
