"""Only regular files are opened: whoever opens a pipe, a socket or a device may wait for ever, or never come to an end."""

from __future__ import annotations

import stat
from pathlib import Path

from orrery_wire.errors import Invalid

_KINDS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def require_regular(path: Path) -> None:
    """Refuse a path that leads to something that is neither a file nor a folder; what is not there is nobody's fault here.

    Raises:
        Invalid: it is a pipe, a socket or a device.
    """
    try:
        kind = _KINDS.get(stat.S_IFMT(path.stat().st_mode))
    except OSError:
        return
    if kind is not None:
        raise Invalid(
            f"{path.name} is no file",
            reason=f"It is {kind}; only files are read.",
            remedy="Write what comes out of it into a file.",
        )
