"""Texts of SQL: split into statements, formatted, and with their parameters bound. Nothing here decides what may run."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from orrery_engine.lazy import LazyModule
from orrery_wire.errors import Invalid

if TYPE_CHECKING:
    import sqlglot
    from sqlglot import errors as sql_errors
else:
    sqlglot = LazyModule("sqlglot")
    sql_errors = LazyModule("sqlglot.errors")
# Its stubs do not know what it exports.
sql_tokens: Any = LazyModule("sqlglot.tokens")

Kind = Literal["postgresql", "mysql", "sqlite", "duckdb"]
_DIALECTS: Mapping[str, str] = {
    "postgresql": "postgres",
    "mysql": "mysql",
    "sqlite": "sqlite",
    "duckdb": "duckdb",
}
_MOST_CHARACTERS = 1_000_000
# What tells of a statement or of the server and gives rows that cannot stand in a query.
_TELLING = re.compile(r"(EXPLAIN|SHOW|DESCRIBE|DESC|PRAGMA|SUMMARIZE)\b", re.IGNORECASE)
# Comments that every server takes for such, before the first word.
_LEAD = re.compile(
    r"(?:[ \t\r\n]+|--[ \t][^\r\n]*(?:\n|\r\n|$)|/\*(?![!+]|M!)(?:(?!/\*|\*/)[\s\S])*\*/)*"
)


@dataclass(frozen=True)
class Bound:
    """A statement as a driver takes it, with the values of its parameters in order."""

    text: str
    values: tuple[Any, ...] = ()


def split(text: str, kind: Kind) -> list[str]:
    """The statements of a text, without the semicolons between them.

    Raises:
        Invalid: a quotation mark or a comment is not closed.
    """
    tokens = _tokens(text, kind)
    statements, begin = [], 0
    for token in tokens:
        if token.token_type == sql_tokens.TokenType.SEMICOLON:
            statements.append(text[begin : token.start])
            begin = token.end + 1
    statements.append(text[begin:])
    return [part.strip() for part in statements if _has_tokens(part, kind)]


def single(text: str, kind: Kind) -> str:
    """The only statement of a text.

    Raises:
        Invalid: there is none, or several.
    """
    statements = split(text, kind)
    if len(statements) != 1:
        raise Invalid(
            "One statement is run at a time" if statements else "There is no statement",
            reason=f"The text holds {len(statements):,}." if statements else "",
            remedy="Choose one of them." if statements else "Write one.",
        )
    return statements[0]


def formatted(text: str, kind: Kind) -> str:
    """The text with line breaks and indentation.

    Raises:
        Invalid: it cannot be understood.
    """
    dialect = _DIALECTS[kind]
    # Of DuckDB a colon after a word is an alias for the parser.
    names = parameters_of(text, kind) if kind == "duckdb" else []
    for _, start, _ in reversed(_places(text, kind) if names else []):
        text = f"{text[:start]}${text[start + 1 :]}"
    try:
        parts = sqlglot.transpile(text, read=dialect, write=dialect, pretty=True)
    except (sql_errors.SqlglotError, RecursionError) as problem:
        raise Invalid(
            "The statement cannot be formatted",
            reason="It is not complete, or written in a way that is not known here.",
            remedy="Look at the place where it ends.",
        ) from problem
    if names:
        own = re.compile(rf"\$({'|'.join(names)})\b")
        parts = [own.sub(r":\1", part) for part in parts]
    return ";\n\n".join(parts) + (";\n" if len(parts) > 1 else "\n")


def bare(statement: str) -> str:
    """A statement from its first word on, as any server reads it; a comment that one of them may run is such a word."""
    lead = _LEAD.match(statement)
    return statement[lead.end() :] if lead else statement


def tells(statement: str) -> bool:
    """Whether a statement tells of another one or of the server, and cannot stand inside of a query.

    By its first letters, not by the tokens of a parser that is not the server's.
    """
    return _TELLING.match(bare(statement)) is not None


def begins_with_names(statement: str) -> bool:
    """Whether a statement of MySQL begins with the names of other queries (`WITH`)."""
    tokens = _tokens(statement, "mysql")
    return bool(tokens) and tokens[0].token_type == sql_tokens.TokenType.WITH


def parameters_of(text: str, kind: Kind) -> list[str]:
    """The names of the parameters of a text, each once."""
    return list(dict.fromkeys(name for name, _, _ in _places(text, kind)))


def bind(statement: str, values: Mapping[str, Any], kind: Kind) -> Bound:
    """A statement whose `:name`s are places for values of the driver.

    Raises:
        Invalid: a parameter has no value.
    """
    places = _places(statement, kind)
    lacking = [name for name, _, _ in places if name not in values]
    if lacking:
        raise Invalid(
            f"The parameter :{lacking[0]} has no value", remedy="Give it one, and run it again."
        )
    pieces: list[str] = []
    begin = 0
    names = list(dict.fromkeys(name for name, _, _ in places))
    for name, start, end in places:
        pieces.append(_literal(statement[begin:start], kind, has_values=True))
        pieces.append(
            f"${names.index(name) + 1}" if kind in ("postgresql", "duckdb") else _MARKS[kind]
        )
        begin = end
    pieces.append(_literal(statement[begin:], kind, has_values=bool(places)))
    ordered = names if kind in ("postgresql", "duckdb") else [name for name, _, _ in places]
    return Bound("".join(pieces), tuple(values[name] for name in ordered))


_MARKS: Mapping[str, str] = {"mysql": "%s", "sqlite": "?"}


def _literal(text: str, kind: Kind, *, has_values: bool) -> str:
    """Text between parameters; the driver of MySQL takes a percent sign for a place of a value."""
    return text.replace("%", "%%") if kind == "mysql" and has_values else text


def _places(text: str, kind: Kind) -> list[tuple[str, int, int]]:
    """Name, start and end of each `:name`; a cast (`::type`) and a slice (`[1:x]`) are none."""
    tokens = _tokens(text, kind)
    places = []
    depth = 0
    for before, token, after in zip([None, *tokens], tokens, [*tokens[1:], None], strict=False):
        depth += {sql_tokens.TokenType.L_BRACKET: 1, sql_tokens.TokenType.R_BRACKET: -1}.get(
            token.token_type, 0
        )
        if token.token_type != sql_tokens.TokenType.COLON or after is None or depth > 0:
            continue
        follows = after.start == token.end + 1 and after.text.isidentifier()
        is_name = text[after.start : after.end + 1] == after.text
        is_slice = before is not None and before.token_type == sql_tokens.TokenType.COLON
        if follows and is_name and not is_slice:
            places.append((after.text, token.start, after.end + 1))
    return places


def _has_tokens(text: str, kind: Kind) -> bool:
    return bool(_tokens(text, kind))


def _tokens(text: str, kind: Kind) -> Sequence[Any]:
    if len(text) > _MOST_CHARACTERS:
        raise Invalid(f"The text has {len(text):,} characters", remedy="Send less.")
    if "\0" in text:
        raise Invalid("A statement cannot hold a NUL character")
    try:
        return sqlglot.Dialect.get_or_raise(_DIALECTS[kind]).tokenize(text)
    except (sql_errors.SqlglotError, RecursionError) as problem:
        raise Invalid(
            "The statement cannot be understood",
            reason="A quotation mark or a comment is opened and not closed.",
            remedy="Close it.",
        ) from problem
