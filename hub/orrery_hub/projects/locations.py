"""Storage locations of a project's data and code."""

from __future__ import annotations

import logging
import subprocess
from pathlib import Path

log = logging.getLogger("orrery_hub.projects")


class Locations:
    """Location templates from the settings; creates local folders, never anything behind a URL."""

    def __init__(self, home: Path, lake: str, repository: str) -> None:
        self._home = home
        self._lake = lake
        self._repository = repository

    def lake(self, slug: str) -> str:
        """Folder or URL of a project's data."""
        return self._lake.replace("{home}", str(self._home)).replace("{slug}", slug)

    def repository(self, slug: str) -> str:
        """Folder or Git URL of a project's code."""
        return self._repository.replace("{home}", str(self._home)).replace("{slug}", slug)

    def make(self, slug: str) -> None:
        """Create missing local folders; a failure is logged, and the next call tries again."""
        try:
            if self.lake(slug).startswith("/"):
                Path(self.lake(slug)).mkdir(parents=True, exist_ok=True)
            if self.repository(slug).startswith("/") and not Path(self.repository(slug)).exists():
                self._bare(self.repository(slug))
        except (OSError, subprocess.SubprocessError) as problem:
            log.error("the locations of project %s could not be made: %s", slug, problem)

    @staticmethod
    def _bare(path: str) -> None:
        subprocess.run(  # noqa: S603  # no shell; the path ends in a slug
            ["git", "init", "--quiet", "--bare", "--initial-branch", "main", "--", path],  # noqa: S607
            check=True,
            capture_output=True,
            timeout=20,
        )
