"""Ports that stay the same across restarts, so that running labs find the hub again."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path


def find_free_port(host: str = "127.0.0.1") -> int:
    """A TCP port that is free now."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


class PortStore:
    """Remembered ports of one state directory, in ``ports.json``."""

    def __init__(self, state: Path) -> None:
        self.path = state / "ports.json"
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)

    def assign(self, name: str, requested: int = 0) -> int:
        """Port of a listener: the requested port, else the remembered port, else a free one; it is remembered."""
        remembered = self._load()
        port = requested or remembered.get(name) or self._unassigned(set(remembered.values()))
        if remembered.get(name) != port:
            fresh = self.path.with_suffix(f".{os.getpid()}")
            fresh.write_text(json.dumps(remembered | {name: port}), encoding="ascii")
            fresh.replace(self.path)
        return port

    def _load(self) -> dict[str, int]:
        try:
            raw = json.loads(self.path.read_text(encoding="ascii"))
        except (FileNotFoundError, ValueError):
            return {}
        if not isinstance(raw, dict):
            return {}
        return {k: v for k, v in raw.items() if isinstance(v, int) and 0 < v < 65536}

    @staticmethod
    def _unassigned(assigned: set[int]) -> int:
        while (port := find_free_port()) in assigned:
            pass
        return port
