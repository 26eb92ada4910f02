"""Each alert is raised by a table that was made for it, with its numbers, and by none that is as it should be."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orrery_engine import alerts, comparison_alerts, drift
from orrery_engine.codegen.quick_fixes import fix_labels
from orrery_engine.schemas import (
    Alert,
    Association,
    ColumnProfile,
    Comparison,
    Drift,
    Duplicates,
    Options,
    Overview,
    TargetEffect,
)
from orrery_engine.stats import pii
from orrery_engine.stats.check_digits import iban, luhn
from orrery_engine.stats.pii import judge, tokens
from tests.effort import examples
from tests.engine.tables import FrameTable, profiled
from tests.loops import each

RANDOM = np.random.default_rng(3)
ROWS = 400
NORMAL = RANDOM.normal(50, 5, ROWS)


def found(columns: dict[str, Any], **more: Any) -> dict[str, Alert]:
    """Alerts by their ids."""
    frame = pl.DataFrame(columns, strict=False)
    overview, profiles = profiled(FrameTable(frame))
    overview = overview.model_copy(update=more)
    return {one.id: one for one in alerts.find(overview, profiles, Options())}


def holed(values: Any, share: float) -> list[Any]:
    return [None if n < share * len(values) else value for n, value in enumerate(values)]


CARDS = ["4539578763621486", "4716461583322103", "6011000990139424", "5555555555554444"]
WORDS = [
    f"{a}{b}" for a in ("red", "old", "big", "raw") for b in ("cat", "dog", "fox", "owl", "bee")
]
MADE: tuple[tuple[str, str, dict[str, Any], str], ...] = (
    ("missing:0", "info", {"a": holed(NORMAL, 0.02)}, "8 of 400 rows (2%)"),
    ("missing:0", "warning", {"a": holed(NORMAL, 0.25)}, "100 of 400 rows (25%)"),
    ("missing:0", "serious", {"a": holed(NORMAL, 0.75)}, "300 of 400 rows (75%)"),
    ("all_missing:0", "serious", {"a": [None] * 40}, "40 of 40 rows (100%)"),
    ("constant:0", "warning", {"a": ["x"] * 40}, "All 40 values are the same"),
    ("constant:0", "info", {"a": ["x", None] * 40}, "40 values are the same, 40 are missing"),
    ("unique:0", "info", {"a": [f"n{n}" for n in range(99)]}, "99 different values"),
    (
        "high_cardinality:0",
        "info",
        {"a": [f"n{n % 90}" for n in range(100)]},
        "90 different values in 100 rows (90%)",
    ),
    (
        "skewed:0",
        "info",
        {"a": [*range(400), 1e9]},
        "The skewness is",
    ),
    ("skewed:0", "info", {"a": -np.exp(np.random.default_rng(5).normal(size=900))}, "The skewness"),
    ("skewed:0", "warning", {"a": [*range(-400, 0), -1e9]}, "The skewness is"),
    ("zeros:0", "info", {"a": [0] * 80 + list(range(20))}, "81 of 100 values (81%)"),
    ("zeros:0", "info", {"a": [0.0] * 60 + [n / 8 for n in range(40)]}, "61 of 100 values (61%)"),
    ("infinite:0", "warning", {"a": [*NORMAL, math.inf]}, "1 of 401 values"),
    ("outliers:0", "warning", {"a": [*NORMAL, 5_000.0]}, "interquartile ranges away"),
    ("outliers:0", "info", {"a": [*NORMAL, *([90.0] * 15)]}, "17 above"),
    ("imbalance:0", "warning", {"a": [True] * 98 + [False] * 2}, "98 of 100 values (98%)"),
    (
        "mixed_types:0",
        "warning",
        {"a": [str(n % 40) for n in range(80)] + ["x"] * 20},
        "read as numbers",
    ),
    (
        "mixed_types:0",
        "info",
        {"a": [str(n % 40) for n in range(80)]},
        "100% of the texts read as numbers",
    ),
    (
        "mixed_types:0",
        "info",
        {"a": [f"2024-01-{n % 28 + 1:02}" for n in range(80)]},
        "read as dates",
    ),
    ("blank:0", "warning", {"a": WORDS + ["  "] * 20}, "20 of 40 texts (50%)"),
    ("blank:0", "info", {"a": WORDS * 4 + [""] * 3}, "3 of 83 texts (3.6%)"),
    ("personal_data:0", "warning", {"x": [f"{w}@{w}.org" for w in WORDS]}, "100% of the values"),
    ("personal_data:0", "serious", {"x": CARDS * 9}, "payment card numbers"),
    ("personal_data:0", "warning", {"LastName": WORDS}, "its name says so"),
    ("join_key:0", "warning", {"order_id": holed(range(100), 0.05)}, "5 rows (5%) have none"),
    ("join_key:0", "warning", {"order_id": [*range(98), 4, 5]}, "2 rows repeat a value of it"),
    ("join_key:0", "warning", {"key": [float(n) for n in range(50)]}, "kept as floats"),
    (
        "join_key:0",
        "warning",
        {"key": [*WORDS, *WORDS, *["owl "] * 3]},
        "begin or end with white space",
    ),
    (
        "duplicates:table",
        "serious",
        {"a": [*range(50), *range(50)], "b": 1},
        "50 of 100 rows (50%)",
    ),
    ("duplicates:table", "info", {"a": [*range(500), 5]}, "1 of 501 rows"),
)


@pytest.mark.parametrize(("id", "level", "columns", "evidence"), MADE)
def test_what_is_wrong_is_said(id: str, level: str, columns: dict[str, Any], evidence: str) -> None:
    told = found(columns)
    assert id in told, list(told)
    alert = told[id]
    assert alert.level == level
    assert evidence in f"{alert.evidence} {alert.message}"
    assert alert.names == tuple(list(columns)[n] for n in alert.columns)
    assert alert.fixes


QUIET: dict[str, dict[str, Any]] = {
    "a key": {"user_id": range(99)},
    "a key of texts": {"order_key": [f"k{n}" for n in range(99)]},
    "prices": {"price": np.exp(np.random.default_rng(5).normal(size=900))},
    "counts": {"children": np.random.default_rng(5).poisson(0.6, 900), "x": range(900)},
    "rain": {"rain_mm": [*([0.0] * 45), *(n / 8 for n in range(1, 56))], "x": range(100)},
    "addresses of pages": {"page": [f"https://x.org/{n}" for n in range(99)]},
}


@each("name", QUIET)
def test_what_is_as_it_is_by_nature_is_no_alert(name: str) -> None:
    said = found(QUIET[name]).values()
    assert [one.id for one in said if (one.code, one.level) != ("outliers", "info")] == []


def test_a_column_that_could_not_be_read_is_serious() -> None:
    unread = ColumnProfile(index=0, name="a", type="text", dtype="t", unread=True, note="Why.")
    (alert,) = alerts.find(Overview(rows=9, columns=1), (unread,), Options())
    assert (alert.id, alert.level, alert.evidence) == ("unread:0", "serious", "Why.")


def test_a_table_without_rows_or_columns_is_empty() -> None:
    assert list(found({"a": []})) == ["empty:table"]
    assert [one.code for one in alerts.find(Overview(rows=0), (), Options())] == ["empty"]


def clean(seed: int, rows: int) -> dict[str, Any]:
    """A table as it should be."""
    random = np.random.default_rng(seed)
    return {
        "height": random.normal(170, 10, rows),
        "share": random.uniform(0, 1, rows),
        "count": random.poisson(20, rows),
        "shop": random.choice(["north", "south", "east"], rows),
        "open": random.random(rows) < 0.5,
        "note": [" ".join(random.choice(WORDS, 8)) for _ in range(rows)],
        "day": pl.Series(random.integers(0, 3_000, rows)).cast(pl.Int32).cast(pl.Date),
        "phone_model": random.choice(["a1", "b2", "c3", "d4"], rows),
        "email_sent": random.random(rows) < 0.3,
        "ip_count": random.integers(1, 9, rows),
        "product_name": random.choice(WORDS, rows),
    }


@settings(deadline=None, max_examples=examples(40))
@given(st.integers(0, 2**32), st.sampled_from([60, 300, 2_000]))
def test_a_table_that_is_as_it_should_be_has_no_alerts(seed: int, rows: int) -> None:
    told = found(clean(seed, rows))
    # Chance puts a few values far away in every thousand.
    kept = {one.id for one in told.values() if (one.code, one.level) != ("outliers", "info")}
    assert kept == set()


def pair(
    value: float, rows: int = 400, a: int = 0, b: int = 1, measure: str = "pearson"
) -> Association:
    return Association.model_validate(
        {"a": a, "b": b, "measure": measure, "value": value, "rows": rows}
    )


TWO = {"a": NORMAL, "b": NORMAL * 2}


def test_columns_that_tell_the_same_are_named_once() -> None:
    told = found(TWO, associations=(pair(-0.995), pair(0.92, a=1, b=0)))
    assert told["correlated:0-1"].level == "warning"
    assert "Pearson -0.995 over 400 rows" in told["correlated:0-1"].evidence
    assert found(TWO, associations=(pair(0.89),)) == {}
    assert found(TWO, associations=(pair(0.99, rows=10),)) == {}


def test_a_column_that_tells_the_target_leaks() -> None:
    told = found(TWO, associations=(pair(0.97),), target=1)
    assert told["leakage:0"].level == "warning"
    assert found(TWO, associations=(pair(0.995),), target=1)["leakage:0"].level == "serious"
    assert "correlated:0-1" not in told
    effect = TargetEffect(column=0, measure="pearson", value=0.96)
    assert "leakage:0" in found(TWO, effects=(effect,), target=1)
    assert found(TWO, associations=(pair(0.8),), target=1) == {}


def test_a_category_for_each_row_tells_nothing() -> None:
    columns = {"name": [f"n{n} of {n % 7} and more" for n in range(400)], "b": NORMAL}
    effect = TargetEffect(column=0, measure="correlation_ratio", value=1.0)
    told = found(columns, effects=(effect,), target=1)
    assert "leakage:0" not in told


def test_a_target_that_is_nearly_always_the_same_is_said() -> None:
    told = found({"y": [0] * 93 + [1] * 7, "b": NORMAL[:100]}, target=0)
    assert told["imbalance:0"].evidence == "93 of 100 values (93%)"
    assert "imbalance:0" not in found({"y": [0] * 93 + [1] * 7})


def test_train_and_test_within_a_table_should_be_alike() -> None:
    split = ["train"] * 300 + ["test"] * 100
    columns = {"age": NORMAL, "split": split}
    told = found(columns, associations=(pair(0.7, measure="correlation_ratio"),))
    assert told["train_test_skew:0-1"].level == "serious"
    assert found(columns, associations=(pair(0.1, measure="correlation_ratio"),)) == {}
    others = {"age": NORMAL, "split": ["north"] * 300 + ["south"] * 100}
    assert found(others, associations=(pair(0.7, measure="correlation_ratio"),)) == {}


def test_duplicates_that_are_an_estimate_must_be_more_than_its_error() -> None:
    many = Duplicates(rows=30, error=0.05)
    assert found(TWO, duplicates=many) == {}
    assert "duplicates:table" in found(TWO, duplicates=Duplicates(rows=300, error=0.05))


def test_the_serious_come_first_and_ids_are_the_same_every_time() -> None:
    columns = {"a": holed(NORMAL, 0.75), "b": holed(NORMAL, 0.02), "c": holed(NORMAL, 0.25)}
    first, second = found(columns), found(columns)
    assert list(first) == list(second)
    levels = [one.level for one in first.values()]
    assert levels == sorted(levels, key=["serious", "warning", "info"].index)
    assert levels[0] == "serious"
    assert set(levels) == {"serious", "warning", "info"}


def test_a_comparison_warns_of_what_changed() -> None:
    before = FrameTable(pl.DataFrame({"x": NORMAL, "gone": 1, "kind": "a"}))
    after = FrameTable(pl.DataFrame({"x": NORMAL + 30, "new": 1, "kind": 5}))
    old, new = profiled(before)[1], profiled(after)[1]
    comparison = drift.compare(before, old, after, new)
    told = {one.id: one for one in comparison_alerts.compare(comparison, new)}
    assert told["drift:0"].level == "serious"
    assert told["drift:0"].evidence.startswith("Population stability index ")
    assert told["schema_change:1"].message == "Column added"
    assert told["schema_change:2"].evidence == "It was text and is integer"
    removed = [one for one in told.values() if one.message == "Column removed"]
    assert [one.names for one in removed] == [("gone",)]
    assert removed[0].columns == ()
    named = comparison_alerts.compare(comparison, new, ("sales_train.csv", "sales_test.csv"))
    assert "train_test_skew" in {one.code for one in named}


def test_shared_rows_leak_only_between_train_and_test() -> None:
    frame = pl.DataFrame({"x": NORMAL, "y": RANDOM.normal(size=ROWS)})
    table = FrameTable(frame)
    columns = profiled(table)[1]
    same = tuple(Drift(name=name, change="same", level="info") for name in ("x", "y"))
    comparison = Comparison(rows_before=400, rows_after=400, drifts=same, shared_rows=40)
    (plain,) = comparison_alerts.compare(comparison, columns)
    assert (plain.code, plain.level, plain.fixes) == ("leakage", "info", fix_labels("leakage"))
    (serious,) = comparison_alerts.compare(comparison, columns, ("train", "validation"))
    assert serious.level == "serious"
    assert "40 of 400 rows (10%)" in serious.evidence
    flags = FrameTable(pl.DataFrame({"x": [True, False] * 200, "y": [1, 2, 3, 4] * 100}))
    assert comparison_alerts.compare(comparison, profiled(flags)[1], ("train", "test")) == ()


@pytest.mark.parametrize(
    "number",
    ["4539 5787 6362 1486", "4716-4615-8332-2103", "6011000990139424", "378282246310005"],
)
def test_card_numbers_have_the_right_last_digit(number: str) -> None:
    assert luhn(number)
    last = str((int(number[-1]) + 1) % 10)
    assert not luhn(number[:-1] + last)


@given(st.integers(10**14, 10**15 - 1))
def test_one_of_ten_last_digits_is_right(number: int) -> None:
    assert sum(luhn(f"{number}{digit}") for digit in range(10)) <= 1


@pytest.mark.parametrize(
    "text", ["", "0000000000000000", "12345", "4539578763621486x", "٤٥٣٩٥٧٨٧٦٣٦٢١٤٨٦"]
)
def test_other_texts_are_no_cards(text: str) -> None:
    assert not luhn(text)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("DE89370400440532013000", True),
        ("GB82 WEST 1234 5698 7654 32", True),
        ("de89370400440532013000", True),
        ("DE89370400440532013001", False),
        ("DE8937040044053201300", False),
        ("hello", False),
        ("", False),
    ],
)
def test_accounts_have_the_right_check_digits(text: str, right: bool) -> None:
    assert iban(text) is right


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("customerEMail", ("customer", "e", "mail")),
        ("first_name", ("first", "name")),
        ("IPAddress", ("ip", "address")),
        ("SSN", ("ssn",)),
        ("phone2", ("phone", "2")),
        ("", ()),
    ],
)
def test_names_are_read_as_words(name: str, said: tuple[str, ...]) -> None:
    assert tokens(name) == said


PERSONAL = {
    "email": WORDS,
    "Customer E-Mail": WORDS,
    "phoneNumber": WORDS,
    "ssn": list(range(100_000_000, 100_000_020)),
    "date_of_birth": WORDS,
    "iban": WORDS,
    "passport_no": WORDS,
    "home_address": WORDS,
    "client ip": WORDS,
    "credit_card": list(range(20)),
    "Vorname": WORDS,
}
HARMLESS = {
    "name": WORDS,
    "product_name": WORDS,
    "email_count": list(range(20)),
    "has_phone": [True, False] * 10,
    "phone_type": WORDS,
    "zip": WORDS,
    "description": WORDS,
    "web_address": WORDS,
    "file_first_name": WORDS,
    "tip": [float(n) for n in range(20)],
    "snippet": WORDS,
    "birthweight": [float(n) for n in range(20)],
    "streetlights": list(range(20)),
    "emails": [n * 2 for n in range(20)],
    "card_type": WORDS,
}


@pytest.mark.parametrize("name", PERSONAL)
def test_names_of_personal_data_are_known(name: str) -> None:
    (column,) = profiled(FrameTable(pl.DataFrame({name: PERSONAL[name]})))[1]
    assert judge(column) is not None


@pytest.mark.parametrize("name", HARMLESS)
def test_names_that_sound_alike_raise_no_alarm(name: str) -> None:
    (column,) = profiled(FrameTable(pl.DataFrame({name: HARMLESS[name]})))[1]
    assert judge(column) is None


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([f"{w}.{n}@mail.org" for n, w in enumerate(WORDS)], "e-mail addresses"),
        ([f"10.0.{n}.7" for n in range(30)], "network addresses of persons"),
        (["DE89370400440532013000", "GB82WEST12345698765432"] * 9, "bank accounts"),
        (CARDS * 5, "payment card numbers"),
        ([f"https://x.org/{n}" for n in range(30)], None),
        ([f"4539578763621{n:03}" for n in range(100, 140)], None),
        ([f"{n}-{n + 3}" for n in range(30)], None),
        (WORDS, None),
    ],
)
def test_values_say_what_they_are(values: list[str], kind: str | None) -> None:
    (column,) = profiled(FrameTable(pl.DataFrame({"x": values})))[1]
    finding = judge(column)
    assert (finding.kind.words if finding else None) == kind


def test_every_kind_of_personal_data_is_named_in_one_way() -> None:
    said = [kind.words for kind in pii.KINDS]
    assert len(said) == len(set(said))
