"""What can be done with projects from a kernel or a terminal; raises ``errors.py``."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from orrery_kernels.client import Service
from orrery_kernels.errors import UsageError
from orrery_kernels.listing import Listing

Project = dict[str, Any]
Member = dict[str, Any]
ROLES = ("owner", "editor", "viewer")
SLUG_LENGTH = 63


def slug_of(name: str) -> str:
    """The identifier that a name suggests; empty when it has no letter or digit that fits."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:SLUG_LENGTH].strip("-")


class ProjectList(Listing[Project]):
    """One page of projects."""

    head = ("Slug", "Role", "Members", "Name", "Description")
    noun = "projects"

    def cells(self, item: Project) -> tuple[object, ...]:
        """The cells of the row of a project."""
        return tuple(item[name.lower()] for name in self.head)


class MemberList(Listing[Member]):
    """One page of the members of a project."""

    head = ("User", "Role", "Since")
    noun = "members"

    def cells(self, item: Member) -> tuple[object, ...]:
        """The cells of the row of a member."""
        return (item["user"], item["role"], item["since"][:19])


class Projects(Service):
    """The projects of the person whose lab this is. A slug of None is the current project."""

    def list(
        self, q: str = "", *, deleted: bool = False, offset: int = 0, limit: int = 50
    ) -> ProjectList:
        """One page of projects whose name, slug or description has all the words."""
        query = {"q": q[:400], "deleted": deleted, "offset": offset, "limit": limit}
        page = self._call("GET", "projects", query=query)
        return ProjectList(page["items"], page["total"])

    def get(self, slug: str | None = None) -> Project:
        """One project."""
        return self._call("GET", self._path(slug))

    def create(self, name: str, slug: str | None = None, description: str = "") -> Project:
        """A new project, owned by the person.

        Raises:
            UsageError: the name suggests no slug, and none is given.
        """
        slug = slug or slug_of(name)
        if not slug:
            raise UsageError(
                f"No identifier can be made from the name {name!r}",
                remedy="Give one of small letters, digits and hyphens with --slug.",
            )
        body = {"slug": slug, "name": name, "description": description}
        return self._call("POST", "projects", body=body)

    def delete(self, slug: str) -> None:
        """Take a project away from all its members."""
        self.client.call("DELETE", self._path(slug))

    def undelete(self, slug: str) -> Project:
        """Bring a deleted project back."""
        return self._call("POST", f"{self._path(slug)}/undelete")

    def members(self, slug: str | None = None, *, offset: int = 0, limit: int = 50) -> MemberList:
        """One page of a project's members."""
        query = {"offset": offset, "limit": limit}
        page = self._call("GET", f"{self._path(slug)}/members", query=query)
        return MemberList(page["items"], page["total"])

    def set_role(self, slug: str | None, user: str, role: str) -> Member:
        """Make a person a member, or give a member another role."""
        return self._call("PUT", self._member_path(slug, user), body={"role": role})

    def remove(self, slug: str | None, user: str) -> None:
        """Take a member out of a project."""
        self.client.call("DELETE", self._member_path(slug, user))

    def leave(self, slug: str | None = None) -> str:
        """Give up the person's own membership; the slug of the project that was left."""
        slug = slug or self.current_slug()
        user = str(self._call("GET", "status")["user"])
        self.remove(slug, user)
        return slug

    def use(self, slug: str | None) -> Project | None:
        """Let the lab work in a project from now on, or in none; the project."""
        answer = self._call("PUT", "projects/current", body={"slug": slug}, timeout=120)
        project: Project | None = answer["project"]
        return project

    def current_slug(self) -> str:
        """The slug of the project that the lab works in.

        Raises:
            UsageError: it works in none.
        """
        project = self._call("GET", "projects/current")["project"]
        if project is None:
            raise UsageError(
                "This lab works in no project",
                remedy="Name the project, or choose one with: orrery projects use SLUG",
            )
        return str(project["slug"])

    def _path(self, slug: str | None) -> str:
        return f"projects/{_segment(slug or self.current_slug())}"

    def _member_path(self, slug: str | None, user: str) -> str:
        return f"{self._path(slug)}/members/{_segment(user)}"

    def _call(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.client.call(method, path, **more)
        return answer


def _segment(name: str) -> str:
    """A name that is one segment of a path."""
    if not name or "/" in name or name in (".", ".."):
        raise UsageError(f"{name!r} cannot be a name here")
    return name
