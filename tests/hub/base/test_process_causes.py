"""Why a process did not start, or ended: by how its start went, how it ended, and its last lines."""

from __future__ import annotations

import pytest

from orrery_hub.base.cause_texts import TEXTS, kind_of
from orrery_hub.base.process_causes import Ending, classify, exit_text
from orrery_wire.queue import CauseKind

LATE = Ending("start", "It took longer than 60 s.", is_late=True)
SILENT = Ending("answer", "It took longer than 30 s.", is_late=True)
CRASH = Ending("answer", exit_status=1)
ENDED = Ending("run", exit_status=-9)

CASES: list[tuple[str, Ending, tuple[str, ...], CauseKind]] = [
    ("slow", LATE, (), "time_limit"),
    ("silent", SILENT, ("[I 10:00 ServerApp] Serving notebooks",), "no_answer"),
    ("not connected", Ending("answer", "ConnectError: refused"), (), "no_answer"),
    ("crash", CRASH, ("Traceback", "RuntimeError: no"), "crash"),
    ("crash at once", Ending("answer", exit_status=0), (), "crash"),
    ("ended", ENDED, (), "ended"),
    ("out of memory", ENDED, ("numpy MemoryError: Unable to allocate",), "memory"),
    ("fork", CRASH, ("OSError: [Errno 12] Cannot allocate memory",), "memory"),
    ("disk", CRASH, ("OSError: [Errno 28] No space left on device: '/home/a'",), "disk"),
    ("disk quota", SILENT, ("OSError: [Errno 122] Disk quota exceeded",), "disk"),
    ("disk first", CRASH, ("No space left on device", "ImportError: x"), "disk"),
    ("sqlite", CRASH, ("sqlite3.OperationalError: database or disk is full",), "disk"),
    ("no package", CRASH, ("ModuleNotFoundError: No module named 'jupyterhub'",), "software"),
    ("no program", CRASH, ("sh: 1: jupyterhub-singleuser: command not found",), "software"),
    ("no library", CRASH, ("error while loading shared libraries: libffi.so.7",), "software"),
    ("setting", CRASH, ("traitlets.TraitError: The 'port' trait",), "configuration"),
    ("no program at all", Ending("start", "FileNotFoundError: lab", is_os_error=True), (), "configuration"),
    ("disk of the hub", Ending("start", "OSError: [Errno 28] No space left on device", is_os_error=True), (), "disk"),
    ("mount", Ending("start", "datasets cannot be mounted.", reason="mount"), (), "mount"),
    ("hook", Ending("prepare", "Not today.", reason="policy"), ("MemoryError",), "configuration"),
    ("service", Ending("prepare", "No answer.", reason="backend_unavailable"), (), "hub_service"),
    ("bug", Ending("start", "KeyError: 'x'"), (), "unknown"),
    ("nothing", Ending("prepare"), (), "unknown"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "ending", "lines", "kind"), CASES, ids=[c[0] for c in CASES])
def test_the_cause(name: str, ending: Ending, lines: tuple[str, ...], kind: CauseKind) -> None:
    cause = classify(ending, lines)
    assert cause.kind == kind, name
    assert (cause.text, cause.remedy) == TEXTS[kind]
    # The machine's own words, where it has any.
    words = (*lines, ending.problem, "ended")
    detail = str(cause.values.get("detail", ""))
    assert not detail or any(detail.startswith(word.strip()[:20]) for word in words if word)


def test_how_a_process_ended() -> None:
    assert exit_text(-9) == exit_text(137) == "ended by signal 9 (SIGKILL)"
    assert exit_text(3) == "ended with status 3"
    assert exit_text(255) == "ended with status 255"


def test_a_sentence_is_of_one_kind() -> None:
    """With it a lease says why it ended, and the queue reads it."""
    assert all(kind_of(text) == kind for kind, (text, _) in TEXTS.items())
    assert all(len(text) <= 200 for text, _ in TEXTS.values())
    assert kind_of("stopped") is None
