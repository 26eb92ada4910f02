"""The worker process of previews: it reads nothing by itself, neither files nor network, but asks for ranges of bytes."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from orrery_engine import cage
from orrery_engine.client.process import die_with_parent
from orrery_engine.plain_words import log
from orrery_engine.preview.budget import Budget, BudgetSpentError
from orrery_engine.preview.channel import Channel, WorkerStore
from orrery_engine.preview.opening import Opened, Target, damage_of, open_target, show
from orrery_engine.preview.shapes import WindowRequest
from orrery_wire.errors import Invalid, OrreryError

_OPEN = 8
_WARM = ("pyarrow.parquet", "pyarrow.compute", "orrery_engine.preview.formats.parquet")
_WARM_LATER = (
    "orrery_engine.preview.formats.delimited",
    "orrery_engine.preview.formats.records",
)


def main() -> None:
    """Answer until standard input ends."""
    source, target = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # What libraries print must not stand between messages.
    os.dup2(2, 1)
    die_with_parent()
    scratch = Path(tempfile.mkdtemp(prefix="orrery-preview-"))
    try:
        for name in (*_WARM, *_WARM_LATER):
            import_module(name)
        channel = Channel(source, target)
        channel.send({"event": "ready"})
        serve(channel, scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def serve(channel: Channel, scratch: Path) -> None:
    """Answer one request after the other."""
    sources: OrderedDict[str, tuple[WorkerStore, Opened]] = OrderedDict()
    while True:
        message, blobs = channel.receive()
        cage.confine_reader(int(message["memory"]), float(message["seconds"]))
        try:
            text, blob = _answer(channel, message, blobs, sources, scratch)
        except OrreryError as problem:
            channel.send({"event": "failed", "error": problem.body()})
        except MemoryError:
            channel.send({"event": "failed", "error": _too_large().body()})
        except Exception as problem:  # noqa: BLE001  # the edge of the process: readers raise what they like
            log(problem)
            kind = message["request"].get("format") or message.get("kind")
            channel.send({"event": "failed", "error": damage_of(kind, problem).body()})
        else:
            channel.send({"event": "done"}, [text, blob])


def _answer(
    channel: Channel,
    message: Mapping[str, Any],
    blobs: Sequence[memoryview],
    sources: OrderedDict[str, tuple[WorkerStore, Opened]],
    scratch: Path,
) -> tuple[bytes, bytes]:
    """The preview of a request as JSON, and its rows as Arrow if these are asked for."""
    request = WindowRequest.model_validate(message["request"])
    budget = Budget(int(message["most_bytes"]), float(message["seconds"]))
    key = f"{message['key']}\n{request.format}\n{request.reading}\n{request.sheet}\n{request.snapshot}"
    held = sources.pop(key, None)
    try:
        if held is None:
            store = WorkerStore(channel, budget)
            held = store, _opened(store, message, blobs, request, scratch)
        store, opened = held
        store.budget = budget
        preview, blob = show(opened, request, budget, as_arrow=bool(message["arrow"]))
    except BudgetSpentError:
        raise Invalid(
            "The beginning alone takes more than an answer may read",
            reason=f"At most {int(message['most_bytes']) >> 20:,} MiB are read for one.",
            remedy="Choose fewer columns, or profile it.",
        ) from None
    sources[key] = held
    while len(sources) > _OPEN:
        _, (_, oldest) = sources.popitem(last=False)
        if oldest.document is not None:
            oldest.document.close()
    return preview.model_dump_json().encode(), blob


def _opened(
    store: WorkerStore,
    message: Mapping[str, Any],
    blobs: Sequence[memoryview],
    request: WindowRequest,
    scratch: Path,
) -> Opened:
    file = None
    if message["size"] is not None:
        file = store.open(message["path"], int(message["size"]))
        for (start, _), blob in zip(message["ranges"], blobs, strict=True):
            file.put(start, blob)
    target = Target(store, message["path"], file, scratch, int(message["memory"]))
    return open_target(target, request)


def _too_large() -> Invalid:
    return Invalid(
        "This needs more memory than a preview may use",
        reason="A value, a page or a batch of it is that large.",
        remedy="Choose fewer columns, or profile it.",
    )


if __name__ == "__main__":
    with suppress(KeyboardInterrupt, BrokenPipeError):
        main()
