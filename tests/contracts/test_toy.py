"""A new capability is a folder on each side and a few lines: everything that lists capabilities finds it.

The toy in ``tests/contracts/toy`` is laid over a copy of the tree, and ``CENTRAL`` is all that is changed in it.
"""

from __future__ import annotations

import configparser
import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOY = Path(__file__).parent / "toy"
PACKAGES = ("wire", "engine", "hub", "server_ext", "kernels")
COPIED = (*PACKAGES, "tools", "docs", "tests", "mkdocs.yml", "pyproject.toml", "README.md")
SKIPPED = shutil.ignore_patterns(
    "node_modules", "__pycache__", "lib", "labextension", "artifacts", "results", "toy"
)

# File, a line that is there, and the lines that stand in its place.
CENTRAL: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "pyproject.toml",
        'snippets = "orrery_server.snippets:CAPABILITY"',
        (
            'snippets = "orrery_server.snippets:CAPABILITY"',
            'toy = "orrery_server.toy:CAPABILITY"',
        ),
    ),
    (
        "pyproject.toml",
        'up = "orrery_hub.standalone.cli:up"',
        (
            'toy = "orrery_kernels.toy.commands:toy"',
            'up = "orrery_hub.standalone.cli:up"',
        ),
    ),
    (
        "pyproject.toml",
        'orrery_server.snippets",',  # the end of the line, whatever stands before it
        ('orrery_server.snippets | orrery_server.toy",',),
    ),
    (
        "pyproject.toml",
        '  "orrery_kernels.compute | orrery_kernels.data | orrery_kernels.eda | orrery_kernels.projects | orrery_kernels.snippets",',
        (
            '  "orrery_kernels.compute | orrery_kernels.data | orrery_kernels.eda | orrery_kernels.projects | orrery_kernels.snippets | orrery_kernels.toy",',
        ),
    ),
    (
        "pyproject.toml",
        'orrery_hub.snippets",',  # the end of the line, whatever stands before it
        ('orrery_hub.snippets | orrery_hub.toy",',),
    ),
    (
        "hub/orrery_hub/app.py",
        "    snippets,",
        ("    snippets,", "    toy,"),
    ),
    (
        "hub/orrery_hub/app.py",
        "    snippets.CAPABILITY,",
        ("    snippets.CAPABILITY,", "    toy.CAPABILITY,"),
    ),
    (
        "hub/orrery_hub/scopes.py",
        "    *read_write(",
        (
            '    *read_write("toy", read="See toys", write="Keep and delete toys"),',
            "    *read_write(",
        ),
    ),
    (
        "labextension/src/index.ts",
        "import snippets from './snippets/index';",
        ("import snippets from './snippets/index';", "import toy from './toy/index';"),
    ),
    (
        "labextension/src/index.ts",
        "export default [...compute, ...data, ...eda, ...projects, ...snippets];",
        ("export default [...compute, ...data, ...eda, ...projects, ...snippets, ...toy];",),
    ),
    (
        "labextension/style/index.css",
        "@import url('snippets.css');",
        ("@import url('snippets.css');", "@import url('toy.css');"),
    ),
    (
        "mkdocs.yml",
        "      - Snippets: snippets.md",
        ("      - Snippets: snippets.md", "      - Toys: toy.md"),
    ),
)


class Tree:
    """A copy of the repository with the toy in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a program on this tree's packages and entry points."""
        path = [self.folder / "site", *(self.folder / name for name in PACKAGES)]
        completed = subprocess.run(
            words,
            cwd=self.folder,
            env=os.environ
            | {"PYTHONPATH": os.pathsep.join(map(str, path)), "PYTHON": sys.executable},
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )
        assert not check or completed.returncode == 0, completed.stdout + completed.stderr
        return completed

    def python(self, code: str) -> object:
        """What a piece of Python prints as JSON."""
        completed = self.run(sys.executable, "-c", f"import json\n{code}")
        return json.loads(completed.stdout)

    def text(self, name: str) -> str:
        """A file of the tree."""
        return (self.folder / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    folder = tmp_path_factory.mktemp("tree")
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=SKIPPED)
        else:
            shutil.copy2(source, folder / name)
    labextension = folder / "labextension"
    shutil.copytree(ROOT / "labextension", labextension, ignore=SKIPPED)
    (labextension / "node_modules").symlink_to(ROOT / "labextension" / "node_modules")
    shutil.copytree(TOY, folder, dirs_exist_ok=True)
    for name, line, replacement in CENTRAL:
        path = folder / name
        before, match, after = path.read_text("utf-8").partition(f"{line}\n")
        assert match, f"{name} has no line {line!r}"
        path.write_text(
            before + "".join(f"{new_line}\n" for new_line in replacement) + after, "utf-8"
        )
    write_metadata(folder)
    return Tree(folder)


def write_metadata(folder: Path) -> None:
    """Declare the entry points of the copied project, as an installer does."""
    project = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["project"]
    points = configparser.ConfigParser(delimiters=("=",), interpolation=None)
    points.optionxform = str  # type: ignore[assignment,method-assign]
    points.read_dict(project["entry-points"] | {"console_scripts": project["scripts"]})
    info = folder / "site" / f"jupyter_orrery-{project['version']}.dist-info"
    info.mkdir(parents=True)
    with (info / "entry_points.txt").open("w", encoding="utf-8") as out:
        points.write(out)
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.3\nName: jupyter-orrery\nVersion: {project['version']}\n", "utf-8"
    )


