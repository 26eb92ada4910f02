"""Where the product on one machine keeps everything: the layout of ``ORRERY_HOME``."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from orrery_hub.base.secret import secret

FOLDERS = ("config", "logs", "mlflow", "projects", "run", "secrets", "state", "users")
# The proxy can be installed here by `npm install --prefix`; it is no state, yet `reset` takes it away.
OWNED = (*FOLDERS, "proxy")

_CONFIG = '''\
"""The hub of Orrery on this machine. What stands after the call wins over what it set."""

from orrery_hub.config import configure

configure(c)  # noqa: F821
'''


class Home:
    """The state directory of one product. Every path is absolute; everything is for its owner only."""

    def __init__(self, root: Path) -> None:
        self.root = root.expanduser().resolve()
        self.config = self.root / "config"
        self.logs = self.root / "logs"
        self.mlflow = self.root / "mlflow"
        self.projects = self.root / "projects"
        self.run = self.root / "run"
        self.secrets = self.root / "secrets"
        self.state = self.root / "state"

    @classmethod
    def of_environment(cls) -> Home:
        """The directory that ``ORRERY_HOME`` names, by default ``~/.orrery``."""
        return cls(Path(os.environ.get("ORRERY_HOME") or "~/.orrery"))

    @property
    def hub_config(self) -> Path:
        """The file that JupyterHub is started with; a person may add to it."""
        return self.config / "jupyterhub_config.py"

    def log(self, part: str) -> Path:
        """Where a part writes."""
        return self.logs / f"{part}.log"

    def prepare(self) -> None:
        """Make what is missing, close what is open to others, and generate the secrets."""
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        for folder in (self.root, *(self.root / name for name in FOLDERS)):
            folder.mkdir(exist_ok=True, mode=0o700)
            if folder.stat().st_mode & 0o077:
                folder.chmod(0o700)
        for file in self.secrets.iterdir():
            if file.is_file() and file.stat().st_mode & 0o077:
                file.chmod(0o600)
        self.password("admin")
        self.password("user")
        if not self.hub_config.exists():
            self.hub_config.write_text(_CONFIG, encoding="utf-8")

    def password(self, whose: str) -> str:
        """The password of administrators (``admin``) or of everybody else (``user``)."""
        size = {"admin": 20, "user": 8}[whose]
        return secret(self.secrets, f"{whose}_password", size)

    def forget(self) -> list[str]:
        """Remove all state; the names of what lies there and is not ours, and therefore stays.

        Raises:
            ValueError: a folder of the layout is a link, which would lead outside.
        """
        if not self.root.exists():
            return []
        for name in OWNED:
            if (self.root / name).is_symlink():
                raise ValueError(f"{self.root / name} is a link; remove it by hand")
        for name in OWNED:
            if (self.root / name).exists():
                shutil.rmtree(self.root / name)
        left = sorted(entry.name for entry in self.root.iterdir())
        if not left:
            self.root.rmdir()
        return left
