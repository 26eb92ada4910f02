"""What texts look like is counted in all rows: shares are right wherever in the column a form stands."""

from __future__ import annotations

import random

import polars as pl
import pytest

from orrery_engine import alerts
from orrery_engine.schemas import ColumnProfile, Options
from orrery_engine.stats import forms, pii
from orrery_engine.stats.univariate import profile_column
from tests.loops import each

WORDS = [f"{a} {b}" for a in ("red", "old", "big", "raw") for b in ("cat", "dog", "fox", "owl")]
CARDS = ["4539578763621486", "4716461583322103", "6011000990139424", "5555555555554444"]
IBANS = ["DE89370400440532013000", "GB82WEST12345698765432"]


def column(values: list[str], name: str = "x") -> ColumnProfile:
    return profile_column(pl.Series(values), 0, name, "String", Options())


def words(count: int) -> list[str]:
    return [f"{WORDS[n % len(WORDS)]} {n}" for n in range(count)]


@each("rows", [600, 3_000, 30_000])
def test_a_share_is_one_of_all_rows(rows: int) -> None:
    numbers = [str(n) for n in range(rows)]
    for values in (numbers + words(rows), words(rows) + numbers):
        text = column(values).text
        assert text is not None
        assert (text.looks_like, text.looks_like_share) == ("number", 0.5)


def test_a_mixed_column_says_how_much_of_it_is_numbers() -> None:
    profile = column([str(n) for n in range(600)] + words(600))
    (alert,) = [one for one in alerts.of_column(profile) if one.code == "mixed_types"]
    assert alert.evidence == "50% of the texts read as numbers, the rest do not"


def test_a_share_of_repeated_texts_counts_rows() -> None:
    text = column(["17"] * 9_000 + [str(n) for n in range(200)] + ["word"] * 1_800).text
    assert text is not None
    assert text.looks_like_share == pytest.approx(9_200 / 11_000)


def test_a_share_whose_check_digits_take_too_long_says_that_it_is_an_estimate() -> None:
    chosen = random.Random(5)
    json = [f'{{"a": {n}}}' for n in range(30_000)]
    text = column(json + words(10_000)).text
    assert text is not None
    assert text.looks_like == "json"
    assert text.estimated
    assert text.looks_like_share == pytest.approx(0.75, abs=0.02)
    assert not getattr(column([*words(500), chosen.choice(WORDS)]).text, "estimated", True)


FORMS = {
    "email": ["bob@x.org", "Ann.Lee+home@mail.example.co.uk", " o'neill@x.ie "],
    "url": ["https://x.org/a?b=1", "s3://bucket/key"],
    "uuid": ["123e4567-e89b-12d3-a456-426614174000"],
    "mac_address": ["00:1b:44:11:3a:b7", "00-1B-44-11-3A-B7", "001b.4411.3ab7"],
    "ip_address": ["192.168.10.4", "2001:db8::8a2e:370:7334", "fe80::1", "::ffff:10.0.0.1"],
    "date": ["2024-01-31", "31.01.2024", "1/31/24 4:30 PM", "31-OCT-2023", "Jan 5, 2024"],
    "duration": ["26:10:00", "1:05:33.5", "3 days 04:05:06", "100:59"],
    "version": ["v1.2.3", "10.0.19041.1", "2.0.0-rc1"],
    "ssn": ["078-05-1120"],
    "phone": ["+49 30 901820", "(212) 555-0142", "212-555-0142", "0044 20 7946 0958"],
    "number": ["1,234.5", "5.5%", "-3e8", "17"],
}


@each("kind", FORMS)
def test_every_form_is_known(kind: str) -> None:
    for value in FORMS[kind]:
        text = column([value] * 40).text
        assert text is not None
        assert (text.looks_like, text.looks_like_share) == (kind, 1.0), value


NEITHER = {
    "hardware": [f"00:1b:44:11:3a:{n:02x}" for n in range(60)],
    "took": [f"{20 + n % 9}:{n % 60:02}:00" for n in range(60)],
    "clock": [f"{n % 24:02}:{n % 60:02}" for n in range(60)],
    "app_version": [f"1.{n % 7}.{n % 9}.4" for n in range(60)],
    "release": [f"10.{n % 7}.{n % 9}.4" for n in range(60)],
    "software": [f"2.{n % 7}.{n % 9}.0" for n in range(60)],
    "item_id": [f"00{n:06}" for n in range(60)],
    "part_number": [f"0123-4567-{n:02}" for n in range(60)],
    "sku": [f"0{n:02} 555 {n:03}" for n in range(60)],
    "isbn": [f"978-3-16-148410-{n % 10}" for n in range(60)],
    "order": [f"4539578763621{n:03}" for n in range(60)],
    "score": [f"{n % 9}-{n % 7}" for n in range(60)],
    "namespace": [f"std::vec{n}" for n in range(60)],
    "country_name": ["United States", "New Zealand", "South Africa", "Sri Lanka"] * 15,
    "product_name": ["Red Chair", "Blue Table", "Oak Shelf"] * 20,
    "handle": [f"@user{n}" for n in range(60)],
    "rate": [f"{n}@{n}" for n in range(60)],
}


@each("name", NEITHER)
def test_things_raise_no_alarm_of_persons(name: str) -> None:
    assert pii.judge(column(NEITHER[name], name)) is None


LATE = {
    "e-mail addresses": ["bob@x.org", "please write to ann@mail.example.org, or call"],
    "payment card numbers": [CARDS[0], "my card is 4716 4615 8332 2103 thanks"],
    "bank accounts": [IBANS[0]],
    "official numbers of persons": ["078-05-1120"],
    "network addresses of persons": ["192.168.10.4", "2001:db8::8a2e:370:7334"],
    "telephone numbers": ["+49 30 901820"],
}


@each("kind", LATE)
@each("rows", [300, 6_000, 60_000])
def test_personal_data_are_looked_for_in_all_rows(kind: str, rows: int) -> None:
    for value in LATE[kind]:
        for common in (words(rows), [WORDS[n % 9] + " and more" for n in range(rows)]):
            finding = pii.judge(column([*common, *[value] * 4]))
            assert finding is not None, value
            assert finding.kind.words == kind, value
            assert finding.evidence.startswith(f"4 of {rows + 4:,} texts"), finding.evidence


def test_right_check_digits_by_chance_are_no_cards() -> None:
    chosen = random.Random(8)
    numbers = [str(chosen.randrange(10**15, 10**16)) for _ in range(5_000)]
    assert forms.personal(pl.Series(numbers), None, prose=False) == ()
    prose = [f"order {number} came late" for number in numbers]
    assert forms.personal(pl.Series(prose), None, prose=True) == ()


def test_versions_are_told_from_addresses_by_what_they_begin_with() -> None:
    addresses = [f"{10 + n % 200}.0.{n % 250}.7" for n in range(90)]
    assert pii.judge(column(addresses, "client")) is not None
    assert pii.judge(column(addresses, "firmware_version")) is None
