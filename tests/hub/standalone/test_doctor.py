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
from tests.hub.standalone.fakes import part, server, supervise, until


def wrong(home: Home) -> dict[str, doctor.Finding]:
    return {one.subject: one for one in doctor.run_checks(home) if not one.ok}


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
    found = wrong(home)
    assert found == {}


def test_a_missing_node_is_named_with_its_remedy(home: Home, programs: Path) -> None:
    found = wrong(home)
    assert "nodejs" in found["node"].remedy
    assert found["git"].remedy == "apt-get install git"


@pytest.mark.parametrize("said", ["v18.19.0", "node?", "v9.0.0"])
def test_an_old_node_is_named(home: Home, programs: Path, said: str) -> None:
    program(programs, "node", said)
    assert "too old" in wrong(home)["node"].detail


def test_a_program_that_fails_counts_as_missing(home: Home, programs: Path) -> None:
    (programs / "git").write_text("#!/bin/sh\nexit 1\n")
    (programs / "git").chmod(0o755)
    assert "git" in wrong(home)


def test_a_proxy_that_cannot_be_run_is_named(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORRERY_PROXY_COMMAND", "/no/such/proxy")
    found = wrong(home)["proxy"]
    assert found.remedy.startswith(f"npm install --prefix {home.root}")
    assert [one.subject for one in doctor.startup_problems(home)] == ["proxy"]


def test_what_others_can_read_is_named_and_the_remedy_mends_it(home: Home) -> None:
    (home.secrets / "user_password").chmod(0o644)
    home.logs.chmod(0o755)
    found = wrong(home)["permissions"]
    assert "can be read by others, and 1 more" in found.detail
    assert found.remedy == f"chmod -R go= {home.root}"
    os.system(found.remedy)  # it is what a person would type
    assert "permissions" not in wrong(home)


def test_a_full_disk_is_named(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(home.root)._replace(free=5_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    assert "ORRERY_HOME" in wrong(home)["disk"].remedy


def test_orphans_and_half_ended_runs_are_named(home: Home) -> None:
    process = supervise(home, server("web", "child"))
    until(lambda: part(home, "web").state == "ready")
    assert "processes" not in wrong(home)
    process.kill()
    process.wait()
    assert wrong(home)["processes"].remedy == "orrery down"


def test_a_missing_labextension_is_named(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jupyter_core.paths.jupyter_path", lambda *_: [str(home.root)])
    monkeypatch.setattr("jupyter_core.paths.jupyter_config_path", lambda: [str(home.root)])
    found = wrong(home)
    assert found["labextension"].remedy == "make build"
    assert "orrery_server" in found["server part"].remedy


def test_packages_that_are_missing_or_too_old_are_named(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = ['jupyterhub>=99; extra == "hub"', 'no-such-thing>=1; extra == "lab"', 'x>=1; extra == "docs"']  # fmt: skip
    monkeypatch.setattr(doctor, "requires", lambda _: wanted)
    found = wrong(home)["packages"]
    assert re.search(r"jupyterhub [\d.]+ is not >=99; no-such-thing is missing$", found.detail)


def test_a_taken_port_is_told_and_is_nothing_to_mend(home: Home) -> None:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", 8000))
            taken.listen()
        except OSError:
            pass  # it is taken already, which is as good
        found = next(one for one in doctor.run_checks(home) if one.subject == "port")
    assert found.ok
    assert "taken" in found.detail


def test_up_refuses_before_it_starts_anything(tmp_path: Path) -> None:
    said = orrery(tmp_path / "home", "up", ORRERY_PROXY_COMMAND="/no/such/proxy")
    assert said.returncode == 1
    assert "npm install --prefix" in said.stderr
    assert not (tmp_path / "home" / "run" / "plan.json").exists()


def test_the_command_ends_with_1_when_something_is_wrong(tmp_path: Path) -> None:
    said = orrery(tmp_path / "home", "doctor", ORRERY_PROXY_COMMAND="/no/such/proxy")
    assert said.returncode == 1
    assert "fix it with: npm install" in said.stdout
    assert "Problems: 1." in said.stdout
