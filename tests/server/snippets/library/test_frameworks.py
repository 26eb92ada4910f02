"""Snippets for frameworks that are not installed by default; `make test-frameworks` installs them and runs this."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.server.snippets.library.processes import FRAMEWORKS, finish, snippets, start

NAMES = [name for name, entry in snippets().items() if entry["file"] in FRAMEWORKS]


@pytest.fixture(scope="module")
def framework_runs(
    lake: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, Any]]:
    return finish(*start(NAMES, lake, tmp_path_factory.mktemp("frameworks") / "runs", {}))


@pytest.mark.frameworks
@pytest.mark.parametrize("name", NAMES)
def test_runs_with_its_defaults(name: str, framework_runs: dict[str, dict[str, Any]]) -> None:
    run = framework_runs[name]
    assert not run["failure"], run["failure"]
    assert not run["outdated"], run["outdated"]
