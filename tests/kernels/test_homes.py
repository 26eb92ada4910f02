"""The labs of `orrery up` are found from every person of their person, and those of nobody else."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from orrery_kernels import homes
from orrery_kernels.client import find_connection
from orrery_kernels.connection import list_connections
from orrery_kernels.errors import ServerUnavailable, UsageError

RUNTIME = Path(".local", "share", "jupyter", "runtime")


def lab(home: Path, name: str, port: int = 7_000, mode: int = 0o600) -> Path:
    """The connection file of a person's lab."""
    folder = home / "users" / name / RUNTIME
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"orrery-{os.getpid()}.json"
    url = f"http://127.0.0.1:{port}/user/{name}/"
    path.write_text(json.dumps({"url": url, "token": "secret", "pid": os.getpid()}), "utf-8")
    path.chmod(mode)
    return path


def announce(person: Path, home: Path) -> None:
    pointers = person / ".local" / "state" / "orrery" / "homes"
    pointers.mkdir(parents=True)
    (pointers / "abc").write_text(f"{home}\n", "utf-8")


def test_the_usual_home_is_looked_in(person: Path) -> None:
    lab(person / ".orrery", "someone")
    assert find_connection().user == "someone"


def test_a_home_that_another_shell_named_is_looked_in(person: Path, tmp_path: Path) -> None:
    lab(tmp_path / "elsewhere", "ada")
    with pytest.raises(ServerUnavailable):
        find_connection()
    announce(person, tmp_path / "elsewhere")
    assert find_connection().user == "ada"


def test_of_several_people_the_one_with_the_name_of_the_system_user_is_meant(person: Path) -> None:
    lab(person / ".orrery", "bob", 7_001)
    lab(person / ".orrery", "ada", 7_002)
    assert find_connection().user == "ada"


def test_of_several_strangers_none_is_meant(person: Path) -> None:
    lab(person / ".orrery", "bob", 7_001)
    lab(person / ".orrery", "eve", 7_002)
    with pytest.raises(UsageError, match="--server") as caught:
        find_connection()
    assert "7001" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_what_others_may_read_or_own_is_not_believed(
    person: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab(person / ".orrery", "ada", mode=0o644)
    assert list_connections() == []
    lab(tmp_path / "elsewhere", "ada")
    announce(person, tmp_path / "elsewhere")
    assert len(list_connections()) == 1
    monkeypatch.setattr(os, "getuid", lambda: 12_345)
    assert list_connections() == []


def test_a_pointer_that_leads_nowhere_is_passed_over(person: Path) -> None:
    lab(person / ".orrery", "ada")
    announce(person, Path("relative"))
    (person / ".local" / "state" / "orrery" / "homes" / "bytes").write_bytes(b"\xff\xfe")
    (person / ".local" / "state" / "orrery" / "homes" / "gone").write_text("/no/where", "utf-8")
    assert [connection.user for connection in list_connections()] == ["ada"]


@pytest.mark.parametrize("what", ["home", "pointer"])
def test_what_belongs_to_somebody_else_is_not_believed(
    what: str, person: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    lab(elsewhere, "ada")
    announce(person, elsewhere)
    assert list(homes.lab_connections())
    other = elsewhere if what == "home" else person / ".local/state/orrery/homes/abc"
    own = homes._is_own
    monkeypatch.setattr(homes, "_is_own", lambda path: path != other and own(path))
    assert list(homes.lab_connections()) == []


def test_who_owns_a_file_is_what_the_system_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert homes._is_own(tmp_path)
    monkeypatch.setattr(os, "getuid", lambda: 12_345)
    assert not homes._is_own(tmp_path)


def test_a_pipe_among_the_pointers_is_not_waited_for(person: Path, tmp_path: Path) -> None:
    lab(tmp_path / "elsewhere", "ada")
    announce(person, tmp_path / "elsewhere")
    os.mkfifo(person / ".local/state/orrery/homes/aaa")
    (person / ".local/state/orrery/homes/zzz").symlink_to("/dev/zero")
    assert find_connection().user == "ada"
