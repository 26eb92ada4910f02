"""Credentials leave the environment, also as ``/proc`` shows it, and stay readable for the server itself."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from orrery_server.base import credentials
from orrery_server.base.hub import is_at_hub

SECRET = "canary-of-the-servers-token"

SHOW = """
import os, pathlib
from orrery_server.base import credentials
os.environ["JPY_API_TOKEN"] = "set-later-canary"
print(credentials.withdraw(credentials.VARIABLES))
block = pathlib.Path("/proc/self/environ").read_bytes()
print(b"canary" in block, b"KEPT=kept" in block, os.environ["KEPT"])
print(sorted(name for name, value in os.environ.items() if "canary" in value))
print(credentials.credential("JUPYTERHUB_API_TOKEN"), credentials.credential("JPY_API_TOKEN"))
"""


@pytest.fixture(autouse=True)
def nothing_withdrawn() -> Iterator[None]:
    yield
    credentials.forget()


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_no_process_of_the_same_user_sees_what_was_withdrawn() -> None:
    environment = {"JUPYTERHUB_API_TOKEN": SECRET, "JUPYTER_TOKEN": SECRET, "KEPT": "kept"}
    shown = subprocess.run(
        [sys.executable, "-c", SHOW], env=environment, capture_output=True, text=True, check=True
    )
    assert shown.stdout.splitlines() == [
        "('JPY_API_TOKEN', 'JUPYTERHUB_API_TOKEN', 'JUPYTER_TOKEN')",
        "False True kept",
        "[]",
        f"{SECRET} set-later-canary",
    ]


def test_the_server_still_knows_its_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORRERY_HUB_URL", "http://127.0.0.1:1/api")
    monkeypatch.setenv(credentials.HUB_TOKEN, SECRET)
    assert credentials.withdraw([credentials.HUB_TOKEN, "NOT_SET"]) == (credentials.HUB_TOKEN,)
    assert credentials.credential(credentials.HUB_TOKEN) == SECRET
    assert is_at_hub()
    credentials.forget()
    assert not is_at_hub()


def test_nothing_is_withdrawn_when_nothing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(credentials.HUB_TOKEN, SECRET)
    assert credentials.withdraw([]) == ()
    import os

    assert os.environ[credentials.HUB_TOKEN] == SECRET
