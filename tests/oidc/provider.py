"""A real OpenID Connect provider, started once for a whole run."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from tests import shared
from tests.processes import start_process

HERE = Path(__file__).parent


@dataclass(frozen=True)
class OIDCProvider:
    """The provider; accounts of a test have names that no other test uses."""

    issuer: str

    def register(self, redirect_uri: str) -> tuple[str, str]:
        """Register a client by the standard's own route; its id and secret."""
        body = {
            "redirect_uris": [redirect_uri],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
        }
        client = httpx.post(f"{self.issuer}/reg", json=body, trust_env=False).raise_for_status()
        return client.json()["client_id"], client.json()["client_secret"]

    def set_account(self, subject: str, **claims: Any) -> None:
        """What the provider says about somebody from now on."""
        address = f"{self.issuer}/accounts/{subject}"
        httpx.post(address, json=claims, trust_env=False).raise_for_status()

    def log_in(self, browser: httpx.Client, address: str, subject: str) -> httpx.Response:
        """What a browser sees that opens a page of the hub and logs in as somebody, who needs no form."""
        response = browser.get(address)
        for _ in range(20):
            if not response.is_redirect:
                return response
            target = urljoin(str(response.url), response.headers["location"])
            if urlsplit(target).path == "/auth":
                target = f"{target}&login_hint={subject}"
            response = browser.get(target)
        raise AssertionError(f"it redirects for ever, at last to {response.url}")


def provider() -> OIDCProvider:
    """The provider of this run."""
    return OIDCProvider(shared.once("oidc", _start, _stop))


def _start(folder: Path) -> str:
    node = shutil.which("node")
    assert node, "Node.js was not found; run: make system"
    port = folder / "port"
    environment = {name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ}
    command = [node, str(HERE / "server.mjs"), str(port)]
    process = start_process(command, log=folder / "log", cwd=HERE, environment=environment)
    (folder / "pid").write_text(str(process.pid))
    until = time.monotonic() + 30
    while not port.exists() or not port.read_text():
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError((folder / "log").read_text())
        time.sleep(0.05)
    # It is not this process that ends it, so this one does not wait for it either.
    process.returncode = 0
    return f"http://127.0.0.1:{port.read_text()}"


def _stop(folder: Path) -> list[str]:
    return ["sh", "-c", f'kill "$(cat {folder}/pid)"']
