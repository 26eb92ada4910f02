"""The result of a run, as an object that a notebook shows and a program reads."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Never, TypedDict, cast

from orrery_kernels.errors import UsageError
from orrery_kernels.text import clean, table
from orrery_wire.errors import OrreryError
from orrery_wire.types.eda import ChecksFormat, ColumnProfile, ReportFormat, Result, Suite

if TYPE_CHECKING:
    from orrery_kernels.eda.local import Snapshot

Render = Callable[[ReportFormat, bool], str]
Checks = Callable[[ChecksFormat], str]

ENDINGS: dict[str, ReportFormat] = {
    ".html": "html",
    ".htm": "html",
    ".json": "json",
    ".md": "markdown",
}
_SHOWN = 20
_MAX_PROFILE_BYTES = 256 * 2**20


class ProfileData(TypedDict):
    """What a run has found, with all its columns; the JSON report holds the same."""

    result: Result
    columns: list[ColumnProfile]


class Record(dict[str, Any]):
    """A part of a result; ``record.name`` is ``record["name"]``."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"there is no {name!r}; there are: {', '.join(self)}") from None

    def __dir__(self) -> Iterable[str]:
        return [*super().__dir__(), *self]


class Columns(list[Record]):
    """The columns in their order; also by name, the first of those that share one."""

    def __getitem__(self, which: Any) -> Any:
        if not isinstance(which, str):
            return super().__getitem__(which)
        for column in self:
            if column["name"] == which:
                return column
        raise KeyError(which)

    @property
    def names(self) -> list[str]:
        """The names of the columns, in their order."""
        return [column["name"] for column in self]

    def __repr__(self) -> str:
        rows = [
            (c["name"], c["type"], c["missing"], _number(c.get("distinct")), _values(c))
            for c in self[:_SHOWN]
        ]
        shown = table(("Column", "Type", "Missing", "Distinct", "Values"), rows)
        more = len(self) - len(rows)
        return f"{shown}\n... and {more:,} more" if more else shown


