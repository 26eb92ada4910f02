"""Secrets are found and never shown; what is none does not stand in the way."""

from __future__ import annotations

import json
import time

import pytest

from orrery_wire.errors import TimedOut
from orrery_wire.secret_scan import findings, secret_error, without_secrets
from orrery_wire.snippets import SnippetCell, SnippetContent

SECRETS = {
    'password = "hunter2asdf"': "hunter2asdf",
    'key = "AKIAIOSFODNN7ABCDEFG"': "AKIAIOSFODNN7ABCDEFG",
    'aws_secret_access_key = "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"': "K7MDENG",
    'token = "ghp_0123456789abcdefghijABCDEFGHIJ012345"': "0123456789abcdef",
    'url = "postgres://me:s3cr3tpw@db/x"': "s3cr3tpw",
    "-----BEGIN RSA PRIVATE KEY-----": "PRIVATE",
    'api_key = "AKIAIOSFODNN7ABCDEFG"  # pragma: allowlist secret': "AKIAIOSFODNN7ABCDEFG",
    'client.auth("hvs.CAESIJ1k2l3m4n5o6p7q8r9s0tAbCdEfGh")': "CAESIJ1k2l3m4n5o",
    "hvb.AAAAAQJ1k2l3m4n5o6p7q8r9s0tAbCdEfGh": "AAAAAQJ1k2l3m4n5o",
    "x = get('AKIAIOSFODNN7ABCDEFG')[0]": "AKIAIOSFODNN7ABCDEFG",
    "user_id = 'AKIAIOSFODNN7ABCDEFG'": "AKIAIOSFODNN7ABCDEFG",
}
HARMLESS = [
    "x = 1",
    'df = pd.read_csv("${LAKE:lake}/wine.csv")',
    'password = "${1:password}"',
    'password = os.environ["PASSWORD"]',
    "password = getpass()",
    'mlflow.set_tracking_uri("$MLFLOW_TRACKING_URI")',
]
KEY = "AKIAIOSFODNN7ABCDEFG"
VAULT = "hvs." + "CAESIJ1k2l3m4n5o6p7q8r9s0tAbCdEfGh"


@pytest.mark.parametrize(("line", "secret"), SECRETS.items())
def test_a_secret_is_found_and_masked(line: str, secret: str) -> None:
    cells = [SnippetCell(source="# nothing"), SnippetCell(source=f"a = 1\n{line}\n")]
    (found,) = findings(cells)
    assert (found.cell, found.line) == (1, 2)
    assert "•" in found.excerpt
    assert secret not in found.excerpt


HIDDEN = (
    "\u200b\u200c\u200d\u2060\ufeff\u00ad\u202e\u2066\u034f\ufe0f\u180e\u3164\x00\x08\x7f\U000e0041"
)


def _full_width(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


@pytest.mark.parametrize("secret", [KEY, VAULT])
@pytest.mark.parametrize("character", HIDDEN)
def test_what_nobody_sees_hides_no_secret(secret: str, character: str) -> None:
    for text in (secret[:7] + character + secret[7:], character.join(secret)):
        (found,) = findings([SnippetCell(source=f"a = 1\nx = {text}")])
        assert found.line == 2
        assert secret[7:14] not in found.excerpt


@pytest.mark.parametrize("secret", [KEY, VAULT])
def test_another_form_of_the_letters_hides_no_secret(secret: str) -> None:
    mathematical = "".join(chr(0x1D400 + ord(c) - 65) if "A" <= c <= "Z" else c for c in secret)
    for text in (_full_width(secret), mathematical):
        (found,) = findings([SnippetCell(source=f"x = {text}")])
        assert "•" in found.excerpt


@pytest.mark.parametrize("comment", ["# pragma: allowlist secret", "// pragma: allowlist nextline secret", "# noqa", "# nosec"])  # fmt: skip
def test_no_comment_turns_the_scan_off(comment: str) -> None:
    assert findings([SnippetCell(source=f"{comment}\nx = '{KEY}'  {comment}")])


@pytest.mark.parametrize("secret", [KEY, VAULT])
@pytest.mark.parametrize("field", ["name", "description", "tags", "prefixes", "source"])
def test_every_text_of_a_snippet_is_scanned(field: str, secret: str) -> None:
    cell = SnippetCell(kind="markdown", source=secret if field == "source" else "x = 1")
    fields = {"name": "n", "cells": (cell,)}
    if field in ("tags", "prefixes"):
        fields[field] = ("first", secret)
    elif field != "source":
        fields[field] = secret
    error = secret_error(SnippetContent.model_validate(fields))
    assert error is not None
    assert secret[7:14] not in json.dumps(error.body(""))
    assert secret_error(SnippetContent(name="n", cells=(SnippetCell(source="x = 1"),))) is None


@pytest.mark.parametrize("line", HARMLESS)
def test_what_is_no_secret_is_left_alone(line: str) -> None:
    assert findings([SnippetCell(source=line)]) == ()


@pytest.mark.parametrize(
    "text",
    [
        "key" + " " * 199_000,
        "aws" * 60_000,
        "'" * 200_000,
        "password=" * 20_000,
        "a" * 200_000,
        "\u0301\u0316" * 100_000,
        "\ufdfa" * 200_000,
        "\u200b" * 200_000,
        "hvs." * 50_000,
        "".join(map(chr, range(0xE000, 0x1E000))),
    ],
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


@pytest.mark.parametrize("filler", ["a", "a=", "-/+", "x y"])
def test_a_long_line_takes_no_longer_than_its_length(filler: str) -> None:
    def seconds(length: int) -> float:
        line = filler * (length // len(filler)) + " 'AKIAQYLPMN5HFIQR7XYA'"
        started = time.process_time()
        found = findings([SnippetCell(kind="code", source=line)], seconds=60)
        assert found
        assert "AKIAQYLPMN5HFIQR7XYA" not in found[0].excerpt
        return time.process_time() - started

    seconds(2_000)
    assert seconds(120_000) < 40 * max(seconds(12_000), 0.05)


def test_the_time_limit_holds_within_a_line() -> None:
    cell = SnippetCell(kind="code", source="password = " * 18_000)
    started = time.monotonic()
    with pytest.raises(TimedOut):
        findings([cell], seconds=0.01)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("/projects/password=AKIAQYLPMN5HFIQR7XYA/x", ""),
        ("/projects/churn/members/ben", "/projects/churn/members/ben"),
        ("", ""),
    ],
)
def test_a_text_without_its_secrets(text: str, kept: str) -> None:
    assert without_secrets(text).startswith(kept)
    assert "AKIA" not in without_secrets(text)
