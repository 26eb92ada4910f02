"""Secrets kept out of texts: names of fields that hold one, and the values that the present work knows.

Values are known for as long as the work that handles them, and are stored nowhere else.
"""

from __future__ import annotations

import base64
import json
import logging
import re
import traceback
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from urllib.parse import quote, quote_plus

from orrery_wire.errors import OrreryError

MASK = "••••••"
# Words of names of variables and fields with a secret in them; those of Airflow, and what clouds call theirs.
WORDS = (
    "access_key",
    "access_token",
    "account_key",
    "api_key",
    "apikey",
    "authorization",
    "connection_string",
    "credential",
    "keyfile_dict",
    "passphrase",
    "passwd",
    "password",
    "private_key",
    "pwd",
    "sas_token",
    "secret",
    "service_account",
    "signature",
    "token",
)
# Shorter ones would be words of any text.
_SHORTEST = 4
_SEPARATOR = re.compile(r"[^a-z0-9]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_known: ContextVar[tuple[str, ...]] = ContextVar("orrery_known_secrets", default=())


def is_secret_name(name: str) -> bool:
    """Whether a field or variable of this name holds a secret, by the words in it, however they are written."""
    plain = _SEPARATOR.sub("_", _CAMEL.sub("_", name).lower())
    return any(word in plain for word in WORDS)


def mask_fields(value: Any) -> Any:
    """A JSON value in which every field with the name of a secret is masked."""
    if isinstance(value, Mapping):
        return {
            name: MASK if is_secret_name(str(name)) and item else mask_fields(item)
            for name, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [mask_fields(item) for item in value]
    return value


@contextmanager
def known_secrets(values: Iterable[str]) -> Iterator[None]:
    """Values that no log line and no error of the block shows, in any of the usual encodings.

    Raises:
        OrreryError: the block's own, with the values masked.
    """
    token = _known.set((*_known.get(), *_forms(values)))
    try:
        yield
    except OrreryError as problem:
        problem.message, problem.reason, problem.remedy = (
            mask(text) for text in (problem.message, problem.reason, problem.remedy)
        )
        problem.args = (problem.message,)
        problem.details = _mask_all(problem.details)
        raise
    finally:
        _known.reset(token)


def mask(text: str) -> str:
    """The text without the values that the present work knows."""
    for value in _known.get():
        text = text.replace(value, MASK)
    return text


class MaskingFilter(logging.Filter):
    """Takes the known values out of every record of a log, its traceback included."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record if something is known; every record goes on."""
        if _known.get():
            record.msg, record.args = mask(record.getMessage()), None
            if record.exc_info:
                record.exc_text = mask("".join(traceback.format_exception(*record.exc_info)))
                record.exc_info = None
        return True


def _forms(values: Iterable[str]) -> tuple[str, ...]:
    """The values as texts hold them: as they are, in addresses, in JSON, in base64; the longest first."""
    forms: set[str] = set()
    for value in values:
        if len(value) < _SHORTEST:
            continue
        octets = value.encode("utf-8", "surrogatepass")
        forms |= {
            value,
            quote(octets, safe=""),
            quote_plus(octets),
            json.dumps(value)[1:-1],
            json.dumps(value, ensure_ascii=False)[1:-1],
            base64.b64encode(octets).decode().rstrip("="),
            octets.hex(),
        }
    return tuple(sorted(forms, key=len, reverse=True))


def _mask_all(value: Any) -> Any:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, Mapping):
        return {name: _mask_all(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_mask_all(item) for item in value]
    return value
