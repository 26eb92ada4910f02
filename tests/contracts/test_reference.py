"""Everything that can be set, asked, run or watched is documented, and the page is that of this code."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest
import yaml
from traitlets.config import Configurable

from orrery_hub import scopes
from orrery_hub.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| `([^`]+)` \| (.*?) \|", PAGE, re.MULTILINE))


def test_the_page_is_up_to_date() -> None:
    said = subprocess.run(
        [sys.executable, ROOT / "tools" / "reference.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr


def traits() -> set[str]:
    """Every option of every class in the server's package, found by looking through the package."""
    import importlib
    import pkgutil

    import orrery_server

    found = set()
    for module in pkgutil.walk_packages(orrery_server.__path__, "orrery_server."):
        for cls in vars(importlib.import_module(module.name)).values():
            if isinstance(cls, type) and issubclass(cls, Configurable):
                if not cls.__module__.startswith("orrery_server.") or cls.__name__ == "OrreryApp":
                    continue
                found |= {
                    f"{cls.__name__}.{name}"
                    for name, trait in cls.class_traits(config=True).items()
                    if (trait.this_class or object).__module__.startswith("orrery_server.")
                }
    return found


def test_every_option_is_documented() -> None:
    found = traits()
    assert len(found) >= 15
    assert found <= ROWS.keys()
    assert all(len(ROWS[name]) > 10 for name in found)


def test_every_setting_of_the_hub_is_documented() -> None:
    for name, field in Settings.model_fields.items():
        variable = str(field.validation_alias or f"ORRERY_{name.upper()}")
        assert len(ROWS[variable]) > 10, variable


@pytest.mark.parametrize("scope", sorted(scopes.NAMES))
def test_every_scope_is_documented(scope: str) -> None:
    assert len(ROWS[scope]) > 10


@pytest.mark.parametrize(
    "path",
    sorted((ROOT / "server_ext/orrery_server").glob("*/events.yaml")),
    ids=lambda path: path.parent.name,
)
def test_every_event_is_documented(path: Path) -> None:
    schema = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert f"`{schema['$id']}`" in PAGE
    assert "Limitations:" in schema["description"]
    assert schema["$id"].endswith(path.parent.name)
    for name, about in schema["properties"].items():
        assert f"| `{name}` |" in PAGE
        assert about["description"], name


def test_every_setting_of_the_lab_is_documented() -> None:
    found = 0
    for path in (ROOT / "labextension" / "schema").glob("*.json"):
        for name, about in (
            json.loads(path.read_text(encoding="utf-8")).get("properties", {}).items()
        ):
            assert about.get("description"), f"{path.stem}.{name}"
            assert len(ROWS[f"{path.stem}.{name}"]) > 10
            found += 1
    assert found >= 4


def test_every_backend_is_documented() -> None:
    groups = {one for one in entry_points().groups if one.startswith("orrery.")}
    for group in groups - {"orrery.capabilities", "orrery.commands"}:
        for point in entry_points(group=group):
            assert f"| `{group}` | `{point.name}` |" in PAGE
