"""Profiles from Python: the same for a dataframe, a file, and a table of a database."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from orrery_kernels.client import connect
from orrery_kernels.eda import worker
from orrery_kernels.eda.frames import give, namespace
from orrery_kernels.eda.kinds import dialect_of
from orrery_kernels.eda.service import Eda, Told, quiet
from orrery_kernels.eda.views import Found
from orrery_kernels.eda.wanted import How, source_of
from orrery_kernels.errors import Misused, NoServer, Refused

Note = Callable[[str], None]

_OUTSIDE = ("forbidden", "not_found")


def profile(data: Any, *, name: str = "", told: Told = quiet, **how: Any) -> Found:
    """What is in a dataframe, a file (a path), the lake (``lake://``), an object store or a database's table.

    Args:
        data: a dataframe, or a source in words as in ``orrery eda``.
        name: what to call it.
        told: called with the run whenever there is news.
        how: ``target``, ``sample``, ``sections``, ``nulls``, ``seconds``, ``exact``.

    Raises:
        OrreryError: it cannot be read, or it failed.
    """
    return run("profile", data, None, name=name, told=told, how=How(**how))


def compare(before: Any, after: Any, *, told: Told = quiet, **how: Any) -> Found:
    """What changed from one table to another: drift of each column, and of the schema."""
    return run("comparison", after, before, told=told, how=How(**how))


def check(data: Any, suite: dict[str, Any], *, told: Told = quiet, **how: Any) -> Found:
    """Whether a table keeps the promises of a suite, as ``Found.suite()`` gives it."""
    return run("checks", data, None, suite=suite, told=told, how=How(**how))


def run(
    task: str,
    data: Any,
    against: Any,
    *,
    how: How,
    name: str = "",
    suite: dict[str, Any] | None = None,
    told: Told = quiet,
    note: Note = lambda text: None,
) -> Found:
    """Do a task through the lab if there is one, which keeps what was found; else in a worker of this process.

    A file that the lab does not show is read by a worker, too; ``note`` is told so.
    """
    try:
        service = Eda(connect())
    except NoServer:
        return _alone(task, data, against, how, name, suite, told)
    try:
        wanted = {
            "task": task,
            "source": _source(service, data, name),
            "against": None if against is None else _source(service, against, ""),
            "suite": suite,
            "options": how.body(),
        }
        found = service.run(wanted, told)
    except Refused as problem:
        if problem.code not in _OUTSIDE or not (_is_path(data) and Path(data).exists()):
            raise
        note(f"{problem.message}: it is read here, and not kept in the history of reports.")
        return _alone(task, data, against, how, name, suite, told)
    key = found["result"]["run"]["id"]
    return Found(
        found,
        lambda form, brief: service.report(key, form, brief=brief),
        lambda form: str(service.checks(key, form)["content"]),
    )


def full_report(found: Found) -> str:
    """Begin the full report of what a profile looked at; its id, by which the Profiles panel has it."""
    run = found.run
    wanted = {
        "task": "report",
        "source": run["source"],
        "parent": run["id"],
        "options": {**run["options"], "seconds": max(run["options"]["seconds"], 900.0)},
    }
    return str(Eda(connect()).begin(wanted)["id"])


def _alone(
    task: str,
    data: Any,
    against: Any,
    how: How,
    name: str,
    suite: dict[str, Any] | None,
    told: Told,
) -> Found:
    with _local(data, name) as source, _local(against, "") as other:
        wanted = {
            "task": task,
            "source": source,
            "against": other or None,
            "suite": suite,
            "options": how.body(),
        }
        found = worker.run(wanted, told)
    return Found(
        found,
        lambda form, brief: found["page"] or worker.render(found, form, brief=brief),
        lambda form: worker.checks(found, form),
    )


def _source(service: Eda, data: Any, name: str) -> dict[str, Any]:
    if isinstance(data, str | os.PathLike):
        found = source_of(os.fspath(data))
        if found["kind"] == "file":
            found["location"] = _shown(found["location"], service.client.connection.root)
        return {**found, "name": name or found["name"]}
    if dialect_of(data) is None:
        raise _strange(data)
    called = name or name_of(data)
    handed = give(service.client, data, called)
    return {"kind": "frame", "location": handed["id"], "name": called}


def _shown(path: str, root: str) -> str:
    """A path as the lab shows it: below its folder."""
    try:
        return Path(path).relative_to(root).as_posix() if root else path
    except ValueError:
        return path


@contextmanager
def _local(data: Any, name: str) -> Iterator[dict[str, Any]]:
    """A source for a worker of this process; a dataframe is written to a file that goes afterwards."""
    if data is None:
        yield {}
    elif isinstance(data, str | os.PathLike):
        found = source_of(os.fspath(data))
        yield {**found, "name": name or found["name"]}
    elif dialect_of(data) is None:
        raise _strange(data)
    else:
        from orrery_kernels.eda.writing import write

        descriptor, path = tempfile.mkstemp(suffix=".arrow", prefix="orrery-eda-")
        os.close(descriptor)
        try:
            write(data, path)
            yield {"kind": "frame", "location": path, "name": name or name_of(data)}
        finally:
            with suppress(OSError):
                Path(path).unlink()


def name_of(data: Any) -> str:
    """The variable that holds a dataframe; ``data`` if none does."""
    for name, value in list(namespace().items()):
        if value is data and not name.startswith("_"):
            return name
    return "data"


def _is_path(data: Any) -> bool:
    return isinstance(data, str | os.PathLike) and "://" not in os.fspath(data)


def _strange(data: Any) -> Misused:
    return Misused(
        f"A {type(data).__name__} cannot be profiled",
        remedy="Give a dataframe of pandas, polars, pyarrow, DuckDB or Spark, a path, or an address.",
    )
