"""The commands without a product: help, speed, and words."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import orrery

COMMANDS = ("doctor", "down", "logs", "password", "reset", "status", "up")


def test_help_lists_every_command_with_a_line(tmp_path: Path) -> None:
    result = orrery(tmp_path, "--help").stdout
    for name in COMMANDS:
        assert f"\n  {name} " in result


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_help(tmp_path: Path, name: str) -> None:
    result = orrery(tmp_path, name, "--help")
    assert result.returncode == 0
    assert "Usage" in result.stdout
    assert not list(tmp_path.iterdir())


def test_the_commands_import_nothing_heavy() -> None:
    heavy = (
        "jupyterhub",
        "sqlalchemy",
        "fastapi",
        "pandas",
        "mlflow",
        "httpx",
        "psutil",
        "pydantic",
    )
    code = (
        f"import sys, orrery_hub.standalone.cli; print([m for m in {heavy!r} if m in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout == "[]\n"


def test_without_a_product(tmp_path: Path) -> None:
    home = tmp_path / "never"
    status = orrery(home, "status")
    assert (status.returncode, "orrery up" in status.stdout) == (1, True)
    assert orrery(home, "status", "--json").stdout == "{}\n"
    assert "Nothing is running" in orrery(home, "down").stdout
    assert "orrery up" in orrery(home, "password").stderr
    assert orrery(home, "logs").returncode == 0
    assert "nothing in" in orrery(home, "reset", "--yes").stdout
    assert not home.exists()


def test_a_port_that_is_none_is_refused(tmp_path: Path) -> None:
    result = orrery(tmp_path, "up", "--port", "70000")
    assert result.returncode == 2
    assert "65535" in result.stderr
