"""Processes are found by what they carry, not by their ids."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from orrery_hub.standalone import process_tags

Processes = list[subprocess.Popen[bytes]]

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('on', flush=True); time.sleep(60)"
PLAIN = "import time; print('on', flush=True); time.sleep(60)"


@pytest.fixture
def processes() -> Iterator[Processes]:
    processes: Processes = []
    yield processes
    for process in processes:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def start(processes: Processes, home: Path, name: str, code: str = PLAIN) -> int:
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        env=os.environ | process_tags.environment_tag(home, name),
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    processes.append(process)
    assert process.stdout
    process.stdout.readline()
    return process.pid


def pids(home: Path, *names: str) -> set[int]:
    return {process.pid for process in process_tags.tagged_processes(home, *names)}


def test_finds_those_of_a_home_and_of_a_part(tmp_path: Path, processes: Processes) -> None:
    a = start(processes, tmp_path / "a", "web")
    b = start(processes, tmp_path / "a", "lab")
    other = start(processes, tmp_path / "a#b", "web")  # a mark within another's name
    assert pids(tmp_path / "a") == {a, b}
    assert pids(tmp_path / "a", "lab") == {b}
    assert pids(tmp_path / "a#b") == {other}
    assert pids(tmp_path / "c") == set()


def test_ends_the_stubborn_too_and_nobody_elses(tmp_path: Path, processes: Processes) -> None:
    start(processes, tmp_path / "a", "web", STUBBORN)
    start(processes, tmp_path / "a", "web")
    other = start(processes, tmp_path / "b", "web")
    assert process_tags.terminate_tagged(tmp_path / "a", seconds=0.5) == 2
    assert pids(tmp_path / "a") == set()
    assert pids(tmp_path / "b") == {other}


def test_never_names_who_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = (
        "import sys; from pathlib import Path; from orrery_hub.standalone import process_tags;"
        "print(process_tags.tagged_processes(Path(sys.argv[1])))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        env=os.environ | process_tags.environment_tag(tmp_path, "lab"),
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout == "[]\n"
