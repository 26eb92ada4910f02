"""Addresses as they may be shown: in a response, in a log, on a page."""

from __future__ import annotations

import re

from orrery_engine.url_secrets import without_secret_fields
from orrery_wire.projects import Current, Project

# There the user is a part of the address, and opens nothing: `ssh://git@host`, `abfss://container@account`.
_WITH_USER = ("abfs", "abfss", "git+ssh", "ssh")
_AUTHORITY = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)@")
# A password that was not percent-encoded may hold a slash; digits and a slash are a port and a path.
_SLASHED = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*)://([^:/?#@]*:(?!\d*(?:[/?#]|$))[^@]*)@")


def shown(address: str) -> str:
    """The address without user, password and secret fields of its query; a path or a plain name is itself."""
    for pattern in (_AUTHORITY, _SLASHED):
        while match := pattern.match(address):
            scheme, rest = match[1], address[match.end() :]
            user = match[2].partition(":")[0]
            if scheme.lower() in _WITH_USER:
                return without_secret_fields(f"{scheme}://{user}@{rest}")
            address = f"{scheme}://{rest}"
    return without_secret_fields(address)


def shown_project(project: Project) -> Project:
    """The project as it may leave the server; services get its addresses with what opens them."""
    update = {"lake": shown(project.lake), "repository": shown(project.repository)}
    return project.model_copy(update=update)


def shown_current(current: Current) -> Current:
    """The current project as it may leave the server."""
    project = current.project
    return current.model_copy(update={"project": project and shown_project(project)})
