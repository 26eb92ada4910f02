"""What looks like a secret in a snippet, found by detect-secrets, and where; never the secret itself.

The lab looks before it sends, so that the person is asked at once; the hub service looks again, for a lab is a
person's own program. Every text of a snippet is looked through, as it reads: without characters that cannot be seen,
and with full-width letters as the plain ones. No comment in the text turns the look off.

A key that is cut into pieces, encoded, or written with letters of another alphabet is not seen.
"""

from __future__ import annotations

import re
import threading
import time
import unicodedata
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

from orrery_wire.errors import SecretFound, TimedOut
from orrery_wire.json_types import JsonObject
from orrery_wire.names import is_invisible
from orrery_wire.snippets import Finding, SnippetCell, SnippetContent

SCAN_SECONDS = 20.0
_MASK = "••••••"
_LONGEST_LINE = 2_000
_OVERLAP = 200
_MOST = 100
# Some of the detectors' expressions take the cube of the number of blanks.
_BLANKS = re.compile(r"\s{2,}")
# A public address is no secret.
_LEFT_OUT = frozenset({"IPPublicDetector"})
_ENTROPY = frozenset({"Base64HighEntropyString", "HexHighEntropyString"})
_WORD = re.compile(r"[\w+/=-]+")
# Their guesses go by the words around a text; the other detectors know a secret by its own form.
_BY_CONTEXT = _ENTROPY | {"KeywordDetector"}
# Vault's tokens for services, batches and recovery.
_VAULT = re.compile(r"(?<![\w.])hv[sbr]\.[\w-]{20,500}")
_MAX_PLAIN = 10_000
_LINE_ENDS = "\v\f\r\x1c\x1d\x1e\x85\u2028\u2029"
_LOADING = threading.Lock()


class _Plain(dict[int, str]):
    """For ``str.translate``: characters that cannot be seen to nothing, other forms of ASCII to ASCII."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        normalized = unicodedata.normalize("NFKC", character)
        if character in _LINE_ENDS:
            plain = " "
        elif is_invisible(character):
            plain = ""
        else:
            plain = normalized if normalized.isascii() else character
        if len(self) < _MAX_PLAIN:
            self[code] = plain
        return plain


_PLAIN = _Plain()


def findings(cells: Sequence[SnippetCell], *, seconds: float = SCAN_SECONDS) -> tuple[Finding, ...]:
    """The lines that look as if they held a secret, at most 100. Takes processor time: call it in a thread.

    Raises:
        TimedOut: there is too much text to look through in so many seconds.
    """
    results: list[Finding] = []
    until = time.monotonic() + seconds
    for number, cell in enumerate(cells):
        for row, written in enumerate(cell.source.split("\n"), start=1):
            line = written if written.isascii() and written.isprintable() else _plain(written)
            secrets: dict[str, str] = {}
            for part in _parts(line) if line.strip() else ():
                if time.monotonic() > until:
                    raise TimedOut(
                        "Looking for secrets took too long",
                        reason=f"It was stopped after {max(seconds, 0):.0f} s.",
                        remedy="Save less at once, or save it without the check.",
                    )
                secrets |= _secrets(part)
            if secrets:
                excerpt = _masked(line, list(secrets))
                kinds = ", ".join(dict.fromkeys(secrets.values()))
                results.append(Finding(kind=kinds, cell=number, line=row, excerpt=excerpt))
                if len(results) == _MOST:
                    return tuple(results)
    return tuple(results)


def without_secrets(text: str) -> str:
    """The text, with what looks like a secret in it masked. Takes processor time: call it in a thread."""
    secrets = {secret for part in _parts(text) for secret in _secrets(part)}
    return _masked(text, list(secrets)) if secrets else text


def snippet_findings(
    content: SnippetContent, *, seconds: float = SCAN_SECONDS
) -> tuple[Finding, ...]:
    """``findings`` in every text of a snippet: the cells, then the description, then name, tags, prefixes, languages."""
    names = (content.name, *content.tags, *content.prefixes, *content.languages)
    others = (
        SnippetCell(kind="raw", source=text) for text in (content.description, "\n".join(names))
    )
    return findings((*content.cells, *others), seconds=seconds)


def secret_error(content: SnippetContent, *, seconds: float = SCAN_SECONDS) -> SecretFound | None:
    """The error for a snippet that holds what looks like a secret; None if nothing in it does. Raises like ``findings``."""
    secrets = snippet_findings(content, seconds=seconds)
    if not secrets:
        return None
    return SecretFound(
        "The snippet holds what looks like a secret",
        reason=f"{secrets[0].kind} in line {secrets[0].line}: {secrets[0].excerpt}",
        remedy="Take it out, or save it all the same.",
        details={"findings": [finding.model_dump() for finding in secrets]},
    )


def _secrets(part: str) -> dict[str, str]:
    """Each secret of a part of a line and what it is. A known kind says more than that it looks random."""
    known: dict[str, str] = {}
    random: dict[str, str] = {}
    with _LOADING:
        plugins, _, _ = _detectors()
    for name, plugin in plugins:
        for secret in plugin.analyze_line(filename="cell.py", line=part, line_number=1):
            value = secret.secret_value
            if value and not _is_harmless(name, value, part, plugin):
                (random if name in _ENTROPY else known)[value] = secret.type
    known |= {match[0]: "Vault Token" for match in _VAULT.finditer(part)}
    # What is masked is the longer of both: some detectors name the beginning of a token only.
    longer = {value: kind for value, kind in random.items() if any(k in value for k in known)}
    kinds = {
        next((long for long in longer if value in long), value): kind
        for value, kind in known.items()
    }
    return kinds or random


def _is_harmless(name: str, value: str, part: str, plugin: Any) -> bool:
    _, by_value, by_line = _detectors()
    filters = (*by_value, *by_line) if name in _BY_CONTEXT else by_value
    return any(harmless(value, part, plugin) for harmless in filters)


def _plain(line: str) -> str:
    """A line as it reads."""
    return line.translate(_PLAIN)


def _parts(line: str) -> Iterator[str]:
    """The line in pieces that overlap: the detectors' expressions are not meant for lines without end."""
    line = _BLANKS.sub(" ", line)
    for start in range(0, max(len(line), 1), _LONGEST_LINE - _OVERLAP):
        yield line[start : start + _LONGEST_LINE]


