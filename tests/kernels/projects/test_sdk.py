"""Projects as functions and as `%projects`, against a server that a test can make answer anything."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.error import UsageError as ShellUsageError
from IPython.core.interactiveshell import InteractiveShell

import jupyter_orrery as orrery
from orrery_kernels.errors import UsageError
from tests.kernels.projects.test_commands import MEMBER, page, project
from tests.kernels.stub import Stub, answer_json


@pytest.fixture(autouse=True)
def answers(stub: Stub) -> None:
    stub.answers.update(
        {
            "GET projects": answer_json(200, page(project())),
            "GET projects/current": answer_json(200, {"project": project()}),
            "PUT projects/current": answer_json(200, {"project": None}),
            "GET projects/churn": answer_json(200, project()),
            "GET projects/churn/members": answer_json(200, page(MEMBER)),
            "PUT projects/churn/members/grace": answer_json(200, MEMBER),
        }
    )


def last(stub: Stub) -> tuple[str, Any]:
    """The last request and its body."""
    method, path, _, body = stub.asked[-1]
    return f"{method} {path.partition('/orrery/')[2]}", body


def test_functions_ask_the_server(stub: Stub) -> None:
    listing = orrery.projects.list("customer", limit=5)
    assert last(stub)[0] == "GET projects?q=customer&offset=0&limit=5"
    assert ([item["slug"] for item in listing], listing.total) == (["churn"], 1)
    assert "Customer churn" in repr(listing)
    assert orrery.projects.get()["slug"] == "churn"
    current = orrery.projects.current()
    assert current is not None
    assert current["lake"] == "/lakes/churn"
    assert orrery.projects.members()[0]["user"] == "grace"
    assert orrery.projects.invite("grace", "viewer") == MEMBER
    assert last(stub) == (
        "PUT projects/churn/members/grace",
        {"role": "viewer", "create_only": True},
    )
    assert orrery.projects.switch(None) is None
    assert last(stub) == ("PUT projects/current", {"slug": None})


def test_without_a_project_a_name_is_needed(stub: Stub) -> None:
    stub.answers["GET projects/current"] = answer_json(200, {"project": None})
    with pytest.raises(UsageError, match="works in no project"):
        orrery.projects.members()
    assert orrery.projects.members("churn").total == 1


def test_magic_says_what_the_terminal_says(
    stub: Stub,
    shell: InteractiveShell,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdin", StringIO())
    shell.run_line_magic("projects", "list customer")
    assert "1 of 1 projects" in capsys.readouterr().out
    shell.run_line_magic("projects", "role grace viewer")
    assert capsys.readouterr().out == "grace is viewer\n"
    for line, message in (
        ("", "What is to be done"),
        ("frobnicate", "No such command"),
        ("role grace boss", "not one of"),
        ("'open", "cannot be read"),
        ("delete churn", "Add --yes"),
    ):
        with pytest.raises(ShellUsageError, match=message):
            shell.run_line_magic("projects", line)
    assert not [method for method, *_ in stub.asked if method == "DELETE"]


def test_magic_completes_verbs_slugs_and_options(stub: Stub, shell: InteractiveShell) -> None:
    def complete(line: str) -> list[str]:
        with provisionalcompleter():
            return [item.text for item in shell.Completer.completions(line, len(line))]

    assert complete("%projects cu") == ["current"]
    assert complete("%projects show ch") == ["churn"]
    assert "--role" in complete("%projects invite --r")
