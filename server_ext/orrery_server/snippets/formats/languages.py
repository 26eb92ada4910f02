"""Names of languages as other tools and files write them, and the one that Orrery has for each."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

_LANGUAGE = re.compile(r"[a-z][a-z0-9+#._-]{0,31}")
_SYNONYMS = {
    "c#": "csharp",
    "c++": "cpp",
    "ipython": "python",
    "ipython3": "python",
    "ir": "r",
    "jupyter": "python",
    "plain-text": "text",
    "plaintext": "text",
    "py": "python",
    "python3": "python",
    "sh": "bash",
    "shell": "bash",
    "shell-script": "bash",
    "shellscript": "bash",
    "yml": "yaml",
    "zsh": "bash",
}
_BY_SUFFIX = {
    ".bash": "bash",
    ".c": "c",
    ".cpp": "cpp",
    ".cs": "csharp",
    ".css": "css",
    ".go": "go",
    ".html": "html",
    ".java": "java",
    ".jl": "julia",
    ".js": "javascript",
    ".lua": "lua",
    ".m": "matlab",
    ".md": "markdown",
    ".pl": "perl",
    ".ps1": "powershell",
    ".py": "python",
    ".r": "r",
    ".rb": "ruby",
    ".rs": "rust",
    ".scala": "scala",
    ".sh": "bash",
    ".sql": "sql",
    ".tex": "latex",
    ".toml": "toml",
    ".ts": "typescript",
    ".txt": "text",
    ".xml": "xml",
    ".yaml": "yaml",
    ".yml": "yaml",
}
# VS Code names a file of one language after it: `python.json`.
_FILES = frozenset(_BY_SUFFIX.values()) | {
    "dockerfile",
    "json",
    "makefile",
    "php",
    "shellscript",
    "swift",
}


def language_named(name: str) -> str | None:
    """The language that a name stands for, without regard to capitals; None if it can be no language."""
    folded = re.sub(r"\s+", "-", name.strip().lower())
    language = _SYNONYMS.get(folded, folded)
    return language if _LANGUAGE.fullmatch(language) else None


def is_language(name: str) -> bool:
    """Whether a name can be Orrery's own name of a language."""
    return _LANGUAGE.fullmatch(name) is not None


def language_of_script(file: str) -> str | None:
    """The language of a script by the end of its name; None if it is not known as one."""
    return _BY_SUFFIX.get(_path(file).suffix.lower())


def language_of_json(file: str) -> str:
    """The language of what a JSON file holds, by its name; ``python`` if that says nothing."""
    path = _path(file)
    stem = path.stem.lower()
    is_named = path.suffix.lower() == ".json" and stem in _FILES
    return (language_named(stem) if is_named else None) or "python"


def _path(file: str) -> PurePosixPath:
    return PurePosixPath(file.replace("\\", "/"))
