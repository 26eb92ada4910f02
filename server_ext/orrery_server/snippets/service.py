"""What snippets mean: found by words, saved with a look for secrets, shared, versioned, brought in and out."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

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
from orrery_server.snippets.import_jobs import ImportJobs
from orrery_server.snippets.importer import Importer
from orrery_server.snippets.imports import required
from orrery_server.snippets.libraries import Libraries
from orrery_wire.errors import Forbidden, Invalid, NotFound
from orrery_wire.schemas import Page
from orrery_wire.secret_scan import findings, secret_error
from orrery_wire.snippets import Marks, SnippetIn, SnippetWrite, Versions

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
        self._imports = ImportJobs(self._import_ended, self.log)
        self._required: OrderedDict[tuple[str, int], tuple[str, ...]] = OrderedDict()

    async def stop(self) -> None:
        """Stop refreshing and importing, and close the backends."""
        await self._imports.close()
        await self._catalogue.close()
        await self._libraries.close()
        await self._store.close()

    async def list(self, query: shapes.SnippetQuery) -> shapes.SnippetPage:
        """One page of the snippets that the words and filters leave."""
        hits, facets = await self._catalogue.search(query)
        return shapes.SnippetPage.model_construct(
            items=tuple(self._with_requirements(snippet) for snippet in hits.page),
            total=hits.total,
            exact_count=hits.exact_count,
            offset=query.offset,
            limit=query.limit,
            facets=facets,
            notices=self._catalogue.notices,
            may_publish=self._catalogue.may_publish,
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

    async def delete_many(self, ids_in: shapes.IdsIn) -> shapes.ManyReport:
        """Take several snippets away; they can be brought back together."""
        return await self._write_many(ids_in, "delete")

    async def undelete_many(self, ids_in: shapes.IdsIn) -> shapes.ManyReport:
        """Bring several deleted snippets back."""
        return await self._write_many(ids_in, "undelete")

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
                reason="Its name, a prefix or a tag holds characters that are not accepted any more.",
                remedy="Copy its cells into the present version.",
            ) from None
        stored = self._catalogue.shaped(await self._store.save(snippet_in, id))
        restored = self._with_requirements(await self._catalogue.put(stored))
        self._emit_event("restore", restored)
        return restored

    async def mark(self, id: str, marks: Marks) -> shapes.Snippet:
        """Note the person's own marks."""
        if not _is_library(id):
            stored = self._catalogue.shaped(await self._store.mark(id, marks))
            return self._with_requirements(await self._catalogue.put(stored))
        snippet = await self._catalogue.get(id)
        marked = await self._libraries.mark(snippet, marks)
        return self._with_requirements(await self._catalogue.put(marked))

    async def scan(self, scan_in: shapes.ScanIn) -> shapes.Scan:
        """What looks like a secret in some cells."""
        return shapes.Scan(findings=await asyncio.to_thread(findings, scan_in.cells))

    async def import_files(self, import_in: shapes.ImportIn) -> shapes.ImportJob:
        """Begin to save the snippets of files; a short import is over when this returns.

        Raises:
            Conflict: another import is under way.
        """
        action: Literal["save", "share"] = "save" if import_in.scope == "mine" else "share"
        importer = Importer(
            self._catalogue,
            self._store,
            import_in,
            on_saved=lambda snippet: self._emit_event(action, snippet),
        )
        return await self._imports.start(importer)

    async def list_imports(self, query: shapes.ImportQuery) -> Page[shapes.ImportJob]:
        """One page of the imports since the server started, newest first."""
        jobs = self._imports.all()
        return Page[shapes.ImportJob](
            items=jobs[query.offset : query.offset + query.limit],
            total=len(jobs),
            offset=query.offset,
            limit=query.limit,
        )

    async def get_import(self, id: str) -> shapes.ImportJob:
        """How far an import is, and what came of it."""
        return self._imports.get(id)

    async def cancel_import(self, id: str) -> shapes.ImportJob:
        """Stop an import; what it saved stays, and can be undone."""
        return await self._imports.cancel(id)

    async def undo_import(self, id: str) -> shapes.ImportJob:
        """Take back what an import added and replaced; what was changed since stays."""
        return await self._imports.undo(id)

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
        error = await asyncio.to_thread(secret_error, snippet_in)
        if error is not None:
            raise error

    async def _write_many(
        self, ids_in: shapes.IdsIn, action: Literal["delete", "undelete"]
    ) -> shapes.ManyReport:
        """Delete or bring back several; what is refused is in the report."""
        ids = list(dict.fromkeys(ids_in.ids))
        failed = [
            shapes.IdProblem(id=id_, reason="A library is read-only.")
            for id_ in ids
            if _is_library(id_)
        ]
        writes = [SnippetWrite(action=action, id=id_) for id_ in ids if not _is_library(id_)]
        before = {write.id: self._catalogue.find(write.id or "") for write in writes}
        back: list[shapes.Snippet] = []
        done: list[str] = []
        for write, result in zip(writes, await self._store.write_many(writes), strict=True):
            id_ = write.id or ""
            if result.failure is not None:
                reason = f"{result.failure.message}. {result.failure.reason}".strip()
                failed.append(shapes.IdProblem(id=id_, reason=reason))
                continue
            done.append(id_)
            if result.snippet is not None:
                back.append(self._catalogue.shaped(result.snippet))
        if action == "delete":
            await self._catalogue.forget_many(done)
        else:
            await self._catalogue.put_many(back)
        for snippet in back if action == "undelete" else [before[id_] for id_ in done]:
            self._emit_event(action, snippet)
        return shapes.ManyReport(ids=tuple(done), failed=tuple(failed))

    def _import_ended(self, importer: Importer, is_undo: bool) -> None:
        count = importer.done if is_undo else len(importer.report.created)
        action = "undo" if is_undo else "import"
        self.context.emit("snippets", {"action": action, "count": count, "scope": importer.scope})

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


def _is_library(id: str) -> bool:
    return id.startswith("library:")


def _refuse_library(id: str) -> None:
    if _is_library(id):
        raise Forbidden(
            "Snippets of a library cannot be changed",
            reason="A library is read-only and has no versions.",
            remedy="Duplicate the snippet, and change the copy.",
        )
