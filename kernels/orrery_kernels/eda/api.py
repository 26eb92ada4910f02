"""Profiles from Python: the same for a dataframe, a file, and a table of a database."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Unpack, cast

from orrery_kernels.client import connect
from orrery_kernels.eda.arrow_writer import write
from orrery_kernels.eda.dataframes import dialect_of
from orrery_kernels.eda.frames import hand_over_frame, namespace
from orrery_kernels.eda.progress import Progress, progress
from orrery_kernels.eda.reading import (
    NAMES,
    ReadingArguments,
    is_applicable,
    refuse_reading,
    with_reading,
)
from orrery_kernels.eda.service import LabEda
from orrery_kernels.eda.sources import (
    FULL_SECONDS,
    ProfileArguments,
    ProfileOptions,
    below,
    exists,
    make_source,
    path_of,
    source_of,
)
from orrery_kernels.eda.views import ProfileResult, load_profile
from orrery_kernels.errors import ServerUnavailable, SeveralLabs, UsageError
from orrery_wire.errors import Forbidden, NotFound
from orrery_wire.types.eda import (
    ChecksFormat,
    EdaCalls,
    ReportFormat,
    ReportQuery,
    RunIn,
    SourceIn,
    Suite,
    Task,
)

if TYPE_CHECKING:
    from orrery_kernels.eda.local import Snapshot

Note = Callable[[str], None]

_RENDER_SECONDS = 120.0


class RunArguments(ProfileArguments, ReadingArguments, total=False):
    """The keyword arguments of a run: how to profile, and how a file of text or a sheet is read."""


def profile(data: object, *, name: str = "", **options: Unpack[RunArguments]) -> ProfileResult:
    """The profile of a dataframe, a file (a path), the lake (``lake://``), an object store or a database's table.

    Args:
        data: a dataframe, or a source as ``orrery eda`` takes it.
        name: what to call it.
        options: ``target``, ``sample``, ``sections``, ``nulls``, ``seconds``; see ``ProfileOptions``. How text or a
            sheet is read: ``delimiter``, ``encoding``, ``header``, ...; see ``ReadingArguments``.

    Raises:
        OrreryError: it cannot be read, or it failed. An interrupt stops it.
    """
    how, reading = _split(options)
    return run(RunRequest("profile", data, name=name, options=how, reading=reading))


def full(data: object, *, name: str = "", **options: Unpack[RunArguments]) -> ProfileResult:
    """The full report by ydata-profiling, made in a process of its own; ``.save("report.html")`` writes it."""
    how, reading = _split(options)
    return run(RunRequest("report", data, name=name, options=how, reading=reading))


def compare(before: object, after: object, **options: Unpack[RunArguments]) -> ProfileResult:
    """What changed from one table to another: drift of each column, and of the schema.

    Where ``before`` is a profile, or the JSON file of one, the table is compared with the values of that profile.
    So ``after`` may be a later profile: then no data are read. Options of reading are for both sides.
    """
    how, reading = _split(options)
    return run(RunRequest("comparison", after, against=before, options=how, reading=reading))


def check(
    data: object, suite: object, *, name: str = "", **options: Unpack[RunArguments]
) -> ProfileResult:
    """Whether a table passes the checks of a suite: a profile's own, its ``suite()``, or a JSON file."""
    checks = suite_of(suite)
    how, reading = _split(options)
    return run(RunRequest("checks", data, suite=checks, name=name, options=how, reading=reading))


def _split(options: RunArguments) -> tuple[ProfileOptions, ReadingArguments]:
    """How to profile, and how to read."""
    reading = {name: value for name, value in options.items() if name in NAMES}
    how = {name: value for name, value in options.items() if name not in NAMES}
    return ProfileOptions(**cast("ProfileArguments", how)), cast("ReadingArguments", reading)


@dataclass(frozen=True)
class RunRequest:
    """A task, the data that it is about, and how to do it."""

    task: Task
    data: object
    against: object = None
    suite: Suite | None = None
    name: str = ""
    options: ProfileOptions = field(default_factory=ProfileOptions)
    reading: ReadingArguments = field(default_factory=ReadingArguments)

    def side(self, data: object) -> ReadingArguments:
        """The options of reading for a side; the reference takes them if they apply to its format.

        Raises:
            UsageError: the data are read already.
        """
        is_reference = data is self.against
        if isinstance(data, str | os.PathLike):
            return self.reading if not is_reference or is_applicable(os.fspath(data)) else {}
        if not is_reference:
            refuse_reading(self.reading, "a dataframe or a profile")
        return {}

    def body(
        self,
        source: SourceIn,
        against: SourceIn | None,
        parent: str | None = None,
        newer: str | None = None,
    ) -> RunIn:
        """The request as the server and the worker take it; ``parent`` and ``newer`` are profiles that are compared."""
        return {
            "task": self.task,
            "source": source,
            "against": against,
            "suite": self.suite,
            "options": self.options.body(self.task),
            "parent": parent,
            "newer": newer,
        }


def run(
    request: RunRequest,
    *,
    note: Note = lambda text: None,
    shown: Progress | None = None,
    alone: bool = False,
) -> ProfileResult:
    """Do a task through the lab if there is one, which keeps the result; else in a worker of this process.

    Args:
        request: what to do. A file that the lab does not show is read by a worker, too.
        note: called with a sentence when that is so.
        shown: where to show progress.
        alone: do not ask a lab.
    """
    request = replace(request, against=load_profile(request.against))
    if isinstance(request.against, ProfileResult):
        request = replace(request, data=load_profile(request.data))
    elif request.task == "comparison" and isinstance(request.data, ProfileResult):
        raise UsageError(
            "Only an earlier profile can be compared with a profile",
            reason="A table is no profile: of a profile there are no rows left.",
            remedy="Profile the table first, or give the profile as the one before.",
        )
    with shown or progress(request.name or name_of(request.data)) as line:
        try:
            lab = None if alone else LabEda(connect())
        except ServerUnavailable:
            lab = None
        except SeveralLabs:
            note(
                "Labs of several people run here, and none is yours by its name: this is read without one,"
                " and not kept. Name one with `orrery --server`, or say --alone."
            )
            lab = None
        if lab is None:
            return _run_locally(request, line)
        sides = [side for side in (request.data, request.against) if side is not None]
        if not any(_is_hidden(side, lab) for side in sides):
            try:
                return _run_in_lab(request, lab, line)
            except (Forbidden, NotFound):  # the server does not show the source
                if not all(map(_is_here, sides)):
                    raise
        note("The lab does not show this file: it is read here, and not kept in the history.")
        return _run_locally(request, line)


def start_full_report(result: ProfileResult) -> str:
    """Start the full report on a profile's source; its id, by which the panel has it.

    Raises:
        ServerUnavailable: there is no lab.
    """
    run = result.data["result"]["run"]
    body: RunIn = {
        "task": "report",
        "source": run["source"],
        "options": {**run["options"], "seconds": FULL_SECONDS},
        "parent": run["id"],
    }
    return EdaCalls(connect()).start(body)["id"]


def _run_in_lab(request: RunRequest, lab: LabEda, line: Progress) -> ProfileResult:
    data, before = request.data, request.against
    if isinstance(data, ProfileResult) and isinstance(before, ProfileResult):
        source, newer = data.data["result"]["run"]["source"], data.id
    else:
        source, newer = _lab_source(lab, request, data, request.name, line), None
    if isinstance(before, ProfileResult):
        body = request.body(source, None, before.id, newer)
    else:
        against = None if before is None else _lab_source(lab, request, before, "", line)
        body = request.body(source, against)
    profile_data = lab.run(body, line.on_progress)
    documents = _LabDocuments(profile_data["result"]["run"]["id"], lab)
    return ProfileResult(profile_data, documents.render, documents.checks)


class _LabDocuments:
    """What a lab makes of a run that it keeps. Can be pickled; the lab's token does not go along."""

    def __init__(self, run_id: str, lab: LabEda | None = None) -> None:
        self._run_id = run_id
        self._lab = lab

    def __reduce__(self) -> tuple[type[_LabDocuments], tuple[str]]:
        return (_LabDocuments, (self._run_id,))

    def render(self, form: ReportFormat, brief: bool) -> str:
        """The report in a format; raises ServerUnavailable if there is no lab where it was unpickled."""
        query: ReportQuery = {"format": form, "brief": brief}
        return self._calls().report(self._run_id, query, timeout=_RENDER_SECONDS)["content"]

    def checks(self, form: ChecksFormat) -> str:
        """The checks that the profile suggests; raises like ``render``."""
        return self._calls().checks(self._run_id, {"format": form}, timeout=_RENDER_SECONDS)[
            "content"
        ]

    def _calls(self) -> EdaCalls:
        self._lab = self._lab or LabEda(connect())
        return self._lab.calls


def _run_locally(request: RunRequest, line: Progress) -> ProfileResult:
    from orrery_kernels.eda import local

    before, after = _snapshot(request.against), _snapshot(request.data)
    if before and after and before.name == after.name:
        before = _snapshot(request.against, seconds=True)
        after = _snapshot(request.data, seconds=True)
    with ExitStack() as files:
        source = _local_source(request, request.data, after, files, line)
        against = (
            None
            if request.against is None
            else _local_source(request, request.against, before, files, line)
        )
        done = local.run(request.body(source, against), line.on_progress, before, after)
    return ProfileResult(done.data(), done.render, done.checks)


def _local_source(
    request: RunRequest,
    data: object,
    snapshot: Snapshot | None,
    files: ExitStack,
    line: Progress,
) -> SourceIn:
    """A source that a worker of this process can read; a kept profile has its own under the name of that time."""
    name = request.name if data is request.data else ""
    reading = request.side(data)
    if snapshot is not None and isinstance(data, ProfileResult):
        return {**data.data["result"]["run"]["source"], "name": snapshot.name}
    if isinstance(data, str | os.PathLike):
        return _named(with_reading(source_of(os.fspath(data)), reading), name)
    folder = TemporaryDirectory(prefix="orrery-eda-", ignore_cleanup_errors=True)
    path = Path(files.enter_context(folder), "frame.arrow")
    path.touch()
    write(frame_of(data), path, line.on_written)
    return make_source("frame", str(path), name or name_of(data))


def _snapshot(side: object, *, seconds: bool = False) -> Snapshot | None:
    return side.snapshot(seconds=seconds) if isinstance(side, ProfileResult) else None


def _lab_source(
    lab: LabEda, request: RunRequest, data: object, name: str, line: Progress
) -> SourceIn:
    """A source that the lab can read; a dataframe is handed over to it."""
    reading = request.side(data)
    if isinstance(data, str | os.PathLike):
        source = with_reading(source_of(os.fspath(data)), reading)
        return _named(below(source, lab.client.connection.root) or source, name)
    variable = name or name_of(data)
    handed = hand_over_frame(lab.client, frame_of(data), variable, line.on_written)
    return make_source("frame", handed["id"], variable)


def _named(source: SourceIn, name: str) -> SourceIn:
    return {**source, "name": name or source["name"]}


def frame_of(data: object) -> object:
    """The dataframe; of a series of pandas or polars the dataframe that has it as its only column.

    Raises:
        UsageError: it is neither.
    """
    if dialect_of(data) is not None:
        return data
    to_frame: Callable[[], object] | None = getattr(data, "to_frame", None)
    if type(data).__name__ == "Series" and to_frame is not None:
        return to_frame()
    raise UsageError(
        f"A {type(data).__name__} cannot be profiled",
        remedy="Give a dataframe of pandas, polars, pyarrow, DuckDB or Spark, a path, or an address.",
    )


def name_of(data: object) -> str:
    """The variable that holds a dataframe, or the last part of a path; ``data`` if there is none."""
    if isinstance(data, ProfileResult):
        return str(data.run["source"]["name"] or data.run["source"]["location"])
    if isinstance(data, str | os.PathLike):
        return Path(os.fspath(data)).name
    for name, value in namespace().copy().items():
        if value is data and not name.startswith("_"):
            return name
    return "data"


def suite_of(checks: object) -> Suite:
    """A suite of checks: itself, that of a profile, or that in a JSON file.

    Raises:
        UsageError: it is none of these.
    """
    if isinstance(checks, ProfileResult):
        return checks.suite()
    if isinstance(checks, Mapping):
        return cast("Suite", dict(checks))
    if not isinstance(checks, str | os.PathLike):
        raise _no_suite(type(checks).__name__, "It is neither a suite nor a file.")
    try:
        suite = json.loads(Path(checks).expanduser().read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as problem:
        raise _no_suite(os.fspath(checks), str(problem)) from None
    if not isinstance(suite, dict) or "checks" not in suite:
        raise _no_suite(os.fspath(checks), "It holds no checks.")
    return cast("Suite", suite)


def _no_suite(what: str, why: str) -> UsageError:
    return UsageError(
        f"{what} is no suite of checks",
        reason=why,
        remedy="Write one from a profile: orrery eda FILE --suggest checks.json",
    )


def _is_hidden(data: object, lab: LabEda) -> bool:
    """Whether it is a file of this machine that the lab does not show."""
    if not isinstance(data, str | os.PathLike):
        return False
    return below(source_of(os.fspath(data)), lab.client.connection.root) is None


def _is_here(data: object) -> bool:
    """Whether a worker of this process can read it: a dataframe, or a file that is there."""
    if not isinstance(data, str | os.PathLike):
        return True
    path = path_of(source_of(os.fspath(data)))
    return path is not None and exists(path)
