"""The table of scopes, and what is drawn from it."""

from __future__ import annotations

import re
from pathlib import Path

import jupyterhub.scopes
import pytest

from orrery_hub import scopes
from orrery_hub.access.roles import BY_NAME, permissions_of


def test_jupyterhub_accepts_every_scope(monkeypatch: pytest.MonkeyPatch) -> None:
    table = dict(jupyterhub.scopes.scope_definitions)
    monkeypatch.setattr(jupyterhub.scopes, "scope_definitions", table)
    jupyterhub.scopes.define_custom_scopes(scopes.custom_scopes())
    assert table.keys() >= scopes.NAMES
    jupyterhub.scopes._check_scopes_exist([*scopes.SERVICE_SCOPES, scopes.ACCESS])


def test_names_follow_the_pattern_and_the_alphabet() -> None:
    names = [scope.name for scope in scopes.TABLE]
    assert names == sorted(set(names))
    assert all(re.fullmatch(r"custom:orrery:[a-z]+:[a-z]+", name) for name in names)
    assert all(scope.description for scope in scopes.TABLE)
    # The process that starts servers has a token of its own; no role of a person may do what it does.
    assert [scope.name for scope in scopes.TABLE if not scope.roles] == [scopes.LAUNCH]


def test_a_role_that_writes_reads() -> None:
    for role in ("user", "admin"):
        carried = set(scopes.carried_by(role))  # type: ignore[arg-type]
        for scope in scopes.TABLE:
            if scope.name in carried:
                assert carried >= set(scope.implies)


def test_an_ordinary_user_operates_nothing() -> None:
    assert scopes.PLATFORM_ADMIN not in scopes.carried_by("user")
    assert scopes.PUBLISH not in scopes.carried_by("user")
    assert scopes.PLATFORM_ADMIN not in scopes.carried_by_everyone()


def test_what_jupyterhub_lets_everybody_carry_is_not_what_everybody_may() -> None:
    """JupyterHub cannot change a role while it runs, so Orrery's roles decide; the default one is as before."""
    everyone = set(scopes.carried_by_everyone())
    assert everyone >= set(scopes.carried_by("user"))
    default = permissions_of(BY_NAME["data-scientist"], {})
    assert default == set(scopes.carried_by("user"))
    assert scopes.PUBLISH in everyone - default
    everything = {scope.name for scope in scopes.TABLE if scope.roles}
    assert permissions_of(BY_NAME["admin"], {}) == everything
    assert permissions_of(BY_NAME["admin"], {("admin", scopes.PUBLISH): False}) == everything


def test_what_a_permission_is_about_follows_from_it_unless_it_says_so() -> None:
    new = scopes.Scope("custom:orrery:pools:use", "Use pools")
    assert new.about == "develop"
    assert scopes.Scope("custom:orrery:pools:read", "See pools").about == "see"
    admins = frozenset[scopes.Role]({"admin"})
    assert scopes.Scope("custom:orrery:pools:change", "Change pools", admins).about == "operate"
    assert scopes.Scope("custom:orrery:x:deploy", "Deploy", kind="deploy").about == "deploy"


def test_a_scope_is_for_nobodys_lab_unless_it_says_so() -> None:
    new = scopes.Scope("custom:orrery:pools:use", "Use pools")
    assert (new.in_server, new.in_kernel) == (False, False)
    for scope in scopes.TABLE:
        assert scope.in_server or not scope.in_kernel, scope.name
        if scope.in_server:
            carriers = set(scope.implies) - set(scopes.carried_by_servers())
            assert not carriers, scope.name


def test_a_wrong_name_is_told() -> None:
    with pytest.raises(LookupError):
        scopes.require_known("custom:orrery:snippets:raed")


def test_what_the_service_may_do_at_jupyterhub_is_in_the_documentation() -> None:
    """Somebody decides by that page what a service that was taken over could do."""
    page = (Path(__file__).parents[2] / "docs" / "security.md").read_text(encoding="utf-8")
    section = page.partition("The service's own rights at JupyterHub")[2].partition("\n\n")[0]
    named = set(re.findall(r"`([a-z]+:[a-z:]+)`", section))
    assert named == set(scopes.SERVICE_SCOPES)
    assert not {scope for scope in named if scope.startswith(("access:", "tokens", "admin:users"))}
