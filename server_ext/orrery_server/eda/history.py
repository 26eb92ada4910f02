"""What runs have found: those under way, and those that are kept."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator, Sequence

from orrery_engine.run_result import RunResult
from orrery_engine.schemas import Run, SourceIn
from orrery_server.eda.backend import ReportBackend
from orrery_server.eda.run_queue import RunQueue
from orrery_server.eda.schemas import RunQuery, Source, SourceQuery
from orrery_wire.errors import NotFound

_MAX_CACHED = 4

SourceKey = tuple[str, str, str, str]


class History:
    """Every run that this person can see: of a project's data, only while the person is a member of it."""

    def __init__(
        self, store: ReportBackend, runs: RunQueue, is_member: Callable[[str], Awaitable[bool]]
    ) -> None:
        self._store = store
        self._is_member = is_member
        self._runs = runs
        self._cache: OrderedDict[str, tuple[RunResult, str]] = OrderedDict()

    async def runs(self) -> list[Run]:
        """Every stored or running run, newest first."""
        runs = {run.id: run for run in await self._store.runs()}
        runs |= {run.id: run for run in self._runs.all()}
        visible = await self._visible(list(runs.values()))
        return sorted(visible, key=lambda run: run.created, reverse=True)

    async def is_visible(self, run: Run) -> bool:
        """Whether the person may see a run, and what it found."""
        return bool(await self._visible([run]))

    async def _visible(self, runs: Sequence[Run]) -> list[Run]:
        projects = sorted({run.project for run in runs if is_of_project(run)})
        answers = await asyncio.gather(*map(self._is_member, projects))
        hidden = {slug for slug, is_member in zip(projects, answers, strict=True) if not is_member}
        return [run for run in runs if not (is_of_project(run) and run.project in hidden)]

    async def search(self, query: RunQuery) -> list[Run]:
        """Those that have all the words and fit the filters, newest first."""
        return [
            run
            for run in await self.runs()
            if query.task in (None, run.task)
            and query.state in (None, run.state)
            and _matches(run, query.q)
        ]

    async def load(self, id: str) -> tuple[RunResult, str]:
        """All that a run has found, and the full report if it has one.

        Raises:
            NotFound: there is no such run, it is not for this person to see, or what it found is lost.
        """
        loaded = await self._load(id)
        await self.require_visible(loaded[0].run)
        return loaded

    async def require_visible(self, run: Run) -> None:
        """Refuse a run that is not for this person to see.

        Raises:
            NotFound: it is not.
        """
        if not await self.is_visible(run):
            raise NotFound(
                f"There is no run {run.id}",
                reason="It was deleted, or it is about data of a project that you are not a member of.",
                remedy="Refresh the list of reports.",
            )

    async def _load(self, id: str) -> tuple[RunResult, str]:
        active = self._runs.get(id)
        if active is not None:
            return active.run_result(), ""
        run = next((stored for stored in await self._store.runs() if stored.id == id), None)
        if run is None:
            # Another server of this person may have deleted it.
            self._cache.pop(id, None)
        if id not in self._cache:
            try:
                self._cache[id] = await self._store.load(id)
            except NotFound:
                # One that found nothing has a note only.
                if run is None or run.state == "done":
                    raise
                return RunResult(run=run), ""
            if len(self._cache) > _MAX_CACHED:
                self._cache.popitem(last=False)
        self._cache.move_to_end(id)
        return self._cache[id]

    async def delete(self, id: str) -> None:
        """Forget a run; one that is under way is stopped first. Raises NotFound as ``load`` does."""
        for run in [*await self._store.runs(), *self._runs.all()]:
            if run.id == id:
                await self.require_visible(run)
        was_live = self._runs.get(id) is not None
        await self._runs.forget(id)
        self._cache.pop(id, None)
        try:
            await self._store.delete(id)
        except NotFound:
            if not was_live:
                raise

    async def profiled(self, query: SourceQuery, project: str) -> OrderedDict[SourceKey, Source]:
        """What was profiled before, each once with its newest run.

        What a kernel handed over is gone, and another project's lake is out of reach.
        """
        sources: OrderedDict[SourceKey, Source] = OrderedDict()
        for run in await self._profiles():
            source = run.source
            here = source.kind != "lake" or run.project == project
            fits = here and query.kind in (None, source.kind) and _matches(run, query.q)
            if fits and source_key(source) not in sources:
                sources[source_key(source)] = Source(
                    **source.model_dump(), profiled=run.finished, by=run.by, run=run.id
                )
        return sources

    async def _profiles(self) -> Iterator[Run]:
        return (
            run
            for run in await self._visible(await self._store.runs())
            if run.task == "profile" and run.state == "done" and run.source.kind != "frame"
        )


def is_of_project(run: Run) -> bool:
    """Whether a run read data of its project: from the lake, also by its link in the folder of the project."""
    return bool(run.project) and any(
        source.kind == "lake"
        or (source.kind == "file" and f"/{run.project}/lake/" in f"/{source.location}/")
        for source in (run.source, run.against)
        if source is not None
    )


def source_key(source: SourceIn) -> SourceKey:
    """What makes two sources the same."""
    return (source.kind, source.location, source.table, source.sheet)


def _matches(run: Run, q: str) -> bool:
    source = run.source
    fields = (source.name, source.location, source.table, run.by, run.project, run.task)
    text = "\n".join(fields).casefold()
    return all(word in text for word in q.casefold().split())
