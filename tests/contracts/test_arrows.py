"""Imports point down."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT = (
    sys.executable,
    "-c",
    "from importlinter.cli import lint_imports_command; lint_imports_command()",
)

# Folders that hold the packages.
PACKAGES = ("wire", "engine", "hub", "server_ext", "kernels")


def lint(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    path = {"PYTHONPATH": ":".join(str(folder / one) for one in PACKAGES)}
    return subprocess.run(
        [*LINT, "--config", str(ROOT / "pyproject.toml"), *options],
        cwd=folder,
        env=path | {"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_every_arrow_points_down() -> None:
    said = lint(ROOT, "--no-cache")
    assert said.returncode == 0, said.stdout
    assert " 0 broken" in said.stdout


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages in a folder where a wrong line hurts nobody."""
    folder = tmp_path_factory.mktemp("packages")
    for package in PACKAGES:
        for path in (ROOT / package).glob("*orrery*/**/*.py"):
            there = folder / path.relative_to(ROOT)
            there.parent.mkdir(parents=True, exist_ok=True)
            there.write_bytes(path.read_bytes())
    return folder


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("server_ext/orrery_server/base/service.py", "import orrery_server.snippets.service"),
        ("server_ext/orrery_server/snippets/service.py", "import orrery_server.projects.schemas"),
        (
            "server_ext/orrery_server/snippets/service.py",
            "import orrery_server.snippets.backends.files",
        ),
        (
            "server_ext/orrery_server/snippets/backend.py",
            "import orrery_server.snippets.service",
        ),
        ("server_ext/orrery_server/snippets/service.py", "import tornado.web"),
        ("server_ext/orrery_server/snippets/imports.py", "import orrery_server.base.handlers"),
        ("server_ext/orrery_server/base/routes.py", "import tornado.web"),
        ("server_ext/orrery_server/base/manifest.py", "import orrery_server.snippets"),
        ("server_ext/orrery_server/eda/service.py", "import orrery_engine.stats.univariate"),
        ("server_ext/orrery_server/eda/service.py", "import orrery_server.eda.backends.files"),
        ("server_ext/orrery_server/eda/active_run.py", "import orrery_server.eda.run_queue"),
        ("engine/orrery_engine/report/html.py", "import orrery_server.eda.backend"),
        ("engine/orrery_engine/tasks.py", "import orrery_server.eda.run_queue"),
        ("server_ext/orrery_server/base/git.py", "import orrery_server.snippets.schemas"),
        (
            "server_ext/orrery_server/snippets/search_row.py",
            "import orrery_server.snippets.search_index",
        ),
        ("kernels/orrery_kernels/client.py", "import orrery_server.app"),
        ("kernels/orrery_kernels/client.py", "import orrery_kernels.snippets.service"),
        ("kernels/orrery_kernels/eda/api.py", "import orrery_kernels.snippets.service"),
        ("kernels/orrery_kernels/client.py", "import jupyter_orrery"),
        ("kernels/jupyter_orrery/eda.py", "import orrery_engine.schemas"),
        ("hub/orrery_hub/app.py", "import orrery_server.app"),
        ("hub/orrery_hub/app.py", "import orrery_engine.schemas"),
        ("hub/orrery_hub/base/auth.py", "import orrery_hub.projects.store"),
        ("hub/orrery_hub/projects/service.py", "import fastapi"),
        ("hub/orrery_hub/snippets/service.py", "import orrery_hub.projects.store"),
        ("wire/orrery_wire/schemas.py", "import orrery_engine.schemas"),
        ("engine/orrery_engine/profile.py", "import jupyter_server"),
        ("engine/orrery_engine/stats/numeric.py", "import orrery_engine.profile"),
    ],
)
def test_an_arrow_that_points_up_is_seen(copied: Path, file: str, line: str) -> None:
    sound = (copied / file).read_bytes()
    (copied / file).write_bytes(sound + f"\n{line}\n".encode())
    try:
        # What was read of the other files is kept from test to test.
        said = lint(copied, "--cache-dir", str(copied / "cache"))
    finally:
        (copied / file).write_bytes(sound)
    assert said.returncode == 1, said.stdout
    assert "BROKEN" in said.stdout
