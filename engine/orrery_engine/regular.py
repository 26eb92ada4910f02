"""Only regular files are opened: whoever opens a pipe, a socket or a device may wait for ever, or never come to an end."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import IO

from orrery_wire.errors import Invalid

_KINDS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}

# Opening a pipe that nobody writes to waits for a writer otherwise.
_NO_WAIT = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


def require_regular(path: Path) -> None:
    """Refuse a path that leads to something that is neither a file nor a folder; what is not there is nobody's fault here.

    Raises:
        Invalid: it is a pipe, a socket or a device.
    """
    try:
        mode = path.stat().st_mode
    except OSError:
        return
    _refuse(path, mode)


def open_regular(path: Path) -> IO[bytes]:
    """A file to read. What it is, is looked at once it is open: a path may lead elsewhere by then.

    Raises:
        Invalid: it is a pipe, a socket or a device; it was not waited for.
        OSError: it cannot be opened, or is a folder.
    """
    handle = os.open(path, os.O_RDONLY | _NO_WAIT)
    try:
        _refuse(path, os.fstat(handle).st_mode)
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def _refuse(path: Path, mode: int) -> None:
    kind = _KINDS.get(stat.S_IFMT(mode))
    if kind is not None:
        raise Invalid(
            f"{path.name} is no file",
            reason=f"It is {kind}; only files are read.",
            remedy="Write what comes out of it into a file.",
        )
