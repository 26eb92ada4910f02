"""The search finds what it should, in the order it should, and at the speed of typing."""

from __future__ import annotations

import time
import unicodedata
from datetime import timedelta
from math import log2

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orrery_server.snippets.schemas import Snippet, SnippetQuery
from orrery_server.snippets.search_index import SnippetIndex
from orrery_server.snippets.search_row import fold
from tests.effort import examples
from tests.server.snippets.stock import LONG_AGO, snippet

# Few letters, so that words meet; and those whose case or accents are peculiar.
LETTERS = st.sampled_from([*"abAB1_.(", "é", "É", "ß", "İ", "ﬁ", "漢"])
WORD = st.text(LETTERS, min_size=1, max_size=4)
TEXT = st.lists(WORD, max_size=4).map(" ".join)
NAME = st.lists(WORD, min_size=1, max_size=3).map(" ".join)


@st.composite
def some_snippets(draw: st.DrawFn) -> list[Snippet]:
    return [
        snippet(
            f"s{number}",
            draw(NAME),
            draw(TEXT),
            description=draw(TEXT),
            tags=tuple(dict.fromkeys(draw(st.lists(WORD, max_size=2)))),
            prefix=draw(st.none() | WORD),
            language=draw(st.sampled_from(["python", "sql"])),
            scope=draw(st.sampled_from(["mine", "project", "everyone"])),
            project=draw(st.sampled_from([None, "p", "q"])),
            favourite=draw(st.booleans()),
            uses=(uses := draw(st.integers(0, 3))),
            used=LONG_AGO + timedelta(days=draw(st.integers(0, 200))) if uses else None,
            position=draw(st.none() | st.integers(0, 3).map(float)),
            updated=LONG_AGO + timedelta(days=draw(st.integers(0, 9))),
            library=draw(st.sampled_from([None, None, "orrery"])),
        )
        for number in range(draw(st.integers(0, 12)))
    ]


QUERY = st.builds(
    SnippetQuery,
    q=st.lists(WORD, max_size=3).map(" ".join),
    tag=st.lists(WORD, max_size=1).map(tuple),
    language=st.sampled_from([None, None, "python"]),
    scope=st.sampled_from([None, None, "mine", "library"]),
    project=st.sampled_from([None, None, "p"]),
    favourite=st.sampled_from([False, False, True]),
    sort=st.sampled_from(["relevance", "name", "updated", "used", "position"]),
    offset=st.integers(0, 5),
    limit=st.integers(1, 8),
)


def _fields(one: Snippet) -> list[list[str]]:
    """Name and prefix; tags; description; code."""
    return [
        [fold(one.name), fold(one.prefix or "")],
        [fold(tag) for tag in one.tags],
        [fold(one.description)],
        [fold(cell.source) for cell in one.cells],
    ]


def _matches(one: Snippet, query: SnippetQuery, words: list[str]) -> bool:
    fields = [text for texts in _fields(one) for text in texts]
    place = "library" if one.library else one.scope
    return (
        all(any(word in text for text in fields) for word in words)
        and set(query.tag) <= set(one.tags)
        and query.language in (None, one.language)
        and query.scope in (None, place)
        and query.project in (None, one.project)
        and (one.favourite or not query.favourite)
    )


def _rank(one: Snippet, words: list[str]) -> int:
    phrase, fields = " ".join(words), _fields(one)
    if phrase in fields[0]:
        return 0
    if fields[0][0].startswith(phrase):
        return 1
    texts: list[str] = []
    for number, more in enumerate(fields, start=2):
        texts += more
        if all(any(word in text for text in texts) for word in words):
            return number
    raise AssertionError("it matches nowhere")


def _key(one: Snippet, query: SnippetQuery, words: list[str]) -> tuple[object, ...]:
    name = (fold(one.name), one.id)
    used = one.used.timestamp() if one.used else 0.0
    merit = log2(1 + one.uses) + used / (30 * 86_400) if one.uses else 0.0
    return {
        "name": name,
        "updated": (-one.updated.timestamp(), *name),
        "used": (-one.uses, -used, *name),
        "position": (float("inf") if one.position is None else one.position, *name),
        "relevance": (_rank(one, words) if words else 0, not one.favourite, -merit, *name),
    }[query.sort]


def naive(snippets: list[Snippet], query: SnippetQuery) -> tuple[list[str], int]:
    """The same by reading everything and sorting everything."""
    words = fold(query.q).split()
    found = [one for one in snippets if _matches(one, query, words)]
    found.sort(key=lambda one: _key(one, query, words))
    return [one.id for one in found[query.offset : query.offset + query.limit]], len(found)


def ask(index: SnippetIndex, query: SnippetQuery) -> tuple[list[str], int]:
    page, total = index.search(query)
    return [one.id for one in page], total


