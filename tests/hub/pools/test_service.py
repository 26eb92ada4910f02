"""What administrators declare: pools that add up to what there is, profiles, images, grants."""

from __future__ import annotations

from typing import Any

import pytest

from orrery_hub.base.db import Database
from orrery_hub.pools.schemas import (
    CatalogueQuery,
    DeviceTypeIn,
    GrantIn,
    ImageIn,
    PoolIn,
    ProfileIn,
)
from orrery_wire.errors import Conflict, Invalid, NotFound, OrreryError
from orrery_wire.schemas import PageQuery
from tests.hub.pools.worlds import World

ALL = CatalogueQuery()


def pool(**more: Any) -> PoolIn:
    return PoolIn(**{"slug": "p", "name": "P", "for_everyone": True} | more)


def test_the_sum_of_the_pools_is_what_there_is(database: Database) -> None:
    world = World(database)
    service, pools = world.service, world.service.pools
    type_ = DeviceTypeIn(slug="a100", name="A100", count=8)
    service.device_types.create("root", type_)
    pools.create("root", pool(slug="rest", name="Rest", device_type="a100", is_default=True))
    pools.create("root", pool(slug="train", name="Train", device_type="a100", devices=5))
    totals = {item.slug: item.total_devices for item in pools.list(ALL).items}
    assert totals == {"rest": 3, "train": 5}
    (shape,) = service.device_types.list(ALL).items
    assert (shape.count, shape.in_pools, shape.used) == (8, 8, 0)
    with pytest.raises(Conflict, match="would have 9 devices, and there are 8"):
        pools.create("root", pool(device_type="a100", devices=4))
    with pytest.raises(Conflict, match="two default pools"):
        pools.create("root", pool(device_type="a100", is_default=True))
    service.profiles.create("root", ProfileIn(slug="gpu", pool="rest", name="G", devices=2))
    world.start("ann")
    with pytest.raises(Conflict, match="hold 2 devices, and it would have 1"):
        pools.replace("root", "train", pool(slug="train", device_type="a100", devices=7))
    with pytest.raises(Conflict):
        service.device_types.replace("root", "a100", type_.model_copy(update={"count": 6}))
    service.device_types.replace("root", "a100", type_.model_copy(update={"count": 16}))
    assert pools.get("rest").total_devices == 11
    for kind, slug in ((service.device_types, "a100"), (pools, "rest")):
        with pytest.raises(Conflict, match="in use"):
            kind.delete("root", slug)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"devices": 1}, "without a device type"),
        ({"is_default": True}, "without a device type"),
        ({"device_type": "a100"}, "needs the number"),
        ({"device_type": "a100", "is_default": True, "devices": 1}, "what the others leave"),
        ({"device_type": "h100", "devices": 1}, "no device type 'h100'"),
    ],
)
def test_a_pool_that_cannot_be_is_refused(
    sqlite: Database, fields: dict[str, Any], words: str
) -> None:
    service = World(sqlite).service
    service.device_types.create("root", DeviceTypeIn(slug="a100", name="A100", count=8))
    with pytest.raises(OrreryError) as caught:
        service.pools.create("root", pool(**fields))
    assert words in str(caught.value)


def test_what_is_deleted_frees_its_name_and_stays_in_leases(sqlite: Database) -> None:
    world = World(sqlite)
    world.declare(slug="cpu")
    lease = world.start("ann", "cpu").lease
    with pytest.raises(Conflict, match="servers run"):
        world.service.pools.delete("root", "cpu")
    with world.database.write() as session:
        world.leases.end(session, lease or 0, "stopped")
    with pytest.raises(Conflict, match="profile"):
        world.service.pools.delete("root", "cpu")
    world.service.profiles.delete("root", "cpu")
    world.service.pools.delete("root", "cpu")
    with pytest.raises(NotFound):
        world.service.pools.get("cpu")
    world.declare(slug="cpu")
    from orrery_wire.pools import LeaseQuery

    (item,) = world.service.leases(LeaseQuery(state="")).items
    assert (item.pool, item.profile) == ("cpu", "cpu")
    with pytest.raises(Conflict, match="already"):
        world.service.pools.create("root", pool(slug="cpu"))


