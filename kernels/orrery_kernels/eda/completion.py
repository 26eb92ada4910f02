"""Completion in a line of ``%eda``."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from orrery_engine.formats import format_of
from orrery_kernels.client import connect
from orrery_kernels.eda.dataframes import names_of
from orrery_kernels.eda.frames import live
from orrery_kernels.eda.reading import ORDERS, READING_OPTIONS
from orrery_kernels.eda.sources import CHECKS, NULLS, SECTIONS
from orrery_wire.errors import OrreryError
from orrery_wire.types.eda import EdaCalls

OPTIONS = (
    "--check",
    "--checks",
    "--compare",
    "--full",
    "--nulls",
    "--output",
    "--quiet",
    "--sample",
    "--seconds",
    "--sections",
    "--target",
    *(option.flag for option in READING_OPTIONS),
)
# What can follow them is known to the person alone, or is one of a few words.
_WORDS = {
    "--date-order": ORDERS,
    "--day-first": ("no", "yes"),
    "--decimal": ("comma", "point"),
    "--delimiter": ("blank", "comma", "pipe", "semicolon", "tab"),
    "--encoding": ("latin-1", "utf-16", "utf-8", "windows-1252"),
    "--thousands": ("blank", "comma", "none", "point"),
}
_READING = frozenset(option.flag for option in READING_OPTIONS)
_MAX_FILES = 200
_CACHE_SECONDS = 15.0


class Completions:
    """What could come next in a line."""

    def __init__(self, variables: Callable[[], Mapping[str, object]]) -> None:
        self._variables = variables
        self._lake: tuple[float, list[str]] = (float("-inf"), [])

    def of(self, line: str, symbol: str) -> list[str]:
        """The words that could stand at the end of a line, without what is there before ``symbol``."""
        words = line.split(" ")
        begun, before = words[-1], words[1:-1]
        candidates = self._candidates(begun, before)
        # IPython's own idea of the last word may begin later, for example behind a colon.
        cut = len(begun) - len(symbol) if begun.endswith(symbol) else 0
        return [word[cut:] for word in candidates if word.startswith(begun)]

    def _candidates(self, begun: str, before: Sequence[str]) -> Iterable[str]:
        last = before[-1] if before else ""
        if begun.startswith("-"):
            return OPTIONS
        if last == "--target":
            return self._columns(before)
        fixed = {"--nulls": NULLS, "--checks": CHECKS}.get(last)
        if fixed is not None:
            return fixed
        if last == "--sections":
            done = begun.rpartition(",")[0]
            return [
                f"{done},{section}" if done else section
                for section in SECTIONS
                if section not in done
            ]
        if last in ("--sample", "--seconds") or last in _READING:
            return _WORDS.get(last, ())
        if last in ("--check", "--output", "-o"):
            return self._files(begun, (".json",) if last == "--check" else None)
        if begun.startswith("lake:"):
            return self._in_lake()
        return [*live(dict(self._variables())), *self._files(begun, None)]

    def _columns(self, before: Sequence[str]) -> list[str]:
        """Names of columns that a shell would keep as one word, of the dataframes that are named in the line."""
        frames = live(dict(self._variables()))
        named = [frame for name, frame in frames.items() if name in before]
        return [name for frame in named for name in names_of(frame) if name.isidentifier()]

    def _files(self, begun: str, endings: tuple[str, ...] | None) -> list[str]:
        """Folders, and files that can be profiled, beside what is begun."""
        folder, _, start = begun.rpartition("/")
        paths: list[str] = []
        try:
            with os.scandir(
                Path(folder or ("/" if begun.startswith("/") else ".")).expanduser()
            ) as entries:
                for entry in entries:
                    name = entry.name
                    if not name.startswith(start or "") or (name.startswith(".") and not start):
                        continue
                    path = f"{folder}/{name}" if "/" in begun else name
                    if entry.is_dir():
                        paths.append(f"{path}/")
                    elif name.endswith(endings) if endings else format_of(name):
                        paths.append(path)
                    if len(paths) >= _MAX_FILES:
                        break
        except OSError:
            return []
        return sorted(path for path in paths if " " not in path)

    def _in_lake(self) -> list[str]:
        read_at, names = self._lake
        if time.monotonic() - read_at > _CACHE_SECONDS:
            try:
                calls = EdaCalls(connect(timeout=2))
                page = calls.list_sources({"kind": "lake", "limit": _MAX_FILES})
                names = sorted(f"lake://{source['location']}" for source in page["items"])
            except OrreryError:
                names = []
            self._lake = (time.monotonic(), names)
        return names
