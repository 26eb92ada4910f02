"""What auto-EDA means: tables are found, profiled, compared and checked; what was found is kept and told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

from jupyter_core.paths import jupyter_runtime_dir
from traitlets import Float, Int, List, Unicode, default

from orrery_engine import memory
from orrery_engine.columns import Columns, LazyColumn
from orrery_engine.schemas import (
    Alert,
    Checks,
    Code,
    CodeIn,
    ColumnProfile,
    Job,
    ProfileSnapshot,
    Report,
    ResolvedSource,
    Result,
    Run,
    RunIn,
    SourceIn,
)
from orrery_server.base.backend import BackendName
from orrery_server.base.service import Service
from orrery_server.eda.backend import (
    HandoverBackend,
    ReportBackend,
    RunResult,
    SourceBackend,
    SourceContext,
)
from orrery_server.eda.history import History, key
from orrery_server.eda.run_queue import RunQueue
from orrery_server.eda.schemas import (
    ChecksQuery,
    ColumnQuery,
    Handover,
    HandoverIn,
    LoadIn,
    RenderIn,
    ReportQuery,
    RunQuery,
    Source,
    SourceQuery,
    WatchQuery,
)
from orrery_server.eda.scratch import ScratchFolder
from orrery_server.eda.workers import ENGINE, WorkerPool
from orrery_wire.errors import BackendUnavailable, Conflict, Invalid
from orrery_wire.schemas import Page, Shape

_SOURCES = "orrery.eda"
_MOST_LISTED = 2_000
# Without these the engine does not even start.
_NEEDED = ("duckdb", "numpy", "polars", "pyarrow")
_UNDER_WAY = ("queued", "running")
_LOOK_SECONDS = 1.0
# The project's data before whatever else lies in the lab's folder.
_FIRST = ["lake", "file"]

S = TypeVar("S", bound=Shape)
T = TypeVar("T")
Query = SourceQuery | RunQuery | ColumnQuery
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
    longest_seconds = Float(
        7200.0, min=1.0, help="The largest budget of time that a person can give a run."
    ).tag(config=True)
    scratch = Unicode(
        help="Where workers put what does not fit into memory, and kernels what they hand over: a private folder"
        " in it, which goes with the server. `orrery-eda` in the Jupyter runtime directory."
    ).tag(config=True)
    idle_seconds = Float(
        600.0, min=1.0, help="How long a worker is kept ready while nobody needs it."
    ).tag(config=True)

    @default("backend")
    def _default_backend(self) -> str:
        return "files"

    @default("memory")
    def _default_memory(self) -> int:
        return memory.share()

    @default("scratch")
    def _default_scratch(self) -> str:
        return str(Path(jupyter_runtime_dir(), "orrery-eda"))

    def __init__(
        self,
        *,
        user: str = "",
        context: SourceContext | None = None,
        project: ProjectName = no_project,
        command: tuple[str, ...] = ENGINE,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._scratch = ScratchFolder(Path(self.scratch).expanduser().absolute())
        context = context or SourceContext(root=Path.cwd())
        context = replace(context, private=self._scratch.folder)
        self._user = user
        self._project = project
        self._sources: dict[str, SourceBackend] = {
            name: BackendName.load(_SOURCES, name)(parent=self, context=context)
            for name in self.sources
        }
        self._store: ReportBackend = BackendName.chosen(self)(parent=self)
        self._needs = _NEEDED if command is ENGINE else ()
        self._workers = WorkerPool(self._scratch, idle=self.idle_seconds, command=command)
        self._runs = RunQueue(self._workers, self._store, self.workers)
        self._history = History(self._store, self._runs)

    async def stop(self) -> None:
        """End every worker and let go of what kernels handed over."""
        await self._runs.close()
        await self._workers.close()
        for source in self._sources.values():
            await source.close()
        await self._store.close()
        await asyncio.to_thread(self._scratch.close)

    async def list_sources(self, query: SourceQuery) -> Page[Source]:
        """What was profiled before, newest first, then what else can be."""
        self._workers.warm()
        found = await self._history.profiled(query, await self._project())
        for name in _FIRST + [one for one in self._sources if one not in _FIRST]:
            if name in self._sources and query.kind in (None, name):
                for one in await self._sources[name].find(query.q, _MOST_LISTED):
                    before = found.get(key(one))
                    told = {"size": one.size, "changed": one.changed}
                    found[key(one)] = before.model_copy(update=told) if before else one
        return _page(list(found.values()), query)

    async def create_handover(self, wanted: HandoverIn) -> Handover:
        """A place for a kernel to write a dataframe to."""
        self._workers.warm()
        return await self._frames().create_handover(wanted)

    async def delete_handover(self, id: str) -> None:
        """Forget what a kernel handed over."""
        await self._frames().delete_handover(id)

    async def list_runs(self, query: RunQuery) -> Page[Run]:
        """One page of the runs, newest first."""
        self._workers.warm()
        return _page(await self._history.search(query), query)

    async def run(self, wanted: RunIn) -> Run:
        """Begin a run; what cannot be begun is refused at once.

        Raises:
            BackendUnavailable: what reads data is not installed.
            Invalid, Forbidden, NotFound: as the source says.
            TooMany: too many wait.
        """
        missing = [name for name in self._needs if find_spec(name) is None]
        if missing:
            raise BackendUnavailable(
                "Nothing can be profiled here",
                reason=f"Not installed: {', '.join(missing)}.",
                install="jupyter-orrery[lab]",
            )
        if wanted.task == "comparison" and not (wanted.against or wanted.parent):
            raise Invalid("There is nothing to compare with", remedy="Name the reference side.")
        if wanted.task == "checks" and wanted.suite is None:
            raise Invalid("There is nothing to check", remedy="Send a suite of checks.")
        parent = (await self._history.found(wanted.parent))[0] if wanted.parent else None
        newer = (await self._history.found(wanted.newer))[0] if wanted.newer else None
        kept = wanted.task == "comparison" and wanted.against is None
        if newer is not None and not kept:
            raise Invalid(
                "Only a comparison of two profiles has a newer one",
                remedy="Name both profiles and no reference side, or leave `newer` out.",
            )
        clock = _clock(parent, newer)
        if newer is not None:
            wanted = wanted.model_copy(update={"source": _as_it_was(newer, clock)})
        else:
            await self._resolve(wanted.source)
        if parent is not None and kept:
            wanted = wanted.model_copy(update={"against": _as_it_was(parent, clock)})
        elif wanted.against is not None:
            await self._resolve(wanted.against)
        most = min(wanted.options.seconds, self.longest_seconds)
        options = wanted.options.model_copy(update={"seconds": most})
        wanted = wanted.model_copy(update={"options": options})

        async def prepare(id: str, scratch: Path) -> Job:
            against = wanted.against if not kept else None
            return Job(
                id=id,
                task=wanted.task,
                source=None if newer else await self._resolve(wanted.source),
                against=await self._resolve(against) if against else None,
                before_profile=await _written(
                    parent if kept else None, wanted.against, scratch / "earlier.json"
                ),
                after_profile=await _written(newer, wanted.source, scratch / "later.json"),
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
        active = self._runs.get(id)
        if active is None:
            return (await self._elsewhere(id, query)).result()
        await active.wait(query.after, query.wait)
        return active.result(query.after if query.lean else -1)

    async def cancel(self, id: str) -> Run:
        """Stop a run; its process is gone when this returns.

        Raises:
            Conflict: another server works at it.
        """
        await self._runs.cancel(id)
        run = (await self.watch(id, WatchQuery())).run
        if run.state in _UNDER_WAY:
            raise Conflict(
                "Another server works at this run",
                reason="Only the server that began a run can stop it.",
                remedy="Cancel it where it was started.",
            )
        return run

    async def delete(self, id: str) -> None:
        """Forget a run with all that it found; one that is under way is stopped first."""
        await self._history.delete(id)
        self.emit("eda", {"action": "delete", "id": id})

    async def columns(self, id: str, query: ColumnQuery) -> Page[ColumnProfile]:
        """One page of the columns that a run has profiled."""
        found, _ = await self._history.found(id)
        columns = (found.columns if query.side == "source" else found.against).kept
        if query.q:
            columns = tuple(one for one in columns if query.q.casefold() in one.name.casefold())
        if query.index:
            columns = tuple(one for one in columns if one.index in query.index)
        if query.type:
            columns = tuple(one for one in columns if one.type == query.type)
        if query.alerts:
            told = {index for alert in _alerts(found) for index in alert.columns}
            columns = tuple(one for one in columns if one.index in told)
        here = _cut(sorted(columns, key=_ORDERS[query.sort]), query)
        opened: tuple[ColumnProfile, ...] = await asyncio.to_thread(tuple, Columns(here))
        return _paged(opened, len(columns), query)

    async def load(self, wanted: LoadIn) -> Code:
        """Code for a cell that loads a source.

        Raises:
            Invalid: a dataframe of a kernel; it is there already.
        """
        from orrery_engine import codegen

        source = wanted.source
        if source.kind == "frame":
            raise Invalid("A dataframe needs no loading", remedy="Use it by its name.")
        location = self._sources[source.kind].where(await self._resolve(source))
        asked = CodeIn(what="load", dialect=wanted.dialect, frame=wanted.frame)
        return await asyncio.to_thread(codegen.write, asked, source, (), (), location)

    async def code(self, id: str, wanted: CodeIn) -> Code:
        """Code for a cell that loads or shows a part of a run, or applies a quick fix."""
        from orrery_engine import codegen

        found, _ = await self._history.found(id)
        source = found.run.source
        location = ""
        if wanted.what == "load":
            if source.kind == "lake" and found.run.project != await self._project():
                raise Conflict(
                    f"This lies in the lake of the project {found.run.project!r}",
                    reason="Another project is the current one.",
                    remedy="Choose that project in the top bar, and try again.",
                )
            resolved = await self._resolve(source)
            location = self._sources[source.kind].where(resolved)
        alerts = _alerts(found)
        whole = {index for one in alerts if one.id == wanted.alert for index in one.columns}
        if wanted.column is not None:
            whole.add(wanted.column)
        return await asyncio.to_thread(
            lambda: codegen.write(wanted, source, found.columns.sketched(whole), alerts, location)
        )

    async def report(self, id: str, query: ReportQuery) -> Report:
        """What a run found, as a document; the full report is HTML with scripts of its own."""
        from orrery_engine import report

        found, page = await self._history.found(id)
        if found.run.task == "report" and query.format == "html":
            if not page:
                raise Conflict("The report is not ready yet", remedy="Wait until the run is done.")
            name = report.file_name(found.result())
            return Report(name=f"{name}-full.html", type="text/html", content=page, scripts=True)
        return await asyncio.to_thread(
            report.render, found.result(), found.columns, query.format, brief=query.brief
        )

    async def checks(self, id: str, query: ChecksQuery) -> Checks:
        """Checks that what was profiled suggests."""
        from orrery_engine import checks

        found, _ = await self._history.found(id)
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
        from orrery_engine import checks

        return await asyncio.to_thread(
            checks.render, wanted.suite, wanted.format, wanted.table, wanted.database
        )

    async def recent(self, most: int) -> tuple[Run, ...]:
        """The newest run of each kind on each source, for Home."""
        found: dict[object, Run] = {}
        for run in await self._history.runs():
            # A dataframe is another source each time that it is handed over; its name stays.
            frame = run.source.kind == "frame"
            found.setdefault((run.task, run.source.name if frame else key(run.source)), run)
        return tuple(found.values())[:most]

    async def _elsewhere(self, id: str, query: WatchQuery) -> RunResult:
        """A run that is over, or that another server works at: that tells of it when it begins and when it ends."""
        loop = asyncio.get_running_loop()
        until = loop.time() + query.wait
        while True:
            found, _ = await self._history.found(id)
            left = until - loop.time()
            known = found.run.state in _UNDER_WAY and found.run.revision <= query.after
            if not known or left <= 0:
                return found
            await asyncio.sleep(min(_LOOK_SECONDS, left))

    async def _resolve(self, source: SourceIn) -> ResolvedSource:
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

    def _ended(self, run: Run) -> None:
        # The newer of two kept profiles was not read.
        for source in filter(None, (None if run.newer else run.source, run.against)):
            if source.kind in self._sources:
                self._sources[source.kind].release(source)
        if run.state == "done" and run.task == "profile":
            # Whoever looked at a profile may ask for the full report next: that imports for eight seconds.
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


_ORDERS: dict[str, Callable[[LazyColumn], Any]] = {
    "position": lambda one: one.index,
    "name": lambda one: (one.name.casefold(), one.index),
    "missing": lambda one: (-one.missing, one.index),
    "association": lambda one: (-one.association, one.index),
}


def _clock(*found: RunResult | None) -> str:
    """How profiles say when they were made: with the seconds if the minute does not tell them apart."""
    minutes = [f"{one.run.created:%Y-%m-%d %H:%M}" for one in found if one is not None]
    return "%H:%M:%S" if len(set(minutes)) < len(minutes) else "%H:%M"


def _as_it_was(found: RunResult, clock: str) -> SourceIn:
    """The source of a profile under the name of that time; its data are not read again.

    Raises:
        Conflict: nothing is kept that could be compared with.
    """
    run = found.run
    if run.task != "profile" or run.state != "done":
        raise Conflict(
            "Only a profile that is done can be compared with",
            reason=f"This is a {run.task} that is {run.state}.",
            remedy="Choose a profile in the history.",
        )
    name = f"{run.source.name or run.source.location}, {run.created:%Y-%m-%d {clock}} UTC"
    return run.source.model_copy(update={"name": name[-400:]})


async def _written(found: RunResult | None, source: SourceIn | None, path: Path) -> str:
    """The file for the worker with a profile, if there is one; ``source`` has the name that it has there."""
    if found is None:
        return ""
    await asyncio.to_thread(_write, found, source.name if source else "", path)
    return str(path)


def _write(found: RunResult, name: str, path: Path) -> None:
    """What the worker needs of a profile, without opening its columns here."""
    head = ProfileSnapshot(name=name, rows=found.run.rows, columns=())
    columns = b",".join(one.json for one in found.columns.kept)
    told = head.model_dump_json(exclude={"columns"})[:-1].encode()
    path.write_bytes(told + b',"columns":[' + columns + b"]}")


def _alerts(found: RunResult) -> Sequence[Alert]:
    if found.overview is not None:
        return found.overview.alerts
    return found.comparison.alerts if found.comparison is not None else ()


def _cut(items: Sequence[T], query: Query) -> Sequence[T]:
    return items[query.offset : query.offset + query.limit]


def _page(items: Sequence[S], query: Query) -> Page[S]:
    """The page of a list that was asked for."""
    return _paged(_cut(items, query), len(items), query)


def _paged(items: Sequence[S], total: int, query: Query) -> Page[S]:
    return Page[S].model_construct(
        items=tuple(items), total=total, offset=query.offset, limit=query.limit
    )