def test_grants_are_paged_and_counted(sqlite: Database) -> None:
    world = World(sqlite)
    for slug in ("b", "a", "c"):
        world.project(slug, ann="owner")
    world.declare(devices=4, for_everyone=False)
    for slug, devices in (("b", None), ("a", 2), ("c", 1)):
        world.grant("gpu", slug, devices)
    world.start("ann", project="a")
    page = world.service.grants("gpu", PageQuery(limit=2))
    assert [(g.project, g.devices, g.used_devices) for g in page.items] == [
        ("a", 2, 1),
        ("b", None, 0),
    ]
    assert page.total == 3
    world.service.revoke("root", "gpu", "a")
    assert world.used() == (1, 3)
    with pytest.raises(NotFound):
        world.start("ann", project="a", server="x")
    with pytest.raises(NotFound):
        world.service.grant("root", "gpu", "nowhere", GrantIn())


def test_images_redirect_hide_and_keep_to_their_policy_of_tags(sqlite: Database) -> None:
    world = World(sqlite, "kubernetes")
    digest = f"sha256:{'0' * 64}"
    world.image("new", tag="2026.11", tag_pattern=r"2026\.\d\d", labels={"hardened": "yes"})
    world.image("old", tag="2020.1", redirect_to="new")
    world.image("pinned", digest=digest)
    world.image("secret", is_hidden=True)
    world.declare(devices=9, profile={"spec": {"default_image": "new"}})

    def image(**options: Any) -> Any:
        return world.start("ann", **options).overrides["image"]

    assert image() == image(image="old") == "registry.example/new:2026.11"
    assert image(image="new", tag="2026.01") == "registry.example/new:2026.01"
    assert image(image="pinned") == f"registry.example/pinned@{digest}"
    # `re.match` would take what begins with an allowed tag.
    for options in (
        {"tag": "2026.01-evil"},
        {"tag": "latest"},
        {"image": "secret"},
        {"image": "nowhere"},
        {"image": "pinned", "tag": "latest"},
    ):
        with pytest.raises(Invalid):
            image(**options)
    choices = world.choices("ann")
    assert [item.slug for item in choices.images] == ["new", "pinned"]
    assert choices.images[0].labels == {"hardened": "yes"}
    assert choices.profiles[0].images == ("new", "pinned")
    images = world.service.images
    with pytest.raises(Invalid, match="circle"):
        images.replace(
            "root", "new", ImageIn(slug="new", name="n", reference="r/n", redirect_to="old")
        )
    for slug in ("new",):
        with pytest.raises(Conflict, match="in use"):
            images.delete("root", slug)
    images.delete("root", "secret")
    with pytest.raises(Invalid, match="tag or a digest"):
        images.create("root", ImageIn(slug="x", name="x", reference="r/x", tag="1", digest=digest))
    with pytest.raises(ValueError, match="no regular expression"):
        ImageIn(slug="x", name="x", reference="r/x", tag_pattern="(")


def test_lists_are_searched_and_sorted(sqlite: Database) -> None:
    pools = World(sqlite).service.pools
    for position, name in ((2, "Alpha"), (1, "Beta"), (1, "aleph")):
        pools.create("root", pool(slug=name.lower(), name=name, position=position))

    def slugs(**query: Any) -> list[str]:
        return [item.slug for item in pools.list(CatalogueQuery(**query)).items]

    assert slugs() == ["aleph", "beta", "alpha"]
    assert slugs(sort="name") == ["aleph", "alpha", "beta"]
    assert slugs(sort="created", descending=True) == ["aleph", "beta", "alpha"]
    assert slugs(q="AL ph") == ["aleph", "alpha"]
    assert slugs(limit=1, offset=1) == ["beta"]


def test_the_audit_holds_no_value_of_a_variable_and_no_script(sqlite: Database) -> None:
    from orrery_hub.audit.schemas import AuditQuery
    from orrery_hub.audit.service import AuditService

    world = World(sqlite)
    spec = {"environment": {"TOKEN": "canary-1"}, "startup_script": "export X=canary-2"}
    world.declare(slug="cpu", profile={"spec": spec})
    text = AuditService(sqlite).page(AuditQuery()).model_dump_json()
    assert "canary" not in text
    assert "TOKEN" in text
