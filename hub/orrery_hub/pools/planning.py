"""What a start means: the options of a person, checked, as a request to the pools and as what a server starts with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from orrery_hub.base.contracts import LaunchRequest
from orrery_hub.base.people import PersonRow
from orrery_hub.pools import errors, images, store
from orrery_hub.pools.backend import Backend, Server
from orrery_hub.pools.leases import PoolLeases
from orrery_hub.pools.options import check_choices, parse_options, project_of
from orrery_hub.pools.schemas import PoolSpec, ProfileSpec
from orrery_hub.pools.store import DeviceTypeRow, LeaseRow, PoolRow, ProfileRow
from orrery_wire.json_types import JsonObject
from orrery_wire.pools import LaunchOptions


@dataclass(frozen=True)
class Account:
    """An account and whose it is."""

    id: int
    person_id: int


@dataclass(frozen=True)
class Plan:
    """A start whose options are checked."""

    request: LaunchRequest
    options: LaunchOptions
    pool: PoolRow
    profile: ProfileRow
    spec: ProfileSpec
    image: str


class Planner:
    """Checks the options of a start."""

    def __init__(self, leases: PoolLeases, backend: Backend) -> None:
        self._leases = leases
        self._backend = backend

    def plan(
        self, session: Session, account: Account, server: str, raw: Mapping[str, Any] | None
    ) -> Plan:
        """The start that was asked for.

        Raises:
            OrreryError: the options are not what a profile takes that the person may use.
        """
        options = parse_options(raw or self._only_profile(session, account))
        profile = store.find(session, ProfileRow, options.profile)
        if profile is None or profile.is_hidden:
            raise errors.unknown_profile()
        pool = session.get_one(PoolRow, profile.pool_id)
        projects = self._leases.usable_projects(session, pool, account.person_id)
        project_id = project_of(options, pool, projects)
        spec = ProfileSpec.model_validate(profile.spec)
        check_choices(options, spec)
        if options.image and not self._backend.has_images:
            raise errors.invalid_options("Servers of this hub start from no image.")
        image = images.resolve(session, spec, options) if self._backend.has_images else ""
        slug = next((slug for slug, id_ in projects.items() if id_ == project_id), "")
        options = options.model_copy(update={"project": slug})
        return Plan(
            request_of(account, server, profile, project_id, options),
            options,
            pool,
            profile,
            spec,
            image,
        )

    def _only_profile(self, session: Session, account: Account) -> JsonObject:
        """The options of who chose nothing: the profile, if the person may use exactly one.

        Raises:
            Invalid: there is a choice.
        """
        usable = []
        for row in store.every(session, ProfileRow):
            pool = session.get_one(PoolRow, row.pool_id)
            projects = self._leases.usable_projects(session, pool, account.person_id)
            if not row.is_hidden and (pool.for_everyone or projects):
                usable.append(row.slug)
        if len(usable) != 1:
            raise errors.no_profile()
        return {"profile": usable[0]}


def account_of(session: Session, name: str, person_id: int) -> Account:
    """The account of a name, which is a person's."""
    id_ = session.scalar(select(PersonRow.id).where(PersonRow.hub_name == name))
    return Account(person_id if id_ is None else id_, person_id)


def request_of(
    account: Account,
    server: str,
    profile: ProfileRow,
    project_id: int | None,
    options: LaunchOptions | None = None,
) -> LaunchRequest:
    """What a start with a profile asks of its pool."""
    return LaunchRequest(
        person_id=account.person_id,
        account_id=account.id,
        server_name=server,
        project_id=project_id,
        pool_id=profile.pool_id,
        profile_id=profile.id,
        devices=profile.devices,
        cpu=profile.cpu,
        memory_bytes=profile.memory_bytes,
        is_spot=profile.is_spot,
        options=options.model_dump(mode="json") if options else {},
    )


def server_of(session: Session, plan: Plan, lease: LeaseRow) -> Server:
    """What the server of a plan starts with, once it has its lease."""
    options, spec = plan.options, plan.spec
    type_id = plan.pool.device_type_id
    scripts = (spec.startup_script, options.startup_script)
    return Server(
        lease_id=lease.id,
        profile=plan.profile.slug,
        name=plan.profile.name,
        pool=plan.pool.slug,
        project=options.project,
        spec=spec,
        pool_spec=PoolSpec.model_validate(plan.pool.spec),
        resource=session.get_one(DeviceTypeRow, type_id).resource if type_id else "",
        devices=lease.devices,
        device_ids=tuple(lease.device_ids),
        is_spot=lease.is_spot,
        image=plan.image,
        environment=spec.environment | options.environment,
        startup_script="\n".join(script for script in scripts if script),
        datasets=tuple(item for item in spec.datasets if item.name in options.datasets),
    )
