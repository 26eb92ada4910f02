"""Seconds per folder and the slowest tests at the end of a run, with a warning where a folder is over its budget."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from pathlib import Path, PurePosixPath

import pytest

FILE = Path(__file__).with_name("budgets.toml")
SLOWEST = 15
# Below this many tests a run is somebody's own choice of files, and nothing is said of folders.
WHOLE_RUN = 500


def folder_of(node: str) -> str:
    """The folder below ``tests`` that a test counts for; the file itself if it is in no folder."""
    path = PurePosixPath(node.split("::")[0])
    within = path.relative_to("tests") if path.is_relative_to("tests") else path
    return str(within.parent) if within.parent.parts else within.name


def budget_of(folder: str, budgets: dict[str, float], default: float) -> tuple[str, float]:
    """The name and seconds of the budget that covers a folder: its own, or that of the nearest parent."""
    parts = PurePosixPath(folder)
    for candidate in (parts, *parts.parents):
        if str(candidate) in budgets:
            return str(candidate), budgets[str(candidate)]
    return folder, default


class Budgets:
    """Adds up what reports say; lives in the process that prints the summary."""

    def __init__(self) -> None:
        listed = tomllib.loads(FILE.read_text(encoding="utf-8"))
        self.default: float = listed["default"]
        self.budgets: dict[str, float] = listed["folders"]
        self.by_test: dict[str, float] = defaultdict(float)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Set-up, call and tear-down of each test."""
        self.by_test[report.nodeid] += report.duration

    def spent(self) -> dict[str, tuple[float, float]]:
        """Seconds and budget of each folder that has a budget, the longest first."""
        seconds: dict[str, float] = defaultdict(float)
        limits: dict[str, float] = {}
        for node, took in self.by_test.items():
            name, limit = budget_of(folder_of(node), self.budgets, self.default)
            seconds[name] += took
            limits[name] = limit
        ordered = sorted(seconds, key=lambda name: -seconds[name])
        return {name: (seconds[name], limits[name]) for name in ordered}

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """The table of folders and the slowest tests."""
        if len(self.by_test) < WHOLE_RUN:
            return
        terminalreporter.section("seconds per folder (all workers)")
        for name, (took, limit) in self.spent().items():
            line = f"{took:7.0f} s of {limit:4.0f}  {name}"
            if took > limit:
                terminalreporter.write_line(f"{line}  WARNING: over its budget", yellow=True)
            else:
                terminalreporter.write_line(line)
        terminalreporter.section(f"{SLOWEST} slowest tests")
        slowest = sorted(self.by_test.items(), key=lambda pair: -pair[1])[:SLOWEST]
        for node, took in slowest:
            terminalreporter.write_line(f"{took:7.1f} s  {node}")
