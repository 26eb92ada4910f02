"""Ports that stay the same from one start to the next, so that running labs find the hub again."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path


def free(host: str = "127.0.0.1") -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


class Ports:
    """The ports of one state directory: what was chosen once is chosen again."""

    def __init__(self, state: Path) -> None:
        self.path = state / "ports.json"
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)

    def take(self, name: str, wanted: int = 0) -> int:
        """The port of a part: the wanted one, else the remembered one, else a free one that is remembered."""
        known = self._known()
        port = wanted or known.get(name) or self._unclaimed(set(known.values()))
        if known.get(name) != port:
            fresh = self.path.with_suffix(f".{os.getpid()}")
            fresh.write_text(json.dumps(known | {name: port}), encoding="ascii")
            fresh.replace(self.path)
        return port

    def _known(self) -> dict[str, int]:
        try:
            raw = json.loads(self.path.read_text(encoding="ascii"))
        except (FileNotFoundError, ValueError):
            return {}
        if not isinstance(raw, dict):
            return {}
        return {k: v for k, v in raw.items() if isinstance(v, int) and 0 < v < 65536}

    @staticmethod
    def _unclaimed(claimed: set[int]) -> int:
        while (port := free()) in claimed:
            pass
        return port
