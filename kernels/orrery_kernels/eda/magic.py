"""The line of ``%eda``: its arguments, and what it does."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from orrery_kernels.eda import api
from orrery_kernels.eda.dataframes import dialect_of, stamp
from orrery_kernels.eda.frames import live
from orrery_kernels.eda.progress import Progress
from orrery_kernels.eda.reading import READING_OPTIONS, parse_reading
from orrery_kernels.eda.sources import (
    CHECKS,
    NULLS,
    ProfileOptions,
    exists,
    parse_sections,
)
from orrery_kernels.eda.views import ProfileResult
from orrery_kernels.errors import UsageError
from orrery_kernels.shell import ArgumentParser
from orrery_wire.types.eda import Task

_HELP = "Help: %eda?"
# Code for a cell; the other formats are files.
_CODE = ("pandera",)


@dataclass(frozen=True)
class LineResult:
    """What a line gave: what was found, and code for the next cell."""

    result: ProfileResult | None
    next_cell: str = ""
    text: str = ""


def parse(words: Sequence[str]) -> argparse.Namespace:
    """The arguments of a line.

    Raises:
        UsageError: the line cannot be parsed.
    """
    parser = ArgumentParser("%eda")
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
    for option in READING_OPTIONS:
        parser.add_argument(option.flag, metavar=option.metavar)
    arguments = parser.parse_args(list(words))
    if arguments.compare and (
        arguments.source or arguments.check or arguments.checks or arguments.full
    ):
        raise UsageError(
            "--compare takes two sources, and nothing else is done with them", remedy=_HELP
        )
    return arguments


def run_line(
    arguments: argparse.Namespace, variables: Mapping[str, object], note: api.Note
) -> LineResult:
    """Do what a line says.

    Raises:
        OrreryError: it cannot be done.
    """
    request = _request(arguments, variables)
    result = api.run(request, note=note, shown=Progress() if arguments.quiet else None)
    if arguments.output:
        note(f"Written: {result.save(arguments.output)}")
    if arguments.full and request.task == "profile":
        api.start_full_report(result)
        note("The full report is being made; it opens from the Profiles panel.")
    if arguments.checks:
        written = result.to_checks(arguments.checks)
        return (
            LineResult(result, written)
            if arguments.checks in _CODE
            else LineResult(None, text=written)
        )
    return LineResult(result)


def frame_stamps(variables: Mapping[str, object]) -> dict[str, str]:
    """The dataframes that are there, and how each was."""
    return {name: stamp(value) for name, value in live(dict(variables)).items()}


def with_cell_result(
    arguments: argparse.Namespace,
    variables: Mapping[str, object],
    before: Mapping[str, str],
    value: object,
) -> Mapping[str, object]:
    """The variables after a cell has run; if the line names none, it names what the cell shows, or made last.

    Raises:
        UsageError: the cell made no dataframe.
    """
    if arguments.source or arguments.compare:
        return variables
    if dialect_of(value) is not None:
        arguments.source = next(
            (n for n, frame in live(dict(variables)).items() if frame is value), "cell"
        )
        return {**variables, arguments.source: value}
    fresh = [
        name for name, current in frame_stamps(variables).items() if before.get(name) != current
    ]
    if not fresh:
        raise UsageError(
            "The cell made no dataframe", remedy="Name one that is there: %%eda df, or show one."
        )
    arguments.source = fresh[-1]
    return variables


def _request(arguments: argparse.Namespace, variables: Mapping[str, object]) -> api.RunRequest:
    before, after = arguments.compare or (None, arguments.source)
    if after is None:
        raise UsageError("What is to be profiled?", remedy=f"%eda df, or %eda path.csv. {_HELP}")
    suite = (
        None
        if arguments.check is None
        else api.suite_of(variables.get(arguments.check, arguments.check))
    )
    task: Task = "comparison" if before else "checks" if suite is not None else "profile"
    # With a file to write to, the full report is waited for; else it is begun after the profile.
    if arguments.full and arguments.output:
        task = "report"
    options = ProfileOptions(
        arguments.target,
        arguments.sample,
        parse_sections(arguments.sections),
        arguments.nulls,
        arguments.seconds,
    )
    data = _data(after, variables)
    name = after if data is not after else ""
    against = _data(before, variables) if before else None
    reading = parse_reading(vars(arguments))
    return api.RunRequest(task, data, against, suite, name, options, reading)


def _data(words: str, variables: Mapping[str, object]) -> object:
    """The dataframe of that name, or else the words, as a source."""
    value = variables.get(words)
    if value is not None and (dialect_of(value) is not None or hasattr(value, "to_frame")):
        return value
    if words.isidentifier() and not exists(words):
        known = ", ".join(live(dict(variables))) or "none"
        what = f"{words!r} is no dataframe" if words in variables else f"There is no {words!r}"
        raise UsageError(
            f"{what} in this kernel",
            reason=f"Dataframes: {known}.",
            remedy="Name one of them, a path, lake://... or s3://...",
        )
    return words
