"""What the tests of the server share: a Jupyter server in this process, and snippets to work with."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_jupyter.jupyter_server import *  # noqa: F403  # its fixtures, for these tests only

from orrery_wire.snippets import SnippetIn
from tests.server.served import Served


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of the person's own home, hub or lab reaches a test."""
    for name in [name for name in os.environ if name.startswith(("ORRERY_", "JUPYTERHUB_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "home").mkdir()


@pytest.fixture
def jp_server_config() -> dict[str, Any]:
    extensions = {"orrery_server": True}
    # Four seconds of processor time after a profile, for a report that no test here asks for.
    eda = {"prepare_full_report": False}
    return {"ServerApp": {"jpserver_extensions": extensions}, "EdaService": eda}


@pytest.fixture
def draft() -> Callable[..., SnippetIn]:
    """Makes something to save."""

    def make(name: str = "Read a file", source: str = "print(1)", **more: Any) -> SnippetIn:
        return SnippetIn.model_validate({"name": name, "cells": [{"source": source}], **more})

    return make


@pytest.fixture
def me() -> str:
    return getpass.getuser()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    served = Served(tmp_path)
    yield served
    served.close()
