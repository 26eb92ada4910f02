"""Secrets are kept out of texts."""

from __future__ import annotations

import base64
import html
import io
import json
import logging
import shlex
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
    with known_secrets([VALUE]):
        for form in forms:
            assert mask(f"<{form}>") == f"<{MASK}>"
    assert mask(VALUE) == VALUE


@each("password", ["abc", "pw", "7", "$!", "long enough", "ö", VALUE, "x" * 300])
@each("user", ["", "u", "us", "use", "person.of@example.org", "ä" * 40])
def test_a_log_in_of_a_header_is_masked_however_short(user: str, password: str) -> None:
    coded = base64.b64encode(f"{user}:{password}".encode()).decode()
    texts = [
        f"Authorization: Basic {coded}",
        f"basic {coded.rstrip('=')} and so on",
        f"h=Basic%20{quote(coded, safe='')}&x=1",
        f"{{'Authorization': 'Basic {coded}'}}",
    ]
    if len(password) > 3:
        texts.append(base64.urlsafe_b64encode(f"https://{user}:{password}@h/".encode()).decode())
    with known_secrets([password]):
        for text in texts:
            assert MASK in mask(text), text
            assert coded.rstrip("=") not in mask(text)


def test_a_short_secret_is_masked_where_it_stands_alone() -> None:
    with known_secrets(["abc", "7", "$!"]):
        assert mask("password=abc&x") == f"password={MASK}&x"
        assert mask("abc") == MASK
        assert mask("'abc', 7!") == f"'{MASK}', {MASK}!"
        assert mask("abcd 77 a7") == "abcd 77 a7"
        assert mask("u$!v") == f"u{MASK}v"


def test_each_line_of_a_key_is_masked() -> None:
    lines = ["-----BEGIN KEY-----", "MIIEvQIBADANBgkqhkiG", "9w0BAQEFAASCBKcwggSj+/ab", "ab=="]
    pem = "\n".join(lines)
    file = json.dumps({"type": "service_account", "private_key": pem, "client_id": "10203"})
    for value, texts in (
        (pem, lines),
        (pem.replace("\n", "\r\n"), lines),
        (file, [*lines, pem, json.dumps(pem), json.dumps(file), json.dumps({"a": file})]),
        (json.dumps(file), lines),
    ):
        with known_secrets([value]):
            for text in texts:
                masked = mask(f"a {text} b")
                assert not [line for line in lines[1:] if line in masked], masked
            assert mask("type of 10203") == "type of 10203"


def test_other_ways_to_write_a_value() -> None:
    value = 'it\'s "<a>" & 100%/~ é'
    texts = [
        json.dumps(json.dumps({"password": value})),
        f"{{'password': {value!r}}}",
        repr(value.encode()),
        shlex.quote(value),
        html.escape(value),
        "'" + value.replace("'", "''") + "'",
        quote(value, safe="/"),
        quote(value).lower(),
        value.encode().hex().upper(),
        base64.urlsafe_b64encode(b"x" + value.encode() + b"yz").decode(),
    ]
    with known_secrets([value]):
        for text in texts:
            masked = mask(text)
            assert MASK in masked, text
            assert len(masked) < len(text) - 10, masked


def test_what_is_no_secret_stays() -> None:
    text = 'Basic facts about basic English: aGVsbG8gd29ybGQ= took 12 s, /a/b/c, {"a": 1}'
    with known_secrets(["a long password", "q"]):
        assert mask(text) == text


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
