"""Options of a start: read, checked against a profile, and taken along to another."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

from pydantic import ValidationError

from orrery_hub.pools import errors
from orrery_hub.pools.backend import refuse_reserved
from orrery_hub.pools.schemas import ProfileSpec
from orrery_hub.pools.store import PoolRow
from orrery_wire.json_types import JsonObject
from orrery_wire.pools import LaunchOptions


def parse_options(options: Mapping[str, Any]) -> LaunchOptions:
    """The options that a form or the API sent.

    Raises:
        Invalid: they are none.
    """
    try:
        return LaunchOptions.model_validate(dict(options))
    except ValidationError as problem:
        texts = [
            f"{'.'.join(map(str, error['loc'])) or 'options'}: {error['msg']}"
            for error in problem.errors()[:5]
        ]
        raise errors.invalid_options("; ".join(texts) + ".") from None


def parse_last(options: JsonObject | None) -> LaunchOptions | None:
    """What was chosen the last time; None if that cannot be read any more."""
    try:
        return LaunchOptions.model_validate(options) if options else None
    except ValidationError:
        return None  # written by a version that took more


def project_of(options: LaunchOptions, pool: PoolRow, projects: Mapping[str, int]) -> int | None:
    """The project that a server works for.

    Raises:
        OrreryError: it may not, or there is a choice.
    """
    if options.project:
        if options.project not in projects:
            raise (
                errors.foreign_project()
                if pool.for_everyone or projects
                else errors.unknown_profile()
            )
        return projects[options.project]
    if pool.for_everyone:
        return None
    if not projects:
        raise errors.unknown_profile()
    if len(projects) > 1:
        raise errors.needs_project(projects)
    return next(iter(projects.values()))


def check_choices(options: LaunchOptions, spec: ProfileSpec) -> None:
    """Refuse what a profile does not take.

    Raises:
        Invalid: it takes no such variables, script or dataset.
    """
    refuse_reserved(list(options.environment))
    if options.environment and not spec.may_set_environment:
        raise errors.invalid_options("This profile takes no environment variables.")
    if options.startup_script and not spec.may_set_startup_script:
        raise errors.invalid_options("This profile takes no startup script.")
    unknown = set(options.datasets) - {item.name for item in spec.datasets}
    if unknown:
        raise errors.invalid_options(f"This profile has no dataset {min(unknown)!r}.")


def taken_along(
    options: LaunchOptions, profile: str, spec: ProfileSpec, projects: Container[str]
) -> LaunchOptions:
    """The options of a start with another profile: what was chosen, as far as that profile takes it.

    ``projects`` are those for which the person may use its pool.
    """
    datasets = {item.name for item in spec.datasets}
    has_image = not spec.images or options.image in spec.images
    return LaunchOptions(
        profile=profile,
        project=options.project if options.project in projects else "",
        image=options.image if has_image else "",
        tag=options.tag if has_image else "",
        environment=options.environment if spec.may_set_environment else {},
        startup_script=options.startup_script if spec.may_set_startup_script else "",
        datasets=tuple(name for name in options.datasets if name in datasets),
    )
