"""A store's host gets what the connection holds and nothing of this process, and leads to no other host."""

from __future__ import annotations

import asyncio
import json
import logging

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from orrery_engine.lake import options
from orrery_engine.lake.opening import open_store
from orrery_engine.lake.spec import Credentials, StoreSpec
from orrery_wire.errors import BackendUnavailable, Forbidden, Invalid, OrreryError
from tests.engine.lake.listing_server import ListingServer
from tests.engine.lake.recording_server import Answer, Recording, recording

run = asyncio.run
CANARY = "CANARY"
# Azure's keys are Base64.
CODED = "Q0FOQVJZ"
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": CANARY,
    "AWS_SECRET_ACCESS_KEY": CANARY,
    "AWS_SESSION_TOKEN": CANARY,
    "AWS_ROLE_ARN": CANARY,
    "AZURE_STORAGE_ACCOUNT_NAME": CANARY,
    "AZURE_STORAGE_ACCOUNT_KEY": CODED,
    "AZURE_STORAGE_TOKEN": CANARY,
    "AZURE_STORAGE_SAS_TOKEN": f"sig={CANARY}",
    "AZURE_STORAGE_SAS_KEY": f"sig={CANARY}",
    "AZURE_TENANT_ID": CANARY,
    "AZURE_CLIENT_ID": CANARY,
    "AZURE_CLIENT_SECRET": CANARY,
}
KEYS = {"access_key_id": "own-id", "secret_access_key": "own-secret"}
SPECS = {
    "s3": StoreSpec("s3", "bucket"),
    "gs": StoreSpec("gs", "bucket"),
    "abfs": StoreSpec("abfs", "bucket", account="account"),
}
# The kind, what the connection holds, and what of it the host must see.
OWN: list[tuple[str, dict[str, str], str]] = [
    ("s3", {}, ""),
    ("s3", KEYS, "own-id"),
    ("s3", {**KEYS, "session_token": "own-session"}, "own-session"),
    ("gs", {}, ""),
    ("gs", {"token": "own-token"}, "own-token"),
    ("abfs", {}, ""),
    ("abfs", {"account_key": "b3du"}, "SharedKey account:"),
    ("abfs", {"sas_token": "?sv=1&sig=own-sas"}, "own-sas"),
]


@pytest.fixture(autouse=True)
def _no_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(options.RETRY, "max_retries", 0)
    monkeypatch.setattr(options, "RETRIES", 0)


def spec_at(kind: str, url: str) -> StoreSpec:
    from dataclasses import replace

    return replace(SPECS[kind], endpoint=url)


def ask_all(kind: str, values: dict[str, str], server: Recording) -> list[OrreryError]:
    """Read, write, list and look, whatever comes of it."""
    failures = []
    for name in ("read", "stat", "write", "page"):
        store = open_store(spec_at(kind, server.url), Credentials(values))
        more = (b"x",) if name == "write" else ()
        try:
            run(getattr(store, name)("folder/file", *more))
        except OrreryError as problem:
            failures.append(problem)
    return failures


