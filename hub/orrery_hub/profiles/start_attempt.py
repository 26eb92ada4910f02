"""One start of a server, from the first question to its end, and the report of it if it failed.

JupyterHub ends every start that fails, and every server that ended, with the hook after a stop. What was raised, how far
the start came and what was seen of process or pod before it was removed is noted here until then.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from jupyterhub.spawner import SpawnException

from orrery_hub.base import db
from orrery_hub.base.process_causes import Ending, classify
from orrery_hub.profiles.launch_client import created_of
from orrery_wire.failures import LOG_LINE_LETTERS, LOG_LINES, FailureIn, FailureStage
from orrery_wire.queue import WaitCause

# A time limit is over a moment before it was noticed.
_SLACK_SECONDS = 0.5
_SHORTEST_SECRET = 6
_DETAIL_LETTERS = 500
_SECRET_NAME = re.compile(r"token|secret|passw|credential|key|auth|dsn|url", re.IGNORECASE)
_MASK = "••••••"
# Colours of terminals, and what no database and no page takes.
_UNPRINTABLE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True)
class Evidence:
    """What is seen of a server that failed: its cause if the place knows one, where it was, and its last words."""

    cause: WaitCause | None = None
    node: str = ""
    events: tuple[str, ...] = ()
    log: tuple[str, ...] = ()


@dataclass
class Attempt:
    """How a start goes. ``is_stopped``: somebody had the server stopped; ``secrets`` are masked in what is reported."""

    began: datetime = field(default_factory=db.now)
    stage: FailureStage = "prepare"
    problem: BaseException | None = None
    is_stopped: bool = False
    exit_status: int | None = None
    evidence: Evidence | None = None
    secrets: tuple[str, ...] = ()
    _since: float = field(default_factory=time.monotonic)
    _noted: float | None = None

    def reach(self, stage: FailureStage) -> None:
        """Note that the start came so far."""
        self.stage, self._since = stage, time.monotonic()

    def note_time(self) -> None:
        """Note that the stage ended now; only the first time counts."""
        if self._noted is None:
            self._noted = time.monotonic()

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Note what is raised; a cancelled start was given up, or its time was over."""
        try:
            yield
        except BaseException as problem:
            self.problem = problem
            self.note_time()
            raise

    def is_late(self, seconds: float) -> bool:
        """Whether the stage took as long as it may."""
        if isinstance(self.problem, TimeoutError):
            return True
        end = time.monotonic() if self._noted is None else self._noted
        return end - self._since >= seconds - _SLACK_SECONDS

    def failed_stage(
        self, *, is_waiting: bool, start_seconds: float, answer_seconds: float
    ) -> FailureStage | None:
        """How far a failed start came; None for one that was given up, and for a server that was stopped or ended well.

        ``is_waiting``: JupyterHub still waits for the server's answer.
        """
        if self.stage in ("answer", "run"):
            if is_waiting and self.stage == "answer":
                has_failed = self.exit_status is not None or self.is_late(answer_seconds)
                return "answer" if has_failed else None
            return "run" if self.exit_status and not self.is_stopped else None
        if isinstance(self.problem, asyncio.CancelledError):
            return self.stage if self.is_late(start_seconds) else None
        is_given_up = self.problem is None and self.is_stopped
        return None if is_given_up else self.stage


def failure_of(spawner: Any, attempt: Attempt, stage: FailureStage) -> FailureIn:
    """The report of a start that failed, without the secrets that the spawner knows."""
    evidence = attempt.evidence or Evidence()
    secrets = attempt.secrets
    log, events = (_cleaned(lines, secrets) for lines in (evidence.log, evidence.events))
    seconds = spawner.http_timeout if stage == "answer" else spawner.start_timeout
    cause = _cause(attempt, stage, evidence.cause, log, seconds)
    detail = str(cause.values.get("detail", "")).replace("\n", " ")
    return FailureIn(
        user=spawner.user.name,
        created=created_of(spawner),
        server=spawner.name,
        lease=spawner.lease_id,
        profile=spawner.launch.profile if spawner.launch else "",
        stage=stage,
        kind=cause.kind,
        detail=next(iter(_cleaned([detail], secrets)), "")[:_DETAIL_LETTERS],
        node=evidence.node,
        began=attempt.began,
        at=max(db.now(), attempt.began),
        exit_status=attempt.exit_status,
        events=events,
        log=log,
    )


def _cause(
    attempt: Attempt,
    stage: FailureStage,
    seen: WaitCause | None,
    log: Sequence[str],
    seconds: float,
) -> WaitCause:
    """What the place knows, unless it knows nothing; else what follows from how the start went."""
    if seen is not None and seen.kind not in ("starting", "unknown"):
        return seen
    problem = attempt.problem
    is_late = stage in ("start", "answer") and attempt.is_late(seconds)
    ending = Ending(
        stage,
        f"It took longer than {seconds:.0f} s." if is_late else _text_of(problem),
        reason=problem.reason if isinstance(problem, SpawnException) else "",
        is_late=is_late,
        is_os_error=isinstance(problem, OSError) and not isinstance(problem, TimeoutError),
        exit_status=attempt.exit_status if stage in ("answer", "run") else None,
    )
    own = classify(ending, log)
    return seen if seen is not None and own.kind == "unknown" else own


def _text_of(problem: BaseException | None) -> str:
    if problem is None:
        return ""
    if isinstance(problem, SpawnException):
        return str(problem.message)
    return f"{type(problem).__name__}: {problem}"


def secrets_of(spawner: Any) -> tuple[str, ...]:
    """The values that a server is given and nobody else is to read, the longest first."""
    values = {str(getattr(spawner, "api_token", "") or "")}
    given: Mapping[str, str] = spawner.launch.environment if spawner.launch else {}
    values |= {str(value) for name, value in given.items() if _SECRET_NAME.search(name)}
    long = (value for value in values if len(value) >= _SHORTEST_SECRET)
    return tuple(sorted(long, key=len, reverse=True))


def _cleaned(lines: Iterable[str], secrets: Iterable[str]) -> tuple[str, ...]:
    """The last lines, as they can be stored and shown, without secrets."""
    cleaned = []
    for line in lines:
        text = _UNPRINTABLE.sub("", line.rstrip())
        for secret in secrets:
            text = text.replace(secret, _MASK)
        if text:
            cleaned.append(text[:LOG_LINE_LETTERS])
    return tuple(cleaned[-LOG_LINES:])
