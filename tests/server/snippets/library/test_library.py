"""Every shipped snippet is well made and runs with its defaults on the sample project."""

from __future__ import annotations

import ast
import re
from typing import Any

import pytest

from orrery_kernels.snippets.template import expand
from orrery_server.snippets.formats import read
from orrery_server.snippets.schemas import SnippetFile
from orrery_wire.secret_scan import findings
from tests.loops import each
from tests.server.snippets.library.processes import FRAMEWORKS, LIBRARY, cells, snippets

SNIPPETS = snippets()
HERE = [name for name, entry in SNIPPETS.items() if entry["file"] not in FRAMEWORKS]
THEMES = {
    "boosting",
    "databases",
    "datasets",
    "eda",
    "files",
    "lake",
    "mlflow",
    "pipelines",
    "plotting",
    "registry",
    "sklearn",
    "statistics",
    "timeseries",
    "torch",
    "wrangling",
}


@pytest.mark.parametrize("name", HERE)
def test_runs_with_its_defaults(name: str, runs: dict[str, dict[str, Any]]) -> None:
    run = runs[name]
    assert not run["failure"], run["failure"]
    assert not run["outdated"], run["outdated"]


def test_library_is_large_enough() -> None:
    counts = dict.fromkeys(THEMES, 0)
    for entry in SNIPPETS.values():
        counts[entry["file"]] += 1
    assert len(SNIPPETS) >= 120
    assert min(counts.values()) >= 4, counts
    assert sum(len(cells(entry)) > 1 for entry in SNIPPETS.values()) >= 3


def test_prefixes_are_short_and_unique() -> None:
    prefixes = [entry["prefix"] for entry in SNIPPETS.values()]
    assert len(set(prefixes)) == len(prefixes)
    assert all(re.fullmatch(r"[a-z][a-z0-9-]{2,18}", prefix) for prefix in prefixes)


@each("name", SNIPPETS)
def test_is_described_and_tagged(name: str) -> None:
    entry = SNIPPETS[name]
    assert set(entry) <= {"prefix", "scope", "description", "tags", "body", "cells", "file"}
    assert entry["scope"] == "python"
    assert 20 <= len(entry["description"]) <= 200
    assert entry["description"].endswith(".")
    assert len(entry["tags"]) >= 2
    assert len(name) <= 60


@each("name", SNIPPETS)
def test_expands_to_code(name: str) -> None:
    """Every stop has a default in every cell, for each cell is filled in by itself; the code parses."""
    for cell in cells(SNIPPETS[name]):
        found = expand(cell["source"], {"LAKE": "lake"})
        assert all(stop.default for stop in found.stops if stop.n), found.stops
        assert not re.search(r"\$[{A-Z0-9]", found.text), found.text
        if cell["kind"] == "code":
            ast.parse(found.text)
            assert max(map(len, found.text.splitlines())) <= 120


@each("name", SNIPPETS)
def test_body_and_cells_say_the_same(name: str) -> None:
    """An editor that knows no cells shows the body; it must hold the same code."""
    entry = SNIPPETS[name]
    body = "\n".join(entry["body"])
    assert all(cell["source"] in body for cell in cells(entry) if cell["kind"] == "code")


def test_server_reads_every_file_and_finds_no_secret() -> None:
    """A person who copies a shipped snippet must not be stopped by the secret scan."""
    for path in sorted(LIBRARY.glob("*.code-snippets")):
        result = read(SnippetFile(name=path.name, content=path.read_text(encoding="utf-8")))
        found = result.contents
        assert not [*result.problems, *result.notes]
        assert len(found) == sum(
            entry["file"] == path.name.split(".")[0] for entry in SNIPPETS.values()
        )
        assert not [finding for content in found for finding in findings(content.cells)]


def test_promised_results(runs: dict[str, dict[str, Any]]) -> None:
    """A few whose result is known, so that 'runs' does not mean 'does nothing'."""
    assert "178" in runs["Data quality in four numbers"]["result"]
    assert "champion" in runs["Give a version an alias"]["result"]
    assert "{'wine': 178, 'iris': 150}" in runs["Steps that wait for each other"]["result"]
    assert "alcohol" in runs["Read a Parquet file from S3"]["result"]
    assert "metrics.accuracy" in runs["Find runs"]["result"]
    assert float(runs["Pipeline for mixed columns"]["result"]) > 0.9