@pytest.mark.parametrize(("kind", "values", "seen"), OWN)
def test_nothing_of_the_environment_reaches_a_host(
    kind: str, values: dict[str, str], seen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with recording(lambda *_: (400, {}, b"no")) as server:
        failures = ask_all(kind, values, server)
    assert len(server.requests) >= 4
    for request in server.requests:
        assert CANARY not in request
        assert seen in request
        if not values:
            assert "authorization" not in request.lower()
    assert all(CANARY not in str(failure) for failure in failures)


def test_a_key_of_a_service_account_is_the_one_that_signs(monkeypatch: pytest.MonkeyPatch) -> None:
    key = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    account = {"client_email": "a@b", "private_key": key.decode(), "private_key_id": "1"}
    text = json.dumps({"type": "service_account", **account})
    with recording(lambda *_: (400, {}, b"no")) as server:
        spec = spec_at("gs", server.url)
        with pytest.raises(OrreryError):
            run(open_store(spec, Credentials({"service_account": text})).read("a"))
        assert "Bearer ey" in server.requests[0]
        monkeypatch.setenv("GOOGLE_BEARER_TOKEN", CANARY)
        with pytest.raises(Invalid, match="GOOGLE_BEARER_TOKEN"):
            open_store(spec, Credentials({"service_account": text}))


@pytest.mark.parametrize(
    ("kind", "name"),
    [("s3", "AWS_SSE_CUSTOMER_KEY_BASE64"), ("abfs", "AZURE_STORAGE_ENCRYPTION_KEY")],
)
def test_what_a_library_would_always_send_is_refused_with_its_name(
    kind: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, CODED)
    with pytest.raises(Invalid, match=name) as caught:
        open_store(spec_at(kind, "http://127.0.0.1:9"), Credentials())
    assert CODED not in str(caught.value)


@pytest.mark.parametrize("kind", sorted(SPECS))
def test_the_identity_of_this_machine_goes_to_no_address_that_somebody_entered(kind: str) -> None:
    with recording(lambda *_: (400, {}, b"no")) as server:
        with pytest.raises(Invalid, match="Nothing was entered"):
            open_store(spec_at(kind, server.url), Credentials(is_ambient=True))
        assert server.requests == []
    open_store(SPECS[kind], Credentials(is_ambient=True))


def test_an_address_that_the_environment_names_gets_its_identity(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with recording(lambda *_: (400, {}, b"no")) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        store = open_store(spec_at("s3", f"{server.url}/"), Credentials(is_ambient=True))
        with pytest.raises(OrreryError):
            run(store.read("a"))
        assert CANARY in server.requests[0]


@pytest.mark.parametrize(
    ("kind", "values", "words"),
    [
        ("abfs", {"client_secret": "x"}, "Client secret is not spoken"),
        ("abfs", {"account_key": "b3du", "client_secret": "x"}, "Client secret"),
        ("abfs", {"token": "x"}, "Token is not spoken"),
        ("gs", {"account_key": "x"}, "Account key"),
        ("s3", {"access_key_id": "x"}, "belong together"),
        ("s3", {"session_token": "x"}, "belong together"),
        ("gs", {"service_account": "no json"}, "no key of a service account"),
        ("gs", {"service_account": '{"type": "external_account"}'}, "no key of a service account"),
        ("gs", {"service_account": '["service_account"]'}, "no key of a service account"),
    ],
)
def test_what_does_not_open_such_a_store_is_said(
    kind: str, values: dict[str, str], words: str
) -> None:
    with pytest.raises(Invalid, match=words) as caught:
        open_store(SPECS[kind], Credentials(values))
    assert caught.value.remedy


def test_a_kind_that_is_not_read_is_said() -> None:
    with pytest.raises(Invalid, match="'http' are not read"):
        open_store(StoreSpec("http", "http://127.0.0.1"))


@pytest.mark.parametrize(
    ("kind", "values", "status"),
    [(kind, values, 307) for kind, values, _ in OWN]
    + [("s3", KEYS, n) for n in (301, 302, 303, 308)],
)
def test_no_answer_leads_a_reader_to_another_host(
    kind: str, values: dict[str, str], status: int
) -> None:
    with recording(lambda *_: (200, {}, b"inside")) as inner:
        target = inner.url.replace("127.0.0.1", "localhost") + "/latest/meta-data"
        with recording(lambda *_: (status, {"Location": target}, b"")) as outer:
            store = open_store(spec_at(kind, outer.url), Credentials(values))
            for work in (store.read("a"), store.stat("a"), store.peek("a", 0, 5)):
                with pytest.raises(OrreryError):
                    run(work)
            assert outer.requests
        assert inner.requests == []


NAMES = ["orange.csv", "416.csv", "status code: 416", "range not satisfiable", "timeout/InvalidToken", "dns resolve", "a.csv"]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("status", [400, 403, 500])
def test_a_read_that_fails_is_no_empty_file_whatever_its_name(name: str, status: int) -> None:
    body = b"<Error><Code>AccessDenied</Code></Error>"
    with recording(lambda *_: (status, {}, body)) as server:
        store = open_store(spec_at("s3", server.url), Credentials(KEYS))
        for work in (store.read(name), store.read(name, 5, 5), store.peek(name, 0, 10)):
            with pytest.raises(OrreryError) as caught:
                run(work)
            kind = Forbidden if status == 403 else BackendUnavailable
            assert type(caught.value) is kind, caught.value


def served(method: str, path: str, asked: str) -> Answer:
    """What a server says that knows a file of ten bytes: in parts, or only as a whole."""
    data = b"0123456789"
    if "whole" in path or not asked:
        return 200, {}, data
    begin, _, end = asked.removeprefix("bytes=").partition("-")
    start = int(begin) if begin else len(data) - int(end)
    stop = min(len(data), int(end) + 1) if begin and end else len(data)
    if start >= len(data):
        return 416, {}, b"<Error><Code>InvalidRange</Code></Error>"
    return 206, {"Content-Range": f"bytes {start}-{stop - 1}/{len(data)}"}, data[start:stop]


def test_a_server_that_gives_no_parts_gives_no_empty_files() -> None:
    with recording(served) as server:
        store = open_store(spec_at("s3", server.url), Credentials(KEYS))
        assert run(store.read("whole.csv")) == b"0123456789"
        for work in (store.read("whole", 0, 4), store.read("whole", 3), store.peek("whole", 0, 4), store.peek("whole", -4, 4)):  # fmt: skip
            with pytest.raises(BackendUnavailable, match="gives no parts"):
                run(work)
        assert run(store.read("parts", 2, 3)) == b"234"
        assert run(store.read("parts", 10, 3)) == run(store.read("parts", 99)) == b""
        assert run(store.peek("parts", -4, 4))[0] == b"6789"


def test_no_signed_address_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    values = {**KEYS, "session_token": CANARY}
    with ListingServer([]) as server:
        run(open_store(spec_at("s3", server.url), Credentials(values)).page(""))
        assert len(server.requests) == 2
    assert CANARY not in caplog.text
    assert "Signature" not in caplog.text
