"""How the two libraries that speak to object stores are set for a store.

`opendal` lists: it alone asks a store for the entries of one folder page by page and begins after a name. `obstore`
reads, writes and signs: its writes are whole or not there at all.

Both look into the environment and the home of this process for what they were not given. Whoever may edit a connection
chooses the host that is asked, so every field that they would look up is given here; `refusals` refuses what cannot be.
"""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

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
_UNUSED = "none"
# Nothing listens at port 0, and nothing can.
_NOWHERE = "http://127.0.0.1:0"


def address_of(spec: StoreSpec) -> str:
    """The address of the service, without the bucket."""
    if spec.kind == "gs":
        return spec.endpoint or "https://storage.googleapis.com"
    if spec.kind == "abfs":
        return spec.endpoint or f"https://{spec.account}.blob.core.windows.net"
    return spec.endpoint or f"https://s3.{_region(spec)}.amazonaws.com"


def _region(spec: StoreSpec) -> str:
    return spec.region or "us-east-1"


def for_listing(spec: StoreSpec, credentials: Credentials) -> tuple[str, dict[str, str]]:
    """The scheme and the options of `opendal.AsyncOperator`."""
    scheme, options = _LISTING[spec.kind](spec, credentials)
    options["root"] = f"/{spec.root}"
    return scheme, {name: value for name, value in options.items() if value}


def _s3_listing(spec: StoreSpec, secret: Credentials) -> tuple[str, dict[str, str]]:
    is_open = not (secret.is_ambient or secret["access_key_id"])
    return "s3", {
        "bucket": spec.bucket,
        "endpoint": spec.endpoint if secret.is_ambient else address_of(spec),
        "region": _region(spec),
        "access_key_id": secret["access_key_id"],
        "secret_access_key": secret["secret_access_key"],
        "session_token": secret["session_token"],
        "enable_virtual_host_style": "true" if spec.is_virtual_hosted else "",
        **_ambient(secret, "disable_config_load", "disable_ec2_metadata"),
        "allow_anonymous": "true" if is_open else "",
        "skip_signature": "true" if is_open else "",
    }


def _gs_listing(spec: StoreSpec, secret: Credentials) -> tuple[str, dict[str, str]]:
    is_open = not (secret.is_ambient or secret["service_account"] or secret["token"])
    return "gcs", {
        "bucket": spec.bucket,
        "endpoint": address_of(spec),
        "credential": _encoded(secret["service_account"]),
        "token": secret["token"],
        **_ambient(secret, "disable_config_load", "disable_vm_metadata"),
        "allow_anonymous": "true" if is_open else "",
        "skip_signature": "true" if is_open else "",
    }


def _abfs_listing(spec: StoreSpec, secret: Credentials) -> tuple[str, dict[str, str]]:
    is_open = not (secret.is_ambient or secret["account_key"] or secret["sas_token"])
    return "azblob", {
        "container": spec.bucket,
        "endpoint": address_of(spec),
        "account_name": spec.account,
        "account_key": secret["account_key"],
        "sas_token": secret["sas_token"].removeprefix("?"),
        "skip_signature": "true" if is_open else "",
    }


_LISTING = {"s3": _s3_listing, "gs": _gs_listing, "abfs": _abfs_listing}


def for_reading(spec: StoreSpec, credentials: Credentials) -> dict[str, Any]:
    """The arguments of the class of `obstore.store` for a kind of store."""
    options = _READING[spec.kind](spec, credentials)
    options = {name: value for name, value in options.items() if value not in ("", None)}
    address = address_of(spec)
    client = {**_CLIENT, "allow_http": address.startswith("http://")}
    if not credentials.is_ambient:
        client |= _only_host(options.get("endpoint", address))
    return {
        **options,
        "prefix": spec.root or None,
        "client_options": client,
        "retry_config": RETRY,
    }


def _only_host(address: str) -> dict[str, str]:
    """What lets a client reach one host alone, so that no answer can send it on to another.

    The library follows redirects and has no switch for that: all other hosts are asked for through a proxy that is not
    there. Where a proxy of this network stands before the host, that proxy decides.
    """
    parts = urlsplit(address)
    host = parts.hostname or ""
    if getproxies().get(parts.scheme) and not proxy_bypass(host):
        return {}
    return {"proxy_url": _NOWHERE, "proxy_excludes": host}


def _s3_reading(spec: StoreSpec, secret: Credentials) -> dict[str, Any]:
    options: dict[str, Any] = {
        "bucket": spec.bucket,
        "endpoint": spec.endpoint,
        "region": _region(spec),
        "virtual_hosted_style_request": spec.is_virtual_hosted,
    }
    if secret.is_ambient:
        return options
    address = address_of(spec)
    if spec.is_virtual_hosted:
        # Of an address that it is given, the library takes it that the bucket is in it.
        scheme, _, rest = address.partition("://")
        address = f"{scheme}://{spec.bucket}.{rest}"
    return options | {
        "endpoint": address,
        "skip_signature": not secret["access_key_id"],
        "credential_provider": _provider(
            access_key_id=secret["access_key_id"] or _UNUSED,
            secret_access_key=secret["secret_access_key"] or _UNUSED,
            token=secret["session_token"] or None,
        ),
    }


def _gs_reading(spec: StoreSpec, secret: Credentials) -> dict[str, Any]:
    options: dict[str, Any] = {"bucket": spec.bucket, "base_url": address_of(spec)}
    if secret.is_ambient:
        return options
    if secret["service_account"]:
        return options | {"service_account_key": secret["service_account"], "skip_signature": False}
    return options | {
        "skip_signature": not secret["token"],
        "credential_provider": _provider(token=secret["token"] or _UNUSED),
    }


def _abfs_reading(spec: StoreSpec, secret: Credentials) -> dict[str, Any]:
    options: dict[str, Any] = {
        "container_name": spec.bucket,
        "account_name": spec.account,
        "endpoint": address_of(spec),
    }
    if secret.is_ambient:
        return options
    if secret["account_key"]:
        provider = _provider(access_key=secret["account_key"])
    elif secret["sas_token"]:
        provider = _provider(sas_token=secret["sas_token"].removeprefix("?"))
    else:
        provider = _provider(token=_UNUSED)
    is_open = not (secret["account_key"] or secret["sas_token"])
    return options | {"skip_signature": is_open, "credential_provider": provider}


_READING = {"s3": _s3_reading, "gs": _gs_reading, "abfs": _abfs_reading}


def _provider(**credential: str | None) -> Any:
    """What gives a library its credentials, so that it looks for none; unsigned requests need one too."""

    def provide() -> dict[str, Any]:
        return {**credential, "expires_at": None}

    return provide


def _ambient(secret: Credentials, *switches: str) -> dict[str, str]:
    """What keeps a library from looking for an identity of this machine that nobody chose."""
    return {} if secret.is_ambient else dict.fromkeys(switches, "true")


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii") if text else ""
