"""Runs statements where their data are: at a database server from a thread, over files in a worker process."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from orrery_engine.catalog.spec import DatabaseSpec, Password
from orrery_engine.lake.globs import Glob, fitting
from orrery_engine.lake.opening import Store
from orrery_engine.lazy import LazyModule
from orrery_engine.preview import frames
from orrery_engine.preview.pool import PreviewPool, PreviewWorker
from orrery_engine.query.result import QueryLimits, QueryResult
from orrery_engine.query.servers import ServerQuery, open_query
from orrery_wire.errors import BackendUnavailable, Invalid, NotFound, OrreryError, TimedOut

if TYPE_CHECKING:
    import pyarrow as pa
else:
    pa = LazyModule("pyarrow")

COMMAND = "orrery_engine.query.worker"
LAKE, FILES, STORE = "lake", "files", "store"
_CANCEL_SECONDS = 2.0
_MOST_SCANNED = 20 * 2**30
_MOST_FILES = 10_000
_MOST_SEEN = 1_000_000
_MAGIC = re.compile(r"[*?\[]")
T = TypeVar("T")

# Of a scheme and the path behind it: the store, and the path in it.
Resolve = Callable[[str, str], Awaitable[tuple[Store, str]]]


@dataclass(frozen=True)
class Lake:
    """Files of stores, for DuckDB.

    Attributes:
        resolve: finds the store of an address.
        most_bytes: that one statement may read of the stores.
    """

    resolve: Resolve
    schemes: tuple[str, ...] = (LAKE, FILES, STORE)
    most_bytes: int = _MOST_SCANNED


@dataclass(frozen=True)
class Target:
    """Where a statement runs: a database, or files of stores; a database file of DuckDB can be joined with these."""

    database: DatabaseSpec | None = None
    password: Password = field(default_factory=Password)
    lake: Lake | None = None


class QueryRunner:
    """Statements of one server."""

    def __init__(self, pool: PreviewPool | None = None) -> None:
        self._pool = pool or PreviewPool(2, module=COMMAND)

    async def run(
        self, target: Target, statement: str, values: Mapping[str, Any], limits: QueryLimits
    ) -> QueryResult:
        """Run a statement; cancelling this ends it where it runs.

        Raises:
            OrreryError: it cannot run; the words say why.
        """
        spec = target.database
        if spec is not None and spec.kind in ("postgresql", "mysql"):
            return await _at_server(spec, target.password, statement, values, limits)
        return await self._in_worker(target, statement, values, limits)

    async def close(self) -> None:
        """End the workers."""
        await self._pool.close()

    async def _in_worker(
        self, target: Target, statement: str, values: Mapping[str, Any], limits: QueryLimits
    ) -> QueryResult:
        spec, lake = target.database, target.lake
        message = {
            "kind": spec.kind if spec else "duckdb",
            "database": spec.database if spec else "",
            "read_only": spec.is_read_only if spec else True,
            "statement": statement,
            "values": dict(values),
            "limits": asdict(limits),
            "schemes": list(lake.schemes) if lake else [],
            "most_bytes": lake.most_bytes if lake else 0,
        }
        worker = await self._pool.take("")
        conversation = asyncio.create_task(_talk(worker, message, lake))
        watch = asyncio.create_task(worker.watch(limits.memory * 2, limits.seconds, 0.5))
        is_whole = False
        try:
            await asyncio.wait({conversation, watch}, return_when=asyncio.FIRST_COMPLETED)
            if not conversation.done():
                raise _limit_words(watch.result(), limits)
            try:
                result = conversation.result()
            except frames.FrameError:
                raise _ended() from None
            except OrreryError:
                is_whole = True
                raise
            is_whole = True
            return result
        finally:
            for task in (conversation, watch):
                task.cancel()
            await asyncio.gather(conversation, watch, return_exceptions=True)
            if is_whole:
                self._pool.give_back(worker, "")
            else:
                await self._pool.end(worker)


async def _talk(
    worker: PreviewWorker, message: Mapping[str, Any], lake: Lake | None
) -> QueryResult:
    """Serve a worker until it has the rows of a statement."""
    await worker.send(message)
    scanned = 0
    while True:
        news, blobs = await worker.receive()
        event = news.get("event")
        if event == "failed":
            raise OrreryError.from_body(news["error"])
        if event == "done":
            table = pa.ipc.open_stream(pa.py_buffer(blobs[0])).read_all()
            return QueryResult(table, bool(news["cut"]), tuple(news["notes"]), scanned)
        try:
            answer, sent = await _answer(lake, news)
        except OrreryError as problem:
            answer, sent = {"error": problem.body()}, []
        scanned += sum(map(len, sent))
        await worker.send(answer, sent)


async def _answer(
    lake: Lake | None, question: Mapping[str, Any]
) -> tuple[dict[str, Any], list[bytes]]:
    """What the worker asks of the stores."""
    if lake is None or question.get("scheme") not in lake.schemes:
        raise Invalid("The worker asked for what the statement does not name")
    store, path = await lake.resolve(str(question["scheme"]), str(question["path"]))
    kind = question.get("ask")
    if kind == "ranges":
        ranges = [(int(start), int(length)) for start, length in question["ranges"]]
        return {}, await store.read_ranges(path, ranges)
    if kind == "stat":
        return {"size": (await store.stat(path)).size}, []
    if kind == "glob":
        prefix = str(question["path"]).removesuffix(path)
        return {
            "files": [(f"{prefix}{name}", size) for name, size in await matches(store, path)]
        }, []
    raise Invalid("The worker asked for what no statement needs")


async def matches(store: Store, path: str) -> list[tuple[str, int]]:
    """The files of a store that a pattern fits, in order; of a path without a pattern that file.

    Raises:
        NotFound: there is none.
        Invalid: there are too many.
    """
    magic = _MAGIC.search(path)
    if magic is None:
        entry = await store.stat(path)
        if entry.size is not None:
            return [(path, entry.size)]
        raise Invalid(f'"{path}" is a folder', remedy=f"Name the files in it: {path}/*.parquet")
    folder = path[: magic.start()].rpartition("/")[0]
    pattern = Glob(path)
    chosen: list[tuple[str, int]] = []
    token = ""
    seen = 0
    while True:
        page = await store.page(folder, token=token, limit=1_000, is_recursive=True)
        files = [(item.path, item.size) for item in page.entries if item.size is not None]
        # Names and pattern are anybody's: this loop serves everybody meanwhile.
        fits = await asyncio.to_thread(fitting, pattern, [name for name, _ in files])
        chosen += [file for file, is_fit in zip(files, fits, strict=True) if is_fit]
        seen += len(page.entries)
        token = page.next
        if token and seen > _MOST_SEEN:
            raise Invalid(
                f"The pattern would have to look at more than {_MOST_SEEN:,} files",
                remedy="Begin it with the name of a folder.",
            )
        if len(chosen) > _MOST_FILES:
            raise Invalid(f"The pattern fits more than {_MOST_FILES:,} files", remedy="Narrow it.")
        if not token:
            break
    if not chosen:
        raise NotFound(f'No file fits "{path}"', remedy="Look at the names in the panel Data.")
    return sorted(chosen)


async def _at_server(
    spec: DatabaseSpec,
    password: Password,
    statement: str,
    values: Mapping[str, Any],
    limits: QueryLimits,
) -> QueryResult:
    """Run a statement at a database server, in a thread; cancelled, it is ended at the server first."""
    query: ServerQuery = await asyncio.to_thread(open_query, spec, password)
    work = asyncio.create_task(asyncio.to_thread(query.run, statement, values, limits))
    try:
        # The server's own limit comes first; what lies beyond is a server that does not keep it.
        done, _ = await asyncio.wait({work}, timeout=limits.seconds + _CANCEL_SECONDS)
        if not done:
            raise TimedOut(
                "The statement took longer than it may",
                reason=f"The limit is {limits.seconds:g} seconds.",
                remedy="Ask for less, or allow more time.",
            )
        return work.result()
    finally:
        if not work.done():
            await _end(query, work)
        await asyncio.to_thread(query.close)


async def _end(query: ServerQuery, work: asyncio.Task[QueryResult]) -> None:
    """End a statement at the server, and wait for it."""
    with contextlib.suppress(OrreryError):
        await asyncio.to_thread(query.cancel)
    await asyncio.wait({work}, timeout=_CANCEL_SECONDS)
    if work.done() and not work.cancelled():
        work.exception()


def _limit_words(problem: OrreryError, limits: QueryLimits) -> OrreryError:
    if isinstance(problem, TimedOut):
        return TimedOut(
            "The statement took longer than it may",
            reason=f"The limit is {limits.seconds:g} seconds.",
            remedy="Ask for less, or allow more time.",
        )
    return Invalid(
        "The statement needs more memory than it may use",
        reason=f"The limit is {limits.memory >> 20:,} MiB.",
        remedy="Ask for fewer rows or columns, or aggregate first.",
    )


def _ended() -> BackendUnavailable:
    return BackendUnavailable(
        "The statement ended in the middle",
        reason="The process that ran it died, perhaps because the machine ran out of memory.",
        remedy="Ask for less, and run it again.",
    )
