"""The capabilities that are installed, read from the entry points ``orrery.capabilities``; one that cannot be used takes only itself away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint

from traitlets import TraitError

from orrery_server.base.backend import installed
from orrery_server.base.manifest import NAME, Capability
from orrery_server.base.routes import RouteError
from orrery_server.base.schemas import OffCapability
from orrery_server.base.service import Service
from orrery_wire.errors import OrreryError

GROUP = "orrery.capabilities"
# Names of the base's own routes.
RESERVED = frozenset({"status"})


@dataclass(frozen=True)
class Installed:
    """The capabilities that can be used, by name, and why the others cannot."""

    capabilities: tuple[Capability, ...]
    off: tuple[OffCapability, ...]


def capabilities() -> tuple[Capability, ...]:
    """Every installed capability that can be used, by name; raises like ``load_installed``."""
    return load_installed().capabilities


@cache
def load_installed() -> Installed:
    """Import every installed manifest; one that cannot be used takes only itself away.

    Raises:
        RouteError: there is none.
    """
    points: dict[str, list[EntryPoint]] = {}
    for point in installed().select(group=GROUP):
        points.setdefault(point.name, []).append(point)
    if not points:
        raise RouteError(f"no entry point {GROUP!r} is installed: install jupyter-orrery again")
    manifests: list[Capability] = []
    off: list[OffCapability] = []
    for name in sorted(points):
        try:
            manifests.append(_manifest(name, points[name]))
        except (Exception, SystemExit) as problem:  # noqa: BLE001 - the edge to what others have installed
            brought_by = " and ".join(sorted(map(_distribution, points[name])))
            off.append(off_capability(name, name.title(), problem, brought_by))
    return Installed(tuple(manifests), tuple(off))


def _manifest(name: str, points: Sequence[EntryPoint]) -> Capability:
    if not NAME.match(name):
        raise RouteError(f"a capability is named by small letters, not {name!r}")
    if name in RESERVED:
        raise RouteError(f"the name {name!r} is Orrery's own")
    if len(points) > 1:
        raise RouteError(f"{len(points)} distributions bring a capability {name!r}")
    (point,) = points
    manifest = point.load()
    if not isinstance(manifest, Capability) or manifest.name != name:
        raise RouteError(f"{point.value} is not the manifest of a capability {name!r}")
    if not (isinstance(manifest.service, type) and issubclass(manifest.service, Service)):
        raise RouteError(f"the service of {name} is no Service")
    for endpoint in manifest.endpoints:
        if endpoint.route.path.split("/")[0] != name:
            raise RouteError(f"{name} answers at {endpoint.route.path}, outside its own part")
    return manifest


def _distribution(point: EntryPoint) -> str:
    return point.dist.name if point.dist else point.value


def off_capability(
    name: str, title: str, problem: BaseException, brought_by: str = ""
) -> OffCapability:
    """Why a capability cannot be used, from the exception that said so, and what to do."""
    reason = str(problem).strip() or type(problem).__name__
    remedy = "Correct its settings or what it needs, and start the server again; its log has the details."
    if isinstance(problem, OrreryError):
        reason, remedy = f"{problem.message}. {problem.reason}".strip(), problem.remedy or remedy
    elif isinstance(problem, ImportError):
        reason = f"It cannot be imported: {reason}"
    elif not isinstance(problem, RouteError | TraitError):
        reason = f"{type(problem).__name__}: {reason}"
    if brought_by:
        reason = f"{reason} (from {brought_by})"
        remedy = f"Update or uninstall {brought_by}, and start the server again."
    return OffCapability(name=name, title=title, reason=reason[:1_000], remedy=remedy)
