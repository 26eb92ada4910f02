"""What projects mean on this server: which one it works in, where it is seen, and what Home shows."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_data_dir
from traitlets import Int, Unicode, default

from orrery_server.base.addresses import shown_current, shown_project
from orrery_server.base.backend import BackendName
from orrery_server.base.hub import is_at_hub
from orrery_server.base.service import Service
from orrery_server.projects import places
from orrery_server.projects.backend import ProjectBackend
from orrery_server.projects.membership import Memberships
from orrery_server.projects.recent import newest
from orrery_server.projects.schemas import Home, Storage
from orrery_server.projects.workspace import ProjectFolders
from orrery_wire import projects as shapes
from orrery_wire.errors import OrreryError
from orrery_wire.names import Slug, UserName
from orrery_wire.project_labels import ShelfPatch
from orrery_wire.schemas import Page


class ProjectService(Service):
    """The person's projects, and the one that this server works in."""

    backend = BackendName("orrery.projects", help="Where projects are known.").tag(config=True)
    home = Unicode(help="Folder below which projects are seen; else one's own.").tag(config=True)
    docs_url = Unicode(help="Where the documentation is; empty: no link to it.").tag(config=True)
    recent = Int(12, min=0, max=50, help="How many recent things Home shows.").tag(config=True)

    @default("backend")
    def _default_backend(self) -> str:
        return "hub" if is_at_hub() else "local"

    @default("home")
    def _default_home(self) -> str:
        return str(Path.home())

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.user = self.context.user
        self.root = self.context.root
        self._backend: ProjectBackend = BackendName.backend_class(self)(parent=self)
        self._folders = ProjectFolders(
            Path(self.home).expanduser().absolute(),
            self.log,
            Path(jupyter_data_dir(), "orrery", "project-folders.json"),
        )
        self._memberships = Memberships(
            self._backend, self._folders, self.log, removes_folders=self.at_hub
        )
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def at_hub(self) -> bool:
        """Whether projects live at a hub."""
        return bool(self.backend == "hub")

    async def start(self) -> None:
        """Make the current project's folder, without letting anybody wait for it."""

        async def make() -> None:
            try:
                current = await self._backend.current()
            except OrreryError as problem:
                self.log.warning("orrery: the current project is not known: %s", problem.message)
                return
            if current.project is not None:
                await self._folders.make(current.project)

        self._in_background(make())
        self._memberships.tidy_soon()

    async def stop(self) -> None:
        """Stop making folders and close the backend."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._memberships.close()
        await self._backend.close()

    async def list(self, query: shapes.ProjectQuery) -> Page[shapes.Project]:
        """One page of the person's projects."""
        page = await self._backend.list(query)
        return page.model_copy(update={"items": tuple(map(shown_project, page.items))})

    async def get(self, slug: Slug) -> shapes.Project:
        """One project."""
        return shown_project(await self._backend.get(slug))

    async def create(self, project: shapes.ProjectIn) -> shapes.Project:
        """A new project, owned by the person."""
        created = await self._backend.create(project)
        self._memberships.changed()
        self._emit_event("create", created.slug)
        return shown_project(created)

    async def update(self, slug: Slug, patch: shapes.ProjectPatch) -> shapes.Project:
        """The project with another name or description; for its owners."""
        project = await self._backend.update(slug, patch)
        self._emit_event("change", slug)
        return shown_project(project)

    async def shelve(self, slug: Slug, change: ShelfPatch) -> shapes.Project:
        """The project, archived (for its owners) or pinned (for oneself) as asked."""
        project = await self._backend.shelve(slug, change)
        self._emit_event("change", slug)
        return shown_project(project)

    async def delete(self, slug: Slug) -> None:
        """Take a project away; its folders are left alone."""
        await self._backend.delete(slug)
        self._memberships.changed()
        self._emit_event("delete", slug)

    async def undelete(self, slug: Slug) -> shapes.Project:
        """Bring a deleted project back, with its members."""
        project = await self._backend.undelete(slug)
        self._memberships.changed()
        self._emit_event("undelete", slug)
        return shown_project(project)

    async def purge(self, slug: Slug) -> None:
        """Remove a deleted project for good, with its snippets; its folders are left alone."""
        await self._backend.purge(slug)
        self._emit_event("purge", slug)

    async def storage(self, slug: Slug) -> Storage:
        """Where a project's data and code lie, and which of it the file browser can show."""
        project = await self._backend.get(slug)
        return places.storage(project, self._folders, self.root)

    async def members(self, slug: Slug, query: shapes.MemberQuery) -> Page[shapes.Member]:
        """One page of a project's members."""
        return await self._backend.members(slug, query)

    async def set_role(self, slug: Slug, user: UserName, member: shapes.MemberIn) -> shapes.Member:
        """Make a person a member of a project or, unless ``create_only``, give a member another role."""
        saved = await self._backend.set_role(slug, user, member)
        self._emit_event("share", slug)
        return saved

    async def remove_member(self, slug: Slug, user: UserName) -> None:
        """Take a member out of a project; the person leaves by the own name."""
        await self._backend.remove_member(slug, user)
        if user == self.user:
            self._memberships.changed()
            self._memberships.tidy_soon()
        self._emit_event("leave" if user == self.user else "share", slug)

    async def current(self) -> shapes.Current:
        """The project that this server works in."""
        current = await self._backend.current()
        self._memberships.observe(current)
        return shown_current(current)

    async def current_project(self) -> shapes.Project | None:
        """The project that this server works in, for the other capabilities."""
        current = await self._backend.current()
        self._memberships.observe(current)
        return current.project

    async def is_member(self, slug: str) -> bool:
        """Whether the person is a member of a project, for the other capabilities."""
        return await self._memberships.is_member(slug)

    async def switch(self, choice: shapes.CurrentIn) -> shapes.Current:
        """Work in another project, or in none; its folder is made meanwhile."""
        current = await self._backend.switch(choice)
        self._memberships.changed(current)
        if current.project is not None:
            await self.prepare(current.project)
            self._emit_event("switch", current.project.slug)
        return shown_current(current)

    async def prepare(self, project: shapes.Project, seconds: float = 3) -> None:
        """Make the project's folder; what takes longer than ``seconds`` goes on by itself."""
        task = self._in_background(self._folders.make(project))
        await asyncio.wait({task}, timeout=seconds)

    async def home_page(self) -> Home:
        """What Home shows. A hub that is away takes its part away and nothing else."""
        project, items = await asyncio.gather(
            self._known_project(), self.context.recent(self.recent)
        )
        return Home(
            user=self.user,
            hub=self.at_hub,
            project=project and shown_project(project),
            links=tuple(places.links(project, self._folders, self.root, self.docs_url)),
            recent=await newest(self._recent_folders(project), self.root, self.recent, items),
        )

    async def _known_project(self) -> shapes.Project | None:
        """The current project; None if there is none, or who knows it does not answer."""
        try:
            return await self.current_project()
        except OrreryError as problem:
            self.log.info("orrery: Home without a project: %s", problem.message)
            return None

    def _recent_folders(self, project: shapes.Project | None) -> tuple[Path, ...]:
        own = (self._folders.folder(project.slug),) if project is not None else ()
        return own if self.at_hub else (*own, self.root)

    def _in_background(self, work: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _emit_event(self, action: str, slug: str) -> None:
        self.context.emit("projects", {"action": action, "project": slug})
