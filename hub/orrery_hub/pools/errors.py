"""Why a server does not start: each cause in words, with what to do. ``details["cause"]`` names it for programs."""

from __future__ import annotations

from collections.abc import Iterable

from orrery_wire.errors import Conflict, Forbidden, Invalid, NotFound, OrreryError
from orrery_wire.pools import Cause

_ASK = "Choose another profile, or ask an administrator of the hub."


def cause_of(error: OrreryError) -> Cause:
    """The cause that an error names; ``budget`` for an error of another capability."""
    cause: Cause = error.details.get("cause", "budget")
    return cause


def unknown_profile() -> NotFound:
    """The profile does not exist, or is not for this person: the answer is the same, and reveals neither."""
    return NotFound(
        "You cannot start a server with this profile",
        reason="There is no such profile, or none of your projects may use its pool.",
        remedy="Open the page of server options and choose one of the profiles there.",
        details={"cause": "project"},
    )


def no_queue() -> NotFound:
    """Nobody can wait here."""
    return NotFound(
        "There is no queue here",
        reason="No profile is declared, so nobody waits for one.",
        remedy="Try to start the server instead.",
    )


def no_profile() -> Invalid:
    """Nothing was chosen where there is a choice."""
    return Invalid(
        "No hardware profile was chosen",
        reason="On this hub every server runs with one of the profiles of its pools.",
        remedy="Open the page of server options, or send the profile's name as `profile`.",
    )


def invalid_options(reason: str) -> Invalid:
    """The options of a server are not what its profile takes."""
    return Invalid(
        "The server cannot start with these options",
        reason=reason,
        remedy="Correct them on the page of server options.",
    )


def foreign_project() -> NotFound:
    """The server is to work for a project that the person does not work in, or that may not use the pool."""
    return NotFound(
        "The server cannot work for this project",
        reason="There is no such project, you are at most a viewer of it, or it may not use this pool.",
        remedy="Choose another project.",
        details={"cause": "project"},
    )


def needs_project(slugs: Iterable[str]) -> Invalid:
    """The pool is for projects, and none was chosen."""
    return Invalid(
        "Choose the project that the server works for",
        reason=f"This pool is for projects. Yours that may use it: {', '.join(sorted(slugs))}.",
        remedy="Choose one of them.",
        details={"cause": "project"},
    )


def too_many_devices(pool: str, devices: int, total: int) -> Conflict:
    """The pool will never have as many devices as the profile needs."""
    return Conflict(
        f"{pool} is too small for this profile",
        reason=f"The profile needs {devices}, and the pool has {total} in all.",
        remedy=_ASK,
        details={"cause": "no_device", "is_final": True},
    )


def draining(pool: str, reason: str) -> Conflict:
    """The pool takes no new server."""
    return Conflict(
        f"{pool} takes no new servers now",
        reason=reason or "An administrator drains it, which leaves running servers alone.",
        remedy="Choose a profile of another pool, or try again later.",
        details={"cause": "draining"},
    )


def person_limit(pool: str, used: int, limit: int) -> Conflict:
    """The person holds as many devices as one may."""
    return Conflict(
        "You hold as many devices as one person may",
        reason=f"In {pool} that is {limit}, and your servers hold {used}.",
        remedy="Stop one of your servers, or choose a smaller profile.",
        details={"cause": "person_limit"},
    )


def project_limit(pool: str, used: int, limit: int) -> Conflict:
    """The project holds as many devices as it was granted."""
    return Conflict(
        "The project holds as many devices as it may",
        reason=f"In {pool} that is {limit}, and its servers hold {used}.",
        remedy="Wait until one of them stops, or choose another project or profile.",
        details={"cause": "project_limit"},
    )


def server_limit(pool: str, limit: int) -> Conflict:
    """The pool runs as many servers as it may."""
    return Conflict(
        f"{pool} is full",
        reason=f"It runs {limit} servers at once, and that many run.",
        remedy="Wait until one stops, or choose a profile of another pool.",
        details={"cause": "server_limit"},
    )


def no_device(pool: str, devices: int, free: int) -> Conflict:
    """All devices are in use."""
    has = "none is" if free == 0 else f"only {free} {'is' if free == 1 else 'are'}"
    return Conflict(
        f"No {'device' if devices == 1 else f'{devices} devices'} of {pool} {'is' if devices == 1 else 'are'} free",
        reason=f"The profile needs {devices}, and {has} free.",
        remedy="Wait until a server stops, or choose another profile.",
        details={"cause": "no_device"},
    )


def may_not_queue() -> Forbidden:
    """The person's role at the hub neither requests devices nor claims them."""
    return Forbidden(
        "You may not request or claim devices",
        reason="It needs the permission custom:orrery:queue:write, which your role at the hub does not have.",
        remedy="Choose a profile that is free, or ask an administrator of the hub for another role.",
        details={"cause": "project"},
    )


def starts_elsewhere() -> Conflict:
    """Two starts of one server at once: the other one was first."""
    return Conflict(
        "This server is being started already",
        reason="It took its place in the pool a moment ago, by another request.",
        remedy="Look at the list of your servers.",
        details={"cause": "queue"},
    )


def must_wait(pool: str) -> Conflict:
    """Others were there first."""
    return Conflict(
        f"Others wait for {pool}",
        reason="What becomes free goes to those in the queue, in their order.",
        remedy="Take a place in the queue, or choose another profile.",
        details={"cause": "queue"},
    )


def is_declared(what: str) -> Forbidden:
    """What comes from the file of pools is not changed by a request."""
    return Forbidden(
        f"This {what} is declared in the hub's file of pools",
        reason="The next start of the hub service would undo the change.",
        remedy="Change it in that file and restart the hub service.",
    )


def not_declared(what: str, slug: str) -> NotFound:
    """There is nothing of that name."""
    return NotFound(
        f"There is no {what} {slug!r}",
        reason="It was never declared, or it was deleted.",
        remedy="Look at the list.",
    )


def slug_taken(what: str, slug: str) -> Conflict:
    """Something has that name already."""
    return Conflict(
        f"There is a {what} {slug!r} already",
        reason="Its short name is in use.",
        remedy="Choose another short name.",
    )


def in_use(what: str, by: str) -> Conflict:
    """Something that is needed cannot be deleted."""
    return Conflict(
        f"This {what} is in use",
        reason=by,
        remedy="Free it first.",
    )


def does_not_fit(reason: str) -> Conflict:
    """The sum of the pools would not be what there is."""
    return Conflict(
        "The pools do not fit into what there is",
        reason=reason,
        remedy="Make another pool smaller first, or raise the number of devices of the type.",
    )
