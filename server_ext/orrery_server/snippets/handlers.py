"""The addresses of snippets: parse, call the service, answer."""

from __future__ import annotations

from typing import Any

from orrery_server.base.handlers import OrreryHandler
from orrery_server.snippets.schemas import (
    ExportQuery,
    ImportIn,
    LibraryIn,
    LibraryQuery,
    ScanIn,
    SnippetQuery,
)
from orrery_server.snippets.service import SnippetService
from orrery_wire.snippets import Marks, SnippetIn


class SnippetHandler(OrreryHandler):
    """What every address of snippets has."""

    capability = "snippets"

    def initialize(self, **given: Any) -> None:
        """Take the service of this server."""
        self.service: SnippetService = given.pop("service")
        super().initialize(**given)


class Collection(SnippetHandler):
    """All snippets."""

    async def get(self) -> None:
        self.answer(await self.service.list(self.query(SnippetQuery)))

    async def post(self) -> None:
        self.answer(await self.service.save(self.body(SnippetIn)), status=201)


class One(SnippetHandler):
    """One snippet."""

    async def get(self, id: str) -> None:
        self.answer(await self.service.get(id))

    async def put(self, id: str) -> None:
        self.answer(await self.service.save(self.body(SnippetIn), id))

    async def delete(self, id: str) -> None:
        await self.service.delete(id)
        self.answer()


class Undelete(SnippetHandler):
    """A deleted snippet."""

    async def post(self, id: str) -> None:
        self.answer(await self.service.undelete(id))


class History(SnippetHandler):
    """The versions of a snippet."""

    async def get(self, id: str) -> None:
        self.answer(await self.service.versions(id))


class Restore(SnippetHandler):
    """An older version of a snippet."""

    async def post(self, id: str, number: str) -> None:
        self.answer(await self.service.restore(id, int(number)))


class OwnMarks(SnippetHandler):
    """The person's own marks on a snippet."""

    async def patch(self, id: str) -> None:
        self.answer(await self.service.mark(id, self.body(Marks)))


class Scanning(SnippetHandler):
    """A look for secrets; it keeps nothing."""

    reads = frozenset({"POST"})
    max_body = 32 * 1024 * 1024

    async def post(self) -> None:
        self.answer(await self.service.scan(self.body(ScanIn)))


class Import(SnippetHandler):
    """Files to bring in."""

    max_body = 64 * 1024 * 1024

    async def post(self) -> None:
        self.answer(await self.service.bring_in(self.body(ImportIn)))


class Exporting(SnippetHandler):
    """Files to take out."""

    async def get(self) -> None:
        self.answer(await self.service.export(self.query(ExportQuery)))


class AllLibraries(SnippetHandler):
    """The read-only libraries."""

    async def get(self) -> None:
        self.answer(await self.service.list_libraries(self.query(LibraryQuery)))

    async def post(self) -> None:
        self.answer(await self.service.add_library(self.body(LibraryIn)), status=201)


class OneLibrary(SnippetHandler):
    """One library."""

    async def delete(self, name: str) -> None:
        await self.service.remove_library(name)
        self.answer()


class Refresh(SnippetHandler):
    """The reading of a library anew."""

    async def post(self, name: str) -> None:
        self.answer(await self.service.refresh_library(name), status=202)

    async def delete(self, name: str) -> None:
        await self.service.cancel_library(name)
        self.answer()


TABLE: list[tuple[str, type[OrreryHandler]]] = [
    (r"snippets", Collection),
    (r"snippets/scan", Scanning),
    (r"snippets/import", Import),
    (r"snippets/export", Exporting),
    (r"snippets/libraries", AllLibraries),
    (r"snippets/libraries/(?P<name>[^/]+)", OneLibrary),
    (r"snippets/libraries/(?P<name>[^/]+)/refresh", Refresh),
    (r"snippets/(?P<id>[^/]+)", One),
    (r"snippets/(?P<id>[^/]+)/undelete", Undelete),
    (r"snippets/(?P<id>[^/]+)/versions", History),
    (r"snippets/(?P<id>[^/]+)/versions/(?P<number>[0-9]{1,9})/restore", Restore),
    (r"snippets/(?P<id>[^/]+)/marks", OwnMarks),
]
