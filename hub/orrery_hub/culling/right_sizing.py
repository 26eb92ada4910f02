"""Which profile would do for what was really used; no clock, no database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# With less measured than this nothing is advised.
MIN_MINUTES = 60
# Devices that were never busier than this, in thousandths, were not needed.
_UNUSED_PERMILLE = 50
# Room above the highest use: for memory a fifth, for CPUs a tenth.
_MEMORY_ROOM = (6, 5)
_CPU_ROOM = (11, 10)


@dataclass(frozen=True)
class Size:
    """What a profile gives: devices, thousandths of a CPU, MiB of memory."""

    slug: str
    devices: int
    cpu_millis: int
    memory_mib: int


@dataclass(frozen=True)
class Use:
    """What was measured, over ``minutes``; ``device_permille`` is the highest, None if it was not measured."""

    minutes: int
    cpu_millis: int
    memory_mib: int
    device_permille: int | None


def needed(size: Size, use: Use) -> Size:
    """What would do for a use: never more than was there."""
    is_unused = use.device_permille is not None and use.device_permille < _UNUSED_PERMILLE
    return Size(
        "",
        0 if is_unused else size.devices,
        min(size.cpu_millis, _with_room(use.cpu_millis, _CPU_ROOM)),
        min(size.memory_mib, _with_room(use.memory_mib, _MEMORY_ROOM)),
    )


def smaller(size: Size, use: Use, profiles: Sequence[Size]) -> Size | None:
    """The smallest profile that would do and is smaller than ``size`` in every respect; None for none."""
    if use.minutes < MIN_MINUTES:
        return None
    need = needed(size, use)
    fitting = [
        profile
        for profile in profiles
        if profile.slug != size.slug
        and _measures(profile) != _measures(size)
        and all(n <= p <= s for n, p, s in zip(*map(_measures, (need, profile, size)), strict=True))
    ]
    return min(fitting, key=lambda profile: (_measures(profile), profile.slug), default=None)


def words(size: Size, use: Use, smaller_profile: Size | None) -> str:
    """The advice as a sentence."""
    if use.minutes < MIN_MINUTES:
        return "Too little was measured to say anything."
    if size.devices and use.device_permille is not None and use.device_permille < _UNUSED_PERMILLE:
        what = "The devices were hardly used."
    else:
        what = (
            f"At most {use.cpu_millis / 1000:.1f} of {size.cpu_millis / 1000:.1f} CPUs and"
            f" {use.memory_mib / 1024:.1f} of {size.memory_mib / 1024:.1f} GiB were used."
        )
    if smaller_profile is None:
        return what
    return f"{what} The profile {smaller_profile.slug!r} would do."


def _with_room(amount: int, room: tuple[int, int]) -> int:
    return -(-amount * room[0] // room[1])


def _measures(size: Size) -> tuple[int, int, int]:
    return size.devices, size.cpu_millis, size.memory_mib
