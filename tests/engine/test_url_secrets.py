"""Addresses are read as SQLAlchemy reads them: for refusing, for hiding and for the code that is offered."""

from __future__ import annotations

import ast
from itertools import product

import pytest
import sqlalchemy

from orrery_engine import url_secrets
from orrery_engine.codegen.loading import load_table
from orrery_engine.schemas import SourceIn
from orrery_engine.url_secrets import Variable
from orrery_wire.errors import Invalid

SECRET = "hunter2x"
# What a password may be, and what a shell, a URL or Python could take it for.
VALUES = ("p@ss/w?rd", "100%41x", "a:b#c&d=e", "$HOME ${HOME}", "'\"\\\n{}", "ü漢😀", " +%2F")


def test_a_password_is_seen_wherever_sqlalchemy_takes_one() -> None:
    users = ("", "me", "me@corp", "a%40b", "@", "${USER}")
    passwords = (
        SECRET,
        "x/" + SECRET,
        "x?" + SECRET,
        "x#" + SECRET,
        "${A}" + SECRET,
        SECRET + "%40",
    )
    places = ("host", "127.0.0.1:1", "[::1]:5", "${HOST}:${PORT}")
    for user, password, place in product(users, passwords, places):
        url = f"postgresql://{user}:{password}@{place}/db"
        assert url_secrets.holds_secret(url), url
        assert any(SECRET in secret for secret in url_secrets.secrets_of(url)), url
        with pytest.raises(Invalid) as caught:
            url_secrets.require_no_secret(url)
        assert SECRET not in str(caught.value.body())


def test_a_field_is_taken_for_a_secret_unless_it_is_known_to_hold_none() -> None:
    url_secrets.require_no_secret("postgresql://me:${A}@host/db?token=${B}&sslmode=require")
    secret = ("token", "api_key", "sig", "AWSAccessKeyId", "client_secret", "Credential", "jwt")
    for field in (*secret, "sslpassword", "monkey_business", "${A}", "a/password"):
        assert url_secrets.holds_secret(f"x://host/db?{field}={SECRET}"), field
        assert SECRET in url_secrets.secrets_of(f"x://host/db?{field}={SECRET}")
    for field in ("keyspace", "keepalives", "SSLMode", "charset", "user", "warehouse"):
        assert not url_secrets.holds_secret(f"x://host/db?{field}=value"), field


def test_a_store_has_fields_that_open_nothing_and_patterns() -> None:
    for address in (
        "s3://b/x.csv?versionId=3",
        "s3://b/x?.csv",
        "s3://b/y?/month=1/*.csv",
        "s3://b/a#b",
    ):
        url_secrets.require_no_secret_of_store(address)
    for field in ("sig", "X-Amz-Signature", "jwt", "other", "a/token", "a#b&sig"):
        with pytest.raises(Invalid):
            url_secrets.require_no_secret_of_store(f"az://c/x.csv?{field}={SECRET}")


def test_what_is_shown_has_no_field_with_a_secret() -> None:
    for field in (
        "sslpassword",
        "jwt",
        "pass%77ord",
        "pass%2577ord",
        "ssl_key_password",
        "odbc_connect",
    ):
        shown = url_secrets.without_secret_fields(f"https://host/r?a=b#c&{field}={SECRET}&x=1")
        assert shown == "https://host/r?a=b#c&x=1"
    assert url_secrets.without_secret_fields("pg://h/d?sslkey=/k.pem") == "pg://h/d?sslkey=/k.pem"


@pytest.mark.parametrize("value", VALUES)
def test_offered_code_connects_as_the_profile_does(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PART", value)
    monkeypatch.setenv("PORT", "5433")
    for location in (
        "postgresql://u:${PART}@dbhost/x",
        "postgresql://${PART}:a${PART}@dbhost:${PORT}/x",
        "postgresql://u@dbhost/${PART}?application_name=${PART}&options=$HOME%20$PART",
        "postgresql://u%24PART@[::1]/$HOME%2Fx?host=a&host=b",
    ):
        expanded, _ = url_secrets.expand(location)
        code = load_table(SourceIn(kind="table", location=location, table="t"), "pandas", "df")
        scope: dict[str, object] = {}
        body = [item for item in ast.parse(code).body if "create_engine" not in ast.unparse(item)]
        body = [item for item in body if "read_sql" not in ast.unparse(item)]
        exec(compile(ast.Module(body, []), "cell", "exec"), scope)
        assert scope["address"] == sqlalchemy.make_url(expanded), location
        assert value not in code or value in location


def test_a_whole_address_in_a_variable_is_given_to_sqlalchemy_as_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:///$HOME/100%2541.db")
    source = SourceIn(kind="table", location="${DATABASE_URL}", table="t")
    code = load_table(source, "pandas", "df")
    assert "os.environ['DATABASE_URL']" in code
    assert "expandvars" not in code


def test_variables_are_told_from_text_that_looks_like_one() -> None:
    read = url_secrets.address_of("postgresql://%24%7BA%7D:${B}@h:${P}/d910000")
    assert read is not None
    assert read.user == ("${A}",)
    assert read.password == (Variable("B"),)
    assert read.port == (Variable("P"),)
    assert read.database == ("d910000",)
    assert url_secrets.address_of("nothing of the kind") is None
