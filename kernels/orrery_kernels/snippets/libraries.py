"""Read-only libraries of snippets from Git repositories."""

from __future__ import annotations

from orrery_kernels.client import Service
from orrery_kernels.snippets.schemas import Library
from orrery_kernels.snippets.views import LibraryList


class Libraries(Service):
    """The read-only libraries, each a Git repository or the one that comes with Orrery."""

    def list(self) -> LibraryList:
        """The libraries and the state of each."""
        return LibraryList(self.client.call("GET", "snippets/libraries")["items"])

    def add(self, name: str, url: str, *, ref: str | None = None, folder: str = "") -> Library:
        """Make a Git repository a library; it is fetched meanwhile.

        Args:
            name: a name of small letters, digits and hyphens.
            url: the address of the repository.
            ref: a branch or tag; the default branch if not given.
            folder: take only files below this folder of the repository.
        """
        body = {"name": name, "url": url, "ref": ref, "folder": folder}
        library: Library = self.client.call("POST", "snippets/libraries", body=body)
        return library

    def remove(self, name: str) -> None:
        """Forget a library; the repository stays as it is."""
        self.client.call("DELETE", f"snippets/libraries/{name}")

    def refresh(self, name: str) -> Library:
        """Start to fetch a library again."""
        library: Library = self.client.call("POST", f"snippets/libraries/{name}/refresh")
        return library

    def cancel_refresh(self, name: str) -> None:
        """Stop fetching a library."""
        self.client.call("DELETE", f"snippets/libraries/{name}/refresh")
