"""The second run of what failed: says what is unstable, and lets nothing else pass."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "tools" / "run_tests.py"
ONCE = """
from pathlib import Path
def test_{name}():
    mark = Path("{name}.mark")
    before = mark.exists()
    mark.touch()
    assert before
"""
ALWAYS = "def test_always():\n    assert False\n"
GOOD = "def test_good():\n    pass\n"


@pytest.mark.parametrize(
    ("source", "code", "says"),
    [
        (GOOD, 0, None),
        (
            ONCE.format(name="a") + ONCE.format(name="b"),
            0,
            ["test_x.py::test_a", "test_x.py::test_b"],
        ),
        (ALWAYS + ONCE.format(name="a"), 1, None),
        ("".join(ONCE.format(name=name) for name in "abc"), 1, None),
        ("import no_such_module", 2, None),
    ],
)
def test_only_few_tests_that_pass_alone_are_unstable(
    tmp_path: Path, source: str, code: int, says: list[str] | None
) -> None:
    (tmp_path / "test_x.py").write_text(source, encoding="utf-8")
    command = [sys.executable, str(SOURCE), "-q", "-n0", f"--rootdir={tmp_path}"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout
    unstable = done.stdout.partition("UNSTABLE")[2].splitlines()[1:]
    assert [line.strip() for line in unstable] == (says or [])
