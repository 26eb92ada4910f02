"""What is kept in the repository names no machine, no workplace and no package index."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FORBIDDEN = {
    "a folder of one machine": re.compile(
        rb"(?<![\w.~/-])/(?:work|opt/wheels|root/\.|home/[a-z]+)/[\w.]"
    ),
    "a package index": re.compile(
        rb"(?:--(?:extra-)?index-url[ =]|PIP_FIND_LINKS|npm_config_registry|resolved \"https?://(?!registry\.(?:yarnpkg|npmjs)\.))"
    ),
    "an address of a private network": re.compile(
        rb"(?<![\d.])(?:10\.\d+\.\d+|192\.168\.\d+)\.\d+(?![\d.])"
    ),
}
# Texts that tests hold to be refused, and measurements that are kept as they were taken.
EXEMPT = ("tests/", "labextension/test/", "hub/proxy/package-lock.json")


def tracked() -> list[str]:
    said = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    return [name for name in said.stdout.decode().split("\0") if name]


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_names(what: str) -> None:
    found = []
    for name in tracked():
        path = ROOT / name
        if name.startswith(EXEMPT) or not path.is_file() or path.is_symlink():
            continue
        hit = FORBIDDEN[what].search(path.read_bytes())
        if hit:
            found.append(f"{name}: {hit[0]!r}")
    assert found == []


def test_what_is_forbidden_would_be_seen() -> None:
    seen = {
        "a folder of one machine": b"see /work/main/x",
        "a package index": b"pip install --index-url https://x",
        "an address of a private network": b"at 10.1.2.3:80",
    }
    for what, text in seen.items():
        assert FORBIDDEN[what].search(text)


def test_nothing_that_is_built_or_secret_is_tracked() -> None:
    bad = re.compile(
        r"(^|/)(node_modules|__pycache__|\.venv|lib/.*\.tsbuildinfo)(/|$)|\.(pyc|sqlite|pem|key)$|orrery_server/labextension/"
    )
    assert [name for name in tracked() if bad.search(name)] == []
