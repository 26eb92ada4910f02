"""A project's data and code in the person's own folder: a link to the lake, a clone of the repository."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import shutil
from pathlib import Path

from pydantic import ValidationError

from orrery_server.base import files, git
from orrery_wire.errors import OrreryError
from orrery_wire.projects import Project
from orrery_wire.schemas import Shape

# In a clone: its time is that of the clone, and no file that is older was worked on here.
CLONE_STAMP = Path(".git", "orrery-cloned")

_CLONE_SECONDS = 90
_CLONE_BYTES = 2_000_000_000


class FolderEntry(Shape):
    """What was made for one project: the target of the link, and whether its code was cloned; the rest is the person's."""

    lake: str = ""
    code: bool = False


class FolderRecord(Shape):
    """What was made for each project, by the path of its folder."""

    folders: dict[str, FolderEntry] = {}


class ProjectFolders:
    """Makes what is missing below ``<home>/<slug>``, and takes away what it made. What is the person's own stays.

    ``record`` is the file that remembers what was made.
    """

    def __init__(
        self,
        home: Path,
        log: logging.Logger | logging.LoggerAdapter[logging.Logger],
        record: Path,
    ) -> None:
        self._home = home
        self._record = record
        self._log = log
        self._busy = asyncio.Lock()

    def folder(self, slug: str) -> Path:
        """Where a project is seen."""
        return self._home / slug

    async def make(self, project: Project) -> None:
        """Link the lake and clone the code; a failure is logged, and the next call tries again."""
        async with self._busy:
            try:
                await asyncio.to_thread(self._link, project)
                await self._clone(project)
            except (OrreryError, OSError) as problem:
                self._log.warning(
                    "orrery: the folder of project %s is incomplete: %s", project.slug, problem
                )

    def recorded(self) -> list[str]:
        """The projects for which something was made here."""
        folders = map(Path, self._read().folders)
        return sorted(folder.name for folder in folders if folder.parent == self._home)

    async def remove(self, slug: str) -> None:
        """Take away the link and the unchanged clone of a project that is not the person's any more.

        A clone with anything of the person in it stays, and so does every other file; a line in the log says so.
        """
        async with self._busy:
            entry = self._read().folders.get(str(self.folder(slug)), FolderEntry())
            code = self.folder(slug) / "code"
            is_clean = entry.code and await self._is_unchanged(code)
            try:
                await asyncio.to_thread(self._unlink, slug, entry, is_clean)
            except OSError as problem:
                self._log.warning("orrery: the folder of project %s stays: %s", slug, problem)
                return
            if entry.code and not is_clean and await asyncio.to_thread(os.path.lexists, code):
                self._log.warning(
                    "orrery: the clone of project %s stays, for it holds work of yours", slug
                )

    def _unlink(self, slug: str, entry: FolderEntry, is_clean: bool) -> None:
        folder = self.folder(slug)
        lake = folder / "lake"
        if entry.lake and lake.is_symlink() and str(lake.readlink()) == entry.lake:
            lake.unlink()
        if is_clean:
            shutil.rmtree(folder / "code")
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
        self._remember(slug, None)

    async def _is_unchanged(self, code: Path) -> bool:
        """Whether a clone holds nothing but what its origin has: no change, no file of its own, no commit, no stash."""
        if not await asyncio.to_thread(_is_clone, code):
            return False
        questions = (
            ("status", "--porcelain", "--ignored"),
            ("log", "--max-count=1", "--format=%H", "HEAD", "--branches", "--not", "--remotes"),
            ("stash", "list"),
        )
        try:
            return not any([await git.run(*question, cwd=code) for question in questions])
        except OrreryError as problem:
            self._log.info("orrery: git says nothing of %s: %s", code.name, problem.message)
            return False

    def _read(self) -> FolderRecord:
        try:
            return FolderRecord.model_validate_json(self._record.read_bytes())
        except FileNotFoundError:
            return FolderRecord()
        except (OSError, ValidationError) as problem:
            self._log.warning("orrery: it is not known which folders were made: %s", problem)
            return FolderRecord()

    def _remember(self, slug: str, entry: FolderEntry | None) -> None:
        """Note what was made for a project; None forgets it."""
        with files.locked(self._record.with_suffix(".lock")):
            folders = {**self._read().folders}
            folders.pop(str(self.folder(slug)), None)
            if entry is not None:
                folders[str(self.folder(slug))] = entry
            files.write_json(self._record, FolderRecord(folders=folders).model_dump())

    def _add(self, slug: str, **fields: object) -> None:
        entry = self._read().folders.get(str(self.folder(slug)), FolderEntry())
        self._remember(slug, entry.model_copy(update=fields))

    def _link(self, project: Project) -> None:
        if not project.lake.startswith("/"):
            return
        lake = Path(project.lake)
        link = self.folder(project.slug) / "lake"
        if link.is_symlink() or link.exists():
            return
        # A link to a folder around it would be a loop for whoever walks the tree.
        if link.absolute().is_relative_to(lake.absolute()):
            return
        lake.mkdir(parents=True, exist_ok=True)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(lake, target_is_directory=True)
        self._add(project.slug, lake=str(lake))

    async def _clone(self, project: Project) -> None:
        there = self.folder(project.slug) / "code"
        if not project.repository or await asyncio.to_thread(os.path.lexists, there):
            return
        url = project.repository
        url = git.checked_url(Path(url).as_uri() if url.startswith("/") else url)
        await asyncio.to_thread(there.parent.mkdir, parents=True, exist_ok=True)
        fresh = there.with_name(f".code-{secrets.token_hex(4)}")
        try:
            await git.run(
                "clone",
                "--quiet",
                "--no-recurse-submodules",
                "--",
                url,
                str(fresh),
                seconds=_CLONE_SECONDS,
                watch=fresh,
                max_bytes=_CLONE_BYTES,
            )
            await asyncio.to_thread((fresh / CLONE_STAMP).touch)
            if not await asyncio.to_thread(os.path.lexists, there):
                await asyncio.to_thread(os.rename, fresh, there)
                await asyncio.to_thread(self._add, project.slug, code=True)
        finally:
            await asyncio.to_thread(shutil.rmtree, fresh, True)


def _is_clone(path: Path) -> bool:
    return not path.is_symlink() and (path / ".git").is_dir()
