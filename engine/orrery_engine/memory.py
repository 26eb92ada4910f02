"""How much memory this machine has to give."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

GIB = 2**30
_CGROUPS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def memory() -> int:
    """Bytes that this machine, or the container, has; 4 GiB where nothing tells."""
    result = []
    for path in _CGROUPS:
        with suppress(OSError, ValueError):
            result.append(int(Path(path).read_text(encoding="ascii")))
    with suppress(OSError, ValueError, IndexError):
        text = Path("/proc/meminfo").read_text(encoding="ascii")
        result.append(int(text.split("MemTotal:")[1].split()[0]) * 1024)
    return min(result, default=4 * GIB)


def share() -> int:
    """What one run may hold if nobody says: two fifths, at least half a GiB, at most eight."""
    return max(GIB // 2, min(8 * GIB, memory() * 2 // 5))
