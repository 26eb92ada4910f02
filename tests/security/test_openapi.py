"""Set L: Schemathesis on the hub service's own description, with a token that may do everything.

Minutes matter in a test run, so the examples are few there; a nightly run asks for a thousand:

    ORRERY_SCHEMA_EXAMPLES=1000 python -m pytest tests/security/test_openapi.py
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from orrery_hub import scopes
from tests.hub.hubs import Hub

EXAMPLES = int(os.environ.get("ORRERY_SCHEMA_EXAMPLES", "12"))
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


@pytest.mark.timeout(60 + 40 * EXAMPLES)
def test_the_hub_service_does_what_it_says(hub: Hub, tmp_path: Path) -> None:
    token = hub.token("root", [scopes.ACCESS, *sorted(scopes.NAMES), "read:users:name!user"])
    headers = {"authorization": f"Bearer {token}"}
    described = httpx.get(f"{hub.service}/openapi.json", headers=headers, trust_env=False).json()
    file = tmp_path / "openapi.json"
    file.write_text(json.dumps(described))
    said = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "run", str(file)),
            *("--url", hub.service.removesuffix("/services/orrery/api")),
            *("--header", f"Authorization: Bearer {token}"),
            *("--mode", "all", "--max-examples", str(EXAMPLES), "--seed", "1"),
            *("--checks", ",".join(CHECKS), "--no-color", "--continue-on-failure"),
            *("--suppress-health-check", "all", "--request-timeout", "20"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stdout[-15_000:] + said.stderr[-3_000:]
    assert f"{len(_operations(described))} " in said.stdout
    for phase in ("Coverage", "Fuzzing", "Stateful"):
        assert phase in said.stdout, said.stdout


def _operations(described: dict[str, dict[str, dict[str, object]]]) -> list[str]:
    return [f"{verb} {path}" for path, one in described["paths"].items() for verb in one]
