"""Every permission of Orrery at the hub, in one table.

JupyterHub carries these scopes in tokens and never checks them; the hub service does. Roles, the checks
of the routes and the page in the documentation are drawn from ``TABLE``: a route that names a scope
outside the table fails at import.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from orrery_wire.json_types import JsonObject

Role = Literal["user", "admin"]
# What a permission is about; a role at the hub is a set of kinds, changed by an administrator.
Kind = Literal["see", "develop", "publish", "deploy", "operate"]

SERVICE = "orrery"
ACCESS = f"access:services!service={SERVICE}"
ADMIN_ROLE = "orrery-admin"
ADMIN_GROUP = "orrery-admins"

_ALL_USERS = frozenset[Role]({"user", "admin"})
_ADMINS = frozenset[Role]({"admin"})


@dataclass(frozen=True)
class Scope:
    """One permission: name, meaning, JupyterHub's roles that carry it, scopes that it implies, what it is about.

    Without ``kind`` it is ``operate`` if administrators alone carry it, ``see`` if it reads, else ``develop``.
    A token of a person's server carries it only with ``in_server``; code of the lab may make use of it only with
    ``in_kernel`` too: a route of the lab that needs it may then say ``kernel="write"``.
    """

    name: str
    description: str
    roles: frozenset[Role] = _ALL_USERS
    implies: tuple[str, ...] = ()
    in_server: bool = False
    in_kernel: bool = False
    kind: Kind | None = None

    @property
    def about(self) -> Kind:
        """What the permission is about."""
        if self.kind is not None:
            return self.kind
        if "user" not in self.roles:
            return "operate"
        return "see" if self.name.endswith(":read") else "develop"


def read_write(
    capability: str, *, read: str, write: str, kind: Kind | None = None
) -> tuple[Scope, Scope]:
    """The two scopes of a capability, for all users, their panels and their code; writing implies reading.

    ``kind`` is what writing is about.
    """
    name = f"custom:orrery:{capability}"
    return (
        Scope(f"{name}:read", read, in_server=True, in_kernel=True),
        Scope(
            f"{name}:write",
            write,
            implies=(f"{name}:read",),
            in_server=True,
            in_kernel=True,
            kind=kind,
        ),
    )


PLATFORM_ADMIN = "custom:orrery:platform:admin"
PROJECTS_WRITE = "custom:orrery:projects:write"
PUBLISH = "custom:orrery:snippets:publish"
LAUNCH = "custom:orrery:pools:launch"
RUN_NOW = "custom:orrery:queue:override"

TABLE: tuple[Scope, ...] = (
    *read_write(
        "budgets",
        read="See the budgets and costs of your own servers and of projects that you own",
        write="Ask for more of a budget",
        kind="see",  # whoever has a server is charged for it
    ),
    Scope(
        "custom:orrery:connections:read",
        "See the connections that are yours, your projects' or for everybody, without their secrets",
        in_server=True,
        in_kernel=True,
    ),
    Scope(
        "custom:orrery:connections:use",
        "Have a running server given a connection with its secret, for minutes at a time",
        implies=("custom:orrery:connections:read",),
        in_server=True,
    ),
    Scope(
        "custom:orrery:connections:write",
        "Change your own connections and, as editor or owner, those of a project",
        implies=("custom:orrery:connections:read",),
        in_server=True,
    ),
    *read_write(
        "culling",
        read="See whether your servers are idle",
        write="Report the use of your servers, and put off that an idle one is stopped",
        kind="see",  # the lab of whoever has a server reports
    ),
    *read_write(
        "datasets",
        read="See your own datasets and those of your projects, and note what read them",
        write="Change your own datasets and, as editor or owner, those of a project",
    ),
    Scope("custom:orrery:notices:read", "See what the hub tells you in your lab", in_server=True),
    Scope(
        "custom:orrery:notices:write",
        "Dismiss what the hub tells you in your lab",
        implies=("custom:orrery:notices:read",),
        in_server=True,
        kind="see",  # everybody who is told something puts it away
    ),
    Scope(
        PLATFORM_ADMIN,
        "Operate Orrery: read the audit log and the metrics, and give what belongs to one person to another",
        _ADMINS,
    ),
    Scope(
        LAUNCH,
        "Take leases for the servers of all people; the process that starts them has it, and no role",
        frozenset(),
    ),
    Scope(
        "custom:orrery:pools:read",
        "See what you may start, what it costs and what your servers hold",
        in_server=True,
        in_kernel=True,
    ),
    Scope("custom:orrery:projects:create", "Create projects", in_server=True, in_kernel=True),
    Scope(
        "custom:orrery:projects:read",
        "See the projects that you are a member of",
        in_server=True,
        in_kernel=True,
    ),
    Scope(
        PROJECTS_WRITE,
        "Change projects and their members as far as your role in them allows",
        implies=("custom:orrery:projects:read",),
        in_server=True,
        in_kernel=True,
        kind="see",  # choosing a project and leaving it are for everybody; the rest is for the project's owners
    ),
    Scope(RUN_NOW, "Let a request for devices pass before all others", _ADMINS),
    *read_write(
        "queue",
        read="See your requests for devices, with place and expected wait",
        write="Request devices, claim and cancel",
    ),
    Scope(
        "custom:orrery:servers:read",
        "See your own servers",
        in_server=True,
        in_kernel=True,
    ),
    Scope(
        "custom:orrery:servers:write",
        "Start and stop your own servers",
        implies=("custom:orrery:servers:read",),
        in_server=True,
        in_kernel=True,
        kind="see",  # JupyterHub lets everybody do it on its own page
    ),
    Scope(
        PUBLISH,
        "Write snippets that everyone sees, on a page of the hub",
        _ADMINS,
        implies=("custom:orrery:snippets:write",),
        kind="publish",
    ),
    *read_write(
        "snippets",
        read="See your own snippets, those of your projects and those for everyone",
        write="Write your own snippets and, as editor or owner, those of a project",
    ),
)

NAMES: frozenset[str] = frozenset(scope.name for scope in TABLE)

# What a person may do at JupyterHub with the own servers, beside what JupyterHub lets everybody.
OWN_SERVERS = ("shares!user",)

# What the page of administration does for the person who opened it, as far as the person may: an owner of projects
# comes back with less than an administrator.
ADMIN_PAGE_SCOPES: tuple[str, ...] = (
    PLATFORM_ADMIN,
    RUN_NOW,
    "custom:orrery:budgets:read",
    "custom:orrery:culling:read",
    "custom:orrery:projects:read",
    PROJECTS_WRITE,
)

# What a browser's log-in at the hub service may ask for: access, and what its pages do for a person.
LOGIN_SCOPES: tuple[str, ...] = (ACCESS, PUBLISH, *ADMIN_PAGE_SCOPES, "shares!user", "tokens!user")

# What the hub service itself may do at JupyterHub: see which users exist and when each was created, without which a
# name that was given again would be the person of before; keep groups equal to projects; start the servers of those who
# claimed devices, or stop them first; and off-board a person, for which it sees how many tokens and shares there are and
# deletes the account, but never makes a token for anybody.
SERVICE_SCOPES: tuple[str, ...] = (
    "admin:groups",
    "delete:servers",
    "delete:users",
    "list:users",
    "read:servers",
    "read:shares",
    "read:tokens",
    "read:users",
    "read:users:shares",
    "start:servers",
)


def require_known(name: str) -> str:
    """The name itself, if the table has it.

    Raises:
        LookupError: no such scope; raised while a module is imported, so a misspelt route never starts.
    """
    if name not in NAMES:
        raise LookupError(f"{name!r} is not in orrery_hub.scopes.TABLE")
    return name


def carried_by(role: Role) -> list[str]:
    """The scopes of a role, in alphabetical order."""
    return sorted(scope.name for scope in TABLE if role in scope.roles)


def carried_by_everyone() -> list[str]:
    """The scopes that JupyterHub lets everybody carry: all but those of operators.

    Which of them a person makes use of is decided by Orrery's roles, for JupyterHub has no way to change a role while
    it runs.
    """
    return sorted(scope.name for scope in TABLE if scope.about != "operate")


def carried_by_servers() -> list[str]:
    """The scopes that the token of a person's server carries, if the person holds them; in alphabetical order."""
    return sorted(scope.name for scope in TABLE if scope.in_server)


def custom_scopes() -> dict[str, JsonObject]:
    """The table in the form of ``JupyterHub.custom_scopes``."""
    return {
        scope.name: {"description": scope.description}
        | ({"subscopes": list(scope.implies)} if scope.implies else {})
        for scope in TABLE
    }


for _scope in TABLE:
    if _scope.in_kernel and not _scope.in_server:
        raise ValueError(f"{_scope.name}: code of a lab acts through its server, which lacks it")
    for _implied in _scope.implies:
        require_known(_implied)
