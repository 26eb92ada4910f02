"""Check digits of numbers of payment cards and bank accounts."""

from __future__ import annotations

import re


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
