"""Files of text as DuckDB takes them: UTF-8, plain or packed with gzip or zstd, under names without signs."""

from __future__ import annotations

import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path

from orrery_engine.readers import damage
from orrery_engine.readers.text import encodings
from orrery_engine.readers.text.encodings import Encoding
from orrery_wire.errors import Invalid, OrreryError, StorageFull

_SAMPLE = 1 << 20
LONGEST_LINE = 16 * 2**20
_RESERVE = 256 * 2**20


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
    """

    path: Path
    packing: str
    encoding: str
    beginning: str = ""
    whole: bool = True
    notes: tuple[str, ...] = ()


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
        encoding = encodings.detect(sample, chosen)
        text = sample[encoding.mark :].decode(encoding.name, "replace")
        returns = "\r" in text and "\n" not in text
        packing = encodings.packing(path)
        as_it_is = encoding.name == "utf-8" and not returns and (marked or not encoding.mark)
        if as_it_is and packing in ("", "gzip", "zstd"):
            return Utf8File(self._link(path, packing), packing, "utf-8", text, whole)
        created = self._written(path, encoding, returns=returns)
        text = text.replace("\r", "\n") if returns else text
        return Utf8File(created.path, "", encoding.name, text, whole, created.notes)

    def mended(self, file: Utf8File) -> Utf8File | None:
        """A file anew whose beginning is UTF-8 and whose rest is not; none if it is UTF-8 throughout."""
        encoding = encodings.beyond_utf8(file.path)
        if encoding is None:
            return None
        created = self._written(file.path, encoding, returns=False)
        return Utf8File(created.path, "", encoding.name, file.beginning, file.whole, created.notes)

    def _link(self, path: Path, packing: str) -> Path:
        link = self._scratch / f"in-{uuid.uuid4().hex}{'.gz' if packing == 'gzip' else ''}"
        link.symlink_to(path.resolve())
        self._created.append(link)
        return link

    def _written(self, path: Path, encoding: Encoding, *, returns: bool) -> Utf8File:
        if path.stat().st_size * 2 + _RESERVE > shutil.disk_usage(self._scratch).free:
            raise StorageFull(
                "There is no room to unpack the file.",
                remedy="Free some space, or keep the data as Parquet.",
            )
        out = self._scratch / f"in-{uuid.uuid4().hex}"
        self._created.append(out)
        lost = encodings.transcode(path, encoding, out, returns=returns)
        notes = []
        if encoding.assumed:
            notes.append(f"The file is no valid UTF-8; it was read as {encoding.title}.")
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
