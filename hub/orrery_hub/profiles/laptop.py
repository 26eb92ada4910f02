"""Profile of one machine: local processes, shared passwords, every address on loopback.

All labs run as one system user, so the operating system does not separate users from each other.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from traitlets.config import Config

from orrery_hub.base.secret import secret
from orrery_hub.ports import PortStore
from orrery_hub.profiles.lab_process import LabProcessSpawner
from orrery_hub.settings import Settings
from orrery_hub.standalone.login_shell import prepare_home
from orrery_hub.standalone.process_tags import environment_tag

# A name becomes a folder below users/, so it starts with a letter and holds no slash.
USERNAME = r"[a-z][a-z0-9_.@-]{0,62}\Z"


def configure(c: Config, settings: Settings) -> None:
    """Set where the hub listens, how it starts labs and who may log in."""
    for folder in (settings.state, settings.run, settings.secrets, settings.home / "users"):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _hub(c, settings)
    _proxy(c, settings)
    c.Authenticator.username_pattern = USERNAME
    if settings.has_shared_passwords:
        _authenticator(c, settings)
    _spawner(c, settings)


def _hub(c: Config, settings: Settings) -> None:
    # The ports are the same at every start: labs that outlived a killed hub call it at the old address.
    ports = PortStore(settings.state)
    public = ports.assign("public", settings.port)
    c.JupyterHub.bind_url = f"http://{settings.host}:{public}{settings.base_url or '/'}"
    c.JupyterHub.hub_bind_url = f"http://{settings.host}:{ports.assign('hub', settings.hub_port)}/"
    c.JupyterHub.db_url = f"sqlite:///{settings.state / 'jupyterhub.sqlite'}"
    c.JupyterHub.upgrade_db = True
    c.JupyterHub.cookie_secret_file = str(settings.secrets / "jupyterhub_cookie_secret")
    c.JupyterHub.pid_file = str(settings.run / "jupyterhub.pid")
    if settings.public_url:
        c.JupyterHub.public_url = settings.public_url
    # Labs live on without the hub, and its next start finds them by what the database says of their processes.
    # Under a supervisor, which ends them at `orrery down`, that holds for every end of the hub.
    c.JupyterHub.cleanup_servers = not settings.service_external
    c.JupyterHub.cleanup_proxy = True


def _proxy(c: Config, settings: Settings) -> None:
    c.ConfigurableHTTPProxy.should_start = not settings.service_external
    api = PortStore(settings.state).assign("proxy_api", settings.proxy_api_port)
    c.ConfigurableHTTPProxy.api_url = f"http://{settings.host}:{api}"
    c.ConfigurableHTTPProxy.auth_token = secret(settings.secrets, "proxy_auth_token")
    # With this file the next start ends a proxy that outlived a killed hub; the path must be absolute.
    c.ConfigurableHTTPProxy.pid_file = str(settings.run / "proxy.pid")
    c.ConfigurableHTTPProxy.command = list(settings.proxy_command)


def _authenticator(c: Config, settings: Settings) -> None:
    c.JupyterHub.authenticator_class = "shared-password"
    c.SharedPasswordAuthenticator.user_password = secret(settings.secrets, "user_password", 8)
    c.SharedPasswordAuthenticator.admin_password = secret(settings.secrets, "admin_password", 20)
    c.Authenticator.admin_users = set(settings.admins)
    c.Authenticator.allow_all = True
    # The log-in page says whom to log in as.
    c.JupyterHub.template_vars.update({"orrery_admin": next(iter(settings.admins), "")})


def _spawner(c: Config, settings: Settings) -> None:
    c.JupyterHub.spawner_class = LabProcessSpawner
    c.SimpleLocalProcessSpawner.home_dir_template = str(settings.home / "users" / "{username}")
    c.Spawner.ip = settings.host
    c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser"]
    c.Spawner.default_url = "/lab"
    c.Spawner.pre_spawn_hook = prepare_home
    c.LabProcessSpawner.log_folder = str(settings.home / "logs" / "labs")
    if os.geteuid() == 0:
        c.Spawner.args = ["--allow-root"]
    c.Spawner.environment.update(
        {"PATH": settings.path, "JUPYTER_CONFIG_PATH": str(_lab_config(settings))}
        | environment_tag(settings.home, "lab")
    )


def _lab_config(settings: Settings) -> Path:
    """A Jupyter configuration folder for every lab, which turns JupyterLab's news announcements off."""
    folder = settings.home / "config" / "lab"
    (folder / "labconfig").mkdir(parents=True, exist_ok=True)
    page = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
    (folder / "labconfig" / "page_config.json").write_text(json.dumps(page), encoding="ascii")
    return folder
