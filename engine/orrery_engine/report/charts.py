"""Counts as a small drawing, or as letters where no drawing may be."""

from __future__ import annotations

from collections.abc import Sequence

_LETTERS = "▁▂▃▄▅▆▇█"
_HEIGHT = 32
_MOST = 60


def sparkline(counts: Sequence[int], most: int = 20) -> str:
    """The counts as letters of different height; nothing is a blank."""
    counts = _fewer(counts, most)
    top = max(counts, default=0)
    if not top:
        return ""
    return "".join(
        " " if not count else _LETTERS[max(0, -(-count * len(_LETTERS) // top) - 1)]
        for count in counts
    )


def bars(counts: Sequence[int]) -> str:
    """The path of bars in a field of 120 by 32."""
    counts = _fewer(counts, _MOST)
    top = max(counts, default=0)
    if not top:
        return ""
    width = 120 / len(counts)
    drawn = []
    for place, count in enumerate(counts):
        if count:
            height = max(1.0, count / top * _HEIGHT)
            left = place * width
            drawn.append(
                f"M{left:.1f} {_HEIGHT}v-{height:.1f}h{max(width - 0.5, 0.5):.1f}V{_HEIGHT}z"
            )
    return "".join(drawn)


def steps(counts: Sequence[int]) -> str:
    """The outline of bars in the same field."""
    counts = _fewer(counts, _MOST)
    top = max(counts, default=0)
    if not top:
        return ""
    width = 120 / len(counts)
    drawn = [f"M0 {_HEIGHT}"]
    drawn += [
        f"V{_HEIGHT - count / top * (_HEIGHT - 1):.1f}H{(place + 1) * width:.1f}"
        for place, count in enumerate(counts)
    ]
    return "".join([*drawn, f"V{_HEIGHT}"])


def _fewer(counts: Sequence[int], most: int) -> list[int]:
    """Neighbours together until they are few enough."""
    step = -(-len(counts) // most) if counts else 1
    return [sum(counts[start : start + step]) for start in range(0, len(counts), step)]
