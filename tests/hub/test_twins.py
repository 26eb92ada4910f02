"""What the lab's server and the hub service say to each other has one shape on both sides."""

from __future__ import annotations

import inspect

import pytest

import orrery_hub.errors
import orrery_hub.projects.schemas
import orrery_hub.snippets.schemas
import orrery_server.errors
import orrery_server.projects.schemas
import orrery_server.snippets.schemas

PAIRS = [
    (orrery_server.snippets.schemas, orrery_hub.snippets.schemas, name)
    for name in (
        "SnippetContent",
        "SnippetIn",
        "StoredSnippet",
        "Changes",
        "Marks",
        "SnippetVersion",
    )
] + [
    (orrery_server.projects.schemas, orrery_hub.projects.schemas, name)
    for name in ("Project", "ProjectIn", "Member", "MemberIn", "Current", "CurrentIn")
]


@pytest.mark.parametrize(("server", "hub", "name"), PAIRS, ids=[name for _, _, name in PAIRS])
def test_the_shapes_are_the_same(server: object, hub: object, name: str) -> None:
    for mode in ("validation", "serialization"):
        assert getattr(server, name).model_json_schema(mode=mode) == getattr(
            hub, name
        ).model_json_schema(mode=mode)


def test_the_errors_are_the_same() -> None:
    def tree(module: object) -> dict[str, tuple[str, int, str]]:
        return {
            name: (cls.code, cls.status, cls.__base__.__name__)
            for name, cls in inspect.getmembers(module, inspect.isclass)
            if hasattr(cls, "status")
        }

    assert tree(orrery_server.errors) == tree(orrery_hub.errors)
    assert len(tree(orrery_hub.errors)) == 13
