"""Canaries for auto-EDA: secrets of databases and stores are in no answer, log, file or command line, whatever fails."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.security.labs import Lab, error_body
from tests.security.test_secrets import hits

SECRETS = {
    "password": "canary:p@ss/w%rd#" + "q7Xk2",
    "whole": "canaryWhole" + "8Zt4Wq1",
    "cloud": "canaryCloud" + "5Rn9Vb3",
}
# What a person writes out by mistake is refused before anything is done with it.
WRITTEN = "canaryWritten" + "6Yp2Lm8"

TABLES = [
    "postgresql+psycopg://me:${DB_PASSWORD}@127.0.0.1:1/shop",
    "postgresql+psycopg://127.0.0.1:1/shop?password=${DB_PASSWORD}",
    "postgresql+psycopg://me@${DB_PASSWORD}/shop",
    "postgresql://me:${DB_PASSWORD}@127.0.0.1:1/shop",
    "mysql+nothing://me:${DB_PASSWORD}@127.0.0.1:1/shop",
    "oracle://me:${DB_PASSWORD}@[bad/shop",
    "${DATABASE_URL}",
]
REFUSED = [
    ("table", f"postgresql://me:{WRITTEN}@127.0.0.1:1/shop"),
    ("table", f"postgresql://127.0.0.1:1/shop?password={WRITTEN}"),
    ("url", f"s3://key:{WRITTEN}@bucket/x.csv"),
    ("url", f"az://container/x.csv?sig={WRITTEN}"),
    ("file", f"../{WRITTEN}"),
]


@pytest.fixture(scope="module")
def secret_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    lab = Lab(
        tmp_path_factory.mktemp("secret"),
        token="t" * 32,
        DB_PASSWORD=SECRETS["password"],
        DATABASE_URL=f"postgresql+psycopg://me:{SECRETS['whole']}@127.0.0.1:1/shop",
        AWS_ACCESS_KEY_ID="canary-id",
        AWS_SECRET_ACCESS_KEY=SECRETS["cloud"],
        AWS_ENDPOINT_URL="http://127.0.0.1:1",
        AWS_MAX_ATTEMPTS="1",
    )
    try:
        yield lab.start()
    finally:
        lab.stop()


@pytest.fixture(scope="module")
def driven(secret_lab: Lab) -> dict[str, Any]:
    """Every source that has a secret, and all that was said of it, and what processes showed meanwhile."""
    said: list[bytes] = []
    shown: list[bytes] = []
    runs = []
    with secret_lab.person() as person:
        sources = [{"kind": "table", "location": one, "table": "sales"} for one in TABLES]
        sources.append({"kind": "url", "location": "s3://bucket/x.parquet", "table": ""})
        for source in sources:
            answer = person.post("orrery/eda/runs", json={"source": source})
            assert answer.status_code == 202, answer.text
            said.append(answer.content)
            runs.append(answer.json()["id"])
        for run in runs:
            state, until = "queued", time.monotonic() + 100
            while state in ("queued", "running"):
                assert time.monotonic() < until
                answer = person.get(f"orrery/eda/runs/{run}", params={"wait": 1, "after": 10_000})
                said.append(answer.content)
                state = answer.json()["run"]["state"]
                shown += command_lines(secret_lab)
            assert state == "failed", answer.text
            paths = ("", "/columns", "/report?format=json", "/report", "/checks")
            said += [person.get(f"orrery/eda/runs/{run}{path}").content for path in paths]
            for what in ("load", "column"):
                body = {"what": what, "column": 0}
                said.append(person.post(f"orrery/eda/runs/{run}/code", json=body).content)
        paths = ("orrery/eda/runs", "orrery/eda/sources", "orrery/projects/home")
        said += [person.get(path).content for path in paths]
        for kind, location in REFUSED:
            source = {"kind": kind, "location": location, "table": "t"}
            answer = person.post("orrery/eda/runs", json={"source": source})
            assert error_body(answer)["remedy"]
            said.append(answer.content)
    return {"said": said, "shown": shown}


def command_lines(lab: Lab) -> list[bytes]:
    assert lab.process
    found = []
    for process in psutil.Process(lab.process.pid).children(recursive=True):
        try:
            found.append(" ".join(process.cmdline()).encode())
        except psutil.Error:
            continue
    return found


def canaries() -> dict[str, str]:
    return SECRETS | {"written": WRITTEN}


def test_no_answer_holds_one(driven: dict[str, Any]) -> None:
    assert len(driven["said"]) > 60
    assert any(b"${DB_PASSWORD}" in text for text in driven["said"]), "it is named, not hidden"
    for text in driven["said"]:
        assert hits(text, canaries()) == [], text[:600]


def test_no_log_holds_one(driven: dict[str, Any], secret_lab: Lab) -> None:
    for line in secret_lab.log.read_bytes().splitlines():
        assert hits(line, canaries()) == [], line[:400]


def test_no_command_line_shows_one(driven: dict[str, Any]) -> None:
    assert any(b"orrery_engine" in line for line in driven["shown"])
    for line in driven["shown"]:
        assert hits(line, canaries()) == [], line


def test_no_file_holds_one(driven: dict[str, Any], secret_lab: Lab) -> None:
    kept = [path for path in secret_lab.home.rglob("*") if path.is_file()]
    assert len([path for path in kept if path.name.endswith(".run.json")]) == len(TABLES) + 1
    for path in kept:
        assert hits(Path(path).read_bytes(), canaries()) == [], path
