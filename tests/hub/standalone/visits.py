"""A person's visit over HTTP: the hub's own log-in form, the spawn, the lab."""

from __future__ import annotations

import time

import httpx

from tests.conftest import Product


class Visitor:
    """Somebody with a browser's cookies, without the browser."""

    def __init__(self, product: Product, name: str) -> None:
        self.name = name
        self._password = product.password(name)
        self._client = httpx.Client(
            base_url=product.address, follow_redirects=True, timeout=60, trust_env=False
        )

    def __enter__(self) -> Visitor:
        self._client.get("/hub/login").raise_for_status()
        answer = self._client.post(
            "/hub/login",
            data={
                "username": self.name,
                "password": self._password,
                "_xsrf": self._client.cookies.get("_xsrf", path="/hub/"),
            },
        )
        assert answer.status_code == 200, answer.text
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def open_lab(self, seconds: float = 60) -> None:
        """Wait until the own lab answers."""
        deadline = time.monotonic() + seconds
        while not self._in_lab():
            assert time.monotonic() < deadline, "the lab did not start"
            time.sleep(0.2)

    def get(self, path: str) -> httpx.Response:
        """An answer of the own server."""
        return self._client.get(f"/user/{self.name}/{path}")

    def _in_lab(self) -> bool:
        answer = self.get("lab")
        return answer.status_code == 200 and answer.url.path == f"/user/{self.name}/lab"
