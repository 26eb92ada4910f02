"""What a log-in provider says about a person: groups and app roles in its claims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from orrery_hub.base.claims import Kind, claim_name

Claims = Mapping[str, object]


class ClaimsError(Exception):
    """The claims cannot be used; the message says what, why, and what to do."""


def groups_and_roles(claims: Claims, *, groups_claim: str, roles_claim: str) -> frozenset[str]:
    """The names of JupyterHub's groups for the groups and app roles in a person's claims.

    Raises:
        ClaimsError: the provider left the groups out because there are too many, or sent something else than names.
    """
    if groups_claim:
        _require_all_groups(claims, groups_claim)
    names: set[str] = set()
    sources: tuple[tuple[Kind, str], ...] = (("group", groups_claim), ("role", roles_claim))
    for kind, path in sources:
        if path:
            names |= {claim_name(kind, value) for value in _values(claims, path)}
    return frozenset(names)


def _require_all_groups(claims: Claims, groups_claim: str) -> None:
    """Entra sends a reference in the place of more than about 200 groups; read as no groups, all rights would go."""
    references = claims.get("_claim_names")
    is_reference = isinstance(references, Mapping) and groups_claim.rpartition(".")[2] in references
    if is_reference or claims.get("hasgroups") in (True, "true"):
        raise ClaimsError(
            "You cannot be logged in: the log-in provider did not send your groups. You are in more groups than it"
            " puts into one answer (Entra: about 200), and without them you would lose what they give you."
            " An administrator can set the application to 'Groups assigned to the application', or use app roles"
            " and set ORRERY_LOGIN_GROUPS_CLAIM to nothing."
        )


def _values(claims: Claims, path: str) -> Sequence[str]:
    value = _find(claims, path)
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,) if value else ()
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        raise ClaimsError(
            f"You cannot be logged in: the log-in provider sent the claim {path!r} in a form that is not a list of"
            " names. An administrator has to change the claim at the provider, or its name in"
            " ORRERY_LOGIN_GROUPS_CLAIM or ORRERY_LOGIN_ROLES_CLAIM."
        )
    return [item for item in value if item]


def _find(claims: Claims, path: str) -> object:
    """The value of a claim, by its name (which may be an address with dots) or by a path such as ``a.b``."""
    if path in claims:
        return claims[path]
    value: object = claims
    for part in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(part)
    return value
