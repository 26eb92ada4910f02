"""Secrets are found and never shown; what is none does not stand in the way."""

from __future__ import annotations

import json
import time

import pytest

from orrery_wire.errors import TimedOut
from orrery_wire.secret_scan import findings, secret_error
from orrery_wire.snippets import SnippetCell, SnippetContent

SECRETS = {
    'password = "hunter2asdf"': "hunter2asdf",
    'key = "AKIAIOSFODNN7ABCDEFG"': "AKIAIOSFODNN7ABCDEFG",
    'aws_secret_access_key = "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"': "K7MDENG",
    'token = "ghp_0123456789abcdefghijABCDEFGHIJ012345"': "0123456789abcdef",
    'url = "postgres://me:s3cr3tpw@db/x"': "s3cr3tpw",
    "-----BEGIN RSA PRIVATE KEY-----": "PRIVATE",
}
HARMLESS = [
    "x = 1",
    'df = pd.read_csv("${LAKE:lake}/wine.csv")',
    'password = "${1:password}"',
    'password = os.environ["PASSWORD"]',
    "password = getpass()",
    'mlflow.set_tracking_uri("$MLFLOW_TRACKING_URI")',
    'api_key = "AKIAIOSFODNN7ABCDEFG"  # pragma: allowlist secret',
]


@pytest.mark.parametrize(("line", "secret"), SECRETS.items())
def test_a_secret_is_found_and_masked(line: str, secret: str) -> None:
    cells = [SnippetCell(source="# nothing"), SnippetCell(source=f"a = 1\n{line}\n")]
    (found,) = findings(cells)
    assert (found.cell, found.line) == (1, 2)
    assert "•" in found.excerpt
    assert secret not in found.excerpt


@pytest.mark.parametrize("line", HARMLESS)
def test_what_is_no_secret_is_left_alone(line: str) -> None:
    assert findings([SnippetCell(source=line)]) == ()


@pytest.mark.parametrize(
    "text",
    ["key" + " " * 199_000, "aws" * 60_000, "'" * 200_000, "password=" * 20_000, "a" * 200_000],
)
def test_no_line_takes_long(text: str) -> None:
    findings([SnippetCell(source="x")])
    before = time.process_time()
    findings([SnippetCell(source=text)])
    assert time.process_time() - before < 5


def test_a_text_full_of_secrets_gives_a_hundred_findings() -> None:
    found = findings([SnippetCell(source="\n".join(list(SECRETS)[:2] * 200))])
    assert len(found) == 100
    assert len(json.dumps([one.model_dump() for one in found])) < 100_000


def test_a_scan_ends_when_its_time_is_over() -> None:
    content = SnippetContent(name="n", cells=(SnippetCell(source="x = 1\n" * 1_000),))
    with pytest.raises(TimedOut) as caught:
        secret_error(content, seconds=0)
    assert caught.value.remedy
