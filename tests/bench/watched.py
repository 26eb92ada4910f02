"""A lab that measures its own event loop; started like ``tests.security.serve``."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

from tests.security.serve import main

EVERY = 0.002


async def watch(path: Path) -> None:
    """Sleep a little, again and again; whenever the file is gone, write how late each waking was."""
    loop = asyncio.get_running_loop()
    late: list[float] = []
    while True:
        begun = loop.time()
        await asyncio.sleep(EVERY)
        late.append((loop.time() - begun - EVERY) * 1000)
        if len(late) % 100 == 0:
            write_if_asked(path, late)


def write_if_asked(path: Path, late: list[float]) -> None:
    """Write what there is, and begin anew, when whoever asks has removed the file."""
    if not path.exists():
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps([round(one, 3) for one in late]))
        fresh.replace(path)
        late.clear()


if __name__ == "__main__":
    main(
        Path(sys.argv[1]),
        sys.argv[2:],
        beside=lambda: watch(Path(os.environ["ORRERY_BENCH_STALLS"])),
    )
