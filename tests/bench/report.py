"""The page with the results, drawn from the raw samples: ``python -m tests.bench.report``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.bench.method import BUSY, GATE, RESULTS, SAMPLES, percentile

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
_UNITS = {
    "ms": "ms",
    "first_ms": "ms to the first statistics",
    "first_paint_ms": "ms to the first paint",
    "screen_ms": "ms to a screen of columns",
    "stage_1_ms": "ms to all columns",
    "cell_ms": "ms to a cell's answer",
    "api_ms": "ms to the list of files",
    "orrery_ms": "ms to the list of snippets",
    "free_ms": "ms until the memory is free",
    "freed_mb": "MB that were freed",
    "cpu_s": "s CPU",
    "rss_mb": "MB RSS",
    "seconds": "s",
    "requests": "requests",
    "kb": "KB",
    "gzip_kb": "KB gzip",
    "calls": "calls",
}
_SIGNS = {"met": "met", "missed": "**missed**", "failed": "**failed**"}


def number(value: float) -> str:
    """Three digits that matter."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def section(found: dict[str, Any]) -> list[str]:
    """One bench: what was done, the numbers, the goals."""
    lines = [f"## {found['title']}", "", found["method"], ""]
    lines += ["| | median | p95 | min | samples |", "| --- | ---: | ---: | ---: | ---: |"]
    for name, samples in found["series"].items():
        for key in dict.fromkeys(key for one in samples for key in one):
            some = [one[key] for one in samples if key in one]
            cells = [percentile(some, 0.5), percentile(some, 0.95), min(some)]
            told = " | ".join(number(cell) for cell in cells)
            lines.append(f"| {name}, {_UNITS.get(key, key)} | {told} | {len(some)} |")
    if found["goals"]:
        lines += ["", "| goal | at most | found | |", "| --- | ---: | ---: | --- |"]
        lines += [
            f"| {goal['name']} | {number(goal['limit'])} {goal['unit']}"
            f" | {number(goal['value'])} {goal['unit']} | {_SIGNS[goal['state']]} |"
            for goal in found["goals"]
        ]
    lines += ["", *(f"* {note}" for note in found["notes"])] if found["notes"] else []
    lines += ["", f"Measured {found['when']}, load average {found['load']:.2f} at the start.", ""]
    return lines


def page(results: list[dict[str, Any]]) -> str:
    """The whole page."""
    machines = sorted({found["machine"] for found in results})
    lines = [
        "# Benchmarks",
        "",
        "Written by `python -m tests.bench.report` from the raw samples in `tests/bench/results/`; do not edit.",
        "",
        "**Method.** The peer and Orrery alternate in one run, in an order that changes every round, with data and"
        f" order from a fixed seed and at least {SAMPLES} samples each. A run is refused when the load average is above"
        f" {BUSY} at the start. A goal is *missed* when it is exceeded and *fails* the run when less than"
        f" {GATE:.0%} of it is reached. `make bench` repeats everything.",
        "",
        *(f"**Machine.** {one}." for one in machines),
        "",
    ]
    for found in results:
        lines += section(found)
    return "\n".join(lines).rstrip() + "\n"


def main() -> None:
    """Write the page."""
    results = [json.loads(path.read_text()) for path in sorted(RESULTS.glob("*.json"))]
    PAGE.write_text(page(results), encoding="utf-8")


if __name__ == "__main__":
    main()
