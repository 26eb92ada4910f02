"""Reports of costs: sums of the ledger by person, project, pool and month, as pages and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, or_, select
from sqlalchemy.orm import Session

from orrery_hub.base.contracts import Memberships
from orrery_hub.base.db import Database
from orrery_hub.base.people import PersonRow
from orrery_hub.base.shared_tables import POOL, PROJECT
from orrery_hub.base.user import User
from orrery_hub.budgets.ledger import minute_of
from orrery_hub.budgets.ledger_store import LedgerRow, measures
from orrery_hub.scopes import PLATFORM_ADMIN
from orrery_wire.budgets import Cost, CostFilter, CostQuery
from orrery_wire.json_types import JsonObject
from orrery_wire.schemas import Page

_BATCH = 500
# A program that opens a table takes a cell that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_COLUMNS = ("person", "project", "pool", "month")
_MEASURES = ("device", "cpu", "memory", "money")


class CostService:
    """Administrators see all costs; everybody else the own ones and those of projects that the person owns."""

    def __init__(self, database: Database, memberships: Memberships) -> None:
        self._database = database
        self._memberships = memberships

    def page(self, user: User, query: CostQuery) -> Page[Cost]:
        """One page of sums."""
        with self._database.read() as session:
            statement = self._statement(session, user, query)
            grouped = statement.subquery()
            total = session.scalar(select(func.count()).select_from(grouped)) or 0
            rows = session.execute(
                _ordered(statement, query.sort, descending=query.descending)
                .offset(query.offset)
                .limit(query.limit)
            )
            items = tuple(map(_cost, rows.mappings()))
        return Page(items=items, total=total, offset=query.offset, limit=query.limit)

    def export(self, user: User, query: CostFilter) -> Iterator[str]:
        """All sums as CSV, a few hundred rows at a time, each with its amounts in hours and money as a decimal."""
        columns = query.by.split(",")
        yield _csv([[*columns, "device_hours", "cpu_hours", "memory_gib_hours", "money"]])
        with self._database.read() as session:
            statement = self._statement(session, user, query)
            for name in reversed(columns):
                statement = _ordered(statement, name, descending=False, keep=True)
            rows = [_cost(row) for row in session.execute(statement).mappings()]
        for begin in range(0, len(rows), _BATCH):
            yield _csv([_cells(columns, cost) for cost in rows[begin : begin + _BATCH]])

    def _statement(self, session: Session, user: User, query: CostFilter) -> Select[Any]:
        columns = _group_columns(set(query.by.split(",")))
        labelled = [value.label(name) for name, value in columns.items()]
        sums = [value.label(name) for name, value in zip(_MEASURES, measures(), strict=True)]
        statement = (
            select(*labelled, *sums)
            .select_from(LedgerRow)
            .join(PersonRow, PersonRow.id == LedgerRow.person_id)
            .outerjoin(PROJECT, PROJECT.c.id == LedgerRow.project_id)
            .outerjoin(POOL, POOL.c.id == LedgerRow.pool_id)
        )
        if not user.may(PLATFORM_ADMIN):
            rows = self._memberships(session, user.person_id)
            owned = [id_ for id_, _, role in rows if role == "owner"]
            statement = statement.where(
                or_(LedgerRow.person_id == user.person_id, LedgerRow.project_id.in_(owned))
            )
        if query.since:
            statement = statement.where(LedgerRow.first_minute >= _first_minute(query.since))
        if query.until:
            statement = statement.where(LedgerRow.first_minute < _first_minute(query.until))
        for column, value in (
            (PersonRow.hub_name, query.person),
            (PROJECT.c.slug, query.project),
            (POOL.c.slug, query.pool),
        ):
            if value:
                statement = statement.where(column == value)
        groups: list[Any] = [LedgerRow.month] if "month" in query.by else []
        for name, key in (
            ("person", LedgerRow.person_id),
            ("project", LedgerRow.project_id),
            ("pool", LedgerRow.pool_id),
        ):
            if name in query.by.split(","):
                groups += [key, columns[name]]
        return statement.group_by(*groups)


def _group_columns(names: set[str]) -> dict[str, ColumnElement[Any]]:
    """What stands in each column; a column by which nothing is summed is empty."""
    empty: ColumnElement[Any] = literal("")
    values: JsonObject = {
        "person": PersonRow.hub_name,
        "project": PROJECT.c.slug,
        "pool": POOL.c.slug,
        "month": LedgerRow.month,
    }
    columns = {name: values[name] if name in names else empty for name in _COLUMNS}
    # A project or pool that was removed for good has no name any more; its number is still its own.
    columns["project_number"] = LedgerRow.project_id if "project" in names else literal(None)
    return columns


def _ordered(
    statement: Select[Any], sort: str, *, descending: bool, keep: bool = False
) -> Select[Any]:
    by = {column.key: column for column in statement.selected_columns}
    first = by[sort].desc() if descending else by[sort]
    rest = [] if keep else [by[name] for name in _COLUMNS if name != sort]
    return statement.order_by(first, *rest)


def _first_minute(day: date) -> int:
    return minute_of(datetime.combine(day, time(), UTC))


def _cost(row: Any) -> Cost:
    month = str(row["month"])
    project = row["project"]
    if project is None:
        number = row["project_number"]
        project = "" if number is None else f"(removed project {number})"
    return Cost(
        person=row["person"],
        project=project,
        pool=row["pool"] or "",
        month=f"{month[:4]}-{month[4:]}" if month else "",
        device_minutes=int(row["device"]),
        cpu_minutes=int(row["cpu"]) // 1000,
        memory_gib_minutes=int(row["memory"]) // 1024,
        money=int(row["money"]),
    )


def _cells(columns: list[str], cost: Cost) -> list[str]:
    names = [str(getattr(cost, name)) for name in columns]
    hours = [
        f"{amount / 60:.2f}"
        for amount in (cost.device_minutes, cost.cpu_minutes, cost.memory_gib_minutes)
    ]
    money = f"{cost.money // 1_000_000}.{cost.money % 1_000_000:06d}"
    return [*(f"'{name}" if name.startswith(_FORMULA) else name for name in names), *hours, money]


def _csv(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
