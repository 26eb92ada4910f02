"""The browser's shapes are the server's, and so are its errors."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from orrery_wire import errors

ROOT = Path(__file__).resolve().parents[2]
LABEXTENSION = ROOT / "labextension"


def schemas(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    node = shutil.which("node")
    assert node, "No Node. Install Node 20."
    return subprocess.run(
        [node, "scripts/schemas.mjs", *words],
        cwd=LABEXTENSION,
        env=os.environ | {"PYTHON": sys.executable} | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_browsers_shapes_are_the_servers() -> None:
    said = schemas("--check")
    assert said.returncode == 0, said.stderr


def test_the_kernels_shapes_and_calls_are_the_servers() -> None:
    said = subprocess.run(
        [sys.executable, "tools/clients.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr


def test_a_shape_that_changed_is_seen(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "server_ext" / "orrery_server", tmp_path / "orrery_server")
    path = tmp_path / "orrery_server" / "snippets" / "schemas.py"
    path.write_text(path.read_text("utf-8").replace("unseen: bool", "unread: bool"), "utf-8")
    changed = tmp_path / "python"
    changed.write_text(
        f'#!/bin/sh\nPYTHONPATH={tmp_path} exec {sys.executable} "$@"\n', encoding="utf-8"
    )
    changed.chmod(0o755)
    said = schemas("--check", PYTHON=str(changed))
    assert said.returncode == 1
    assert "src/snippets/schemas.ts" in said.stderr


# What a worker program raises ends in a run's failure, not in the browser's errors.
RAISED = [one for one in errors.OrreryError.__subclasses__() if one.__module__ == errors.__name__]


@pytest.mark.parametrize("kind", [errors.OrreryError, *RAISED])
def test_the_browser_knows_every_kind_of_error(kind: type[errors.OrreryError]) -> None:
    text = (LABEXTENSION / "src" / "base" / "errors.ts").read_text("utf-8")
    assert re.search(rf"class {kind.__name__}\b", text)
    assert kind is errors.OrreryError or f"{kind.code}: {kind.__name__}" in text
