"""The vocabulary tells of every text whether it holds a word, however common or rare the word is."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orrery_server.snippets.text_index import Vocabulary, bits_of, numbers

TEXT = st.text(st.sampled_from("ab1_. \né"), max_size=12)


@given(st.lists(TEXT, max_size=20), st.text(st.sampled_from("ab1_.é"), min_size=1, max_size=4))
def test_it_tells_what_reading_tells(texts: list[str], word: str) -> None:
    vocabulary = Vocabulary()
    for text in texts:
        vocabulary.add(text)
    alive = (1 << len(texts)) - 1
    assert numbers(vocabulary.holding(word, alive)) == [
        number for number, text in enumerate(texts) if word in text
    ]


@pytest.mark.parametrize("word", ["a", "e", "common", "mid", "rare7", "none", "x=1", "_", "co"])
def test_common_and_rare_pieces_are_told_alike(word: str) -> None:
    pick = random.Random(1)
    texts = [
        " ".join(
            [
                "common" if pick.random() < 0.9 else "",
                f"middle{pick.randrange(5)}" if pick.random() < 0.3 else "",
                f"rare{number}",
                f"x={number % 3}",
                "snake_case" if number % 2 else "",
            ]
        )
        for number in range(2_000)
    ]
    vocabulary = Vocabulary()
    for text in texts:
        vocabulary.add(text)
    alive = bits_of(range(0, 2_000, 3), 2_000)
    expected = [i for i in range(0, 2_000, 3) if word in texts[i]]
    assert numbers(vocabulary.holding(word, alive)) == expected


@given(st.sets(st.integers(0, 300)))
def test_bits_and_numbers_are_each_others_inverse(some: set[int]) -> None:
    assert numbers(bits_of(some, 301)) == sorted(some)
