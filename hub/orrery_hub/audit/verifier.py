"""One verification of the whole chain at a time, in a thread of its own; it goes on when nobody waits for it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from orrery_hub.audit.chain import Verification
from orrery_hub.audit.schemas import ChainState
from orrery_hub.base.db import now
from orrery_wire.errors import OrreryError

log = logging.getLogger("orrery_hub.audit")

_SHOWN_PROBLEMS = 20
Progress = Callable[[int], None]


class Verifier:
    """Starts verifications and knows the state of the last; ``verify`` calls back with the number of entries checked."""

    def __init__(
        self, verify: Callable[[Progress], Verification], count: Callable[[], int]
    ) -> None:
        self._verify = verify
        self._count = count
        self._lock = threading.Lock()
        self._state = ChainState()

    def state(self) -> ChainState:
        """How far the verification is, or what the last one said."""
        return self._state

    def start(self) -> ChainState:
        """Begin a verification, unless one is on its way."""
        with self._lock:
            if self._state.state != "running":
                self._state = ChainState(state="running", total=self._count(), started=now())
                threading.Thread(target=self._run, name="audit-verify", daemon=True).start()
            return self._state

    def _run(self) -> None:
        try:
            verification = self._verify(self._note)
        except OrreryError as problem:
            self._finish(state="failed", problems=(f"{problem.message}. {problem.reason}",))
        except Exception:
            # The thread's edge: whoever looks is to see that it ended.
            self._finish(state="failed", problems=("The hub's log says why.",))
            log.exception("the audit could not be verified")
        else:
            self._finish(
                state="broken" if verification.problems else "intact",
                checked=verification.count,
                problem_count=len(verification.problems),
                problems=tuple(verification.problems[:_SHOWN_PROBLEMS]),
                anchor=str(verification.last),
            )

    def _note(self, checked: int) -> None:
        self._state = self._state.model_copy(update={"checked": checked})

    def _finish(self, **changes: object) -> None:
        self._state = self._state.model_copy(update={**changes, "ended": now()})
