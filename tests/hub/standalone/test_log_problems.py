"""The first thing that went wrong is what a person sees."""

from __future__ import annotations

from pathlib import Path

import pytest

from orrery_hub.standalone.log_problems import first_problem

REFUSED = '{"level": "CRITICAL", "logger": "orrery_hub", "message": "a newer version wrote it"}'
HUB = "[C 2026-01-31 12:00:00.000 JupyterHub app:3870] Failed to bind hub"
TRACEBACK = (
    'Traceback (most recent call last):\n  File "x.py", line 1, in f\nValueError: no such port'
)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", ""),
        ("all is well\n", ""),
        (f"[E 2026-01-31 12:00 JupyterHub] first\n{REFUSED}\n", "a newer version wrote it"),
        (f"starts\n{HUB}\n[C 2026-01-31 12:00 JupyterHub] later", "Failed to bind hub"),
        ("12:00:00.000 [ConfigProxy] error: Uncaught Exception", "Uncaught Exception"),
        ("2026 ERROR mlflow: cannot open\n2026 ERROR mlflow: so it ends", "mlflow: cannot open"),
        (TRACEBACK, "ValueError: no such port"),
        ('{"level": "INFO", "message": "ERROR is a word"}', ""),
        ("{not json\nCRITICAL: port 1 is taken", "port 1 is taken"),
    ],
)
def test_the_first_critical_line_else_the_first_error(
    tmp_path: Path, text: str, problem: str
) -> None:
    log = tmp_path / "part.log"
    earlier = "[C 2026-01-30 12:00 JupyterHub] of an earlier start\n"
    log.write_text(earlier + text)
    assert first_problem(log, len(earlier)) == problem


def test_without_a_log_there_is_no_problem(tmp_path: Path) -> None:
    assert first_problem(tmp_path / "none.log", 0) == ""
