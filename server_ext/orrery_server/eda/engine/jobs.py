"""What the worker is told to do, by task."""

from __future__ import annotations

from pathlib import Path

from orrery_server.eda.engine.profile import Profile
from orrery_server.eda.engine.protocol import Speaker
from orrery_server.eda.engine.readers.base import Table
from orrery_server.eda.engine.readers.files import open_files
from orrery_server.eda.schemas import Job, Opening
from orrery_server.errors import Invalid


def run(job: Job, speaker: Speaker) -> None:
    """Do a job."""
    speaker.stage("reading", 0.0)
    {"profile": _profile, "comparison": _comparison, "checks": _checks, "report": _report}[
        job.task
    ](job, speaker)


def open_table(opening: Opening, job: Job) -> Table:
    """The table that an opening leads to."""
    if opening.reader == "table":
        from orrery_server.eda.engine.readers.table import DatabaseTable

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
    from orrery_server.eda.engine import alerts, drift

    if job.against is None:
        raise Invalid("There is nothing to compare with.", remedy="Name the reference side.")
    after = open_table(job.source, job)
    try:
        before = open_table(job.against, job)
        try:
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
            names = (job.against.name, job.source.name)
            warned = alerts.compare(found, sides[0].columns, names)
            speaker.comparison(found.model_copy(update={"alerts": warned}))
        finally:
            before.close()
    finally:
        after.close()


def _checks(job: Job, speaker: Speaker) -> None:
    """A suite against a table."""
    from orrery_server.eda.engine import checking

    if job.suite is None:
        raise Invalid("There is nothing to check.", remedy="Send a suite of checks.")
    table = open_table(job.source, job)
    try:
        table.prepare()
        speaker.stage("checks", 0.3)
        found = checking.check(table, job.suite, lambda share: speaker.progress(0.3 + 0.7 * share))
        speaker.checks(found)
    finally:
        table.close()


def _report(job: Job, speaker: Speaker) -> None:
    """The full report, written to the scratch folder."""
    from orrery_server.eda.engine import full

    out = Path(job.scratch) / "report.html"
    if job.options.cluster:
        speaker.stage("report", 0.05)
        full.cluster(job.source, job.options, out, speaker.progress)
        speaker.report(str(out))
        return
    table = open_table(job.source, job)
    try:
        table.prepare()
        speaker.stage("report", 0.05)
        full.report(table, job.options, out, lambda share: speaker.progress(0.05 + 0.95 * share))
        speaker.report(str(out))
    finally:
        table.close()
