"""What is written from the manifests is written from all of them."""

from __future__ import annotations

import pytest

from orrery_server.base import installed
from orrery_server.base.schemas import OffCapability
from tools import manifests


def test_a_capability_that_cannot_be_used_is_not_left_out_in_silence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    off = OffCapability(name="eda", title="Auto-EDA", reason="No module named 'duckdb'", remedy="")
    monkeypatch.setattr(manifests, "load_installed", lambda: installed.Installed((), (off,)))
    with pytest.raises(SystemExit, match="eda: No module named 'duckdb'"):
        manifests.every_capability()


def test_all_that_are_installed_are_there() -> None:
    names = [capability.name for capability in manifests.every_capability()]
    assert names == [capability.name for capability in installed.capabilities()]
    assert {"eda", "projects", "snippets"} <= set(names)
