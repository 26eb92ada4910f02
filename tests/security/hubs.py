"""The hub service in this process (to find its routes), and a browser that logs in to a hub."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import httpx

from tests.hub.hubs import Hub

_ENVIRONMENT = {
    "JUPYTERHUB_API_TOKEN": "none",
    "JUPYTERHUB_API_URL": "http://127.0.0.1:9/hub/api",
    "JUPYTERHUB_BASE_URL": "/",
    "JUPYTERHUB_CLIENT_ID": "service-orrery",
    "JUPYTERHUB_SERVICE_NAME": "orrery",
    "JUPYTERHUB_SERVICE_PREFIX": "/services/orrery/",
}


def application(home: Path) -> Any:
    """The application as JupyterHub would run it; it is not served."""
    with mock.patch.dict("os.environ", _ENVIRONMENT):
        from jupyterhub.services.auth import HubOAuth

        from orrery_hub.app import build, open_database
        from orrery_hub.settings import Settings

        settings = Settings(home=home)
        for folder in (settings.state, settings.secrets):
            folder.mkdir(parents=True)
        database = open_database(settings)
        try:
            # JupyterHub reads the prefix once, when it is imported: perhaps long before this.
            prefix = _ENVIRONMENT["JUPYTERHUB_SERVICE_PREFIX"]
            return build(settings, database, HubOAuth(base_url=prefix))
        finally:
            database.close()


class Browser:
    """Cookies of one host, and redirects followed by hand: there is no proxy between the parts."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.client = httpx.Client(timeout=30, trust_env=False)

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def part(self, path: str) -> str:
        """The address of a path at the part that serves it."""
        port = urlsplit(self.hub.service if path.startswith("/services/") else self.hub.api).port
        return f"http://127.0.0.1:{port}{path}"

    def visit(self, path: str, **headers: str) -> httpx.Response:
        """Navigate, through every redirect within the hub."""
        seen = []
        for _ in range(10):
            answer = self.client.get(self.part(path), headers=headers)
            if answer.status_code not in (301, 302, 303, 307, 308):
                return answer
            target = urlsplit(answer.headers["location"])
            path = target.path + (f"?{target.query}" if target.query else "")
            seen.append(path)
        raise AssertionError(f"no end of redirects: {seen}")

    def log_in(self, name: str) -> Browser:
        """Through the hub's own form."""
        secret = (
            "admin_password"
            if name in self.hub.settings.get("admins", ("root",))
            else "user_password"
        )
        password = (self.hub.home / "secrets" / secret).read_text().strip()
        form = self.visit("/hub/login").text
        token = re.search(r'name="_xsrf" value="([^"]+)"', form)
        assert token, form[:500]
        answer = self.client.post(
            self.part("/hub/login"),
            data={"username": name, "password": password, "_xsrf": token[1]},
        )
        assert answer.status_code == 302, answer.text[:500]
        return self
