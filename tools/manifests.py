"""The manifests that pages and clients are made from."""

from __future__ import annotations

from orrery_server.base.installed import load_installed
from orrery_server.base.manifest import Capability


def every_capability() -> tuple[Capability, ...]:
    """Every installed capability, by name.

    Raises:
        SystemExit: one cannot be used here, so that what is written would leave it out.
    """
    installed = load_installed()
    if installed.off:
        reasons = "\n".join(f"  {each.name}: {each.reason}" for each in installed.off)
        raise SystemExit(
            f"These capabilities would be left out:\n{reasons}\nInstall what they need: make install"
        )
    return installed.capabilities
