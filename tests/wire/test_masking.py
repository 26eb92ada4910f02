"""Secrets are kept out of texts."""

from __future__ import annotations

import base64
import io
import logging
from urllib.parse import quote

import pytest

from orrery_wire.errors import Conflict
from orrery_wire.masking import (
    MASK,
    MaskingFilter,
    is_secret_name,
    known_secrets,
    mask,
    mask_fields,
)
from tests.loops import each

VALUE = 'p@ss:/% "w\\ö'


@each(
    "name",
    [
        "password",
        "PASSWORD",
        "db_passwd",
        "apiKey",
        "API-KEY",
        "accessToken",
        "x-authorization",
        "private key",
        "connection_string",
        "awsSessionToken",
        "sasToken",
        "my.credential.s",
    ],
)
def test_a_name_of_a_secret(name: str) -> None:
    assert is_secret_name(name)


@each("name", ["user", "host", "port", "bucket", "region", "path", "description", "", "ssl_mode"])
def test_a_name_of_none(name: str) -> None:
    assert not is_secret_name(name)


def test_fields_are_masked_at_any_depth() -> None:
    value = {"a": [{"password": "x", "user": "u"}], "token": {"b": 1}, "secret": ""}
    assert mask_fields(value) == {
        "a": [{"password": MASK, "user": "u"}],
        "token": MASK,
        "secret": "",
    }


def test_values_are_masked_in_every_form_and_only_meanwhile() -> None:
    forms = [VALUE, quote(VALUE, safe=""), base64.b64encode(VALUE.encode()).decode().rstrip("=")]
    forms.append(VALUE.encode().hex())
    with known_secrets([VALUE, "abc"]):
        for form in forms:
            assert mask(f"<{form}>") == f"<{MASK}>"
        assert mask("abc") == "abc"  # too short to be told from a word
    assert mask(VALUE) == VALUE


def test_an_error_of_the_block_does_not_show_them() -> None:
    with pytest.raises(Conflict) as problem, known_secrets([VALUE]):
        raise Conflict(f"m {VALUE}", reason=VALUE, remedy=VALUE, details={"a": [VALUE, 1]})
    assert VALUE not in f"{problem.value!r} {problem.value} {problem.value.body()}"


def test_a_log_does_not_show_them() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(MaskingFilter())
    logger = logging.Logger("own")
    logger.addHandler(handler)
    with known_secrets([VALUE]):
        logger.warning("got %s", VALUE)
        try:
            raise ValueError(VALUE)
        except ValueError:
            logger.exception("it failed")
    logger.warning("plain %s", 1)
    assert VALUE not in stream.getvalue()
    assert "it failed" in stream.getvalue()
    assert "plain 1" in stream.getvalue()
