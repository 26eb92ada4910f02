"""Projects of one person without a hub: one JSON file in the Jupyter data directory."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, TypeVar

from jupyter_core.paths import jupyter_data_dir
from pydantic import Field, ValidationError
from traitlets import Int, Unicode, default

from orrery_server.base import files
from orrery_server.projects.backend import ProjectBackend
from orrery_wire import projects as shapes
from orrery_wire.errors import Conflict, Forbidden, Invalid, NotFound
from orrery_wire.names import RESERVED_SLUGS, Slug
from orrery_wire.project_labels import ShelfPatch, SortedProject
from orrery_wire.schemas import Page, PageQuery, Shape

T = TypeVar("T")
PERSONAL = "personal"


class StoredProject(SortedProject):
    """A project as the file has it."""

    slug: Slug
    name: str
    description: str = ""
    created: datetime
    updated: datetime | None = None
    deleted: datetime | None = None


class ProjectFile(Shape):
    """The content of ``projects.json``."""

    schema_: Literal[1] = Field(default=1, alias="schema")
    current: Slug | None = PERSONAL
    projects: tuple[StoredProject, ...] = ()

    def replace(self, project: StoredProject) -> ProjectFile:
        """The content with a project in the place of its older state."""
        others = (other for other in self.projects if other.slug != project.slug)
        return self.model_copy(update={"projects": (*others, project)})

    def remove(self, slug: str) -> ProjectFile:
        """The content without a project."""
        return self.model_copy(
            update={
                "projects": tuple(other for other in self.projects if other.slug != slug),
                # A project that is made under its slug later was not chosen.
                "current": None if self.current == slug else self.current,
            }
        )


class LocalProjects(ProjectBackend):
    """The project `personal`, and those that the person made."""

    folder = Unicode(
        help="Where `projects.json` and the projects' folders lie; `orrery` in the Jupyter data directory."
    ).tag(config=True)
    lake = Unicode(
        help="The lake of the project `personal`: a folder or URL; the folder the server shows if not given."
    ).tag(config=True)
    undelete_days = Int(
        30, min=0, help="For how many days a deleted project can be brought back."
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
        self._started = datetime.now(UTC)
        self._lock = asyncio.Lock()

    async def list(self, query: shapes.ProjectQuery) -> Page[shapes.Project]:
        content = await self._read()
        words = query.q.casefold().split()
        matches = [
            self._shape(project)
            for project in self._all(content)
            if (project.deleted is not None) == query.deleted
            and (query.deleted or (project.archived is not None) == query.archived)
            and query.category in ("", project.category)
            and (not query.label or query.label in project.labels)
            and all(word in _searched_text(project) for word in words)
        ]
        return _page(matches, query)

    async def get(self, slug: str) -> shapes.Project:
        return self._shape(self._find(await self._read(), slug))

    async def create(self, project: shapes.ProjectIn) -> shapes.Project:
        if project.slug in RESERVED_SLUGS:
            raise Invalid(
                f"A project cannot be called {project.slug!r}",
                reason="The word has another meaning in addresses.",
                remedy="Choose another short name.",
            )

        def add(content: ProjectFile) -> ProjectFile:
            if old := next((p for p in self._all(content) if p.slug == project.slug), None):
                raise _slug_taken(old)
            return content.replace(StoredProject(**project.model_dump(), created=datetime.now(UTC)))

        return self._shape(self._find(await self._change(add), project.slug))

    async def update(self, slug: str, patch: shapes.ProjectPatch) -> shapes.Project:
        def change(content: ProjectFile) -> ProjectFile:
            project = self._find_own(content, slug, "changed")
            sent = {name: value for name, value in patch if value is not None}
            if patch.category == "":
                sent["category"] = None
            if patch.labels is not None:
                sent["labels"] = tuple(dict.fromkeys(patch.labels))
            return _with_change(content, project, sent)

        return self._shape(self._find(await self._change(change), slug))

    async def shelve(self, slug: str, change: ShelfPatch) -> shapes.Project:
        def apply(content: ProjectFile) -> ProjectFile:
            project = self._find(content, slug)
            if slug == PERSONAL:
                self._find_own(content, slug, "archived or pinned")
            sent: dict[str, object] = {}
            if change.pinned is not None:
                sent["pinned"] = change.pinned
            if change.archived is not None and change.archived != (project.archived is not None):
                sent["archived"] = datetime.now(UTC) if change.archived else None
            return _with_change(content, project, sent)

        return self._shape(self._find(await self._change(apply), slug))

    async def delete(self, slug: str) -> None:
        def change(content: ProjectFile) -> ProjectFile:
            project = self._find_own(content, slug, "deleted")
            # It stays the chosen one, which is none while it is deleted: never another project unasked.
            return content.replace(project.model_copy(update={"deleted": datetime.now(UTC)}))

        await self._change(change)

    async def undelete(self, slug: str) -> shapes.Project:
        def change(content: ProjectFile) -> ProjectFile:
            project = self._find_own(content, slug, "deleted", with_deleted=True)
            return content.replace(project.model_copy(update={"deleted": None}))

        return self._shape(self._find(await self._change(change), slug))

    async def purge(self, slug: str) -> None:
        def change(content: ProjectFile) -> ProjectFile:
            if self._find_own(content, slug, "removed", with_deleted=True).deleted is None:
                raise Conflict(
                    f"The project {slug!r} is in use",
                    reason="Only a deleted project can be removed for good.",
                    remedy="Delete it first.",
                )
            return content.remove(slug)

        await self._change(change)

    async def members(self, slug: str, query: shapes.MemberQuery) -> Page[shapes.Member]:
        project = await self.get(slug)
        me = shapes.Member(user=self._user, role="owner", since=project.created)
        return _page([me] if query.q.casefold() in me.user.casefold() else [], query)

    async def set_role(self, slug: str, user: str, member: shapes.MemberIn) -> shapes.Member:
        await self.get(slug)
        raise _only_member()

    async def remove_member(self, slug: str, user: str) -> None:
        await self.get(slug)
        raise _only_member()

    async def current(self) -> shapes.Current:
        return self._current(await self._read())

    async def switch(self, choice: shapes.CurrentIn) -> shapes.Current:
        def change(content: ProjectFile) -> ProjectFile:
            if choice.slug is not None and self._find(content, choice.slug).archived:
                raise Conflict(
                    f"The project {choice.slug!r} is archived",
                    reason="Nobody works in an archived project.",
                    remedy="Restore it first.",
                )
            return content.model_copy(update={"current": choice.slug})

        return self._current(await self._change(change))

    def _current(self, content: ProjectFile) -> shapes.Current:
        if content.current is None:
            return shapes.Current(project=None)
        try:
            project = self._find(content, content.current)
            return shapes.Current(project=None if project.archived else self._shape(project))
        except NotFound:
            return shapes.Current(project=None)

    async def _read(self) -> ProjectFile:
        return await self._run(self._load)

    async def _change(self, change: Callable[[ProjectFile], ProjectFile]) -> ProjectFile:
        def apply() -> ProjectFile:
            with files.locked(self._root / ".lock"):
                before = self._load()
                after = change(before)
                if after != before:
                    files.write(self._path, after.model_dump_json(by_alias=True, indent=1).encode())
            return after

        return await self._run(apply)

    async def _run(self, work: Callable[[], T]) -> T:
        async with self._lock:
            return await asyncio.shield(asyncio.to_thread(work))

    def _load(self) -> ProjectFile:
        """The content of the file, without what was deleted too long ago."""
        try:
            content = ProjectFile.model_validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return ProjectFile()
        except (OSError, ValidationError) as problem:
            aside = files.set_aside(self._path, self._root / "aside")
            self.log.warning(
                "orrery: %s cannot be read (%s); it was kept as %s", self._path, problem, aside
            )
            return ProjectFile()
        now = datetime.now(UTC)
        projects = tuple(
            project
            for project in content.projects
            if project.deleted is None or self._purge_after(project.deleted) > now
        )
        # A project that is made under the slug of a purged one was not chosen.
        is_purged = content.current not in {None, PERSONAL, *(p.slug for p in projects)}
        current = None if is_purged else content.current
        return content.model_copy(update={"projects": projects, "current": current})

    def _purge_after(self, deleted: datetime) -> datetime:
        return deleted + timedelta(days=self.undelete_days)

    def _all(self, content: ProjectFile) -> tuple[StoredProject, ...]:
        personal = StoredProject(slug=PERSONAL, name="Personal", created=self._started)
        projects = sorted(content.projects, key=lambda p: (not p.pinned, p.name.casefold()))
        return (personal, *projects)

    def _find(
        self, content: ProjectFile, slug: str, *, with_deleted: bool = False
    ) -> StoredProject:
        for project in self._all(content):
            if project.slug == slug and (with_deleted or project.deleted is None):
                return project
        raise NotFound(
            f"There is no project {slug[:63]!r}",
            reason="It does not exist, or it was deleted.",
            remedy="Check the name.",
        )

    def _find_own(
        self, content: ProjectFile, slug: str, action: str, *, with_deleted: bool = False
    ) -> StoredProject:
        project = self._find(content, slug, with_deleted=with_deleted)
        if slug == PERSONAL:
            raise Forbidden(
                f"The project 'personal' cannot be {action}",
                reason="It stands for this server itself.",
                remedy="Choose another project as the current one, if it is in the way.",
            )
        return project

    def _shape(self, project: StoredProject) -> shapes.Project:
        own_lake = self._root / "projects" / project.slug / "lake"
        return shapes.Project(
            category=project.category,
            labels=project.labels,
            links=project.links,
            archived=project.archived,
            pinned=project.pinned,
            slug=project.slug,
            name=project.name,
            description=project.description,
            role="owner",
            members=1,
            lake=self.lake if project.slug == PERSONAL else str(own_lake),
            created=project.created,
            updated=project.updated or project.created,
            deleted=project.deleted,
            purge_after=project.deleted and self._purge_after(project.deleted),
        )


def _with_change(
    content: ProjectFile, project: StoredProject, sent: dict[str, object]
) -> ProjectFile:
    changed = project.model_copy(update=sent)
    if changed == project:
        return content
    return content.replace(changed.model_copy(update={"updated": datetime.now(UTC)}))


def _only_member() -> Invalid:
    return Invalid(
        "Without a hub a project has one member",
        reason="This server works for one person.",
        remedy="Start Orrery with its hub (`orrery up`) to work with others.",
    )


def _slug_taken(old: StoredProject) -> Conflict:
    message = f"There can be no second project {old.slug!r}"
    if old.deleted is None:
        return Conflict(
            message,
            reason=f"The project {old.name!r} has that short name.",
            remedy="Choose another short name.",
        )
    return Conflict(
        message,
        reason=f"The deleted project {old.name!r} has that short name.",
        remedy=f"Bring it back (Bring Back on a project page, or `orrery projects undelete {old.slug}`),"
        " or choose another short name.",
        details={"undelete": old.slug},
    )


def _searched_text(project: StoredProject) -> str:
    return f"{project.slug}\n{project.name}\n{project.description}".casefold()


def _page(items: Sequence[T], query: PageQuery) -> Page[T]:
    part = items[query.offset : query.offset + query.limit]
    return Page[Any](items=tuple(part), total=len(items), offset=query.offset, limit=query.limit)
