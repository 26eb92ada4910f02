"""From the bytes of a file to UTF-8 text: packing by its signature, encoding by its marks and its bytes."""

from __future__ import annotations

import bz2
import codecs
import gzip
import lzma
import os
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pyarrow as pa

from orrery_engine.readers.text import codepages, wide
from orrery_engine.readers.text.unpacking import bounded, require_room
from orrery_engine.regular import open_regular
from orrery_wire.errors import Invalid

_CHUNK = 1 << 20
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SIGNATURES = (
    (b"\x1f\x8b", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"BZh", "bz2"),
    (b"PK\x03\x04", "zip"),
)
_BLOCKS_OF_BZ2 = (b"1AY&", b"\x17rE8")
# Bytes that are not ASCII decide; so many of their lines are looked at.
_DECIDING = 64 * 1024
# Parts that documents of office programs have, and archives of data do not.
_OFFICE = frozenset({"[Content_Types].xml", "META-INF/manifest.xml"})
# Encodings of several bytes a character, each the superset that programs of today write.
_WIDE = ("cp932", "gb18030", "big5", "euc_jp", "cp949")
# So many lines that are UTF-8 are no accident.
_SHARE_OF_UTF8 = 0.2
# Signs of Windows-1252 where people write them; no other encoding has so many that tables without other signs need.
_SIGNS = re.compile(
    r"(?<![A-Za-z])°(?=[CFKNSEW]?(?![A-Za-z]))|(?<=[A-Za-z0-9)])[²³](?![A-Za-z])|(?<![A-Za-z])µ(?=[A-Za-z])"
    r"|±(?=[ .0-9])|(?<![A-Za-z])[€£§½¼¾‰](?![A-Za-z])|(?<=[A-Za-z0-9)])[™®](?![A-Za-z])|(?<![A-Za-z])©(?![A-Za-z])"
    r"|(?<=[0-9 ])[\u2013\u2014\u00d7](?=[0-9 ])|(?<=[A-Za-z])\u2019(?=[A-Za-z])|(?<=[0-9])\u00a0(?=[0-9A-Za-z%€$])"
)
_WORD = re.compile(rb"[A-Za-z\x80-\xff]+")


Change = Callable[[str, bool], str]


@dataclass(frozen=True)
class Encoding:
    """How the characters of a file are written.

    Attributes:
        name: a codec of Python.
        mark: bytes of a byte-order mark at the beginning, which are no text.
        assumed: whether the bytes allow other encodings too.
        others: codecs that fit nearly as well.
        utf8_lines: how many of the lines beyond ASCII are valid UTF-8, and how many there are; zeros for hardly any.
    """

    name: str
    mark: int = 0
    assumed: bool = False
    others: tuple[str, ...] = ()
    utf8_lines: tuple[int, int] = (0, 0)

    @property
    def title(self) -> str:
        """Its name as people write it."""
        return _title(self.name)

    def note(self) -> str:
        """What was assumed, for a person."""
        if self.name == "utf-8":
            return ""
        line = f"The file is no valid UTF-8; it was read as {self.title}"
        number, of = self.utf8_lines
        if number:
            # Other encodings are hardly ever valid UTF-8 by chance.
            are = "is" if number == 1 else "are"
            line += (
                f", although {number:,} of its first {of:,} lines beyond ASCII {are} valid UTF-8, as where files of"
                " several encodings were joined"
            )
        if not self.others:
            return f"{line}."
        fit = "fits" if len(self.others) == 1 else "fit"
        others = " and ".join(map(_title, self.others))
        return f"{line}. That is not certain: {others} {fit} nearly as well."


def _title(codec: str) -> str:
    """The name of a codec as people write it."""
    titles = {
        "iso8859-1": "Latin-1",
        "iso8859-15": "Latin-9 (ISO-8859-15)",
        "mac-roman": "Mac Roman",
    }
    if codec.startswith("cp125"):
        return f"Windows-{codec[2:]}"
    return titles.get(codec, codec.upper())


def packing(path: Path) -> str:
    """How a file is compressed, by its first bytes, whatever its name: "" if it is not."""
    with open_regular(path) as file:
        begin = file.read(8)
    name = next((name for mark, name in _SIGNATURES if begin.startswith(mark)), "")
    # A text may begin with these letters.
    return "" if name == "bz2" and begin[4:8] not in _BLOCKS_OF_BZ2 else name


