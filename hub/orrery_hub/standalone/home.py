"""Layout of ``ORRERY_HOME``, the state directory of the product on one machine."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from orrery_hub.base.secret import secret

FOLDERS = (
    "config",
    "logs",
    "mlflow",
    "openbao",
    "projects",
    "run",
    "secrets",
    "state",
    "users",
    "vault",
)
# In `secrets`: by which clients know the OpenBao of this home.
OPENBAO_CERTIFICATE = "openbao_certificate.pem"
# The proxy can be installed here by `npm install --prefix`; it is no state, but `reset` removes it.
OWNED = (*FOLDERS, "proxy")

_CONFIG = '''\
"""The hub of Orrery on this machine. Settings after the call override what it set."""

from orrery_hub.config import configure

configure(c)  # noqa: F821
'''


class Home:
    """State directory of one product. Paths are absolute; only the owner has access."""

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
    def from_environment(cls) -> Home:
        """The directory that ``ORRERY_HOME`` names, by default ``~/.orrery``."""
        return cls(Path(os.environ.get("ORRERY_HOME") or "~/.orrery"))

    @property
    def hub_config(self) -> Path:
        """Configuration file of JupyterHub, which an operator may edit."""
        return self.config / "jupyterhub_config.py"

    def log(self, name: str) -> Path:
        """Log file of a process."""
        return self.logs / f"{name}.log"

    def prepare(self) -> None:
        """Create missing folders, remove access of other users, and generate the passwords."""
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

    def password(self, role: str) -> str:
        """The password of administrators (``admin``) or of all other users (``user``)."""
        size = {"admin": 20, "user": 8}[role]
        return secret(self.secrets, f"{role}_password", size)

    def announce(self) -> None:
        """Leave the name of this home where commands in every shell of this person look for running labs."""
        pointer = self._pointer
        pointer.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = pointer.with_name(f".{pointer.name}.{os.getpid()}")
        fresh.write_text(f"{self.root}\n", encoding="utf-8")
        fresh.replace(pointer)

    def withdraw(self) -> None:
        """Take the name of this home away again."""
        self._pointer.unlink(missing_ok=True)

    @property
    def _pointer(self) -> Path:
        base = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
        name = hashlib.sha256(str(self.root).encode()).hexdigest()[:16]
        return Path(base).expanduser() / "orrery" / "homes" / name

    def delete_state(self) -> list[str]:
        """Delete all state; returns the names of entries that are not Orrery's and stay.

        Raises:
            ValueError: a folder of the layout is a symbolic link.
        """
        if not self.root.exists():
            return []
        for name in OWNED:
            if (self.root / name).is_symlink():
                raise ValueError(f"{self.root / name} is a link; remove it by hand")
        for name in OWNED:
            if (self.root / name).exists():
                shutil.rmtree(self.root / name)
        remaining = sorted(entry.name for entry in self.root.iterdir())
        if not remaining:
            self.root.rmdir()
        return remaining
