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
from typing import Any, Literal

from jupyter_core.paths import jupyter_data_dir
from pydantic import Field, ValidationError
from traitlets import Int, Unicode, default

from orrery_server.base import files, git
from orrery_server.snippets.backend import LibraryBackend
from orrery_server.snippets.backends.blobs import read_snippets
from orrery_server.snippets.schemas import Library, LibraryIn
from orrery_wire.errors import Conflict, Invalid, OrreryError
from orrery_wire.schemas import Shape
from orrery_wire.snippets import SnippetContent


class _Kept(Shape):
    """What the file of one library holds."""

    schema_: Literal[1] = Field(default=1, alias="schema")
    wanted: LibraryIn
    commit: str | None = None
    refreshed: datetime | None = None
    error: str = ""
    snippets: tuple[SnippetContent, ...] = ()


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
        self._known: dict[str, _Kept] | None = None
        self._running: dict[str, asyncio.Task[None]] = {}

    async def libraries(self) -> tuple[Library, ...]:
        return tuple(self._shape(kept) for _, kept in sorted((await self._all()).items()))

    async def read(self, name: str) -> tuple[SnippetContent, ...]:
        kept = (await self._all()).get(name)
        return kept.snippets if kept else ()

    async def add(self, wanted: LibraryIn) -> Library:
        git.checked_url(wanted.url)
        if wanted.ref is not None:
            git.checked_ref(wanted.ref)
        kept = _Kept(wanted=wanted.model_copy(update={"folder": _checked_folder(wanted.folder)}))
        await self._keep(kept)
        shape = self._shape(kept)
        await self.refresh(wanted.name)
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

    async def _refresh(self, old: _Kept) -> None:
        name = old.wanted.name
        fresh = old.model_copy(update={"error": "The refresh was stopped."})
        try:
            fresh = await self._fetched(old.wanted)
        except OrreryError as problem:
            said = f"{problem.message}. {problem.reason}".strip()
            fresh = old.model_copy(update={"error": said[:1000]})
        except OSError as problem:
            fresh = old.model_copy(update={"error": str(problem)[:1000]})
        finally:
            await asyncio.shield(self._end(name, fresh))

    async def _end(self, name: str, fresh: _Kept) -> None:
        try:
            await self._keep(fresh)
        except OrreryError as problem:
            self.log.warning("orrery: library %s: %s: %s", name, problem.message, problem.reason)
            (await self._all())[name] = fresh
        finally:
            self._running.pop(name, None)

    async def _fetched(self, wanted: LibraryIn) -> _Kept:
        work = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="orrery-git-"))
        try:
            bare = work / "bare"
            await git.run(
                *("clone", "--quiet", "--bare", "--depth=1", "--single-branch", "--no-tags"),
                *([f"--branch={wanted.ref}"] if wanted.ref else []),
                *("--", git.checked_url(wanted.url), str(bare)),
                seconds=self.seconds,
                watch=work,
                max_bytes=self.max_megabytes * 1_000_000,
            )
            commit = (await git.run("rev-parse", "HEAD", cwd=bare)).decode().strip()
            snippets = await read_snippets(bare, wanted.folder)
        finally:
            await asyncio.shield(asyncio.to_thread(shutil.rmtree, work, True))
        return _Kept(wanted=wanted, commit=commit, refreshed=datetime.now(UTC), snippets=snippets)

    async def _all(self) -> dict[str, _Kept]:
        if self._known is None:
            found = await asyncio.to_thread(self._load)
            self._known = self._known if self._known is not None else found
        return self._known

    def _load(self) -> dict[str, _Kept]:
        found: dict[str, _Kept] = {}
        for path in sorted(self._root.glob("*.json")):
            try:
                kept = _Kept.model_validate_json(path.read_bytes())
            except (OSError, ValidationError):
                aside = files.set_aside(path, self._root / "aside")
                self.log.warning("orrery: %s cannot be read; it was kept as %s", path, aside)
                continue
            if kept.wanted.name == path.stem:
                found[path.stem] = kept
        return found

    async def _keep(self, kept: _Kept) -> None:
        data = kept.model_dump_json(by_alias=True).encode()
        await asyncio.to_thread(files.write, self._path(kept.wanted.name), data)
        (await self._all())[kept.wanted.name] = kept
        self.revision += 1

    def _path(self, name: str) -> Path:
        return self._root / f"{name}.json"

    def _shape(self, kept: _Kept) -> Library:
        state: Literal["ready", "refreshing", "failed", "never"]
        if kept.wanted.name in self._running:
            state = "refreshing"
        elif kept.error:
            state = "failed"
        else:
            state = "ready" if kept.refreshed else "never"
        return Library(
            **kept.wanted.model_dump(),
            kind="git",
            state=state,
            commit=kept.commit,
            refreshed=kept.refreshed,
            count=len(kept.snippets),
            error=kept.error,
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
