"""Lines that are one value each, although signs stand in them that delimit fields elsewhere."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence

_LOOKED_AT = 200
_MOST = 0.9
_LONGEST = 100
_DAY = (
    r"(?:\d{4}[-/.]?\d{1,2}[-/.]?\d{1,2}|\d{1,2}[-/. ](?:\d{1,2}|[A-Za-z]{3,9})[-/., ]{1,2}\d{2,4}"
    r"|(?:[A-Za-z]{3,9},? )?[A-Za-z]{3,9} \d{1,2},? \d{2,4}|(?:[A-Za-z]{3,9},? )?\d{1,2} [A-Za-z]{3,9} \d{4})"
)
_ZONE = r"(?: ?(?:Z|UTC|GMT|[+-]\d{2}:?(?:\d{2})?))?"
_CLOCK = r"\d{1,4}(?::\d{2}){1,3}(?:[.,]\d+)?(?: ?[AaPp]\.?[Mm]\.?)?"
_ADDRESS = re.compile(
    r"(?:[0-9A-Fa-f]{2}:){3,}[0-9A-Fa-f]{2}|[A-Za-z][A-Za-z0-9+.-]*://\S+|urn:\S+"
)
_VALUES = {
    ":": re.compile(rf"\[?(?:{_DAY}(?:[T:]| +))?-?{_CLOCK}{_ZONE}\]?|{_ADDRESS.pattern}"),
    ",": re.compile(
        r"[+-]?\d{1,3}(?:\.\d{3})+,\d+|[+-]?\d{1,3}(?:,\d{3})+\.\d+"
        rf"|{_DAY}(?:,? {_CLOCK})?"
    ),
    " ": re.compile(
        r"[+-]?\d{1,3}(?:[ \u00a0\u202f]\d{3})+,\d+|\+\d[\d ()/.-]{6,}"
        rf"|{_DAY}(?:[T:]| +){_CLOCK}{_ZONE}"
    ),
}


def are_values(lines: Sequence[str], delimiter: str) -> bool:
    """Whether nearly all lines are times, addresses of machines or numbers that a delimiter would cut."""
    pattern = _VALUES.get(delimiter)
    if pattern is None:
        return False
    texts = [line.strip().strip("\"'").strip() for line in lines[: 2 * _LOOKED_AT]]
    texts = [text for text in texts if delimiter in text][:_LOOKED_AT]
    alone = sum(_is_value(text, pattern, delimiter) for text in texts)
    return bool(texts) and alone >= _MOST * len(texts)


def are_addresses(texts: Sequence[str]) -> bool:
    """Whether all texts are addresses of machines or documents, or fingerprints of keys."""
    return all(_ADDRESS.fullmatch(text) or _is_address(text) for text in texts)


def _is_value(text: str, pattern: re.Pattern[str], delimiter: str) -> bool:
    if len(text) > _LONGEST:
        return False
    return bool(pattern.fullmatch(text)) or (delimiter == ":" and _is_address(text))


def _is_address(text: str) -> bool:
    """Whether a text is an address of the internet, of version 6, or one of its networks."""
    if ":" not in text:
        return False
    try:
        ipaddress.IPv6Interface(text.strip("[]"))
    except ValueError:
        return False
    return True
