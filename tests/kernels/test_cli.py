"""The command `orrery`: quick help, commands by entry point, and clear words where something is missing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from orrery_kernels.client import ENV
from tests.kernels.stub import Stub, answer_json, page, snippet

MAIN = "from orrery_kernels.cli import main; main(prog_name='orrery')"
POINTS = """
[orrery.commands]
absent = nothing_like_this.cli:absent
halfway = halfway_installed:halfway
snippets = orrery_kernels.snippets.commands:snippets
"""


@pytest.fixture
def extra(tmp_path: Path) -> Path:
    """A distribution whose commands are there, missing altogether, or lack a package."""
    info = tmp_path / "orrery_extra-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: orrery-extra\nVersion: 1\n")
    (info / "entry_points.txt").write_text(POINTS)
    (tmp_path / "halfway_installed.py").write_text(
        'import a_package_that_nobody_has\n\n\ndef halfway():\n    """Needs a package."""\n'
    )
    return tmp_path


def orrery(extra: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(extra), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [sys.executable, "-c", MAIN, *words],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": path, **environment},
        check=False,
    )


def test_help_lists_every_command_with_a_line(extra: Path) -> None:
    done = orrery(extra, "--help")
    assert done.returncode == 0
    for line in (
        "snippets Find, print, save and share snippets.",
        "halfway Needs a package.",
        "absent (not installed completely)",
    ):
        assert line in " ".join(done.stdout.split())
    assert "_ORRERY_COMPLETE" in done.stdout


def test_help_is_quick_and_imports_no_command(extra: Path) -> None:
    """300 ms; counted as processor time, for the machine is shared."""
    code = (
        f"import sys\ntry:\n    {MAIN}\nfinally:\n    print(sorted(sys.modules), file=sys.stderr)"
    )
    path = os.pathsep.join([str(extra), os.environ.get("PYTHONPATH", "")])
    spent = []
    for _ in range(5):
        before = os.times()
        done = subprocess.run(
            [sys.executable, "-c", code, "--help"],
            env={**os.environ, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            check=True,
        )
        after = os.times()
        spent.append(
            after.children_user
            - before.children_user
            + after.children_system
            - before.children_system
        )
    modules = set(done.stderr.split("'"))
    heavy = {"orrery_kernels.client", "orrery_hub.config", "pydantic", "http.client", "traitlets"}
    assert not heavy & modules
    assert min(spent) < 0.3, spent


def test_missing_package_is_told_with_what_to_install(extra: Path) -> None:
    for name, missing in (
        ("halfway", "a_package_that_nobody_has"),
        ("absent", "nothing_like_this"),
    ):
        done = orrery(extra, name)
        assert done.returncode == 1
        assert f"`orrery {name}` needs {missing}" in done.stderr
        assert "pip install 'jupyter-orrery[" in done.stderr
        assert "Traceback" not in done.stderr


def test_unknown_command_names_those_that_there_are(extra: Path) -> None:
    done = orrery(extra, "frobnicate")
    assert done.returncode == 2
    assert "There is no command 'frobnicate'. There are: absent," in done.stderr


def test_a_command_runs(extra: Path, stub: Stub) -> None:
    stub.answers["GET snippets"] = answer_json(200, page(snippet()))
    done = orrery(extra, "snippets", "list", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["items"][0]["name"] == "Read wine"


def test_server_is_chosen_by_its_port(extra: Path, stub: Stub, tmp_path: Path) -> None:
    stub.answers["GET snippets"] = answer_json(200, page(snippet()))
    assert stub.server is not None
    elsewhere = {"JUPYTER_RUNTIME_DIR": str(tmp_path), ENV: str(tmp_path / "gone.json")}
    port = str(stub.server.server_port)
    done = orrery(extra, "--server", port, "snippets", "list", **elsewhere)
    assert "Read wine" in done.stdout
    wrong = orrery(extra, "--server", "1", "snippets", "list", **elsewhere)
    assert wrong.returncode == 2
    assert f"Running:\n  {stub.url}" in wrong.stderr


def test_no_server_is_told_in_words(extra: Path, tmp_path: Path) -> None:
    done = orrery(extra, "snippets", "list", **{ENV: str(tmp_path / "gone.json")})
    assert done.returncode == 1
    assert "cannot be found" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script(extra: Path, shell: str) -> None:
    done = orrery(extra, _ORRERY_COMPLETE=f"{shell}_source")
    assert done.returncode == 0
    assert "_ORRERY_COMPLETE" in done.stdout


def test_completion_of_commands_and_snippets(extra: Path, stub: Stub) -> None:
    stub.answers["GET snippets"] = answer_json(200, page(snippet(prefixes=["wine-read"])))
    given = {"_ORRERY_COMPLETE": "bash_complete", "COMP_CWORD": "3"}
    done = orrery(extra, COMP_WORDS="orrery snippets show wi", **given)
    assert "wine-read" in done.stdout
