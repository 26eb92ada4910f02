"""Which encoding of one byte a character a text has, by how well the letters of a language fill its words.

A detector of encodings needs more text than the few names of a table hold; what they are written with tells more:
in a wrong encoding capitals and signs stand in words, and no language has all of their letters.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

_ALPHABETS = (
    *("äöüß", "àâæçéèêëîïôœùûüÿ", "áéíñóúüºª", "ãáâàçéêíóôõúüºª", "àèéìíòóùú", "ëïéèöüáó"),
    *("æøåéòóô", "åäöéšž", "áðéíóúýþæö", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "ąćęłńóśźż"),
    *("áéíóöőúüű", "ăâîșşțţ", "čćđšž", "çğıi̇öşüâî", "äöõüšž", "āčēģīķļņšūž", "ąčęėįšųūž"),
    "абвгдежзийклмнопрстуфхцчшщъыьэюяё",
    "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
    "абвгдђежзијклљмнњопрстћуфхцчџшѓќѕ",
    "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ",
    "אבגדהוזחטיךכלםמןנסעףפץצקרשת",
    "ابتثجحخدذرزسشصضطظعغفقكلمنهويىءآأؤإئةپچژگ",
)
_LETTERS = tuple(frozenset(own) for own in _ALPHABETS)
# Languages that stand side by side in one table; that speaks less for an encoding than one language does.
_REGIONS = tuple(
    frozenset().union(*_LETTERS[first:last]) for first, last in ((0, 9), (9, 15), (16, 19))
)
_REGION = 0.75
# The more usual one where several fit: of each script the encoding of Windows, then those of standards and old systems.
_USUAL = {"cp1252": 0.08, "cp1251": 0.06, "cp1250": 0.05, "cp1253": 0.05, "cp1255": 0.05}
_USUAL |= {"cp1254": 0.04, "cp1256": 0.04, "cp1257": 0.03, "iso8859-15": 0.02, "koi8-r": 0.02}
_CODECS = (
    *("cp1252", "iso8859-15", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257"),
    *(
        "koi8-r",
        "koi8-u",
        "iso8859-2",
        "iso8859-5",
        "mac-roman",
        "mac-cyrillic",
        "cp850",
        "cp437",
        "cp852",
        "cp866",
    ),
)
# Signs of writing: those that stand before a word, and others.
_VOWELS = frozenset("аеиоуыэюяёєіїαεηιουωάέήίόύώϊϋΐΰ")
_FINAL = "ςךםןףץ"
_OPENING, _SIGNS = "„‚«“‘¿¡", "»”’–—…€£¥§°·•©®™²³½¼¾±×µ\u00a0\u202f"
_NEAR = 0.15  # of two encodings that fit nearly alike neither is sure
_SURE = 0.9
_FEW = 6  # letters that tell little
_WORDS = 2_000
_NAMED = 3
_LEAST_VOWELS, _UNSPEAKABLE = 0.3, 0.5
_WORD = re.compile(rb"[A-Za-z0-9]*[\x80-\xff][A-Za-z0-9'\x80-\xff-]*")


@dataclass(frozen=True)
class Guess:
    """The encoding that fits best.

    Attributes:
        name: a codec of Python.
        fit: how well the letters of one language fill the words, at most 1.
        is_latin: whether that language is written in Latin letters.
        others: codecs that fit nearly as well and give another text.
    """

    name: str
    fit: float
    is_latin: bool
    others: tuple[str, ...] = ()


def guess(data: bytes) -> Guess | None:
    """The encoding of bytes that are no UTF-8; none if they fit none."""
    words = Counter(_WORD.findall(data)[:_WORDS])
    scored = []
    for codec in _CODECS:
        texts = _decoded(words, codec)
        if texts is not None:
            fit, is_latin = _fit(texts)
            scored.append((fit + _USUAL.get(codec, 0.0), fit, codec, is_latin, texts))
    if not scored:
        return None
    scored.sort(key=lambda own: -own[0])
    best = scored[0]
    count = sum(best[4].values())
    near = _NEAR if count > _FEW else 2 * _NEAR
    others, texts_seen = [], [best[4]]
    for score, _, codec, _, texts in scored[1:]:
        if score > best[0] - near and texts not in texts_seen:
            others.append(codec)
            texts_seen.append(texts)
    return Guess(best[2], best[1], best[3], tuple(others[:_NAMED]))


def is_sure(own: Guess) -> bool:
    """Whether nearly all signs are letters of one language, in words as they are written."""
    return own.fit >= _SURE


def _decoded(words: Counter[bytes], codec: str) -> Counter[str] | None:
    result: Counter[str] = Counter()
    try:
        for word, count in words.items():
            result[unicodedata.normalize("NFC", word.decode(codec))] += count
    except UnicodeDecodeError:
        return None
    return result


def _fit(words: Counter[str]) -> tuple[float, bool]:
    """How well the letters of the best language fill words, and whether it is written in Latin letters."""
    letters: Counter[str] = Counter()
    signs, total = 0.0, 0
    for word, count in words.items():
        for place, sign in enumerate(word):
            if sign.isascii():
                continue
            total += count
            before, after = word[:place][-1:], word[place + 1 :][:1]
            if sign.isalpha() or sign in "ºª":
                # No capital stands behind a small letter, no letter of ends within a word, and no script in a word of another.
                letters[sign.lower()] += count
                is_odd = (sign.isupper() and before.islower()) or _is_mixed(word)
                is_odd = is_odd or (sign in _FINAL and after.isalpha())
                signs -= count * is_odd
            elif sign in _OPENING:
                signs += count * (-1.0 if before.isalnum() else 0.6)
            elif sign in _SIGNS:
                signs += count * (
                    -1.0 if before.isalpha() and after.isalpha() and sign != "’" else 0.6
                )
            else:
                signs -= count
    if not total:
        return 0.0, True
    if _lacks_vowels(letters):
        signs -= total * _UNSPEAKABLE
    covered = [
        sum(count for own, count in letters.items() if own in language) for language in _LETTERS
    ]
    best = max(range(len(covered)), key=covered.__getitem__)
    regions = [sum(count for own, count in letters.items() if own in region) for region in _REGIONS]
    fitting = max(covered[best], *(_REGION * count for count in regions))
    return (fitting + signs) / total, _is_latin(_ALPHABETS[best][0])


def _is_latin(sign: str) -> bool:
    return sign < "ʀ" or "ᴀ" < sign < "ἀ"


def _is_mixed(word: str) -> bool:
    """Whether letters of several scripts stand in one word."""
    return len({_is_latin(sign) for sign in word if sign.isalpha()}) > 1


def _lacks_vowels(letters: Counter[str]) -> bool:
    """Whether Cyrillic or Greek letters are too few vowels to be spoken."""
    own = {sign: count for sign, count in letters.items() if "ά" <= sign <= "ӿ"}
    vowels = sum(count for sign, count in own.items() if sign in _VOWELS)
    return vowels < _LEAST_VOWELS * sum(own.values())
