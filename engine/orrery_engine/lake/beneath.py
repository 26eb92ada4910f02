"""Files below a folder, reached step by step through open folders, so that no link on the way leads out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

# What is opened is never reached through a link: whoever may write into the store could exchange a folder for one.
_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
FILE_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_PART_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def place(part: str, name: str, folder: int, *, replaces: bool) -> os.stat_result:
    """Give a written file its name; without ``replaces`` that fails where something is."""
    if replaces:
        os.replace(part, name, src_dir_fd=folder, dst_dir_fd=folder)
    else:
        os.link(part, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
    return os.stat(name, dir_fd=folder, follow_symlinks=False)


def clean(part: str, opened: Sequence[int]) -> None:
    """Take away what a write left, and close its folder."""
    for folder in opened:
        try:
            with suppress(FileNotFoundError):
                os.unlink(part, dir_fd=folder)
        finally:
            os.close(folder)


def created(part: str, folder: int) -> BinaryIO:
    """A new file in a folder."""
    return os.fdopen(os.open(part, _PART_FLAGS, 0o666, dir_fd=folder), "wb")


def facts(name: str, folder: int) -> os.stat_result | None:
    """What a name in a folder is; none if there is nothing."""
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None


def descend(root: Path, where: Path, *, is_new: bool = False) -> int:
    """Open a folder, from the root on; a link that has come into the way meanwhile ends it.

    Args:
        is_new: folders that are not there are made.
    """
    number = os.open(root, _FOLDER_FLAGS)
    for name in where.relative_to(root).parts:
        try:
            if is_new:
                with suppress(FileExistsError):
                    os.mkdir(name, dir_fd=number)
            below = os.open(name, _FOLDER_FLAGS, dir_fd=number)
        finally:
            os.close(number)
        number = below
    return number
