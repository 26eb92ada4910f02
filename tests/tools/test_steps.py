"""The steps behind make: once for each state of their inputs, and honest when they fail."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "tools" / "steps.py"


@pytest.fixture
def steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The module with an empty repository of its own, and no steps yet."""
    spec = importlib.util.spec_from_file_location("orrery_steps", SOURCE)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["orrery_steps"] = module
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "CACHE", tmp_path / ".cache")
    monkeypatch.setattr(module, "STEPS", {})
    monkeypatch.setattr(module, "TARGETS", {})
    yield module
    del sys.modules["orrery_steps"]


def add(steps: ModuleType, name: str, *command: str, **more: object) -> None:
    def run(step: object) -> None:
        step.call(*command, cwd=steps.ROOT)  # type: ignore[attr-defined]

    steps.STEPS[name] = steps.Step(name, name.title(), run, "Try harder.", **more)


def test_a_step_is_done_again_only_when_its_inputs_changed(steps: ModuleType) -> None:
    count = steps.ROOT / "count"
    (steps.ROOT / "lock").write_text("1")
    add(steps, "a", "sh", "-c", "echo x >> count", inputs=("lock",), outputs=(count,))
    for expected, change in (("x", None), ("x", None), ("xx", "lock"), ("xx", None)):
        if change:
            (steps.ROOT / change).write_text("2")
        assert steps.main(["a"]) == 0
        assert count.read_text().replace("\n", "") == expected


def test_a_step_is_done_again_when_its_output_is_gone(steps: ModuleType) -> None:
    made = steps.ROOT / "made"
    add(steps, "a", "touch", "made", outputs=(made,))
    assert steps.main(["a"]) == 0
    made.unlink()
    assert steps.main(["a"]) == 0
    assert made.exists()


def test_a_step_follows_what_it_comes_after(steps: ModuleType) -> None:
    (steps.ROOT / "lock").write_text("1")
    add(steps, "a", "true", inputs=("lock",))
    add(steps, "b", "sh", "-c", "echo x >> count", after=("a",))
    assert steps.main(["b"]) == 0
    (steps.ROOT / "lock").write_text("2")
    assert steps.main(["b"]) == 0
    assert (steps.ROOT / "count").read_text() == "x\nx\n"


def test_a_failure_shows_what_was_said_and_what_to_do(
    steps: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    add(steps, "a", "sh", "-c", "echo the disk is full; exit 3")
    add(steps, "b", "touch", "never", after=("a",))
    assert steps.main(["b"]) == 1
    said = capsys.readouterr()
    assert "the disk is full" in said.out
    assert "ended with code 3" in said.err
    assert "What to do: Try harder." in said.err
    assert not (steps.ROOT / "never").exists()
    assert steps.main(["b"]) == 1  # a failure is not remembered as done


def test_a_program_that_is_missing_is_named(
    steps: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    add(steps, "a", "no-such-program")
    assert steps.main(["a"]) == 1
    assert "no-such-program was not found" in capsys.readouterr().err
