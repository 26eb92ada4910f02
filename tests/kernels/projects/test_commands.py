"""What `orrery projects` does, says and returns."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from orrery_kernels.client import connect
from orrery_kernels.errors import UsageError
from orrery_kernels.projects.commands import projects
from orrery_kernels.projects.service import Projects, slug_of
from tests.kernels.lab import Lab
from tests.kernels.stub import Stub, answer_json


def run(*words: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(projects, list(words), input=stdin)


def project(slug: str = "churn", **other: Any) -> dict[str, Any]:
    return {
        "slug": slug,
        "name": "Customer churn",
        "description": "Who leaves",
        "role": "owner",
        "members": 2,
        "lake": "/lakes/churn",
        "repository": "",
        "created": "2026-11-21T02:00:00Z",
        "updated": "2026-11-21T02:00:00Z",
        "deleted": None,
        "purge_after": None,
        "archived": None,
        "category": None,
        "labels": [],
        "links": [],
        "pinned": False,
        **other,
    }


def page(*items: dict[str, Any]) -> dict[str, Any]:
    return {"items": list(items), "total": len(items), "offset": 0, "limit": 50}


MEMBER = {"user": "grace", "role": "viewer", "since": "2026-11-21T02:00:00Z"}


@pytest.fixture(autouse=True)
def answers(stub: Stub) -> None:
    stub.answers.update(
        {
            "GET projects": answer_json(200, page(project())),
            "POST projects": answer_json(201, project()),
            "GET projects/current": answer_json(200, {"project": project()}),
            "PUT projects/current": answer_json(200, {"project": project()}),
            "GET projects/churn": answer_json(200, project()),
            "PATCH projects/churn": answer_json(200, project(name="Churn")),
            "PATCH projects/churn/shelf": answer_json(200, project()),
            "DELETE projects/churn": answer_json(200, {}),
            "POST projects/churn/undelete": answer_json(200, project()),
            "POST projects/churn/purge": answer_json(200, {}),
            "GET projects/churn/members": answer_json(200, page(MEMBER)),
            "PUT projects/churn/members/grace": answer_json(200, MEMBER),
            "DELETE projects/churn/members/grace": answer_json(200, {}),
            "DELETE projects/churn/members/ada": answer_json(200, {}),
            "GET status": answer_json(200, {"user": "ada"}),
        }
    )
    stub.default = answer_json(404, {"code": "not_found", "message": "There is none"})


def asked(stub: Stub) -> list[str]:
    return [f"{method} {path.partition('/orrery/')[2]}" for method, path, _, _ in stub.asked]


def test_projects_as_table_and_as_json(stub: Stub) -> None:
    listed = run("list", "customer", "churn", "--limit", "5")
    assert listed.exit_code == 0
    assert all(word in listed.output for word in ("churn", "owner", "1 of 1 projects"))
    assert asked(stub) == ["GET projects?q=customer+churn&offset=0&limit=5"]
    assert json.loads(run("list", "--deleted", "--json").output)["total"] == 1
    assert "deleted=true" in asked(stub)[-1]


def test_the_current_project_is_shown_unless_one_is_named() -> None:
    assert "/lakes/churn" in run("show").output
    assert json.loads(run("show", "churn", "--json").output)["slug"] == "churn"
    assert "/lakes/churn" in run("current").output
    assert json.loads(run("current", "--json").output)["slug"] == "churn"
    missing = run("show", "other")
    assert (missing.exit_code, "There is none" in missing.output) == (1, True)


def test_a_name_suggests_the_slug(stub: Stub) -> None:
    assert "orrery projects switch churn" in run("create", "Größe, 2. Teil!").output
    assert stub.asked[-1][3]["slug"] == "groe-2-teil"
    assert json.loads(run("create", "X", "--slug", "y", "--json").output)["slug"] == "churn"
    assert stub.asked[-1][3] == {"slug": "y", "name": "X", "description": ""}
    nothing = run("create", "日本")
    assert (nothing.exit_code, "--slug" in nothing.output) == (2, True)
    assert slug_of("a" * 62 + " b") == "a" * 62


def test_name_and_description_are_changed_one_by_one(stub: Stub) -> None:
    assert "Churn" in run("update", "--project", "churn", "--name", "Churn").output
    assert stub.asked[-1][3] == {"name": "Churn"}
    assert json.loads(run("update", "--description", "", "--json").output)["name"] == "Churn"
    assert stub.asked[-1][3] == {"description": ""}
    nothing = run("update")
    assert (nothing.exit_code, "Nothing is to be changed" in nothing.output) == (2, True)


def test_projects_are_sorted_pinned_and_archived(stub: Stub) -> None:
    run("update", "--category", "Churn", "--label", "eu", "--label", "gpu")
    assert stub.asked[-1][3] == {"category": "Churn", "labels": ["eu", "gpu"]}
    run("list", "--label", "eu", "--archived")
    assert "label=eu" in stub.asked[-1][1]
    assert "archived=true" in stub.asked[-1][1]
    for words, body in (
        (("pin",), {"pinned": True}),
        (("unpin", "--project", "churn"), {"pinned": False}),
        (("archive", "--yes"), {"archived": True}),
        (("restore", "churn"), {"archived": False}),
    ):
        assert run(*words).exit_code == 0
        assert stub.asked[-1][3] == body
    before = len(stub.asked)
    assert run("archive", "--project", "churn", stdin="n\n").exit_code == 1
    assert len(stub.asked) == before


def test_members_are_listed_invited_changed_and_removed(stub: Stub) -> None:
    assert "grace" in run("members").output
    assert json.loads(run("members", "--project", "churn", "--json").output)["total"] == 1
    assert run("invite", "grace").output == "grace is viewer\n"
    assert stub.asked[-1][3] == {"role": "editor", "create_only": True}
    assert json.loads(run("role", "grace", "viewer", "--json").output) == MEMBER
    assert stub.asked[-1][3] == {"role": "viewer"}
    assert run("role", "grace", "boss").exit_code == 2
    assert run("remove", "grace", "--project", "churn").output == "Removed grace\n"
    assert asked(stub)[-1] == "DELETE projects/churn/members/grace"


def test_leaving_and_deleting_ask_first(stub: Stub) -> None:
    assert run("leave", stdin="n\n").exit_code == 1
    assert run("delete", "churn", stdin="n\n").exit_code == 1
    assert not [line for line in asked(stub) if line.startswith("DELETE")]
    assert "Left 'churn'" in run("leave", stdin="y\n").output
    assert asked(stub)[-1] == "DELETE projects/churn/members/ada"
    assert "orrery projects undelete churn" in run("delete", "churn", "--yes").output
    assert run("undelete", "churn").output == "'Customer churn' is back\n"
    refused = run("purge", "churn", stdin="n\n")
    assert (refused.exit_code, "members, snippets and their history" in refused.output) == (1, True)
    assert "POST projects/churn/purge" not in asked(stub)
    assert run("purge", "churn", "--yes").output == "Removed 'churn' for good\n"
    assert asked(stub)[-1] == "POST projects/churn/purge"


def test_the_lab_works_in_a_project_or_in_none(stub: Stub) -> None:
    assert run("switch", "churn").output == "Works in 'Customer churn'\n"
    stub.answers["PUT projects/current"] = answer_json(200, {"project": None})
    assert run("switch", "--none").output == "Works in no project\n"
    assert stub.asked[-1][3] == {"slug": None}
    stub.answers["GET projects/current"] = answer_json(200, {"project": None})
    assert run("current").output == "Works in no project\n"
    assert run("switch").exit_code == run("switch", "churn", "--none").exit_code == 2
    stub.answers["GET projects/current"] = answer_json(200, {"project": None})
    nowhere = run("members")
    assert (nowhere.exit_code, "orrery projects switch" in nowhere.output) == (2, True)


@pytest.mark.parametrize("name", ["", "..", "a/b"])
def test_a_name_leads_nowhere_else(stub: Stub, name: str) -> None:
    with pytest.raises(UsageError):
        Projects(connect()).remove(name, project="churn")
    assert asked(stub) == []


def test_a_refusal_is_told_in_the_servers_words(stub: Stub) -> None:
    stub.answers["DELETE projects/churn/members/ada"] = answer_json(
        409,
        {
            "code": "conflict",
            "message": "A project needs an owner",
            "reason": "'ada' is the last owner.",
            "remedy": "Delete the project.",
        },
    )
    refused = run("leave", "--yes")
    assert refused.exit_code == 1
    assert all(word in refused.output for word in ("needs an owner", "last owner", "Delete the"))


def test_the_last_owner_is_refused_before_a_question(stub: Stub) -> None:
    owner = MEMBER | {"user": "ada", "role": "owner"}
    many = {**page(*[MEMBER] * 200), "total": 201}
    stub.answers["GET projects/churn/members"] = answer_json(200, page(owner, MEMBER))
    refused = run("leave", stdin="y\n")
    assert refused.exit_code == 1
    assert "last owner" in refused.output
    assert "Leave" not in refused.output
    assert not [line for line in asked(stub) if line.startswith("DELETE")]
    other = owner | {"user": "grace"}
    stub.answers["GET projects/churn/members"] = answer_json(200, page(owner, other))
    assert "Left 'churn'" in run("leave", stdin="y\n").output
    stub.answers["GET projects/churn/members"] = answer_json(200, many)
    assert "Left 'churn'" in run("leave", stdin="y\n").output
    assert any("offset=200" in line for line in asked(stub))


@pytest.mark.timeout(120)
def test_in_a_terminal_of_a_real_lab(lab: Lab) -> None:
    def orrery(*words: str) -> str:
        done = lab.orrery(*words, group="projects")
        assert done.returncode == 0, done.stderr
        return done.stdout

    orrery("create", "Churn by region")
    assert "churn-by-region" in orrery("list")
    orrery("switch", "churn-by-region")
    assert json.loads(orrery("show", "--json"))["role"] == "owner"
    assert "1 of 1 members" in orrery("members")
    refused = lab.orrery("invite", "grace", group="projects")
    assert (refused.returncode, "orrery up" in refused.stderr) == (1, True)
    orrery("delete", "churn-by-region", "--yes")
    assert "churn-by-region" not in orrery("list")
    assert "churn-by-region" in orrery("list", "--deleted")
    assert "is back" in orrery("undelete", "churn-by-region")
    assert lab.orrery("purge", "churn-by-region", "--yes", group="projects").returncode == 1
    assert "churn-by-region" in orrery("list")
    orrery("delete", "churn-by-region", "--yes")
    orrery("purge", "churn-by-region", "--yes")
    assert "churn-by-region" not in orrery("list", "--deleted")