def _word_length(text: str) -> int:
    word = _WORD.match(text)
    return len(word[0]) if word else 0


def _masked(line: str, secrets: list[str]) -> str:
    """The line with each secret, and what hangs on to it, masked; in a time that grows with the line's length."""
    for secret in sorted(secrets, key=len, reverse=True):
        pieces: list[str] = []
        begin = 0
        while (at := line.find(secret, begin)) >= 0:
            end = at + len(secret)
            word = _WORD.match(line, end)
            pieces += [line[begin : at - _word_length(line[begin:at][::-1])], _MASK]
            begin = word.end() if word else end
        line = "".join([*pieces, line[begin:]])
    return line.strip()[:200]


Harmless = Callable[[str, str, Any], bool]


@cache
def _detectors() -> tuple[list[tuple[str, Any]], tuple[Harmless, ...], tuple[Harmless, ...]]:
    """The detectors by name, what makes a finding harmless by itself, and what does so by its line."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library's own, at import
        from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
        from detect_secrets.filters import heuristic

    result: list[Any] = list(get_mapping_from_secret_type_to_class().values())
    kinds: JsonObject = {item.__name__: item for item in result}
    plugins = [(name, kinds[name]()) for name in sorted(kinds.keys() - _LEFT_OUT)]
    by_value: tuple[Harmless, ...] = (
        lambda value, line, plugin: heuristic.is_sequential_string(value),
        lambda value, line, plugin: heuristic.is_potential_uuid(value),
        lambda value, line, plugin: heuristic.is_templated_secret(value),
        lambda value, line, plugin: heuristic.is_prefixed_with_dollar_sign(value),
        lambda value, line, plugin: heuristic.is_not_alphanumeric_string(value),
    )
    by_line: tuple[Harmless, ...] = (
        lambda value, line, plugin: heuristic.is_likely_id_string(value, line, plugin),
        lambda value, line, plugin: heuristic.is_indirect_reference(line),
    )
    return plugins, by_value, by_line
