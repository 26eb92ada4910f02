"""Routes of statements: run, look after, cancel, and have the rows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from orrery_engine.lake.opening import Store
from orrery_engine.lazy import LazyModule
from orrery_engine.query import statements
from orrery_engine.query.result import QueryLimits, QueryResult
from orrery_engine.query.runner import FILES, LAKE, STORE, Lake, QueryRunner, Target, matches
from orrery_server.base.routes import Download
from orrery_server.data.core import DataCore
from orrery_server.data.preview_schemas import (
    Estimate,
    Queries,
    Query,
    QueryId,
    QueryIn,
    QueryRows,
    QueryRowsQuery,
    QueryWaitQuery,
    StatementIn,
    StatementText,
)
from orrery_server.data.running import Executions
from orrery_wire.errors import Invalid, NotFound
from orrery_wire.masking import known_secrets

if TYPE_CHECKING:
    import pyarrow as pa
else:
    pa = LazyModule("pyarrow")

_ADDRESS = re.compile(rf"'((?:{LAKE}|{FILES}|{STORE})://[^']+)'")


class QueryRoutes(DataCore):
    """SQL over connections, and by DuckDB over files of every location."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._runner: QueryRunner | None = None
        self._executions = Executions()

    async def run_query(self, request: QueryIn) -> Query:
        """Run a statement; it goes on when nobody waits, until it ends, is cancelled, or takes too long."""
        target = await self._target(request)
        statements.single(request.statement, self._kind(target))
        limits = QueryLimits(rows=request.max_rows, seconds=request.seconds)

        async def run() -> QueryResult:
            password = target.password.value
            with known_secrets((password,) if password else ()):
                return await self._statements().run(
                    target, request.statement, request.parameters, limits
                )

        self._emit_event("query", location=request.location or "lake")
        return self._executions.start(request, run)

    async def list_queries(self) -> Queries:
        """The statements of this server since it started."""
        return Queries(items=self._executions.all())

    async def get_query(self, execution: QueryId, options: QueryWaitQuery) -> Query:
        """A statement; if it runs, its end is waited for."""
        return await self._executions.get(execution, options.wait)

    async def query_rows(self, execution: QueryId, options: QueryRowsQuery) -> QueryRows:
        """Rows of a result."""
        return self._executions.rows(execution, options)

    async def query_result(self, execution: QueryId) -> Download:
        """The result as a stream of Arrow."""
        table = self._executions.table(execution)
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        return Download(bytes(sink.getvalue()))

    async def cancel_query(self, execution: QueryId) -> None:
        """End a statement where it runs."""
        await self._executions.cancel(execution)

    async def format_statement(self, request: StatementIn) -> StatementText:
        """The text with line breaks and indentation, its statements and its parameters."""
        kind = self._kind(await self._target(QueryIn(location=request.location, statement="-")))
        return StatementText(
            text=statements.formatted(request.statement, kind),
            statements=tuple(statements.split(request.statement, kind)),
            parameters=tuple(statements.parameters_of(request.statement, kind)),
        )

    async def estimate(self, request: StatementIn) -> Estimate:
        """What a statement would read of stores, at most: the sizes of the files that it names."""
        if request.location:
            return Estimate(bytes=None, text="A database does not say before how much it reads.")
        size = count = 0
        for address in dict.fromkeys(_ADDRESS.findall(request.statement)):
            scheme, _, path = address.partition("://")
            store, inner = await self._resolve(scheme, path)
            files = await matches(store, inner)
            size += sum(length for _, length in files)
            count += len(files)
        named = "1 file" if count == 1 else f"{count:,} files"
        text = f"{named} of {size / 2**20:,.1f} MiB together; of Parquet only the columns that are named are read."
        return Estimate(bytes=size, files=count, text=text if count else "No file is named.")

    async def stop(self) -> None:
        """End what runs, too."""
        await self._executions.close()
        if self._runner is not None:
            await self._runner.close()
        await super().stop()

    def _statements(self) -> QueryRunner:
        if self._runner is None:
            self._runner = QueryRunner()
        return self._runner

    async def _target(self, request: QueryIn) -> Target:
        """Where a statement runs.

        Raises:
            Invalid: the connection is no database.
        """
        lake = Lake(self._resolve, most_bytes=request.max_bytes)
        if not request.location:
            return Target(lake=lake)
        place = await self._locations.open(request.location)
        if place.database is None:
            raise Invalid(
                "This connection is no database",
                remedy="Run the statement without a connection, and name its files: store://<connection>/<path>.",
            )
        spec, password = place.database.spec, place.database.password
        return Target(spec, password, lake if spec.kind == "duckdb" else None)

    def _kind(self, target: Target) -> statements.Kind:
        return target.database.kind if target.database else "duckdb"

    async def _resolve(self, scheme: str, path: str) -> tuple[Store, str]:
        """The store of an address that a statement names, and the path in it."""
        if scheme in (LAKE, FILES):
            return (await self._locations.store(scheme))[1], path
        name, _, inner = path.partition("/")
        if not name:
            raise NotFound(
                "The address names no connection", remedy="Write store://<connection>/<path>."
            )
        location = await self._locations.named(name)
        return (await self._locations.store(location.id))[1], inner
