"""One import: the snippets of files are saved, put in the place of others or left alone, and the report says which."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Container, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count, islice

from pydantic import ValidationError

from orrery_server.snippets import formats
from orrery_server.snippets.backend import SnippetBackend
from orrery_server.snippets.catalogue import Catalogue
from orrery_server.snippets.schemas import (
    ImportedSnippet,
    ImportIn,
    ImportProblem,
    ImportReport,
    Snippet,
)
from orrery_wire.errors import Conflict, NotFound, OrreryError, StorageFull
from orrery_wire.secret_scan import secret_error
from orrery_wire.snippets import (
    SnippetContent,
    SnippetIn,
    SnippetWrite,
    StoredSnippet,
    WriteFailure,
)

MOST = 20_000
_PART = 100
_NAME = 120
_CHANGED = "It was changed since the import."

_Key = tuple[str, str]
# A snippet as the import saved it, and what was in its place before.
_Change = tuple[StoredSnippet, Snippet | None]


@dataclass(frozen=True)
class _Candidate:
    """A snippet of a file, on the way to be saved; ``old`` is the one that it replaces."""

    file: str
    line: int
    content: SnippetContent
    old: Snippet | None = None

    def problem(self, reason: str) -> ImportProblem:
        return ImportProblem(
            file=self.file, name=self.content.name[:_NAME], line=self.line, reason=reason[:600]
        )


@dataclass
class _Outcome:
    created: list[StoredSnippet] = field(default_factory=list)
    replaced: list[tuple[StoredSnippet, Snippet]] = field(default_factory=list)
    skipped: list[ImportProblem] = field(default_factory=list)
    failed: list[ImportProblem] = field(default_factory=list)
    notes: list[ImportProblem] = field(default_factory=list)


class Importer:
    """What cannot be saved is reported and does not stop the rest; a full disk stops it.

    A name may be there once for each language: a second one in other words gets a number.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        store: SnippetBackend,
        import_in: ImportIn,
        on_saved: Callable[[Snippet], None],
    ) -> None:
        self.id = secrets.token_hex(8)
        self.started = datetime.now(UTC)
        self.done = 0
        self.total = 0
        self.scope = import_in.scope
        self._catalogue = catalogue
        self._store = store
        self._on_saved = on_saved
        self._import_in: ImportIn | None = import_in
        self._outcome = _Outcome()

    @property
    def report(self) -> ImportReport:
        """What came of it so far."""
        outcome = self._outcome
        return ImportReport.model_construct(
            created=tuple(_named(snippet) for snippet in outcome.created),
            replaced=tuple(_named(snippet) for snippet, _ in outcome.replaced),
            skipped=tuple(outcome.skipped),
            failed=tuple(outcome.failed),
            notes=tuple(outcome.notes),
        )

    @property
    def has_changes(self) -> bool:
        """Whether there is something to undo."""
        return bool(self._outcome.created or self._outcome.replaced)

    async def run(self) -> None:
        """Import every file; cancelled between two parts, what is saved by then stays and is in the report.

        Raises:
            StorageFull, BackendUnavailable, TimedOut: the rest was not imported.
        """
        import_in, self._import_in = self._import_in, None
        if import_in is None:
            raise RuntimeError("an import runs once")
        candidates = await self._read(import_in)
        self.total = len(candidates)
        known = {
            (snippet.name, snippet.language): snippet
            for snippet in await self._catalogue.all()
            if snippet.library is None
            and (snippet.scope, snippet.project) == (import_in.scope, import_in.project)
        }
        rest = iter(candidates)
        while part := list(islice(rest, _PART)):
            chosen = [
                placed
                for candidate in part
                if (placed := self._placed(candidate, import_in, known)) is not None
            ]
            # What is on its way to the store is waited for, so that the report has it.
            await _finished(self._save(chosen, import_in))
            self.done += len(part)

    async def undo(self) -> list[ImportProblem]:
        """Take back what was created and replaced; what was changed since is left alone and told.

        What could not be taken back stays in the outcome, so that it can be tried again.
        """
        await self._catalogue.refresh()
        outcome = self._outcome
        changes: list[_Change] = [
            *((saved, None) for saved in outcome.created),
            *((saved, old) for saved, old in outcome.replaced),
        ]
        self.done, self.total = 0, len(changes)
        problems: list[ImportProblem] = []
        remaining: list[_Change] = []
        while changes:
            part, changes = changes[:_PART], changes[_PART:]
            reported, failed = await self._take_back(part)
            problems += reported
            remaining += failed
            self._outcome = _still_there([*remaining, *changes])
            self.done += len(part)
        return problems

    async def _read(self, import_in: ImportIn) -> list[_Candidate]:
        candidates: list[_Candidate] = []
        for file in import_in.files:
            result = await asyncio.to_thread(formats.read, file)
            self._outcome.failed += result.problems
            self._outcome.notes += result.notes
            candidates += [_Candidate(file.name, line, item) for item, line in result.entries]
        for candidate in candidates[MOST:]:
            self._skip(candidate, f"An import takes at most {MOST:,} snippets.")
        return list(self._distinct(candidates[:MOST]))

    def _distinct(self, candidates: Sequence[_Candidate]) -> Iterator[_Candidate]:
        """The candidates with a name for each: a repeated one in other words gets a number, the same again is left."""
        taken: dict[_Key, list[SnippetContent]] = {}
        for candidate in candidates:
            content = candidate.content
            same = taken.setdefault((content.name, content.language), [])
            if content in same:
                self._skip(candidate, "The same snippet is in the import twice.")
                continue
            same.append(content)
            if len(same) > 1:
                name = _numbered(content.name, content.language, taken)
                content = content.model_copy(update={"name": name})
                taken[name, content.language] = [content]
                reason = f"Another snippet in the import has its name: it is {name!r} now."
                self._outcome.notes.append(candidate.problem(reason))
            yield _Candidate(candidate.file, candidate.line, content)

    def _placed(
        self, candidate: _Candidate, import_in: ImportIn, known: dict[_Key, Snippet]
    ) -> _Candidate | None:
        """The candidate with the snippet that it replaces, or with a free name; None if it is left out."""
        content = candidate.content
        old = known.get((content.name, content.language))
        if old is None:
            return candidate
        if import_in.on_duplicate == "skip":
            self._skip(candidate, "There is a snippet of that name.")
            return None
        if import_in.on_duplicate == "replace":
            return _Candidate(candidate.file, candidate.line, content, old)
        name = _numbered(content.name, content.language, known)
        known[name, content.language] = old
        return _Candidate(candidate.file, candidate.line, content.model_copy(update={"name": name}))

    async def _save(self, chosen: list[_Candidate], import_in: ImportIn) -> None:
        writes = [(candidate, _save_of(candidate, import_in)) for candidate in chosen]
        if not import_in.allow_secrets:
            writes = await asyncio.to_thread(self._without_secrets, writes)
        if not writes:
            return
        results = await self._store.write_many([write for _, write in writes])
        saved: list[Snippet] = []
        for (candidate, _), result in zip(writes, results, strict=True):
            if result.snippet is None:
                self._outcome.failed.append(candidate.problem(_reason(result.failure)))
                continue
            saved.append(self._catalogue.shaped(result.snippet))
            if candidate.old is not None:
                self._outcome.replaced.append((result.snippet, candidate.old))
            else:
                self._outcome.created.append(result.snippet)
        await self._catalogue.put_many(saved)
        for snippet in saved:
            self._on_saved(snippet)
        full = [result.failure for result in results if _is_full(result.failure)]
        if full and full[0] is not None:
            raise StorageFull(full[0].message, reason=full[0].reason, remedy=full[0].remedy)

    def _without_secrets(
        self, writes: list[tuple[_Candidate, SnippetWrite]]
    ) -> list[tuple[_Candidate, SnippetWrite]]:
        clean = []
        for candidate, write in writes:
            error: OrreryError | None
            try:
                error = secret_error(write.content) if write.content else None
            except OrreryError as problem:
                error = problem
            if error is None:
                clean.append((candidate, write))
            else:
                reason = f"{error.message}. {error.reason}"
                self._outcome.failed.append(candidate.problem(reason))
        return clean

    def _undoing(
        self, part: list[_Change]
    ) -> tuple[list[tuple[_Change, SnippetWrite]], list[ImportProblem]]:
        """What takes changes back, and what is to be said of those that nothing can."""
        writes: list[tuple[_Change, SnippetWrite]] = []
        problems: list[ImportProblem] = []
        for saved, old in part:
            present = self._catalogue.find(saved.id)
            if present is None:
                continue  # deleted meanwhile: nothing of the import is left
            if present.version != saved.version:
                problems.append(_undo_problem(saved, _CHANGED))
                continue
            try:
                writes.append(((saved, old), _undo_of(saved, old)))
            except ValidationError:
                reason = "What it was before breaks a rule of names of today; see its history."
                problems.append(_undo_problem(saved, reason))
        return writes, problems

    async def _take_back(self, part: list[_Change]) -> tuple[list[ImportProblem], list[_Change]]:
        """What is to be said of some changes, and those that can be tried again."""
        writes, problems = self._undoing(part)
        if not writes:
            return problems, []
        results = await self._store.write_many([write for _, write in writes])
        restored = []
        removed = []
        failed = []
        for (change, write), result in zip(writes, results, strict=True):
            saved, _ = change
            if result.failure is not None and result.failure.code != NotFound.code:
                if result.failure.code == Conflict.code:
                    problems.append(_undo_problem(saved, _CHANGED))
                else:
                    problems.append(_undo_problem(saved, _reason(result.failure)))
                    failed.append(change)
            elif write.action == "delete":
                removed.append(saved.id)
            elif result.snippet is not None:
                restored.append(self._catalogue.shaped(result.snippet))
        await self._catalogue.forget_many(removed)
        await self._catalogue.put_many(restored)
        return problems, failed

    def _skip(self, candidate: _Candidate, reason: str) -> None:
        self._outcome.skipped.append(candidate.problem(reason))


