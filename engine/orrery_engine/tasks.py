"""What the worker is told to do, by task."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from orrery_engine.profile import Profile
from orrery_engine.protocol import Speaker
from orrery_engine.readers.base import Table
from orrery_engine.readers.files import open_files
from orrery_engine.schemas import ColumnProfile, Comparison, Earlier, Job, Opening
from orrery_wire.errors import Invalid


def run(job: Job, speaker: Speaker) -> None:
    """Do a job."""
    speaker.stage("reading", 0.0)
    {"profile": _profile, "comparison": _comparison, "checks": _checks, "report": _report}[
        job.task
    ](job, speaker)


def open_table(opening: Opening | None, job: Job) -> Table:
    """The table that an opening leads to."""
    if opening is None:
        raise Invalid("There is nothing to read.", remedy="Name a source.")
    if opening.reader == "table":
        from orrery_engine.readers.table import DatabaseTable

        return DatabaseTable(opening, job.options)
    return open_files(opening, job)


def _profile(job: Job, speaker: Speaker) -> None:
    """All stages on one table."""
    table = open_table(job.source, job)
    try:
        Profile(table, job.options, speaker).run()
    finally:
        table.close()


def _comparison(job: Job, speaker: Speaker) -> None:
    """Stage 1 of both sides, then what became of each column."""
    if job.later:
        _between_kept(_kept(job.earlier), _kept(job.later), speaker)
        return
    after = open_table(job.source, job)
    try:
        if job.earlier:
            _since(_kept(job.earlier), after, job, speaker)
        elif job.against is not None:
            before = open_table(job.against, job)
            try:
                _between(before, after, job, speaker)
            finally:
                before.close()
        else:
            raise Invalid("There is nothing to compare with.", remedy="Name the reference side.")
    finally:
        after.close()


def _between(before: Table, after: Table, job: Job, speaker: Speaker) -> None:
    """Two tables."""
    from orrery_engine import drift

    sides = [
        Profile(after, job.options, speaker, share=(0.05, 0.45)),
        Profile(before, job.options, speaker, side="against", share=(0.45, 0.85)),
    ]
    for side in sides:
        side.summarise()
    speaker.stage("relations", 0.85)
    found = drift.compare(
        before,
        sides[1].columns,
        after,
        sides[0].columns,
        lambda share: speaker.progress(0.85 + 0.15 * share),
    )
    names = [one.name if one else "" for one in (job.against, job.source)]
    _told(found, sides[0].columns, names, speaker)


def _since(before: Earlier, after: Table, job: Job, speaker: Speaker) -> None:
    """A table now, and what its profile was."""
    from orrery_engine import profile_drift

    _tell(before, "against", speaker)
    side = Profile(after, job.options, speaker, share=(0.05, 0.85))
    side.summarise()
    speaker.stage("relations", 0.85)
    found = profile_drift.compare(
        before, after, side.columns, lambda share: speaker.progress(0.85 + 0.15 * share)
    )
    _told(found, side.columns, (before.name, job.source.name if job.source else ""), speaker)


def _between_kept(before: Earlier, after: Earlier, speaker: Speaker) -> None:
    """Two profiles; no data are read."""
    from orrery_engine import profile_drift

    _tell(before, "against", speaker)
    _tell(after, "source", speaker)
    speaker.stage("relations", 0.2)
    found = profile_drift.compare_kept(
        before, after, lambda share: speaker.progress(0.2 + 0.8 * share)
    )
    _told(found, after.columns, (before.name, after.name), speaker)


def _kept(path: str) -> Earlier:
    return Earlier.model_validate_json(Path(path).read_bytes())


def _tell(kept: Earlier, side: str, speaker: Speaker) -> None:
    for column in kept.columns:
        speaker.column(column, side)


def _told(
    found: Comparison,
    columns: Sequence[ColumnProfile],
    names: Sequence[str],
    speaker: Speaker,
) -> None:
    """The comparison, with what it should make a person wary of; ``names`` are those of the older and newer side."""
    from orrery_engine import alerts

    before, after = names
    warned = alerts.compare(found, columns, (before, after))
    speaker.comparison(found.model_copy(update={"alerts": warned}))


def _checks(job: Job, speaker: Speaker) -> None:
    """A suite against a table."""
    from orrery_engine import run_checks

    if job.suite is None:
        raise Invalid("There is nothing to check.", remedy="Send a suite of checks.")
    table = open_table(job.source, job)
    try:
        table.prepare()
        speaker.stage("checks", 0.3)
        found = run_checks.check(
            table, job.suite, lambda share: speaker.progress(0.3 + 0.7 * share)
        )
        speaker.checks(found)
    finally:
        table.close()


def _report(job: Job, speaker: Speaker) -> None:
    """The full report, written to the scratch folder."""
    from orrery_engine import ydata_report

    out = Path(job.scratch) / "report.html"
    if job.options.cluster and job.source is not None:
        speaker.stage("report", 0.05)
        ydata_report.cluster(job.source, job.options, out, speaker.progress)
        speaker.report(str(out))
        return
    table = open_table(job.source, job)
    try:
        table.prepare()
        speaker.stage("report", 0.05)
        ydata_report.report(
            table, job.options, out, lambda share: speaker.progress(0.05 + 0.95 * share)
        )
        speaker.report(str(out))
    finally:
        table.close()
