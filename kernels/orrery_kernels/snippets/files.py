"""Snippets from and to files of VS Code and Elyra."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from orrery_wire.errors import OrreryError
from orrery_wire.types.snippets import SnippetFile

PATTERNS = ("*.code-snippets", "*.json")


def read_files(paths: Iterable[str | Path]) -> list[SnippetFile]:
    """The text of these files and of the snippet files in these folders.

    Raises:
        OrreryError: a file cannot be read.
    """
    files: list[Path] = []
    for path in (Path(path).expanduser() for path in paths):
        inside = sorted(file for pattern in PATTERNS for file in path.rglob(pattern))
        files += inside if path.is_dir() else [path]
    try:
        return [{"name": file.name, "content": file.read_text(encoding="utf-8")} for file in files]
    except (OSError, UnicodeDecodeError) as error:
        raise OrreryError(f"A file cannot be read: {error}") from None


def write_files(files: Iterable[SnippetFile], folder: str | Path) -> list[Path]:
    """Write files into a folder and give their paths; nothing is overwritten, and no name leads out of the folder.

    Raises:
        OrreryError: a file exists already or cannot be written.
    """
    target = Path(folder).expanduser()
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for file in files:
        path = target / Path(file["name"].replace("\\", "/")).name
        try:
            with path.open("x", encoding="utf-8") as stream:
                stream.write(file["content"])
        except OSError as error:
            raise OrreryError(f"{path} cannot be written: {error.strerror}") from None
        written.append(path)
    return written
