"""JupyterHub under the supervisor: ``python -m orrery_hub.standalone.hub_process -f <config>``.

It is JupyterHub as it is, with two differences: it listens on the socket that the supervisor holds, and it does not
start with settings of JupyterHub that Orrery on one machine does not support.
"""

from __future__ import annotations

import socket
import sys
from typing import Any

import tornado.httpserver
from jupyterhub.app import JupyterHub

from orrery_hub.listeners import inherited_listener
from orrery_hub.settings import Settings, SettingsError

EXIT_REFUSED = 3


class InheritingServer(tornado.httpserver.HTTPServer):
    """Listens on the inherited socket of a port, if there is one."""

    def listen(
        self,
        port: int,
        address: str | None = None,
        family: socket.AddressFamily = socket.AF_UNSPEC,
        backlog: int = 2048,
        flags: int | None = None,
        reuse_port: bool = False,
    ) -> None:
        """Listen at a port."""
        if listener := inherited_listener(port):
            self.add_socket(listener)
        else:
            super().listen(port, address, family, backlog, flags, reuse_port)


class SupervisedHub(JupyterHub):  # type: ignore[misc]  # it has no types
    """JupyterHub, which refuses settings that would leave a part unreachable."""

    name = "jupyterhub"

    def load_config_file(self, *words: Any, **more: Any) -> None:
        """Load the configuration and check it."""
        try:
            super().load_config_file(*words, **more)
            refuse(self, Settings.load())
        except SettingsError as problem:
            self.log.critical("%s", problem)
            sys.exit(EXIT_REFUSED)


def refuse(hub: JupyterHub, settings: Settings) -> None:
    """Check what ``jupyterhub_config.py`` set beside or after ``configure(c)``.

    Raises:
        SettingsError: a setting that Orrery on one machine does not support.
    """
    base_url = settings.base_url or "/"
    if hub.base_url != base_url:
        raise SettingsError(
            f"jupyterhub_config.py sets the base URL {hub.base_url}, and everything else answers below {base_url}."
            f" Take it out of that file and start with: orrery up --base-url {hub.base_url}"
        )
    if hub.subdomain_host:
        raise SettingsError(
            f"jupyterhub_config.py sets subdomain_host={hub.subdomain_host!r}. On one machine all labs run as one"
            " system user, so domains of their own separate nobody. Take it out, or use a hub of your own"
            " with a spawner that isolates (ORRERY_PROFILE=none)."
        )
    if hub.internal_ssl:
        raise SettingsError(
            "jupyterhub_config.py sets internal_ssl. On one machine every connection stays on the loopback"
            " interface, and the hub service does not speak it. Take it out."
        )
    if hub.ssl_key or hub.ssl_cert:
        raise SettingsError(
            "jupyterhub_config.py sets ssl_key or ssl_cert, which the proxy under the supervisor does not get."
            " Take them out, put a server that does TLS in front, and name its address in ORRERY_PUBLIC_URL."
        )


def main() -> None:
    """Run JupyterHub."""
    tornado.httpserver.HTTPServer = InheritingServer  # type: ignore[misc]  # JupyterHub looks it up there
    SupervisedHub.launch_instance()


if __name__ == "__main__":
    main()
