"""A small disk of its own: a file system in memory that can be filled and made read-only."""

from __future__ import annotations

import errno
import subprocess
from pathlib import Path


class Disk:
    """Mounted at a folder; needs root, as this product's tests have it."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        self.folder = folder
        self._balloon = folder / ".balloon"
        folder.mkdir(parents=True)
        size = f"size={megabytes}m,mode=0700"
        subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)], check=True)

    def fill(self) -> None:
        """Take every byte that is left."""
        with self._balloon.open("ab", buffering=0) as file:
            for size in (1 << 20, 4096, 1):
                try:
                    while file.write(b"x" * size) == size:
                        pass
                except OSError as problem:
                    if problem.errno != errno.ENOSPC:
                        raise

    def free(self) -> None:
        """Give it back."""
        self._balloon.unlink(missing_ok=True)

    def read_only(self, yes: bool) -> None:
        """Whether anything may be written."""
        option = "remount,ro" if yes else "remount,rw"
        # A file that is open for writing keeps a file system from becoming read-only: then it is done lazily.
        subprocess.run(["mount", "-o", option, str(self.folder)], check=True)

    def close(self) -> None:
        subprocess.run(["umount", "--lazy", str(self.folder)], check=True)
