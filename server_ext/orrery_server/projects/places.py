"""Where a project lies and can be seen, and the links of Home: to its places, and to what runs beside the lab."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from orrery_server.base.addresses import shown
from orrery_server.base.credentials import HUB_TOKEN, credential
from orrery_server.projects.schemas import Link, Storage, StoragePlace
from orrery_server.projects.workspace import ProjectFolders
from orrery_wire import projects as shapes


def links(
    project: shapes.Project | None, folders: ProjectFolders, root: Path, docs_url: str
) -> Iterator[Link]:
    """The links of a person.

    Args:
        project: the current project, if there is one.
        folders: where projects are seen.
        root: the folder that the lab's file browser shows.
        docs_url: where the documentation is; empty if nowhere.
    """
    if project is not None:
        lake, code = _paths(project, folders, root)
        if lake is not None:
            yield Link(kind="lake", path=lake or "/")
        if code:
            yield Link(kind="code", path=code)
    tracking = os.environ.get("MLFLOW_TRACKING_URI", "")
    if tracking.startswith(("http://", "https://")):
        yield Link(kind="mlflow", url=f"{shown(tracking).rstrip('/')}/#/experiments")
    hub = os.environ.get("JUPYTERHUB_BASE_URL", "/")
    if credential(HUB_TOKEN):
        yield Link(kind="hub", url=f"{hub.rstrip('/')}/hub/home")
    if docs_url:
        yield Link(kind="documentation", url=shown(docs_url))


def storage(project: shapes.Project, folders: ProjectFolders, root: Path) -> Storage:
    """Where a project's data and code lie, and which of it the lab's file browser can show."""
    lake, code = _paths(project, folders, root)
    places = (
        StoragePlace(kind="lake", location=shown(project.lake), path=lake),
        StoragePlace(kind="repository", location=shown(project.repository), path=code),
    )
    return Storage(places=tuple(place for place in places if place.location))


def _paths(
    project: shapes.Project, folders: ProjectFolders, root: Path
) -> tuple[str | None, str | None]:
    """Lake and clone as the file browser has them."""
    folder = folders.folder(project.slug)
    lake = _path_below(root, folder / "lake")
    if lake is None and project.lake.startswith("/"):
        lake = _path_below(root, Path(project.lake))
    return lake, _path_below(root, folder / "code")


def _path_below(root: Path, path: Path) -> str | None:
    """The path in the lab's file browser, if it is there and can be seen in it."""
    if not path.exists() or not path.is_relative_to(root):
        return None
    relative = str(path.relative_to(root))
    return "" if relative == "." else relative