class ProfileResult:
    """The result of a run. In a notebook it shows a brief report, without any script."""

    def __init__(self, data: ProfileData, render: Render, checks: Checks) -> None:
        self.data = data
        self._render = render
        self._checks = checks
        self._brief: dict[str, str] = {}

    @property
    def id(self) -> str:
        """The run, as the Profiles panel and the server know it."""
        return str(self.run["id"])

    @property
    def run(self) -> Record:
        """The run: its source, options, rows, times, and whether it looked at a sample only."""
        return Record(self.data["result"]["run"])

    def snapshot(self, *, seconds: bool = False) -> Snapshot:
        """What a comparison takes of this profile; its name says when it was made, to the minute or the second.

        Raises:
            UsageError: it is no profile.
        """
        run = self.data["result"]["run"]
        if run["task"] != "profile":
            raise UsageError(
                f"A {run['task']} cannot be compared", remedy="Give a profile, or a table."
            )
        from orrery_engine.client.snapshots import snapshot_name
        from orrery_kernels.eda.local import Snapshot

        name = run["source"].get("name") or run["source"]["location"]
        created = datetime.fromisoformat(run["created"])
        return Snapshot(
            name=snapshot_name(name, created, seconds=seconds),
            rows=run.get("rows"),
            columns=self.data["columns"],
        )

    @property
    def overview(self) -> Record:
        """The table as a whole; empty for a comparison and for checks."""
        return Record(self.data["result"].get("overview") or {})

    @property
    def columns(self) -> Columns:
        """The profile of each column."""
        return Columns(map(Record, self.data["columns"]))

    @property
    def comparison(self) -> Record:
        """What changed from the reference; empty unless two tables were compared."""
        return Record(self.data["result"].get("comparison") or {})

    @property
    def drifts(self) -> list[Record]:
        """What became of each column since the reference."""
        return [Record(drift) for drift in self.comparison.get("drifts", ())]

    @property
    def checks(self) -> list[Record]:
        """What became of each check; empty unless a suite was run."""
        checks = self.data["result"].get("checks")
        return [Record(result) for result in checks["results"]] if checks else []

    @property
    def alerts(self) -> list[Record]:
        """What should be known first, the most serious first."""
        return [Record(alert) for alert in (self.overview or self.comparison).get("alerts", ())]

    @property
    def passed(self) -> bool:
        """Whether every check was kept."""
        return all(check["passed"] for check in self.checks)

    def suite(self) -> Suite:
        """The checks that the profile suggests, to run them on other data."""
        return cast("Suite", json.loads(self._checks("json")))

    def to_checks(self, form: ChecksFormat = "pandera") -> str:
        """The same as code or a file: ``pandera``, ``sql``, ``great_expectations`` or ``json``."""
        return self._checks(form)

    def to_html(self) -> str:
        """The report as a page of its own; the full report has scripts in it, others have none."""
        return self._render("html", False)

    def to_markdown(self) -> str:
        """The report as Markdown."""
        return self._render("markdown", False)

    def to_dict(self) -> ProfileData:
        """Everything, as the JSON report has it."""
        return self.data

    def to_json(self) -> str:
        """The result and its columns as JSON text."""
        return json.dumps(self.to_dict(), indent=1, ensure_ascii=False) + "\n"

    def save(self, path: str | Path, form: ReportFormat | None = None) -> Path:
        """Write the report to a file, whose ending says as what: ``.html``, ``.md`` or ``.json``."""
        target = Path(path).expanduser()
        report_format = form or ENDINGS.get(target.suffix.lower())
        if report_format is None:
            raise UsageError(
                f"A report cannot be written as {target.suffix or 'a file without an ending'}",
                remedy=f"There are: {', '.join(ENDINGS)}.",
            )
        target.write_text(self.render(report_format), encoding="utf-8", errors="backslashreplace")
        return target

    def render(self, form: ReportFormat) -> str:
        """The report as ``html``, ``markdown`` or ``json``."""
        return self.to_json() if form == "json" else self._render(form, False)

    def __repr__(self) -> str:
        notes = [f"Note: {clean(note)}" for note in self.overview.get("notes", ())]
        if notes and self.overview.get("reading"):
            notes.append("Read otherwise with --delimiter, --encoding, --header and the like.")
        return "\n".join(
            [f"{clean(self.run['source']['name'])}: {self._size()}", *notes, self._listed()]
        )

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """Tables without scripts or styles, which every viewer of notebooks keeps; text where those cannot be had."""
        bundle = {"text/plain": repr(self)}
        if self.run["task"] == "report":
            return bundle
        try:
            self._brief = self._brief or {
                "text/html": self._render("html", True),
                "text/markdown": self._render("markdown", True),
            }
        except OrreryError:
            return bundle
        return bundle | self._brief

    def _listed(self) -> str:
        if self.run["task"] == "report":
            return "The full report: .save('report.html'), or open it in the Profiles panel."
        if self.checks:
            return table(
                ("", "Column", "Check", "What"), [_check_row(check) for check in self.checks]
            )
        lines = [
            (alert["level"], ", ".join(alert["names"]), alert["message"]) for alert in self.alerts
        ]
        more = [f"... and {len(lines) - _SHOWN:,} more alerts"] if len(lines) > _SHOWN else []
        if not lines:
            return "No alerts."
        return "\n".join([table(("Level", "Columns", "What"), lines[:_SHOWN]), *more])

    def _size(self) -> str:
        rows, columns = self.run.get("rows"), self.run.get("columns")
        text = f"{rows:,} rows" if rows is not None else "rows unknown"
        if columns is not None:
            text += f", {columns:,} columns"
        if self.checks:
            broken = sum(not check["passed"] for check in self.checks)
            text += f", {broken:,} of {len(self.checks):,} checks broken"
        sampling = self.run.get("sampling") or self.overview.get("sampling")
        if sampling:
            text += f"; {sampling['rows']:,} rows were looked at, a share is right within {sampling['margin']:.1%}"
        return text


def _check_row(result: Record) -> tuple[str, str, str, str]:
    """A line of what became of a check."""
    check = result["check"]
    state = "kept" if result["passed"] else "BROKEN"
    return state, check.get("column") or "", check["code"].replace("_", " "), result["message"]


def _values(column: Record) -> str:
    low, high = column.get("minimum"), column.get("maximum")
    if low is not None and high is not None:
        return f"{_number(low)} to {_number(high)}"
    return ", ".join(str(value["value"])[:40] for value in column.get("top", ())[:3])


def _number(value: object) -> str:
    if value is None:
        return ""
    return (
        f"{value:,}"
        if isinstance(value, int)
        else f"{value:.6g}"
        if isinstance(value, float)
        else str(value)
    )


def load_profile(side: object) -> object:
    """The profile in a ``.json`` file, as ``save`` writes it; anything else as it is."""
    if not isinstance(side, str | os.PathLike) or Path(side).suffix != ".json":
        return side
    path = Path(side).expanduser()
    try:
        if path.stat().st_size > _MAX_PROFILE_BYTES:
            return side
        data = json.loads(path.read_text(encoding="utf-8"))
        task = data["result"]["run"]["task"]
        is_profile = task == "profile" and isinstance(data["columns"], list)
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return side  # JSON of another kind is a table
    return ProfileResult(data, _cannot_render, _cannot_render) if is_profile else side


def _cannot_render(*_: object) -> Never:
    raise UsageError("This profile is only what a file holds", remedy="Profile the data again.")
