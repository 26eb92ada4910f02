"""The form of the page before a start: drawn from what a person may start, and read back into options.

It works without JavaScript; a script on the page adds search and leads from one choice to the next.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from jupyterhub.spawner import SpawnException

from orrery_wire.errors import Invalid
from orrery_wire.json_types import JsonObject
from orrery_wire.pools import LaunchChoices, LaunchOptions, ProfileChoice

# A field that only this form has.
MARK = "orrery_form"
_MICROS = 1_000_000
_GIB = 1 << 30


@dataclass(frozen=True)
class Entered:
    """What the fields of the form hold: what was chosen the last time, or what was sent and refused."""

    profile: str = ""
    project: str = ""
    image: str = ""
    tag: str = ""
    environment: str = ""
    startup_script: str = ""
    datasets: tuple[str, ...] = ()


# What an address may fill in.
LINKED = frozenset(("profile", "project", "image", "tag"))


def entered_of(form: Mapping[str, Sequence[Any]]) -> Entered:
    """The fields of a form that was sent, so that nobody writes them twice."""
    texts = ("profile", "project", "image", "tag", "environment", "startup_script")
    datasets = tuple(str(value) for value in form.get("datasets", ()))
    return Entered(**{name: _first(form, name) for name in texts}, datasets=datasets)


def _entered_last(last: LaunchOptions | None) -> Entered:
    if last is None:
        return Entered()
    environment = "\n".join(f"{name}={value}" for name, value in last.environment.items())
    return Entered(
        last.profile,
        last.project,
        last.image,
        last.tag,
        environment,
        last.startup_script,
        last.datasets,
    )


def render(choices: LaunchChoices, server: str, title: str, sent: Entered | None = None) -> str:
    """The fields of the form for a server as HTML; ``sent`` is what was sent and refused."""
    entered = sent or _entered_last(choices.last)
    startable = [profile.slug for profile in choices.profiles if not profile.cause]
    first = next(iter(startable), "")
    projects = sorted({slug for profile in choices.profiles for slug in profile.projects})
    datasets = {item.name: item for profile in choices.profiles for item in profile.datasets}
    values: JsonObject = {
        "mark": MARK,
        "requests": choices.requests,
        "failures": choices.failures,
        "waited": {
            request.profile
            for request in choices.requests
            if request.server_name == server and request.state == "waiting"
        },
        "profile_names": {profile.slug: profile.name for profile in choices.profiles},
        "server": server,
        "title": title or server,
        "profiles": choices.profiles,
        "images": choices.images,
        "entered": entered,
        "selected": entered.profile if entered.profile in startable else first,
        "projects": projects,
        "needs_no_project": any(not profile.needs_project for profile in choices.profiles),
        "datasets": [datasets[name] for name in sorted(datasets)],
        "may_customize": any(
            profile.may_set_environment or profile.may_set_startup_script
            for profile in choices.profiles
        ),
    }
    return _templates().get_template("spawn_form.html").render(values)


@functools.cache
def _templates() -> Environment:
    templates = Environment(
        loader=PackageLoader("orrery_hub"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters |= {
        "money": money,
        "hardware": hardware,
        "availability": availability,
        "duration": duration,
    }
    return templates


def money(micros: int, currency: str) -> str:
    """An amount, such as `2.50 EUR`."""
    return f"{micros / _MICROS:,.2f} {currency}".strip()


def hardware(profile: ProfileChoice) -> str:
    """What a server of a profile has, such as `2 x A100 · 8 CPU · 64 GiB memory`."""
    parts = []
    if profile.devices:
        slice_ = f" ({profile.mig_slice})" if profile.mig_slice else ""
        parts.append(f"{profile.devices}\u00d7 {profile.device_type}{slice_}")
    if profile.cpu:
        parts.append(f"{profile.cpu:g} CPU")
    if profile.memory_bytes:
        parts.append(f"{profile.memory_bytes / _GIB:.3g} GiB memory")
    if profile.is_spot:
        parts.append("spot: may be stopped at short notice")
    return " · ".join(parts)


def availability(profile: ProfileChoice) -> str:
    """How many devices of the pool are free."""
    if profile.pool_devices is None or profile.free_devices is None:
        return ""
    return f"{profile.free_devices} of {profile.pool_devices} free in {profile.pool_name}"


def duration(seconds: int | None) -> str:
    """A time to wait, in words."""
    if seconds is None:
        return "unknown"
    minutes = max(1, round(seconds / 60))
    if minutes < 90:
        return f"{minutes} min"
    return f"{minutes / 60:.2g} h" if minutes < 48 * 60 else f"{minutes / 1440:.2g} days"


@dataclass(frozen=True)
class Sent:
    """What a form asks for: ``options``, unchecked, and what its button does with them.

    ``waits``: a place in the queue, and nothing starts. ``then``: the profile to wait for beside the server that starts.
    ``cancel``: the request to give up; nothing starts.
    """

    options: JsonObject
    waits: bool = False
    then: str = ""
    cancel: int | None = None


def parse(form: Mapping[str, Sequence[Any]]) -> Sent:
    """What a form asks for.

    Raises:
        Invalid: a line of the environment is no variable, or the request to give up is none.
    """
    if cancel := _first(form, "cancel"):
        return Sent({}, cancel=_ticket(cancel))
    wait = _first(form, "queue")
    options: JsonObject = {"profile": wait or _first(form, "profile")}
    for name in ("project", "image", "tag"):
        if value := _first(form, name):
            options[name] = value
    if script := _first(form, "startup_script").replace("\r\n", "\n").strip():
        options["startup_script"] = script
    if environment := _environment(_first(form, "environment")):
        options["environment"] = environment
    if datasets := [str(value) for value in form.get("datasets", ())]:
        options["datasets"] = datasets
    return Sent(options, waits=bool(wait), then=_first(form, "then"))


def _ticket(text: str) -> int:
    # More digits than any number of the database has.
    if text.isascii() and text.isdigit() and len(text) < 10 and int(text):
        return int(text)
    raise Invalid(
        "There is no such request in the queue",
        reason="Its number is none.",
        remedy="Load the page again.",
    )


def _first(form: Mapping[str, Sequence[Any]], name: str) -> str:
    values = form.get(name, ())
    return str(values[0]).strip() if values else ""


def _environment(text: str) -> dict[str, str]:
    variables = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        name, equals, value = line.partition("=")
        if not equals or not name.strip():
            raise Invalid(
                f"Line {number} of the environment is no variable",
                reason=f"It says {line.strip()[:60]!r}.",
                remedy="Write one NAME=value on each line.",
            )
        variables[name.strip()] = value
    return variables


def queued(ticket: int) -> SpawnException:
    """What the page says to somebody who took a place in the queue."""
    text = (
        f"You are in the queue with ticket {ticket}. You may close this page: you are told in your lab and here when it"
        " is your turn."
    )
    answer = f'<p class="orrery-queued" role="status">{text}</p>'
    return answer_of(text, answer, reason="queued", status=202)


def cancelled() -> SpawnException:
    """What the page says to somebody who gave up a request."""
    text = "The request was cancelled: you do not wait for it any more."
    answer = f'<p class="orrery-queued" role="status">{text}</p>'
    return answer_of(text, answer, reason="cancelled", status=202)


def answer_of(text: str, page: str, *, reason: str, status: int) -> SpawnException:
    """What JupyterHub says in the place of a start: to a program, and in HTML on its pages."""
    answer = SpawnException(text, reason=reason, message_html=page, status_code=status)
    # The page of server options looks for these.
    answer.jupyterhub_message = text
    answer.jupyterhub_html_message = page
    return answer
