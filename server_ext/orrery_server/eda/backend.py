"""What a kind of source, and a place that keeps what runs found, must be able to do."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from orrery_engine.run_result import RunResult
from orrery_engine.schemas import ResolvedSource, Run, SourceIn, SourceKind
from orrery_server.base.backend import Backend
from orrery_server.eda.schemas import Handover, HandoverIn, Source
from orrery_wire.errors import StorageFull


async def no_lake() -> str | None:
    """There is no project, so there is no lake."""
    return None


def no_folder() -> Path:
    """A server that gives sources no folder of their own."""
    raise StorageFull("There is no private folder", remedy="Ask the administrator of this server.")


@dataclass(frozen=True)
class SourceContext:
    """What a source may know of the server.

    The folder that the lab shows, the project's lake, and a private folder that goes with the server.
    """

    root: Path
    lake: Callable[[], Awaitable[str | None]] = no_lake
    private: Callable[[], Path] = no_folder


class SourceBackend(Backend):
    """One kind of source. Five promises, of which only the first must be kept by each."""

    kind: ClassVar[SourceKind]

    def __init__(self, *, context: SourceContext, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.context = context

    @abstractmethod
    async def resolve(self, source: SourceIn) -> ResolvedSource:
        """How the worker reaches it. What this gives is never kept, logged or answered.

        Raises:
            NotFound: there is no such thing that the person may see.
            Invalid: the location cannot be used.
        """

    async def find(self, q: str, most: int) -> tuple[Source, ...]:
        """What of this kind can be profiled and has the words in its name; nothing unless it can be listed."""
        return ()

    def where(self, resolved: ResolvedSource, folder: str | None) -> str:
        """Where a kernel of this person finds the same; a location without secrets.

        Args:
            resolved: how the worker reaches it.
            folder: where the kernel works, below the folder that the lab shows; None if that is not known.
        """
        return resolved.location

    def release(self, source: SourceIn) -> None:
        """A run on it has ended."""
        return


class HandoverBackend(SourceBackend):
    """A kind of source that kernels write themselves. Two promises more."""

    @abstractmethod
    async def create_handover(self, handover_in: HandoverIn) -> Handover:
        """A place to write a table to, which only this person can open.

        Raises:
            StorageFull: there is not enough room on the disk.
        """

    @abstractmethod
    async def delete_handover(self, id: str) -> None:
        """Forget what was written.

        Raises:
            NotFound: there is nothing.
        """


class ReportBackend(Backend):
    """A place that keeps runs and what they found. Five promises."""

    @abstractmethod
    async def runs(self) -> tuple[Run, ...]:
        """Every run that is kept, newest first; one that a dead server left is told as failed."""

    @abstractmethod
    async def begin(self, run: Run) -> None:
        """Note that a run has been asked for, so that it is not forgotten if the server dies."""

    @abstractmethod
    async def keep(self, run_result: RunResult, report: Path | None = None) -> Run:
        """Keep what a run found, and take the full report's file if it has one; gives the run with its size.

        Raises:
            StorageFull: nothing of it was kept.
        """

    @abstractmethod
    async def load(self, id: str) -> tuple[RunResult, str]:
        """What a run found, and the full report's HTML if it has one.

        Raises:
            NotFound: it is not kept here.
        """

    @abstractmethod
    async def delete(self, id: str) -> None:
        """Forget a run and what it found."""
