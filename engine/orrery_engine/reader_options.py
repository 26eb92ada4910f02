"""Which options of reading each format has, so that an option without effect is an error and not ignored."""

from __future__ import annotations

from collections.abc import Mapping

from orrery_engine.schemas import ReaderOptions, SourceIn
from orrery_wire.errors import Invalid

_OPTIONS: Mapping[str, frozenset[str]] = {
    "csv": frozenset(ReaderOptions.model_fields),
    "excel": frozenset({"header", "skip", "sheet"}),
}
_LABELS: Mapping[str, str] = {
    "arrow": "an Arrow file",
    "csv": "a text file",
    "database": "a table of a database",
    "excel": "a workbook",
    "frame": "a dataframe",
    "json": "JSON",
    "parquet": "Parquet",
}
_NAMED = {"\t": "tabs", " ": "blanks"}


def chosen_options(source: SourceIn) -> dict[str, object]:
    """The options that a person chose, by name; what is found out is not among them."""
    reading = source.reading.model_dump(exclude_none=True) if source.reading else {}
    return reading | ({"sheet": source.sheet} if source.sheet else {})


def require_applicable(source: SourceIn, format: str) -> None:
    """Refuse options that a source of this format cannot take.

    Args:
        source: with the options.
        format: of ``FileFormat``, or "database" or "frame".

    Raises:
        Invalid: it names each of them.
    """
    chosen = chosen_options(source)
    applicable = _OPTIONS.get(format, frozenset())
    wrong = [name for name in chosen if name not in applicable]
    if wrong:
        are = "is not an option" if len(wrong) == 1 else "are not options"
        has = f"It has: {', '.join(sorted(applicable))}." if applicable else "It has none."
        raise Invalid(
            f"{_listed(wrong)} {are} for reading {_LABELS[format]}",
            reason=f"{source.name or source.location} is read as {_LABELS[format]}. {has}",
            remedy="Leave it out." if len(wrong) == 1 else "Leave them out.",
        )
    decimal, thousands = chosen.get("decimal"), chosen.get("thousands")
    if decimal and decimal == thousands:
        raise Invalid(
            f"decimal and thousands are both {decimal!r}",
            remedy="Choose another sign for one of them.",
        )


def reading_line(reading: ReaderOptions | None, sheet: str = "") -> str:
    """How a source was read, in one line; empty if there is nothing to say."""
    parts = [f"sheet {sheet!r}"] if sheet else []
    if reading is None:
        return ", ".join(parts)
    if reading.delimiter:
        parts.append(f"fields between {_NAMED.get(reading.delimiter, repr(reading.delimiter))}")
    if reading.encoding:
        parts.append(f"encoding {reading.encoding}")
    if reading.decimal == ",":
        parts.append("decimal comma")
    if reading.thousands:
        parts.append(f"{reading.thousands!r} between thousands")
    if reading.skip:
        parts.append(f"{reading.skip:,} lines skipped")
    if reading.header == 0:
        parts.append("no names")
    if reading.comment:
        parts.append(f"comments after {reading.comment!r}")
    return ", ".join(parts)


def _listed(names: list[str]) -> str:
    return ", ".join(names[:-1]) + (" and " if len(names) > 1 else "") + names[-1]
