"""The digest of a dataset's version: the same for the same content, whoever computes it and in whatever order."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import NamedTuple, Protocol

DIGEST = r"^sha256:[0-9a-f]{64}$"


class DigestedPart(Protocol):
    """A file or object of a version."""

    @property
    def path(self) -> str:
        """Its path below the version's location."""

    @property
    def size_bytes(self) -> int:
        """Its size."""

    @property
    def digest(self) -> str:
        """The digest of its content."""


class _Line(NamedTuple):
    path: str
    size_bytes: int
    digest: str


def digest_of(parts: Iterable[DigestedPart]) -> str:
    """SHA-256 over path, size and digest of each part, in the order of their paths, as ``sha256:<hex>``.

    A part is one line of JSON: no path can look like the end of another part.
    """
    lines = sorted(_Line(part.path, part.size_bytes, part.digest) for part in parts)
    total = hashlib.sha256()
    for line in lines:
        total.update(json.dumps(line, separators=(",", ":")).encode("ascii") + b"\n")
    return f"sha256:{total.hexdigest()}"
