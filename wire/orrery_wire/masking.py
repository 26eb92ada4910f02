"""Secrets kept out of texts: names of fields that hold one, and the values that the present work knows.

Values are known for as long as the work that handles them, and are stored nowhere else.
"""

from __future__ import annotations

import base64
import html
import json
import logging
import re
import shlex
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, quote_plus, unquote

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
# Shorter ones are taken out where they stand alone: they are parts of words of any text.
_SHORTEST = 4
# The beginning of a log-in in a header: what follows is a user and a password together.
_BASIC = re.compile(
    r"(?<![a-z])(Basic(?:\s|%20|\+)+)((?:[a-z0-9+/_=-]|%[0-9a-f]{2})+)", re.IGNORECASE
)
_BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=")
_PERCENT = re.compile(r"%[0-9A-F]{2}")
_SEPARATOR = re.compile(r"[^a-z0-9]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True)
class _Known:
    """Secrets as texts hold them: anywhere, where they stand alone, as a part of what is base64, and as they are."""

    anywhere: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()
    encoded: tuple[str, ...] = ()
    values: tuple[bytes, ...] = ()


_EMPTY = _Known()
_known: ContextVar[_Known] = ContextVar("orrery_known_secrets", default=_EMPTY)


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
    token = _known.set(_with(_known.get(), [value for value in values if value]))
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
    known = _known.get()
    if not known.values:
        return text
    for form in known.anywhere:
        text = text.replace(form, MASK)
    for form in known.encoded:
        text = _without_run(text, form)
    text = _BASIC.sub(lambda match: _without_login(match, known), text)
    for form in known.alone:
        text = re.sub(_standing_alone(form), MASK, text)
    return text


class MaskingFilter(logging.Filter):
    """Takes the known values out of every record of a log, its traceback included."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record if something is known; every record goes on."""
        if _known.get().values:
            record.msg, record.args = mask(record.getMessage()), None
            if record.exc_info:
                record.exc_text = mask("".join(traceback.format_exception(*record.exc_info)))
                record.exc_info = None
        return True


def _with(known: _Known, values: Sequence[str]) -> _Known:
    anywhere, alone, encoded = set(known.anywhere), set(known.alone), set(known.encoded)
    octets = [value.encode("utf-8", "surrogatepass") for value in values]
    for value in values:
        for part in _parts(value):
            if len(part) < _SHORTEST:
                alone |= {part, quote_plus(part, errors="surrogatepass"), json.dumps(part)[1:-1]}
            else:
                anywhere |= _forms(part)
                encoded |= _inside_base64(part.encode("utf-8", "surrogatepass"))
    return _Known(
        _longest_first(anywhere),
        _longest_first(alone),
        _longest_first(encoded - anywhere),
        (*known.values, *octets),
    )


def _standing_alone(form: str) -> str:
    before = r"(?<!\w)" if form[0].isalnum() else ""
    after = r"(?!\w)" if form[-1].isalnum() else ""
    return before + re.escape(form) + after


def _longest_first(forms: set[str]) -> tuple[str, ...]:
    return tuple(sorted(forms - {""}, key=len, reverse=True))


def _parts(value: str) -> set[str]:
    """A secret and the parts of it that are one by themselves: lines of a key, fields of a key file."""
    parts = {value}
    lines = {line.strip() for line in re.split(r"\r?\n|\r|\\+n", value)}
    if len(lines) > 1:
        parts |= {line for line in lines if len(line) >= _SHORTEST}
    with suppress(ValueError, RecursionError):
        content = json.loads(value)
        if isinstance(content, str):
            parts |= _parts(content)
        for name, item in content.items() if isinstance(content, dict) else ():
            if isinstance(item, str) and item and is_secret_name(str(name)):
                parts |= {item, *_parts(item)}
    return parts


def _forms(value: str) -> set[str]:
    """A value as texts hold it: as it is, in addresses, in JSON, in base64, in code, in SQL, in a shell, in HTML."""
    octets = value.encode("utf-8", "surrogatepass")
    in_addresses = {quote(octets, safe=safe) for safe in ("", "/", " +", "/:@")} | {
        quote_plus(octets)
    }
    in_json = json.dumps(value)[1:-1]
    return {
        value,
        *in_addresses,
        *(_PERCENT.sub(lambda match: match[0].lower(), form) for form in in_addresses),
        in_json,
        json.dumps(value, ensure_ascii=False)[1:-1],
        json.dumps(in_json)[1:-1],
        base64.b64encode(octets).decode().rstrip("="),
        base64.urlsafe_b64encode(octets).decode().rstrip("="),
        octets.hex(),
        octets.hex().upper(),
        repr(value)[1:-1],
        repr(octets)[2:-1],
        value.replace("'", "''"),
        shlex.quote(value),
        html.escape(value),
    }


def _inside_base64(octets: bytes) -> set[str]:
    """What stays the same of base64 of any text with these octets in it, at each of the three places they may have."""
    forms = set()
    for before in range(3):
        coded = base64.b64encode(b"\0" * before + octets)
        # The letters at both ends hold bits of the neighbours.
        first, last = (8 * before + 5) // 6, 8 * (before + len(octets)) // 6
        inner = coded[first:last].decode()
        forms |= {inner, inner.replace("+", "-").replace("/", "_"), quote(inner, safe="")}
    return {form for form in forms if len(form) >= _SHORTEST}


def _without_run(text: str, form: str) -> str:
    """The text without the whole runs of base64 that have a form in them."""
    start = text.find(form)
    while start >= 0:
        end = start + len(form)
        while start and text[start - 1] in _BASE64:
            start -= 1
        while end < len(text) and text[end] in _BASE64:
            end += 1
        text = text[:start] + MASK + text[end:]
        start = text.find(form, start + len(MASK))
    return text


def _without_login(match: re.Match[str], known: _Known) -> str:
    coded = unquote(match[2]).rstrip("=").replace("-", "+").replace("_", "/")
    try:
        octets = base64.b64decode(coded + "=" * (-len(coded) % 4))
    except ValueError:
        return match[0]
    return match[1] + MASK if any(value in octets for value in known.values) else match[0]


def _mask_all(value: Any) -> Any:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, Mapping):
        return {name: _mask_all(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_mask_all(item) for item in value]
    return value
