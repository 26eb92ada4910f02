"""Somebody who works at the product through its front door, and notes what was acknowledged."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx

from tests.conftest import Product

T = TypeVar("T")


class Person:
    """A person with a browser's cookies, at the product's public address only."""

    def __init__(self, product: Product, name: str) -> None:
        self.product = product
        self.name = name
        self.base = urlsplit(product.address).path.rstrip("/")
        self.client = httpx.Client(
            base_url=product.address, follow_redirects=True, timeout=20, trust_env=False
        )

    def __enter__(self) -> Person:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def enter(self, seconds: float = 120) -> Person:
        """Log in and wait until the own lab answers, whatever has to be tried again for it."""
        until = time.monotonic() + seconds
        said = "nothing"
        while time.monotonic() < until:
            try:
                self._log_in()
                answer = self.client.get(f"/user/{self.name}/lab")
                if (
                    answer.status_code == 424
                ):  # "Your server is not running": the page has a button to start it
                    answer = self.client.get(f"/hub/spawn/{self.name}")
                said = f"{answer.status_code} {answer.url}"
                if answer.url.path == f"{self.base}/user/{self.name}/lab" and self.status():
                    return self
            except (httpx.HTTPError, ValueError) as problem:
                said = repr(problem)
            time.sleep(0.3)
        raise AssertionError(f"{self.name} did not get in within {seconds} s: {said}")

    def _log_in(self) -> None:
        if self.client.get("/hub/home").url.path == f"{self.base}/hub/home":
            return
        self.client.cookies.clear()
        form = self.client.get("/hub/login")
        form.raise_for_status()
        self.client.post(
            "/hub/login",
            data={
                "username": self.name,
                "password": self.product.password(self.name),
                "_xsrf": self.client.cookies.get("_xsrf", path=f"{self.base}/hub/"),
            },
        )

    def status(self) -> bool:
        """Whether Orrery answers in the own lab."""
        return self.call("GET", "status").status_code == 200

    def call(self, verb: str, path: str, body: Any = None, **query: Any) -> httpx.Response:
        """A request to the own lab, with its XSRF token."""
        token = self.client.cookies.get("_xsrf", "", path=f"{self.base}/user/{self.name}/")
        return self.client.request(
            verb,
            f"/user/{self.name}/orrery/{path}",
            json=body,
            params=query,
            headers={"x-xsrftoken": token or ""},
            follow_redirects=False,
        )

    def everything(self) -> dict[str, dict[str, Any]]:
        """All snippets of the person, by id."""
        found: dict[str, dict[str, Any]] = {}
        total = 1
        while len(found) < total:
            answer = self.call("GET", "snippets", scope="mine", limit=200, offset=len(found))
            assert answer.status_code == 200, answer.text
            total = answer.json()["total"]
            found |= {one["id"]: one for one in answer.json()["items"]}
            if not answer.json()["items"]:
                break
        return found


def eventually(act: Callable[[], T | None], seconds: float = 90) -> T:
    """What an act gives once it gives something."""
    until = time.monotonic() + seconds
    while True:
        with suppress(httpx.HTTPError):
            if (found := act()) is not None:
                return found
        assert time.monotonic() < until, f"not within {seconds} s"
        time.sleep(0.3)


def content(number: int) -> dict[str, Any]:
    """A snippet whose text can be checked to be whole."""
    return {
        "name": f"snippet {number}",
        "cells": [{"kind": "code", "source": f"# {number}\n" + f"line_{number}\n" * 400}],
    }


@dataclass
class Writer:
    """Saves snippets one after the other until it is told to stop; keeps what was acknowledged."""

    person: Person
    first: int = 0
    acknowledged: dict[str, int] = field(default_factory=dict)
    times: list[float] = field(default_factory=list)
    tried: set[int] = field(default_factory=lambda: {0})
    refused: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> Writer:
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()
        return self

    def _work(self) -> None:
        number = self.first
        while not self._stop.is_set():
            number += 1
            self.tried.add(number)
            try:
                answer = self.person.call("POST", "snippets", content(number))
            except httpx.HTTPError:
                self.refused += 1
                time.sleep(0.05)
                continue
            if answer.status_code == 201:
                with suppress(ValueError):
                    self.acknowledged[answer.json()["id"]] = number
                    self.times.append(time.monotonic())
            else:
                self.refused += 1
                time.sleep(0.05)

    def wait_for(self, count: int, seconds: float = 60) -> None:
        """Until so many more were acknowledged."""
        wanted = len(self.acknowledged) + count
        until = time.monotonic() + seconds
        while len(self.acknowledged) < wanted:
            assert time.monotonic() < until, f"{len(self.acknowledged)} of {wanted} were saved"
            time.sleep(0.02)

    def stop(self) -> None:
        self._stop.set()
        if self._thread:
            self._thread.join(60)


def judge(writer: Writer, found: dict[str, dict[str, Any]]) -> None:
    """Nothing acknowledged is lost, and nothing is half."""
    for one, number in writer.acknowledged.items():
        assert one in found, f"snippet {number} was acknowledged and is lost"
    for one in found.values():
        number = int(one["name"].split()[-1])
        assert number in writer.tried
        assert one["cells"] == [
            {"kind": "code", "source": content(number)["cells"][0]["source"]}
        ], f"snippet {number} is not whole"
