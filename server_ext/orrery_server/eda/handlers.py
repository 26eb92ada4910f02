"""The addresses of auto-EDA: parse, call the service, answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

from orrery_engine.schemas import CodeIn, Report, RunIn
from orrery_server.base.handlers import OrreryHandler
from orrery_server.eda.schemas import (
    ChecksQuery,
    ColumnQuery,
    HandoverIn,
    LoadIn,
    RenderIn,
    ReportQuery,
    RunQuery,
    SourceQuery,
    WatchQuery,
)
from orrery_server.eda.service import EdaService

_PIECE = 2**20


class EdaHandler(OrreryHandler):
    """What every address of auto-EDA has."""

    capability = "eda"

    def initialize(self, **given: Any) -> None:
        """Take the service of this server."""
        self.service: EdaService = given.pop("service")
        super().initialize(**given)


class Sources(EdaHandler):
    """What can be profiled."""

    async def get(self) -> None:
        self.answer(await self.service.list_sources(self.query(SourceQuery)))


class Handovers(EdaHandler):
    """Places for kernels to write dataframes to."""

    async def post(self) -> None:
        self.answer(await self.service.create_handover(self.body(HandoverIn)), status=201)


class OneHandover(EdaHandler):
    """What a kernel handed over."""

    async def delete(self, id: str) -> None:
        await self.service.delete_handover(id)
        self.answer()


class Collection(EdaHandler):
    """All runs."""

    async def get(self) -> None:
        self.answer(await self.service.list_runs(self.query(RunQuery)))

    async def post(self) -> None:
        self.answer(await self.service.run(self.body(RunIn)), status=202)


class One(EdaHandler):
    """One run, and what it found."""

    async def get(self, id: str) -> None:
        self.answer(await self.service.watch(id, self.query(WatchQuery)))

    async def delete(self, id: str) -> None:
        await self.service.delete(id)
        self.answer()


class Cancel(EdaHandler):
    """The end of a run before its time."""

    async def post(self, id: str) -> None:
        self.answer(await self.service.cancel(id))


class Columns(EdaHandler):
    """The columns that a run has profiled."""

    async def get(self, id: str) -> None:
        self.answer(await self.service.columns(id, self.query(ColumnQuery)))


class Writing(EdaHandler):
    """Code for a cell; it keeps nothing."""

    reads = frozenset({"POST"})

    async def post(self, id: str) -> None:
        self.answer(await self.service.code(id, self.body(CodeIn)))


class Loading(EdaHandler):
    """Code that loads a source; it keeps nothing."""

    reads = frozenset({"POST"})

    async def post(self) -> None:
        self.answer(await self.service.load(self.body(LoadIn)))


class Reporting(EdaHandler):
    """What a run found, as a document."""

    async def get(self, id: str) -> None:
        report = await self.service.report(id, self.query(ReportQuery))
        # A full report may have megabytes: piece by piece it holds up nobody else.
        self.set_header("Content-Type", "application/json")
        for piece in pieces(report):
            self.write(piece)
            await self.flush()
            await asyncio.sleep(0)


class Suggesting(EdaHandler):
    """The checks that a profile suggests."""

    async def get(self, id: str) -> None:
        self.answer(await self.service.checks(id, self.query(ChecksQuery)))


class Rendering(EdaHandler):
    """A suite as code; it keeps nothing."""

    reads = frozenset({"POST"})

    async def post(self) -> None:
        self.answer(await self.service.render(self.body(RenderIn)))


def pieces(report: Report) -> Iterator[bytes]:
    """The JSON of a report, part by part."""
    yield report.model_dump_json(exclude={"content"}).encode()[:-1] + b',"content":"'
    for at in range(0, len(report.content), _PIECE):
        part = json.dumps(report.content[at : at + _PIECE], ensure_ascii=False)
        yield part[1:-1].encode("utf-8", "backslashreplace")
    yield b'"}'


TABLE: list[tuple[str, type[OrreryHandler]]] = [
    (r"eda/sources", Sources),
    (r"eda/handovers", Handovers),
    (r"eda/handovers/(?P<id>[0-9a-f]{32})", OneHandover),
    (r"eda/runs", Collection),
    (r"eda/runs/(?P<id>[0-9a-f]{32})", One),
    (r"eda/runs/(?P<id>[0-9a-f]{32})/cancel", Cancel),
    (r"eda/runs/(?P<id>[0-9a-f]{32})/columns", Columns),
    (r"eda/runs/(?P<id>[0-9a-f]{32})/code", Writing),
    (r"eda/runs/(?P<id>[0-9a-f]{32})/report", Reporting),
    (r"eda/runs/(?P<id>[0-9a-f]{32})/checks", Suggesting),
    (r"eda/code", Loading),
    (r"eda/checks", Rendering),
]
