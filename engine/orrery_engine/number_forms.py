"""Numbers as people write them: signs between thousands, decimal commas, percent and currencies, negatives in parentheses.

A form is one way of writing that most texts of a column share. Codes such as "00501" are no numbers.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import product

from orrery_engine.schemas.columns import NumberForm

_BLANKS = "[ \u00a0\u202f]"
_SYMBOLS = "%‰€$£¥₹"
_PARTS = re.compile(
    rf"\(?\s*[+\-]?\s*(?P<before>[{_SYMBOLS}]|[A-Z]{{3}}(?=\s|[0-9]))?\s*[+\-]?"
    rf"(?P<digits>[0-9.,'\u2019_ \u00a0\u202f]*[0-9][.,]?)(?P<exponent>[eE][+-]?[0-9]{{1,3}})?"
    rf"(?P<after>\s*[{_SYMBOLS}]|\s*[A-Z]{{3}}|\s+[A-Za-z]{{1,5}})?\s*\)?"
)
_CODE = re.compile(r"[+-]?0[0-9]+")
# Decimal sign and sign between thousands, in the order of preference.
_SIGNS = (
    (".", ""),
    (".", ","),
    (",", ""),
    (",", "."),
    (".", " "),
    (",", " "),
    (".", "'"),
    (".", "_"),
)
_SHARES = ("%", "‰")
_LONG = 60
_DECIDING = 2_000  # different texts that choose the form
_EXAMPLES = 12
ENOUGH = 0.6


def pattern(form: NumberForm) -> str:
    """What a text of the form looks like, in the grammar that Python, RE2 and Rust share.

    A percent sign is part of every text, for 5% and 5 are not the same; a currency may be left out.
    """
    blank = f"{_BLANKS}*"
    sign, unit = "[+\\-]?", re.escape(form.unit)
    digits = rf"{_digits(form.decimal, form.thousands)}([eE][+\-]?[0-9]{{1,3}})?"
    if form.unit in _SHARES:
        before, after = sign, blank + unit
    elif form.unit:
        before = f"({sign}{blank}({unit}{blank})?|{unit}{blank}{sign})"
        after = f"({blank}{unit})?"
    else:
        before, after = sign, ""
    number = f"{before}{digits}{after}"
    unsigned = f"({unit}{blank})?{digits}{after}" if form.unit else digits
    return rf"({number}|\({blank}{unsigned}{blank}\))" if form.parentheses else number


def _digits(decimal: str, thousands: str) -> str:
    point = re.escape(decimal)
    whole = "(0|[1-9][0-9]*)"
    if thousands:
        group = (
            _BLANKS
            if thousands == " "
            else "['\u2019]"
            if thousands == "'"
            else re.escape(thousands)
        )
        whole = rf"(0|[1-9][0-9]{{0,2}}({group}[0-9]{{3}})+|[1-9][0-9]*)"
    return rf"({whole}({point}[0-9]*)?|{point}[0-9]+)"


def is_plain(form: NumberForm) -> bool:
    """Whether every language reads such numbers by itself."""
    return (form.decimal, form.thousands, form.unit, form.parentheses) == (".", "", "", False)


def replacements(form: NumberForm) -> tuple[tuple[str, str], ...]:
    """What is replaced by what, one after the other, so that a text of the form is a number of any language."""
    pairs = [(form.unit, "")] if form.unit else []
    pairs += [("(", "-"), (")", "")] if form.parentheses else []
    pairs += [(" ", ""), ("\u00a0", ""), ("\u202f", "")]
    if form.thousands not in ("", " "):
        pairs.append((form.thousands, ""))
    if form.thousands == "'":
        pairs.append(("\u2019", ""))
    if form.decimal == ",":
        pairs.append((",", "."))
    return tuple(pairs)


def parse(text: str, form: NumberForm) -> float | None:
    """The number that a text of the form is; none if it is of another form."""
    text = text.strip()
    if not _compiled(form).fullmatch(text):
        return None
    for before, after in replacements(form):
        text = text.replace(before, after)
    return float(text)


@lru_cache(maxsize=1)
def _any_compiled() -> re.Pattern[str]:
    return re.compile(ANY_FORM)


@lru_cache(maxsize=512)
def _compiled(form: NumberForm) -> re.Pattern[str]:
    return re.compile(pattern(form))


def form_of(texts: Sequence[str]) -> NumberForm | None:
    """The form that most numbers among the texts of a column share; none if they are codes, or of too many forms.

    Units are dropped, so a form has one: of texts with "%" and without, or with two currencies, the rest are no numbers.
    """
    stripped = [text.strip() for text in texts]
    filled = [text for text in stripped if text]
    if any(_CODE.fullmatch(text) for text in filled):
        return None
    any_form = _any_compiled()
    deciding = [text for text in filled if len(text) <= _LONG and any_form.fullmatch(text)]
    deciding = deciding[:_DECIDING]
    parts = [_PARTS.fullmatch(text) for text in deciding]
    units = Counter(_unit(item) for item in parts if item)
    if not units:
        return None
    candidates = [
        _candidate(deciding, unit, signs) for unit, signs in product(_likely(units), _SIGNS)
    ]
    (count, _), form = max(candidates, key=lambda item: item[0])
    if count < ENOUGH * len(deciding):
        return None
    return form.model_copy(update={"examples": _examples(filled, form)})


def _examples(texts: Sequence[str], form: NumberForm) -> tuple[str, ...]:
    """Texts of each way to write within the form, then some that are no numbers."""
    ways: dict[str, str] = {}
    others: list[str] = []
    for text in texts:
        if _compiled(form).fullmatch(text):
            ways.setdefault(re.sub("[0-9]+", "9", text), text)
        elif len(others) < _EXAMPLES:
            others.append(text[:_LONG])
    return (*list(ways.values())[:_EXAMPLES], *dict.fromkeys(others))


def _unit(parts: re.Match[str]) -> str:
    return (parts["before"] or parts["after"] or "").strip()


def _likely(units: Counter[str]) -> list[str]:
    """No unit, and the most frequent one."""
    named = [unit for unit, _ in units.most_common() if unit][:1]
    return ["", *named]


def _candidate(
    texts: Sequence[str], unit: str, signs: tuple[str, str]
) -> tuple[tuple[int, int], NumberForm]:
    """A form with the number of texts that are of it; of equals, the earlier in the order is the better."""
    has_parentheses = any(text.startswith("(") and text.endswith(")") for text in texts)
    form = NumberForm(decimal=signs[0], thousands=signs[1], unit=unit, parentheses=has_parentheses)
    matching = [text for text in texts if _compiled(form).fullmatch(text)]
    return (len(matching), -_SIGNS.index(signs)), form


def _any_form() -> str:
    """Any number with any unit; what all of a column share is found out by ``form_of``."""
    digits = "|".join(_digits(*signs) for signs in _SIGNS)
    before = rf"[+\-]?{_BLANKS}*([{_SYMBOLS}]{_BLANKS}*|[A-Z]{{3}}{_BLANKS}+)?[+\-]?"
    after = rf"({_BLANKS}*[{_SYMBOLS}]|{_BLANKS}*[A-Z]{{3}}|{_BLANKS}+[A-Za-z]{{1,5}})?"
    number = rf"{before}({digits})([eE][+\-]?[0-9]{{1,3}})?{after}"
    return rf"{number}|\({_BLANKS}*{number}{_BLANKS}*\)"


ANY_FORM = _any_form()