@settings(max_examples=examples(400), deadline=None)
@given(some_snippets(), some_snippets(), st.sets(st.integers(0, 11)), st.lists(QUERY, max_size=4))
def test_it_finds_what_reading_everything_finds(
    before: list[Snippet], after: list[Snippet], gone: set[int], queries: list[SnippetQuery]
) -> None:
    index = SnippetIndex()
    index.change(before)
    ask(index, SnippetQuery(q="a"))
    index.change(after, (f"s{number}" for number in gone))
    left = {one.id: one for one in before if int(one.id[1:]) not in gone}
    left |= {one.id: one for one in after}
    for query in queries:
        assert ask(index, query) == naive(list(left.values()), query)
    assert len(index) == len(left)
    assert {one.id for one in index.all()} == left.keys()


@given(st.text())
def test_folding_takes_case_and_accents_away(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert fold(text.upper()) == fold(text.upper().lower().upper())


@pytest.mark.parametrize(
    ("text", "query"),
    [("Größe", "GROSSE"), ("Größe", "größe"), ("Café", "cafe"), ("naïve", "NAÏVE"), ("ﬁt", "fit")],
)
def test_case_and_accents_do_not_matter(text: str, query: str) -> None:
    index = SnippetIndex()
    index.change([snippet("a", text), snippet("b", unicodedata.normalize("NFD", text))])
    assert index.search(SnippetQuery(q=query))[1] == 2


def test_where_a_word_is_decides() -> None:
    index = SnippetIndex()
    index.change(
        [
            snippet("code", "One", "plot"),
            snippet("description", "Two", description="a plot"),
            snippet("tag", "Three", tags=("plot",)),
            snippet("name", "A plot"),
            snippet("start", "Plot it"),
            snippet("prefix", "Four", prefix="plot"),
            snippet("exact", "Plot"),
        ]
    )
    assert ask(index, SnippetQuery(q="plot"))[0] == [
        *("prefix", "exact"),
        "start",
        "name",
        "tag",
        "description",
        "code",
    ]


def test_favourites_and_use_decide_among_equals() -> None:
    index = SnippetIndex()
    last_year, now = LONG_AGO, LONG_AGO + timedelta(days=300)
    index.change(
        [
            snippet("never", "plot a"),
            snippet("once", "plot b", uses=1, used=now),
            snippet("often", "plot c", uses=50, used=now),
            snippet("long-ago", "plot d", uses=50, used=last_year),
            snippet("favourite", "plot e", favourite=True),
        ]
    )
    found = ask(index, SnippetQuery(q="plot"))[0]
    assert found == ["favourite", "often", "once", "long-ago", "never"]


def test_facets_count_everything_and_follow_changes() -> None:
    index = SnippetIndex()
    index.change(
        [
            snippet("a", tags=("x", "y")),
            snippet("b", tags=("x",), language="sql", scope="everyone"),
            snippet("c", library="orrery", scope="everyone"),
        ]
    )
    said = index.facets().model_dump()
    assert said["tags"] == ({"value": "x", "count": 2}, {"value": "y", "count": 1})
    assert {f["value"]: f["count"] for f in said["scopes"]} == {
        "mine": 1,
        "everyone": 1,
        "library": 1,
    }
    index.change([snippet("a", tags=("z",))], ["b"])
    assert [f.value for f in index.facets().tags] == ["z"]


def test_many_changes_do_not_pile_up() -> None:
    index = SnippetIndex()
    index.change([snippet("a", "first")])
    for number in range(3_000):
        index.change([snippet("a", f"name {number}")])
    assert ask(index, SnippetQuery(q="2999")) == (["a"], 1)
    assert ask(index, SnippetQuery(q="first")) == ([], 0)
    assert len(index._rows) < 2_000


def test_ten_thousand_are_searched_while_one_types() -> None:
    words = [
        "read",
        "write",
        "plot",
        "fit",
        "join",
        "group",
        "sort",
        "lake",
        "model",
        "frame",
        "column",
        "index",
    ]
    many = [
        snippet(
            f"{number:05}",
            f"{words[number % 12]} {words[number // 12 % 12]} {number}",
            "\n".join(f"{words[(number * k) % 12]}_{number % 997} = {k}" for k in range(1, 15)),
        )
        for number in range(10_000)
    ]
    index = SnippetIndex()
    index.change(many)
    for q in ("r", "re", "read", "e", "zzz", "read 99", "_12 ="):
        best = min(_seconds(index, q, offset) for offset in range(5))
        assert best < 0.010, f"{q!r} took {best * 1000:.1f} ms"


def _seconds(index: SnippetIndex, q: str, offset: int) -> float:
    before = time.process_time()
    index.search(SnippetQuery(q=q, offset=offset))
    return time.process_time() - before
