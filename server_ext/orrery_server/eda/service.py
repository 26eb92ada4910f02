"""What auto-EDA means: tables are found, profiled, compared and checked; what was found is kept and told."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from traitlets import Float, Int, List, default

from orrery_server.base.schema import Page, Shape
from orrery_server.base.service import Service
from orrery_server.base.traits import BackendName
from orrery_server.eda.backends.base import (
    Found,
    HandoverBackend,
    ReportBackend,
    SourceBackend,
    Surroundings,
)
from orrery_server.eda.runs import Runs, result_of
from orrery_server.eda.schemas import (
    Alert,
    Checks,
    ChecksQuery,
    Code,
    CodeIn,
    ColumnProfile,
    ColumnQuery,
    Handover,
    HandoverIn,
    Job,
    Opening,
    RenderIn,
    Report,
    ReportQuery,
    Result,
    Run,
    RunIn,
    RunQuery,
    Source,
    SourceIn,
    SourceQuery,
    WatchQuery,
)
from orrery_server.eda.workers import Workers
from orrery_server.errors import Conflict, Invalid, NotFound

_SOURCES = "orrery.eda"
_MOST_LISTED = 2_000
_MOST_REMEMBERED = 8
_GIB = 2**30

S = TypeVar("S", bound=Shape)
ProjectName = Callable[[], Awaitable[str]]


async def no_project() -> str:
    """Nobody works in a project."""
    return ""


class EdaService(Service):
    """The profiles of one person."""

    sources = List(
        BackendName(_SOURCES),
        ["file", "frame", "lake", "table", "url"],
        help="Which kinds of sources there are.",
    ).tag(config=True)
    backend = BackendName("orrery.eda.reports", help="Where reports are kept.").tag(config=True)
    workers = Int(2, min=1, help="How many runs work at once; the others wait.").tag(config=True)
    memory = Int(
        min=64 * 2**20,
        help="Bytes of memory that one run may hold. Two fifths of the machine's, at most 8 GiB.",
    ).tag(config=True)
    idle_seconds = Float(
        600.0, min=1.0, help="How long a worker is kept ready while nobody needs it."
    ).tag(config=True)

    @default("backend")
    def _default_backend(self) -> str:
        return "files"

    @default("memory")
    def _default_memory(self) -> int:
        return max(_GIB // 2, min(8 * _GIB, _machine_memory() * 2 // 5))

    def __init__(
        self,
        *,
        user: str = "",
        around: Surroundings | None = None,
        project: ProjectName = no_project,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        around = around or Surroundings(root=Path.cwd())
        self._user = user
        self._project = project
        self._sources: dict[str, SourceBackend] = {
            name: BackendName.load(_SOURCES, name)(parent=self, around=around)
            for name in self.sources
        }
        self._store: ReportBackend = BackendName.chosen(self)(parent=self)
        self._workers = Workers(idle=self.idle_seconds)
        self._runs = Runs(self._workers, self._store, self.workers)
        self._known: OrderedDict[str, tuple[Found, str]] = OrderedDict()

    async def stop(self) -> None:
        """End every worker and let go of what kernels handed over."""
        await self._runs.close()
        await self._workers.close()
        for source in self._sources.values():
            await source.close()
        await self._store.close()

    async def list_sources(self, query: SourceQuery) -> Page[Source]:
        """What was profiled before, newest first, then what else can be."""
        self._workers.warm()
        found = OrderedDict((_key(one), one) for one in await self._profiled(query))
        chosen = [query.kind] if query.kind else list(self._sources)
        for name in chosen:
            if name in self._sources:
                for one in await self._sources[name].find(query.q, _MOST_LISTED):
                    before = found.get(_key(one))
                    told = {"size": one.size, "changed": one.changed}
                    found[_key(one)] = before.model_copy(update=told) if before else one
        return _page(list(found.values()), query)

    async def offer(self, wanted: HandoverIn) -> Handover:
        """A place for a kernel to write a dataframe to."""
        self._workers.warm()
        return await self._frames().offer(wanted)

    async def withdraw(self, id: str) -> None:
        """Forget what a kernel handed over."""
        await self._frames().drop(id)

    async def list_runs(self, query: RunQuery) -> Page[Run]:
        """One page of the runs, newest first."""
        self._workers.warm()
        found = {run.id: run for run in await self._store.runs()}
        found |= {run.id: run for run in self._runs.all()}
        words = query.q.casefold().split()
        chosen = [
            run
            for run in sorted(found.values(), key=lambda run: run.created, reverse=True)
            if query.task in (None, run.task)
            and query.state in (None, run.state)
            and all(word in _words(run) for word in words)
        ]
        return _page(chosen, query)

    async def run(self, wanted: RunIn) -> Run:
        """Begin a run; what cannot be begun is refused at once.

        Raises:
            Invalid, Forbidden, NotFound: as the source says.
            TooMany: too many wait.
        """
        if wanted.task == "comparison" and wanted.against is None:
            raise Invalid("There is nothing to compare with", remedy="Name the reference side.")
        if wanted.task == "checks" and wanted.suite is None:
            raise Invalid("There is nothing to check", remedy="Send a suite of checks.")
        if wanted.parent is not None:
            await self._found(wanted.parent)
        await self._resolve(wanted.source)
        if wanted.against is not None:
            await self._resolve(wanted.against)

        async def prepare(id: str, scratch: Path) -> Job:
            return Job(
                id=id,
                task=wanted.task,
                source=await self._resolve(wanted.source),
                against=await self._resolve(wanted.against) if wanted.against else None,
                suite=wanted.suite,
                options=wanted.options,
                memory=self.memory,
                scratch=str(scratch),
            )

        run = await self._runs.start(
            wanted, prepare, user=self._user, project=await self._project(), done=self._ended
        )
        self._tell("start", run)
        return run

    async def watch(self, id: str, query: WatchQuery) -> Result:
        """What a run has found; with ``wait`` when there is more than is known, or the time is over."""
        live = self._runs.get(id)
        if live is None:
            found, _ = await self._found(id)
            return result_of(found)
        await live.wait(query.after, query.wait)
        return live.result()

    async def cancel(self, id: str) -> Run:
        """Stop a run; its process is gone when this returns."""
        await self._runs.cancel(id)
        return (await self.watch(id, WatchQuery())).run

    async def delete(self, id: str) -> None:
        """Forget a run with all that it found; one that is under way is stopped first."""
        await self._runs.cancel(id)
        await self._store.delete(id)
        self._known.pop(id, None)
        self.emit("eda", {"action": "delete", "id": id})

    async def columns(self, id: str, query: ColumnQuery) -> Page[ColumnProfile]:
        """One page of the columns that a run has profiled."""
        found, _ = await self._found(id)
        columns = found.columns if query.side == "source" else found.against
        if query.q:
            columns = tuple(one for one in columns if query.q.casefold() in one.name.casefold())
        if query.index:
            columns = tuple(one for one in columns if one.index in query.index)
        if query.type:
            columns = tuple(one for one in columns if one.type == query.type)
        if query.alerts:
            told = {index for alert in _alerts(found) for index in alert.columns}
            columns = tuple(one for one in columns if one.index in told)
        return _page(sorted(columns, key=_ORDERS[query.sort]), query)

    async def code(self, id: str, wanted: CodeIn) -> Code:
        """Code for a cell that loads, shows or mends something of a run."""
        from orrery_server.eda import code

        found, _ = await self._found(id)
        source = found.run.source
        location = ""
        if wanted.what == "load":
            opening = await self._resolve(source)
            location = self._sources[source.kind].where(opening)
        return await asyncio.to_thread(
            code.write, wanted, source, found.columns, _alerts(found), location
        )

    async def report(self, id: str, query: ReportQuery) -> Report:
        """What a run found, as a document; the full report is HTML with scripts of its own."""
        from orrery_server.eda import report

        found, page = await self._found(id)
        if found.run.task == "report" and query.format == "html":
            if not page:
                raise Conflict("The report is not ready yet", remedy="Wait until the run is done.")
            name = f"{found.run.source.name or 'data'} full report.html"
            return Report(name=name, type="text/html", content=page, scripts=True)
        return await asyncio.to_thread(
            report.render, result_of(found), found.columns, query.format, brief=query.brief
        )

    async def checks(self, id: str, query: ChecksQuery) -> Checks:
        """Checks that what was profiled suggests."""
        from orrery_server.eda import checks

        found, _ = await self._found(id)
        overview = found.overview
        if overview is None or found.run.task != "profile":
            raise Conflict(
                "There is no profile to draw checks from",
                remedy="Wait until the profile is there, or profile the source first.",
            )
        name = found.run.source.name or "data"

        def make() -> Checks:
            suite = checks.suggest(overview, found.columns, name)
            return checks.render(suite, query.format, name)

        return await asyncio.to_thread(make)

    async def render(self, wanted: RenderIn) -> Checks:
        """A suite as code or as a file."""
        from orrery_server.eda import checks

        return await asyncio.to_thread(checks.render, wanted.suite, wanted.format, wanted.table, wanted.database)

    async def recent(self, most: int) -> tuple[Run, ...]:
        """The newest runs, for Home."""
        return (await self._store.runs())[:most]

    async def _resolve(self, source: SourceIn) -> Opening:
        backend = self._sources.get(source.kind)
        if backend is None:
            raise Invalid(
                f"Sources of the kind {source.kind!r} are not read here",
                reason=f"This server reads: {', '.join(self._sources)}.",
                remedy="Ask the administrator (EdaService.sources).",
            )
        return await backend.resolve(source)

    def _frames(self) -> HandoverBackend:
        backend = self._sources.get("frame")
        if not isinstance(backend, HandoverBackend):
            raise Invalid("This server takes no dataframes", remedy="Ask the administrator.")
        return backend

    async def _found(self, id: str) -> tuple[Found, str]:
        """All that a run has found, under way or kept."""
        live = self._runs.get(id)
        if live is not None:
            return live.found(), ""
        if id not in self._known:
            try:
                self._known[id] = await self._store.load(id)
            except NotFound:
                # One that found nothing has a note only.
                run = next((one for one in await self._store.runs() if one.id == id), None)
                if run is None:
                    raise
                return Found(run=run), ""
            if len(self._known) > _MOST_REMEMBERED:
                self._known.popitem(last=False)
        self._known.move_to_end(id)
        return self._known[id]

    async def _profiled(self, query: SourceQuery) -> list[Source]:
        """What was profiled before, each once, with its newest run."""
        words = query.q.casefold().split()
        found: OrderedDict[tuple[str, str, str], Source] = OrderedDict()
        for run in await self._store.runs():
            source = run.source
            if run.task != "profile" or run.state != "done" or source.kind == "frame":
                continue
            if query.kind not in (None, source.kind) or _key(source) in found:
                continue
            if not all(word in _words(run) for word in words):
                continue
            found[_key(source)] = Source(
                **source.model_dump(), profiled=run.finished, by=run.by, run=run.id
            )
        return list(found.values())

    def _ended(self, run: Run) -> None:
        if run.state == "done" and run.task == "profile":
            # Whoever looked at a profile may ask for the full report next: that imports for eight seconds.
            with suppress(RuntimeError):
                self._workers.warm(full=True)
        self._tell({"done": "finish", "cancelled": "cancel"}.get(run.state, "fail"), run)

    def _tell(self, action: str, run: Run) -> None:
        self.emit(
            "eda",
            {
                "action": action,
                "id": run.id,
                "task": run.task,
                "kind": run.source.kind,
                "project": run.project,
            },
        )


_ORDERS: dict[str, Callable[[ColumnProfile], Any]] = {
    "position": lambda one: one.index,
    "name": lambda one: (one.name.casefold(), one.index),
    "missing": lambda one: (-one.missing / max(one.count, 1), one.index),
    "association": lambda one: (-(one.association or 0.0), one.index),
}


def _alerts(found: Found) -> Sequence[Alert]:
    if found.overview is not None:
        return found.overview.alerts
    return found.comparison.alerts if found.comparison is not None else ()


def _key(source: SourceIn) -> tuple[str, str, str]:
    return (source.kind, source.location, source.table)


def _words(run: Run) -> str:
    source = run.source
    return " ".join((source.name, source.location, source.table, run.by, run.task)).casefold()


def _page(items: Sequence[S], query: SourceQuery | RunQuery | ColumnQuery) -> Page[S]:
    """The page of a list that was asked for."""
    return Page[S].model_construct(
        items=tuple(items[query.offset : query.offset + query.limit]),
        total=len(items),
        offset=query.offset,
        limit=query.limit,
    )


def _machine_memory() -> int:
    """Bytes that this machine, or the container, has; 4 GiB where nothing tells."""
    found = []
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        with suppress(OSError, ValueError):
            found.append(int(Path(path).read_text(encoding="ascii")))
    with suppress(OSError, ValueError, IndexError):
        said = Path("/proc/meminfo").read_text(encoding="ascii")
        found.append(int(said.split("MemTotal:")[1].split()[0]) * 1024)
    return min(found, default=4 * _GIB)