async def _finished(work: Awaitable[None]) -> None:
    """Wait for work that goes on to its end also when the one who waits is cancelled; that is raised afterwards."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.gather(task, return_exceptions=True)
        raise


def _save_of(candidate: _Candidate, import_in: ImportIn) -> SnippetWrite:
    content = SnippetIn.model_construct(
        **{name: getattr(candidate.content, name) for name in SnippetContent.model_fields},
        scope=import_in.scope,
        project=import_in.project,
        base_version=None,
        allow_secrets=import_in.allow_secrets,
    )
    id_ = candidate.old.id if candidate.old is not None else None
    return SnippetWrite.model_construct(action="save", id=id_, content=content)


def _still_there(changes: Sequence[_Change]) -> _Outcome:
    """The outcome of which so much is left."""
    return _Outcome(
        created=[saved for saved, old in changes if old is None],
        replaced=[(saved, old) for saved, old in changes if old is not None],
    )


def _undo_of(saved: StoredSnippet, old: Snippet | None) -> SnippetWrite:
    if old is None:
        return SnippetWrite(action="delete", id=saved.id, base_version=saved.version)
    content = {name: getattr(old, name) for name in SnippetContent.model_fields}
    snippet_in = SnippetIn(
        **content,
        scope=old.scope,
        project=old.project,
        base_version=saved.version,
        allow_secrets=True,
    )
    return SnippetWrite(action="save", id=saved.id, content=snippet_in)


def _undo_problem(saved: StoredSnippet, reason: str) -> ImportProblem:
    return ImportProblem(file="", name=saved.name[:_NAME], reason=reason[:600])


def _named(snippet: StoredSnippet) -> ImportedSnippet:
    return ImportedSnippet.model_construct(id=snippet.id, name=snippet.name)


def _numbered(name: str, language: str, taken: Container[_Key]) -> str:
    """The name with the first number that is free."""
    stem = name[: _NAME - 8].rstrip()
    return next(
        candidate
        for candidate in (f"{stem} ({number})" for number in count(2))
        if (candidate, language) not in taken
    )


def _is_full(failure: WriteFailure | None) -> bool:
    return failure is not None and failure.code == StorageFull.code


def _reason(failure: WriteFailure | None) -> str:
    return f"{failure.message}. {failure.reason}".strip() if failure else "It was not saved."
