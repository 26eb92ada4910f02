"""The kinds of what administrators declare: types of devices, pools, profiles, images."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from orrery_hub.base.contracts import RecordChange, no_record
from orrery_hub.base.db import Database
from orrery_hub.pools import errors, store
from orrery_hub.pools.backend import Backend
from orrery_hub.pools.declarations import Declarations
from orrery_hub.pools.schemas import (
    DeviceType,
    DeviceTypeIn,
    Image,
    ImageIn,
    Pool,
    PoolIn,
    Profile,
    ProfileIn,
)
from orrery_hub.pools.store import DeviceTypeRow, ImageRow, PoolRow, ProfileRow
from orrery_wire.errors import Invalid
from orrery_wire.json_types import JsonObject

_TIMES = ("id", "is_declared", "created", "updated")


class DeviceTypes(Declarations[DeviceTypeIn, DeviceType, DeviceTypeRow]):
    """Types of devices; the pools of a type never hold more than there are."""

    what, action, table = "device type", "device_type", DeviceTypeRow

    def values(
        self, session: Session, request: DeviceTypeIn, row: DeviceTypeRow | None
    ) -> JsonObject:
        """The columns of a type."""
        return request.model_dump()

    def shape(self, session: Session, row: DeviceTypeRow) -> DeviceType:
        """A type with its use."""
        pools = store.pools_of_type(session, row.id)
        use = store.usage_by_pool(session)
        return DeviceType(
            **_columns(row, DeviceTypeIn),
            in_pools=sum(store.total_devices(session, pool) or 0 for pool in pools),
            used=sum(use.get(pool.id, (0, 0))[0] for pool in pools),
            id=row.id,
            is_declared=row.is_declared,
        )

    def refuse_delete(self, session: Session, row: DeviceTypeRow) -> None:
        """Refuse while a pool holds devices of it."""
        if pools := store.pools_of_type(session, row.id):
            raise errors.in_use(self.what, f"The pool {pools[0].name} has devices of it.")

    def after_change(self, session: Session, row: DeviceTypeRow) -> None:
        """The pools fit."""
        require_fit(session, row.id)


class Pools(Declarations[PoolIn, Pool, PoolRow]):
    """Pools: devices of one type, or servers without any."""

    what, action, table = "pool", "pool", PoolRow

    def __init__(
        self, database: Database, backend: Backend, *, record: RecordChange = no_record
    ) -> None:
        super().__init__(database, record=record)
        self._backend = backend

    def values(self, session: Session, request: PoolIn, row: PoolRow | None) -> JsonObject:
        """The columns of a pool."""
        _check_devices(request)
        type_ = _device_type(session, request.device_type)
        self._backend.check_pool(request, _type_shape(type_))
        values = request.model_dump(exclude={"device_type"}, mode="json")
        values["device_type_id"] = type_.id if type_ else None
        if row is None:
            values |= {"is_draining": False, "drain_reason": ""}
        elif (
            row.device_type_id != values["device_type_id"]
            and store.usage(session, pool_id=row.id)[1]
        ):
            raise errors.in_use(self.what, "Servers run in it, with devices of its present type.")
        return values

    def shape(self, session: Session, row: PoolRow) -> Pool:
        """A pool with its use."""
        total = store.total_devices(session, row)
        used, servers = store.usage(session, pool_id=row.id)
        type_ = session.get(DeviceTypeRow, row.device_type_id) if row.device_type_id else None
        return Pool(
            **_columns(row, PoolIn, "device_type"),
            device_type=type_.slug if type_ else "",
            total_devices=total,
            used_devices=used,
            free_devices=None if total is None else max(0, total - used),
            servers=servers,
            is_draining=row.is_draining,
            drain_reason=row.drain_reason,
            **{name: getattr(row, name) for name in _TIMES},
        )

    def refuse_delete(self, session: Session, row: PoolRow) -> None:
        """Refuse while servers run in it, or a profile belongs to it."""
        if servers := store.usage(session, pool_id=row.id)[1]:
            raise errors.in_use(self.what, f"{servers} servers run in it.")
        profiles = [item for item in store.every(session, ProfileRow) if item.pool_id == row.id]
        if profiles:
            raise errors.in_use(self.what, f"The profile {profiles[0].name} belongs to it.")

    def after_change(self, session: Session, row: PoolRow) -> None:
        """The pools of the type fit."""
        if row.device_type_id is not None:
            require_fit(session, row.device_type_id)


class Profiles(Declarations[ProfileIn, Profile, ProfileRow]):
    """Hardware profiles."""

    what, action, table = "profile", "profile", ProfileRow

    def __init__(
        self, database: Database, backend: Backend, *, record: RecordChange = no_record
    ) -> None:
        super().__init__(database, record=record)
        self._backend = backend

    def values(self, session: Session, request: ProfileIn, row: ProfileRow | None) -> JsonObject:
        """The columns of a profile."""
        pool = store.find(session, PoolRow, request.pool)
        if pool is None:
            raise errors.not_declared("pool", request.pool)
        type_ = session.get(DeviceTypeRow, pool.device_type_id) if pool.device_type_id else None
        if request.devices and type_ is None:
            raise Invalid(
                f"The pool {pool.name} has no devices",
                reason=f"The profile asks for {request.devices}.",
                remedy="Choose a pool with devices, or ask for none.",
            )
        self._backend.check_profile(request, _type_shape(type_))
        for slug in (*request.spec.images, request.spec.default_image):
            if slug and store.find(session, ImageRow, slug) is None:
                raise errors.not_declared("image", slug)
        return request.model_dump(exclude={"pool"}, mode="json") | {
            "pool_id": pool.id,
            "cpu": request.spec.cpu,
            "memory_bytes": request.spec.memory_bytes,
        }

    def shape(self, session: Session, row: ProfileRow) -> Profile:
        """A profile with its pool."""
        pool = session.get_one(PoolRow, row.pool_id)
        type_ = session.get(DeviceTypeRow, pool.device_type_id) if pool.device_type_id else None
        return Profile(
            **_columns(row, ProfileIn, "pool"),
            pool=pool.slug,
            mig_slice=type_.mig_slice if type_ else "",
            **{name: getattr(row, name) for name in _TIMES},
        )

    def refuse_delete(self, session: Session, row: ProfileRow) -> None:
        """Nothing needs it: a server that runs with it goes on."""


class Images(Declarations[ImageIn, Image, ImageRow]):
    """Images of the catalogue."""

    what, action, table = "image", "image", ImageRow

    def values(self, session: Session, request: ImageIn, row: ImageRow | None) -> JsonObject:
        """The columns of an image."""
        if request.tag and request.digest:
            raise Invalid(
                "An image has a tag or a digest",
                reason="With a digest the tag would mean nothing.",
                remedy="Leave one of them out.",
            )
        follow_redirects(session, request.redirect_to, {request.slug})
        return request.model_dump()

    def shape(self, session: Session, row: ImageRow) -> Image:
        """An image."""
        times = {name: getattr(row, name) for name in _TIMES}
        return Image(**_columns(row, ImageIn), **times)

    def refuse_delete(self, session: Session, row: ImageRow) -> None:
        """Refuse while a profile or another image names it."""
        for profile in store.every(session, ProfileRow):
            spec = profile.spec
            if row.slug in (*spec["images"], spec["default_image"]):
                raise errors.in_use(self.what, f"The profile {profile.name} offers it.")
        for other in store.every(session, ImageRow):
            if other.redirect_to == row.slug:
                raise errors.in_use(self.what, f"The image {other.name} leads to it.")


def follow_redirects(session: Session, slug: str, seen: set[str]) -> ImageRow | None:
    """The image that one leads to in the end; None for an empty slug.

    Raises:
        NotFound: there is no such image.
        Invalid: they lead in a circle.
    """
    image: ImageRow | None = None
    while slug:
        if slug in seen:
            raise Invalid(
                "The images lead in a circle",
                reason=f"{slug} leads to itself.",
                remedy="Let the last of them lead nowhere.",
            )
        seen.add(slug)
        image = store.find(session, ImageRow, slug)
        if image is None:
            raise errors.not_declared("image", slug)
        slug = image.redirect_to
    return image


def require_fit(session: Session, device_type_id: int) -> None:
    """The pools of a type together have what there is, and none has less than its servers hold.

    Raises:
        Conflict: they have not.
    """
    type_ = session.get_one(DeviceTypeRow, device_type_id, with_for_update=True)
    pools = store.pools_of_type(session, device_type_id)
    defaults = [pool for pool in pools if pool.is_default]
    if len(defaults) > 1:
        raise errors.does_not_fit(f"{type_.name} has two default pools.")
    fixed = sum(pool.devices or 0 for pool in pools if not pool.is_default)
    if fixed > type_.count:
        raise errors.does_not_fit(
            f"The pools of {type_.name} would have {fixed} devices, and there are {type_.count}."
        )
    for pool in pools:
        used, total = store.usage(session, pool_id=pool.id)[0], store.total_devices(session, pool)
        if total is not None and used > total:
            raise errors.does_not_fit(
                f"Servers of {pool.name} hold {used} devices, and it would have {total}."
            )


def _check_devices(request: PoolIn) -> None:
    problem = ""
    if not request.device_type and (request.devices is not None or request.is_default):
        problem = "A pool without a device type has no devices and is no default pool."
    elif request.device_type and request.is_default and request.devices is not None:
        problem = "The default pool of a type has what the others leave, so it takes no number."
    elif request.device_type and not request.is_default and request.devices is None:
        problem = "A pool with a device type needs the number of its devices."
    if problem:
        raise Invalid(
            f"The pool {request.slug!r} cannot be like this",
            reason=problem,
            remedy="Correct device_type, devices and is_default.",
        )


def _device_type(session: Session, slug: str) -> DeviceTypeRow | None:
    if not slug:
        return None
    row = store.find(session, DeviceTypeRow, slug, lock=True)
    if row is None:
        raise errors.not_declared("device type", slug)
    return row


def _type_shape(row: DeviceTypeRow | None) -> DeviceTypeIn | None:
    return DeviceTypeIn(**_columns(row, DeviceTypeIn)) if row else None


def _columns(row: object, shape: type[Any], *without: str) -> JsonObject:
    return {name: getattr(row, name) for name in shape.model_fields if name not in without}
