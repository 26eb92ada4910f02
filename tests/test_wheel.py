"""The wheel, in an environment of its own: one file brings the three packages, the panels and the settings."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import time
import venv
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from orrery_hub.ports import find_free_port

ROOT = Path(__file__).resolve().parents[1]
DATA = "jupyter_orrery-0.1.0.data/data/"

Answer = dict[str, Any]
Ask = Callable[..., Answer]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        env=os.environ | {"HATCH_JUPYTER_BUILDER_SKIP_NPM": "true"},
        check=True,
        capture_output=True,
    )
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def elsewhere(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment with the wheel in it. What it depends on is lent by this one, Orrery itself is not."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    own = next((folder / "lib").glob("python*")) / "site-packages"
    lent = Path(pytest.__file__).resolve().parents[1]
    # A plain path, at the end: .pth files of the lender are not read, so its editable Orrery is not there.
    (own / "lent.pth").write_text(f"{lent}\n")
    install(folder, wheel)
    return folder


@pytest.fixture(scope="module")
def bare(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel, and of the lender's packages only those that a plain install brings."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder, with_pip=False)
    own = next((folder / "lib").glob("python*")) / "site-packages"
    lent = Path(pytest.__file__).resolve().parents[1]
    with zipfile.ZipFile(wheel) as archive:
        metadata = archive.read("jupyter_orrery-0.1.0.dist-info/METADATA").decode()
    needed = re.findall(r"^Requires-Dist: (.*)$", metadata, re.MULTILINE)
    for distribution in with_dependencies(needed):
        for name in {path.parts[0] for path in distribution.files or ()} - {"..", "__pycache__"}:
            if not (own / name).exists():
                (own / name).symlink_to(lent / name)
    install(folder, wheel)
    return folder


def with_dependencies(requirements: list[str]) -> list[importlib.metadata.Distribution]:
    """The installed distributions that satisfy the requirements, and theirs in turn; no extras but those they name."""
    found: dict[tuple[str, str], importlib.metadata.Distribution] = {}
    waiting = [(Requirement(text), "") for text in requirements]
    while waiting:
        requirement, extra = waiting.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        for wanted in ("", *requirement.extras):
            key = (canonicalize_name(requirement.name), wanted)
            if key not in found:
                found[key] = importlib.metadata.distribution(requirement.name)
                waiting += [(Requirement(text), wanted) for text in found[key].requires or ()]
    return list(found.values())


def install(folder: Path, wheel: Path) -> None:
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    assert uv, "uv is not installed. Run: make build"
    python = str(folder / "bin" / "python")
    subprocess.run(
        [uv, "pip", "install", "--quiet", "--offline", "--no-deps", "--python", python, wheel],
        check=True,
        capture_output=True,
    )


def run(elsewhere: Path, *words: str) -> str:
    done = subprocess.run(
        [elsewhere / "bin" / "python", "-m", *words],
        env=environment(elsewhere),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout + done.stderr


def environment(elsewhere: Path) -> dict[str, str]:
    return os.environ | {
        "HOME": str(elsewhere),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "JUPYTERLAB_DIR": str(Path(sys.prefix) / "share" / "jupyter" / "lab"),
        "JUPYTER_RUNTIME_DIR": str(elsewhere / "runtime"),
        "PATH": f"{elsewhere / 'bin'}{os.pathsep}{os.environ['PATH']}",
    }


def test_what_is_in_it(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        entry_points = archive.read("jupyter_orrery-0.1.0.dist-info/entry_points.txt").decode()
    assert len(names) == len(set(names))
    for package in ("orrery_hub", "orrery_server", "orrery_kernels", "jupyter_orrery"):
        assert f"{package}/__init__.py" in names
        assert f"{package}/py.typed" in names
    extension = f"{DATA}share/jupyter/labextensions/@orrery/labextension/"
    assert f"{extension}package.json" in names
    assert f"{extension}install.json" in names
    assert any(
        re.match(re.escape(extension) + r"static/remoteEntry\..*\.js", name) for name in names
    )
    assert f"{DATA}etc/jupyter/jupyter_server_config.d/orrery_server.json" in names
    assert f"{DATA}share/jupyter/kernels/orrery/kernel.json" in names
    assert "orrery_hub/standalone/content/starters.json" in names
    for page in ("base.html", "api_docs.html", "error.html", "style.css"):
        assert f"orrery_hub/templates/{page}" in names
    assert not [name for name in names if "node_modules" in name or "__pycache__" in name]
    assert not [name for name in names if name.startswith("orrery_server/labextension")]
    assert "orrery = orrery_kernels.cli:main" in entry_points


def test_every_entry_point_leads_somewhere(wheel: Path, elsewhere: Path) -> None:
    code = (
        "import importlib.metadata as m\n"
        "points = [p for p in m.distribution('jupyter-orrery').entry_points]\n"
        "[p.load() for p in points]\n"
        "print(len(points), 'loaded')"
    )
    done = subprocess.run(
        [elsewhere / "bin" / "python", "-c", code],
        env=environment(elsewhere),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "loaded" in done.stdout, done.stderr


def test_jupyter_finds_its_parts(elsewhere: Path) -> None:
    assert re.search(
        r"orrery_server.*enabled", run(elsewhere, "jupyter_server", "extension", "list")
    )
    listed = run(elsewhere, "jupyterlab.labextensions", "list")
    assert re.search(r"@orrery/labextension v0\.1\.0 .*enabled.*OK.*python, jupyter-orrery", listed)
    listed = run(elsewhere, "jupyter_client.kernelspecapp", "list", "--json")
    kernels = json.loads(listed[listed.index("{") :])
    assert "orrery" in kernels["kernelspecs"]


def test_a_lab_without_any_hub_answers(elsewhere: Path, tmp_path: Path) -> None:
    with lab(elsewhere, tmp_path) as ask:
        answer = ask("GET", "status")
    assert answer["hub"] is False
    assert "snippets" in answer["capabilities"]


def test_a_plain_install_profiles_at_once(bare: Path, tmp_path: Path) -> None:
    """Without extras a file is profiled; what needs one says the one command that installs it."""
    (tmp_path / "data.csv").write_text("a,b\n1,x\n2,y\n", encoding="utf-8")
    with lab(bare, tmp_path) as ask:
        profile = finished(ask, "profile")
        report = finished(ask, "report")
    assert (profile["run"]["state"], profile["run"]["error"]) == ("done", None)
    assert profile["overview"]["rows"] == 2
    assert report["run"]["state"] == "failed"
    assert report["run"]["error"]["code"] == "backend_unavailable"
    assert report["run"]["error"]["remedy"].endswith("pip install 'jupyter-orrery[lab]'")


def test_a_plain_install_profiles_without_a_lab(bare: Path, tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("a,b\n1,x\n2,y\n", encoding="utf-8")
    done = subprocess.run(
        [bare / "bin" / "orrery", "eda", "data.csv", "--alone", "-o", "report.html"],
        cwd=tmp_path,
        env=environment(bare),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "data.csv: 2 rows, 2 columns" in done.stdout
    assert (tmp_path / "report.html").exists()


def finished(ask: Ask, task: str) -> Answer:
    source = {"kind": "file", "location": "data.csv", "name": "data.csv"}
    run = ask("POST", "eda/runs", {"task": task, "source": source})
    deadline = time.monotonic() + 120
    while True:
        result = ask("GET", f"eda/runs/{run['id']}")
        if result["run"]["state"] not in ("queued", "running"):
            return result
        assert time.monotonic() < deadline, result["run"]
        time.sleep(0.2)


@contextmanager
def lab(environment_: Path, folder: Path) -> Iterator[Ask]:
    """A lab of an environment that shows a folder, and how to ask it."""
    port = find_free_port()
    command = ["jupyterlab", "--no-browser", "--ip=127.0.0.1", f"--port={port}"]
    if os.geteuid() == 0:
        command.append("--allow-root")
    log = folder / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [environment_ / "bin" / "python", "-m", *command, "--IdentityProvider.token=known"],
            cwd=folder,
            env=environment(environment_),
            stdout=out,
            stderr=out,
        )

    def ask(method: str, path: str, body: object = None) -> Answer:
        answer = httpx.request(
            method,
            f"http://127.0.0.1:{port}/orrery/{path}",
            headers={"Authorization": "token known"},
            json=body,
            timeout=30,
            trust_env=False,
        )
        assert answer.status_code < 300, answer.text + log.read_text()
        found: Answer = answer.json()
        return found

    try:
        deadline = time.monotonic() + 60
        while True:
            assert process.poll() is None and time.monotonic() < deadline, log.read_text()  # noqa: PT018
            try:
                ask("GET", "status")
                break
            except httpx.HTTPError:
                time.sleep(0.2)
        yield ask
    finally:
        process.terminate()
        process.wait(20)
