"""The page before a start: what it shows, and what its fields become."""

from __future__ import annotations

from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest

from orrery_hub.profiles import spawn_form
from orrery_wire.errors import Invalid
from orrery_wire.pools import (
    DatasetChoice,
    ImageChoice,
    LastFailure,
    LaunchChoices,
    LaunchOptions,
    OpenRequest,
    ProfileChoice,
    WaitEstimate,
)

HOSTILE = '<script>alert(1)</script>" onload="x'


def profile(slug: str, **more: Any) -> ProfileChoice:
    values = {
        "name": slug.upper(),
        "pool": "gpu",
        "pool_name": "Training",
        "device_type": "A100",
        "devices": 1,
        "cpu": 8,
        "memory_bytes": 64 << 30,
        "pool_devices": 4,
        "used_devices": 2,
        "free_devices": 2,
    }
    return ProfileChoice(slug=slug, **values | more)


class Page(HTMLParser):
    """The fields of a form with their attributes, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fields: list[dict[str, str | None]] = []
        self.words: list[str] = []
        self.buttons: list[dict[str, str | None]] = []
        self.tags: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        values = dict(attrs)
        if tag == "button":
            self.buttons.append(values)
        if "name" in values:
            self.fields.append({"tag": tag, **values})

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def values(self, name: str) -> list[str | None]:
        return [field.get("value") for field in self.fields if field["name"] == name]

    def checked(self, name: str) -> list[str | None]:
        return [f.get("value") for f in self.fields if f["name"] == name and "checked" in f]


def page(choices: LaunchChoices, server: str = "", title: str = "") -> Page:
    return Page(spawn_form.render(choices, server, title))


def test_a_card_says_what_a_server_has_costs_and_why_not() -> None:
    shown = page(
        LaunchChoices(
            is_required=True,
            profiles=(
                profile(
                    "big",
                    devices=4,
                    mig_slice="1g.10gb",
                    cause="no_device",
                    reason="No 4 devices of Training are free.",
                    remedy="Wait until a server stops.",
                    may_queue=True,
                    wait=WaitEstimate(place=3, low_seconds=600, high_seconds=7_200),
                ),
                profile(
                    "one",
                    is_spot=True,
                    price_micros=2_500_000,
                    currency="EUR",
                    budget_left_micros=1_234_567_000,
                ),
            ),
        )
    )
    for words in (
        "4\u00d7 A100 (1g.10gb) · 8 CPU · 64 GiB memory",
        "2 of 4 free in Training",
        "2.50 EUR an hour",
        "1,234.57 EUR of the budget left",
        "No 4 devices of Training are free. Wait until a server stops.",
        "Place 3, about 10 min to 2 h",
        "spot: may be stopped at short notice",
        "Start your server",
    ):
        assert words in shown.text
    radios = [field for field in shown.fields if field["name"] == "profile"]
    assert [("disabled" in field, "checked" in field) for field in radios] == [
        (True, False),
        (False, True),
    ]
    assert shown.values("queue") == ["big"]


def test_the_last_choice_is_chosen_again() -> None:
    last = LaunchOptions(
        profile="two",
        project="b",
        image="lab",
        environment={"A": "1", "B": "x=y"},
        startup_script="echo",
        datasets=("iris",),
    )
    choices = LaunchChoices(
        is_required=True,
        profiles=(
            profile("one"),
            profile(
                "two",
                projects=("a", "b"),
                needs_project=True,
                images=("lab",),
                datasets=(DatasetChoice(name="iris", path="/data"),),
            ),
        ),
        images=(ImageChoice(slug="lab", name="Lab", tag="1", labels={"hardened": "yes"}),),
        last=last,
    )
    shown = page(choices, "train", "Train it")
    assert "Start the server “Train it”" in shown.text
    assert shown.checked("profile") == ["two"]
    assert shown.checked("datasets") == ["iris"]
    assert "hardened: yes" in shown.text
    assert "A=1 B=x=y" in shown.text
    assert {"project", "image", "environment", "startup_script"} <= {
        field["name"] for field in shown.fields
    }


def request(**more: Any) -> OpenRequest:
    values = {"id": 7, "server_name": "", "profile": "big", "pool_name": "Training"}
    return OpenRequest(**values | {"state": "waiting", "is_move": False} | more)


def test_what_is_waited_for_is_shown_with_place_range_and_cause() -> None:
    wait = WaitEstimate(place=2, low_seconds=600, high_seconds=7_200)
    busy = profile("big", cause="no_device", reason="None is free.", may_queue=True, wait=wait)
    waiting = request(wait=wait, reason="All devices are in use.", remedy="Wait.")
    until = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)
    others = (
        request(id=8, server_name="x", state="offered", claim_until=until),
        request(id=9, server_name="y", state="claimed"),
        request(id=10, server_name="z", state="offered", claim_until=until, is_move=True),
        request(id=11, server_name="w", profile="gone"),
    )
    shown = page(
        LaunchChoices(
            is_required=True, profiles=(busy, profile("one")), requests=(waiting, *others)
        )
    )
    for words in (
        "BIG in Training: place 2, in about 10 min to 2 h. All devices are in use. Wait.",
        "BIG in Training, for the server “x”: held for you until 10:30 UTC . Start that server.",
        "for the server “y”: the server is being started.",
        "held for you until 10:30 UTC . Claim it in your lab. The server goes on as it is",
        "gone in Training, for the server “w”: waiting.",
        "You wait for it. You may start another meanwhile",
    ):
        assert words in shown.text, words
    assert shown.values("cancel") == ["7", "8", "9", "10", "11"]
    assert (shown.values("queue"), shown.values("then")) == ([], [])
    # The default server waits for it; another has not asked yet, and may move there later.
    other = page(
        LaunchChoices(is_required=True, profiles=(busy, profile("one")), requests=(waiting,)), "x"
    )
    assert (other.values("queue"), other.values("then")) == (["big"], ["big"])
    assert "BIG in Training, for the default server:" in other.text
    # Nothing can be started that could move.
    alone = page(LaunchChoices(is_required=True, profiles=(busy,)))
    assert (alone.values("queue"), alone.values("then")) == (["big"], [])


def test_enter_in_a_field_starts_and_never_cancels() -> None:
    shown = page(LaunchChoices(is_required=True, profiles=(profile("one"),), requests=(request(),)))
    (first, *_) = shown.buttons
    assert "name" not in first
    assert "hidden" in first


def test_what_failed_is_said_before_the_next_start() -> None:
    at = datetime(2026, 11, 20, 9, 5, tzinfo=UTC)
    failures = (
        LastFailure(server="", is_start=True, reason=f"{HOSTILE}.", remedy="Ask.", at=at),
        LastFailure(server="gpu", is_start=False, reason="No memory.", at=at),
    )
    choices = LaunchChoices(is_required=True, profiles=(profile("one"),), failures=failures)
    shown, other = page(choices), page(choices, "gpu")
    assert f"This server did not start at 09:05 UTC : {HOSTILE}. Ask." in shown.text
    assert "The server “gpu” ended by itself at 09:05 UTC : No memory." in shown.text
    assert "script" not in shown.tags
    assert "This server ended by itself" in other.text
    assert "The default server did not start" in other.text


def test_nobody_is_left_without_a_word() -> None:
    assert "No hardware profile is for you" in page(LaunchChoices(is_required=True)).text


def test_no_text_becomes_markup() -> None:
    hostile = profile("x", name=HOSTILE, description=HOSTILE, cause="budget", reason=HOSTILE)
    image = ImageChoice(slug="i", name=HOSTILE, description=HOSTILE, tag="1", labels={"a": HOSTILE})
    last = LaunchOptions(profile="x", startup_script="</textarea>" + HOSTILE)
    shown = page(
        LaunchChoices(is_required=True, profiles=(hostile,), images=(image,), last=last),
        "s",
        HOSTILE,
    )
    assert "script" not in shown.tags
    assert shown.text.count("alert(1)") == 9


def test_fields_become_options() -> None:
    form = {
        "profile": ["gpu"],
        "project": ["churn"],
        "image": [""],
        "environment": ["A=1\r\n\r\n B = two=2"],
        "startup_script": ["echo a\r\necho b\r\n"],
        "datasets": ["iris", "wine"],
        "_xsrf": ["x"],
    }
    sent = spawn_form.parse(form)
    assert (sent.waits, sent.then, sent.cancel) == (False, "", None)
    options = sent.options
    assert options == {
        "profile": "gpu",
        "project": "churn",
        "environment": {"A": "1", "B": " two=2"},
        "startup_script": "echo a\necho b",
        "datasets": ["iris", "wine"],
    }
    LaunchOptions.model_validate(options)
    waiting = spawn_form.parse(form | {"queue": ["big"]})
    assert (waiting.options, waiting.waits) == (options | {"profile": "big"}, True)
    moving = spawn_form.parse(form | {"then": ["big"]})
    assert (moving.options, moving.waits, moving.then) == (options, False, "big")
    assert spawn_form.parse(form | {"cancel": ["12"]}).cancel == 12
    for wrong in ("0", "-1", "1e3", "1" * 20, "\u0663"):
        with pytest.raises(Invalid, match="no such request"):
            spawn_form.parse({"cancel": [wrong]})
    with pytest.raises(Invalid, match="Line 2"):
        spawn_form.parse({"profile": ["gpu"], "environment": ["A=1\nnonsense"]})


def test_a_form_that_was_refused_is_shown_as_it_was_sent() -> None:
    sent = {
        "profile": ["two"],
        "environment": ["A=1\nnonsense"],
        "startup_script": ["echo </textarea>"],
        "datasets": ["iris"],
    }
    last = LaunchOptions(profile="one", environment={"OLD": "1"})
    choices = LaunchChoices(
        is_required=True,
        profiles=(
            profile("one"),
            profile("two", datasets=(DatasetChoice(name="iris", path="/data"),)),
        ),
        last=last,
    )
    shown = Page(spawn_form.render(choices, "", "", spawn_form.entered_of(sent)))
    assert shown.checked("profile") == ["two"]
    assert shown.checked("datasets") == ["iris"]
    assert "A=1 nonsense" in shown.text
    assert "echo </textarea>" in shown.text
    assert "OLD" not in shown.text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, "unknown"), (5, "1 min"), (600, "10 min"), (7_200, "2 h"), (400_000, "4.6 days")],
)
def test_a_wait_is_said_in_words(seconds: int | None, words: str) -> None:
    assert spawn_form.duration(seconds) == words
