"""A file is as it was or as it should be."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import pytest

from orrery_server.base import files
from orrery_wire.errors import StorageFull


def test_a_write_makes_folders_and_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "x.json"
    files.write(path, b"one")
    files.write(path, b"two")
    assert path.read_bytes() == b"two"
    assert [one.name for one in path.parent.iterdir()] == ["x.json"]
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EIO])
def test_a_failure_says_what_to_do_and_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    path = tmp_path / "folder" / "x.json"
    files.write(path, b"old")

    def fails(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(StorageFull) as caught:
        files.write(path, b"new")
    assert "untouched" in caught.value.reason
    assert caught.value.remedy
    assert path.read_bytes() == b"old"
    assert [one.name for one in path.parent.iterdir()] == ["x.json"]


def test_one_waits_for_the_lock_of_the_other(tmp_path: Path) -> None:
    order: list[str] = []
    inside = threading.Event()

    def second() -> None:
        inside.wait()
        with files.locked(tmp_path / ".lock"):
            order.append("second")

    thread = threading.Thread(target=second)
    thread.start()
    with files.locked(tmp_path / ".lock"):
        inside.set()
        thread.join(0.2)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


def test_what_is_set_aside_is_kept_whole_and_never_overwritten(tmp_path: Path) -> None:
    for text in ("one", "two"):
        (tmp_path / "x.json").write_text(text)
        assert files.set_aside(tmp_path / "x.json", tmp_path / "aside") is not None
    assert sorted(p.read_text() for p in (tmp_path / "aside").iterdir()) == ["one", "two"]
    assert files.set_aside(tmp_path / "none.json", tmp_path / "aside") is None
