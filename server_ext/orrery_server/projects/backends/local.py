"""Projects of one person without a hub: one JSON file in the Jupyter data directory."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TypeVar

from jupyter_core.paths import jupyter_data_dir
from pydantic import Field, ValidationError
from traitlets import Unicode, default

from orrery_server.base import files
from orrery_server.projects.backend import ProjectBackend
from orrery_wire.errors import Conflict, Forbidden, Invalid, NotFound
from orrery_wire.projects import (
    Current,
    CurrentIn,
    Member,
    Project,
    ProjectIn,
    ProjectQuery,
    Role,
    Slug,
)
from orrery_wire.schemas import Page, Shape

T = TypeVar("T")
PERSONAL = "personal"
_RESERVED = frozenset({"current", "home"})


class _One(Shape):
    slug: Slug
    name: str
    description: str = ""
    created: datetime


class _Kept(Shape):
    schema_: Literal[1] = Field(default=1, alias="schema")
    current: Slug | None = PERSONAL
    projects: tuple[_One, ...] = ()


class LocalProjects(ProjectBackend):
    """The project `personal`, and those that the person made."""

    folder = Unicode(
        help="Where `projects.json` and the projects' folders lie; `orrery` in the Jupyter data directory."
    ).tag(config=True)
    lake = Unicode(
        help="The lake of the project `personal`: a folder or URL; the folder the server shows if not given."
    ).tag(config=True)

    @default("folder")
    def _default_folder(self) -> str:
        return str(Path(jupyter_data_dir(), "orrery"))

    @default("lake")
    def _default_lake(self) -> str:
        return str(getattr(self.parent, "root", "") or Path.cwd())

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._root = Path(self.folder).expanduser().absolute()
        self._path = self._root / "projects.json"
        self._user = getpass.getuser()
        self._began = datetime.now(UTC)
        self._busy = asyncio.Lock()

    async def list(self, query: ProjectQuery) -> Page[Project]:
        kept = await self._do(lambda: self._read())
        words = query.q.casefold().split()
        found = [self._shape(one) for one in self._all(kept)]
        fits = [
            one
            for one in found
            if all(w in f"{one.slug}\n{one.name}\n{one.description}".casefold() for w in words)
        ]
        page = fits[query.offset : query.offset + query.limit]
        return Page[Project](
            items=tuple(page), total=len(fits), offset=query.offset, limit=query.limit
        )

    async def get(self, slug: str) -> Project:
        return self._shape(self._find(await self._do(lambda: self._read()), slug))

    async def create(self, wanted: ProjectIn) -> Project:
        if wanted.slug in _RESERVED:
            raise Invalid(
                f"A project cannot be called {wanted.slug!r}",
                reason="The word has another meaning in addresses.",
                remedy="Choose another short name.",
            )

        def add(kept: _Kept) -> _Kept:
            if any(one.slug == wanted.slug for one in self._all(kept)):
                raise Conflict(
                    f"There can be no second project {wanted.slug!r}",
                    reason="A project has that short name.",
                    remedy="Choose another short name.",
                )
            one = _One(**wanted.model_dump(), created=datetime.now(UTC))
            return kept.model_copy(update={"projects": (*kept.projects, one)})

        kept = await self._do(lambda: self._change(add))
        return self._shape(self._find(kept, wanted.slug))

    async def delete(self, slug: str) -> None:
        def drop(kept: _Kept) -> _Kept:
            self._find(kept, slug)
            if slug == PERSONAL:
                raise Forbidden(
                    "The project 'personal' cannot be deleted",
                    reason="It stands for this server itself.",
                    remedy="Choose another project as the current one, if it is in the way.",
                )
            left = tuple(one for one in kept.projects if one.slug != slug)
            current = PERSONAL if kept.current == slug else kept.current
            return kept.model_copy(update={"projects": left, "current": current})

        await self._do(lambda: self._change(drop))

    async def members(self, slug: str, query: ProjectQuery) -> Page[Member]:
        project = await self.get(slug)
        me = Member(user=self._user, role="owner", since=project.created)
        items = (me,) if query.q.casefold() in me.user.casefold() else ()
        return Page[Member](
            items=items[query.offset : query.offset + query.limit],
            total=len(items),
            offset=query.offset,
            limit=query.limit,
        )

    async def set_member(self, slug: str, user: str, role: Role | None) -> Member | None:
        await self.get(slug)
        raise Invalid(
            "Without a hub a project has one member",
            reason="This server works for one person.",
            remedy="Start Orrery with its hub (`orrery up`) to work with others.",
        )

    async def current(self, chosen: CurrentIn | None = None) -> Current:
        if chosen is None:
            kept = await self._do(lambda: self._read())
        else:
            slug = chosen.slug

            def choose(kept: _Kept) -> _Kept:
                if slug is not None:
                    self._find(kept, slug)
                return kept.model_copy(update={"current": slug})

            kept = await self._do(lambda: self._change(choose))
        found = [one for one in self._all(kept) if one.slug == kept.current]
        return Current(project=self._shape(found[0]) if found else None)

    async def _do(self, act: Callable[[], T]) -> T:
        async with self._busy:
            return await asyncio.shield(asyncio.to_thread(act))

    def _read(self) -> _Kept:
        try:
            return _Kept.model_validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return _Kept()
        except (OSError, ValidationError) as problem:
            aside = files.set_aside(self._path, self._root / "aside")
            self.log.warning(
                "orrery: %s cannot be read (%s); it was kept as %s", self._path, problem, aside
            )
            return _Kept()

    def _change(self, change: Callable[[_Kept], _Kept]) -> _Kept:
        with files.locked(self._root / ".lock"):
            before = self._read()
            after = change(before)
            if after != before:
                files.write(self._path, after.model_dump_json(by_alias=True, indent=1).encode())
        return after

    def _all(self, kept: _Kept) -> tuple[_One, ...]:
        personal = _One(slug=PERSONAL, name="Personal", created=self._began)
        return (personal, *sorted(kept.projects, key=lambda one: one.name.casefold()))

    def _find(self, kept: _Kept, slug: str) -> _One:
        for one in self._all(kept):
            if one.slug == slug:
                return one
        raise NotFound(
            f"There is no project {slug[:63]!r}",
            reason="It does not exist, or it was deleted.",
            remedy="Check the name.",
        )

    def _shape(self, one: _One) -> Project:
        lake = (
            self.lake if one.slug == PERSONAL else str(self._root / "projects" / one.slug / "lake")
        )
        return Project(
            slug=one.slug,
            name=one.name,
            description=one.description,
            role="owner",
            members=1,
            lake=lake,
            created=one.created,
            updated=one.created,
        )
