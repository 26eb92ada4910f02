"""Files of text as DuckDB takes them: UTF-8, plain or packed with gzip or zstd, under names without signs."""

from __future__ import annotations

import codecs
import uuid
from dataclasses import dataclass, replace
from pathlib import Path

from orrery_engine.readers import damage
from orrery_engine.readers.text import contents, dumps, encodings
from orrery_engine.readers.text.encodings import Change, Encoding
from orrery_engine.readers.text.returns import END_MARK, BareReturns
from orrery_engine.readers.text.unpacking import require_room
from orrery_wire.errors import Invalid, OrreryError

_SAMPLE = 1 << 20
LONGEST_LINE = 16 * 2**20
_TAIL = 4_096
_END_NOTE = "The mark at the end of the file (Ctrl-Z) is no data and was left out."
_RETURNS_NOTE = "Some lines end with a carriage return alone; these were read as lines, too."


@dataclass(frozen=True)
class Utf8File:
    """A file of text.

    Attributes:
        path: where its content is.
        packing: "", "gzip" or "zstd".
        encoding: in which it was written.
        beginning: its first characters.
        whole: whether these are all.
        notes: what was assumed, in sentences.
        mark: whether it begins with a byte-order mark.
    """

    path: Path
    packing: str
    encoding: str
    beginning: str = ""
    whole: bool = True
    notes: tuple[str, ...] = ()
    mark: bool = False


class Utf8Files:
    """Makes such files in a scratch folder, and takes them away again."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._created: list[Path] = []

    def file(self, path: Path, chosen: str | None = None, *, marked: bool = True) -> Utf8File:
        """A file as UTF-8; ``chosen`` is a person's word for its encoding, ``marked`` that it may begin with a mark.

        Raises:
            Invalid: it is damaged, or an archive of several.
            StorageFull: there is no room for it.
        """
        try:
            sample, whole = encodings.sample_of(path, _SAMPLE, LONGEST_LINE)
        except OrreryError:
            raise
        except (*damage.DAMAGE, ValueError, NotImplementedError, RuntimeError) as problem:
            if isinstance(problem, OSError) and not damage.is_of_file(problem):
                raise
            raise Invalid(
                "The packed file cannot be read.",
                reason="It is damaged or was cut short: it cannot be unpacked.",
                remedy="Fetch it again, or unpack it with the program that packed it.",
            ) from problem
        contents.refuse_others(sample)
        encoding = encodings.detect(sample, chosen)
        text = sample[encoding.mark :].decode(encoding.name, "replace")
        returns = "\r" in text and "\n" not in text
        packing = encodings.packing(path)
        end = END_MARK if _has_end_mark(path, packing, text, whole) else ""
        as_it_is = (
            encoding.name == "utf-8"
            and not encoding.assumed
            and not returns
            and (marked or not encoding.mark)
        )
        as_it_is = as_it_is and not end
        if as_it_is and packing in ("", "gzip", "zstd"):
            link = self._link(path, packing)
            return Utf8File(link, packing, "utf-8", text, whole, mark=bool(encoding.mark))
        change = _returns_as_ends if returns else _unchanged
        created = self._written(path, encoding if chosen else _whole(path, encoding), change, end)
        text = change(text, True)
        if end and whole:
            text = text[: text.find(end, len(text.rstrip(end + "\r\n")))]
        notes = (*created.notes, *([_END_NOTE] if end else []))
        return Utf8File(created.path, "", encoding.name, text, whole, notes)

    def unmarked(self, file: Utf8File) -> Utf8File:
        """A file anew without its mark, which parsers take for text where they leave out its first line."""
        mark = len(codecs.BOM_UTF8)
        created = self._written(file.path, Encoding("utf-8", mark=mark), _unchanged)
        notes = (*file.notes, *created.notes)
        return replace(file, path=created.path, packing="", mark=False, notes=notes)

    def with_ends(self, file: Utf8File) -> Utf8File:
        """A file anew in which each carriage return outside of quotes ends a line."""
        ends = BareReturns("\n")
        return self._changed(
            file, lambda text, final: ends.replaced(text, final=final), _RETURNS_NOTE
        )

    def as_quoted(self, file: Utf8File) -> Utf8File:
        """A file anew, with quotation marks, if a database wrote it with backslashes; else the file as it is."""
        sign = dumps.delimiter(file.beginning)
        if not sign or not dumps.is_escaped(file.path, sign):
            note = dumps.unread_note(file.beginning)
            return replace(file, notes=(*file.notes, note)) if note else file
        changed = self._changed(file, dumps.AsQuoted(sign).replaced, dumps.NOTE)
        beginning = dumps.AsQuoted(sign).replaced(file.beginning, True)
        return replace(changed, beginning=beginning)

    def _changed(self, file: Utf8File, change: Change, note: str) -> Utf8File:
        encoding = _whole(file.path, Encoding("utf-8"))
        created = self._written(file.path, encoding, change)
        notes = (*file.notes, *created.notes, note)
        return replace(file, path=created.path, packing="", notes=notes)

    def mended(self, file: Utf8File) -> Utf8File | None:
        """A file anew whose beginning is UTF-8 and whose rest is not; none if it is UTF-8 throughout."""
        encoding = encodings.beyond_utf8(file.path)
        if encoding is None:
            return None
        created = self._written(file.path, encoding, _unchanged)
        return Utf8File(created.path, "", encoding.name, file.beginning, file.whole, created.notes)

    def _link(self, path: Path, packing: str) -> Path:
        link = self._scratch / f"in-{uuid.uuid4().hex}{'.gz' if packing == 'gzip' else ''}"
        link.symlink_to(path.resolve())
        self._created.append(link)
        return link

    def _written(self, path: Path, encoding: Encoding, change: Change, end: str = "") -> Utf8File:
        require_room(self._scratch, path.stat().st_size * 2)
        out = self._scratch / f"in-{uuid.uuid4().hex}"
        self._created.append(out)
        lost = encodings.transcode(path, encoding, out, change, end)
        notes = []
        if encoding.assumed and encoding.note():
            notes.append(encoding.note())
        if lost:
            bytes_are = (
                "1 byte is no character" if lost == 1 else f"{lost:,} bytes are no characters"
            )
            notes.append(f"{bytes_are} in {encoding.title}; a mark (\ufffd) stands in the place.")
        return Utf8File(out, "", encoding.name, notes=tuple(notes))

    def close(self) -> None:
        """Take away what was created."""
        for path in self._created:
            path.unlink(missing_ok=True)


def _whole(path: Path, encoding: Encoding) -> Encoding:
    """The encoding of a file as a whole, whose beginning has ``encoding``."""
    beyond = encodings.beyond_utf8(path) if encoding.name == "utf-8" else None
    return replace(beyond, mark=encoding.mark) if beyond is not None else encoding


def _unchanged(text: str, final: bool) -> str:
    return text


def _returns_as_ends(text: str, final: bool) -> str:
    return text.replace("\r", "\n")


def _has_end_mark(path: Path, packing: str, text: str, whole: bool) -> bool:
    """Whether a file ends with the sign that old systems ended files with; of a large packed one that is not known."""
    if whole:
        return text.rstrip("\r\n").endswith(END_MARK)
    if packing:
        return False
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL))
        tail = file.read().rstrip(b"\r\n")
    return tail.endswith(END_MARK.encode())
