"""What ``ORRERY_LOGIN`` may name: the ways to log in, and what each kind of provider needs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

Kind = Literal["oidc", "keycloak", "entra", "github"]

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
WITHOUT_PROVIDER = frozenset({"", "password", "pam"})


@dataclass(frozen=True)
class Provider:
    """A log-in provider: its kind, its issuer (empty for GitHub), and where it says who somebody is.

    ``roles_claim`` is where this kind of provider puts app roles by default.
    """

    kind: Kind
    title: str
    issuer: str = ""
    roles_claim: str = "roles"


def parse(login: str) -> Provider | None:
    """The provider that a setting names; None for a way to log in without one.

    Raises:
        ValueError: it names none; the message says what may stand there.
    """
    if login in WITHOUT_PROVIDER:
        return None
    kind, _, rest = login.partition(":")
    if login == "github":
        return Provider("github", "GitHub", roles_claim="")
    if kind == "entra":
        return _entra(rest)
    if kind in ("oidc", "keycloak"):
        issuer = _issuer(rest)
        if kind == "oidc":
            return Provider("oidc", urlsplit(issuer).hostname or issuer, issuer)
        return Provider("keycloak", "Keycloak", issuer, roles_claim="realm_access.roles")
    raise ValueError(
        "password, pam, github, entra:TENANT, keycloak:https://HOST/realms/NAME or oidc:https://ISSUER"
    )


def _entra(tenant: str) -> Provider:
    if not _GUID.fullmatch(tenant):
        raise ValueError(
            "after entra: the id of your tenant has to stand, such as entra:1b2c3d4e-0000-0000-0000-000000000000;"
            " with `common` or `organizations` the whole world could log in, and a domain is not what tokens name"
        )
    return Provider(
        "entra", "Microsoft", f"https://login.microsoftonline.com/{tenant.lower()}/v2.0"
    )


def _issuer(address: str) -> str:
    parts = urlsplit(address)
    is_safe = parts.scheme == "https" or (
        parts.scheme == "http" and (parts.hostname or "") in _LOOPBACK
    )
    if not is_safe or not parts.netloc or parts.query or parts.fragment:
        raise ValueError(
            "after oidc: or keycloak: the address of the issuer has to stand, with https (http on this machine only),"
            " such as oidc:https://login.example.org"
        )
    return address
