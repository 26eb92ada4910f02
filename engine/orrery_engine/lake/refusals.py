"""What a store is not opened with: secrets that its kind does not know, and an identity that nobody meant for its host."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping

from orrery_engine.lake.spec import Credentials, StoreKind, StoreSpec
from orrery_wire.errors import Invalid

# What opens a store of each kind.
_SECRETS: Mapping[StoreKind, frozenset[str]] = {
    "s3": frozenset({"access_key_id", "secret_access_key", "session_token"}),
    "gs": frozenset({"service_account", "token"}),
    "abfs": frozenset({"account_key", "sas_token"}),
}
# What a library sends with requests whenever the environment has it, and no argument takes away.
_ALWAYS_SENT: Mapping[StoreKind, tuple[str, ...]] = {
    "s3": ("AWS_SSE_CUSTOMER_KEY_BASE64", "SSE_CUSTOMER_KEY_BASE64"),
    "gs": (),
    "abfs": ("AZURE_STORAGE_ENCRYPTION_KEY", "AZURE_ENCRYPTION_KEY"),
}
# Where the environment itself says that its identity is for another address than the provider's.
_ADDRESSES: Mapping[StoreKind, tuple[str, ...]] = {
    "s3": ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"),
    "gs": ("GOOGLE_BASE_URL",),
    "abfs": ("AZURE_STORAGE_ENDPOINT", "AZURE_ENDPOINT"),
}


def check(spec: StoreSpec, secret: Credentials) -> None:
    """Refuse what would be opened with something else than what was given.

    Raises:
        Invalid: with what to enter.
    """
    if spec.kind not in _SECRETS:
        raise Invalid(
            f"Stores of the kind {spec.kind!r} are not read here",
            reason="A store is a folder, or a bucket or container at S3, Google Cloud Storage or Azure.",
            remedy="Read the file by its address, or copy it to the lake.",
        )
    given = {name for name, value in secret.values.items() if value}
    if unknown := sorted(given - _SECRETS[spec.kind]):
        raise Invalid(
            f"{unknown[0].replace('_', ' ').capitalize()} is not spoken here",
            reason=f"What opens such a store: {', '.join(sorted(_SECRETS[spec.kind]))}.",
            remedy="Enter one of these.",
        )
    if spec.kind == "s3" and given and not {"access_key_id", "secret_access_key"} <= given:
        raise Invalid("An access key and its secret key belong together", remedy="Enter both.")
    if secret["service_account"]:
        _check_service_account(secret["service_account"])
    if secret.is_ambient:
        _check_address(spec)
    else:
        _check_environment(spec.kind, secret)


def _check_address(spec: StoreSpec) -> None:
    named = {os.environ.get(name, "").rstrip("/") for name in _ADDRESSES[spec.kind]}
    if spec.endpoint and spec.endpoint.rstrip("/") not in named:
        raise Invalid(
            "Nothing was entered that opens the store",
            reason="The identity of this server goes to the provider's own address, and the store has another.",
            remedy="Enter keys, or choose that none are needed.",
        )


def _check_service_account(text: str) -> None:
    # Keys of other types name files of this machine, and the host that their content is sent to.
    try:
        key = json.loads(text)
        is_key = isinstance(key, dict) and key.get("type") == "service_account"
    except (ValueError, RecursionError):
        is_key = False
    if not is_key:
        raise Invalid(
            "This is no key of a service account",
            reason='Such a key is JSON whose "type" is "service_account".',
            remedy="Create a key for the service account, and enter the text of its file.",
        )


def _check_environment(kind: StoreKind, secret: Credentials) -> None:
    names = _ALWAYS_SENT[kind]
    if secret["service_account"]:
        names = ("GOOGLE_BEARER_TOKEN", "BEARER_TOKEN")
    # The library takes names of variables in any case.
    there = next((name for name in os.environ if name.upper() in names), None)
    if there:
        raise Invalid(
            "The store cannot be opened in this server",
            reason=f"Its environment sets {there}, which would be sent to the store's host.",
            remedy="Ask whoever set up the server to take that variable out of its environment.",
        )
