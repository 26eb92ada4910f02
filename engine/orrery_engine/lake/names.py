"""Paths inside a store: what a client may ask for, and which objects no path can name."""

from __future__ import annotations

from orrery_wire.errors import Invalid

MAX_PATH_BYTES = 1024


def checked_path(path: str) -> str:
    """A path inside a store, without slashes at its ends; empty for the root.

    Raises:
        Invalid: it leaves the store, or no object can have it.
    """
    inner = path.strip("/")
    problem = problem_of(inner) if inner else ""
    if problem:
        raise Invalid(
            "This is no path inside the location",
            reason=problem,
            remedy="Name a file or a folder by the path that the list shows.",
        )
    return inner


def problem_of(path: str) -> str:
    """Why a path without slashes at its ends cannot name an object; empty if it can."""
    try:
        length = len(path.encode())
    except UnicodeEncodeError:
        return "Its name is no valid Unicode text."
    if length > MAX_PATH_BYTES:
        return f"It is longer than {MAX_PATH_BYTES:,} bytes."
    if "\0" in path:
        return "It holds a NUL character."
    parts = path.split("/")
    if "" in parts:
        return "It has two slashes in a row, so a part of it has no name."
    if "." in parts or ".." in parts:
        return "A part of it is '.' or '..', which would mean another folder."
    return ""


def child(folder: str, name: str) -> str:
    """The path of a name in a folder."""
    return f"{folder}/{name}" if folder else name
