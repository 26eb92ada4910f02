"""The tests notice what they are there for: each planted fault fails the tests that name it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.security.mutations import FAULTS, Fault

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("wire", "engine", "hub", "server_ext", "kernels")
OTHERS = ("tests", "tools", "docs", "pyproject.toml")
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "node_modules", "images", "*.pyc")


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_has_one_place_in_the_code(fault: Fault) -> None:
    assert (ROOT / fault.file).read_text(encoding="utf-8").count(fault.text) == 1
    assert (ROOT / fault.tests[0].partition("::")[0]).exists()


def test_every_kind_of_guard_has_a_fault() -> None:
    assert len(FAULTS) >= 15
    names = " ".join(fault.name for fault in FAULTS)
    for kind in (
        "authentication",
        "scope",
        "visibility",
        "XSRF",
        "confinement",
        "error bodies",
        "cookies",
        "token scopes",
        "service scopes",
        "cache times",
        "audit",
    ):
        assert kind in names


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sources in a folder of their own, where a fault hurts nobody."""
    folder = tmp_path_factory.mktemp("sources")
    for name in (*PACKAGES, *OTHERS):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=_LEFT_OUT)
        else:
            shutil.copy(source, folder / name)
    return folder


@pytest.fixture
def planted(copy: Path, fault: Fault) -> Iterator[Path]:
    """The copy with the fault in it."""
    file = copy / fault.file
    sound = file.read_text(encoding="utf-8")
    yield copy
    file.write_text(sound, encoding="utf-8")


def run(copy: Path, tests: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST")},
        "PYTHONPATH": os.pathsep.join(str(copy / name) for name in PACKAGES),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-n0", "-q", "-x", "-p", "no:cacheprovider", *tests],
        cwd=copy,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_planted_fault_is_caught(planted: Path, fault: Fault) -> None:
    sound = run(planted, fault.tests)
    assert sound.returncode == 0, sound.stdout[-3000:] + sound.stderr[-3000:]
    file = planted / fault.file
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(fault.text, fault.replacement), encoding="utf-8")
    faulty = run(planted, fault.tests)
    assert faulty.returncode == 1, faulty.stdout[-3000:] + faulty.stderr[-3000:]
    assert "failed" in faulty.stdout, faulty.stdout[-3000:]
