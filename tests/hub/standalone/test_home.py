"""The state directory: private, made once, and forgotten without touching anything else."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from orrery_hub.standalone.home import FOLDERS, Home


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_everything_is_for_its_owner_only(home: Home) -> None:
    assert mode(home.root) == 0o700
    for name in FOLDERS:
        assert mode(home.root / name) == 0o700
    files = list(home.secrets.iterdir())
    assert {file.name for file in files} == {"admin_password", "user_password"}
    assert {mode(file) for file in files} == {0o600}


def test_secrets_are_generated_once_and_long_enough(home: Home) -> None:
    first = home.password("admin"), home.password("user")
    home.prepare()
    assert (home.password("admin"), home.password("user")) == first
    assert len(first[0]) >= 32
    assert first[0] != first[1]


def test_what_was_opened_to_others_is_closed_again(home: Home) -> None:
    home.secrets.chmod(0o755)
    (home.secrets / "user_password").chmod(0o644)
    home.prepare()
    assert mode(home.secrets) == 0o700
    assert mode(home.secrets / "user_password") == 0o600


def test_the_hub_is_configured_by_one_call_and_a_change_is_kept(home: Home) -> None:
    text = home.hub_config.read_text()
    assert text.count("configure(c)") == 1
    home.hub_config.write_text(text + "c.JupyterHub.log_level = 10\n")
    home.prepare()
    assert home.hub_config.read_text().endswith("log_level = 10\n")


def test_paths_are_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ORRERY_HOME", "relative")
    assert Home.from_environment().root == tmp_path / "relative"


def test_forgetting_leaves_what_is_not_ours(home: Home, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("x")
    (home.root / "thesis.txt").write_text("x")
    (home.root / "users" / "link").symlink_to(precious)
    assert home.delete_state() == ["thesis.txt"]
    assert (precious / "file").exists()
    assert [entry.name for entry in home.root.iterdir()] == ["thesis.txt"]


def test_forgetting_does_not_follow_a_link_out(home: Home, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("x")
    (home.root / "users").rmdir()
    (home.root / "users").symlink_to(outside)
    with pytest.raises(ValueError, match="link"):
        home.delete_state()
    assert (outside / "file").exists()
    assert home.secrets.exists()


def test_forgetting_nothing(tmp_path: Path) -> None:
    assert Home(tmp_path / "never").delete_state() == []
