"""One setting names how people log in; what cannot be is refused with words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jupyterhub.app import JupyterHub
from traitlets.config import Config

from orrery_hub.authentication.authenticators import GitHubAuthenticator, OIDCAuthenticator
from orrery_hub.config import configure
from orrery_hub.settings import Settings, SettingsError

TENANT = "1B2C3D4E-0000-0000-0000-000000000001"


def configured(home: Path, login: str, **more: Any) -> Config:
    (home / "secrets").mkdir(parents=True, exist_ok=True)
    (home / "secrets" / "login_client_secret").write_text("the-secret\n")
    c = Config()
    # The values of a file that is loaded, not the lazy ones.
    c.JupyterHub.load_roles, c.JupyterHub.services = [], []
    values = {"login_client_id": "orrery", "admins": ("root",)} | more
    configure(c, Settings.load(home=home, login=login, **values))
    return c


@pytest.mark.parametrize(
    ("login", "issuer", "roles"),
    [
        ("oidc:https://login.example.org/", "https://login.example.org/", "roles"),
        ("keycloak:https://kc.example.org/realms/lab", "https://kc.example.org/realms/lab", "realm_access.roles"),
        (f"entra:{TENANT}", f"https://login.microsoftonline.com/{TENANT.lower()}/v2.0", "roles"),
    ],
)  # fmt: skip
def test_a_provider_is_one_setting(tmp_path: Path, login: str, issuer: str, roles: str) -> None:
    c = configured(tmp_path, login, login_admins=("/ops", "role:Operator"))
    authenticator = OIDCAuthenticator(config=c, parent=JupyterHub(config=c))
    assert (authenticator.issuer, authenticator.roles_claim) == (issuer, roles)
    assert (authenticator.client_id, authenticator.client_secret) == ("orrery", "the-secret")
    assert authenticator.manage_groups
    assert authenticator.enable_auth_state
    assert authenticator.allow_all
    assert authenticator.admin_groups == {"idp:group:/ops", "idp:role:Operator"}
    assert authenticator.admin_users == {"root"}
    (admins,) = (role for role in c.JupyterHub.load_roles if role["name"] == "orrery-admin")
    assert admins["groups"] == ["orrery-admins", "idp:group:/ops", "idp:role:Operator"]
    assert len(c.CryptKeeper["keys"][0]) == 32


def test_github_lets_in_organisations_and_teams(tmp_path: Path) -> None:
    c = configured(tmp_path, "github", login_allowed=("org", "lab/gpu"))
    authenticator = GitHubAuthenticator(config=c, parent=JupyterHub(config=c))
    assert authenticator.allowed_organizations == {"org", "lab:gpu"}
    assert not authenticator.allow_all
    assert "read:org" in authenticator.scope


def test_groups_that_may_log_in_have_the_prefix(tmp_path: Path) -> None:
    c = configured(tmp_path, "oidc:https://x.example", login_allowed=("/lab",))
    authenticator = OIDCAuthenticator(config=c, parent=JupyterHub(config=c))
    assert authenticator.allowed_groups == {"idp:group:/lab"}
    assert not authenticator.allow_all


def test_accounts_of_the_machine(tmp_path: Path) -> None:
    c = configured(tmp_path, "pam")
    assert c.JupyterHub.authenticator_class == "pam"
    assert "SharedPasswordAuthenticator" not in c


@pytest.mark.parametrize("login", ["", "password"])
def test_shared_passwords_stay_the_default(tmp_path: Path, login: str) -> None:
    c = configured(tmp_path, login)
    assert c.JupyterHub.authenticator_class == "shared-password"


@pytest.mark.parametrize(
    ("login", "more", "words"),
    [
        ("gitlab", {}, "password, pam, github"),
        ("oidc:http://login.example.org", {}, "with https"),
        ("oidc:https://x.example?a=b", {}, "with https"),
        ("keycloak:", {}, "with https"),
        ("entra:common", {}, "the whole world"),
        ("entra:example.org", {}, "the id of your tenant"),
        ("github", {}, "ORRERY_LOGIN_ALLOWED"),
        ("oidc:https://x.example", {"login_client_id": ""}, "ORRERY_LOGIN_CLIENT_ID"),
    ],
)
def test_what_is_wrong_is_refused_at_start(
    tmp_path: Path, login: str, more: dict[str, Any], words: str
) -> None:
    with pytest.raises(SettingsError, match=words):
        configured(tmp_path, login, **more)


def test_nobody_administers_by_being_called_admin(tmp_path: Path) -> None:
    values = {"login": "oidc:https://x.example", "login_client_id": "o"}
    with pytest.raises(SettingsError, match="whoever is called admin there"):
        Settings.load(home=tmp_path, **values)
    settings = Settings.load(home=tmp_path, admins=("admin",), **values)
    assert settings.environment()["ORRERY_ADMINS"] == "admin"
    assert Settings.load(home=tmp_path, admins="", **values).admins == ()


def test_without_the_clients_secret_it_does_not_start(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, login="oidc:https://x", login_client_id="o", admins=())
    with pytest.raises(ValueError, match="login_client_secret"):
        configure(Config(), settings)


@pytest.mark.parametrize("profile", ["laptop", "none"])
def test_roles_are_few_and_give_no_power_over_others(tmp_path: Path, profile: str) -> None:
    """Traps 1, 2 and 7: no role for a project, none that changes groups or their properties, none that reads the
    tokens that the provider gave about others."""
    c = configured(tmp_path, "oidc:https://x.example", profile=profile)
    roles = {role["name"]: role["scopes"] for role in c.JupyterHub.load_roles}
    assert sorted(roles) == ["orrery-admin", "orrery-service", "user"]
    for name, scopes in roles.items():
        assert not [scope for scope in scopes if "auth_state" in scope], name
        if name != "orrery-service":
            assert not [scope for scope in scopes if "groups" in scope], name
    assert not [scope for scope in c.Spawner.server_token_scopes if "auth_state" in scope]
