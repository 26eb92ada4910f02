"""Writes ``docs/reference.md`` and the pages of the lab's API: every address, permission, option, setting, command, event and backend, from the code.

python tools/reference.py           write the pages
python tools/reference.py --check   say whether they are up to date
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from traitlets.config import Configurable

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from orrery_hub.scopes import TABLE as SCOPES
from orrery_hub.scopes import Scope
from orrery_hub.settings import Settings
from orrery_server.app import OrreryApp
from orrery_server.base.backend import BackendName
from orrery_server.base.hub import HubBackend
from orrery_server.base.status import CAPABILITY as STATUS
from tools import lab_api
from tools.generated import write_or_check
from tools.manifests import every_capability
from tools.markdown import table

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
CAPABILITIES = (STATUS, *every_capability())
_NO_BACKENDS = frozenset({"orrery.capabilities", "orrery.commands"})


def page() -> str:
    """The whole page."""
    parts = [
        "# Reference",
        "This page is made from the code by `python tools/reference.py`.",
        *addresses(),
        *permissions(),
        *server_options(),
        *hub_settings(),
        *lab_settings(),
        *lab_commands(),
        *events(),
        *backends(),
    ]
    return "\n\n".join(parts) + "\n"


def addresses() -> Iterator[str]:
    """What a lab's server answers on."""
    yield "## Addresses of a lab's server"
    yield (
        "Below the server's base URL. A request needs a login of the server, or the token of the lab"
        " (`Authorization: orrery <token>`), and the permission that is named. The token of the lab reads, and changes"
        " only what *code too* stands at."
    )
    yield table(
        ("Address", "Permission", "Is"),
        (
            (
                f"`{endpoint.route.method} /orrery/{endpoint.route.path}`",
                f"`{endpoint.scope}`",
                f"{endpoint.summary}."
                + (" *Code too.*" if endpoint.route.kernel == "write" else ""),
            )
            for capability in CAPABILITIES
            for endpoint in capability.endpoints
        ),
    )
    yield (
        "Every answer that is no success has one body:"
        " `code`, `message`, `reason`, `remedy`, `details`, `request_id`."
    )


def permissions() -> Iterator[str]:
    """JupyterHub's custom scopes."""
    yield "## Permissions at the hub"
    yield table(
        ("Scope", "Allows", "Held by", "Implies", "Carried by"),
        (
            (
                f"`{scope.name}`",
                scope.description,
                ", ".join(sorted(scope.roles)),
                ", ".join(f"`{name}`" for name in scope.implies),
                ", ".join(_carriers(scope)) or "no lab",
            )
            for scope in SCOPES
        ),
    )


def _carriers(scope: Scope) -> Iterator[str]:
    if scope.in_server:
        yield "labs"
    if scope.in_kernel:
        yield "their code"


def configurables() -> list[type[Configurable]]:
    """Every class of the server that has options: the services, and whatever a backend's name can mean."""
    classes: list[type[Configurable]] = [capability.service for capability in every_capability()]
    classes += [HubBackend, OrreryApp]
    for capability in every_capability():
        for group in capability.entry_points:
            classes += [BackendName.load(group, name) for name in BackendName(group).names()]
    return classes


def options(cls: type[Configurable]) -> dict[str, str]:
    """The options of a class that are Orrery's own, and their help."""
    return {
        name: str(trait.help)
        for name, trait in sorted(cls.class_traits(config=True).items())
        if (trait.this_class or object).__module__.startswith("orrery_")
    }


def server_options() -> Iterator[str]:
    """Traits, as they are set in ``jupyter_server_config.py``."""
    yield "## Options of a lab's server"
    yield "In `jupyter_server_config.py`, such as `c.SnippetService.refresh_seconds = 5`."
    rows = []
    for cls in configurables():
        for name, help_ in options(cls).items():
            default = cls.class_traits()[name].default_value
            shown = f"`{default!r}`" if isinstance(default, int | float | list) else ""
            rows.append((f"`{cls.__name__}.{name}`", help_, shown))
    yield table(("Option", "Is", "Default"), rows)


def hub_settings() -> Iterator[str]:
    """Environment variables of the hub side."""
    yield "## Settings of the hub"
    yield "Environment variables of JupyterHub and the hub service."
    prefix = str(Settings.model_config.get("env_prefix", ""))
    yield table(
        ("Variable", "Is", "Default"),
        (
            (
                f"`{field.validation_alias or (prefix + name).upper()}`",
                field.description or "",
                "" if field.default_factory or field.default == "" else f"`{field.default}`",
            )
            for name, field in Settings.model_fields.items()
        ),
    )