@contextmanager
def unpacked(path: Path) -> Iterator[IO[bytes]]:
    """The content of a file without its compression.

    Raises:
        Invalid: an archive holds no file or several, or it is encrypted; or it unpacks to too much.
    """
    kind = packing(path)
    if not kind:
        with open_regular(path) as file:
            yield file
        return
    with (
        open_regular(path) as raw,
        _opened(raw, kind) as stream,
        bounded(stream, os.fstat(raw.fileno()).st_size) as content,
    ):
        yield content


@contextmanager
def _opened(raw: IO[bytes], kind: str) -> Iterator[IO[bytes]]:
    if kind == "zip":
        with zipfile.ZipFile(raw) as archive, _member(archive) as member:
            yield member
        return
    if kind == "zstd":
        with pa.CompressedInputStream(raw, "zstd") as stream:
            yield stream
        return
    openers = {"gzip": gzip.open, "xz": lzma.open, "bz2": bz2.open}
    with openers[kind](raw, "rb") as file:  # type: ignore[operator]
        yield file


def _member(archive: zipfile.ZipFile) -> IO[bytes]:
    names = [item for item in archive.infolist() if not item.is_dir()]
    if _OFFICE & {item.filename for item in names}:
        raise Invalid(
            "The file is no text.",
            reason="It is a workbook or another document of an office program.",
            remedy="Give its name the ending of its kind, such as .xlsx or .ods, or export the sheet as CSV.",
        )
    names = [item for item in names if not item.filename.startswith(("__MACOSX/", "."))]
    if len(names) != 1:
        raise Invalid(
            f"The archive holds {len(names)} files.",
            reason="One is read: "
            + (", ".join(item.filename for item in names[:5]) or "it is empty"),
            remedy="Unpack it, and choose a file or the folder.",
        )
    if names[0].flag_bits & 0x1:
        raise Invalid("The archive is encrypted.", remedy="Unpack it with its password first.")
    return archive.open(names[0])


def detect(sample: bytes, chosen: str | None = None) -> Encoding:
    """The encoding of a text by its first bytes; ``chosen`` is a person's word for it.

    Raises:
        Invalid: there is no such encoding, or the bytes are no text.
    """
    if chosen is not None:
        name = _codec(chosen)
        mark = next((bom for bom, _ in _MARKS if sample.startswith(bom)), b"")
        return Encoding(name, len(mark) if name.startswith("utf") else 0)
    for bom, name in _MARKS:
        if sample.startswith(bom):
            return Encoding(name, len(bom))
    unmarked = _unmarked_utf16(sample)
    if unmarked:
        return Encoding(unmarked, assumed=True)
    if _is_utf8(sample):
        return Encoding("utf-8")
    return _guess(sample)


def _codec(chosen: str) -> str:
    try:
        info = codecs.lookup(chosen)
    except (LookupError, ValueError) as problem:
        raise Invalid(
            f"There is no encoding {chosen!r}.",
            remedy="Name one that Python knows, for example utf-8, windows-1252 or shift_jis.",
        ) from problem
    if not info._is_text_encoding:
        raise Invalid(f"{chosen!r} is no encoding of text.", remedy="Name one, for example utf-8.")
    return info.name


def _unmarked_utf16(sample: bytes) -> str:
    """UTF-16 without a mark: every second byte of what is mostly ASCII is zero."""
    part = sample[:4096]
    half = len(part) // 2
    if half < 2:
        return ""
    even, odd = part[0::2].count(0), part[1::2].count(0)
    if odd > 0.6 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.6 * half and odd < 0.05 * half:
        return "utf-16-be"
    return ""


def _is_utf8(sample: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample, final=False)
    except UnicodeDecodeError:
        return False
    return True


def _guess(sample: bytes) -> Encoding:
    """By what its bytes beyond ASCII would be in each encoding; Windows-1252 if nothing speaks for another."""
    lines = [line for line in sample.splitlines(keepends=True) if not line.isascii()]
    own_utf8 = sum(map(_is_utf8, lines))
    if own_utf8 * 2 > len(lines):
        # Some lines of another encoding: their bytes are counted and marked.
        return Encoding("utf-8", assumed=True)
    deciding = b"".join(lines)[:_DECIDING]
    own, rank = codepages.guess(deciding), wide.ranked(deciding)
    is_foreign = _is_foreign(deciding)
    both = (own_utf8, len(lines)) if own_utf8 >= _SHARE_OF_UTF8 * len(lines) else (0, 0)
    if _has_signs_alone(deciding):
        rivals = () if own is None or own.name == "cp1252" else (own.name,)
        return Encoding("cp1252", assumed=True, others=rivals, utf8_lines=both)
    if own is not None and codepages.is_sure(own) and (own.is_latin or is_foreign):
        others = own.others
        if is_foreign and rank is not None and rank.is_full:
            others = (*others[:2], rank.name)
        return Encoding(codecs.lookup(own.name).name, assumed=True, others=others, utf8_lines=both)
    detected = _wide(deciding, lenient=is_foreign) if rank is not None else ""
    if rank is not None and detected:
        fitting = (rank.name, *rank.others)
        # Of few characters a detector of languages takes most to be Korean.
        name = detected if detected in rank.others and detected != "cp949" else rank.name
        others = tuple(own for own in fitting if own != name)
        return Encoding(codecs.lookup(name).name, assumed=True, others=others, utf8_lines=both)
    name, others = (own.name, own.others) if own is not None else ("latin_1", ())
    return Encoding(codecs.lookup(name).name, assumed=True, others=others, utf8_lines=both)


