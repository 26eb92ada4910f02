"""The hub's file of pools."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import delete

from orrery_hub.audit.service import record
from orrery_hub.base.db import Database
from orrery_hub.pools import store
from orrery_hub.pools.declared import DeclaredPools
from orrery_hub.pools.schemas import CatalogueQuery, DrainIn, GrantIn, PoolIn
from orrery_hub.pools.store import PoolRow
from orrery_hub.projects.store import ProjectRow
from orrery_hub.settings import SettingsError
from orrery_wire.errors import Forbidden, OrreryError
from tests.hub.pools.worlds import World

FILE = """
device_types:
  - {slug: a100, name: A100, count: 4}
pools:
  - slug: train
    name: Training
    device_type: a100
    devices: 3
    grants:
      - {project: churn, devices: 2}
  - {slug: rest, name: Rest, device_type: a100, is_default: true, for_everyone: true}
profiles:
  - slug: gpu
    pool: train
    name: One A100
    devices: 1
    spec: {cpu: 4, memory_bytes: 17179869184, environment: {OMP_NUM_THREADS: "4"}}
"""


def declared(world: World, path: Path, text: str | None = None) -> DeclaredPools:
    if text is not None:
        path.write_text(text, encoding="utf-8")
    pools = DeclaredPools(world.database, world.service, world.directory, path, record=record)
    pools.apply()
    return pools


def slugs(world: World) -> set[str]:
    return {item.slug for item in world.service.pools.list(CatalogueQuery()).items}


def test_a_file_is_what_there_is(sqlite: Database, tmp_path: Path) -> None:
    world, path = World(sqlite), tmp_path / "pools.yaml"
    assert declared(world, path).notices() == []
    assert not world.choices("ann").is_required
    pools = declared(world, path, FILE)
    # A project of the file may be created later; an administrator says that it is the one.
    assert pools.notices()[0].startswith("1 grants in the file of pools name a project")
    world.project("churn", ann="owner")
    pools.grant()
    assert pools.notices()[0].startswith("1 grants in the file of pools name a project")
    world.service.grant("root", "train", "churn", GrantIn(devices=1))
    pools.grant()
    assert pools.notices() == []
    assert world.start("ann").environment["OMP_NUM_THREADS"] == "4"
    assert world.service.pools.get("rest").total_devices == 1
    with pytest.raises(Forbidden, match="file of pools"):
        world.service.pools.replace("root", "train", PoolIn(slug="train", name="T"))
    for change in (
        lambda: world.service.profiles.delete("root", "gpu"),
        lambda: world.service.revoke("root", "train", "churn"),
    ):
        with pytest.raises(Forbidden):
            change()
    assert world.service.drain("root", "train", DrainIn(reason="x").reason).is_draining
    declared(world, path)  # another start
    assert world.service.pools.get("train").is_draining


@pytest.mark.parametrize("restarts", [False, True])
@pytest.mark.parametrize("former", ["none", "purged", "renamed"])
def test_whoever_takes_the_name_of_a_grant_gets_no_pool(
    sqlite: Database, tmp_path: Path, former: str, restarts: bool
) -> None:
    """Anybody may create a project of a free name, also of one that was purged."""
    world, path = World(sqlite), tmp_path / "pools.yaml"
    if former != "none":
        first = world.project("churn", ann="owner")
    pools = declared(world, path, FILE)
    if former != "none":
        assert pools.notices() == []
        with sqlite.write() as session:
            row = session.get_one(ProjectRow, first)
            if former == "renamed":
                row.slug = "renamed"
            else:
                session.execute(delete(ProjectRow).where(ProjectRow.id == first))
    taker = world.project("churn", eve="owner")
    for _ in range(2):
        if restarts:
            pools = declared(world, path)
        pools.grant()
    with sqlite.read() as session:
        pool = store.find(session, PoolRow, "train")
        assert pool is not None
        assert taker not in store.grants_of(session, pool.id)
    with pytest.raises(OrreryError):
        world.start("eve")


def test_devices_move_between_pools_in_one_edit(sqlite: Database, tmp_path: Path) -> None:
    world, path = World(sqlite), tmp_path / "pools.yaml"
    declared(world, path, FILE.replace("is_default: true", "devices: 1"))
    moved = FILE.replace("is_default: true", "devices: 3").replace("devices: 3\n", "devices: 1\n")
    declared(world, path, moved)
    totals = {p.slug: p.total_devices for p in world.service.pools.list(CatalogueQuery()).items}
    assert totals == {"train": 1, "rest": 3}


def test_what_leaves_the_file_goes_when_nothing_runs_in_it(
    sqlite: Database, tmp_path: Path
) -> None:
    world, path = World(sqlite), tmp_path / "pools.yaml"
    world.project("churn", ann="owner")
    declared(world, path, FILE)
    world.service.pools.create("root", PoolIn(slug="mine", name="Mine"))
    lease = world.start("ann").lease
    declared(world, path, "")
    assert slugs(world) == {"mine", "train"}  # its server goes on
    assert world.service.pools.get("train").is_draining
    assert not world.choices("ann").is_required
    with sqlite.write() as session:
        world.leases.end(session, lease or 0, "stopped")
    declared(world, path, "")
    assert slugs(world) == {"mine"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("pools: [", "cannot be read as YAML"),
        ("pools: {}", "pools"),
        ("pools: [{slug: P, name: P}]", "pools.0.slug"),
        ("pools: [{slug: p, name: P, gpus: 3}]", "pools.0.gpus"),
        ("- 1", "the file"),
        ("!!python/object/apply:os.system [true]", "cannot be read as YAML"),
        (FILE.replace("devices: 3", "devices: 5"), "would have 5 devices, and there are 4"),
        (FILE.replace("pool: train", "pool: nowhere"), "no pool 'nowhere'"),
        (FILE.replace("{cpu: 4,", "{runtime_class: kata, cpu: 4,"), "no effect on one machine"),
    ],
)
def test_a_wrong_file_is_refused_whole(
    sqlite: Database, tmp_path: Path, text: str, words: str
) -> None:
    world, path = World(sqlite), tmp_path / "pools.yaml"
    with pytest.raises(SettingsError, match=words) as caught:
        declared(world, path, text)
    assert str(path) in str(caught.value)
    assert slugs(world) == set()
