"""The lists of hostile texts keep their size, and their texts are different ones."""

from __future__ import annotations

import pytest

from orrery_server.base.installed import capabilities
from tests.security.examples import body_of
from tests.security.hostile.collisions import pairs
from tests.security.hostile.expansions import EXPANSIONS
from tests.security.hostile.markup import markup
from tests.security.hostile.paths import paths
from tests.security.hostile.redirects import REDIRECTS
from tests.security.routes import Route


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


def test_every_example_is_one_that_its_route_takes() -> None:
    """Otherwise an attack in one of its fields would be refused for another field's sake."""
    tried = 0
    for capability in capabilities():
        for endpoint in capability.endpoints:
            if endpoint.body:
                _, shape = endpoint.body
                verb = endpoint.route.method
                bodies = {verb: shape.model_json_schema()}
                route = Route(
                    "lab", f"/orrery/{endpoint.pattern}$", frozenset({verb}), bodies=bodies
                )
                shape.model_validate(body_of(verb, route))
                tried += 1
    assert tried >= 14
