"""Puts this installation's commands on the path of the login shells in a lab's terminals.

A lab that a hub started opens login shells, and ``/etc/profile`` sets the path anew.
"""

from __future__ import annotations

import asyncio
import errno
import os
import shlex
import stat
import sys
from pathlib import Path
from typing import IO, Any

_MARK = "# Orrery: the commands of the installation that started this lab."
# Read by sh and bash, and by zsh.
_FILES = (".profile", ".zprofile")
_MAX_BYTES = 1024 * 1024
# Where there is one of these, bash reads the first of them and not .profile.
_BASH_FILES = (".bash_profile", ".bash_login")


async def prepare_home(spawner: Any) -> None:
    """Before a lab starts: its home has the path in the files of login shells. JupyterHub's ``pre_spawn_hook``.

    The person writes what is in the home, and JupyterHub has one thread for everybody: it does not wait for a disk
    here, and opens nothing that could hold it up.
    """
    home = getattr(spawner, "home_dir", "")
    if not home:
        return
    try:
        await asyncio.to_thread(extend_path, Path(home), Path(sys.executable).parent)
    except OSError as problem:
        # A lab whose terminals do not know `orrery` is better than none.
        spawner.log.warning("orrery: %s: the path of login shells is not set: %s", home, problem)


def extend_path(home: Path, folder: Path) -> None:
    """Add a folder of commands to the path that login shells of a home have; what else is in their files stays."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    present = [name for name in _BASH_FILES if (home / name).exists()]
    for name in (*_FILES, *present):
        _put_line(home / name, folder)


def _put_line(file: Path, folder: Path) -> None:
    quoted = shlex.quote(str(folder))
    line = f'case ":$PATH:" in *:{quoted}:*) ;; *) export PATH={quoted}:"$PATH" ;; esac'
    is_there = file.is_symlink() or file.exists()
    old = _read(file) if is_there else ""
    lines = old.splitlines()
    if _MARK in lines:
        at = lines.index(_MARK)
        lines[at : at + 2] = [_MARK, line]
    else:
        lines += [_MARK, line]
    text = "\n".join(lines) + "\n"
    if text == old:
        return
    if is_there:
        # A link, and who may read it, stay as they are.
        with _open_regular(file, os.O_WRONLY | os.O_TRUNC) as stream:
            stream.write(text.encode("utf-8", errors="surrogateescape"))
        return
    fresh = file.with_name(f"{file.name}.orrery")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(file)


def _read(file: Path) -> str:
    try:
        with _open_regular(file, os.O_RDONLY) as stream:
            content = stream.read(_MAX_BYTES + 1)
    except FileNotFoundError:  # a link to a file that is not there yet
        return ""
    if len(content) > _MAX_BYTES:
        raise OSError(
            errno.EFBIG, f"more than {_MAX_BYTES:,} bytes are no file of a shell", str(file)
        )
    return content.decode("utf-8", errors="surrogateescape")


def _open_regular(file: Path, flags: int) -> IO[bytes]:
    """The file, opened; a pipe or device is refused without being waited for.

    Raises:
        OSError: it is no regular file, or cannot be opened.
    """
    descriptor = os.open(
        file, flags | os.O_NONBLOCK | os.O_CLOEXEC | os.O_CREAT * bool(flags & os.O_WRONLY), 0o600
    )
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "it is a pipe or a device", str(file))
    return os.fdopen(descriptor, "wb" if flags & os.O_WRONLY else "rb")
