"""Secrets: made once, whole, for their owner."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest

from orrery_hub.base.secret import secret


def test_many_who_ask_at_once_get_the_same(tmp_path: Path) -> None:
    secrets: list[str] = []
    threads = [
        threading.Thread(target=lambda: secrets.append(secret(tmp_path / "s", "x")))
        for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(secrets)) == 1
    assert len(secrets[0]) == 64
    assert [file.name for file in (tmp_path / "s").iterdir()] == ["x"]
    assert stat.S_IMODE((tmp_path / "s" / "x").stat().st_mode) == 0o600


def test_an_empty_file_is_not_a_secret(tmp_path: Path) -> None:
    (tmp_path / "x").touch()
    with pytest.raises(ValueError, match="empty"):
        secret(tmp_path, "x")
