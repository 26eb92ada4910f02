"""Bringing in the snippets of files: each is saved, replaced or left alone, and the report says which and why."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from orrery_server.snippets import formats
from orrery_server.snippets.catalogue import Catalogue
from orrery_server.snippets.formats import unique
from orrery_server.snippets.schemas import ImportIn, ImportProblem, ImportReport, Snippet
from orrery_wire.errors import OrreryError, StorageFull
from orrery_wire.snippets import SnippetContent, SnippetIn

Save = Callable[[SnippetIn, str | None], Awaitable[Snippet]]
_MOST = 5_000


class Importer:
    """One import. What fails is told and does not stop the rest; a full disk stops it."""

    def __init__(self, catalogue: Catalogue, save: Save) -> None:
        self._catalogue = catalogue
        self._save = save
        self._created: list[Snippet] = []
        self._replaced: list[Snippet] = []
        self._skipped: list[ImportProblem] = []
        self._failed: list[ImportProblem] = []

    async def run(self, import_in: ImportIn) -> ImportReport:
        """Import every file."""
        known = {
            snippet.name: snippet
            for snippet in await self._catalogue.all()
            if snippet.library is None
            and (snippet.scope, snippet.project) == (import_in.scope, import_in.project)
        }
        for file in import_in.files:
            good, bad = await asyncio.to_thread(formats.read, file)
            self._failed += bad
            for content in good:
                if len(self._created) + len(self._replaced) >= _MOST:
                    reason = f"An import takes at most {_MOST:,} snippets."
                    self._skip(file.name, content, reason)
                else:
                    await self._import_content(import_in, file.name, content, known)
        return ImportReport.model_construct(
            created=tuple(self._created),
            replaced=tuple(self._replaced),
            skipped=tuple(self._skipped),
            failed=tuple(self._failed),
        )

    async def _import_content(
        self, import_in: ImportIn, file: str, content: SnippetContent, known: dict[str, Snippet]
    ) -> None:
        old = known.get(content.name)
        if old is not None and import_in.on_duplicate == "skip":
            self._skip(file, content, "There is a snippet of that name.")
            return
        name = content.name
        if old is not None and import_in.on_duplicate == "copy":
            name, old = unique([*known, name], " ({})")[-1][:120], None
        snippet = SnippetIn(
            **content.model_dump(exclude={"name"}),
            name=name,
            scope=import_in.scope,
            project=import_in.project,
            allow_secrets=import_in.allow_secrets,
        )
        try:
            saved = await self._save(snippet, old.id if old else None)
        except StorageFull:
            raise
        except OrreryError as problem:
            reason = f"{problem.message}. {problem.reason}".strip()
            self._failed.append(ImportProblem(file=file, name=content.name, reason=reason))
            return
        (self._replaced if old else self._created).append(saved)
        known[saved.name] = saved

    def _skip(self, file: str, content: SnippetContent, reason: str) -> None:
        self._skipped.append(ImportProblem(file=file, name=content.name, reason=reason))
