"""What texts look like: addresses, numbers of people and machines, dates; as masks over whole columns."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from orrery_engine.number_forms import ANY_FORM
from orrery_engine.stats.check_digits import iban, luhn

_HEX_GROUPS = r"[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4})"
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
# Classes of Unicode are not counted: each number of them would be a copy of a large automaton.
_EMAIL = r"[^@\s<>,;:()\"]+@[^@\s.,;<>()]+(?:\.[^@\s.,;<>()]+)*\.\p{L}[^@\s.,;<>()]+"
_URL = r"(?i:https?|ftps?|s3|gs|hdfs)://[^\s]+"
_UUID = r"(?i)\{?[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\}?"
_IP4 = rf"(?:{_OCTET}\.){{3}}{_OCTET}"
_IP6 = rf"(?:{_HEX_GROUPS}{{7}}|(?:{_HEX_GROUPS}{{0,6}})?::(?:{_HEX_GROUPS}{{0,6}})?(?:{_IP4})?)"
_MAC = r"(?i)[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}|[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}"
_VERSION = r"(?i)v?[0-9]{1,4}(?:\.[0-9]{1,6}){2,3}(?:[-+._]?(?:a|b|rc|alpha|beta|dev|post|final|snapshot)[.0-9]*)?"
_DURATION = r"-?(?:[0-9]+ ?d(?:ays?)?,? ?)?[0-9]{1,4}:[0-5][0-9](?::[0-5][0-9])?(?:[.,][0-9]{1,9})?"
# A sign or brackets of an international or American number; digits alone may be any number.
_PHONE = (
    r"\+[1-9][0-9 ()./-]{6,20}[0-9]"
    r"|00[1-9][0-9]{1,2}[ ()./-]{1,2}(?:[0-9][ ()./-]{0,2}){8,12}"
    r"|\(0?[1-9][0-9]{1,4}\)[ ./-]?[0-9][0-9 ./-]{4,12}[0-9]"
    r"|(?:\+?1[-. ])?[2-9][0-9]{2}[-. ][2-9][0-9]{2}[-. ][0-9]{4}"
)
_PHONE_OF_NAME = r"(?:\+|00|\(|0)?[0-9(][0-9 ()./-]{5,20}"
_SSN = r"[0-9]{3}-[0-9]{2}-[0-9]{4}"
_CARD = r"[0-9](?:[ -]?[0-9]){12,18}"
_IBAN = r"[A-Za-z]{2}[0-9]{2}(?: ?[0-9A-Za-z]){11,30}"
_MONTH = r"(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_CLOCK = r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?(?: ?[AaPp][Mm])?"
_DATE = (
    rf"[0-9]{{4}}-(?:0[1-9]|1[0-2])|[0-9]{{4}}[-/.][0-9]{{1,2}}[-/.][0-9]{{1,2}}(?:[T ]{_CLOCK}(?: ?Z|[+-][0-9]{{2}}:?[0-9]{{2}})?)?"
    rf"|[0-9]{{1,2}}[-/.][0-9]{{1,2}}[-/.](?:[0-9]{{4}}|[0-9]{{2}})(?:,? {_CLOCK})?"
    rf"|[0-9]{{1,2}}[-/ .]{_MONTH}[-/ ,.]{{1,2}}(?:[0-9]{{4}}|[0-9]{{2}})(?:,? {_CLOCK})?"
    rf"|{_MONTH} [0-9]{{1,2}},? [0-9]{{4}}(?:,? {_CLOCK})?"
)
_POSTCODE = r"[0-9]{4,5}(?:-[0-9]{4})?|[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}|[A-Z][0-9][A-Z] ?[0-9][A-Z][0-9]"
_JSON = r"(?s)[\[{].*[\]}]"
_PERSON = r"(?:\p{Lu}[\p{L}'\u2019.-]*,? )+\p{Lu}[\p{L}'\u2019-]*\.?"

_PLACE_NAMES = re.compile(r"zip|postal|post_?code|plz|cap\b", re.IGNORECASE)
_PHONE_NAMES = re.compile(r"phone|mobile|telefon|\btel\b|tel_|_tel|fax|handy|msisdn", re.IGNORECASE)
_PERSON_NAMES = re.compile(
    r"name|author|customer|patient|person|employee|passenger|contact|owner", re.IGNORECASE
)
_VERSION_NAMES = re.compile(r"version|release|firmware|build|revision|\bver\b", re.IGNORECASE)

Mask = Callable[[pl.Series], pl.Series]


def _whole(pattern: str) -> Mask:
    """Whether all of a text has a form, white space at its ends aside."""
    expression = rf"\A\s*(?:{pattern})\s*\z"
    return lambda texts: texts.str.contains(expression)


def _checked(pattern: str, check: Callable[[str], bool]) -> Mask:
    """Texts of a form whose check digits are right."""
    has_form = _whole(pattern)

    def mask(texts: pl.Series) -> pl.Series:
        result = has_form(texts)
        chosen = result.arg_true()
        if len(chosen):
            right = [check(text.strip()) for text in texts.gather(chosen).to_list()]
            result = result.scatter(chosen.filter(~pl.Series(right, dtype=pl.Boolean)), False)
        return result

    return mask


def _is_json(text: str) -> bool:
    """An object or a list."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _number(texts: pl.Series) -> pl.Series:
    """Numbers as people write them; codes with leading zeros are none."""
    return _whole(ANY_FORM)(texts)


