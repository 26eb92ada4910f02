"""``configure(c)``: what a jupyterhub_config.py gets from the one call."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path
from typing import Any, get_args

import pytest
from jupyterhub.app import JupyterHub
from traitlets.config import Config

from orrery_hub.app import connect_to_hub
from orrery_hub.config import configure, server_token_scopes
from orrery_hub.profiles import PROFILES
from orrery_hub.profiles.lab_process import LabProcessSpawner
from orrery_hub.profiles.laptop import USERNAME
from orrery_hub.profiles.leased import LeasedSpawner
from orrery_hub.settings import Settings, SettingsError
from orrery_hub.standalone.hub_process import refuse


def configured(home: Path, **settings: Any) -> tuple[Config, Settings]:
    c = Config()
    return c, configure(c, Settings(home=home, **settings))


def everything(part: object) -> str:
    return repr(part)


def test_every_section_and_trait_exists(tmp_path: Path) -> None:
    c, _ = configured(tmp_path)
    known = {cls.__name__: cls for cls in JupyterHub().classes}
    from jupyterhub.authenticators.shared import SharedPasswordAuthenticator
    from jupyterhub.proxy import ConfigurableHTTPProxy
    from jupyterhub.spawner import SimpleLocalProcessSpawner

    for cls in (JupyterHub, SharedPasswordAuthenticator, ConfigurableHTTPProxy):
        known[cls.__name__] = cls
    known["SimpleLocalProcessSpawner"] = SimpleLocalProcessSpawner
    known |= {cls.__name__: cls for cls in (LeasedSpawner, LabProcessSpawner)}
    for section, values in c.items():
        configurable = set(known[section].class_traits(config=True))
        assert set(values) <= configurable


def test_what_was_there_before_stays(tmp_path: Path) -> None:
    c = Config()
    c.JupyterHub.services = [{"name": "other"}]
    c.JupyterHub.load_roles = [{"name": "mine"}]
    c.Spawner.environment = {"A": "1"}
    configure(c, Settings(home=tmp_path))
    assert [s["name"] for s in c.JupyterHub.services] == ["other", "orrery"]
    assert c.JupyterHub.load_roles[0] == {"name": "mine"}
    assert c.Spawner.environment["A"] == "1"


def test_no_secret_is_on_a_command_line_or_in_a_servers_environment(tmp_path: Path) -> None:
    c, settings = configured(tmp_path)
    secrets = [file.read_text().strip() for file in settings.secrets.iterdir()]
    assert len(secrets) == 4
    for place in (c.JupyterHub.services, c.Spawner, c.ConfigurableHTTPProxy.command):
        assert not [secret for secret in secrets if secret in everything(place)]


def test_secrets_are_made_once_and_for_their_owner_only(tmp_path: Path) -> None:
    first, settings = configured(tmp_path)
    second, _ = configured(tmp_path)
    assert first.SharedPasswordAuthenticator == second.SharedPasswordAuthenticator
    assert stat.S_IMODE(settings.secrets.stat().st_mode) == 0o700
    for file in settings.secrets.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_ports_stay_the_same(tmp_path: Path) -> None:
    first, _ = configured(tmp_path)
    second, _ = configured(tmp_path)
    assert first.JupyterHub.bind_url == second.JupyterHub.bind_url
    ports = json.loads((tmp_path / "state/ports.json").read_text())
    assert len(set(ports.values())) == len(ports) == 4
    third, _ = configured(tmp_path, port=ports["public"] - 1)
    assert third.JupyterHub.bind_url == f"http://127.0.0.1:{ports['public'] - 1}/"


def test_a_damaged_file_of_ports_only_costs_the_ports(tmp_path: Path) -> None:
    configured(tmp_path)
    (tmp_path / "state/ports.json").write_text('{"public": "x"')
    c, _ = configured(tmp_path)
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", c.JupyterHub.bind_url)


def test_every_address_is_loopback_and_every_path_absolute(tmp_path: Path) -> None:
    c, _ = configured(tmp_path, mlflow_tracking_uri="http://127.0.0.1:5000")
    text = everything(dict(c))
    assert set(re.findall(r"https?://([^:/']+)", text)) == {"127.0.0.1"}
    for path in (
        c.JupyterHub.cookie_secret_file,
        c.JupyterHub.pid_file,
        c.ConfigurableHTTPProxy.pid_file,
        c.JupyterHub.db_url.removeprefix("sqlite:///"),
        c.SimpleLocalProcessSpawner.home_dir_template,
    ):
        assert Path(path).is_relative_to(tmp_path)


def test_without_a_profile_spawner_and_login_are_left_alone(tmp_path: Path) -> None:
    c, _ = configured(tmp_path, profile="none")
    assert set(c) == {"JupyterHub", "Spawner"}
    assert set(c.JupyterHub) == {"custom_scopes", "load_roles", "services", "template_paths"}


def test_every_profile_can_be_chosen_by_its_name() -> None:
    names = get_args(Settings.model_fields["profile"].annotation)
    assert set(names) == {*PROFILES, "none"}


def test_a_servers_token_carries_what_its_panels_need_and_nothing_else(tmp_path: Path) -> None:
    frozen = [
        "users:activity!user",
        "access:servers!server",
        "access:services!service=orrery",
        "custom:orrery:budgets:read",
        "custom:orrery:budgets:write",
        "custom:orrery:connections:read",
        "custom:orrery:connections:use",
        "custom:orrery:connections:write",
        "custom:orrery:culling:read",
        "custom:orrery:culling:write",
        "custom:orrery:datasets:read",
        "custom:orrery:datasets:write",
        "custom:orrery:notices:read",
        "custom:orrery:notices:write",
        "custom:orrery:pools:read",
        "custom:orrery:projects:create",
        "custom:orrery:projects:read",
        "custom:orrery:projects:write",
        "custom:orrery:queue:read",
        "custom:orrery:queue:write",
        "custom:orrery:servers:read",
        "custom:orrery:servers:write",
        "custom:orrery:snippets:read",
        "custom:orrery:snippets:write",
    ]
    assert server_token_scopes() == frozen
    c, _ = configured(tmp_path)
    assert c.Spawner.server_token_scopes == frozen


def test_the_service_and_a_login_at_it_have_a_frozen_list_of_scopes(tmp_path: Path) -> None:
    c = Config()
    c.JupyterHub.load_roles, c.JupyterHub.services = [], []
    configure(c, Settings(home=tmp_path))
    (role,) = (role for role in c.JupyterHub.load_roles if role["name"] == "orrery-service")
    assert role["scopes"] == [
        "admin:groups",
        "delete:servers",
        "delete:users",
        "list:users",
        "read:servers",
        "read:shares",
        "read:tokens",
        "read:users",
        "read:users:shares",
        "start:servers",
    ]
    (service,) = c.JupyterHub.services
    assert service["oauth_client_allowed_scopes"] == [
        "access:services!service=orrery",
        "custom:orrery:snippets:publish",
        "custom:orrery:platform:admin",
        "custom:orrery:queue:override",
        "custom:orrery:budgets:read",
        "custom:orrery:culling:read",
        "custom:orrery:projects:read",
        "custom:orrery:projects:write",
        "shares!user",
        "tokens!user",
    ]
    assert "admin" not in service


@pytest.mark.parametrize(
    ("name", "good"),
    [
        ("ann", True),
        ("ann.b@c-d_e", True),
        ("", False),
        ("..", False),
        ("../x", False),
        ("a/b", False),
        ("/etc", False),
        ("Ann", False),
        ("ann\n", False),
        ("a" * 64, False),
        ("-rf", False),
    ],
)
def test_a_user_name_is_a_folders_name(name: str, good: bool) -> None:
    assert bool(re.match(USERNAME, name)) is good


@pytest.mark.parametrize("base_url", ["/jhub/", "/a/b/"])
@pytest.mark.parametrize("profile", ["laptop", "none"])
def test_below_another_path_labs_are_told_where_the_service_is(
    tmp_path: Path, base_url: str, profile: str
) -> None:
    c, _ = configured(tmp_path / "setting", base_url=base_url, profile=profile)
    assert c.Spawner.environment.get_value({})["ORRERY_HUB_URL"].endswith(
        f"{base_url}services/orrery/api"
    )
    own = Config()
    own.JupyterHub.base_url = base_url
    configure(own, Settings(home=tmp_path / "own", profile="none"))
    assert own.Spawner.environment.get_value({})["ORRERY_HUB_URL"].endswith(
        f"{base_url}services/orrery/api"
    )


def test_an_external_service_is_known_by_address_and_token(tmp_path: Path) -> None:
    c, settings = configured(tmp_path, service_external=True, service_port=4711, base_url="/x/")
    (service,) = c.JupyterHub.services.get_value([])
    assert "command" not in service
    assert service["url"] == "http://127.0.0.1:4711"
    assert service["api_token"] == (settings.secrets / "service_api_token").read_text().strip()
    assert c.Spawner.environment.get_value({})["ORRERY_HUB_URL"] == (
        "http://127.0.0.1:4711/x/services/orrery/api"
    )
    assert c.ConfigurableHTTPProxy.should_start is False
    assert c.JupyterHub.cleanup_servers is False


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"base_url": "/other/"}, "orrery up --base-url /other/"),
        ({"subdomain_host": "https://x.example"}, "subdomain_host"),
        ({"internal_ssl": True}, "internal_ssl"),
        ({"ssl_cert": "c.pem", "ssl_key": "k.pem"}, "ORRERY_PUBLIC_URL"),
    ],
)
def test_what_one_machine_does_not_support_is_refused(
    tmp_path: Path, wrong: dict[str, object], words: str
) -> None:
    refuse(JupyterHub(), Settings(home=tmp_path))
    with pytest.raises(SettingsError, match=re.escape(words)):
        refuse(JupyterHub(**wrong), Settings(home=tmp_path))


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"JUPYTERHUB_BASE_URL": "/jhub/"}, "ORRERY_BASE_URL=/jhub/"),
        ({"JUPYTERHUB_SSL_CERTFILE": "/c.pem"}, "internal_ssl"),
    ],
)
def test_the_service_of_another_hub_refuses_what_it_does_not_support(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], words: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=words):
        connect_to_hub(Settings(home=tmp_path, base_url="/"))
