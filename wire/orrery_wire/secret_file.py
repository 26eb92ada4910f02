"""A secret in a file that only its owner can read, generated on first use."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def secret(folder: Path, name: str, size: int = 32) -> str:
    """The secret stored as ``name``, generated on first use: ``size`` random bytes, in hexadecimal.

    The file is created with mode 0600, and concurrent processes get the same secret.

    Raises:
        ValueError: the file is empty.
    """
    path = folder / name
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = folder / f".{name}.{secrets.token_hex(4)}"
    if not path.exists():
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(size) + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    value = path.read_text(encoding="ascii").strip()
    if not value:
        raise ValueError(f"{path} is empty; remove it, and a new secret is generated")
    return value
