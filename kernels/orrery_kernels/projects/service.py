"""Projects from Python; the SDK, magics and commands all call this."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from orrery_kernels.client import Service
from orrery_kernels.errors import UsageError
from orrery_kernels.listing import Listing
from orrery_kernels.text import moment
from orrery_wire.types.base import Page
from orrery_wire.types.projects import (
    Member,
    Project,
    ProjectPatch,
    ProjectQuery,
    ProjectsCalls,
    Role,
)

ROLES: tuple[Role, ...] = ("owner", "editor", "viewer")
SLUG_LENGTH = 63
# The folder of the project is made before the server answers.
SWITCH_SECONDS = 120.0


def slug_of(name: str) -> str:
    """The identifier that a name suggests; empty when it has no letter or digit that fits."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:SLUG_LENGTH].strip("-")


class ProjectList(Listing[Project]):
    """One page of projects."""

    head = ("Slug", "Role", "Members", "Name", "Description")
    noun = "projects"

    def __init__(self, page: Page[Project]) -> None:
        super().__init__(page["items"], page["total"])

    def cells(self, item: Project) -> tuple[object, ...]:
        """The cells of the row of a project."""
        return item["slug"], item["role"], item["members"], item["name"], item["description"]


class MemberList(Listing[Member]):
    """One page of the members of a project."""

    head = ("User", "Role", "Since")
    noun = "members"

    def __init__(self, page: Page[Member]) -> None:
        super().__init__(page["items"], page["total"])

    def cells(self, item: Member) -> tuple[object, ...]:
        """The cells of the row of a member."""
        return item["user"], item["role"], moment(item["since"])


