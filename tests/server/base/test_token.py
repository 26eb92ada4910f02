"""The token of a lab opens Orrery's routes, lies in a private file, and goes when the server stops."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from orrery_server.base.token import ENV, LabToken


@pytest.fixture
def token(tmp_path: Path) -> LabToken:
    return LabToken(str(tmp_path / "runtime"))


def test_the_file_is_private_and_names_the_server(
    token: LabToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ENV, "")
    token.publish("http://127.0.0.1:1/x/")
    assert os.environ[ENV] == str(token.path)
    assert token.path.stat().st_mode & 0o777 == 0o600
    said = json.loads(token.path.read_text())
    assert said == {
        "url": "http://127.0.0.1:1/x/",
        "token": token.value,
        "pid": os.getpid(),
        "root": "",
    }
    token.publish("http://127.0.0.1:2/")
    assert [path.name for path in token.path.parent.iterdir()] == [token.path.name]
    token.withdraw()
    assert not token.path.exists()
    assert ENV not in os.environ


def test_another_servers_variable_is_left_alone(
    token: LabToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ENV, "/somewhere/else.json")
    token.withdraw()
    assert os.environ[ENV] == "/somewhere/else.json"


def test_only_the_whole_token_is_the_token(token: LabToken) -> None:
    assert token.held_by(f"orrery {token.value}")
    assert token.held_by(f"Orrery  {token.value} ")
    for wrong in (
        "",
        "orrery",
        "orrery ",
        token.value,
        f"token {token.value}",
        f"Bearer {token.value}",
        f"orrery {token.value[:-1]}",
        f"orrery {token.value}x",
        "orrery é",
    ):
        assert not token.held_by(wrong), wrong
    assert LabToken("x").value != token.value
