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
from orrery_server.snippets.search_words import Term, stems_of, terms_of
from tests.effort import examples
from tests.loops import each
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
            prefixes=draw(st.lists(WORD, max_size=2, unique=True).map(tuple)),
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
    beginning=st.lists(WORD, max_size=2).map(tuple) | st.just(()),
    sort=st.sampled_from(["relevance", "name", "updated", "used", "position"]),
    offset=st.integers(0, 5),
    limit=st.integers(1, 8),
)


def _fields(one: Snippet) -> dict[str, list[str]]:
    return {
        "name": [fold(one.name)],
        "tags": [fold(tag) for tag in one.tags],
        "prefix": [fold(prefix) for prefix in one.prefixes],
        "description": [fold(one.description), one.language],
        "code": [fold(cell.source) for cell in one.cells],
    }


def _points(one: Snippet, term: Term) -> int:
    """The best of: a word of its own, a part of a word, a synonym; name over tags over prefix over description, code."""
    points = [0]
    levels = {"name": (20, 16, 10), "tags": (14, 11, 8), "prefix": (9, 8, 0)}
    for field, texts in _fields(one).items():
        word, part, related = levels.get(field, (7, 5, 4) if field == "description" else (0, 3, 0))
        stems = stems_of("\n".join(texts)) if field != "code" else set()
        points += [part] * any(term.word in text for text in texts)
        points += [word] * bool(word and term.stems & stems)
        points += [related] * bool(related and term.related & stems)
    return max(points)


def _matches(one: Snippet, query: SnippetQuery, terms: list[Term]) -> bool:
    place = "library" if one.library else one.scope
    return (
        all(_points(one, term) for term in terms)
        and set(query.tag) <= set(one.tags)
        and query.language in (None, one.language)
        and query.scope in (None, place)
        and query.project in (None, one.project)
        and (one.favourite or not query.favourite)
        and (
            not query.beginning
            or any(
                fold(prefix).startswith(fold(text))
                for prefix in one.prefixes
                for text in query.beginning
            )
        )
    )


def _rank(one: Snippet, phrase: str, weights: dict[Term, int]) -> tuple[int, int]:
    name = fold(one.name)
    if phrase in (name, *map(fold, one.prefixes)):
        return 0, 0
    if name.startswith(phrase):
        return 1, 0
    return 2, -sum(weight * _points(one, term) for term, weight in weights.items())


def _key(one: Snippet, query: SnippetQuery, weights: dict[Term, int]) -> tuple[object, ...]:
    name = (fold(one.name), one.id)
    used = one.used.timestamp() if one.used else 0.0
    merit = log2(1 + one.uses) + used / (30 * 86_400) if one.uses else 0.0
    phrase = " ".join(fold(query.q).split())
    return {
        "name": name,
        "updated": (-one.updated.timestamp(), *name),
        "used": (-one.uses, -used, *name),
        "position": (float("inf") if one.position is None else one.position, *name),
        "relevance": (
            *(_rank(one, phrase, weights) if phrase else ()),
            not one.favourite,
            -merit,
            *name,
        ),
    }[query.sort]


