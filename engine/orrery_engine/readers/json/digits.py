"""Numbers in JSON that floats do not hold, found in the bytes of a file without a parser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from orrery_engine.readers.text.encodings import unpacked

_CHUNK = 8 * 2**20
_OVERLAP = 400  # bytes that a number may have
_MOST = 17  # significant digits of a float
# A number behind a sign that no text begins with.
_NUMBER = re.compile(rb"[\[:,\s]-?([0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)")
_BEFORE = re.compile(rb"[\[:,\s]-?[0-9.]*\Z")
_IS_DIGIT = np.zeros(256, dtype=np.bool_)
_IS_DIGIT[list(b"0123456789")] = True
_IS_PART = _IS_DIGIT.copy()
_IS_PART[ord(".")] = True


def has_others(path: Path) -> bool:
    """Whether a UTF-8 file holds numbers with a point or an exponent that are not those of a float."""
    rest = b""
    with unpacked(path) as file:
        while chunk := file.read(_CHUNK):
            chunk = rest + chunk
            if not all(map(is_float, _long_numbers(chunk))):
                return True
            rest = chunk[-_OVERLAP:]
    return False


def is_float(number: bytes) -> bool:
    """Whether a float holds a number: so many digits tell floats apart, and writers give no more."""
    mantissa = re.split(b"[eE]", number)[0]
    if b"." not in mantissa and mantissa == number:
        return True
    significant = mantissa.replace(b".", b"").strip(b"0")
    if len(significant) > _MOST:
        return False
    return bool(float(number)) or not significant


def _long_numbers(chunk: bytes) -> Iterator[bytes]:
    """The numbers of many digits, or with an exponent of three."""
    # What is looked at behind the end of the chunk is no digit.
    data = np.frombuffer(chunk + b"\n" * 5, dtype=np.uint8)
    ends = np.flatnonzero(~_IS_PART[data])
    lengths = np.diff(ends) - 1
    begins = ends[:-1] + 1
    # 18 digits and a point; a zero before the point is no such digit.
    long = begins[lengths >= _MOST + 2 + (data[begins] == ord("0"))]
    for place in _exponents(data[:-5]).tolist():
        before = _BEFORE.search(chunk, max(0, place - _OVERLAP), place)
        if before and (match := _NUMBER.match(chunk, before.start())):
            yield match[1]
    for place in long.tolist():
        begin = place - 2 if chunk[place - 1 : place] == b"-" else place - 1
        if begin >= 0 and (match := _NUMBER.match(chunk, begin)):
            yield match[1]


def _exponents(data: NDArray[np.uint8]) -> NDArray[np.intp]:
    """Where exponents of three digits or more begin."""
    places = np.flatnonzero((data == ord("e")) | (data == ord("E")))
    places = places[(places > 0) & (places < len(data) - 4)]
    places = places[_IS_PART[data[places - 1]]]
    first = places + 1 + ((data[places + 1] == ord("-")) | (data[places + 1] == ord("+")))
    three = _IS_DIGIT[data[first]] & _IS_DIGIT[data[first + 1]] & _IS_DIGIT[data[first + 2]]
    begins: NDArray[np.intp] = places[three]
    return begins
