"""Patterns of tags are matched in linear time, and as a whole."""

from __future__ import annotations

import time

import pytest
from pydantic import ValidationError

from orrery_hub.pools.patterns import is_whole_match
from orrery_hub.pools.schemas import ImageIn


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        (r"v\d+", "v12", True),
        (r"v\d+", "v12-dev", False),
        (r"v\d+", "a v12", False),
        (r"a|b", "a", True),
        (r"a|b", "ab", False),
        (r"a|b", "b\n", False),
        (r"", "", True),
        (r".*", "x" * 128, True),
    ],
)
def test_a_pattern_is_for_the_whole_text(pattern: str, text: str, matches: bool) -> None:
    assert is_whole_match(pattern, text) is matches


@pytest.mark.parametrize("pattern", [r"(a+)+b", r"(a|a)*b", r"(.*a){12}b", r"(a?){50}a{50}c"])
def test_no_pattern_takes_long(pattern: str) -> None:
    begin = time.process_time()
    assert not is_whole_match(pattern, "a" * 128)
    assert time.process_time() - begin < 1


@pytest.mark.parametrize("pattern", ["(", r"(?=x)x", r"(a)\1", "[", "a{1000000}"])
def test_what_cannot_be_matched_so_is_refused_when_it_is_declared(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        is_whole_match(pattern, "")
    with pytest.raises(ValidationError, match="linear time"):
        ImageIn(slug="i", name="I", reference="registry.example/i", tag_pattern=pattern)