def lab_schemas() -> dict[str, dict[str, Any]]:
    """The settings files of the lab, by name."""
    return {
        path.stem: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted((ROOT / "labextension" / "schema").glob("*.json"))
    }


def lab_settings() -> Iterator[str]:
    """What the person sets in JupyterLab."""
    yield "## Settings in JupyterLab"
    yield "*Settings → Settings Editor*; each page is a plugin that can be disabled."
    yield table(
        ("Setting", "Is", "Default"),
        (
            (
                f"`{name}.{key}`",
                str(about.get("description", about.get("title", ""))),
                f"`{json.dumps(about.get('default'))}`",
            )
            for name, schema in lab_schemas().items()
            for key, about in schema.get("properties", {}).items()
        ),
    )


def command_files() -> dict[Path, dict[str, str]]:
    """Each file with a table of commands, and the ids in it, by their keys."""
    files = {}
    for path in sorted((ROOT / "labextension" / "src").glob("*/*.ts")):
        text = path.read_text(encoding="utf-8")
        block = re.search(r"export const \w+IDs = \{(.*?)\} as const", text, re.DOTALL)
        if block:
            files[path] = dict(re.findall(r"(\w+): '([^']+)'", block[1]))
    return files


def caption(text: str, key: str) -> str:
    """What a command says of itself: its caption, or the longest text of its label."""
    opening = r"(?: \w+\((?:\w+, )?)? ?\{"
    begin = re.search(rf"(?:addCommand\(\w+IDs\.{key},|\[\w+IDs\.{key}\]:){opening}", text)
    spread = re.match(r"\s*\.\.\.(\w+),", text[begin.end() :]) if begin else None
    if spread:
        # A command that adds to another: `const edit = aboutSnippet(context, {...})`.
        begin = re.search(rf"const {spread[1]} ={opening}", text)
    block = re.split(r"addCommand\(|\[\w+IDs\.", text[begin.end() :])[0] if begin else ""
    for part in ("caption", "label"):
        match = re.search(rf"\b{part}:(.*?)\n\s+\w+:", block, re.DOTALL)
        words = re.findall(r"__\(\s*'((?:[^'\\]|\\.)*)'", match[1]) if match else []
        if words:
            return max(words, key=len).replace("\\'", "'")
    return ""


def lab_commands() -> Iterator[str]:
    """Commands of the lab."""
    yield "## Commands in JupyterLab"
    rows = []
    for path, ids in command_files().items():
        # The file with the ids first: another may have a key of the same name.
        files = [path, *(other for other in sorted(path.parent.glob("*.ts")) if other != path)]
        texts = [file.read_text(encoding="utf-8") for file in files]
        rows += [
            (f"`{command}`", next(filter(None, (caption(text, key) for text in texts)), ""))
            for key, command in ids.items()
        ]
    yield table(("Command", "Does"), rows)


def events() -> Iterator[str]:
    """Audit events of a lab's server."""
    yield "## Events"
    yield "A lab's server emits them through `jupyter_events`; a handler in its configuration keeps them."
    for capability in every_capability():
        if capability.events_path is None:
            continue
        schema = yaml.safe_load(capability.events_path.read_text(encoding="utf-8"))
        yield f"### `{schema['$id']}`"
        yield " ".join(schema["description"].split())
        yield table(
            ("Field", "Is"),
            (
                (
                    f"`{name}`",
                    str(about.get("description", ""))
                    + (f" One of {', '.join(about['enum'])}." if "enum" in about else ""),
                )
                for name, about in schema["properties"].items()
            ),
        )


def backends() -> Iterator[str]:
    """The entry points."""
    yield "## Backends"
    yield "A distribution may add one under the same name of the group; an option then takes its name."
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    yield table(
        ("Group", "Name", "Is"),
        (
            (f"`{group}`", f"`{name}`", f"`{where}`")
            for group, points in project["entry-points"].items()
            if group.startswith("orrery.") and group not in _NO_BACKENDS
            for name, where in points.items()
        ),
    )


def pages() -> dict[str, str]:
    """Each file of the documentation that is made from the code, and its text."""
    return {
        "reference.md": page(),
        "lab-api.md": lab_api.page(),
        "lab-api.json": json.dumps(lab_api.described(), indent=1) + "\n",
    }


def main(arguments: list[str]) -> int:
    """Write the pages, or check them; the exit status."""
    files = {DOCS / name: text for name, text in pages().items()}
    return write_or_check(files, "tools/reference.py", arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
