"""Set L: Schemathesis on what the hub service and a lab say of themselves, as somebody who may do everything.

Minutes matter in ``make test``, so the examples are few there, and bad requests are those that are drawn by chance: each
way to break each field of 121 operations takes 80 s of processor time. ``make test-long`` has these, and a hundred
examples.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest

from orrery_hub import scopes
from tests.effort import LONG, trials
from tests.hub.hubs import Hub
from tests.security.labs import Lab

EXAMPLES = trials(100, 4)
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
    "use_after_free",
    "ignored_auth",
)


# Every boundary of every field in good requests, and in the long run of every field in bad ones.
COVERAGE = f"""
[phases.coverage.generation]
mode = "{"all" if LONG else "positive"}"
"""
# A lab says what keeps it from its work: a hub or a disk; what nobody foresaw is a 500 still.
REFUSALS = """
[checks]
not_a_server_error.expected-statuses = ["2xx", "3xx", "4xx", 503, 504, 507]
"""


@pytest.mark.timeout(300 + 40 * EXAMPLES)
def test_the_hub_service_does_what_it_says(hub: Hub, tmp_path: Path) -> None:
    token = hub.token(
        "root", [scopes.ACCESS, *sorted(scopes.NAMES - {scopes.LAUNCH}), "read:users:name!user"]
    )
    headers = {"authorization": f"Bearer {token}"}
    described = httpx.get(f"{hub.service}/openapi.json", headers=headers, trust_env=False).json()
    url = hub.service.removesuffix("/services/orrery/api")
    output = _tried(described, url, f"Bearer {token}", tmp_path)
    assert "Stateful" in output


@pytest.mark.timeout(120 + 40 * EXAMPLES)
def test_a_lab_does_what_it_says(lab: Lab, tmp_path: Path) -> None:
    with lab.person() as person:
        described = person.get("orrery/openapi.json").json()
    # Its routes are three times as many as those of the hub service.
    url = urljoin(lab.address, described["servers"][0]["url"])
    _tried(described, url, f"token {lab.token}", tmp_path, EXAMPLES // 3 or 1, REFUSALS)


def _tried(
    described: dict[str, Any],
    url: str,
    authorization: str,
    folder: Path,
    examples: int = EXAMPLES,
    config: str = "",
) -> str:
    """Every operation tried with good and bad requests; the output."""
    (folder / "schemathesis.toml").write_text(COVERAGE + config)
    file = folder / "openapi.json"
    file.write_text(json.dumps(described))
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "run", str(file)),
            *("--url", url, "--header", f"Authorization: {authorization}"),
            *("--mode", "all", "--max-examples", str(examples), "--seed", "1"),
            *("--checks", ",".join(CHECKS), "--no-color", "--continue-on-failure"),
            *("--suppress-health-check", "all", "--request-timeout", "20"),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-15_000:] + done.stderr[-3_000:]
    assert f"{len(_operations(described))} " in done.stdout
    for phase in ("Coverage", "Fuzzing"):
        assert phase in done.stdout, done.stdout
    return done.stdout


def _operations(described: dict[str, Any]) -> list[str]:
    return [f"{verb} {path}" for path, one in described["paths"].items() for verb in one]