def test_it_costs_six_central_files_and_fifteen_lines() -> None:
    assert len({name for name, _, _ in CENTRAL}) <= 6
    written = sum(line not in (old,) for _, old, new in CENTRAL for line in new)
    assert written <= 15


def test_the_server_finds_its_routes_scopes_and_events(tree: Tree) -> None:
    described = tree.python(
        "from orrery_server.base.installed import capabilities\n"
        "toy = {c.name: c for c in capabilities()}['toy']\n"
        "print(json.dumps([[f'{e.route.method} {e.route.path}' for e in toy.endpoints],"
        " sorted(toy.scopes), toy.events_path.name]))"
    )
    assert described == [
        ["GET toy", "PUT toy/{name}", "DELETE toy/{name}"],
        ["orrery:toy:read", "orrery:toy:write"],
        "events.yaml",
    ]


def test_the_hub_finds_its_scopes_and_serves_its_routes(tree: Tree) -> None:
    scopes = tree.python(
        "from orrery_hub.config import server_token_scopes\n"
        "from orrery_hub.app import CAPABILITIES\n"
        "print(json.dumps([server_token_scopes(), [c.name for c in CAPABILITIES]]))"
    )
    assert isinstance(scopes, list)
    assert {"custom:orrery:toy:read", "custom:orrery:toy:write"} <= set(scopes[0])
    assert "toy" in scopes[1]


@pytest.fixture(scope="module")
def shaped(tree: Tree) -> Tree:
    """The tree with the shapes and calls for the browser written."""
    node = shutil.which("node")
    assert node, "No Node. Install Node 20."
    tree.run(node, "labextension/scripts/schemas.mjs")
    return tree


@pytest.fixture(scope="module")
def documented(shaped: Tree) -> Tree:
    """The tree with the pages written that are drawn from the code."""
    shaped.run(sys.executable, "tools/reference.py")
    return shaped


def test_the_documentation_lists_it_and_builds(documented: Tree) -> None:
    tree = documented
    page = tree.text("docs/reference.md")
    assert "| `PUT /orrery/toy/{name}` | `orrery:toy:write` |" in page
    assert "`ToyService.capacity`" in page
    assert "`urn:orrery:events:toy`" in page or "`toy`" in page
    assert '"/toy/{name}"' in tree.text("docs/lab-api.json")
    tree.run(sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "-d", "built")
    assert (tree.folder / "built" / "toy" / "index.html").exists()


def test_browser_and_kernels_get_its_shapes_and_calls(shaped: Tree) -> None:
    tree = shaped
    assert "export interface Toy {" in tree.text("labextension/src/toy/schemas.ts")
    assert "put(" in tree.text("labextension/src/toy/calls.ts")
    tree.run(sys.executable, "tools/clients.py")
    assert "class Toy(" in tree.text("wire/orrery_wire/types/toy.py")


def test_the_browser_side_compiles_and_its_settings_are_documented(documented: Tree) -> None:
    tree = documented
    tree.run(
        "node",
        "labextension/node_modules/typescript/bin/tsc",
        "-p",
        "labextension/tsconfig.build.json",
        "--noEmit",
        "--composite",
        "false",
        "--incremental",
        "false",
    )
    assert "The colour of a new toy." in tree.text("docs/reference.md")


def test_another_capability_may_not_be_imported(tree: Tree) -> None:
    zones = tree.run(
        "node",
        "-e",
        "import('./labextension/eslint.config.mjs').then(({ default: config }) => console.log(JSON.stringify("
        "config.flatMap(({ rules }) => rules?.['import-x/no-restricted-paths']?.[1]?.zones ?? []))))",
    )
    targets = {str(zone["target"]) for zone in json.loads(zones.stdout)}
    assert "./src/toy" in targets
    lint = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    tree.run(sys.executable, "-c", lint, "--no-cache")
    with (tree.folder / "server_ext/orrery_server/toy/service.py").open("a") as out:
        out.write("\nimport orrery_server.snippets.schemas  # noqa: E402, F401\n")
    refused = tree.run(sys.executable, "-c", lint, "--no-cache", check=False)
    assert refused.returncode == 1
    assert "orrery_server.toy is not allowed to import orrery_server.snippets" in refused.stdout


def test_sdk_magics_and_the_command_line_find_it(tree: Tree) -> None:
    toys = tree.python("import jupyter_orrery as orrery\nprint(json.dumps(orrery.toy.names()))")
    assert toys == []
    orrery = "from orrery_kernels.cli import main; main()"
    assert "toy" in tree.run(sys.executable, "-c", orrery, "--help").stdout
    listed = tree.run(sys.executable, "-c", orrery, "toy", "list", "--json")
    assert json.loads(listed.stdout) == []
    names = tree.python(
        "from orrery_kernels.magics import magic_classes\nprint(json.dumps(sorted(magic_classes())))"
    )
    assert isinstance(names, list)
    assert "toy" in names


def test_the_attacks_cover_it(tree: Tree) -> None:
    """A running lab with the toy: the harness finds its routes, and strangers get nothing of them."""
    attacked = tree.run(
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        f"--basetemp={tree.folder / 'attacks'}",
        "tests/security/test_strangers.py",
        "-k",
        "test_a_lab_refuses_a_stranger_on_every_route_and_verb and nobody",
    )
    assert " passed" in attacked.stdout, attacked.stdout
    (dump, *_) = (tree.folder / "attacks").rglob("routes.json")
    routes = json.loads(dump.read_text("utf-8"))["routes"]
    attacked_patterns = [route["pattern"] for route in routes if route["orrery"]]
    assert any("/orrery/toy/(?P<name>" in pattern for pattern in attacked_patterns)
