"""Whether a column likely holds personal data: by its name and type, and by the form of its values."""

from __future__ import annotations

import re
from dataclasses import dataclass

from orrery_engine.schemas import ColumnProfile, ColumnType, Level
from orrery_engine.stats.check_digits import luhn

_TOKEN = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_a-zA-Z]+")
_TEXTS: frozenset[ColumnType] = frozenset({"text", "category", "mixed"})
_NUMBERS: frozenset[ColumnType] = frozenset({"integer", "text", "mixed"})
_DAYS: frozenset[ColumnType] = frozenset({"date", "datetime", "text"})
_SHARE = 0.6
_FEW = 5
# So many texts of a form are no accident; check digits are right by chance in one of ten cards and one of a hundred accounts.
_LEAST = {"email": 1, "iban": 1, "credit_card": 3, "ssn": 3, "ip_address": 3, "phone": 3}

_NAME_WORDS = frozenset({"name", "names"})
_PERSON_WORDS = frozenset(
    {
        "author",
        "client",
        "contact",
        "customer",
        "employee",
        "family",
        "first",
        "full",
        "given",
        "guest",
        "last",
    }
    | {"manager", "member", "owner", "passenger", "patient", "person", "student", "teacher", "user"}
)
_VERSION_WORDS = frozenset(
    {"build", "firmware", "release", "revision", "rev", "ver", "version", "versions"}
)

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
        frozenset({"ssn"}),
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
        _names("ip address", "ip addr", "ip", "ipaddress", "ipv4", "ipv6"),
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
    level: Level


def judge(column: ColumnProfile) -> Finding | None:
    """What a column likely holds; nothing if neither its name nor its values say so clearly."""
    return _by_form(column) or _by_name(column) or _by_some(column)


def tokens(name: str) -> tuple[str, ...]:
    """The words of a name: of ``customerEMail`` as of ``customer_e-mail``."""
    return tuple(word.lower() for word in _TOKEN.findall(name[:200]))


def _by_form(column: ColumnProfile) -> Finding | None:
    """Most of the values have a form of personal data."""
    text = column.text
    form, share = (text.looks_like, text.looks_like_share) if text else _digits(column)
    if share < _SHARE or not form:
        return None
    kind = next((kind for kind in KINDS if form in kind.forms), None)
    words = set(tokens(column.name))
    if kind is None or (form == "ip_address" and _are_versions(column, words)):
        return None
    level = kind.level
    if form == "person_name":
        if share < 0.8 or not words & _NAME_WORDS or words - _NAME_WORDS - _PERSON_WORDS:
            return None
        # Ships, cars and dishes have names of the same form.
        level = level if words & _PERSON_WORDS else "info"
    return Finding(
        kind, f"{_percent(share)} of the values have the form of {kind.words}", share, level
    )


def _percent(share: float) -> str:
    return f"{share:.0%}" if share in (0, 1) or 0.01 <= share <= 0.99 else f"{share:.3g}"


def _by_some(column: ColumnProfile) -> Finding | None:
    """Some of the values have a form of personal data, wherever in the column they are."""
    text = column.text
    present = column.count - column.missing
    if text is None or not present:
        return None
    words = set(tokens(column.name))
    for kind in KINDS:
        for top in text.personal:
            if top.value not in kind.forms or top.count < _LEAST[str(top.value)]:
                continue
            if top.value == "ip_address" and _are_versions(column, words):
                continue
            about = "about " if text.personal_estimated else ""
            evidence = f"{about}{top.count:,} of {present:,} texts hold {kind.words}"
            share = top.count / present
            return Finding(kind, evidence, share, kind.level)
    return None


def _are_versions(column: ColumnProfile, words: set[str]) -> bool:
    """Whether what reads as network addresses numbers versions: by its name, or because all of them begin with one digit."""
    if words & _VERSION_WORDS:
        return True
    values = [str(top.value) for top in column.top] or [str(column.minimum), str(column.maximum)]
    return all(re.match(r"[0-9]\.", value) for value in values)


def _digits(column: ColumnProfile) -> tuple[str, float]:
    """Payment cards kept as numbers: sixteen digits that pass Luhn's test, one after the other."""
    if column.type != "integer" or len(column.top) < _FEW:
        return "", 0.0
    values = [str(top.value) for top in column.top]
    cards = [13 <= len(value) <= 19 and luhn(value) for value in values]
    return "credit_card", sum(cards) / len(cards)


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
            return Finding(kind, "its name says so", None, kind.level)
    return None


def _is_another(kind: Kind, column: ColumnProfile, words: set[str]) -> bool:
    """Whether the values speak against what the name says."""
    if kind.words == "home addresses" and words & {"web", "url", "ip", "mac", "memory", "email"}:
        return True
    if kind.words == "names of persons" and words & {"file", "product", "company"}:
        return True
    text = column.text
    if text is None or text.looks_like_share < _SHARE:
        return False
    others = {"url", "uuid", "json", "mac_address", "version", "duration"}
    return text.looks_like in others or (
        kind.words == "network addresses of persons" and text.looks_like != "ip_address"
    )
