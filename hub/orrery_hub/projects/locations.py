"""Storage locations of a project's data and code."""

from __future__ import annotations

import logging
import subprocess
from pathlib import Path

log = logging.getLogger("orrery_hub.projects")


class Locations:
    """Location templates from the settings; creates local folders, never anything behind a URL.

    ``{key}`` in them is the storage key of a project, and so is ``{slug}``: a slug is given again after a purge, and
    whoever got it would get the folders too.
    """

    def __init__(self, home: Path, lake: str, repository: str) -> None:
        self._home = home
        self._lake = lake
        self._repository = repository

    def lake(self, key: str) -> str:
        """Folder or URL of a project's data."""
        return self._filled(self._lake, key)

    def repository(self, key: str) -> str:
        """Folder or Git URL of a project's code."""
        return self._filled(self._repository, key)

    def make(self, key: str) -> None:
        """Create missing local folders; a failure is logged, and the next call tries again."""
        try:
            if self.lake(key).startswith("/"):
                Path(self.lake(key)).mkdir(parents=True, exist_ok=True)
            if self.repository(key).startswith("/") and not Path(self.repository(key)).exists():
                self._bare(self.repository(key))
        except (OSError, subprocess.SubprocessError) as problem:
            log.error(
                "the locations of the project with the key %s could not be made: %s", key, problem
            )

    def _filled(self, template: str, key: str) -> str:
        filled = template.replace("{home}", str(self._home))
        return filled.replace("{key}", key).replace("{slug}", key)

    @staticmethod
    def _bare(path: str) -> None:
        subprocess.run(  # noqa: S603  # no shell; the path holds a storage key
            ["git", "init", "--quiet", "--bare", "--initial-branch", "main", "--", path],  # noqa: S607
            check=True,
            capture_output=True,
            timeout=20,
        )
