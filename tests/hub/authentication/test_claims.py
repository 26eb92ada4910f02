"""Groups and app roles in the claims of a log-in provider."""

from __future__ import annotations

import pytest

from orrery_hub.authentication.claims import ClaimsError, groups_and_roles
from orrery_hub.base.claims import claim_name, claim_parts, claims_of


def names(claims: dict[str, object], groups: str = "groups", roles: str = "roles") -> set[str]:
    return set(groups_and_roles(claims, groups_claim=groups, roles_claim=roles))


@pytest.mark.parametrize(
    ("claims", "groups", "roles", "expected"),
    [
        ({"groups": ["/a/dev", "/b/dev"]}, "groups", "", {"idp:group:/a/dev", "idp:group:/b/dev"}),
        ({"groups": ["x"], "roles": ["x"]}, "groups", "roles", {"idp:group:x", "idp:role:x"}),
        ({"roles": "Operator"}, "groups", "roles", {"idp:role:Operator"}),
        ({"realm_access": {"roles": ["ds"]}}, "", "realm_access.roles", {"idp:role:ds"}),
        ({"https://x.example/r.s": ["a"]}, "https://x.example/r.s", "", {"idp:group:a"}),
        ({}, "groups", "roles", set()),
        ({"groups": [], "roles": [""]}, "groups", "roles", set()),
        ({"realm_access": "none"}, "", "realm_access.roles", set()),
        ({"groups": ["x"], "hasgroups": True}, "", "", set()),
    ],
)
def test_each_provider_is_read(
    claims: dict[str, object], groups: str, roles: str, expected: set[str]
) -> None:
    assert names(claims, groups, roles) == expected


@pytest.mark.parametrize(
    "claims",
    [
        {"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": "https://x"}}},
        {"hasgroups": True},
        {"hasgroups": "true"},
        {"_claim_names": {"groups": "src1"}, "roles": ["Operator"]},
    ],
)
def test_too_many_groups_are_an_error_and_never_none(claims: dict[str, object]) -> None:
    """Trap 12: Entra sends a reference in the place of more than about 200 groups."""
    with pytest.raises(ClaimsError, match=r"did not send your groups.*Groups assigned"):
        names(claims)
    assert names({"_claim_names": {"other": "src1"}}) == set()


@pytest.mark.parametrize("value", [7, {"a": 1}, ["a", 7], [["a"]]])
def test_what_is_no_list_of_names_is_an_error(value: object) -> None:
    with pytest.raises(ClaimsError, match="not a list of names"):
        names({"groups": value})


def test_no_claim_is_a_group_of_orrery_and_long_ones_stay_two() -> None:
    hostile = ["orrery-admins", "orrery-project-x-owner", "idp:role:Operator", "../x", "a\nb"]
    assert all(name.startswith("idp:group:") for name in names({"groups": hostile}))
    long = [f"/{'x' * 300}/{end}" for end in "ab"]
    shortened = names({"groups": long})
    assert len(shortened) == 2
    assert all(len(name) <= 255 for name in shortened)


def test_a_claim_is_known_by_its_prefix_and_parted_again() -> None:
    groups = ["orrery-admins", claim_name("group", "/a:b"), claim_name("role", "r")]
    assert claims_of(groups) == set(groups[1:])
    assert [claim_parts(name) for name in groups[1:]] == [("group", "/a:b"), ("role", "r")]
