"""Commands are named as the person's own shell finds them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from orrery_hub.standalone.shell import typed


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program of an environment below the folder that the shell is in; it is not on its path."""
    program = tmp_path / "own folder" / ".venv" / "bin" / "orrery"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.chdir(tmp_path / "own folder")
    monkeypatch.setenv("PWD", str(Path.cwd()))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    return program


def test_as_it_was_typed(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``make up`` and a person without an activated environment name the program by its path."""
    monkeypatch.setattr(sys, "argv", [".venv/bin/orrery", "up"])
    assert typed("password") == ".venv/bin/orrery password"
    # make has the environment on its own path; the shell that it was started from has not.
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    assert typed("password") == ".venv/bin/orrery password"


def test_by_its_name_where_the_shell_finds_it(
    program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    monkeypatch.setattr(sys, "argv", [str(program), "up"])
    assert typed("logs hub") == "orrery logs hub"


def test_by_its_whole_path_elsewhere(
    program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", [str(program), "up"])
    assert typed("down") == f"'{program}' down"
    monkeypatch.setattr(sys, "argv", [".venv/bin/orrery", "up"])
    monkeypatch.setenv("PWD", str(tmp_path))  # `make -C "own folder" up`
    assert typed("down") == f"'{program}' down"


def test_without_a_program(monkeypatch: pytest.MonkeyPatch) -> None:
    for argv in (["-c"], ["/x/lib/python3/orrery_kernels/cli.py", "up"]):
        monkeypatch.setattr(sys, "argv", argv)
        assert typed("up") == "orrery up"
