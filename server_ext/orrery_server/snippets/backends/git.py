"""Libraries from Git: clones whose snippet files are read, and never run."""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from jupyter_core.paths import jupyter_data_dir
from pydantic import TypeAdapter, ValidationError
from traitlets import Float, Integer, Unicode, default

from orrery_server.errors import Conflict, Invalid, NotFound, OrreryError
from orrery_server.reach import disk, git
from orrery_server.snippets.backends.base import LibraryBackend
from orrery_server.snippets.formats import read
from orrery_server.snippets.schemas import Library, LibraryIn, SnippetContent, SnippetFile

_LIBRARIES = TypeAdapter(tuple[Library, ...])
_SUFFIXES = (".code-snippets", ".json")
_MOST_FILES = 2_000


class GitSnippets(LibraryBackend):
    """The Git libraries of one person: a list of addresses, and a clone of each."""

    folder = Unicode(help="Where the clones lie.").tag(config=True)
    seconds = Float(120.0, help="How long a refresh may take, in seconds.").tag(config=True)
    max_bytes = Integer(200_000_000, help="How large a clone may be, in bytes.").tag(config=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._root = Path(self.folder)
        self._list = self._root / "libraries.json"
        self._known: dict[str, Library] | None = None
        self._tasks: dict[str, asyncio.Task[None]] = {}

    @default("folder")
    def _default_folder(self) -> str:
        return str(Path(jupyter_data_dir()) / "orrery" / "libraries")

    async def libraries(self) -> tuple[Library, ...]:
        known = await self._load()
        return tuple(
            one.model_copy(update={"state": "refreshing"}) if name in self._tasks else one
            for name, one in sorted(known.items())
        )

    async def read(self, name: str) -> tuple[SnippetContent, ...]:
        library = (await self._load()).get(name)
        if library is None:
            raise NotFound("There is no such library")
        return await asyncio.to_thread(_snippets, self._root / name, library.folder)

    async def add(self, wanted: LibraryIn) -> Library:
        git.checked_url(wanted.url)
        if wanted.ref is not None:
            git.checked_ref(wanted.ref)
        _checked_folder(wanted.folder)
        known = await self._load()
        if wanted.name in known:
            raise Conflict(
                "There is a library of that name",
                reason=f"{wanted.name} comes from {known[wanted.name].url}.",
                remedy="Choose another name, or remove the old one first.",
            )
        library = Library(
            name=wanted.name,
            kind="git",
            url=wanted.url,
            ref=wanted.ref,
            folder=wanted.folder,
            state="never",
        )
        await self._keep(library)
        return library

    async def remove(self, name: str) -> bool:
        if name not in await self._load():
            return False
        await self.cancel(name)
        known = dict(await self._load())
        del known[name]
        await self._write(known)
        await asyncio.to_thread(shutil.rmtree, self._root / name, True)
        self.revision += 1
        return True

    async def refresh(self, name: str) -> Library | None:
        library = (await self._load()).get(name)
        if library is None:
            return None
        if name in self._tasks:
            raise Conflict("It is being refreshed already", remedy="Wait for it, or cancel it.")
        task = asyncio.create_task(self._refresh(library))
        self._tasks[name] = task
        task.add_done_callback(lambda _: self._tasks.pop(name, None))
        return library.model_copy(update={"state": "refreshing"})

    async def cancel(self, name: str) -> bool:
        task = self._tasks.get(name)
        if task is None:
            return False
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        return True

    async def close(self) -> None:
        for name in list(self._tasks):
            await self.cancel(name)

    async def _refresh(self, library: Library) -> None:
        """Clone beside the old content, and put it in its place only when all of it was read."""
        self._root.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{library.name}-", dir=self._root))
        try:
            branch = ["--branch", library.ref] if library.ref else []
            await git.run(
                "clone",
                "--quiet",
                "--depth=1",
                "--no-tags",
                "--single-branch",
                *branch,
                "--",
                library.url,
                str(fresh / "clone"),
                seconds=self.seconds,
                watch=fresh,
                max_bytes=self.max_bytes,
            )
            said = await git.run("rev-parse", "HEAD", cwd=fresh / "clone")
            found = await asyncio.to_thread(_snippets, fresh / "clone", library.folder)
            await asyncio.to_thread(_swap, fresh / "clone", self._root / library.name)
            done = library.model_copy(
                update={
                    "state": "ready",
                    "commit": said.decode().strip(),
                    "refreshed": datetime.now(UTC),
                    "count": len(found),
                    "error": "",
                }
            )
            self.revision += 1
        except OrreryError as problem:
            told = " ".join(filter(None, (problem.message, problem.reason)))
            done = library.model_copy(update={"state": "failed", "error": told[:1_000]})
        finally:
            await asyncio.to_thread(shutil.rmtree, fresh, True)
        await self._keep(done)

    async def _load(self) -> dict[str, Library]:
        if self._known is None:
            self._known = await asyncio.to_thread(self._read_list)
        return self._known

    def _read_list(self) -> dict[str, Library]:
        try:
            found = _LIBRARIES.validate_json(self._list.read_bytes())
        except FileNotFoundError:
            return {}
        except (ValidationError, ValueError):
            aside = disk.set_aside(self._list, self._root / "aside")
            self.log.warning("The list of snippet libraries cannot be read; it was kept: %s", aside)
            return {}
        return {one.name: one for one in found}

    async def _keep(self, library: Library) -> None:
        known = dict(await self._load())
        known[library.name] = library
        await self._write(known)

    async def _write(self, known: dict[str, Library]) -> None:
        value = json.loads(_LIBRARIES.dump_json(tuple(known.values())))
        await asyncio.to_thread(disk.write_json, self._list, value)
        self._known = known


def _checked_folder(folder: str) -> None:
    path = PurePosixPath(folder)
    if path.is_absolute() or ".." in path.parts or "\\" in folder or not folder.isprintable():
        raise Invalid(
            "That folder cannot be used",
            reason="It must be inside the repository.",
            remedy="Give a folder such as snippets/python.",
        )


def _snippets(clone: Path, folder: str) -> tuple[SnippetContent, ...]:
    """What the snippet files below a folder hold; a link that leads out of the clone is not followed."""
    root = clone.resolve()
    top = (root / folder).resolve()
    if not top.is_relative_to(root) or not top.is_dir():
        if not root.is_dir():
            return ()
        raise Invalid("The repository has no such folder", reason=folder)
    found: list[SnippetContent] = []
    files = [
        path
        for path in sorted(top.rglob("*"))
        if path.suffix in _SUFFIXES
        and ".git" not in path.relative_to(root).parts
        and path.is_file()
        and path.resolve().is_relative_to(root)
    ]
    for path in files[:_MOST_FILES]:
        if path.stat().st_size > 20_000_000:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        found += read(SnippetFile(name=path.name, content=text))[0]
    return tuple(found)


def _swap(fresh: Path, place: Path) -> None:
    old = place.with_name(f".{place.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if place.exists():
        place.rename(old)
    fresh.rename(place)
    shutil.rmtree(old, ignore_errors=True)
