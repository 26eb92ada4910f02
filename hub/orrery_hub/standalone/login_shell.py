"""Puts this installation's commands on the path of the login shells in a lab's terminals.

A lab that a hub started opens login shells, and ``/etc/profile`` sets the path anew.
"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Any

_MARK = "# Orrery: the commands of the installation that started this lab."
# Read by sh and bash, and by zsh.
_FILES = (".profile", ".zprofile")
# Where there is one of these, bash reads the first of them and not .profile.
_BASH_FILES = (".bash_profile", ".bash_login")


def prepare_home(spawner: Any) -> None:
    """Before a lab starts: its home has the path in the files of login shells. JupyterHub's ``pre_spawn_hook``."""
    home = getattr(spawner, "home_dir", "")
    if not home:
        return
    try:
        extend_path(Path(home), Path(sys.executable).parent)
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
    old = file.read_text(encoding="utf-8", errors="surrogateescape") if file.exists() else ""
    lines = old.splitlines()
    if _MARK in lines:
        at = lines.index(_MARK)
        lines[at : at + 2] = [_MARK, line]
    else:
        lines += [_MARK, line]
    text = "\n".join(lines) + "\n"
    if text == old:
        return
    if file.is_symlink() or file.exists():
        # A link, and who may read it, stay as they are.
        file.write_text(text, encoding="utf-8", errors="surrogateescape")
        return
    fresh = file.with_name(f"{file.name}.orrery")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(file)
