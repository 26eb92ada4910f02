"""The wheel, in an environment of its own: one file brings the three packages, the panels and the settings."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
import venv
import zipfile
from pathlib import Path

import httpx
import pytest

from orrery_hub.ports import find_free_port

ROOT = Path(__file__).resolve().parents[1]
DATA = "jupyter_orrery-0.1.0.data/data/"


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
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    assert uv, "uv is not installed. Run: make build"
    python = str(folder / "bin" / "python")
    subprocess.run(
        [uv, "pip", "install", "--quiet", "--offline", "--no-deps", "--python", python, wheel],
        check=True,
        capture_output=True,
    )
    return folder


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
    port = find_free_port()
    command = ["jupyterlab", "--no-browser", "--ip=127.0.0.1", f"--port={port}"]
    if os.geteuid() == 0:
        command.append("--allow-root")
    with (tmp_path / "log").open("wb") as log:
        lab = subprocess.Popen(
            [elsewhere / "bin" / "python", "-m", *command, "--IdentityProvider.token=known"],
            cwd=tmp_path,
            env=environment(elsewhere),
            stdout=log,
            stderr=log,
        )
    try:
        answer = _status(port, lab, tmp_path / "log")
    finally:
        lab.terminate()
        lab.wait(20)
    assert answer["hub"] is False
    assert "snippets" in answer["capabilities"]


def _status(port: int, lab: subprocess.Popen[bytes], log: Path) -> dict[str, object]:
    deadline = time.monotonic() + 60
    while True:
        assert lab.poll() is None and time.monotonic() < deadline, log.read_text()  # noqa: PT018
        try:
            answer = httpx.get(
                f"http://127.0.0.1:{port}/orrery/status",
                headers={"Authorization": "token known"},
                timeout=5,
                trust_env=False,
            )
        except httpx.HTTPError:
            time.sleep(0.2)
            continue
        assert answer.status_code == 200, log.read_text()
        found: dict[str, object] = answer.json()
        return found
