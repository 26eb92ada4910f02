"""Auto-EDA: tables are listed, profiled, compared and checked; results are kept, and served as pages, code and reports."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_runtime_dir
from traitlets import Bool, Float, Int, List, Unicode, default

from orrery_engine import memory
from orrery_engine.client.pool import WorkerPool
from orrery_engine.client.process import COMMAND, require_packages
from orrery_engine.run_result import RunResult
from orrery_engine.schemas import (
    Checks,
    Code,
    CodeIn,
    CodeJob,
    ColumnProfile,
    Job,
    Report,
    ResolvedSource,
    Result,
    Run,
    RunId,
    RunIn,
    SourceIn,
)
from orrery_server.base.backend import BackendName
from orrery_server.base.schemas import Recent
from orrery_server.base.service import Service
from orrery_server.eda.backend import (
    HandoverBackend,
    ReportBackend,
    SourceBackend,
    SourceContext,
)
from orrery_server.eda.coder import Coder
from orrery_server.eda.history import History, source_key
from orrery_server.eda.listing import alerts_of, page_of, page_of_columns
from orrery_server.eda.run_plan import plan
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
from orrery_wire.errors import Conflict, Invalid
from orrery_wire.schemas import Page

_SOURCES = "orrery.eda"
_MAX_LISTED = 2_000
_UNDER_WAY = ("queued", "running")
_LOOK_SECONDS = 1.0
_FIND_SECONDS = 10.0
# The project's data before whatever else lies in the lab's folder.
_FIRST = ["lake", "file"]


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
    prepare_full_report = Bool(
        True,
        help="Whether a worker for the full report is made ready after a profile. The report then comes some eight"
        " seconds sooner, and the worker holds about 400 MB meanwhile.",
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
        command: tuple[str, ...] = COMMAND,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._scratch = ScratchFolder(Path(self.scratch).expanduser().absolute())
        context = SourceContext(
            root=self.context.root, lake=self.context.lake, private=self._scratch.folder
        )
        self._sources: dict[str, SourceBackend] = {
            name: BackendName.load(_SOURCES, name)(parent=self, context=context)
            for name in self.sources
        }
        self._store: ReportBackend = BackendName.backend_class(self)(parent=self)
        self._uses_engine = command is COMMAND
        self._workers = WorkerPool(
            self._scratch.room, idle_seconds=self.idle_seconds, command=command
        )
        self._coder = Coder(self._workers, self.memory, self.workers)
        self._runs = RunQueue(self._workers, self._store, self.workers)
        self._history = History(self._store, self._runs, self.context.is_member)

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
        ordered = [*_FIRST, *(name for name in self._sources if name not in _FIRST)]
        kinds = [name for name in ordered if name in self._sources and query.kind in (None, name)]
        project, by_kind = await asyncio.gather(
            self.context.project_slug(),
            asyncio.gather(*(self._find(name, query.q) for name in kinds)),
        )
        tables = await self._history.profiled(query, project)
        for source in chain.from_iterable(by_kind):
            known = tables.get(source_key(source))
            update = {"size": source.size, "changed": source.changed}
            tables[source_key(source)] = known.model_copy(update=update) if known else source
        return page_of(list(tables.values()), query)

    async def _find(self, kind: str, q: str) -> tuple[Source, ...]:
        """What there is of a kind; nothing, and a line in the log, if that takes too long."""
        try:
            async with asyncio.timeout(_FIND_SECONDS):
                return await self._sources[kind].find(q, _MAX_LISTED)
        except TimeoutError:
            self.log.warning("orrery: sources of the kind %s took over %g s", kind, _FIND_SECONDS)
            return ()

    async def create_handover(self, request: HandoverIn) -> Handover:
        """A place for a kernel to write a dataframe to."""
        self._workers.warm()
        return await self._frames().create_handover(request)

    async def delete_handover(self, id: RunId) -> None:
        """Forget what a kernel handed over."""
        await self._frames().delete_handover(id)

    async def list_runs(self, query: RunQuery) -> Page[Run]:
        """One page of the runs, newest first."""
        self._workers.warm()
        return page_of(await self._history.search(query), query)

    async def run(self, request: RunIn) -> Run:
        """Begin a run; what cannot be begun is refused at once.

        Raises:
            BackendUnavailable: what reads data is not installed.
            Conflict, Forbidden, Invalid, NotFound: as ``run_plan.plan`` says.
            TooMany: too many wait.
        """
        self._require_packages()
        planned = await plan(request, self._load, self._resolve, self.longest_seconds)

        async def prepare(id: str, scratch: Path) -> Job:
            return await planned.job(id, scratch, self._resolve, self.memory)

        project = await self.context.project_slug()
        run = await self._runs.start(
            planned.request, prepare, user=self.context.user, project=project, done=self._ended
        )
        self._tell("start", run)
        return run

    async def watch(self, id: RunId, query: WatchQuery) -> Result:
        """What a run has found; with ``wait`` when there is more than is known, or the time is over."""
        active = self._runs.get(id)
        if active is None:
            return (await self._elsewhere(id, query)).result()
        await self._history.require_visible(active.run)
        await active.wait(query.after, query.wait)
        return active.result(query.after if query.lean else -1)

    async def cancel(self, id: RunId) -> Run:
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

    async def delete(self, id: RunId) -> None:
        """Forget a run with all that it found; one that is under way is stopped first."""
        await self._history.delete(id)
        self.context.emit("eda", {"action": "delete", "id": id})

    async def columns(self, id: RunId, query: ColumnQuery) -> Page[ColumnProfile]:
        """One page of the columns that a run has profiled."""
        return await asyncio.to_thread(page_of_columns, await self._load(id), query)

    async def load(self, request: LoadIn) -> Code:
        """Code for a cell that loads a source; it was run on the source, and gives what a profile says.

        Raises:
            Invalid: a dataframe of a kernel, which is there already; or the dialect cannot read it.
        """
        source = request.source
        if source.kind == "frame":
            raise Invalid("A dataframe needs no loading", remedy="Use it by its name.")
        resolved = await self._resolve(source)
        location = await self._location(source, resolved, request.folder)
        code_in = CodeIn(what="load", dialect=request.dialect, frame=request.frame)
        self._require_packages()
        return await self._coder.write(
            CodeJob(request=code_in, source=source, location=location), resolved
        )

    async def code(self, id: RunId, request: CodeIn) -> Code:
        """Code for a cell that loads or shows a part of a run, or applies a quick fix; it was run before.

        Raises:
            Invalid: the dialect or the column has nothing like it, or it does not do what it promises.
        """
        result = await self._load(id)
        source = result.run.source
        location, resolved = "", None
        if request.what == "load" and source.kind != "frame":
            if source.kind == "lake" and result.run.project != await self.context.project_slug():
                raise Conflict(
                    f"This lies in the lake of the project {result.run.project!r}",
                    reason="Another project is the current one.",
                    remedy="Choose that project in the top bar, and try again.",
                )
            resolved = await self._resolve(source)
            location = await self._location(source, resolved, request.folder)
        alerts = [alert for alert in alerts_of(result) if alert.id == request.alert]
        whole = {index for alert in alerts for index in alert.columns}
        if request.column is not None:
            whole.add(request.column)
        self._require_packages()
        columns = await asyncio.to_thread(result.columns.sketched, whole)
        return await self._coder.write(
            CodeJob(
                request=request,
                source=source,
                location=location,
                columns=tuple(columns),
                alerts=tuple(alerts),
            ),
            resolved,
        )

    async def _location(
        self, source: SourceIn, resolved: ResolvedSource, folder: str | None
    ) -> str:
        """Where a kernel that works in a folder finds a source."""
        return await asyncio.to_thread(self._sources[source.kind].where, resolved, folder)

    async def report(self, id: RunId, query: ReportQuery) -> Report:
        """What a run found, as a document; the full report is HTML with scripts of its own."""
        from orrery_engine import report

        result, page = await self._history.load(id)
        if result.run.task == "report" and query.format == "html":
            if not page:
                raise Conflict("The report is not ready yet", remedy="Wait until the run is done.")
            name = report.file_name(result.result())
            return Report(name=f"{name}-full.html", type="text/html", content=page, scripts=True)
        return await asyncio.to_thread(
            report.render, result.result(), result.columns, query.format, brief=query.brief
        )

    async def checks(self, id: RunId, query: ChecksQuery) -> Checks:
        """Checks that what was profiled suggests."""
        from orrery_engine import checks

        result = await self._load(id)
        return await asyncio.to_thread(
            checks.from_profile, result.run, result.overview, result.columns, query.format
        )

    async def render(self, request: RenderIn) -> Checks:
        """A suite as code or as a file."""
        from orrery_engine import checks

        return await asyncio.to_thread(
            checks.render, request.suite, request.format, request.table, request.database
        )

    async def recent_items(self, limit: int) -> Sequence[Recent]:
        """The newest run of each kind on each source, for Home."""
        newest: dict[object, Run] = {}
        for run in await self._history.runs():
            # A dataframe is another source each time that it is handed over; its name stays.
            is_frame = run.source.kind == "frame"
            name = run.source.name if is_frame else source_key(run.source)
            newest.setdefault((run.task, name), run)
        return [
            Recent(
                kind="run",
                label=run.source.name or run.source.location,
                id=run.id,
                when=run.created,
            )
            for run in list(newest.values())[:limit]
        ]

    async def _elsewhere(self, id: str, query: WatchQuery) -> RunResult:
        """A run that is over, or that another server works at: that tells of it when it begins and when it ends."""
        loop = asyncio.get_running_loop()
        until = loop.time() + query.wait
        while True:
            result = await self._load(id)
            left = until - loop.time()
            known = result.run.state in _UNDER_WAY and result.run.revision <= query.after
            if not known or left <= 0:
                return result
            await asyncio.sleep(min(_LOOK_SECONDS, left))

    async def _load(self, id: str) -> RunResult:
        return (await self._history.load(id))[0]

    def _require_packages(self) -> None:
        if self._uses_engine:
            require_packages()

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
        if run.state == "done" and run.task == "profile" and self.prepare_full_report:
            # Whoever looked at a profile may ask for the full report next: that imports for eight seconds.
            self._workers.warm(full=True)
        self._tell({"done": "finish", "cancelled": "cancel"}.get(run.state, "fail"), run)

    def _tell(self, action: str, run: Run) -> None:
        self.context.emit(
            "eda",
            {
                "action": action,
                "id": run.id,
                "task": run.task,
                "kind": run.source.kind,
                "project": run.project,
            },
        )