def _wide(deciding: bytes, *, lenient: bool) -> str:
    """The encoding of several bytes a character that languages speak for; "" for none."""
    import charset_normalizer

    best = charset_normalizer.from_bytes(deciding, cp_isolation=[*_WIDE]).best()
    if best is None and lenient:
        best = charset_normalizer.from_bytes(deciding, cp_isolation=[*_WIDE], threshold=0.6).best()
    return best.encoding if best is not None else ""


def _has_signs_alone(data: bytes) -> bool:
    """Whether all that is beyond ASCII is signs, as of degrees and currencies, where these are written."""
    try:
        return _SIGNS.sub("", data.decode("cp1252")).isascii()
    except UnicodeDecodeError:
        return False


def _is_foreign(data: bytes) -> bool:
    """Whether words are written in signs beyond ASCII throughout, not with one here and there."""
    words = [word for word in _WORD.findall(data) if not word.isascii()]
    beyond = sum(byte > 0x7F for word in words for byte in word)
    return bool(beyond * 3 > 2 * sum(map(len, words)))


def beyond_utf8(path: Path) -> Encoding | None:
    """The encoding of a file whose beginning is UTF-8 and whose rest may be not; none if it is."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_wide, bad = False, b""
    with unpacked(path) as file:
        while chunk := file.read(_CHUNK):
            try:
                text = decoder.decode(chunk)
            except UnicodeDecodeError:
                bad = chunk
                break
            is_wide = is_wide or not text.isascii()
    if not bad:
        return None
    # Where characters of several bytes stand, the file is UTF-8 with a few bytes that are damaged.
    return Encoding("utf-8") if is_wide else _guess(bad)


def sample_of(path: Path, size: int, longest: int) -> tuple[bytes, bool]:
    """The first bytes, unpacked, and whether these are all; at least the first line, if it is not too long."""
    with unpacked(path) as file:
        data = file.read(size)
        while len(data) < longest and b"\n" not in data and b"\r" not in data:
            more = file.read(size)
            if not more:
                break
            data += more
        return data, not file.read(1)


def transcode(path: Path, encoding: Encoding, out: Path, change: Change, end: str = "") -> int:
    """Write a file as UTF-8 without mark and packing; returns how many bytes were no characters.

    Raises:
        StorageFull: the disk would be nearly full; what was written is gone again.

    Args:
        path: the file.
        encoding: how it is written.
        out: where to write it.
        change: what becomes of each piece of text; the last one is told by its second argument.
        end: a sign that is no text at the end of the file, with the ends of lines around it.
    """
    try:
        return _transcode(path, encoding, out, change, end)
    except BaseException:
        out.unlink(missing_ok=True)
        raise


def _transcode(path: Path, encoding: Encoding, out: Path, change: Change, end: str) -> int:
    decoder = codecs.getincrementaldecoder(encoding.name)(errors="orrery-count")
    _LOST.count = 0
    waiting = ""
    with unpacked(path) as source, out.open("wb") as target:
        source.read(encoding.mark)
        while chunk := source.read(_CHUNK):
            require_room(out.parent, len(chunk))
            text = waiting + decoder.decode(chunk)
            position = text.find(end, len(text.rstrip(end + "\r\n"))) if end else -1
            text, waiting = (text, "") if position < 0 else (text[:position], text[position:])
            target.write(change(text, False).encode("utf-8", "replace"))
        target.write(change(decoder.decode(b"", final=True), True).encode("utf-8", "replace"))
    return _LOST.count


class _Lost:
    """Counts what cannot be decoded, and puts the replacement character there."""

    count = 0

    def __call__(self, problem: UnicodeError) -> tuple[str, int]:
        if not isinstance(problem, UnicodeDecodeError):
            raise problem
        self.count += problem.end - problem.start
        return "\ufffd", problem.end


_LOST = _Lost()
codecs.register_error("orrery-count", _LOST)
