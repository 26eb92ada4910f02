"""Whether a column likely holds personal data: by its name and type, and by the form of its values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from orrery_engine.schemas import ColumnProfile, ColumnType, Level, Value

_TOKEN = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_a-zA-Z]+")
_TEXTS: frozenset[ColumnType] = frozenset({"text", "category", "mixed"})
_NUMBERS: frozenset[ColumnType] = frozenset({"integer", "text", "mixed"})
_DAYS: frozenset[ColumnType] = frozenset({"date", "datetime", "text"})
_SHARE = 0.6
_FEW = 5

# Beside one of these, a word is about the thing and is not the thing: `email_sent`, `phone_model`.
_ABOUT = frozenset(
    {"active", "allowed", "brand", "bounce", "campaign", "category", "click", "clicked", "code"}
    | {"consent", "count", "country", "created", "domain", "enabled", "flag", "format", "has"}
    | {"hash", "is", "kind", "label", "len", "length", "model", "num", "opened", "opt", "optin"}
    | {"os", "prefix", "preference", "provider", "rate", "ratio", "score", "sent", "share"}
    | {"source", "state", "status", "subject", "subscribed", "template", "total", "type"}
    | {"updated", "usage", "valid", "verified", "version"}
)


@dataclass(frozen=True)
class Kind:
    """A kind of personal data."""

    words: str
    level: Level
    types: frozenset[ColumnType]
    # Any of these sets of tokens in a name says so.
    names: tuple[frozenset[str], ...]
    forms: frozenset[str] = frozenset()


def _names(*sayings: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(saying.split()) for saying in sayings)


KINDS: tuple[Kind, ...] = (
    Kind(
        "payment card numbers",
        "serious",
        _NUMBERS,
        _names("credit card", "card number", "cardnumber", "creditcard", "debit card", "cvv"),
        frozenset({"credit_card"}),
    ),
    Kind("bank accounts", "serious", _TEXTS, _names("iban"), frozenset({"iban"})),
    Kind(
        "official numbers of persons",
        "serious",
        _NUMBERS,
        _names(
            "ssn",
            "social security",
            "national id",
            "passport",
            "nino",
            "cpf",
            "pesel",
            "aadhaar",
            "bsn",
            "tax id",
            "taxid",
            "steuer id",
            "driver license",
            "driver licence",
            "drivers license",
        ),
    ),
    Kind(
        "health, belief or origin of persons",
        "serious",
        _TEXTS,
        _names("religion", "ethnicity", "diagnosis", "disability", "sexual orientation"),
    ),
    Kind(
        "e-mail addresses",
        "warning",
        _TEXTS,
        _names("email", "e mail", "mail"),
        frozenset({"email"}),
    ),
    Kind(
        "telephone numbers",
        "warning",
        _NUMBERS,
        _names("phone", "telephone", "mobile", "msisdn", "fax", "telefon", "handy", "cellphone"),
        frozenset({"phone"}),
    ),
    Kind(
        "network addresses of persons",
        "warning",
        _TEXTS,
        _names("ip address", "ip addr", "ip", "ipaddress", "ipv4", "ipv6", "mac address"),
        frozenset({"ip_address"}),
    ),
    Kind(
        "names of persons",
        "warning",
        _TEXTS,
        _names(
            "first name",
            "last name",
            "full name",
            "given name",
            "family name",
            "middle name",
            "maiden name",
            "firstname",
            "lastname",
            "fullname",
            "surname",
            "forename",
            "vorname",
            "nachname",
            "patient name",
            "customer name",
            "employee name",
            "person name",
            "contact name",
        ),
        frozenset({"person_name"}),
    ),
    Kind(
        "dates of birth",
        "warning",
        _DAYS,
        _names("birth", "birthdate", "birthday", "dob", "dateofbirth", "geburtsdatum"),
    ),
    Kind(
        "home addresses",
        "info",
        _TEXTS,
        _names("street", "home address", "postal address", "street address", "address", "strasse"),
    ),
)


@dataclass(frozen=True)
class Finding:
    """What a column likely holds, and why."""

    kind: Kind
    evidence: str
    share: float | None


def judge(column: ColumnProfile) -> Finding | None:
    """What a column likely holds; nothing if neither its name nor its values say so clearly."""
    return _by_form(column) or _by_name(column)


def tokens(name: str) -> tuple[str, ...]:
    """The words of a name: of ``customerEMail`` as of ``customer_e-mail``."""
    return tuple(word.lower() for word in _TOKEN.findall(name[:200]))


def _by_form(column: ColumnProfile) -> Finding | None:
    text = column.text
    form, share = (text.looks_like, text.looks_like_share) if text else _digits(column)
    if share < _SHARE or not form:
        return None
    kind = next((kind for kind in KINDS if form in kind.forms), None)
    if kind is None or not _holds(form, [top.value for top in column.top]):
        return None
    if form == "person_name" and (share < 0.8 or not set(tokens(column.name)) & {"name", "names"}):
        return None
    if form == "phone" and not _by_name(column) and share < 0.95:
        return None
    return Finding(kind, f"{share:.0%} of the values have the form of {kind.words}", share)


def _digits(column: ColumnProfile) -> tuple[str, float]:
    """Payment cards kept as numbers: sixteen digits that pass Luhn's test, one after the other."""
    if column.type != "integer" or len(column.top) < _FEW:
        return "", 0.0
    values = [str(top.value) for top in column.top]
    cards = [13 <= len(value) <= 19 and luhn(value) for value in values]
    return "credit_card", sum(cards) / len(cards)


def _holds(form: str, values: Sequence[Value]) -> bool:
    """Whether check digits agree, where the form has some."""
    tests = {"credit_card": luhn, "iban": iban}
    if form not in tests or not values:
        return True
    passed = sum(tests[form](str(value)) for value in values)
    return passed >= 0.8 * len(values)


def _by_name(column: ColumnProfile) -> Finding | None:
    text = tokens(column.name)
    words = set(text)
    if words & _ABOUT or len(text) > 6:
        return None
    present = column.count - column.missing
    if not present or (column.distinct is not None and column.distinct <= _FEW < present):
        return None
    for kind in KINDS:
        if column.type in kind.types and any(name <= words for name in kind.names):
            if _is_another(kind, column, words):
                continue
            return Finding(kind, "its name says so", None)
    return None


def _is_another(kind: Kind, column: ColumnProfile, words: set[str]) -> bool:
    """Whether the values speak against what the name says."""
    if kind.words == "home addresses" and words & {"web", "url", "ip", "mac", "memory", "email"}:
        return True
    if kind.words == "names of persons" and words & {"file", "product", "company"}:
        return True
    form = column.text.looks_like if column.text else ""
    return bool(form) and form in {"url", "uuid", "json"}


def luhn(text: str) -> bool:
    """Whether the last digit is the one that Luhn's sum asks for."""
    digits = [int(sign) for sign in text if sign.isascii() and sign.isdigit()]
    rest = text.translate({ord(sign): None for sign in "0123456789 -"})
    if rest or not 12 <= len(digits) <= 19 or len(set(digits)) == 1:
        return False
    doubled = [2 * digit - 9 * (digit > 4) for digit in digits[-2::-2]]
    return (sum(doubled) + sum(digits[::-2])) % 10 == 0


def iban(text: str) -> bool:
    """Whether the two check digits of an account's number are right (ISO 7064, mod 97)."""
    plain = text.replace(" ", "").upper()
    if not re.match(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}\Z", plain):
        return False
    return int("".join(str(int(sign, 36)) for sign in plain[4:] + plain[:4])) % 97 == 1
