"""The profile of one machine: local processes, shared passwords, everything on loopback.

All labs run under one system user, so people are kept apart by courtesy, not by the operating system.
Another profile (a cluster with KubeSpawner) is another module with the same ``configure``.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from orrery_hub.base.secret import secret
from orrery_hub.ports import Ports
from orrery_hub.settings import Settings
from orrery_hub.standalone.process_tags import mark

# A name becomes a folder below users/, so it begins with a letter and holds no slash.
USERNAME = r"[a-z][a-z0-9_.@-]{0,62}\Z"


def configure(c: Any, settings: Settings) -> None:
    """Set where the hub listens, how it starts labs and who may log in."""
    for folder in (settings.state, settings.run, settings.secrets, settings.home / "users"):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _hub(c, settings)
    _proxy(c, settings)
    _logins(c, settings)
    _labs(c, settings)


def _hub(c: Any, settings: Settings) -> None:
    # The ports are the same at every start: labs that outlived a killed hub call it at the old address.
    ports = Ports(settings.state)
    public = ports.take("public", settings.port)
    c.JupyterHub.bind_url = f"http://{settings.host}:{public}/"
    c.JupyterHub.hub_bind_url = f"http://{settings.host}:{ports.take('hub', settings.hub_port)}/"
    c.JupyterHub.db_url = f"sqlite:///{settings.state / 'jupyterhub.sqlite'}"
    c.JupyterHub.upgrade_db = True
    c.JupyterHub.cookie_secret_file = str(settings.secrets / "jupyterhub_cookie_secret")
    c.JupyterHub.pid_file = str(settings.run / "jupyterhub.pid")
    # SIGTERM means "everything down". SIGKILL runs no clean-up at all, so labs live on and the next
    # start finds them by the process ids in the database.
    c.JupyterHub.cleanup_servers = True
    c.JupyterHub.cleanup_proxy = True


def _proxy(c: Any, settings: Settings) -> None:
    api = Ports(settings.state).take("proxy_api", settings.proxy_api_port)
    c.ConfigurableHTTPProxy.api_url = f"http://{settings.host}:{api}"
    c.ConfigurableHTTPProxy.auth_token = secret(settings.secrets, "proxy_auth_token")
    # The next start ends a proxy that outlived a killed hub by this file, and needs it to be absolute.
    c.ConfigurableHTTPProxy.pid_file = str(settings.run / "proxy.pid")
    c.ConfigurableHTTPProxy.command = list(settings.proxy_command)


def _logins(c: Any, settings: Settings) -> None:
    c.JupyterHub.authenticator_class = "shared-password"
    c.SharedPasswordAuthenticator.user_password = secret(settings.secrets, "user_password", 8)
    c.SharedPasswordAuthenticator.admin_password = secret(settings.secrets, "admin_password", 20)
    c.Authenticator.admin_users = set(settings.admins)
    c.Authenticator.allow_all = True
    c.Authenticator.username_pattern = USERNAME


def _labs(c: Any, settings: Settings) -> None:
    c.JupyterHub.spawner_class = "simple"
    c.SimpleLocalProcessSpawner.home_dir_template = str(settings.home / "users" / "{username}")
    c.Spawner.ip = settings.host
    c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser"]
    c.Spawner.default_url = "/lab"
    if os.geteuid() == 0:
        c.Spawner.args = ["--allow-root"]
    c.Spawner.environment.update(
        {"PATH": settings.path, "JUPYTER_CONFIG_PATH": str(_lab_settings(settings))}
        | mark(settings.home, "lab")
    )


def _lab_settings(settings: Settings) -> Path:
    """A Jupyter configuration folder for every lab, in which JupyterLab's question about news is off."""
    folder = settings.home / "config" / "lab"
    (folder / "labconfig").mkdir(parents=True, exist_ok=True)
    page = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
    (folder / "labconfig" / "page_config.json").write_text(json.dumps(page), encoding="ascii")
    return folder
