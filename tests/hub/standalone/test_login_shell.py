"""Login shells of a lab know the commands of the installation, and a person's own files stay as they are."""

from __future__ import annotations

import asyncio
import os
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from orrery_hub.standalone.home import Home
from orrery_hub.standalone.login_shell import extend_path, prepare_home


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of commands, with a name that a shell must not read as words."""
    folder = tmp_path / "my bin $(x)"
    folder.mkdir()
    command = folder / "orrery"
    command.write_text("#!/bin/sh\necho found\n", "utf-8")
    command.chmod(0o755)
    return folder


def login(home: Path, command: str) -> str:
    environment = {"HOME": str(home), "PATH": os.defpath}
    return subprocess.run(
        ["bash", "-lc", command], env=environment, capture_output=True, text=True, check=True
    ).stdout


def test_a_login_shell_finds_the_command(tmp_path: Path, folder: Path) -> None:
    home = tmp_path / "home"
    extend_path(home, folder)
    assert login(home, "orrery") == "found\n"
    assert (home / ".profile").read_text("utf-8") == (home / ".zprofile").read_text("utf-8")


def test_what_a_person_wrote_stays(tmp_path: Path, folder: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / ".bash_profile").write_text("export MINE=kept", "utf-8")
    (home / ".profile").write_text("# mine\n", "utf-8")
    for _ in range(3):
        extend_path(home, folder)
    assert login(home, 'orrery; echo "$MINE"') == "found\nkept\n"
    assert (home / ".bash_profile").read_text("utf-8").count("Orrery") == 1
    assert (home / ".profile").read_text("utf-8").startswith("# mine\n")
    moved = tmp_path / "moved"
    folder.rename(moved)
    extend_path(home, moved)
    assert login(home, "orrery") == "found\n"
    assert str(folder) not in (home / ".profile").read_text("utf-8")


def test_a_home_that_cannot_be_written_stops_no_lab(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    warnings: list[object] = []
    log = SimpleNamespace(warning=lambda *words: warnings.append(words))
    asyncio.run(prepare_home(SimpleNamespace(home_dir=str(tmp_path / "file" / "home"), log=log)))
    assert len(warnings) == 1
    asyncio.run(prepare_home(SimpleNamespace(log=log)))


@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", [".profile", ".zprofile", ".bash_profile", ".bash_login"])
@pytest.mark.parametrize("kind", ["pipe", "link to a pipe", "device", "folder", "huge", "loop"])
def test_no_file_of_a_person_holds_up_the_hub(tmp_path: Path, name: str, kind: str) -> None:
    file, other = tmp_path / name, tmp_path / "other"
    if kind in {"pipe", "link to a pipe"}:
        os.mkfifo(other if kind == "link to a pipe" else file)
    if kind == "folder":
        file.mkdir()
    if kind == "huge":
        with file.open("wb") as stream:
            stream.truncate(1 << 40)
    targets = {"link to a pipe": other, "device": Path("/dev/zero"), "loop": file}
    if kind in targets:
        file.symlink_to(targets[kind])
    warnings: list[object] = []
    log = SimpleNamespace(warning=lambda *words: warnings.append(words))
    asyncio.run(prepare_home(SimpleNamespace(home_dir=str(tmp_path), log=log)))
    assert bool(warnings) == (not (kind == "loop" and "bash" in name))


def test_a_link_to_a_file_that_is_not_there_is_followed(tmp_path: Path, folder: Path) -> None:
    (tmp_path / ".profile").symlink_to(tmp_path / "shared-profile")
    extend_path(tmp_path, folder)
    assert (tmp_path / ".profile").is_symlink()
    assert "Orrery" in (tmp_path / "shared-profile").read_text("utf-8")


def test_a_home_is_announced_and_withdrawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    home = Home(tmp_path / "home")
    home.announce()
    home.announce()
    (pointer,) = (tmp_path / "state" / "orrery" / "homes").iterdir()
    assert pointer.read_text("utf-8") == f"{home.root}\n"
    home.withdraw()
    home.withdraw()
    assert not pointer.exists()
