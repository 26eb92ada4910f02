"""Profiles from Python: the same for a dataframe, a file, and a table of a database."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from orrery_kernels.client import connect
from orrery_kernels.eda.dataframes import dialect_of
from orrery_kernels.eda.frames import give, namespace
from orrery_kernels.eda.progress import Progress, progress
from orrery_kernels.eda.service import Eda
from orrery_kernels.eda.sources import How, below, path_of, source_of, there
from orrery_kernels.eda.views import Found
from orrery_kernels.errors import RequestError, ServerUnavailable, UsageError

Note = Callable[[str], None]

_OUTSIDE = ("forbidden", "not_found")
_LARGEST_PROFILE = 256 * 2**20


def profile(data: Any, *, name: str = "", **how: Any) -> Found:
    """What is in a dataframe, a file (a path), the lake (``lake://``), an object store or a database's table.

    Args:
        data: a dataframe, or a source in words as in ``orrery eda``.
        name: what to call it.
        how: ``target``, ``sample``, ``sections``, ``nulls``, ``seconds``.

    Raises:
        OrreryError: it cannot be read, or it failed. An interrupt stops it.
    """
    return run(Asked("profile", data, name=name, how=How(**how)))


def full(data: Any, *, name: str = "", **how: Any) -> Found:
    """The full report by ydata-profiling, made in a process of its own; ``.save("report.html")`` keeps it."""
    return run(Asked("report", data, name=name, how=How(**how)))


def compare(before: Any, after: Any, **how: Any) -> Found:
    """What changed from one table to another: drift of each column, and of the schema.

    Where ``before`` is a profile, or the JSON file of one, the table is compared with what that found at its time.
    So ``after`` may be a later profile: then no data are read.
    """
    return run(Asked("comparison", after, against=before, how=How(**how)))


def check(data: Any, suite: Any, *, name: str = "", **how: Any) -> Found:
    """Whether a table keeps the promises of a suite: that of a profile, its ``suite()``, or a JSON file."""
    return run(Asked("checks", data, suite=suite_of(suite), name=name, how=How(**how)))


@dataclass(frozen=True)
class Asked:
    """A task, the data that it is about, and how to do it."""

    task: str
    data: Any
    against: Any = None
    suite: dict[str, Any] | None = None
    name: str = ""
    how: How = field(default_factory=How)

    def wanted(self, source: dict[str, Any], against: dict[str, Any] | None) -> dict[str, Any]:
        """What the server and the worker are asked."""
        return {
            "task": self.task,
            "source": source,
            "against": against,
            "suite": self.suite,
            "options": self.how.body(self.task),
        }


def run(
    asked: Asked,
    *,
    note: Note = lambda text: None,
    shown: Progress | None = None,
    alone: bool = False,
) -> Found:
    """Do a task through the lab if there is one, which keeps what was found; else in a worker of this process.

    A file that the lab does not show is read by a worker, too; ``note`` is told so.
    """
    asked = replace(asked, against=_kept(asked.against))
    if isinstance(asked.against, Found):
        asked = replace(asked, data=_kept(asked.data))
    elif asked.task == "comparison" and isinstance(asked.data, Found):
        raise UsageError(
            "Only an earlier profile can be compared with a profile",
            reason="A table is no profile: of a profile there are no rows left.",
            remedy="Profile the table first, or give the profile as the one before.",
        )
    with shown or progress(asked.name or name_of(asked.data)) as line:
        try:
            lab = None if alone else Eda(connect())
        except ServerUnavailable:
            lab = None
        if lab is None:
            return _alone(asked, line)
        hidden = [one for one in (asked.data, asked.against) if _is_hidden(one, lab)]
        if not hidden:
            try:
                return _with_lab(asked, lab, line)
            except RequestError as problem:
                if problem.code not in _OUTSIDE or not all(map(_is_here, _sides(asked))):
                    raise
        note("The lab does not show this file: it is read here, and not kept in the history.")
        return _alone(asked, line)


def _kept(against: Any) -> Any:
    """The profile that a ``.json`` file holds, as ``save`` writes it; anything else as it is."""
    if not isinstance(against, str | os.PathLike) or Path(against).suffix != ".json":
        return against
    path = Path(against).expanduser()
    try:
        if path.stat().st_size > _LARGEST_PROFILE:
            return against
        told = json.loads(path.read_text(encoding="utf-8"))
        task = told["result"]["run"]["task"]
        whole = task == "profile" and isinstance(told["columns"], list)
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return against  # JSON of another kind is a table
    return Found(told, _only_kept, _only_kept) if whole else against


def _only_kept(*_: object, **__: object) -> Any:
    raise UsageError("This profile is only what a file kept", remedy="Profile the data again.")


def begin_full(found: Found) -> str:
    """Begin the full report of what a profile looked at; its id, by which the Profiles panel has it.

    Raises:
        ServerUnavailable: there is no lab.
    """
    options = {**found.run["options"], "seconds": How().body("report")["seconds"]}
    wanted = {"task": "report", "source": found.run["source"], "options": options}
    return str(Eda(connect()).begin({**wanted, "parent": found.id})["id"])


def _with_lab(asked: Asked, lab: Eda, line: Progress) -> Found:
    if isinstance(asked.against, Found):
        both = {"parent": asked.against.id}
        if isinstance(asked.data, Found):
            source, both["newer"] = asked.data.run["source"], asked.data.id
        else:
            source = _given(lab, asked.data, asked.name, line)
        wanted = asked.wanted(source, None) | both
    else:
        source = _given(lab, asked.data, asked.name, line)
        against = None if asked.against is None else _given(lab, asked.against, "", line)
        wanted = asked.wanted(source, against)
    found = lab.run(wanted, line.told)
    key = found["result"]["run"]["id"]
    return Found(
        found,
        lambda form, brief: lab.report(key, form, brief=brief),
        lambda form: lab.checks(key, form),
    )


def _alone(asked: Asked, line: Progress) -> Found:
    from orrery_kernels.eda import worker

    with (
        _local(asked.data, asked.name, line) as source,
        _local(asked.against, "", line) as against,
    ):
        both = asked.against, asked.data
        earlier, later = (one.kept() if isinstance(one, Found) else None for one in both)
        if earlier and later and earlier["name"] == later["name"]:
            earlier, later = (one.kept(seconds=True) for one in both)
        if earlier:
            against = {**asked.against.run["source"], "name": earlier["name"]}
        if later:
            source = {**asked.data.run["source"], "name": later["name"]}
        found = worker.run(asked.wanted(source or {}, against), line.told, earlier, later)
    return Found(
        found,
        lambda form, brief: (
            (form == "html" and found["page"]) or worker.render(found, form, brief=brief)
        ),
        lambda form: worker.checks(found, form),
    )


def _given(lab: Eda, data: Any, name: str, line: Progress) -> dict[str, Any]:
    """A source that the lab can read."""
    if isinstance(data, str | os.PathLike):
        found = source_of(os.fspath(data))
        shown = below(found, lab.client.connection.root) or found
        return {**shown, "name": name or shown["name"]}
    frame, called = frame_of(data), name or name_of(data)
    handed = give(lab.client, frame, called, line.written)
    return {"kind": "frame", "location": handed["id"], "name": called}


@contextmanager
def _local(data: Any, name: str, line: Progress) -> Iterator[dict[str, Any] | None]:
    """A source for a worker of this process; a dataframe is written to a file that goes afterwards."""
    if data is None or isinstance(data, Found):
        yield None
    elif isinstance(data, str | os.PathLike):
        found = source_of(os.fspath(data))
        yield {**found, "name": name or found["name"]}
    else:
        from orrery_kernels.eda.arrow_writer import write

        frame = frame_of(data)
        descriptor, path = tempfile.mkstemp(suffix=".arrow", prefix="orrery-eda-")
        os.close(descriptor)
        try:
            write(frame, path, line.written)
            yield {"kind": "frame", "location": path, "name": name or name_of(data)}
        finally:
            with suppress(OSError):
                Path(path).unlink()


def frame_of(data: Any) -> Any:
    """The dataframe; of a series of pandas or polars the one that has it as its only column.

    Raises:
        UsageError: it is none.
    """
    if dialect_of(data) is not None:
        return data
    if type(data).__name__ == "Series" and hasattr(data, "to_frame"):
        return data.to_frame()
    raise UsageError(
        f"A {type(data).__name__} cannot be profiled",
        remedy="Give a dataframe of pandas, polars, pyarrow, DuckDB or Spark, a path, or an address.",
    )


def name_of(data: Any) -> str:
    """The variable that holds a dataframe, or the last part of a path; ``data`` if there is none."""
    if isinstance(data, Found):
        return str(data.run["source"]["name"] or data.run["source"]["location"])
    if isinstance(data, str | os.PathLike):
        return Path(os.fspath(data)).name
    for name, value in namespace().copy().items():
        if value is data and not name.startswith("_"):
            return name
    return "data"


def suite_of(given: Any) -> dict[str, Any]:
    """The suite that somebody means: itself, that of a profile, or that in a JSON file.

    Raises:
        UsageError: it is none.
    """
    if isinstance(given, Found):
        return given.suite()
    if isinstance(given, Mapping):
        return dict(given)
    if not isinstance(given, str | os.PathLike):
        raise _no_suite(type(given).__name__, "It is neither a suite nor a file.")
    try:
        found = json.loads(Path(given).expanduser().read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as problem:
        raise _no_suite(os.fspath(given), str(problem)) from None
    if not isinstance(found, dict) or "checks" not in found:
        raise _no_suite(os.fspath(given), "It holds no checks.")
    return found


def _no_suite(what: str, why: str) -> UsageError:
    return UsageError(
        f"{what} is no suite of checks",
        reason=why,
        remedy="Write one from a profile: orrery eda FILE --suggest checks.json",
    )


def _sides(asked: Asked) -> list[Any]:
    return [one for one in (asked.data, asked.against) if one is not None]


def _is_hidden(data: Any, lab: Eda) -> bool:
    """Whether it is a file of this machine that the lab does not show."""
    if not isinstance(data, str | os.PathLike):
        return False
    return below(source_of(os.fspath(data)), lab.client.connection.root) is None


def _is_here(data: Any) -> bool:
    """Whether a worker of this process can read it: a dataframe, or a file that is there."""
    if not isinstance(data, str | os.PathLike):
        return True
    path = path_of(source_of(os.fspath(data)))
    return path is not None and there(path)
