"""Environments and scripts are kept as long as a start may need them, and no longer."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from orrery_hub.base.db import Database, now
from orrery_hub.base.people import PersonRow
from orrery_hub.base.private_options import without_private
from orrery_hub.pools import store
from orrery_hub.pools.store import LeaseRow
from tests.hub.pools.worlds import World
from tests.hub.services import make_user

PRIVATE = (
    {"environment": {"HF_TOKEN": "canary"}},
    {"startup_script": "echo canary"},
    {"environment": {"A": 'x": {}'}, "startup_script": 'canary # "startup_script": ""'},
    {},
)


@pytest.mark.parametrize("private", PRIVATE)
def test_only_the_last_of_each_server_is_kept(
    database: Database, private: dict[str, object]
) -> None:
    world = World(database)
    world.declare()
    leases: list[int] = []
    for server in ("", "", "two", "two"):
        lease = world.start("ann", server=server, **private).lease
        assert lease is not None
        leases.append(lease)
        if server == "" or len(leases) == 3:
            with database.write() as session:
                world.leases.end(session, lease, "stopped")

    def kept() -> list[bool]:
        with database.read() as session:
            rows = session.execute(select(LeaseRow.id, LeaseRow.options)).all()
        texts = {id_: json.dumps(options) for id_, options in rows}
        return ["canary" in texts[lease] or "A" in texts[lease] for lease in leases]

    def strip() -> int:
        with database.write() as session:
            return store.strip_options(session)

    before = kept()
    assert strip() == (2 if private else 0)
    if private:
        assert kept() == [False, True, False, True]
    assert strip() == 0, "what is done already"
    last = world.choices("ann").last
    assert {"environment": last.environment, "startup_script": last.startup_script} == {
        "environment": {},
        "startup_script": "",
    } | private
    # Whose account is gone starts nothing any more.
    with database.write() as session:
        world.leases.end(session, leases[-1], "stopped")
        session.get_one(PersonRow, make_user("ann").person_id).ended = now()
    strip()
    assert kept() == [False] * 4 if private else kept() == before
    with database.write() as session:
        session.get_one(PersonRow, make_user("ann").person_id).ended = None


def test_what_else_was_chosen_stays() -> None:
    options = {"profile": "gpu", "environment": {"A": "1"}, "datasets": ["d"]}
    stripped = {"profile": "gpu", "environment": {}, "datasets": ["d"]}
    assert without_private(options) == stripped
    assert without_private({}) == {}
