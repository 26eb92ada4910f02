"""What was found, as an object that a notebook shows and a program can ask."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from orrery_kernels.errors import OrreryError, UsageError
from orrery_kernels.text import clean, table

Render = Callable[[str, bool], str]
Checks = Callable[[str], str]

ENDINGS = {".html": "html", ".htm": "html", ".json": "json", ".md": "markdown"}
_SHOWN = 20


class Record(dict[str, Any]):
    """A part of what was found; ``record.name`` is ``record["name"]``."""

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
        """Their names."""
        return [column["name"] for column in self]

    def __repr__(self) -> str:
        rows = [
            (one["name"], one["type"], one["missing"], _number(one["distinct"]), _about(one))
            for one in self[:_SHOWN]
        ]
        shown = table(("Column", "Type", "Missing", "Distinct", "Values"), rows)
        more = len(self) - len(rows)
        return f"{shown}\n... and {more:,} more" if more else shown


class Found:
    """What a run found. In a notebook it shows a brief report, without any script."""

    def __init__(self, told: dict[str, Any], render: Render, checks: Checks) -> None:
        self._told = told
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
        return Record(self._told["result"]["run"])

    def kept(self, *, seconds: bool = False) -> dict[str, Any]:
        """What a comparison needs of this profile; its name says when it was made, to the minute or the second.

        Raises:
            UsageError: it is no profile.
        """
        run = self._told["result"]["run"]
        if run["task"] != "profile":
            raise UsageError(
                f"A {run['task']} cannot be compared", remedy="Give a profile, or a table."
            )
        name = run["source"].get("name") or run["source"]["location"]
        return {
            "name": f"{name}, {run['created'][: 19 if seconds else 16].replace('T', ' ')} UTC",
            "rows": run.get("rows"),
            "columns": self._told["columns"],
        }

    @property
    def overview(self) -> Record:
        """The table as a whole; empty for a comparison and for checks."""
        return Record(self._told["result"].get("overview") or {})

    @property
    def columns(self) -> Columns:
        """The profile of each column."""
        return Columns(map(Record, self._told["columns"]))

    @property
    def comparison(self) -> Record:
        """What changed from the reference; empty unless two tables were compared."""
        return Record(self._told["result"].get("comparison") or {})

    @property
    def drifts(self) -> list[Record]:
        """What became of each column since the reference."""
        return [Record(one) for one in self.comparison.get("drifts", ())]

    @property
    def checks(self) -> list[Record]:
        """What became of each check; empty unless a suite was run."""
        return [
            Record(one) for one in (self._told["result"].get("checks") or {}).get("results", ())
        ]

    @property
    def alerts(self) -> list[Record]:
        """What should be known first, the most serious first."""
        return [Record(one) for one in (self.overview or self.comparison).get("alerts", ())]

    @property
    def passed(self) -> bool:
        """Whether every check was kept."""
        return all(one["passed"] for one in self.checks)

    def suite(self) -> dict[str, Any]:
        """The checks that the profile suggests, to run them on other data."""
        found: dict[str, Any] = json.loads(self._checks("json"))
        return found

    def to_checks(self, form: str = "pandera") -> str:
        """The same as code or a file: ``pandera``, ``sql``, ``great_expectations`` or ``json``."""
        return self._checks(form)

    def to_html(self) -> str:
        """The report as a page of its own; the full report has scripts in it, others have none."""
        return self._render("html", False)

    def to_markdown(self) -> str:
        """The report as Markdown."""
        return self._render("markdown", False)

    def to_dict(self) -> dict[str, Any]:
        """Everything, as the JSON report has it."""
        return {"result": self._told["result"], "columns": self._told["columns"]}

    def to_json(self) -> str:
        """The same as text."""
        return json.dumps(self.to_dict(), indent=1, ensure_ascii=False) + "\n"

    def save(self, path: str | Path, form: str | None = None) -> Path:
        """Write the report to a file, whose ending says as what: ``.html``, ``.md`` or ``.json``."""
        target = Path(path).expanduser()
        chosen = form or ENDINGS.get(target.suffix.lower())
        if chosen is None:
            raise UsageError(
                f"A report cannot be written as {target.suffix or 'a file without an ending'}",
                remedy=f"There are: {', '.join(ENDINGS)}.",
            )
        target.write_text(self.written(chosen), encoding="utf-8", errors="backslashreplace")
        return target

    def written(self, form: str) -> str:
        """The report as ``html``, ``markdown`` or ``json``."""
        return self.to_json() if form == "json" else self._render(form, False)

    def __repr__(self) -> str:
        return f"{clean(self.run['source']['name'])}: {self._size()}\n{self._listed()}"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """Tables without scripts or styles, which every viewer of notebooks keeps; text where those cannot be had."""
        told = {"text/plain": repr(self)}
        if self.run["task"] == "report":
            return told
        try:
            self._brief = self._brief or {
                "text/html": self._render("html", True),
                "text/markdown": self._render("markdown", True),
            }
        except OrreryError:
            return told
        return told | self._brief

    def _listed(self) -> str:
        if self.run["task"] == "report":
            return "The full report: .save('report.html'), or open it in the Profiles panel."
        if self.checks:
            return table(("", "Column", "Check", "What"), [_check(one) for one in self.checks])
        lines = [(one["level"], ", ".join(one["names"]), one["message"]) for one in self.alerts]
        more = [f"... and {len(lines) - _SHOWN:,} more alerts"] if len(lines) > _SHOWN else []
        if not lines:
            return "No alerts."
        return "\n".join([table(("Level", "Columns", "What"), lines[:_SHOWN]), *more])

    def _size(self) -> str:
        rows, columns = self.run.get("rows"), self.run.get("columns")
        told = f"{rows:,} rows" if rows is not None else "rows unknown"
        if columns is not None:
            told += f", {columns:,} columns"
        if self.checks:
            broken = sum(not one["passed"] for one in self.checks)
            told += f", {broken:,} of {len(self.checks):,} checks broken"
        sampling = self.run.get("sampling") or self.overview.get("sampling")
        if sampling:
            told += f"; {sampling['rows']:,} rows were looked at, a share is right within {sampling['margin']:.1%}"
        return told


def _check(result: Record) -> tuple[str, str, str, str]:
    """A line of what became of a check."""
    check = result["check"]
    state = "kept" if result["passed"] else "BROKEN"
    return state, check.get("column") or "", check["code"].replace("_", " "), result["message"]


def _about(column: Record) -> str:
    low, high = column.get("minimum"), column.get("maximum")
    if low is not None and high is not None:
        return f"{_number(low)} to {_number(high)}"
    return ", ".join(str(one["value"])[:40] for one in column.get("top", ())[:3])


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
