"""How hard the tests try: ``fast`` in ``make test``, ``long`` in ``make test-long``."""

from __future__ import annotations

import os

from hypothesis import settings

PROFILE = os.environ.get("TEST_PROFILE", "fast")
LONG = PROFILE == "long"

settings.register_profile("fast", max_examples=25, deadline=None)
settings.register_profile("long", max_examples=200, deadline=None)
settings.load_profile(PROFILE)


def trials(long: int, fast: int) -> int:
    """How often something is tried: ``long`` times in ``make test-long``, ``fast`` times otherwise."""
    return long if LONG else fast


def examples(long: int) -> int:
    """Examples of a property: all of them in ``make test-long``, a fifth (at least ten) otherwise."""
    return trials(long, max(10, long // 5))
