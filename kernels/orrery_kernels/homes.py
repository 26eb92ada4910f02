"""Where the labs of `orrery up` leave their connection files: below the homes that this person started.

A home is believed only if it belongs to this person; its files are checked as every connection file is.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

# Where jupyter_core puts the runtime folder below a home directory: Linux, macOS, Windows.
_RUNTIME = (
    Path(".local", "share", "jupyter", "runtime"),
    Path("Library", "Jupyter", "runtime"),
    Path("AppData", "Roaming", "jupyter", "runtime"),
)
_MOST_BYTES = 4_096


def lab_connections() -> Iterator[Path]:
    """The connection files of the labs of every running hub of this person."""
    for home in _homes():
        for runtime in _RUNTIME:
            yield from home.glob(f"users/*/{runtime.as_posix()}/orrery-*.json")


def _homes() -> list[Path]:
    """The homes that this person started a hub in: the usual one, the one of the environment, and those announced."""
    user_home = Path("~").expanduser()
    homes = [Path(os.environ.get("ORRERY_HOME") or "~/.orrery").expanduser()]
    homes.append(user_home / ".orrery")
    state = Path(os.environ.get("XDG_STATE_HOME") or user_home / ".local" / "state")
    # `orrery up` announces each home here, also one that ORRERY_HOME named in another shell.
    for pointer in sorted((state / "orrery" / "homes").glob("*")):
        try:
            if _is_own(pointer):
                homes.append(Path(_read(pointer).strip()))
        except (OSError, UnicodeDecodeError):
            continue
    return [home for home in dict.fromkeys(homes) if home.is_absolute() and _is_own(home)]


def _read(pointer: Path) -> str:
    """What a regular file says; a pipe would be waited for."""
    descriptor = os.open(pointer, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return ""
        return file.read(_MOST_BYTES).decode("utf-8")


def _is_own(path: Path) -> bool:
    try:
        status = path.lstat() if path.is_symlink() else path.stat()
    except OSError:
        return False
    return not hasattr(os, "getuid") or status.st_uid == os.getuid()
