"""A pool of devices and a pool without, as an administrator declares them."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from orrery_hub.base.db import now
from orrery_hub.pools.store import DeviceTypeRow, PoolRow, ProfileRow


def declare(session: Session, *, devices: int = 2, **pool: Any) -> PoolRow:
    """Pool `gpu` with a profile `gpu` of one device and `large` of two, and pool `cpu` with a profile `cpu`."""
    times = {"created": now(), "updated": now(), "is_declared": False}
    kind = DeviceTypeRow(
        slug="a100", name="A100", resource="nvidia.com/gpu", mig_slice="", count=devices, **times
    )
    session.add(kind)
    session.flush()
    common: dict[str, Any] = {
        "description": "",
        "is_default": False,
        "for_everyone": True,
        "is_draining": False,
        "drain_reason": "",
        "max_servers": None,
        "devices_per_person": None,
        "spec": {},
        "position": 0,
    } | times
    gpu = PoolRow(
        slug="gpu", name="A100s", **common | {"device_type_id": kind.id, "devices": devices} | pool
    )
    cpu = PoolRow(slug="cpu", name="CPUs", device_type_id=None, devices=None, **common)
    session.add_all([gpu, cpu])
    session.flush()
    for slug, row, count in (("gpu", gpu, 1), ("large", gpu, 2), ("cpu", cpu, 0)):
        session.add(
            ProfileRow(
                slug=slug,
                name=slug,
                pool_id=row.id,
                description="",
                devices=count,
                cpu=1.0,
                memory_bytes=2**30,
                is_spot=False,
                is_hidden=False,
                position=0,
                spec={},
                **times,
            )
        )
    session.flush()
    return gpu
