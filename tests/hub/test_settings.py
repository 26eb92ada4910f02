"""Settings: typed, from the environment, told on without secrets."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from orrery_hub.settings import Settings, SettingsError


def test_they_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ORRERY_HOME", str(tmp_path))
    monkeypatch.setenv("ORRERY_ADMINS", "ada, eve")
    monkeypatch.setenv("ORRERY_SERVICE_PORT", "4711")
    settings = Settings()
    assert (settings.home, settings.admins, settings.service_port) == (
        tmp_path,
        ("ada", "eve"),
        4711,
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"port": 70_000},
        {"port": -1},
        {"host": "192.0.2.1"},
        {"token_cache_seconds": 61},
        {"profile": "moon"},
        {"default_project": "Not A Slug"},
        {"undelete_days": 7},
        {"max_body": 1},
        {"person_stored_bytes": 0},
        {"project_stored_bytes": 0},
        {"projects_per_person": 0},
        {"log_level": "chatty"},
    ],
)
def test_a_value_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Settings(**wrong)  # type: ignore[arg-type]


def test_what_is_told_on_reads_back_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    original = Settings(
        home=tmp_path,
        admins=("ada", "eve"),
        port=8000,
        proxy_command=("node", "chp.js"),
        default_project="",
        token_cache_seconds=5,
        log_level="debug",
    )
    for name in [name for name in os.environ if name.startswith("ORRERY_")]:
        monkeypatch.delenv(name)
    for name, value in original.environment().items():
        monkeypatch.setenv(name, value)
    assert Settings() == original


def test_the_database_is_named_by_a_file_and_never_told_on(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    assert settings.database() == f"sqlite:///{tmp_path}/state/orrery.sqlite"
    settings.secrets.mkdir()
    (settings.secrets / "database_url").write_text("postgresql+psycopg://u:hunter2@h/d\n")
    assert settings.database() == "postgresql+psycopg://u:hunter2@h/d"
    assert "hunter2" not in str(settings.environment())


def test_a_home_with_a_tilde_is_absolute() -> None:
    assert Settings(home=Path("~/x")).home == Path.home() / "x"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"host": "0.0.0.0"}, ("listens at 127.0.0.1 only", "ORRERY_PUBLIC_URL")),
        ({"host": "0.0.0.0", "profile": "none"}, ("labs cannot connect", "ORRERY_SERVICE_URL")),
        ({"base_url": "jhub"}, ("ORRERY_BASE_URL='jhub'", "starts and ends with a slash")),
        ({"base_url": "/a/../b c/"}, ("ORRERY_BASE_URL",)),
        ({"public_url": "lab.example.org"}, ("ORRERY_PUBLIC_URL", "https://")),
        ({"public_url": "https://x.org/a/", "base_url": "/b/"}, ("/a/", "/b/", "the same path")),
        ({"service_url": "orrery:80"}, ("ORRERY_SERVICE_URL",)),
        ({"service_url": "http://orrery:80/x"}, ("ORRERY_SERVICE_URL", "without a path")),
        ({"service_url": "http://orrery:x"}, ("ORRERY_SERVICE_URL",)),
        ({"public_url": "https://ann:hunter2@x.org"}, ("ORRERY_PUBLIC_URL", "without user")),
        ({"public_url": "https://x.org:99999"}, ("ORRERY_PUBLIC_URL",)),
        ({"public_url": "https://x.org/?a=b"}, ("ORRERY_PUBLIC_URL", "query")),
        ({"public_url": "https://x .org/"}, ("ORRERY_PUBLIC_URL",)),
        ({"hub_connect_url": "nonsense"}, ("ORRERY_HUB_CONNECT_URL", "http://")),
        ({"proxy_api_url": "nonsense"}, ("ORRERY_PROXY_API_URL", "http://")),
        ({"base_url": "/../"}, ("ORRERY_BASE_URL",)),
        ({"base_url": "/./"}, ("ORRERY_BASE_URL",)),
        ({"projects_lake": "{home}/lake"}, ("ORRERY_PROJECTS_LAKE", "share one place")),
        ({"projects_repository": "{home}/one.git"}, ("ORRERY_PROJECTS_REPOSITORY", "{key}")),
        ({"projects_lake": "{home}/{Key}"}, ("{Key} is not filled in",)),
        ({"projects_lake": "{home/{key}"}, ("is not filled in",)),
        ({"projects_lake": "relative/{key}"}, ("absolute path",)),
        ({"projects_lake": "/data/{key}/../shared"}, ("without ..",)),
        ({"trusted_proxies": "*"}, ("ORRERY_TRUSTED_PROXIES", "neither")),
        ({"trusted_proxies": "0.0.0.0/0"}, ("everybody",)),
        ({"trusted_proxies": "::/0"}, ("everybody",)),
        ({"trusted_proxies": "10.0.0.0/33"}, ("neither",)),
        ({"trusted_proxies": "10.0.0.1,nonsense"}, ("'nonsense'",)),
        ({"admins": ""}, ("ORRERY_ADMINS",)),
        ({"admins": "ada, b/../c"}, ("ORRERY_ADMINS", "b/../c")),
        ({"default_project": "current"}, ("ORRERY_DEFAULT_PROJECT", "another short name")),
        ({"database_seconds": float("inf")}, ("ORRERY_DATABASE_SECONDS",)),
        ({"database_seconds": 1e12}, ("ORRERY_DATABASE_SECONDS",)),
        ({"undelete_days": 3_000_000}, ("ORRERY_UNDELETE_DAYS",)),
        ({"audit_days": 3_000_000}, ("ORRERY_AUDIT_DAYS",)),
        ({"snippet_versions": 10**20}, ("ORRERY_SNIPPET_VERSIONS",)),
        ({"body_bytes": 4096}, ("ORRERY_BODY_BYTES", "ORRERY_MAX_BODY")),
        ({"person_body_bytes": 4096}, ("ORRERY_PERSON_BODY_BYTES", "ORRERY_MAX_BODY")),
        ({"home": "~nobody-has-this-name/x"}, ("ORRERY_HOME", "unknown")),
    ],
)
def test_an_address_that_cannot_be_is_refused_in_words(
    wrong: dict[str, object], words: tuple[str, ...]
) -> None:
    with pytest.raises(SettingsError) as refusal:
        Settings.load(**wrong)
    assert all(word in str(refusal.value) for word in words), str(refusal.value)


@pytest.mark.parametrize(
    "place",
    ["s3://lake/{slug}", "/data/{key}", "{home}/x/{key}/lake", "git@host:group/{key}.git", "https://git.example.org/{key}"],
)  # fmt: skip
def test_a_place_of_its_own_for_each_project_is_taken(place: str) -> None:
    assert Settings.load(projects_lake=place, projects_repository=place).projects_lake == place


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "does not exist"),
        ("", "no URL"),
        ("nonsense", "no URL"),
        ("mysql://ann:hunter2@h/d", "mysql"),
        ("postgresql+nodriver://ann:hunter2@h/d", "driver"),
        ("postgresql+psycopg://ann:hunter2@h", "names no database"),
        ("sqlite://", "names no database"),
    ],
)
def test_a_database_that_cannot_be_is_refused_without_its_password(
    tmp_path: Path, content: str | None, words: str
) -> None:
    file = tmp_path / "url"
    if content is not None:
        file.write_text(content)
    with pytest.raises(SettingsError) as refusal:
        Settings.load(home=tmp_path, database_url_file=file).database()
    assert words in str(refusal.value)
    assert str(file) in str(refusal.value)
    assert "hunter2" not in str(refusal.value)
