"""How far a run is, in one line: below a cell, or in a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypedDict

from orrery_kernels.text import PlainText, clean
from orrery_wire.types.eda import Stage, State

if TYPE_CHECKING:
    from IPython.core.display_functions import DisplayHandle

# A line that comes and goes at once only disturbs.
_DELAY_SECONDS = 0.5
_INTERVAL_SECONDS = 0.1
_STAGES = {
    "handover": "handing over",
    "reading": "reading",
    "summary": "columns",
    "relations": "relations",
    "checks": "checks",
    "report": "full report",
}


class RunProgress(TypedDict):
    """How far a run is; every run of the server has these fields."""

    state: State
    stage: Stage
    progress: float
    waiting: int


OnProgress = Callable[[RunProgress], None]


def no_progress(_run: RunProgress) -> None:
    """Shows nothing."""


class Progress:
    """Progress that shows nothing; subclasses show a line. As a context, the line goes when that ends."""

    def __init__(self, name: str = "") -> None:
        self._name = clean(name)
        self._start = self._last = time.monotonic()
        self._line = ""

    def on_progress(self, run: RunProgress) -> None:
        """Show how a run is."""
        if run["state"] == "queued":
            self._update(f"waiting for {run['waiting'] or 1} before it")
        elif run["state"] == "running":
            self._update(f"{_STAGES.get(run['stage'], run['stage'])}, {run['progress']:.0%}")

    def on_written(self, rows: int, of: int | None) -> None:
        """Show how much of a dataframe was handed over."""
        share = f", {rows / of:.0%}" if of else f", {rows:,} rows"
        self._update(f"{_STAGES['handover']}{share}")

    def _update(self, text: str) -> None:
        now = time.monotonic()
        if now - self._start > _DELAY_SECONDS and now - self._last > _INTERVAL_SECONDS:
            self._last = now
            line = f"{self._name}: {text}" if self._name else text
            if line != self._line:
                self._line = line
                self.show(line)

    def show(self, line: str) -> None:
        """Show a line in place of the last one."""

    def hide(self) -> None:
        """Take the line away."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._line:
            self.hide()


class TerminalProgress(Progress):
    """A line of a terminal."""

    def show(self, line: str) -> None:
        """Show a line in place of the last one."""
        sys.stderr.write(f"\r\x1b[K{line}")
        sys.stderr.flush()

    def hide(self) -> None:
        """Take the line away."""
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()


class CellProgress(Progress):
    """A line below a cell."""

    def __init__(self, name: str = "") -> None:
        super().__init__(name)
        self._handle: DisplayHandle | None = None

    def show(self, line: str) -> None:
        """Show a line in place of the last one."""
        from IPython.core.display_functions import display

        if self._handle is None:
            self._handle = display(PlainText(line), display_id=True)  # type: ignore[no-untyped-call]
        else:
            self._handle.update(PlainText(line))  # type: ignore[no-untyped-call]

    def hide(self) -> None:
        """Leave nothing that can be seen."""
        if self._handle is not None:
            self._handle.update(PlainText(""))  # type: ignore[no-untyped-call]


def progress(name: str = "") -> Progress:
    """The kind that fits to where this runs; without a person who looks on, the silent one."""
    core = sys.modules.get("IPython.core.getipython")
    shell = core.get_ipython() if core else None
    if shell is not None and hasattr(shell, "kernel"):
        # Who runs a notebook without a person takes no input, and would save the place of the line as an empty output.
        looks_on = getattr(shell.kernel, "_allow_stdin", True)
        return CellProgress(name) if looks_on else Progress(name)
    return TerminalProgress(name) if sys.stderr.isatty() else Progress(name)