def naive(snippets: list[Snippet], query: SnippetQuery) -> tuple[list[str], int]:
    """The same by reading everything and sorting everything."""
    terms = terms_of(" ".join(fold(query.q).split()))
    counts = {term: sum(_points(one, term) > 0 for one in snippets) for term in terms}
    # A word that few have weighs more: one more for each halving, from 2 to 6.
    weights = {
        term: min(6, 1 + max(1, (len(snippets) // max(1, count)).bit_length()))
        for term, count in counts.items()
    }
    found = [one for one in snippets if _matches(one, query, terms)]
    found.sort(key=lambda one: _key(one, query, weights))
    return [one.id for one in found[query.offset : query.offset + query.limit]], len(found)


def ask(index: SnippetIndex, query: SnippetQuery) -> tuple[list[str], int]:
    """What has all the words; nothing where only near ones are known."""
    hits = index.search(query)
    exact = hits.page[: max(0, hits.exact_count - query.offset)]
    return [one.id for one in exact], hits.exact_count


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
    assert index.search(SnippetQuery(q=query)).total == 2


def test_where_a_word_is_decides() -> None:
    index = SnippetIndex()
    index.change(
        [
            snippet("code", "One", "plot"),
            snippet("description", "Two", description="a plot"),
            snippet("tag", "Three", tags=("plot",)),
            snippet("name", "A plot"),
            snippet("start", "Plot it"),
            snippet("prefix", "Four", prefixes=("plot",)),
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


def test_a_name_stands_over_tags_over_a_prefix_over_the_body() -> None:
    index = SnippetIndex()
    index.change(
        [
            snippet("code", "One", "plot"),
            snippet("description", "Two", description="plots"),
            snippet("prefix", "Three", prefixes=("my-plot",)),
            snippet("synonym", "A chart"),
            snippet("tag", "Four", tags=("plotting",)),
            snippet("name", "Of plots"),
        ]
    )
    assert ask(index, SnippetQuery(q="plot"))[0] == [
        *("name", "tag", "synonym", "prefix"),
        *("description", "code"),
    ]


@each(
    "query, name",
    [
        ("reading files", "Read a file"),
        ("reads files", "Read a file"),
        ("how do I read the file?", "Read a file"),
        ("heatmap", "Heat map"),
        ("heat maps", "Heatmap"),
        ("scikit-learn", "Sklearn model"),
        ("scikit learn", "Sklearn model"),
        ("pytorch", "Torch model"),
        ("drop NaN", "Remove missing values"),
        ("null values", "Remove missing values"),
        ("postgresql", "Connect to Postgres"),
        ("#lake", "Tagged"),
        ("group-by", "Group by column"),
        ("of the", "Of the"),
    ],
)
def test_forms_stop_words_and_synonyms(query: str, name: str) -> None:
    index = SnippetIndex()
    names = [
        *("Read a file", "Heat map", "Heatmap", "Sklearn model", "Torch model", "Of the"),
        *("Remove missing values", "Connect to Postgres", "Group by column", "Something else"),
    ]
    index.change([snippet(name.replace(" ", "-"), name) for name in names])
    index.change([snippet("Tagged", "Tagged", tags=("lake",))])
    found, total = ask(index, SnippetQuery(q=query))
    assert name.replace(" ", "-") in found[:2]
    assert total <= 2


@each(
    "query, nearest",
    [
        ("read csv from ftp", "Read a CSV file"),
        ("corelation", "Correlation"),
        ("quickest way to read a csv file in cobol", "Read a CSV file"),
        ("readx csv", "Read a CSV file"),
    ],
)
def test_without_a_hit_the_nearest_are_given_and_said_to_be(query: str, nearest: str) -> None:
    index = SnippetIndex()
    names = ("Read a CSV file", "Correlation", "Plot", "Write a file", "Read a table")
    index.change([snippet(name.replace(" ", "-"), name) for name in names])
    hits = index.search(SnippetQuery(q=query))
    assert hits.exact_count == 0
    assert hits.page[0].name == nearest
    assert hits.total == len(hits.page)
    assert index.search(SnippetQuery(q=query, scope="library")).total == 0
    page = index.search(SnippetQuery(q=query, offset=1)).page
    assert page == hits.page[1:]


def test_near_ones_follow_what_has_the_words_only_by_the_chance_of_its_code() -> None:
    index = SnippetIndex()
    chance = snippet("chance", "Fit a line", "grouped = table.sum()")
    index.change([chance, snippet("group", "Group and aggregate"), snippet("other", "Plot")])
    hits = index.search(SnippetQuery(q="group sum"))
    assert [one.id for one in hits.page] == ["chance", "group"]
    assert (hits.exact_count, hits.total) == (1, 2)
    for offset, ids in ((1, ["group"]), (2, [])):
        page = index.search(SnippetQuery(q="group sum", offset=offset)).page
        assert [one.id for one in page] == ids
    assert len(index.search(SnippetQuery(q="group sum", limit=1)).page) == 1
    index.change([snippet("meant", "Group and sum")])
    assert ask(index, SnippetQuery(q="group sum")) == (["meant", "chance"], 2)
    assert index.search(SnippetQuery(q="group sum")).total == 2


def test_the_language_of_the_place_is_first_among_what_fits_alike() -> None:
    index = SnippetIndex()
    for name in ("Read it", "Read it at once", "How to read it", "Near"):
        for language in ("r", "python", "sql"):
            about = "reads it" if name == "Near" else ""
            index.change(
                [
                    snippet(
                        f"{language}-{name}".replace(" ", "-"),
                        name,
                        language=language,
                        description=about,
                    )
                ]
            )
    for q in ("read it", "read it once", "how read", "reads it from nowhere"):
        for language in ("r", "python", "sql"):
            query = SnippetQuery(q=q, prefer=language)
            assert index.search(query).page[0].language == language, (q, language)
    # What fits better stays first, whatever its language.
    index.change([snippet("best", "Connect to it", language="sql")])
    found = index.search(SnippetQuery(q="connect to it", prefer="python")).page
    assert [one.id for one in found] == ["best"]
    index.change([snippet("code", "Other", "connect(it)")])
    assert index.search(SnippetQuery(q="connect to it", prefer="python")).page[0].id == "best"


def test_what_is_nowhere_near_is_not_found() -> None:
    index = SnippetIndex()
    index.change([snippet("a", "Plot"), snippet("b", "Read")])
    index.change([snippet("c", "Keys only")])
    for q in ("zzzzzz", "zzzzzz only"):
        hits = index.search(SnippetQuery(q=q))
        assert hits == ([], 0, 0)
    assert ask(index, SnippetQuery(q="keys only")) == (["c"], 1)


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
