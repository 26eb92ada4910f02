"""Read-only libraries of snippets from Git repositories."""

from __future__ import annotations

from collections.abc import Sequence

from orrery_kernels.client import Service
from orrery_kernels.errors import UsageError
from orrery_kernels.snippets.views import LibraryList
from orrery_wire.types.snippets import ImportProblem, Library, SnippetsCalls


class Libraries(Service):
    """The read-only libraries, each a Git repository or the one that comes with Orrery."""

    @property
    def calls(self) -> SnippetsCalls:
        """The server's routes of snippets."""
        return SnippetsCalls(self.client)

    def list(self) -> LibraryList:
        """The libraries and the state of each."""
        return LibraryList(self.calls.list_libraries()["items"])

    def add(self, name: str, url: str, *, ref: str | None = None, folder: str = "") -> Library:
        """Make a Git repository a library; it is fetched meanwhile.

        Args:
            name: a name of small letters, digits and hyphens.
            url: the address of the repository.
            ref: a branch or tag; the default branch if not given.
            folder: take only files below this folder of the repository.
        """
        return self.calls.add_library({"name": name, "url": url, "ref": ref, "folder": folder})

    def remove(self, name: str) -> None:
        """Forget a library; the repository stays as it is."""
        self.calls.remove_library(name)

    def refresh(self, name: str) -> Library:
        """Start to fetch a library again."""
        return self.calls.refresh_library(name)

    def problems(self, name: str) -> Sequence[ImportProblem]:
        """What of the files of a library could not be read, or was changed: file, line and reason.

        Raises:
            UsageError: there is no such library.
        """
        for library in self.list():
            if library["name"] == name:
                return library["problems"]
        raise UsageError(f"There is no library {name!r}", remedy="List them with: libraries list")

    def cancel_refresh(self, name: str) -> None:
        """Stop fetching a library."""
        self.calls.cancel_library(name)
