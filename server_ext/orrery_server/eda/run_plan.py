"""From a request to what the worker is told: which sides of a comparison are kept profiles, and which are read."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from orrery_engine.client.snapshots import needs_seconds, snapshot_name, write_snapshot
from orrery_engine.run_result import RunResult
from orrery_engine.schemas import Job, ResolvedSource, RunIn, SourceIn
from orrery_wire.errors import Conflict, Invalid

Load = Callable[[str], Awaitable[RunResult]]
Resolve = Callable[[SourceIn], Awaitable[ResolvedSource]]


@dataclass(frozen=True)
class RunPlan:
    """A request whose sources can be reached, and the kept profiles that it compares."""

    request: RunIn
    parent: RunResult | None = None
    newer: RunResult | None = None

    async def job(self, id: str, scratch: Path, resolve: Resolve, memory: int) -> Job:
        """What the worker is told; kept profiles are written into its scratch folder.

        Args:
            id: of the run.
            scratch: the worker's own folder.
            resolve: how the worker reaches a source.
            memory: bytes that the worker may hold.
        """
        request = self.request
        against = request.against if self.parent is None else None
        return Job(
            id=id,
            task=request.task,
            source=None if self.newer else await resolve(request.source),
            against=await resolve(against) if against else None,
            before_profile=await _write(self.parent, request.against, scratch / "before.json"),
            after_profile=await _write(self.newer, request.source, scratch / "after.json"),
            suite=request.suite,
            options=request.options,
            memory=memory,
            scratch=str(scratch),
        )


async def plan(request: RunIn, load: Load, resolve: Resolve, longest_seconds: float) -> RunPlan:
    """The plan of a request; what cannot be begun is refused.

    Raises:
        Invalid: the request contradicts itself, or a source cannot be read.
        Conflict: what it compares with is no finished profile.
        NotFound: there is no such source or run.
        Forbidden: the person may not read a source.
    """
    _require_sense(request)
    parent = await load(request.parent) if request.parent else None
    newer = await load(request.newer) if request.newer else None
    compares_kept = request.task == "comparison" and request.against is None
    seconds = min(request.options.seconds, longest_seconds)
    update: dict[str, object] = {"options": request.options.model_copy(update={"seconds": seconds})}
    times = [profile.run.created if profile else None for profile in (parent, newer)]
    with_seconds = needs_seconds(*times)
    if newer is not None:
        update["source"] = _named_source(newer, seconds=with_seconds)
    else:
        await resolve(request.source)
    if parent is not None and compares_kept:
        update["against"] = _named_source(parent, seconds=with_seconds)
    elif request.against is not None:
        await resolve(request.against)
    return RunPlan(request.model_copy(update=update), parent if compares_kept else None, newer)


def _require_sense(request: RunIn) -> None:
    if request.task == "comparison" and not (request.against or request.parent):
        raise Invalid("There is nothing to compare with", remedy="Name the reference side.")
    if request.task == "checks" and request.suite is None:
        raise Invalid("There is nothing to check", remedy="Send a suite of checks.")
    if request.newer and (request.task != "comparison" or request.against is not None):
        raise Invalid(
            "Only a comparison of two profiles has a newer one",
            remedy="Name both profiles and no reference side, or leave `newer` out.",
        )


def _named_source(profile: RunResult, *, seconds: bool) -> SourceIn:
    """The source of a kept profile under the name of that time; its data are not read again.

    Raises:
        Conflict: nothing is kept that could be compared with.
    """
    run = profile.run
    if run.task != "profile" or run.state != "done":
        raise Conflict(
            "Only a profile that is done can be compared with",
            reason=f"This is a {run.task} that is {run.state}.",
            remedy="Choose a profile in the history.",
        )
    name = snapshot_name(run.source.name or run.source.location, run.created, seconds=seconds)
    return run.source.model_copy(update={"name": name})


async def _write(profile: RunResult | None, source: SourceIn | None, path: Path) -> str:
    """The path of a kept profile's file for the worker; empty if there is no profile."""
    if profile is None:
        return ""
    columns = (column.json for column in profile.columns.items)
    name = source.name if source else ""
    await asyncio.to_thread(write_snapshot, path, name, profile.run.rows, columns)
    return str(path)