class Projects(Service):
    """The projects of the person whose lab this is.

    A project is named by its slug; None is the current project. Every method raises ``OrreryError``:
    ``ServerUnavailable`` without a lab, the class of its code where the server refuses, ``UsageError`` for arguments that
    cannot be meant or where the lab works in no project.
    """

    @property
    def calls(self) -> ProjectsCalls:
        """The server's routes of projects."""
        return ProjectsCalls(self.client)

    def list(
        self,
        q: str = "",
        *,
        deleted: bool = False,
        archived: bool = False,
        category: str = "",
        label: str = "",
        offset: int = 0,
        limit: int = 50,
    ) -> ProjectList:
        """One page of projects whose name, slug or description has all the words.

        Args:
            q: the words.
            deleted: those that the person deleted and can bring back, in the place of those in use.
            archived: archived ones, in the place of those in use.
            category: only those of a category.
            label: only those with a label.
            offset: how many to pass over.
            limit: how many at most, up to 200.
        """
        query: ProjectQuery = {"q": q[:400], "deleted": deleted, "offset": offset, "limit": limit}
        query |= {"archived": archived, "category": category, "label": label}
        return ProjectList(self.calls.list(query))

    def get(self, slug: str | None = None) -> Project:
        """One project."""
        return self.calls.get(self._slug(slug))

    def current(self) -> Project | None:
        """The project that the lab works in, if any."""
        return self.calls.current()["project"]

    def switch(self, slug: str | None) -> Project | None:
        """Let the lab work in a project from now on, or with None in no project; every panel follows."""
        return self.calls.switch({"slug": slug}, timeout=SWITCH_SECONDS)["project"]

    def create(self, name: str, *, slug: str | None = None, description: str = "") -> Project:
        """A new project, owned by the person.

        Args:
            name: its name.
            slug: its identifier of small letters, digits and hyphens; made from the name if not given.
            description: what it is for.
        """
        slug = slug or slug_of(name)
        if not slug:
            raise UsageError(
                f"No identifier can be made from the name {name!r}",
                remedy="Give one of small letters, digits and hyphens with --slug.",
            )
        return self.calls.create({"slug": slug, "name": name, "description": description})

    def update(
        self,
        project: str | None = None,
        *,
        name: str | None = None,
        description: str | None = None,
        category: str | None = None,
        labels: Sequence[str] | None = None,
    ) -> Project:
        """Change name, description, category or labels of a project; what is not given stays.

        Args:
            project: the slug; the current project if not given.
            name: its new name; the slug stays.
            description: what it is for.
            category: what it is sorted by; empty for none.
            labels: all its labels from now on.
        """
        patch: ProjectPatch = {}
        if name is not None:
            patch["name"] = name
        if description is not None:
            patch["description"] = description
        if category is not None:
            patch["category"] = category
        if labels is not None:
            patch["labels"] = [*labels]
        if not patch:
            raise UsageError("Nothing is to be changed", remedy="Give a name or a description.")
        return self.calls.update(self._slug(project), patch)

    def archive(self, project: str | None = None) -> Project:
        """Make a project read only for all and take it out of their lists; for its owners."""
        return self.calls.shelve(self._slug(project), {"archived": True})

    def restore(self, project: str) -> Project:
        """Bring an archived project back; for its owners."""
        return self.calls.shelve(self._slug(project), {"archived": False})

    def pin(self, project: str | None = None) -> Project:
        """Show a project first in the person's own lists."""
        return self.calls.shelve(self._slug(project), {"pinned": True})

    def unpin(self, project: str | None = None) -> Project:
        """No longer show a project first."""
        return self.calls.shelve(self._slug(project), {"pinned": False})

    def delete(self, slug: str) -> None:
        """Take a project away from all its members; ``undelete`` brings it back for a while."""
        self.calls.delete(self._slug(slug))

    def undelete(self, slug: str) -> Project:
        """Bring a deleted project back, with its members."""
        return self.calls.undelete(self._slug(slug))

    def purge(self, slug: str) -> None:
        """Remove a deleted project for good, with its snippets and their history; its folders stay where they are."""
        self.calls.purge(self._slug(slug))

    def members(
        self, project: str | None = None, *, offset: int = 0, limit: int = 50
    ) -> MemberList:
        """One page of a project's members."""
        return MemberList(
            self.calls.members(self._slug(project), {"offset": offset, "limit": limit})
        )

    def invite(self, user: str, role: Role = "editor", *, project: str | None = None) -> Member:
        """Make a person a member of a project that the caller owns; a member keeps the role, and is a conflict.

        Args:
            user: the name of the person at the hub.
            role: ``owner``, ``editor`` or ``viewer``.
            project: the slug; the current project if not given.
        """
        name = _segment(user)
        slug = self._slug(project)
        return self.calls.set_role(slug, name, {"role": role, "create_only": True})

    def set_role(self, user: str, role: Role, *, project: str | None = None) -> Member:
        """Give a member another role."""
        name = _segment(user)
        slug = self._slug(project)
        return self.calls.set_role(slug, name, {"role": role})

    def remove(self, user: str, *, project: str | None = None) -> None:
        """Take a member out of a project that the caller owns."""
        name = _segment(user)
        self.calls.remove_member(self._slug(project), name)

    def leave(self, project: str | None = None) -> str:
        """Give up the person's own membership; the slug of the project that was left."""
        from orrery_kernels.status import status

        slug = self._slug(project)
        self.remove(status()["user"], project=slug)
        return slug

    def current_slug(self) -> str:
        """The slug of the project that the lab works in.

        Raises:
            UsageError: it works in none.
        """
        project = self.current()
        if project is None:
            raise UsageError(
                "This lab works in no project",
                remedy="Name the project, or switch to one with: orrery projects switch SLUG",
            )
        return project["slug"]

    def _slug(self, slug: str | None) -> str:
        return self.current_slug() if slug is None else _segment(slug)


def _segment(name: str) -> str:
    """A name that is one segment of a path."""
    if not name or "/" in name or name in (".", ".."):
        raise UsageError(f"{name!r} cannot be a name here")
    return name
