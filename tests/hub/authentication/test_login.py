"""Log-in at a real JupyterHub by a real OpenID Connect provider: groups, roles, mappings, and what is refused."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from orrery_hub.authentication.authenticators import GitHubAuthenticator, OIDCAuthenticator
from orrery_hub.ports import PortStore
from orrery_hub.scopes import ACCESS, PLATFORM_ADMIN
from tests.hub.hubs import Hub
from tests.oidc.provider import OIDCProvider, provider


@pytest.fixture(scope="module")
def oidc() -> OIDCProvider:
    return provider()


@pytest.fixture(scope="module")
def login_hub(oidc: OIDCProvider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    home = tmp_path_factory.mktemp("login")
    ports = PortStore(home / "state")
    ports.assign("service", 0)
    port = ports.assign("hub", 0)
    client, secret = oidc.register(f"http://127.0.0.1:{port}/hub/oauth_callback")
    (home / "secrets").mkdir(mode=0o700)
    (home / "secrets" / "login_client_secret").write_text(secret)
    hub = Hub(
        home,
        login=f"oidc:{oidc.issuer}",
        login_client_id=client,
        login_admins=("role:Operator",),
        token_cache_seconds=0,
    )
    more = "c.Authenticator.auth_refresh_age = 1\n"
    hub.config.write_text(hub.config.read_text() + more)
    hub.start()
    yield hub
    hub.stop()


def log_in(
    hub: Hub, oidc: OIDCProvider, subject: str, browser: httpx.Client | None = None
) -> httpx.Response:
    """The page after a log-in, in a browser of its own if none is given."""
    address = f"{hub.api.removesuffix('/api')}/oauth_login?next=%2Fhub%2Fhome"
    if browser is not None:
        return oidc.log_in(browser, address, subject)
    with httpx.Client(timeout=30, trust_env=False) as browser:
        return oidc.log_in(browser, address, subject)


def groups(hub: Hub, user: str) -> set[str]:
    return set(hub.call("GET", f"/users/{user}").json()["groups"])


def account(oidc: OIDCProvider, name: str, **claims: Any) -> None:
    oidc.set_account(name, preferred_username=name, **claims)


def eventually_groups(hub: Hub, user: str, part: str) -> set[str]:
    until = time.monotonic() + 15
    while time.monotonic() < until:
        if any(part in group for group in groups(hub, user)):
            break
        time.sleep(0.1)
    return groups(hub, user)


def test_groups_come_with_the_log_in_by_their_full_paths(
    login_hub: Hub, oidc: OIDCProvider
) -> None:
    account(oidc, "ada", groups=["/a/dev", "/b/dev"], roles=["Reader"])
    page = log_in(login_hub, oidc, "ada")
    assert page.status_code == 200, page.text
    assert str(page.url).endswith("/hub/home")
    assert groups(login_hub, "ada") == {"idp:group:/a/dev", "idp:group:/b/dev", "idp:role:Reader"}


def test_log_in_and_refresh_keep_the_groups_of_orrery_and_of_operators(
    login_hub: Hub, oidc: OIDCProvider
) -> None:
    """JupyterHub alone replaces all groups of a person by those of the provider."""
    account(oidc, "bea", groups=["/x"])
    log_in(login_hub, oidc, "bea")
    with login_hub.client("bea") as bea:
        assert bea.post("/projects", json={"slug": "beas", "name": "B"}).status_code == 201
    login_hub.call("POST", "/groups/operators-own")
    login_hub.call("POST", "/groups/operators-own/users", json={"users": ["bea"]})
    own = eventually_groups(login_hub, "bea", "orrery-project-beas") - {"idp:group:/x"}
    assert "operators-own" in own
    account(oidc, "bea", groups=["/y"])
    with httpx.Client(timeout=30, trust_env=False) as browser:
        page = log_in(login_hub, oidc, "bea", browser)
        assert page.status_code == 200
        assert groups(login_hub, "bea") == own | {"idp:group:/y"}
        account(oidc, "bea", groups=["/z"])
        time.sleep(1.1)  # the log-in is a second old, and refreshed with the next page
        assert browser.get(str(page.url)).status_code == 200
    assert groups(login_hub, "bea") == own | {"idp:group:/z"}


def test_mapped_groups_give_roles_at_once_and_take_them_away(
    login_hub: Hub, oidc: OIDCProvider
) -> None:
    with login_hub.client("cyd") as cyd:
        cyd.post("/projects", json={"slug": "cyds", "name": "C"}).raise_for_status()
    with login_hub.client("root", [ACCESS, PLATFORM_ADMIN]) as root:
        for body in (
            {"kind": "group", "value": "/cyds/dev", "project": "cyds", "role": "editor"},
            {"kind": "role", "value": "Deployer", "project": None, "role": "production-engineer"},
        ):
            assert root.post("/access/mappings", json=body).status_code == 201
        account(oidc, "dora", groups=["/cyds/dev"], roles=["Deployer"])
        log_in(login_hub, oidc, "dora")
        with login_hub.client("dora") as dora:
            mine = dora.get("/me/permissions").json()
            assert {"slug": "cyds", "role": "editor"} in mine["projects"]
            assert [(r["role"], r["source"], r["claim"]) for r in mine["roles"]] == [
                ("production-engineer", "claim", "idp:role:Deployer")
            ]
            assert dora.post("/projects", json={"slug": "d", "name": "D"}).status_code == 403
            query = {"user": "dora", "action": "projects.create"}
            words = root.get("/access/explain", params=query).json()
            assert not words["is_allowed"]
            account(oidc, "dora", groups=[])
            log_in(login_hub, oidc, "dora")
            assert {p["slug"] for p in dora.get("/me").json()["projects"]} == {"sample"}
            assert dora.post("/projects", json={"slug": "d", "name": "D"}).status_code == 201


def test_too_many_groups_are_said_and_change_nothing(login_hub: Hub, oidc: OIDCProvider) -> None:
    """Trap 12."""
    account(oidc, "eve", groups=["/a"])
    log_in(login_hub, oidc, "eve")
    account(oidc, "eve", _claim_names={"groups": "src1"})
    page = log_in(login_hub, oidc, "eve")
    assert page.status_code == 403
    assert "did not send your groups" in page.text
    assert groups(login_hub, "eve") == {"idp:group:/a"}


def test_a_name_that_somebody_else_has_at_the_provider_now_is_refused(
    login_hub: Hub, oidc: OIDCProvider
) -> None:
    oidc.set_account("first", preferred_username="fay")
    oidc.set_account("second", preferred_username="fay")
    for subject, status in (("first", 200), ("second", 403), ("first", 200)):
        assert log_in(login_hub, oidc, subject).status_code == status
    assert "belonged to somebody else" in log_in(login_hub, oidc, "second").text


def test_an_app_role_administers(login_hub: Hub, oidc: OIDCProvider) -> None:
    account(oidc, "gil", roles=["Operator"])
    log_in(login_hub, oidc, "gil")
    assert login_hub.call("GET", "/users/gil").json()["admin"] is True
    with login_hub.client("gil", [ACCESS, PLATFORM_ADMIN]) as gil:
        assert gil.get("/access/roles").status_code == 200
    account(oidc, "gil", roles=[])
    log_in(login_hub, oidc, "gil")
    assert login_hub.call("GET", "/users/gil").json()["admin"] is False


def test_nobody_reads_what_the_provider_said_about_others(
    login_hub: Hub, oidc: OIDCProvider
) -> None:
    """Trap 7."""
    for name in ("hal", "ida"):
        account(oidc, name)
        log_in(login_hub, oidc, name)
    token = login_hub.call("POST", "/users/hal/tokens", json={}).json()["token"]
    headers = {"Authorization": f"token {token}"}
    with httpx.Client(base_url=login_hub.api, headers=headers, trust_env=False) as hal:
        assert hal.get("/users/ida").status_code in (403, 404)
        own = hal.get("/users/hal")
        assert own.status_code == 200
        assert "auth_state" not in own.json()


def test_an_account_that_nobody_logged_in_to_is_nobodys_by_its_name(
    login_hub: Hub, oidc: OIDCProvider
) -> None:
    """It was made by hand, or before the provider; only an administrator knows whose it is."""
    login_hub.call("POST", "/users/jana")
    account(oidc, "jana")
    page = log_in(login_hub, oidc, "jana")
    assert page.status_code == 403
    assert "nobody has logged in to it" in page.text
    login_hub.call("DELETE", "/users/jana")
    assert log_in(login_hub, oidc, "jana").status_code == 200
    assert log_in(login_hub, oidc, "jana").status_code == 200


@pytest.mark.parametrize(
    ("adopts", "admins", "allowed", "expected"),
    [
        (False, set(), set(), False),
        (True, set(), set(), True),
        (False, {"ida"}, set(), True),
        (False, set(), {"ida"}, True),
        (False, {"other"}, {"another"}, False),
    ],
)
def test_who_was_named_by_an_administrator_has_the_account(
    adopts: bool, admins: set[str], allowed: set[str], expected: bool
) -> None:
    for kind in (OIDCAuthenticator, GitHubAuthenticator):
        authenticator = kind(admin_users=admins, allowed_users=allowed, adopts_accounts=adopts)
        assert authenticator._may_adopt("ida") is expected
