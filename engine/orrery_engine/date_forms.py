"""How the dates of a column of texts are written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

_DECIDING = 2_000
_CLOCKS = ("", " %H:%M", " %H:%M:%S", "T%H:%M:%S")
_DAYS = ("%d{0}%m{0}%Y", "%m{0}%d{0}%Y", "%d{0}%m{0}%y", "%m{0}%d{0}%y", "%Y{0}%m{0}%d")
_ISO = re.compile(r"\d{4}-\d{1,2}-\d{1,2}([T ]\d{1,2}:\d{2}.*)?")


def date_form(texts: Sequence[str]) -> str:
    """The format of ``strptime`` that most of the texts are of; of equals the day first. Empty if that is ISO 8601."""
    filled = [text.strip() for text in texts[:_DECIDING] if text.strip()]
    iso = sum(bool(_ISO.fullmatch(text)) for text in filled)
    best, most = "", iso
    for sign in "/.-":
        if not any(sign in text for text in filled):
            continue
        for form in (day.format(sign) + clock for day in _DAYS for clock in _CLOCKS):
            count = sum(_is_of(text, form) for text in filled)
            if count > most:
                best, most = form, count
    return best


def is_date(text: str, form: str) -> bool:
    """Whether a text is a date of the form; of ISO 8601 if that is empty."""
    text = text.strip()
    return _is_of(text, form) if form else bool(_ISO.fullmatch(text))


def _is_of(text: str, form: str) -> bool:
    try:
        datetime.strptime(text, form)
    except ValueError:
        return False
    return True
