"""The statements of a server: each runs by itself, can be cancelled, and its last results are at hand."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from orrery_engine.lazy import LazyModule
from orrery_engine.preview.shapes import PreviewColumn
from orrery_engine.query.result import QueryResult
from orrery_server.data.preview_schemas import Query, QueryIn, QueryRows, QueryRowsQuery, QueryState
from orrery_server.data.schemas import Problem
from orrery_wire.errors import Cancelled, NotFound, OrreryError, TooMany

if TYPE_CHECKING:
    import pyarrow as pa

    from orrery_engine.preview import cells
else:
    pa = LazyModule("pyarrow")
    cells = LazyModule("orrery_engine.preview.cells")

_MOST_RUNNING = 8
_REMEMBERED = 200
_RESULTS_BYTES = 512 * 2**20


@dataclass
class _Execution:
    """A statement, and what became of it."""

    id: str
    request: QueryIn
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    begun: float = field(default_factory=time.monotonic)
    seconds: float | None = None
    state: QueryState = "running"
    result: QueryResult | None = None
    row_count: int = 0
    problem: Problem | None = None
    task: asyncio.Task[None] | None = None


class Executions:
    """Statements by their ids. Belongs to one event loop."""

    def __init__(self) -> None:
        self._items: OrderedDict[str, _Execution] = OrderedDict()

    def start(self, request: QueryIn, run: Callable[[], Awaitable[QueryResult]]) -> Query:
        """Run a statement in the background.

        Raises:
            TooMany: as many run as may.
        """
        running = sum(item.state == "running" for item in self._items.values())
        if running >= _MOST_RUNNING:
            raise TooMany(
                f"{running} statements run already", remedy="Wait for one of them, or cancel it."
            )
        item = _Execution(uuid4().hex, request)
        self._items[item.id] = item
        item.task = asyncio.create_task(self._run(item, run))
        self._forget()
        return describe(item)

    async def _run(self, item: _Execution, run: Callable[[], Awaitable[QueryResult]]) -> None:
        try:
            item.result = await run()
            item.row_count = item.result.table.num_rows
            item.state = "done"
        except (asyncio.CancelledError, Cancelled):
            item.state = "cancelled"
        except OrreryError as problem:
            item.state = "failed"
            item.problem = Problem(
                code=problem.code,
                message=problem.message,
                reason=problem.reason,
                remedy=problem.remedy,
            )
        finally:
            item.seconds = time.monotonic() - item.begun
            self._forget()

    def _forget(self) -> None:
        """Let go of the oldest statements, and of the rows of older ones."""
        while len(self._items) > _REMEMBERED:
            oldest = next(
                (key for key, item in self._items.items() if item.state != "running"), None
            )
            if oldest is None:
                break
            del self._items[oldest]
        size = 0
        for item in reversed(self._items.values()):
            if item.result is not None:
                size += item.result.table.nbytes
                if size > _RESULTS_BYTES:
                    item.result = None

    async def get(self, id: str, wait: float = 0.0) -> Query:
        """A statement; if it runs, its end is waited for.

        Raises:
            NotFound: there is none.
        """
        item = self._item(id)
        if wait and item.task is not None:
            await asyncio.wait({item.task}, timeout=wait)
        return describe(item)

    def all(self) -> tuple[Query, ...]:
        """Every statement, the last first."""
        return tuple(map(describe, reversed(self._items.values())))

    async def cancel(self, id: str) -> None:
        """End a statement where it runs, and wait for that.

        Raises:
            NotFound: there is none.
        """
        item = self._item(id)
        if item.task is not None and not item.task.done():
            item.task.cancel()
            await asyncio.wait({item.task}, timeout=5)

    def table(self, id: str) -> pa.Table:
        """The rows of a statement.

        Raises:
            NotFound: there is no such statement, or it has no rows (any more).
        """
        item = self._item(id)
        if item.result is None:
            raise NotFound(
                "There are no rows of this statement",
                reason="It has not ended, it failed, or newer results took their room.",
                remedy="Run it again.",
            )
        return item.result.table

    def rows(self, id: str, query: QueryRowsQuery) -> QueryRows:
        """A part of the rows, as cells."""
        table = self.table(id)
        part = table.slice(query.offset, query.limit)
        writer = cells.CellWriter()
        columns = [writer.column(column) for column in part.columns]
        rows = tuple(zip(*columns, strict=True)) if columns else ()
        return QueryRows(rows=rows, offset=query.offset, total=table.num_rows)

    async def close(self) -> None:
        """End every statement."""
        tasks = [item.task for item in self._items.values() if item.task and not item.task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _item(self, id: str) -> _Execution:
        item = self._items.get(id)
        if item is None:
            raise NotFound(
                "There is no such statement",
                reason="It was run before the server started, or long ago.",
            )
        return item


def describe(item: _Execution) -> Query:
    """What is said of a statement."""
    result = item.result
    columns: tuple[PreviewColumn, ...] = ()
    if result is not None:
        columns = tuple(
            PreviewColumn(
                index=place, name=own.name, type=str(own.type)[:500], kind=cells.kind(own.type)
            )
            for place, own in enumerate(result.table.schema)
        )
    return Query(
        id=item.id,
        location=item.request.location,
        statement=item.request.statement,
        state=item.state,
        started=item.started,
        seconds=round(
            item.seconds if item.seconds is not None else time.monotonic() - item.begun, 3
        ),
        row_count=item.row_count,
        is_cut=result.is_cut if result else False,
        has_rows=result is not None,
        columns=columns,
        scanned_bytes=result.scanned if result else 0,
        notes=result.notes if result else (),
        problem=item.problem,
    )
