"""What the doctor finds on set-ups that are broken in one way each."""

from __future__ import annotations

import os
import re
import shutil
import socket
from pathlib import Path

import pytest

from orrery_hub.standalone import doctor
from orrery_hub.standalone.home import Home
from tests.conftest import orrery
from tests.hub.standalone.fakes import server, status_of, supervise, until


def problems_of(home: Home) -> dict[str, doctor.Finding]:
    return {finding.subject: finding for finding in doctor.run_checks(home) if not finding.ok}


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A path with the programs that are put into this folder, and no others."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def program(folder: Path, name: str, says: str) -> None:
    file = folder / name
    file.write_text(f"#!/bin/sh\necho '{says}'\n")
    file.chmod(0o755)


def test_nothing_is_wrong_with_what_the_tests_run_on(home: Home) -> None:
    problems = problems_of(home)
    assert problems == {}


def test_a_missing_node_is_named_with_its_remedy(home: Home, programs: Path) -> None:
    problems = problems_of(home)
    assert "nodejs" in problems["node"].remedy
    assert problems["git"].remedy == "apt-get install git"


@pytest.mark.parametrize("version", ["v18.19.0", "node?", "v9.0.0"])
def test_an_old_node_is_named(home: Home, programs: Path, version: str) -> None:
    program(programs, "node", version)
    assert "too old" in problems_of(home)["node"].detail


def test_a_program_that_fails_counts_as_missing(home: Home, programs: Path) -> None:
    (programs / "git").write_text("#!/bin/sh\nexit 1\n")
    (programs / "git").chmod(0o755)
    assert "git" in problems_of(home)


def test_a_proxy_that_cannot_be_run_is_named(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORRERY_PROXY_COMMAND", "/no/such/proxy")
    finding = problems_of(home)["proxy"]
    assert finding.remedy.startswith(f"npm install --prefix {home.root}")
    assert [problem.subject for problem in doctor.startup_problems(home)] == ["proxy"]


def test_what_others_can_read_is_named_and_the_remedy_mends_it(home: Home) -> None:
    (home.secrets / "user_password").chmod(0o644)
    home.logs.chmod(0o755)
    finding = problems_of(home)["permissions"]
    assert "can be read by others, and 1 more" in finding.detail
    assert finding.remedy == f"chmod -R go= {home.root}"
    os.system(finding.remedy)  # it is what a person would type
    assert "permissions" not in problems_of(home)


def test_a_full_disk_is_named(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(home.root)._replace(free=5_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    assert "ORRERY_HOME" in problems_of(home)["disk"].remedy


def test_orphans_and_half_ended_runs_are_named(home: Home) -> None:
    process = supervise(home, server("web", "child"))
    until(lambda: status_of(home, "web").state == "ready")
    assert "processes" not in problems_of(home)
    process.kill()
    process.wait()
    assert problems_of(home)["processes"].remedy == "orrery down"


def test_a_missing_labextension_is_named(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jupyter_core.paths.jupyter_path", lambda *_: [str(home.root)])
    monkeypatch.setattr("jupyter_core.paths.jupyter_config_path", lambda: [str(home.root)])
    problems = problems_of(home)
    assert problems["labextension"].remedy == "make build"
    assert "orrery_server" in problems["server part"].remedy


def test_packages_that_are_missing_or_too_old_are_named(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    requirements = ['jupyterhub>=99; extra == "hub"', 'no-such-thing>=1; extra == "lab"', 'x>=1; extra == "docs"']  # fmt: skip
    monkeypatch.setattr(doctor, "requires", lambda _: requirements)
    finding = problems_of(home)["packages"]
    assert re.search(r"jupyterhub [\d.]+ is not >=99; no-such-thing is missing$", finding.detail)


def test_a_taken_port_is_told_and_is_nothing_to_mend(home: Home) -> None:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", 8000))
            listener.listen()
        except OSError:
            pass  # it is taken already, which is as good
        findings = {finding.subject: finding for finding in doctor.run_checks(home)}
    assert findings["port"].ok
    assert "taken" in findings["port"].detail


def test_up_refuses_before_it_starts_anything(tmp_path: Path) -> None:
    result = orrery(tmp_path / "home", "up", ORRERY_PROXY_COMMAND="/no/such/proxy")
    assert result.returncode == 1
    assert "npm install --prefix" in result.stderr
    assert not (tmp_path / "home" / "run" / "plan.json").exists()


def test_the_command_ends_with_1_when_something_is_wrong(tmp_path: Path) -> None:
    result = orrery(tmp_path / "home", "doctor", ORRERY_PROXY_COMMAND="/no/such/proxy")
    assert result.returncode == 1
    assert "fix it with: npm install" in result.stdout
    assert "Problems: 1." in result.stdout
