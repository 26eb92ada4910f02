"""The line of ``%eda``: what it asks for, what it does, and what could come next in it."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from orrery_kernels.client import connect
from orrery_kernels.eda import api
from orrery_kernels.eda.dataframes import dialect_of, names_of, stamp
from orrery_kernels.eda.frames import live
from orrery_kernels.eda.progress import Progress
from orrery_kernels.eda.resolve import format_of
from orrery_kernels.eda.sources import CHECKS, NULLS, SECTIONS, How, listed, there
from orrery_kernels.eda.views import Found
from orrery_kernels.errors import OrreryError, UsageError

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
)
_HELP = "Help: %eda?"
# Code for a cell; the other formats are files.
_CODE = ("pandera",)
_MOST_FILES = 200
_REMEMBER_SECONDS = 15.0


class _Words(argparse.ArgumentParser):
    """A parser that raises instead of leaving."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(message[:1].upper() + message[1:], remedy=_HELP)


@dataclass(frozen=True)
class Done:
    """What a line gave: what was found, and code for the next cell."""

    found: Found | None
    next_cell: str = ""
    said: str = ""


def parse(words: Sequence[str]) -> argparse.Namespace:
    """What is asked for.

    Raises:
        UsageError: it cannot be meant.
    """
    parser = _Words(prog="%eda", add_help=False, allow_abbrev=False)
    parser.add_argument("source", nargs="?")
    parser.add_argument("--compare", nargs=2, metavar=("BEFORE", "AFTER"))
    parser.add_argument("--check", metavar="SUITE")
    parser.add_argument("--checks", choices=CHECKS)
    parser.add_argument("--target")
    parser.add_argument("--sample", type=int)
    parser.add_argument("--sections")
    parser.add_argument("--nulls", choices=NULLS, default="skip")
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("-o", "--output")
    parser.add_argument("-q", "--quiet", action="store_true")
    given = parser.parse_args(list(words))
    if given.compare and (given.source or given.check or given.checks or given.full):
        raise UsageError(
            "--compare takes two sources, and nothing else is done with them", remedy=_HELP
        )
    return given


def do(given: argparse.Namespace, variables: Mapping[str, Any], note: api.Note) -> Done:
    """Do what is asked for.

    Raises:
        OrreryError: it cannot be done.
    """
    asked = _asked(given, variables)
    found = api.run(asked, note=note, shown=Progress() if given.quiet else None)
    if given.output:
        note(f"Written: {found.save(given.output)}")
    if given.full and asked.task == "profile":
        api.begin_full(found)
        note("The full report is being made; it opens from the Profiles panel.")
    if given.checks:
        written = found.to_checks(given.checks)
        return Done(found, written) if given.checks in _CODE else Done(None, said=written)
    return Done(found)


def seen(variables: Mapping[str, Any]) -> dict[str, str]:
    """The dataframes that are there, and how each was."""
    return {name: stamp(value) for name, value in live(dict(variables)).items()}


def made(
    given: argparse.Namespace,
    variables: Mapping[str, Any],
    before: Mapping[str, str],
    value: Any,
) -> Mapping[str, Any]:
    """The variables after a cell has run; if the line names none, it names what the cell shows, or made last.

    Raises:
        UsageError: the cell made no dataframe.
    """
    if given.source or given.compare:
        return variables
    if dialect_of(value) is not None:
        given.source = next((n for n, one in live(dict(variables)).items() if one is value), "cell")
        return {**variables, given.source: value}
    fresh = [name for name, mark in seen(variables).items() if before.get(name) != mark]
    if not fresh:
        raise UsageError(
            "The cell made no dataframe", remedy="Name one that is there: %%eda df, or show one."
        )
    given.source = fresh[-1]
    return variables


def _asked(given: argparse.Namespace, variables: Mapping[str, Any]) -> api.Asked:
    before, after = given.compare or (None, given.source)
    if after is None:
        raise UsageError("What is to be profiled?", remedy=f"%eda df, or %eda path.csv. {_HELP}")
    suite = None if given.check is None else api.suite_of(variables.get(given.check, given.check))
    task = "comparison" if before else "checks" if suite is not None else "profile"
    # With a file to write to, the full report is waited for; else it is begun after the profile.
    if given.full and given.output:
        task = "report"
    how = How(
        given.target,
        given.sample,
        listed(given.sections),
        given.nulls,
        given.seconds,
    )
    data = _data(after, variables)
    name = after if data is not after else ""
    against = _data(before, variables) if before else None
    return api.Asked(task, data, against, suite, name, how)


def _data(words: str, variables: Mapping[str, Any]) -> Any:
    """The dataframe of that name, or else the words, as a source."""
    value = variables.get(words)
    if value is not None and (dialect_of(value) is not None or hasattr(value, "to_frame")):
        return value
    if words.isidentifier() and not there(words):
        known = ", ".join(live(dict(variables))) or "none"
        what = f"{words!r} is no dataframe" if words in variables else f"There is no {words!r}"
        raise UsageError(
            f"{what} in this kernel",
            reason=f"Dataframes: {known}.",
            remedy="Name one of them, a path, lake://... or s3://...",
        )
    return words


class Offers:
    """What could come next in a line."""

    def __init__(self, variables: Callable[[], Mapping[str, Any]]) -> None:
        self._variables = variables
        self._lake: tuple[float, list[str]] = (float("-inf"), [])

    def of(self, line: str, symbol: str) -> list[str]:
        """The words that could stand at the end of a line, without what is there before ``symbol``."""
        words = line.split(" ")
        begun, before = words[-1], words[1:-1]
        offers = self._whole(begun, before)
        # IPython's own idea of the last word may begin later, for example behind a colon.
        cut = len(begun) - len(symbol) if begun.endswith(symbol) else 0
        return [offer[cut:] for offer in offers if offer.startswith(begun)]

    def _whole(self, begun: str, before: Sequence[str]) -> Iterable[str]:
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
            return [f"{done},{one}" if done else one for one in SECTIONS if one not in done]
        if last in ("--sample", "--seconds"):
            return ()
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
        found: list[str] = []
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
                        found.append(f"{path}/")
                    elif name.endswith(endings) if endings else format_of(name):
                        found.append(path)
                    if len(found) >= _MOST_FILES:
                        break
        except OSError:
            return []
        return sorted(path for path in found if " " not in path)

    def _in_lake(self) -> list[str]:
        seen, names = self._lake
        if time.monotonic() - seen > _REMEMBER_SECONDS:
            try:
                query: dict[str, Any] = {"kind": "lake", "limit": _MOST_FILES}
                page = connect(timeout=2).call("GET", "eda/sources", query=query)
                names = sorted(f"lake://{one['location']}" for one in page["items"])
            except OrreryError:
                names = []
            self._lake = (time.monotonic(), names)
        return names
