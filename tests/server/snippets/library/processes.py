"""The shipped snippets, and processes that run them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from orrery_kernels.snippets.template import expand

ROOT = Path(__file__).parents[4]
LIBRARY = ROOT / "server_ext" / "orrery_server" / "snippets" / "library"
# What runs in one process. MLflow's migrations and models take most of the time, so they go beside the rest.
MLFLOW = ("mlflow", "registry", "pipelines")
# What needs packages that are not installed by default.
FRAMEWORKS = ("boosting", "torch")


def snippets() -> dict[str, dict[str, Any]]:
    """Every shipped snippet by name, with the file that it is in."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(LIBRARY.glob("*.code-snippets")):
        for name, entry in json.loads(path.read_text(encoding="utf-8")).items():
            found[name] = {**entry, "file": path.name.removesuffix(".code-snippets")}
    return found


def cells(entry: dict[str, Any]) -> list[dict[str, str]]:
    """The cells of an entry; without any its body is one."""
    return entry.get("cells") or [{"kind": "code", "source": "\n".join(entry["body"])}]


def start(
    names: list[str], lake: Path, folder: Path, settings: dict[str, str]
) -> tuple[subprocess.Popen[bytes], Path]:
    """A process that runs snippets with their defaults, and the report that it will write."""
    folder.mkdir()
    report = folder / "report.json"
    listed = snippets()
    known = {"LAKE": str(lake), "PROJECT": "sample", "USER": "tester"}
    job = {
        "report": str(report),
        "snippets": [
            {
                "name": name,
                "cells": [
                    expand(cell["source"], known).text
                    for cell in cells(listed[name])
                    if cell["kind"] == "code"
                ],
                "frame": str(lake / "wine.parquet")
                if "${DATAFRAME" in json.dumps(listed[name])
                else None,
            }
            for name in names
        ],
    }
    (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
    environment = {
        **os.environ,
        **settings,
        "HOME": str(folder),
        "MLFLOW_TRACKING_URI": f"sqlite:///{folder / 'mlflow.db'}",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MPLCONFIGDIR": str(folder / "matplotlib"),
        "OMP_NUM_THREADS": "1",
    }
    environment.pop("DATABASE_URL", None)
    runner = str(Path(__file__).with_name("run_snippets.py"))
    with (folder / "output.txt").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, runner, str(folder / "job.json")],
            cwd=folder,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    return process, report


def finish(process: subprocess.Popen[bytes], report: Path) -> dict[str, dict[str, Any]]:
    """The report of a process, or its output where it wrote none."""
    try:
        process.wait(timeout=280)
    finally:
        process.kill()
        process.wait()
    if not report.exists():
        pytest.fail(
            report.with_name("output.txt").read_text(encoding="utf-8", errors="replace")[-4_000:]
        )
    found: dict[str, dict[str, Any]] = json.loads(report.read_text(encoding="utf-8"))
    return found
