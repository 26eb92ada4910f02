"""Profiles: where users' servers run and how users log in, one module per kind of installation.

``settings.profile`` names the module. A new profile is a module with ``configure``, a line in ``PROFILES`` and its name
in ``Settings.profile``. With ``none``, spawner and authenticator are configured in ``jupyterhub_config.py`` itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from traitlets.config import Config

from orrery_hub.profiles import kubernetes, laptop
from orrery_hub.settings import Settings


class Profile(Protocol):
    """What a profile module offers.

    ``orrery_hub.config.configure`` has already set scopes, roles, the hub service and the environment of servers when
    it calls a profile. A profile sets the rest: addresses, spawner, authenticator, proxy, database of JupyterHub.
    """

    def configure(self, c: Config, settings: Settings) -> None:
        """Write the configuration of JupyterHub; it may create folders and secrets below ``settings.home``."""


PROFILES: Mapping[str, Profile] = {"kubernetes": kubernetes, "laptop": laptop}
