"""How the two libraries that speak to object stores are set for a store.

`opendal` lists: it alone asks a store for the entries of one folder page by page and begins after a name. `obstore`
reads, writes and signs: its writes are whole or not there at all.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from orrery_engine.lake.spec import Credentials, StoreSpec

CONNECT_SECONDS = 5
REQUEST_SECONDS = 30
RETRIES = 2
_CLIENT: dict[str, Any] = {
    "connect_timeout": timedelta(seconds=CONNECT_SECONDS),
    "timeout": timedelta(seconds=REQUEST_SECONDS),
    "user_agent": "orrery",
}
RETRY: dict[str, Any] = {
    "max_retries": RETRIES,
    "retry_timeout": timedelta(seconds=20),
    "backoff": {
        "init_backoff": timedelta(milliseconds=100),
        "max_backoff": timedelta(seconds=2),
        "base": 2,
    },
}


def for_listing(spec: StoreSpec, credentials: Credentials) -> tuple[str, dict[str, str]]:
    """The scheme and the options of `opendal.AsyncOperator`."""
    scheme, options = _LISTING[spec.kind](spec, credentials)
    options["root"] = f"/{spec.root}"
    return scheme, {name: value for name, value in options.items() if value}


def _s3_listing(spec: StoreSpec, secret: Credentials) -> tuple[str, dict[str, str]]:
    return "s3", {
        "bucket": spec.bucket,
        "endpoint": spec.endpoint,
        "region": spec.region or "us-east-1",
        "access_key_id": secret["access_key_id"],
        "secret_access_key": secret["secret_access_key"],
        "session_token": secret["session_token"],
        "enable_virtual_host_style": "true" if spec.is_virtual_hosted else "",
        **_ambient(secret, "disable_config_load", "disable_ec2_metadata"),
        "allow_anonymous": "" if secret.is_ambient or secret["access_key_id"] else "true",
        "skip_signature": "" if secret.is_ambient or secret["access_key_id"] else "true",
    }


def _gs_listing(spec: StoreSpec, secret: Credentials) -> tuple[str, dict[str, str]]:
    is_open = not (secret.is_ambient or secret["service_account"] or secret["token"])
    return "gcs", {
        "bucket": spec.bucket,
        "endpoint": spec.endpoint,
        "credential": _encoded(secret["service_account"]),
        "token": secret["token"],
        **_ambient(secret, "disable_config_load", "disable_vm_metadata"),
        "allow_anonymous": "true" if is_open else "",
        "skip_signature": "true" if is_open else "",
    }


def _abfs_listing(spec: StoreSpec, secret: Credentials) -> tuple[str, dict[str, str]]:
    return "azblob", {
        "container": spec.bucket,
        "endpoint": spec.endpoint or f"https://{spec.account}.blob.core.windows.net",
        "account_name": spec.account,
        "account_key": secret["account_key"],
        "sas_token": secret["sas_token"].removeprefix("?"),
    }


_LISTING = {"s3": _s3_listing, "gs": _gs_listing, "abfs": _abfs_listing}


def for_reading(spec: StoreSpec, credentials: Credentials) -> dict[str, Any]:
    """The arguments of the class of `obstore.store` for a kind of store."""
    client = dict(_CLIENT)
    if spec.endpoint.startswith("http://") or spec.bucket.startswith("http://"):
        client["allow_http"] = True
    options = _READING[spec.kind](spec, credentials)
    options = {name: value for name, value in options.items() if value not in ("", None)}
    return {
        **options,
        "prefix": spec.root or None,
        "client_options": client,
        "retry_config": RETRY,
    }


def _s3_reading(spec: StoreSpec, secret: Credentials) -> dict[str, Any]:
    return {
        "bucket": spec.bucket,
        "endpoint": spec.endpoint,
        "region": spec.region or "us-east-1",
        "access_key_id": secret["access_key_id"],
        "secret_access_key": secret["secret_access_key"],
        "session_token": secret["session_token"],
        "virtual_hosted_style_request": spec.is_virtual_hosted,
        "skip_signature": not (secret.is_ambient or secret["access_key_id"]),
    }


def _gs_reading(spec: StoreSpec, secret: Credentials) -> dict[str, Any]:
    return {
        "bucket": spec.bucket,
        "service_account_key": secret["service_account"],
        "skip_signature": not (secret.is_ambient or secret["service_account"] or secret["token"]),
        "credential_provider": _bearer(secret["token"]) if secret["token"] else None,
    }


def _abfs_reading(spec: StoreSpec, secret: Credentials) -> dict[str, Any]:
    return {
        "container_name": spec.bucket,
        "account_name": spec.account,
        "endpoint": spec.endpoint,
        "account_key": secret["account_key"],
        "sas_key": secret["sas_token"].removeprefix("?"),
        "bearer_token": secret["token"],
        "skip_signature": not (secret.is_ambient or any(secret.values.values())),
    }


_READING = {"s3": _s3_reading, "gs": _gs_reading, "abfs": _abfs_reading}


def _bearer(token: str) -> Any:
    def provide() -> dict[str, Any]:
        return {"token": token, "expires_at": None}

    return provide


def _ambient(secret: Credentials, *switches: str) -> dict[str, str]:
    """What keeps a library from looking for an identity of this machine that nobody chose."""
    return {} if secret.is_ambient else dict.fromkeys(switches, "true")


def _encoded(text: str) -> str:
    import base64

    return base64.b64encode(text.encode()).decode("ascii") if text else ""
