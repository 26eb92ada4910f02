"""Pages of lists, and the order and filters of columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from orrery_engine.columns import LazyColumn, LazyColumns
from orrery_engine.run_result import RunResult
from orrery_engine.schemas import Alert, ColumnProfile
from orrery_server.eda.schemas import ColumnQuery
from orrery_wire.schemas import Page, PageQuery, Shape

S = TypeVar("S", bound=Shape)

_ORDERS: dict[str, Callable[[LazyColumn], tuple[float | str, ...]]] = {
    "position": lambda column: (column.index,),
    "name": lambda column: (column.name.casefold(), column.index),
    "missing": lambda column: (-column.missing, column.index),
    "association": lambda column: (-column.association, column.index),
}


def page_of(items: Sequence[S], query: PageQuery) -> Page[S]:
    """The page of a list that was asked for."""
    return _page(items[query.offset : query.offset + query.limit], len(items), query)


def page_of_columns(result: RunResult, query: ColumnQuery) -> Page[ColumnProfile]:
    """The page of a result's columns that was asked for; only those on it are parsed."""
    columns = (result.columns if query.side == "source" else result.against).items
    if query.q:
        columns = tuple(c for c in columns if query.q.casefold() in c.name.casefold())
    if query.index:
        columns = tuple(c for c in columns if c.index in query.index)
    if query.type:
        columns = tuple(c for c in columns if c.type == query.type)
    if query.alerts:
        with_alerts = {index for alert in alerts_of(result) for index in alert.columns}
        columns = tuple(c for c in columns if c.index in with_alerts)
    ordered = sorted(columns, key=_ORDERS[query.sort])
    on_page = ordered[query.offset : query.offset + query.limit]
    return _page(tuple(LazyColumns(on_page)), len(columns), query)


def alerts_of(result: RunResult) -> Sequence[Alert]:
    """The alerts of a profile or a comparison."""
    if result.overview is not None:
        return result.overview.alerts
    return result.comparison.alerts if result.comparison is not None else ()


def _page(items: Sequence[S], total: int, query: PageQuery) -> Page[S]:
    return Page[S].model_construct(
        items=tuple(items), total=total, offset=query.offset, limit=query.limit
    )
