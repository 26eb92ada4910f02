"""No address that is shown holds what opens it."""

from __future__ import annotations

import pytest

from orrery_server.base.addresses import shown

SECRET = "canaryPW"


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("http://me:canaryPW@host/x?a=1#b", "http://host/x?a=1#b"),
        ("https://canaryPW@host", "https://host"),
        ("HTTP://me:canaryPW@[::1]:5000/", "HTTP://[::1]:5000/"),
        ("http://me:canary@PW:canaryPW@host/", "http://host/"),
        ("http://me:canaryPW/x@host/", "http://host/"),
        ("postgresql+psycopg://me:canaryPW@host/db", "postgresql+psycopg://host/db"),
        ("s3://key:canaryPW@bucket/p", "s3://bucket/p"),
        ("ssh://git:canaryPW@host/r.git", "ssh://git@host/r.git"),
        ("https://host/r?access_token=canaryPW&a=1", "https://host/r?a=1"),
        ("https://host/r?sig=canaryPW", "https://host/r"),
    ],
)
def test_what_opens_it_is_left_out(address: str, told: str) -> None:
    assert shown(address) == told
    assert SECRET not in shown(address)


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:5000",
        "http://host:8081/@scope/package",
        "https://host/a@b?next=c@d",
        "ssh://git@host/r.git",
        "abfss://container@account.dfs.core.windows.net/p",
        "/srv/a@b/lake",
        "git@host:team/r.git",
        "",
    ],
)
def test_what_opens_nothing_stays(address: str) -> None:
    assert shown(address) == address
