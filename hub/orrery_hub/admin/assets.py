"""The script and the style of the page of administration: built files of the package, held in memory.

Their names hold a digest of the content, so a browser keeps each for a year and asks for a new one after an upgrade.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

_TYPES = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8"}


@dataclass(frozen=True)
class Asset:
    """One file, as it is and compressed."""

    content: bytes
    compressed: bytes
    media_type: str


@dataclass(frozen=True)
class Assets:
    """The files by name; ``script`` and ``style`` are the names of the two that the page loads."""

    by_name: Mapping[str, Asset]
    script: str
    style: str

    @property
    def is_built(self) -> bool:
        """Whether the package has the files: a checkout has them after the first build."""
        return bool(self.script)


def load_assets() -> Assets:
    """Read the files that the build listed."""
    folder = files("orrery_hub") / "admin" / "static"
    manifest = folder / "manifest.json"
    if not manifest.is_file():
        return Assets({}, "", "")
    names: dict[str, str] = json.loads(manifest.read_text(encoding="utf-8"))
    assets = {}
    for name in names.values():
        content = (folder / name).read_bytes()
        suffix = name.rpartition(".")[2]
        assets[name] = Asset(content, gzip.compress(content, 9, mtime=0), _TYPES[suffix])
    return Assets(assets, names["script"], names["style"])
