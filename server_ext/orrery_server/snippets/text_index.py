"""Which of many numbered texts hold a word, told without looking through the texts.

Texts are made of pieces: runs of letters and digits. There are far fewer different pieces than there is text, so the
pieces are looked through, and each knows the texts that hold it. Only what this cannot tell is read.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator

from orrery_server.snippets.search_words import PIECE

_ONES = tuple(tuple(bit for bit in range(8) if byte >> bit & 1) for byte in range(256))


def numbers(bits: int) -> list[int]:
    """The numbers of the bits that are set, in rising order."""
    set_bits: list[int] = []
    for at, byte in enumerate(bits.to_bytes((bits.bit_length() + 7) // 8, "little")):
        if byte:
            set_bits += [at * 8 + bit for bit in _ONES[byte]]
    return set_bits


def bits_of(values: Iterable[int], size: int) -> int:
    """The bits of some numbers below ``size``."""
    flags = bytearray(size // 8 + 1)
    for value in values:
        flags[value >> 3] |= 1 << (value & 7)
    return int.from_bytes(flags, "little")


class Postings:
    """The numbers that each key was noted with: of a common key a bit for every number, of a rare one a list."""

    def __init__(self) -> None:
        self.rare: dict[str, list[int]] = {}
        self.common: dict[str, bytearray] = {}

    def add(self, key: str, number: int) -> bool:
        """Note a number that is not below the last one; whether the key is new."""
        flags = self.common.get(key)
        if flags is not None:
            _set(flags, number)
            return False
        holders = self.rare.get(key)
        if holders is None:
            self.rare[key] = [number]
            return True
        holders.append(number)
        if len(holders) > 64 and len(holders) * 64 > number:
            self.common[key] = flags = bytearray(number // 8 + 1)
            for item in self.rare.pop(key):
                _set(flags, item)
        return False

    def bits(self, key: str) -> int:
        """The bits of the numbers of a key."""
        flags = self.common.get(key)
        if flags is not None:
            return int.from_bytes(flags, "little")
        holders = self.rare.get(key)
        return bits_of(holders, holders[-1] + 1) if holders else 0


class Vocabulary:
    """The texts of one field, by number. Texts are added at the end and never taken away: ``alive`` says what counts."""

    def __init__(self, stems_of: Callable[[str], Iterable[str]] | None = None) -> None:
        self._texts: list[str] = []
        self._pieces = Postings()
        self._stems = Postings()
        self._stems_of = stems_of
        self._joined = ""
        self._starts: list[int] = []
        self._late: list[str] = []
        self._holders_of: dict[str, int] = {}

    def add(self, text: str) -> None:
        """Note the text with the next number."""
        number = len(self._texts)
        self._texts.append(text)
        self._holders_of.clear()
        for piece in set(PIECE.findall(text)):
            if self._pieces.add(piece, number):
                self._late.append(piece)
        for stem in set(self._stems_of(text)) if self._stems_of else ():
            self._stems.add(stem, number)

    def holding(self, word: str, alive: int) -> int:
        """The bits of the living texts that hold a word."""
        if word not in self._holders_of:
            self._holders_of[word] = self._find(word, alive)
        return self._holders_of[word] & alive

    def with_stems(self, stems: Iterable[str]) -> int:
        """The bits of the texts that have a word of one of these stems."""
        bits = 0
        for stem in stems:
            bits |= self._stems.bits(stem)
        return bits

    def stems(self) -> Iterator[str]:
        """Every stem in the texts."""
        yield from self._stems.common
        yield from self._stems.rare

    def _find(self, word: str, alive: int) -> int:
        parts = PIECE.findall(word)
        bits = alive
        for part in sorted(set(parts), key=len, reverse=True):
            bits &= self._holding_part(part, bits)
        return bits if parts == [word] else self._read(word, bits)

    def _holding_part(self, part: str, alive: int) -> int:
        bits = 0
        for piece, flags in self._pieces.common.items():
            if part in piece:
                bits |= int.from_bytes(flags, "little")
        rest = alive & ~bits
        size = len(self._texts)
        if rest.bit_count() * 8 > size:
            flags = bytearray(size // 8 + 1)
            for count, piece in enumerate(self._rare_with(part)):
                for number in self._pieces.rare[piece]:
                    flags[number >> 3] |= 1 << (number & 7)
                # So many pieces hold it that reading the texts is quicker: most are told after a few letters.
                if count * 10 > size + 1_000:
                    break
            else:
                return bits | int.from_bytes(flags, "little")
            bits |= int.from_bytes(flags, "little")
            rest &= ~bits
        return bits | self._read(part, rest)

    def _read(self, word: str, candidates: int) -> int:
        texts = self._texts
        return bits_of((i for i in numbers(candidates) if word in texts[i]), len(texts))

    def _rare_with(self, part: str) -> Iterator[str]:
        """The rare pieces that hold a part of a word."""
        if len(self._late) * 20 > len(self._pieces.rare):
            self.settle()
        joined, starts, rare = self._joined, self._starts, self._pieces.rare
        at = joined.find(part)
        while at >= 0:
            number = bisect_right(starts, at)
            end = starts[number] - 1 if number < len(starts) else len(joined)
            piece = joined[starts[number - 1] : end]
            if piece in rare:
                yield piece
            at = joined.find(part, end)
        yield from [piece for piece in self._late if part in piece and piece in rare]

    def settle(self) -> None:
        """Lay the rare pieces out to be looked through."""
        self._late = []
        self._joined = "\n".join(self._pieces.rare)
        self._starts = []
        at = 0
        for piece in self._pieces.rare:
            self._starts.append(at)
            at += len(piece) + 1


def _set(flags: bytearray, number: int) -> None:
    missing = (number >> 3) + 1 - len(flags)
    if missing > 0:
        flags.extend(bytes(missing))
    flags[number >> 3] |= 1 << (number & 7)
