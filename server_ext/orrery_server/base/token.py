"""The token that kernels and terminals of this lab hold: good for Orrery's routes, for nothing else.

It lies in a file that only the person can read; the environment names the file, never the token, so that
``%env``, a crash dump or a process list shows nothing worth having.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
from pathlib import Path

ENV = "ORRERY_CONNECTION_FILE"


class LabToken:
    """A random token and the connection file that carries it to this lab's own processes."""

    def __init__(self, runtime_dir: str) -> None:
        self.value = secrets.token_urlsafe(32)
        self.path = Path(runtime_dir) / f"orrery-{os.getpid()}.json"

    def held_by(self, authorization: str) -> bool:
        """Whether an ``Authorization`` header carries the token."""
        scheme, _, value = authorization.partition(" ")
        return scheme.lower() == "orrery" and hmac.compare_digest(
            value.strip().encode(), self.value.encode()
        )

    def publish(self, url: str, root: str = "") -> None:
        """Write the connection file (mode 0600) and name it to every process started from now on.

        ``root`` is the folder that the lab shows: a terminal names files by it.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_suffix(f".{secrets.token_hex(4)}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            connection = {"url": url, "token": self.value, "pid": os.getpid(), "root": root}
            json.dump(connection, file)
        fresh.replace(self.path)
        os.environ[ENV] = str(self.path)

    def withdraw(self) -> None:
        """Remove the connection file."""
        self.path.unlink(missing_ok=True)
        if os.environ.get(ENV) == str(self.path):
            del os.environ[ENV]
