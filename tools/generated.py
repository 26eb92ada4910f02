"""Writes generated files, or says which of them differ from their source."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path


def write_or_check(files: Mapping[Path, str], script: str, arguments: list[str]) -> int:
    """Write the files whose text differs, or with ``--check`` only name them; the exit status."""
    stale = [
        path
        for path, text in files.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    if "--check" not in arguments:
        for path in stale:
            path.write_text(files[path], encoding="utf-8")
        return 0
    if stale:
        names = ", ".join(path.name for path in stale)
        print(f"Out of date: {names}. Run: python {script}", file=sys.stderr)
    return int(bool(stale))
