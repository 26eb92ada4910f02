"""Every command of the lab is named in one table, says what it does, and describes its arguments."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "labextension" / "src"
PAGE = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")


def texts() -> dict[str, str]:
    return {
        str(path.relative_to(SOURCE)): path.read_text(encoding="utf-8")
        for path in sorted(SOURCE.rglob("*.ts*"))
    }


def block(text: str, begin: int) -> str:
    """From a position to the bracket that closes the one that is opened there; texts are no code."""
    depth, at, quote = 0, begin, ""
    while at < len(text):
        letter = text[at]
        if quote:
            if letter == "\\":
                at += 1
            elif letter == quote:
                quote = ""
        elif letter in "'\"`":
            quote = letter
        elif letter in "({[":
            depth += 1
        elif letter in ")}]":
            depth -= 1
            if not depth:
                return text[begin : at + 1]
        at += 1
    raise AssertionError("the brackets do not match")


def test_every_command_describes_its_arguments() -> None:
    found = 0
    for name, text in texts().items():
        for call in re.finditer(r"\baddCommand(?=\()", text):
            found += 1
            assert "describedBy" in block(text, call.end()), f"{name}: {text[call.start() :][:80]}"
    assert found >= 3


def ids() -> dict[str, str]:
    """Every id in a table of commands, and the file that has it."""
    return {
        one: name
        for name, text in texts().items()
        for table in re.findall(r"export const \w+IDs = \{(.*?)\}", text, re.DOTALL)
        for one in re.findall(r"'([^']+)'", table)
    }


def test_every_command_is_documented_under_its_capability() -> None:
    found = ids()
    assert len(found) >= 20
    rows = dict(re.findall(r"^\| `([^`]+)` \| (.*?) \|", PAGE, re.MULTILINE))
    for one, name in found.items():
        assert one.startswith(name.split("/")[0] + ":"), one
        assert rows[one].strip(), one


def test_menus_toolbars_and_shortcuts_name_commands_that_exist() -> None:
    known = ids().keys()
    for path in sorted((ROOT / "labextension" / "schema").glob("*.json")):
        for one in re.findall(r'"command":\s*"([^"]+)"', path.read_text(encoding="utf-8")):
            capability = one.split(":")[0]
            if (SOURCE / capability).is_dir():
                assert one in known, f"{path.name}: {one}"
