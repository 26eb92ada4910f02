"""Projects: people who share data, code and snippets, and the project that the lab works in.

A project is named by its slug, the identifier in its addresses and folders; None is the current project.
"""

from __future__ import annotations

from orrery_kernels.projects.service import Projects
from orrery_wire.types.projects import Member, Project

_service = Projects()

archive = _service.archive
create = _service.create
current = _service.current
delete = _service.delete
get = _service.get
invite = _service.invite
leave = _service.leave
list = _service.list
members = _service.members
pin = _service.pin
purge = _service.purge
remove = _service.remove
restore = _service.restore
set_role = _service.set_role
switch = _service.switch
undelete = _service.undelete
unpin = _service.unpin
update = _service.update

__all__ = [
    "Member",
    "Project",
    "archive",
    "create",
    "current",
    "delete",
    "get",
    "invite",
    "leave",
    "list",
    "members",
    "pin",
    "purge",
    "remove",
    "restore",
    "set_role",
    "switch",
    "undelete",
    "unpin",
    "update",
]
