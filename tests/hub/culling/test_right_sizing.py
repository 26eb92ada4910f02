"""Advice on sizes: what was measured, and the smallest profile that would do."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from orrery_hub.base.db import Database
from orrery_hub.culling.right_sizing import MIN_MINUTES, Size, Use, needed, smaller, words
from orrery_hub.culling.schemas import AdviceQuery
from orrery_hub.culling.service import CullingService
from orrery_wire.culling import Activity, ServerQuery
from tests.hub.leases import BEGIN, Clock, Farm, clock
from tests.hub.services import make_user
from tests.loops import each

__all__ = ["clock"]

LARGE = Size("large", 2, 8000, 32_768)
PROFILES = [
    LARGE,
    Size("small", 1, 2000, 8192),
    Size("plain", 0, 2000, 8192),
    Size("other", 4, 1000, 1024),
]


@each(
    "use, slug",
    [
        (Use(600, 1500, 4000, 0), "plain"),
        (Use(600, 1500, 4000, 300), None),  # the devices were used, and no profile has two of them
        (Use(600, 1500, 4000, None), None),  # they were not measured, so they may have been
        (Use(600, 1500, 8000, 0), None),  # a fifth more memory than was used does not fit
        (Use(600, 1900, 4000, 0), None),
        (Use(MIN_MINUTES - 1, 0, 0, 0), None),
        (Use(600, 7900, 32_000, 0), None),
    ],
)
def test_the_smallest_profile_that_would_do(use: Use, slug: str | None) -> None:
    profile = smaller(LARGE, use, PROFILES)
    assert (profile.slug if profile else None) == slug
    assert words(LARGE, use, profile).endswith(".")


SIZES = st.builds(
    Size, st.text("abc", min_size=1), st.integers(0, 4), st.integers(0, 9000), st.integers(0, 9000)
)


@given(SIZES, st.lists(SIZES, max_size=6), st.integers(0, 9000), st.integers(0, 9000))
def test_what_is_advised_holds_what_was_used(
    size: Size, profiles: list[Size], cpu: int, memory: int
) -> None:
    use = Use(600, min(cpu, size.cpu_millis), min(memory, size.memory_mib), None)
    profile = smaller(size, use, profiles)
    if profile:
        need = needed(size, use)
        assert profile.cpu_millis >= need.cpu_millis >= use.cpu_millis
        assert profile.memory_mib >= need.memory_mib >= use.memory_mib
        assert profile.devices == size.devices
        assert profile.cpu_millis <= size.cpu_millis
        assert profile.memory_mib <= size.memory_mib


def test_advice_from_what_labs_reported(sqlite: Database, clock: Clock) -> None:
    farm, service = Farm(sqlite), CullingService(sqlite)
    ann, root = make_user("ann"), make_user("root", admin=True)
    name = farm.server_of(farm.start("ann", BEGIN))
    for minute in range(90):
        activity = Activity(
            busy_kernels=1,
            cpu_millis=1500 if minute == 40 else 300,
            memory_mib=4000,
            device_permille=10,
        )
        service.report(ann, ServerQuery(server=name), activity)
        clock.go(60)
    (advice,) = service.advice(root, AdviceQuery()).items
    assert (advice.person, advice.profile, advice.smaller_profile) == (
        "ann",
        "gpu-large",
        "gpu-plain",
    )
    assert (advice.used_cpu_millis, advice.mean_cpu_millis, advice.hours) == (1500, 313, 1)
    assert advice.mean_device_permille == 10
    assert "hardly used" in advice.advice
    assert service.advice(ann, AdviceQuery()).total == 1
    assert service.advice(make_user("ben"), AdviceQuery()).total == 0
    assert service.advice(root, AdviceQuery(person="ben")).total == 0
    for text, total in (("AN larg", 1), ("ann small", 0), ("%", 0)):
        assert service.advice(root, AdviceQuery(q=text)).total == total
    clock.go(timedelta(days=31).total_seconds())
    assert service.advice(root, AdviceQuery()).total == 0
