"""What texts look like: addresses, numbers of people and machines, dates."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence

LOOKED_AT = 500
_LONG = 300
_ENOUGH = 0.7

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]{1,63}(?:\.[^@\s.]{1,63}){1,8}")
_URL = re.compile(r"(?:https?|ftps?|s3|gs|hdfs)://[^\s]{3,}", re.IGNORECASE)
_UUID = re.compile(r"\{?[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\}?", re.IGNORECASE)
_IP4 = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)")
_IP6 = re.compile(r"(?=.*:.*:)[0-9a-f:.]{3,45}", re.IGNORECASE)
_PHONE = re.compile(r"(?:\+|00|\(|0)[0-9][0-9 ()./-]{5,20}")
_CARD = re.compile(r"[0-9](?:[ -]?[0-9]){12,18}")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}(?: ?[0-9A-Z]){11,30}")
_DATE = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
    r"|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}(?: \d{1,2}:\d{2}(?::\d{2})?)?"
)
_NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:[.,]\d+)?(?:[eE][+-]?\d{1,3})?\s?[%€$£]?")
_POSTCODE = re.compile(
    r"\d{4,5}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d"
)
_PERSON = re.compile(
    r"(?:[^\W\d_a-z][^\W\d_]*['\u2019.-]?[^\W\d_]*,? ){1,3}[^\W\d_a-z][^\W\d_]*['\u2019-]?[^\W\d_]*\.?"
)
_PLACE_NAMES = re.compile(r"zip|postal|post_?code|plz|cap\b", re.IGNORECASE)
_PERSON_NAMES = re.compile(
    r"name|author|customer|patient|person|employee|passenger|contact|owner", re.IGNORECASE
)


def _card(text: str) -> bool:
    """A card's number with the right last digit (Luhn)."""
    if not _CARD.fullmatch(text):
        return False
    total = 0
    for place, digit in enumerate(reversed([int(item) for item in text if item.isdigit()])):
        twice = digit * 2 if place % 2 else digit
        total += twice - 9 if twice > 9 else twice
    return total % 10 == 0


def _iban(text: str) -> bool:
    """A bank account's number with the right check digits (modulo 97)."""
    if not _IBAN.fullmatch(text):
        return False
    plain = text.replace(" ", "")
    return int("".join(str(int(item, 36)) for item in plain[4:] + plain[:4])) % 97 == 1


def _number(text: str) -> bool:
    """A number as people write it."""
    return any(item.isdigit() for item in text) and bool(_NUMBER.fullmatch(text))


def _json(text: str) -> bool:
    """An object or a list."""
    if text[:1] not in "{[" or text[-1:] not in "}]":
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _pattern(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: bool(pattern.fullmatch(text))


# The first that fits most texts is told; one with a hint only in a column whose name says so.
_KINDS: tuple[tuple[str, Callable[[str], bool], re.Pattern[str] | None], ...] = (
    ("email", _pattern(_EMAIL), None),
    ("url", _pattern(_URL), None),
    ("uuid", _pattern(_UUID), None),
    ("ip_address", lambda text: bool(_IP4.fullmatch(text) or _IP6.fullmatch(text)), None),
    ("credit_card", _card, None),
    ("iban", _iban, None),
    ("date", _pattern(_DATE), None),
    ("postcode", _pattern(_POSTCODE), _PLACE_NAMES),
    ("phone", lambda text: _long_enough(text) and bool(_PHONE.fullmatch(text)), None),
    ("number", _number, None),
    ("json", _json, None),
    ("person_name", _pattern(_PERSON), _PERSON_NAMES),
)


def _long_enough(text: str) -> bool:
    return 7 <= sum(item.isdigit() for item in text) <= 15


def looks_like(texts: Sequence[str], name: str) -> tuple[str, float]:
    """What most of the texts look like and how many of them, as a share; an empty word if nothing."""
    subset = [text.strip() for text in texts[:LOOKED_AT]]
    subset = [column for column in subset if column]
    if not subset:
        return "", 0.0
    for kind, fits, hint in _KINDS:
        if hint is not None and not hint.search(name):
            continue
        if kind != "json" and not any(
            len(column) <= _LONG and fits(column) for column in subset[:20]
        ):
            continue
        result = sum(
            1 for column in subset if (len(column) <= _LONG or kind == "json") and fits(column)
        )
        if result / len(subset) >= _ENOUGH:
            return kind, result / len(subset)
    return "", 0.0
