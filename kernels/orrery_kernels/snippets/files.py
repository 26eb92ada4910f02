"""Snippets from and to files: those of VS Code, Elyra and jupyterlab-code-snippets, and scripts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from orrery_wire.errors import OrreryError
from orrery_wire.types.snippets import ImportProblem, SnippetFile

# Of VS Code, Elyra and jupyterlab-code-snippets; the server knows a script by the same ends of names.
_JSON = (".code-snippets", ".json", ".jupyterlab-settings")
_SCRIPTS = (
    *(".bash", ".c", ".cpp", ".cs", ".css", ".go", ".html", ".java", ".jl", ".js", ".lua", ".m"),
    *(".md", ".pl", ".ps1", ".py", ".r", ".rb", ".rs", ".scala", ".sh", ".sql", ".tex", ".ts"),
)
SUFFIXES = frozenset((*_JSON, *_SCRIPTS))
# Folders that hold what programs made, and no snippets.
IGNORED = frozenset({".git", ".ipynb_checkpoints", ".venv", "__pycache__", "node_modules"})
_NAME = 255


def read_files(
    paths: Iterable[str | Path],
) -> tuple[list[SnippetFile], list[ImportProblem]]:
    """The text of these files and of the snippet files in these folders, and which could not be read and why.

    A file of a folder is named by its path in it.

    Raises:
        OrreryError: one of the paths is not there.
    """
    files: list[SnippetFile] = []
    problems: list[ImportProblem] = []
    for name, path in _named(Path(path).expanduser() for path in paths):
        try:
            files.append({"name": name[-_NAME:], "content": path.read_text(encoding="utf-8")})
        except UnicodeDecodeError as error:
            line = path.read_bytes().count(b"\n", 0, error.start) + 1
            problems.append(
                {"file": name, "name": "", "line": line, "reason": "It is no UTF-8 text."}
            )
        except OSError as error:
            reason = f"It cannot be read: {error.strerror}."
            problems.append({"file": name, "name": "", "line": None, "reason": reason})
    return files, problems


def _named(paths: Iterable[Path]) -> Iterator[tuple[str, Path]]:
    for path in paths:
        if not path.exists():
            raise OrreryError(f"There is no file {str(path)!r}")
        if not path.is_dir():
            yield path.name, path
            continue
        for file in sorted(path.rglob("*")):
            inside = file.relative_to(path)
            is_ignored = IGNORED.intersection(inside.parts)
            if file.suffix.lower() in SUFFIXES and not is_ignored and file.is_file():
                yield inside.as_posix(), file


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
