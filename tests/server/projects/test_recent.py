"""What was worked on last is found quickly, and nothing outside what the lab shows."""

from __future__ import annotations

import os
import time
from pathlib import Path

from orrery_server.projects.recent import recent_files
from orrery_server.projects.workspace import CLONE_STAMP


def test_the_newest_come_first_and_what_is_hidden_does_not_come(tmp_path: Path) -> None:
    names = [
        "old.ipynb",
        "new.py",
        "deep/er/mid.ipynb",
        ".hidden/x.py",
        "node_modules/y.py",
        "z.bin",
        ".z.py",
    ]
    for age, name in enumerate(names):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
        when = 1_700_000_000 + (age if name != "old.ipynb" else -99)
        os.utime(path, (when, when))
    found = recent_files([tmp_path], tmp_path, 10)
    assert [one.path for one in found] == ["deep/er/mid.ipynb", "new.py", "old.ipynb"]
    assert [one.kind for one in found] == ["notebook", "file", "notebook"]
    assert found[0].label == "mid.ipynb"
    assert len(recent_files([tmp_path], tmp_path, 2)) == 2


def test_nothing_outside_the_labs_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "a.py").write_text("x")
    (tmp_path / "root" / "link").symlink_to(tmp_path / "other")
    assert recent_files([tmp_path / "other", tmp_path / "root"], tmp_path / "root", 10) == []


def test_a_vast_folder_does_not_hold_home_up(tmp_path: Path) -> None:
    for number in range(6_000):
        (tmp_path / f"{number}.py").touch()
    before = time.monotonic()
    assert len(recent_files([tmp_path, tmp_path / "none"], tmp_path, 5)) == 5
    assert time.monotonic() - before < 2


def test_a_clone_that_nobody_worked_in_is_not_recent(tmp_path: Path) -> None:
    for name in ("p/code", "p/code/deep", "p/own"):
        (tmp_path / name).mkdir(parents=True, exist_ok=True)
        (tmp_path / name / "a.py").write_text("x")
        (tmp_path / name / "b.py").write_text("x")
    (tmp_path / "p/own/.git").mkdir()
    stamp = tmp_path / "p/code" / CLONE_STAMP
    stamp.parent.mkdir()
    stamp.touch()
    later = time.time() + 5
    os.utime(tmp_path / "p/code/deep/b.py", (later, later))
    paths = {recent.path for recent in recent_files([tmp_path / "p"], tmp_path, 10)}
    assert paths == {"p/code/deep/b.py", "p/own/a.py", "p/own/b.py"}
