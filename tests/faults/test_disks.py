"""A full disk and a read-only one: a thousand refused saves, and what was there is there, letter by letter."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.effort import trials
from tests.faults.disks import Disk
from tests.hub.hubs import Hub
from tests.security.labs import Lab, error_body

pytestmark = pytest.mark.timeout(300)

TRIALS = trials(1_000, 200)
OLD = {"name": "old", "cells": [{"kind": "code", "source": "kept = 'as it was'\n" * 50}]}


def new(number: int) -> dict[str, object]:
    """A large snippet that nobody looks through for secrets, which would take longer than saving it."""
    cells = [{"source": f"{number}\n" + "x" * 30_000}]
    return {"name": f"new {number}", "cells": cells, "allow_secrets": True}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    one = Disk(tmp_path / "disk", 48)
    try:
        yield one
    finally:
        one.close()


def refused(answer: httpx.Response) -> None:
    """A full or read-only disk is told as such, with what to do."""
    assert answer.status_code == 507, (answer.status_code, answer.text)
    body = error_body(answer)
    assert body["code"] == "storage_full"
    assert body["remedy"]


def fingerprints(folder: Path) -> dict[str, str]:
    """Every snippet file by its content."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*.json")
        if path.is_file()
    }


def test_a_lab_on_a_full_and_on_a_read_only_disk(disk: Disk, tmp_path: Path) -> None:
    lab = Lab(tmp_path / "lab", token="t" * 32, JUPYTER_DATA_DIR=str(disk.folder / "data"))
    try:
        with lab.start().person() as person:
            made = person.post("orrery/snippets", json=OLD)
            assert made.status_code == 201, made.text
            address = f"orrery/snippets/{made.json()['id']}"
            before = fingerprints(disk.folder / "data" / "orrery")
            disk.fill()
            for number in range(TRIALS):
                if number % 2:
                    refused(person.put(address, json=new(number)))
                else:
                    refused(person.post("orrery/snippets", json=new(number)))
            assert person.get(address).json()["cells"] == OLD["cells"]
            assert fingerprints(disk.folder / "data" / "orrery") == before
            assert person.get("orrery/snippets").status_code == 200
            disk.free()
            disk.read_only(True)
            for number in range(trials(100, 20)):
                refused(person.put(address, json=new(number)))
            assert person.get("orrery/snippets").status_code == 200
            disk.read_only(False)
            assert person.put(address, json=new(1)).status_code == 200
        lab.stop()
        with lab.start().person() as person:
            found = person.get(address).json()
            assert found["version"] == 2
            versions = person.get(f"{address}/versions").json()["items"]
            assert [one["content"]["name"] for one in versions] == ["new 1", "old"]
    finally:
        lab.stop()


def test_a_lab_whose_whole_home_is_read_only_opens(disk: Disk, tmp_path: Path) -> None:
    """The panel answers and says what is wrong; nothing hangs."""
    lab = Lab(tmp_path / "lab", token="t" * 32, JUPYTER_DATA_DIR=str(disk.folder / "data"))
    (disk.folder / "data").mkdir()
    disk.read_only(True)
    try:
        with lab.start().person() as person:
            for path in ("snippets", "projects", "projects/current", "projects/home", "status",
                         "snippets/libraries"):  # fmt: skip
                answer = person.get(f"orrery/{path}")
                assert answer.status_code == 200, (path, answer.text)
            refused(person.post("orrery/snippets", json=OLD))
            shipped = person.get("orrery/snippets", params={"scope": "library"}).json()
            assert shipped["total"] >= 40
    finally:
        lab.stop()


def test_a_hub_on_a_full_disk(disk: Disk) -> None:
    hub = Hub(disk.folder / "home", token_cache_seconds=60)
    try:
        hub.start()
        with hub.client("ann") as ann:
            made = ann.post("/snippets", json=OLD)
            assert made.status_code == 201, made.text
            address = f"/snippets/{made.json()['id']}"
            acknowledged = {made.json()["id"]: OLD["name"]}
            disk.fill()
            failed = 0
            for number in range(TRIALS):
                answer = (
                    ann.put(address, json=new(number) | {"name": "old"})
                    if number % 2
                    else ann.post("/snippets", json=new(number))
                )
                # The write-ahead log may have room for a few more: what is acknowledged must then be kept.
                if answer.status_code in (200, 201):
                    acknowledged[answer.json()["id"]] = answer.json()["name"]
                else:
                    refused(answer)
                    failed += 1
            assert failed > TRIALS * 0.8
            disk.free()
            assert ann.post("/snippets", json=new(0)).status_code == 201
        hub.kill()
        hub.start()
        with hub.client("ann") as ann:
            feed = ann.get("/snippets/changes", params={"limit": 1000}).json()["upserts"]
            found = {one["id"]: one for one in feed}
            for one, name in acknowledged.items():
                assert found[one]["name"] == name
            assert json.dumps(found[made.json()["id"]]["cells"]).count("as it was") in (0, 50)
            assert ann.get("/health").json()["database"] == "ok"
    finally:
        hub.stop()
