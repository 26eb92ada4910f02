"""What the worker is told to do, by task."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from orrery_engine.profile import Profile
from orrery_engine.protocol import EventWriter
from orrery_engine.readers.base import Table
from orrery_engine.readers.files import open_files
from orrery_engine.schemas import ColumnProfile, Comparison, Job, ProfileSnapshot, ResolvedSource
from orrery_wire.errors import Invalid


def run(job: Job, writer: EventWriter) -> None:
    """Do a job."""
    writer.stage("reading", 0.0)
    {
        "profile": _profile,
        "comparison": _comparison,
        "checks": _checks,
        "code": _code,
        "report": _report,
    }[job.task](job, writer)


def open_table(resolved: ResolvedSource | None, job: Job) -> Table:
    """The table that an opening leads to."""
    if resolved is None:
        raise Invalid("There is nothing to read.", remedy="Name a source.")
    if resolved.reader == "table":
        from orrery_engine.readers.table import DatabaseTable

        return DatabaseTable(resolved, job.options)
    return open_files(resolved, job)


def _profile(job: Job, writer: EventWriter) -> None:
    """Profile one table."""
    table = open_table(job.source, job)
    try:
        Profile(table, job.options, writer).run()
    finally:
        table.close()


def _comparison(job: Job, writer: EventWriter) -> None:
    """Stage 1 of both sides, then what became of each column."""
    if job.after_profile:
        _between_kept(_read_snapshot(job.before_profile), _read_snapshot(job.after_profile), writer)
        return
    after = open_table(job.source, job)
    try:
        if job.before_profile:
            _since(_read_snapshot(job.before_profile), after, job, writer)
        elif job.against is not None:
            before = open_table(job.against, job)
            try:
                _between(before, after, job, writer)
            finally:
                before.close()
        else:
            raise Invalid("There is nothing to compare with.", remedy="Name the reference side.")
    finally:
        after.close()


def _between(before: Table, after: Table, job: Job, writer: EventWriter) -> None:
    """Two tables."""
    from orrery_engine import drift

    sides = [
        Profile(after, job.options, writer, share=(0.05, 0.45)),
        Profile(before, job.options, writer, side="against", share=(0.45, 0.85)),
    ]
    for side in sides:
        side.summarise()
    writer.stage("relations", 0.85)
    result = drift.compare(
        before,
        sides[1].columns,
        after,
        sides[0].columns,
        lambda share: writer.progress(0.85 + 0.15 * share),
    )
    names = [item.name if item else "" for item in (job.against, job.source)]
    _write_comparison(result, sides[0].columns, names, writer)


def _since(before: ProfileSnapshot, after: Table, job: Job, writer: EventWriter) -> None:
    """A table now, and what its profile was."""
    from orrery_engine import profile_drift

    _write_columns(before, "against", writer)
    side = Profile(after, job.options, writer, share=(0.05, 0.85))
    side.summarise()
    writer.stage("relations", 0.85)
    result = profile_drift.compare(
        before, after, side.columns, lambda share: writer.progress(0.85 + 0.15 * share)
    )
    _write_comparison(
        result, side.columns, (before.name, job.source.name if job.source else ""), writer
    )


def _between_kept(before: ProfileSnapshot, after: ProfileSnapshot, writer: EventWriter) -> None:
    """Two profiles; no data are read."""
    from orrery_engine import profile_drift

    _write_columns(before, "against", writer)
    _write_columns(after, "source", writer)
    writer.stage("relations", 0.2)
    result = profile_drift.compare_kept(
        before, after, lambda share: writer.progress(0.2 + 0.8 * share)
    )
    _write_comparison(result, after.columns, (before.name, after.name), writer)


def _read_snapshot(path: str) -> ProfileSnapshot:
    return ProfileSnapshot.model_validate_json(Path(path).read_bytes())


def _write_columns(snapshot: ProfileSnapshot, side: str, writer: EventWriter) -> None:
    for column in snapshot.columns:
        writer.column(column, side)


def _write_comparison(
    comparison: Comparison,
    columns: Sequence[ColumnProfile],
    names: Sequence[str],
    writer: EventWriter,
) -> None:
    """The comparison, with what it should make a person wary of; ``names`` are those of the older and newer side."""
    from orrery_engine import comparison_alerts

    before, after = names
    warned = comparison_alerts.compare(comparison, columns, (before, after))
    writer.comparison(comparison.model_copy(update={"alerts": warned}))


def _checks(job: Job, writer: EventWriter) -> None:
    """A suite against a table."""
    from orrery_engine import run_checks

    if job.suite is None:
        raise Invalid("There is nothing to check.", remedy="Send a suite of checks.")
    table = open_table(job.source, job)
    try:
        table.prepare()
        writer.stage("checks", 0.3)
        result = run_checks.check(
            table, job.suite, lambda share: writer.progress(0.3 + 0.7 * share)
        )
        writer.checks(result)
    finally:
        table.close()


def _report(job: Job, writer: EventWriter) -> None:
    """The full report, written to the scratch folder."""
    from orrery_engine import ydata_report

    out = Path(job.scratch) / "report.html"
    if job.options.cluster and job.source is not None:
        writer.stage("report", 0.05)
        ydata_report.cluster(job.source, job.options, out, writer.progress)
        writer.report(str(out))
        return
    table = open_table(job.source, job)
    try:
        table.prepare()
        writer.stage("report", 0.05)
        ydata_report.report(
            table, job.options, out, lambda share: writer.progress(0.05 + 0.95 * share)
        )
        writer.report(str(out))
    finally:
        table.close()


def _code(job: Job, writer: EventWriter) -> None:
    """Code that was run on the data, or on values of the profile, before it is offered."""
    from orrery_engine.offers import offer

    if job.code is None:
        raise Invalid("There is no code to write.", remedy="Say what the code should do.")
    writer.code(offer.code(job, job.code, open_table))
