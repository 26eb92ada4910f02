"""The fields of a connection: checked by its kind, and divided into what is shown and what is secret."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from pydantic import ValidationError

from orrery_wire.common_errors import invalid_fields
from orrery_wire.connection_kinds import DESTINATIONS, KINDS, secret_fields
from orrery_wire.connections import Kind, Kinds
from orrery_wire.errors import Invalid

Spec = dict[str, bool | int | str]


def check(
    kind: str, spec: Mapping[str, object], secrets: Mapping[str, str]
) -> tuple[Spec, dict[str, str]]:
    """The fields as they are stored: all that are no secret, and the secrets that have a value.

    Raises:
        Invalid: a field is not of the kind, breaks its rule, or a secret is among those that are shown.
    """
    names = secret_fields(kind)
    require_secrets(kind, secrets)
    if problems := [
        (("spec", n), "it is a secret; send it in `secrets`") for n in spec if n in names
    ]:
        raise invalid_fields(problems)
    try:
        shape = KINDS[kind][1].model_validate({**spec, **secrets})
    except ValidationError as problem:
        # What was sent may hold a secret: only the fields and the rules are named.
        faults = [
            (("secrets" if e["loc"] and e["loc"][0] in names else "spec", *e["loc"]), e["msg"])
            for e in problem.errors(include_input=False, include_url=False)
        ]
        raise invalid_fields(faults) from None
    values = shape.model_dump(mode="json")
    return (
        {name: value for name, value in values.items() if name not in names},
        {name: values[name] for name in names if values[name]},
    )


def require_secrets(kind: str, names: Iterable[str]) -> None:
    """Refuse names that are no secrets of a kind.

    Raises:
        Invalid: there is such a name.
    """
    known = secret_fields(kind)
    if problems := [
        (("secrets", n), "it is no secret of this kind") for n in names if n not in known
    ]:
        raise invalid_fields(problems)


def changed_destination(kind: str, before: Spec, after: Spec) -> tuple[str, ...]:
    """The fields that differ, of those that say to whom the secrets of the connection are sent."""
    return tuple(
        n for n in DESTINATIONS.get(kind, ()) if _whose(before.get(n)) != _whose(after.get(n))
    )


def _whose(value: object) -> object:
    """A value, or of an address what says who answers there."""
    if not isinstance(value, str) or "://" not in value:
        return value
    parts = urlsplit(value)
    return parts.scheme, parts.hostname, parts.port, parts.query


def require_secrets_anew(fields: Iterable[str], secrets: Iterable[str]) -> None:
    """Refuse to send stored secrets to somebody to whom they were not given: who changes that enters them again.

    Raises:
        Invalid: there are such secrets.
    """
    changed = " and ".join(fields)
    if changed and (
        problems := [
            (("secrets", n), f"enter it again: {changed} changed, so it would go to somebody else")
            for n in secrets
        ]
    ):
        raise invalid_fields(problems)


def require_lake_in_project(kind: str, audience: str) -> None:
    """Refuse the lake of a project for a connection that belongs to none.

    Raises:
        Invalid: that is so.
    """
    if kind == "lake" and audience != "project":
        raise Invalid(
            "The connection has no lake",
            reason="A project lake is that of the connection's project, and it belongs to none.",
            remedy="Choose the project that it is for.",
        )


def kinds() -> Kinds:
    """Every kind with the JSON schema of its fields."""
    return Kinds(
        items=tuple(
            Kind(name=name, title=title, fields=shape.model_json_schema())
            for name, (title, shape) in KINDS.items()
        )
    )
