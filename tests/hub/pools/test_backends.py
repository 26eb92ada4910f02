"""One contract for every place where servers run."""

from __future__ import annotations

from typing import Any

import pytest

from orrery_hub.base.db import Database
from orrery_hub.pools.backend import Server
from orrery_hub.pools.schemas import DeviceTypeIn, PoolIn, ProfileIn, ProfileSpec
from orrery_wire.errors import Invalid
from tests.hub.pools.worlds import BACKENDS, World

TYPE = DeviceTypeIn(slug="a100", name="A100", resource="nvidia.com/gpu", count=4)
MOUNTS = {
    "local": {"source": "/srv/data", "path": "/data", "is_read_only": False},
    "kubernetes": {"source": "pvc://data/iris", "path": "/data"},
}


def profile(**spec: Any) -> ProfileIn:
    return ProfileIn(slug="p", pool="p", name="P", spec=ProfileSpec(**spec))


@pytest.mark.parametrize("place", BACKENDS)
class TestEveryPlace:
    """What the hub service relies on, wherever servers run."""

    def test_devices_are_counted_and_come_back(self, sqlite: Database, place: str) -> None:
        world = World(sqlite, place)
        world.declare(devices=3, profile={"devices": 2})
        launch = world.start("ann")
        assert world.used() == (2, 1)
        with pytest.raises(Exception, match="free"):
            world.start("bob")
        with sqlite.write() as session:
            world.leases.end(session, launch.lease or 0, "stopped")
        assert world.start("bob").lease
        assert world.used() == (2, 1)

    def test_a_launch_carries_what_was_chosen(self, place: str) -> None:
        spec = ProfileSpec(
            cpu=2,
            cpu_limit=4,
            memory_bytes=1 << 30,
            memory_limit_bytes=1 << 31,
            start_timeout_seconds=900,
            mounts=({"name": "data", **MOUNTS[place]},),  # type: ignore[arg-type]
        )
        server = Server(
            7,
            "big",
            "Big",
            "gpu",
            "churn",
            spec,
            resource="nvidia.com/gpu",
            devices=2,
            device_ids=(1, 3),
            environment={"A": "{braces}"},
            startup_script="true",
        )
        launch = BACKENDS[place]().launch(server)
        assert (launch.lease, launch.profile, launch.start_timeout_seconds) == (7, "big", 900)
        assert launch.environment["A"] == "{braces}"
        assert launch.startup_script == "true"
        assert (launch.cpu_limit, launch.memory_limit_bytes) == (4, 1 << 31)
        assert type(launch).model_validate_json(launch.model_dump_json()) == launch
        has_devices = launch.environment.get("CUDA_VISIBLE_DEVICES") == "1,3" or (
            launch.overrides["extra_resource_limits"] == {"nvidia.com/gpu": "2"}
        )
        assert has_devices
        assert launch.links == {"data": "/srv/data"} or launch.overrides["volumes"]

    @pytest.mark.parametrize("name", ["JUPYTERHUB_API_TOKEN", "ORRERY_HUB_URL", "HOME"])
    def test_nobody_sets_what_the_hub_sets(self, place: str, name: str) -> None:
        with pytest.raises(Invalid, match=name):
            BACKENDS[place]().check_profile(profile(environment={name: "x"}), TYPE)

    @pytest.mark.parametrize("source", ["s3://bucket/x", "relative", "hostpath:///etc"])
    def test_a_volume_that_cannot_be_mounted_is_refused(self, place: str, source: str) -> None:
        mount = {"name": "m", "source": source, "path": "/data", "is_read_only": False}
        with pytest.raises(Invalid, match="'m' cannot be made"):
            BACKENDS[place]().check_profile(profile(mounts=[mount]), TYPE)


@pytest.mark.parametrize(
    "field",
    [
        {"node_selector": {"zone": "a"}},
        {"tolerations": [{"key": "gpu", "operator": "Exists"}]},
        {"priority_class": "high"},
        {"runtime_class": "nvidia"},
        {"storage_bytes": 1},
        {"secrets": [{"variable": "A", "secret": "s", "key": "k"}]},
        {"image_pull_policy": "Always"},
        {"max_seconds": 3_600},
        {"node_affinity": [{"matchExpressions": []}]},
    ],
)
def test_one_machine_ignores_nothing_silently(field: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match="no effect on one machine"):
        BACKENDS["local"]().check_profile(profile(**field), None)
    BACKENDS["kubernetes"]().check_profile(profile(**field), TYPE)


def test_what_only_a_cluster_has_is_refused_elsewhere() -> None:
    local, cluster = BACKENDS["local"](), BACKENDS["kubernetes"]()
    selected = PoolIn(slug="p", name="P", spec={"node_selector": {"zone": "a"}})  # type: ignore[arg-type]
    with pytest.raises(Invalid, match="node_selector"):
        local.check_pool(selected, None)
    cluster.check_pool(selected, None)
    with pytest.raises(Invalid, match="is_spot"):
        local.check_profile(profile().model_copy(update={"is_spot": True}), None)
    with pytest.raises(Invalid, match="no name in Kubernetes"):
        cluster.check_pool(selected, TYPE.model_copy(update={"resource": ""}))
    with pytest.raises(Invalid, match="limit of memory"):
        cluster.check_profile(profile(memory_bytes=2, memory_limit_bytes=1), TYPE)
    read_only = {"name": "m", "source": "/srv", "path": "/data"}
    with pytest.raises(Invalid, match="is_read_only"):
        local.check_profile(profile(mounts=[read_only]), None)
    above = {"name": "m", "source": "/srv", "path": "/../x", "is_read_only": False}
    with pytest.raises(Invalid, match="home"):
        local.check_profile(profile(mounts=[above]), None)
