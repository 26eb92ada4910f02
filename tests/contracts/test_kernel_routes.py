"""What a kernel or terminal may change with the lab token: a list that nobody extends by accident."""

from __future__ import annotations

import re
from pathlib import Path

from orrery_hub import scopes
from orrery_server.base.installed import capabilities
from orrery_server.base.status import CAPABILITY as STATUS

KERNELS = Path(__file__).resolve().parents[2] / "kernels" / "orrery_kernels"

KERNEL_WRITES = {
    "compute": {"cancel", "claim", "request", "start_server", "stop_server"},
    "data": {"cancel_query", "delete_files", "make_folder", "run_query", "upload"},
    "eda": {"cancel", "create_handover", "delete_handover", "start"},
    "projects": {
        "create",
        "delete",
        "purge",
        "remove_member",
        "set_role",
        "shelve",
        "switch",
        "undelete",
        "update",
    },
    "snippets": {
        "add_library",
        "cancel_import",
        "cancel_library",
        "create",
        "delete",
        "import_files",
        "mark",
        "refresh_library",
        "remove_library",
        "restore",
        "undelete",
        "undo_import",
        "update",
    },
}


def test_the_list_is_frozen() -> None:
    actual = {
        capability.name: {e.name for e in capability.endpoints if e.route.kernel == "write"}
        for capability in (STATUS, *capabilities())
    }
    assert {name: names for name, names in actual.items() if names} == KERNEL_WRITES


def test_a_route_that_reads_is_not_on_it() -> None:
    for capability in capabilities():
        for endpoint in capability.endpoints:
            assert endpoint.route.kernel == "read" or endpoint.action == "write", endpoint.name


def test_the_magics_and_the_command_line_need_every_one() -> None:
    for name, calls in KERNEL_WRITES.items():
        source = "".join(file.read_text("utf-8") for file in (KERNELS / name).glob("*.py"))
        needed = set(re.findall(r"\bcalls\.(\w+)\(", source))
        assert calls <= needed, name


def test_code_writes_only_what_the_hub_gives_to_code() -> None:
    for_code = {scope.name for scope in scopes.TABLE if scope.in_kernel}
    for name in KERNEL_WRITES.keys() & {scope.name.split(":")[2] for scope in scopes.TABLE}:
        assert f"custom:orrery:{name}:write" in for_code
