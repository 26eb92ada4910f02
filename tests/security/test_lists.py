"""The lists of hostile texts keep their size, and their texts are different ones."""

from __future__ import annotations

import pytest

from tests.security.hostile.collisions import pairs
from tests.security.hostile.expansions import EXPANSIONS
from tests.security.hostile.markup import markup
from tests.security.hostile.paths import paths
from tests.security.hostile.redirects import REDIRECTS


@pytest.mark.parametrize(
    ("texts", "least"),
    [
        (tuple(REDIRECTS), 60),
        (tuple(paths()), 120),
        (tuple(markup()), 200),
        (tuple(EXPANSIONS), 40),
        (tuple(pairs()), 200),
    ],
    ids=["redirects", "paths", "markup", "expansions", "collisions"],
)
def test_a_list_of_attacks_keeps_its_size(texts: tuple[object, ...], least: int) -> None:
    assert len(set(texts)) >= least
