"""Libraries from Git repositories.

A repository is never checked out: its blobs are read, so that no link, hook, filter or submodule in it can do
anything. What was read is kept in one file, and stays while a refresh fails.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, Literal, NamedTuple

from jupyter_core.paths import jupyter_data_dir
from pydantic import Field, ValidationError
from traitlets import Int, Unicode, default

from orrery_server.base import files, git
from orrery_server.snippets import formats
from orrery_server.snippets.backend import LibraryBackend
from orrery_server.snippets.schemas import ImportProblem, Library, LibraryIn, SnippetFile
from orrery_wire.errors import Conflict, Invalid, OrreryError
from orrery_wire.schemas import Shape
from orrery_wire.snippets import SnippetContent

_SUFFIXES = (".code-snippets", ".json")
# What is listed of what could not be read; the last entry says how much more there is.
_PROBLEMS = 200
_FILE_BYTES = 2_000_000
_FILES = 2_000
_ALL_BYTES = 20_000_000
_SNIPPETS = 20_000


class LibraryState(Shape):
    """What the file of one library holds."""

    schema_: Literal[1] = Field(default=1, alias="schema")
    origin: LibraryIn
    commit: str | None = None
    refreshed: datetime | None = None
    error: str = ""
    snippets: tuple[SnippetContent, ...] = ()
    problems: tuple[ImportProblem, ...] = ()


class _ReadRepository(NamedTuple):
    snippets: tuple[SnippetContent, ...]
    problems: tuple[ImportProblem, ...]


class GitSnippets(LibraryBackend):
    """Read-only libraries that the person adds by their address."""

    folder = Unicode(
        help="Where they are kept; `orrery/libraries` in the Jupyter data directory if not given."
    ).tag(config=True)
    seconds = Int(120, min=1, help="How long a refresh may take.").tag(config=True)
    max_megabytes = Int(200, min=1, help="How large a repository may be.").tag(config=True)

    @default("folder")
    def _default_folder(self) -> str:
        return str(Path(jupyter_data_dir(), "orrery", "libraries"))

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._root = Path(self.folder).expanduser().absolute()
        self._known: dict[str, LibraryState] | None = None
        self._running: dict[str, asyncio.Task[None]] = {}

    async def libraries(self) -> tuple[Library, ...]:
        return tuple(self._shape(state) for _, state in sorted((await self._all()).items()))

    async def read(self, name: str) -> tuple[SnippetContent, ...]:
        state = (await self._all()).get(name)
        return state.snippets if state else ()

    async def add(self, library_in: LibraryIn) -> Library:
        git.checked_url(library_in.url)
        if library_in.ref is not None:
            git.checked_ref(library_in.ref)
        state = LibraryState(
            origin=library_in.model_copy(update={"folder": _checked_folder(library_in.folder)})
        )
        await self._keep(state)
        shape = self._shape(state)
        await self.refresh(library_in.name)
        return shape

    async def remove(self, name: str) -> bool:
        known = await self._all()
        if name not in known:
            return False
        await self.cancel(name)
        await asyncio.to_thread(self._path(name).unlink, missing_ok=True)
        del known[name]
        self.revision += 1
        return True

    async def refresh(self, name: str) -> Library | None:
        known = await self._all()
        if name not in known:
            return None
        if name in self._running:
            raise Conflict(
                f"The library {name!r} is being refreshed already",
                remedy="Wait until it is done, or cancel it.",
            )
        self._running[name] = asyncio.create_task(self._refresh(known[name]))
        return self._shape(known[name])

    async def cancel(self, name: str) -> bool:
        task = self._running.get(name)
        if task is None:
            return False
        task.cancel()
        await asyncio.wait({task})
        return True

    async def close(self) -> None:
        for name in list(self._running):
            await self.cancel(name)

    async def _refresh(self, old: LibraryState) -> None:
        name = old.origin.name
        fresh = old.model_copy(update={"error": "The refresh was stopped."})
        try:
            fresh = await self._fetched(old.origin)
        except OrreryError as problem:
            text = f"{problem.message}. {problem.reason}".strip()
            fresh = old.model_copy(update={"error": text[:1000]})
        except OSError as problem:
            fresh = old.model_copy(update={"error": str(problem)[:1000]})
        finally:
            await asyncio.shield(self._end(name, fresh))

    async def _end(self, name: str, fresh: LibraryState) -> None:
        try:
            await self._keep(fresh)
        except OrreryError as problem:
            self.log.warning("orrery: library %s: %s: %s", name, problem.message, problem.reason)
            (await self._all())[name] = fresh
        finally:
            self._running.pop(name, None)

    async def _fetched(self, library_in: LibraryIn) -> LibraryState:
        work = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="orrery-git-"))
        try:
            bare = work / "bare"
            await git.run(
                *("clone", "--quiet", "--bare", "--depth=1", "--single-branch", "--no-tags"),
                *([f"--branch={library_in.ref}"] if library_in.ref else []),
                *("--", git.checked_url(library_in.url), str(bare)),
                seconds=self.seconds,
                watch=work,
                max_bytes=self.max_megabytes * 1_000_000,
            )
            commit = (await git.run("rev-parse", "HEAD", cwd=bare)).decode().strip()
            content = await _read_snippets(bare, library_in.folder)
        finally:
            await asyncio.shield(asyncio.to_thread(shutil.rmtree, work, True))
        return LibraryState(
            origin=library_in,
            commit=commit,
            refreshed=datetime.now(UTC),
            snippets=content.snippets,
            problems=content.problems,
        )

    async def _all(self) -> dict[str, LibraryState]:
        if self._known is None:
            states = await asyncio.to_thread(self._load)
            self._known = self._known if self._known is not None else states
        return self._known

    def _load(self) -> dict[str, LibraryState]:
        states: dict[str, LibraryState] = {}
        for path in sorted(self._root.glob("*.json")):
            try:
                state = LibraryState.model_validate_json(path.read_bytes())
            except (OSError, ValidationError):
                aside = files.set_aside(path, self._root / "aside")
                self.log.warning("orrery: %s cannot be read; it was kept as %s", path, aside)
                continue
            if state.origin.name == path.stem:
                states[path.stem] = state
        return states

    async def _keep(self, state: LibraryState) -> None:
        data = state.model_dump_json(by_alias=True).encode()
        await asyncio.to_thread(files.write, self._path(state.origin.name), data)
        (await self._all())[state.origin.name] = state
        self.revision += 1

    def _path(self, name: str) -> Path:
        return self._root / f"{name}.json"

    def _shape(self, stored: LibraryState) -> Library:
        state: Literal["ready", "refreshing", "failed", "never"]
        if stored.origin.name in self._running:
            state = "refreshing"
        elif stored.error:
            state = "failed"
        else:
            state = "ready" if stored.refreshed else "never"
        return Library(
            **stored.origin.model_dump(),
            kind="git",
            state=state,
            commit=stored.commit,
            refreshed=stored.refreshed,
            count=len(stored.snippets),
            error=stored.error,
            problems=stored.problems,
        )


def _checked_folder(folder: str) -> str:
    """A folder inside the repository, without slashes around it."""
    path = PurePosixPath(folder.strip().strip("/"))
    if ".." in path.parts or not folder.isprintable():
        raise Invalid(
            "That is no folder of a repository",
            reason="It leads out of the repository.",
            remedy="Give a folder such as snippets/python, or none.",
        )
    return "" if str(path) == "." else str(path)


async def _read_snippets(bare: Path, folder: str) -> _ReadRepository:
    """Every snippet below a folder of the newest commit, and what could not be read; Invalid if there are too many."""
    listing = await git.run("ls-tree", "-r", "-l", "-z", "--full-tree", "HEAD", cwd=bare)
    problems: list[ImportProblem] = []
    chosen = _chosen(listing, folder, problems)
    feed = "".join(f"{key}\n" for _, key in chosen).encode()
    blobs = await git.run("cat-file", "--batch", cwd=bare, feed=feed) if chosen else b""
    return await asyncio.to_thread(_parse, [name for name, _ in chosen], blobs, problems)


def _chosen(listing: bytes, folder: str, problems: list[ImportProblem]) -> list[tuple[str, str]]:
    """Name and key of each snippet file. Links and submodules are no files; what is too large is a problem."""
    chosen: list[tuple[str, str]] = []
    total = 0
    for line in listing.decode("utf-8", "replace").split("\0"):
        about, _, name = line.partition("\t")
        if not about.startswith("100") or not name.endswith(_SUFFIXES):
            continue
        key, size = about.split()[2:4]
        if not (not folder or name.startswith(folder + "/")):
            continue
        if int(size) > _FILE_BYTES:
            reason = f"It is larger than {_FILE_BYTES / 1e6:.0f} MB."
            problems.append(ImportProblem(file=name[-255:], reason=reason))
            continue
        total += int(size)
        if len(chosen) == _FILES or total > _ALL_BYTES:
            raise Invalid(
                "There are too many snippet files in the repository",
                reason=f"At most {_FILES:,} files and {_ALL_BYTES / 1e6:.0f} MB are read.",
                remedy="Name a folder of it.",
            )
        chosen.append((name, key))
    return chosen


def _parse(names: list[str], blobs: bytes, problems: list[ImportProblem]) -> _ReadRepository:
    """The snippets in what ``git cat-file --batch`` printed: a line that ends in the size, then the bytes, for each."""
    contents: list[SnippetContent] = []
    at = 0
    for name in names:
        end = blobs.index(b"\n", at)
        begin, size = end + 1, int(blobs[at:end].split()[2])
        at = begin + size + 1
        short = name[-255:]
        try:
            text = blobs[begin : begin + size].decode()
        except UnicodeDecodeError as problem:
            line = blobs.count(b"\n", begin, begin + problem.start) + 1
            reason = "It is no UTF-8 text."
            problems.append(ImportProblem(file=short, line=line, reason=reason))
            continue
        result = formats.read(SnippetFile(name=short, content=text))
        contents += result.contents
        problems += [*result.problems, *result.notes]
        if len(contents) > _SNIPPETS:
            raise Invalid(
                "There are too many snippets in the repository",
                reason=f"At most {_SNIPPETS:,} are read.",
                remedy="Name a folder of it.",
            )
    return _ReadRepository(tuple(contents), _shortened(problems))


def _shortened(problems: list[ImportProblem]) -> tuple[ImportProblem, ...]:
    """The first problems, and how many more there are."""
    if len(problems) <= _PROBLEMS:
        return tuple(problems)
    more = len(problems) - _PROBLEMS
    return (*problems[:_PROBLEMS], ImportProblem(file="", reason=f"{more:,} more."))
