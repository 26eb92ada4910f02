"""What was found, as an object that a notebook shows and a program can ask."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from orrery_kernels.text import clean, table

Render = Callable[[str, bool], str]
Checks = Callable[[str], str]


class Found:
    """What a run found. In a notebook it shows a brief report, without any script."""

    def __init__(self, told: dict[str, Any], render: Render, checks: Checks) -> None:
        self._told = told
        self._render = render
        self._checks = checks
        self._bundle: dict[str, str] = {}

    @property
    def id(self) -> str:
        """The run, as the Profiles panel and the server know it."""
        return str(self._told["result"]["run"]["id"])

    @property
    def run(self) -> dict[str, Any]:
        """The run: its source, options, rows, times, and whether it looked at a sample only."""
        found: dict[str, Any] = self._told["result"]["run"]
        return found

    @property
    def overview(self) -> dict[str, Any]:
        """The table as a whole; empty for a comparison and for checks."""
        return dict(self._told["result"].get("overview") or {})

    @property
    def columns(self) -> list[dict[str, Any]]:
        """The profile of each column."""
        return list(self._told["columns"])

    @property
    def comparison(self) -> dict[str, Any]:
        """What changed from the reference; empty unless two tables were compared."""
        return dict(self._told["result"].get("comparison") or {})

    @property
    def checks(self) -> list[dict[str, Any]]:
        """What became of each check; empty unless a suite was run."""
        return list((self._told["result"].get("checks") or {}).get("results", ()))

    @property
    def alerts(self) -> list[dict[str, Any]]:
        """What should be known first, the most serious first."""
        return list((self.overview or self.comparison).get("alerts", ()))

    @property
    def passed(self) -> bool:
        """Whether every check was kept."""
        return all(one["passed"] for one in self.checks)

    def suite(self) -> dict[str, Any]:
        """The checks that the profile suggests, to run them on other data."""
        import json

        found: dict[str, Any] = json.loads(self._checks("json"))
        return found

    def to_checks(self, form: str = "pandera") -> str:
        """The same as code or a file: ``pandera``, ``sql``, ``great_expectations`` or ``json``."""
        return self._checks(form)

    def to_html(self) -> str:
        """The report as a page of its own."""
        return self._render("html", False)

    def to_markdown(self) -> str:
        """The report as Markdown."""
        return self._render("markdown", False)

    def to_dict(self) -> dict[str, Any]:
        """Everything."""
        return self._told

    def __repr__(self) -> str:
        return self._text()

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        if not self._bundle:
            self._bundle = {
                "text/html": self._render("html", True),
                "text/markdown": self._render("markdown", True),
                "text/plain": self._text(),
            }
        return dict(self._bundle)

    def _text(self) -> str:
        run = self.run
        head = f"{clean(run['source']['name'])}: {self._size()}"
        if self.checks:
            rows = [
                ("kept" if one["passed"] else "BROKEN", clean(one["message"]))
                for one in self.checks
            ]
            return f"{head}\n{table(('Check', 'What'), rows)}"
        told = [(str(one["level"]), ", ".join(one["names"]), one["message"]) for one in self.alerts]
        listed = table(("Level", "Columns", "What"), told) if told else "No alerts."
        return f"{head}\n{listed}"

    def _size(self) -> str:
        rows, columns = self.run.get("rows"), self.run.get("columns")
        said = f"{rows:,} rows" if rows is not None else "rows unknown"
        told = f"{said}, {columns:,} columns" if columns else said
        sampling = self.run.get("sampling") or self.overview.get("sampling")
        if sampling:
            told += f"; {sampling['rows']:,} rows were looked at, a share is right within {sampling['margin']:.1%}"
        return told
