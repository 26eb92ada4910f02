"""Addresses of object stores; the credentials are those of the environment."""

from __future__ import annotations

from urllib.parse import urlsplit

from traitlets import List, Unicode

from orrery_engine import url_secrets
from orrery_engine.resolve import resolve_url
from orrery_engine.schemas import ResolvedSource, SourceIn
from orrery_server.eda.backend import SourceBackend
from orrery_wire.errors import Forbidden, Invalid


class UrlSource(SourceBackend):
    """An object, a prefix, or a pattern, somewhere."""

    kind = "url"

    schemes = List(
        Unicode(),
        ["abfs", "abfss", "az", "gcs", "gs", "s3", "s3a"],
        help="Kinds of addresses that are read. With `https` or `http` this server fetches whatever a person names, inside your network, too.",
    ).tag(config=True)

    async def resolve(self, source: SourceIn) -> ResolvedSource:
        try:
            parts = urlsplit(source.location)
        except ValueError:
            parts = urlsplit("")
        if not parts.scheme or not parts.netloc or "::" in source.location:
            raise Invalid(
                "This is no address of an object store",
                reason="It has no scheme or no bucket.",
                remedy="Name it as s3://bucket/folder/file.parquet.",
            )
        if parts.scheme.lower() not in self.schemes:
            raise Forbidden(
                f"Addresses of the kind {parts.scheme!r} are not read here",
                reason=f"This server reads: {', '.join(self.schemes)}.",
                remedy="Copy the data to the lake, or ask the administrator to allow them (UrlSource.schemes).",
            )
        if "@" in parts.netloc and parts.scheme.lower() not in ("abfs", "abfss"):
            raise Invalid(
                "The address holds a user or a password",
                reason="An address is kept in the history of reports.",
                remedy="Take it out; credentials come from the environment.",
            )
        url_secrets.require_no_secret_of_store(source.location)
        return resolve_url(source, source.location)
