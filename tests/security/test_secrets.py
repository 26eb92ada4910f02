"""Secrets stay where they belong: not in logs, answers, environments, process lists or files of others."""

from __future__ import annotations

import base64
import json
import os
import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import psutil
import pytest

from tests.hub.hubs import Hub
from tests.security.examples import body_of
from tests.security.hubs import Browser
from tests.security.labs import TRACKING_PASSWORD, Lab
from tests.security.routes import VERBS, Route

# What a person might type by mistake; none of it is real. The parts keep a scanner of this repository quiet.
CANARIES = {
    "AWS key": "AKIA" + "QYLPMN5HHHFPZAM2",
    "GitHub token": "ghp_" + "Zq3x9vT1kLm8Wc5Rb2Yd7Nf4Hs6Jg0PaUeXi",
    "private key": "-----BEGIN RSA " + "PRIVATE KEY-----",
    "JSON web token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0."
    + "dBjftJeZ4CVPmB92K27uhbUJU1p1rwW1",
    "password in an address": "postgresql://someone:" + "hunter2pass@db.invalid/x",
}


def shapes(secret: str) -> set[bytes]:
    """A secret as it is, and as it would look after the usual changes."""
    raw = secret.encode()
    return {
        raw,
        quote(secret, safe="").encode(),
        base64.b64encode(raw).rstrip(b"="),
        raw.hex().encode(),
        secret[::-1].encode(),
        json.dumps(secret)[1:-1].encode(),
    }


def hits(text: bytes, secrets: dict[str, str]) -> list[str]:
    """Which secrets occur in a text, in any shape."""
    return [name for name, secret in secrets.items() if any(s in text for s in shapes(secret))]


def secret_files(hub: Hub) -> list[Path]:
    """The files with a secret of a hub, keys of encrypted secrets included; locks hold none."""
    below = (hub.home / "secrets").rglob("*")
    return [file for file in below if file.is_file() and not file.name.startswith(".")]


@pytest.fixture(scope="module")
def known(lab: Lab, hub: Hub) -> dict[str, str]:
    """Every secret that the running parts have, by the file or the place that may hold it."""
    found = {
        "lab token": lab.lab_token,
        "Jupyter token": lab.token,
        "password of the tracking server": TRACKING_PASSWORD,
    }
    for file in secret_files(hub):
        value = file.read_text(errors="replace").strip()
        assert len(value) >= 16, file
        found[file.name] = value
    return found


def drive(lab: Lab, hub: Hub, hub_routes: list[Route]) -> Iterator[bytes]:
    """Every route of both parts with good and bad requests and secrets in them; all that is answered."""
    token = hub.token("sam")
    with lab.person() as person, hub.client("sam") as sam, lab.kernel() as kernel:
        for client, routes in ((person, lab.routes), (kernel, lab.routes), (sam, hub_routes)):
            origin = str(client.base_url.copy_with(raw_path=b"/")).rstrip("/")
            for route in routes:
                for verb in VERBS:
                    body = body_of(verb, route) if verb in route.verbs else None
                    bad = {"x": "y"} if body is None else {**body, "unknown": token}
                    for sent in (body, bad):
                        answer = client.request(verb, origin + route.path(), json=sent)
                        yield answer.content + str(answer.headers.raw).encode()
        for canary in CANARIES.values():
            for path in ("orrery/snippets", "orrery/snippets/scan"):
                wanted = {"name": "n", "cells": [{"kind": "code", "source": f"key = '{canary}'"}]}
                if path.endswith("scan"):
                    del wanted["name"]
                yield person.post(path, json=wanted).content
    with Browser(hub).log_in("sam") as browser:
        yield browser.visit("/services/orrery/api/docs").content


@pytest.fixture(scope="module")
def said(lab: Lab, hub: Hub, hub_routes: list[Route]) -> list[bytes]:
    """All the answers."""
    return list(drive(lab, hub, hub_routes))


def test_no_answer_holds_a_secret(said: list[bytes], known: dict[str, str]) -> None:
    assert len(said) > 400
    assert any(b"http://tracking.invalid:5000" in text for text in said)
    for text in said:
        assert hits(text, known) == [], text[:500]


def test_a_secret_that_is_refused_is_not_repeated(said: list[bytes]) -> None:
    refused = [text for text in said if b"secret_found" in text or b'"findings"' in text]
    assert len(refused) >= 2 * len(CANARIES)
    for text in refused:
        assert hits(text, CANARIES) == [], text


def test_no_log_holds_a_secret(
    said: list[bytes], known: dict[str, str], lab: Lab, hub: Hub
) -> None:
    """Both logs are at debug level. Jupyter's own token in the line that tells the person how to log in is its own."""
    for log in (lab.log, hub.log):
        for line in log.read_bytes().splitlines():
            found = hits(line, known | CANARIES)
            if found == ["Jupyter token"] and b"?token=" in line:
                continue
            assert found == [], line[:400]


def test_a_kernel_has_no_token_in_its_environment(lab: Lab, known: dict[str, str]) -> None:
    """It has the name of a file; code that prints the environment shows nothing worth having."""
    with lab.person() as person:
        started = person.post("api/kernels", json={"name": "python3"})
        assert started.status_code == 201, started.text
        one = started.json()["id"]
        try:
            assert lab.process
            children = psutil.Process(lab.process.pid).children(recursive=True)
            (kernel,) = (child for child in children if one in " ".join(child.cmdline()))
            environment = "\0".join(f"{k}={v}" for k, v in kernel.environ().items()).encode()
            assert f"ORRERY_CONNECTION_FILE={lab.connection_file}".encode() in environment
            assert lab.lab_token.encode() not in environment
        finally:
            person.delete(f"api/kernels/{one}")


def test_no_process_shows_a_secret_on_its_command_line(known: dict[str, str]) -> None:
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            assert hits(" ".join(process.cmdline()).encode(), known) == [], process


def test_secrets_lie_in_files_of_their_owner(lab: Lab, hub: Hub) -> None:
    private = [lab.connection_file, hub.home / "secrets", *(hub.home / "secrets").rglob("*")]
    private += [hub.home / "state", *(hub.home / "state").glob("*.sqlite*")]
    for path in private:
        mode = stat.S_IMODE(path.stat().st_mode)
        in_private_folder = any(
            not stat.S_IMODE(folder.stat().st_mode) & 0o077 for folder in path.parents[:1]
        )
        assert not mode & 0o077 or in_private_folder, f"{path} {oct(mode)}"
        assert path.stat().st_uid == os.getuid()


def test_a_secret_lies_in_no_other_file(lab: Lab, hub: Hub, known: dict[str, str]) -> None:
    allowed = {lab.connection_file} | set(secret_files(hub))
    for root in (lab.home, hub.home):
        for path in root.rglob("*"):
            if path.is_file() and path not in allowed and path.stat().st_size < 50_000_000:
                text = path.read_bytes()
                found = hits(text, known)
                if re.search(r"jpserver-\d+(-open)?\.(json|html)$", path.name) or path == lab.log:
                    found = [name for name in found if name != "Jupyter token"]
                assert found == [], path


def test_tokens_of_people_are_kept_only_as_hashes(hub: Hub) -> None:
    token = hub.token("tess")
    with hub.client("tess") as tess:
        assert tess.get("/me").status_code == 200
    for path in Path(hub.home).rglob("*"):
        if path.is_file():
            assert token.encode() not in path.read_bytes(), path
