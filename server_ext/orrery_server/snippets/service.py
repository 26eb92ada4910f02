"""What snippets mean: found by words, saved with a look for secrets, shared, versioned, brought in and out."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_data_dir
from pydantic import ValidationError
from traitlets import Float, List, Unicode, default

from orrery_server.base.backend import BackendName
from orrery_server.base.hub import is_at_hub
from orrery_server.base.schemas import Recent
from orrery_server.base.service import Service
from orrery_server.snippets import formats
from orrery_server.snippets import schemas as shapes
from orrery_server.snippets.backend import LibraryBackend, SnippetBackend
from orrery_server.snippets.catalogue import Catalogue
from orrery_server.snippets.importer import Importer
from orrery_server.snippets.imports import required
from orrery_server.snippets.libraries import Libraries
from orrery_server.snippets.secret_scan import findings
from orrery_wire.errors import Forbidden, Invalid, NotFound, SecretFound
from orrery_wire.schemas import Page
from orrery_wire.snippets import Marks, SnippetCell, SnippetIn, Versions

_LIBRARIES = "orrery.snippets.libraries"
_MOST_REMEMBERED = 2_000


class SnippetService(Service):
    """The snippets that one person may see: his own, his projects', everybody's and the libraries'."""

    backend = BackendName("orrery.snippets", help="Where snippets are kept.").tag(config=True)
    libraries = List(
        BackendName(_LIBRARIES),
        ["git", "bundled"],
        help="Which sources of read-only libraries there are.",
    ).tag(config=True)
    refresh_seconds = Float(
        2.0, min=0.0, help="How often at most the store is asked for what others changed."
    ).tag(config=True)
    folder = Unicode(
        help="Where the marks on libraries lie; `orrery` in the Jupyter data directory."
    ).tag(config=True)

    @default("backend")
    def _default_backend(self) -> str:
        return "hub" if is_at_hub() else "files"

    @default("folder")
    def _default_folder(self) -> str:
        return str(Path(jupyter_data_dir(), "orrery"))

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._store: SnippetBackend = BackendName.backend_class(self)(parent=self)
        sources: Sequence[LibraryBackend] = [
            BackendName.load(_LIBRARIES, name)(parent=self) for name in self.libraries
        ]
        marks = Path(self.folder).expanduser().absolute() / "library-marks.json"
        self._libraries = Libraries(sources, marks)
        self._catalogue = Catalogue(self._store, self._libraries, every=self.refresh_seconds)
        self._required: OrderedDict[tuple[str, int], tuple[str, ...]] = OrderedDict()

    async def stop(self) -> None:
        """Stop refreshing and close the backends."""
        await self._catalogue.close()
        await self._libraries.close()
        await self._store.close()

    async def list(self, query: shapes.SnippetQuery) -> shapes.SnippetPage:
        """One page of the snippets that the words and filters leave."""
        hits, facets = await self._catalogue.search(query)
        return shapes.SnippetPage.model_construct(
            items=tuple(self._with_requirements(snippet) for snippet in hits.page),
            total=hits.total,
            is_nearest=hits.is_nearest,
            offset=query.offset,
            limit=query.limit,
            facets=facets,
            notices=self._catalogue.notices,
        )

    async def recent_items(self, limit: int) -> Sequence[Recent]:
        """What was used last, for Home."""
        query = shapes.SnippetQuery(sort="used", limit=200)
        hits, _ = await self._catalogue.search(query)
        items = [
            Recent(kind="snippet", label=snippet.name, id=snippet.id, when=snippet.used)
            for snippet in hits.page
            if snippet.used is not None
        ]
        return sorted(items, key=lambda item: item.when.timestamp(), reverse=True)[:limit]

    async def get(self, id: str) -> shapes.Snippet:
        """One snippet."""
        return self._with_requirements(await self._catalogue.get(id))

    async def save(self, snippet_in: SnippetIn, id: str | None = None) -> shapes.Snippet:
        """Keep a new snippet, or a new version of one.

        Raises:
            SecretFound: the text holds what looks like a secret, and that was not allowed.
            Conflict, Forbidden, NotFound, StorageFull: as the store says.
        """
        before = await self._known(id) if id is not None else None
        await self._check_secrets(snippet_in)
        stored = self._catalogue.shaped(await self._store.save(snippet_in, id))
        saved = self._with_requirements(await self._catalogue.put(stored))
        shared = saved.scope != "mine" and (before is None or before.scope == "mine")
        self._emit_event("share" if shared else "save", saved)
        return saved

    async def delete(self, id: str) -> None:
        """Take a snippet away; it can be brought back."""
        deleted = await self._known(id)
        await self._store.delete(id)
        await self._catalogue.forget(id)
        self._emit_event("delete", deleted)

    async def undelete(self, id: str) -> shapes.Snippet:
        """Bring a deleted snippet back."""
        _refuse_library(id)
        stored = self._catalogue.shaped(await self._store.undelete(id))
        back = self._with_requirements(await self._catalogue.put(stored))
        self._emit_event("undelete", back)
        return back

    async def versions(self, id: str) -> Versions:
        """Every version that is kept, newest first."""
        _refuse_library(id)
        return Versions(items=await self._store.versions(id))

    async def restore(self, id: str, number: int) -> shapes.Snippet:
        """Make an older version the present one, as a new version; nothing in between is lost."""
        _refuse_library(id)
        present = await self._catalogue.get(id)
        result = [item for item in await self._store.versions(id) if item.version == number]
        if not result:
            raise NotFound(
                f"The snippet has no version {number}",
                reason="It was never saved, or is no longer kept.",
                remedy="Look at the history.",
            )
        try:
            snippet_in = SnippetIn(
                **result[0].content.model_dump(),
                scope=present.scope,
                project=present.project,
                allow_secrets=True,  # it is in the history already
            )
        except ValidationError:
            raise Invalid(
                "This version cannot become the present one",
                reason="Its name, its prefix or a tag holds characters that are not accepted any more.",
                remedy="Copy its cells into the present version.",
            ) from None
        stored = self._catalogue.shaped(await self._store.save(snippet_in, id))
        restored = self._with_requirements(await self._catalogue.put(stored))
        self._emit_event("restore", restored)
        return restored

    async def mark(self, id: str, marks: Marks) -> shapes.Snippet:
        """Note the person's own marks."""
        if not id.startswith("library:"):
            stored = self._catalogue.shaped(await self._store.mark(id, marks))
            return self._with_requirements(await self._catalogue.put(stored))
        snippet = await self._catalogue.get(id)
        marked = await self._libraries.mark(snippet, marks)
        return self._with_requirements(await self._catalogue.put(marked))

    async def scan(self, scan_in: shapes.ScanIn) -> shapes.Scan:
        """What looks like a secret in some cells."""
        return shapes.Scan(findings=await asyncio.to_thread(findings, scan_in.cells))

    async def import_files(self, import_in: shapes.ImportIn) -> shapes.ImportReport:
        """Save the snippets of files, and tell what became of each."""
        report = await Importer(self._catalogue, self.save).run(import_in)
        self.context.emit(
            "snippets", {"action": "import", "count": len(report.created), "scope": import_in.scope}
        )
        return report

    async def export(self, query: shapes.ExportQuery) -> shapes.Export:
        """Files of some snippets, or of all."""
        if query.id:
            chosen = [await self._catalogue.get(id_) for id_ in dict.fromkeys(query.id)]
        else:
            chosen = sorted(
                await self._catalogue.all(), key=lambda snippet: (snippet.name, snippet.id)
            )
        files = await asyncio.to_thread(formats.write, chosen, query.format)
        return shapes.Export.model_construct(files=files)

    async def list_libraries(self, query: shapes.LibraryQuery) -> Page[shapes.Library]:
        """One page of the libraries and how they are."""
        libraries = await self._libraries.all()
        return Page[shapes.Library](
            items=libraries[query.offset : query.offset + query.limit],
            total=len(libraries),
            offset=query.offset,
            limit=query.limit,
        )

    async def add_library(self, library_in: shapes.LibraryIn) -> shapes.Library:
        """Add a library by its address; reading it begins at once."""
        return await self._libraries.add(library_in)

    async def remove_library(self, name: str) -> None:
        """Forget a library that was added."""
        await self._libraries.remove(name)

    async def refresh_library(self, name: str) -> shapes.Library:
        """Begin to read a library anew."""
        return await self._libraries.refresh(name)

    async def cancel_library(self, name: str) -> None:
        """Stop a refresh."""
        await self._libraries.cancel(name)

    async def _known(self, id: str) -> shapes.Snippet | None:
        """The snippet as it is known here; the store decides, and may know one that is not yet known here."""
        _refuse_library(id)
        try:
            return await self._catalogue.get(id)
        except NotFound:
            return None

    async def _check_secrets(self, snippet_in: SnippetIn) -> None:
        if snippet_in.allow_secrets:
            return
        described = SnippetCell(kind="raw", source=snippet_in.description)
        secrets = await asyncio.to_thread(findings, (*snippet_in.cells, described))
        if secrets:
            raise SecretFound(
                "The snippet holds what looks like a secret",
                reason=f"{secrets[0].kind} in line {secrets[0].line}: {secrets[0].excerpt}",
                remedy="Take it out, or save it all the same.",
                details={"findings": [finding.model_dump() for finding in secrets]},
            )

    def _with_requirements(self, snippet: shapes.Snippet) -> shapes.Snippet:
        """The snippet with what its code imports; told when it is shown, and remembered for a while."""
        key = (snippet.id, snippet.version)
        if snippet.library is not None:
            key = (f"{snippet.id}@{snippet.updated.isoformat()}", 1)
        if key not in self._required:
            self._required[key] = required(snippet)
            if len(self._required) > _MOST_REMEMBERED:
                self._required.popitem(last=False)
        return snippet.model_copy(update={"requires": self._required[key]})

    def _emit_event(self, action: str, snippet: shapes.Snippet | None) -> None:
        if snippet is not None:
            self.context.emit(
                "snippets",
                {
                    "action": action,
                    "id": snippet.id,
                    "scope": snippet.scope,
                    "project": snippet.project or "",
                    "version": snippet.version,
                },
            )


def _refuse_library(id: str) -> None:
    if id.startswith("library:"):
        raise Forbidden(
            "Snippets of a library cannot be changed",
            reason="A library is read-only and has no versions.",
            remedy="Duplicate the snippet, and change the copy.",
        )