def _ip_address(texts: pl.Series) -> pl.Series:
    """IPv6 with a digit: `a::b` is a name of C++."""
    six = _whole(_IP6)(texts) & texts.str.contains("[0-9]")
    return _whole(_IP4)(texts) | six


def _digits_between(mask: Mask, least: int, most: int) -> Mask:
    def counted(texts: pl.Series) -> pl.Series:
        digits = texts.str.count_matches("[0-9]")
        return mask(texts) & (digits >= least) & (digits <= most)

    return counted


@dataclass(frozen=True)
class Form:
    """A form that texts may have."""

    name: str
    mask: Mask
    # Only in a column whose name says so.
    hint: re.Pattern[str] | None = None
    # Of a form with check digits: the form without them. Its mask costs a call of Python for each text.
    unchecked: Mask | None = None


# The first of those that most texts have is what they look like.
FORMS: tuple[Form, ...] = (
    Form("email", _whole(_EMAIL)),
    Form("url", _whole(_URL)),
    Form("uuid", _whole(_UUID)),
    Form("mac_address", _whole(_MAC)),
    Form("version", _whole(_VERSION), _VERSION_NAMES),
    Form("ip_address", _ip_address),
    Form("credit_card", _checked(_CARD, luhn), unchecked=_whole(_CARD)),
    Form("iban", _checked(_IBAN, iban), unchecked=_whole(_IBAN)),
    Form("ssn", _whole(_SSN)),
    Form("date", _whole(_DATE)),
    Form("postcode", _whole(_POSTCODE), _PLACE_NAMES),
    Form("phone", _digits_between(_whole(_PHONE), 7, 15)),
    Form("phone", _digits_between(_whole(_PHONE_OF_NAME), 7, 15), _PHONE_NAMES),
    Form("number", _number),
    Form("duration", _whole(_DURATION)),
    Form("version", _whole(_VERSION)),
    Form("json", _checked(_JSON, _is_json), unchecked=_whole(_JSON)),
    Form("person_name", _whole(_PERSON), _PERSON_NAMES),
)


def forms_of(name: str) -> tuple[Form, ...]:
    """The forms that texts of a column with this name may have."""
    return tuple(form for form in FORMS if form.hint is None or form.hint.search(name))


# Each says that a text may hold personal data; a look at all texts costs one expression for most of them.
PERSONAL_FORMS = tuple(
    form
    for form in FORMS
    if form.name in ("ip_address", "credit_card", "iban", "ssn", "phone") and form.hint is None
)
MAY_BE_PERSONAL = rf"\A\s*(?:{_IP4}|{_IP6}|{_PHONE}|{_SSN}|{_CARD}|{_IBAN})\s*\z"
EMAIL_WITHIN = _EMAIL
CARD_WITHIN = rf"\b{_CARD}\b"
# Without boundaries of words, which take a slow way through every text.
MAY_BE_CARD_WITHIN = _CARD
