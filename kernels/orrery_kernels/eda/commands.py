"""``orrery eda``: profiles from a terminal or a schedule. Exit codes: 0 fine, 1 something was found, 2 it failed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import ParamSpec, TypedDict, TypeVar, Unpack, get_args

import click
from click.shell_completion import CompletionItem

from orrery_kernels.console import choice_option, report_os_error
from orrery_kernels.eda import api
from orrery_kernels.eda.progress import Progress, progress
from orrery_kernels.eda.reading import READING_OPTIONS, parse_reading
from orrery_kernels.eda.sources import CHECKS, NULLS, SECTIONS, ProfileOptions, parse_sections
from orrery_kernels.eda.standard_input import ENDINGS as ENDINGS_OF_INPUT
from orrery_kernels.eda.standard_input import STDIN, stdin_file
from orrery_kernels.eda.views import ENDINGS, ProfileResult
from orrery_kernels.errors import UsageError
from orrery_kernels.text import clean
from orrery_wire.errors import OrreryError
from orrery_wire.types.eda import ChecksFormat, Nulls, ReportFormat, Task

P = ParamSpec("P")
R = TypeVar("R")

FAILS = ("error", "serious", "warning", "drift", "checks")
FORMATS: tuple[ReportFormat, ...] = get_args(ReportFormat)
STOPPED = 130

_LEVELS = {"serious": ("serious",), "warning": ("serious", "warning")}
_CHECKS_ENDINGS: dict[str, ChecksFormat] = {".json": "json", ".py": "pandera", ".sql": "sql"}


class Arguments(TypedDict):
    """The arguments of ``orrery eda``."""

    source: str
    output: Path | None
    form: ReportFormat | None
    input_format: str | None
    full: bool
    against: str | None
    suite: Path | None
    suggest: Path | None
    suggest_format: ChecksFormat | None
    target: str | None
    sample: int | None
    sections: str | None
    nulls: Nulls
    seconds: float | None
    fail_on: tuple[str, ...]
    alone: bool
    quiet: bool
    delimiter: str | None
    encoding: str | None
    decimal: str | None
    thousands: str | None
    header: str | None
    skip: str | None
    comment: str | None
    quote: str | None
    escape: str | None
    na: str | None
    sheet: str | None
    day_first: str | None
    date_order: str | None


def _reading_options(command: Callable[P, R]) -> Callable[P, R]:
    """The command with an option for each way of reading."""
    for option in reversed(READING_OPTIONS):
        command = click.option(option.flag, option.name, metavar=option.metavar, help=option.help)(
            command
        )
    return command


def _complete(_ctx: click.Context, _param: click.Parameter, begun: str) -> list[CompletionItem]:
    """Files; a shell knows them best."""
    return [CompletionItem(begun, type="file")]


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("source", shell_complete=_complete)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the report here; its ending says as what: .html, .md or .json.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    help="As what to write the report; without --output to the standard output.",
)
@click.option(
    "--input-format",
    type=click.Choice(tuple(ENDINGS_OF_INPUT)),
    help="What standard input holds; told by its content if not given.",
)
@click.option("--full", is_flag=True, help="Make the full report by ydata-profiling (HTML).")
@click.option(
    "--against",
    help="The older or reference side: tell what changed. It may be a profile, as -o FILE.json writes it.",
    shell_complete=_complete,
)
@click.option(
    "--checks",
    "suite",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A suite (JSON) to run on the source; a broken check is exit code 1.",
)
@click.option(
    "--suggest",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the checks that the profile suggests: .json, .py (pandera) or .sql.",
)
@click.option(
    "--suggest-format",
    type=click.Choice(CHECKS),
    help="As what to write them, where the ending does not say it.",
)
@click.option("--target", help="The column to be predicted.")
@click.option("--sample", type=click.IntRange(min=1), help="Look at so many rows at random.")
@click.option(
    "--sections", help=f"What to look at, with commas; all if not given: {', '.join(SECTIONS)}."
)
@choice_option("--nulls", NULLS, "skip", "What stands for a missing value in pairs of columns.")
@click.option(
    "--seconds",
    type=click.FloatRange(0, 86_400, min_open=True),
    help="Budget of time; 120, of the full report 900, if not given.",
)
@click.option(
    "--fail-on",
    type=click.Choice(FAILS),
    multiple=True,
    help="Exit with 1 on a column that could not be read (error), on alerts of that level, on drift, or on broken checks;"
    " may be given again.",
)
@_reading_options
@click.option("--alone", is_flag=True, help="Do not ask a running lab; nothing is kept then.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but what failed.")
def eda(**arguments: Unpack[Arguments]) -> None:
    """Profile, compare or check data from a terminal or a schedule.

    SOURCE is a file, a folder or a pattern, - for standard input, lake://PATH, an address such as s3://BUCKET/PATH, or a table of a
    database: its address and #TABLE, with secrets as the names of environment variables.

    \b
    orrery eda sales.parquet -o report.html
    zcat sales.csv.gz | orrery eda -
    orrery eda new.csv --against old.csv --fail-on drift
    orrery eda sales.parquet --suggest checks.json
    orrery eda new.parquet --checks checks.json --fail-on serious
    orrery eda umsatz.txt --delimiter ';' --encoding windows-1252 --decimal comma
    orrery eda 'postgresql://me:${DB_PASSWORD}@host/shop#public.orders'

    How a file of text or a sheet is read is found out, said in the report, and chosen with the options from --delimiter to
    --date-order.

    A running lab keeps what was found in its history of reports; without one the work is done here.
    Exit codes: 0 fine, 1 found what --fail-on names, 2 it failed.
    """
    try:
        with _with_stdin(arguments) as named:
            sys.exit(_run(named))
    except KeyboardInterrupt:
        click.echo("Stopped", err=True)
        sys.exit(STOPPED)
    except OrreryError as problem:
        click.echo(f"Error: {clean(problem)}", err=True)
    except BrokenPipeError:
        raise  # nobody reads on: click ends quietly
    except OSError as problem:
        report_os_error(problem)
    sys.exit(2)


@contextmanager
def _with_stdin(arguments: Arguments) -> Iterator[Arguments]:
    """The arguments with a file in the place of standard input."""
    used = [side for side in ("source", "against") if arguments[side] == STDIN]
    if len(used) > 1:
        raise UsageError("Standard input can be one side only", remedy="Name a file for the other.")
    if not used:
        yield arguments
        return
    with stdin_file(arguments["input_format"]) as path:
        if used == ["source"]:
            yield {**arguments, "source": str(path), "alone": True}
        else:
            yield {**arguments, "against": str(path), "alone": True}


def _run(arguments: Arguments) -> int:
    """Do all that is asked for; the exit code."""
    _require_sense(arguments)
    result = {task: _run_task(task, arguments) for task in _tasks(arguments)}
    for number, item in enumerate(result.values()):
        # The report is that of the first; of the others it is said how they ended.
        _write(item, arguments, report=number == 0)
    if arguments["suggest"]:
        path = arguments["suggest"]
        chosen = arguments["suggest_format"] or _CHECKS_ENDINGS[path.suffix.lower()]
        path.write_text(result["profile"].to_checks(chosen), encoding="utf-8")
    expected = arguments["fail_on"] or (("checks",) if arguments["suite"] else ())
    return int(any(_fails(item, kind) for item in result.values() for kind in expected))


def _require_sense(arguments: Arguments) -> None:
    """Refuse before anything is done what cannot be written or found in the end.

    Raises:
        UsageError: with what to give.
    """
    output, form, fail_on = arguments["output"], arguments["form"], arguments["fail_on"]
    if output and not form and output.suffix.lower() not in ENDINGS:
        raise click.UsageError(f"{output} says nothing of a format: give --format.")
    if arguments["full"] and (form or "html") != "html":
        raise click.UsageError("The full report is HTML.")
    if arguments["full"] and not output:
        raise click.UsageError("The full report is written to a file: give --output.")
    path = arguments["suggest"]
    if path and not arguments["suggest_format"] and path.suffix.lower() not in _CHECKS_ENDINGS:
        raise click.UsageError(f"{path} says nothing of a format: give --suggest-format.")
    if "drift" in fail_on and not arguments["against"]:
        raise click.UsageError("Drift is found against something: give --against.")
    if "checks" in fail_on and not arguments["suite"]:
        raise click.UsageError("Which checks? Give --checks.")


def _tasks(arguments: Arguments) -> Sequence[Task]:
    """What to do, the one first that the report is about."""
    tasks: list[Task] = []
    if arguments["full"]:
        tasks.append("report")
    if arguments["against"]:
        tasks.append("comparison")
    alerts = set(arguments["fail_on"]) & {"error", *_LEVELS} and not arguments["against"]
    if arguments["suggest"] or alerts or not (tasks or arguments["suite"]):
        tasks.append("profile")
    if arguments["suite"]:
        tasks.append("checks")
    return tasks


def _run_task(task: Task, arguments: Arguments) -> ProfileResult:
    how = ProfileOptions(
        arguments["target"],
        arguments["sample"],
        parse_sections(arguments["sections"]),
        arguments["nulls"],
        arguments["seconds"],
    )
    against = arguments["against"] if task == "comparison" else None
    suite = api.suite_of(arguments["suite"]) if task == "checks" else None
    quiet = arguments["quiet"]
    reading = parse_reading({option.name: arguments[option.name] for option in READING_OPTIONS})  # type: ignore[literal-required]
    return api.run(
        api.RunRequest(task, arguments["source"], against, suite, options=how, reading=reading),
        note=lambda text: None if quiet else click.echo(clean(text), err=True),
        shown=Progress() if quiet else progress(api.name_of(arguments["source"])),
        alone=arguments["alone"],
    )


def _write(result: ProfileResult, arguments: Arguments, *, report: bool) -> None:
    output, form = arguments["output"], arguments["form"]
    if report and output:
        result.save(output, form)
    elif report and form:
        click.echo(result.render(form))
        return
    if not arguments["quiet"]:
        click.echo(repr(result), err=bool(form and not output))


def _fails(result: ProfileResult, kind: str) -> bool:
    if kind == "checks":
        return not result.passed
    if kind == "error":
        return any(alert["code"] == "unread" for alert in result.alerts)
    if kind == "drift":
        changed = any(drift["change"] != "same" for drift in result.drifts)
        # Of a table that lost its rows, the columns that are left may look alike.
        return changed or any(alert["code"] == "row_count" for alert in result.alerts)
    return any(alert["level"] in _LEVELS[kind] for alert in result.alerts)
