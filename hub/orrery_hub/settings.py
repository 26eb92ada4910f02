"""Settings of the hub side: typed, with defaults, read from ``ORRERY_*`` environment variables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, StringConstraints, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from orrery_hub import setting_checks
from orrery_hub.authentication.providers import parse as parse_login
from orrery_hub.base.claims import claim_name
from orrery_hub.base.secret import mounted_secret, secret
from orrery_wire.names import RESERVED_SLUGS, is_user_name
from orrery_wire.projects import Role

Port = Annotated[int, Field(ge=0, le=65535)]


class SettingsError(Exception):
    """Settings that cannot be; the message names each, why, and what to do."""


def _in_words(problem: Mapping[str, Any]) -> str:
    where = ".".join(str(part) for part in problem["loc"])
    text = str(problem["msg"]).removeprefix("Value error, ")
    return f"ORRERY_{where.upper()}={problem['input']!r}: {text}." if where else f"{text}."


class Settings(BaseSettings):
    """Settings of an operator, the same for ``configure(c)`` and the hub service.

    Secrets are not settings: they are in files below ``home/secrets``.
    """

    model_config = SettingsConfigDict(
        env_prefix="ORRERY_", extra="ignore", frozen=True, allow_inf_nan=False
    )

    home: Path = Field(
        default=Path("~/.orrery"),
        description="The directory that holds all state.",
        validate_default=True,
    )
    profile: Literal["kubernetes", "laptop", "none"] = Field(
        default="laptop",
        description="`laptop`: local processes and shared passwords; `kubernetes`: a pod for each lab; `none`: spawner and authenticator are configured elsewhere.",
    )
    admins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("admin",),
        description="Who administers the hub; names separated by commas.",
    )
    login: str = Field(
        default="",
        description="How people log in: `password` (shared passwords), `pam` (accounts of this machine), `github`, `entra:TENANT`, `keycloak:https://HOST/realms/NAME` or `oidc:https://ISSUER`; empty: what the profile does. The client's secret is in `secrets/login_client_secret`.",
    )
    login_client_id: str = Field(
        default="", description="Orrery's client id at the log-in provider."
    )
    login_title: str = Field(
        default="", description="What the log-in button calls the provider; empty: its own name."
    )
    login_allowed: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Groups of the provider whose members may log in (GitHub: `org` or `org/team`), separated by commas; empty: everybody whom the provider knows.",
    )
    login_admins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Groups of the provider whose members administer the hub, and app roles as `role:NAME`; separated by commas.",
    )
    login_username_claim: str = Field(
        default="preferred_username",
        min_length=1,
        description="The claim with the name that a person has at the hub.",
    )
    login_groups_claim: str = Field(
        default="groups",
        description="The claim with a person's groups, a name or a path such as `a.b`; empty: groups are not asked for.",
    )
    login_roles_claim: str | None = Field(
        default=None,
        description="The claim with a person's app roles; by default `roles`, of Keycloak `realm_access.roles`.",
    )
    login_scopes: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="What else to ask the provider for, beside `openid profile email`, such as `groups` or `offline_access`; separated by commas.",
    )
    host: str = Field(
        default="127.0.0.1",
        description="Where everything listens; in the laptop profile a loopback address.",
    )
    base_url: str = Field(
        default="",
        description="Path below which everything answers, such as `/jhub/`; empty: JupyterHub's own setting, else `/`.",
    )
    public_url: str = Field(
        default="",
        description="The address that people open, when a server in front of the product does TLS, such as `https://lab.example.org/jhub/`.",
    )
    port: Port = Field(
        default=0, description="Port of the address that people open; 0 takes a free one."
    )
    hub_port: Port = Field(default=0, description="Port of JupyterHub behind the proxy.")
    proxy_api_port: Port = Field(default=0, description="Port of the proxy's own API.")
    service_port: Port = Field(default=0, description="Port of the hub service.")
    service_external: bool = Field(
        default=False,
        description="JupyterHub starts neither the hub service nor the proxy, for `orrery up` does; `ORRERY_SERVICE_URL` says it of a deployment.",
    )
    hub_api_url: str = Field(
        default="",
        description="Where a hub service of its own reaches JupyterHub's API; empty: by host and port, in Kubernetes by `ORRERY_HUB_CONNECT_URL`.",
    )
    proxy_command: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("configurable-http-proxy",),
        description="The command of configurable-http-proxy; words separated by commas.",
    )
    mlflow_tracking_uri: str = Field(
        default="", description="Where labs find MLflow; empty when there is none."
    )
    database_url_file: Path = Field(
        default=Path("secrets/database_url"),
        description="File with the SQLAlchemy URL of the hub service's database; without it, SQLite in `state/`.",
    )
    pools_file: Path = Field(
        default=Path("pools.yaml"),
        description="File that declares pools, profiles and images, below the home; without it, what administrators declare by the API.",
    )
    server_check_seconds: float = Field(
        default=30,
        ge=1,
        description="After how many seconds the leases of servers are compared with JupyterHub's servers again.",
    )
    launch_seconds: float = Field(
        default=10,
        gt=0,
        description="How long JupyterHub waits for the hub service before a server starts.",
    )
    named_servers: int = Field(
        default=0,
        ge=0,
        le=100,
        description="How many servers with a name one person may have beside the one without; in our profiles.",
    )
    projects_lake: str = Field(
        default="{home}/projects/{key}/lake",
        description="Where a project's data lies: a folder or URL; `{home}` and `{key}` are filled in, and `{slug}` means the key too, which is never given twice.",
    )
    projects_repository: str = Field(
        default="{home}/projects/{key}/code.git",
        description="Where a project's code lies: a folder or Git URL.",
    )
    default_project: Annotated[str, StringConstraints(pattern=r"^([a-z0-9][a-z0-9-]{0,62})?$")] = (
        Field(
            default="sample",
            description="The project that everyone joins (the first administrator as owner); empty for none.",
        )
    )
    default_project_name: str = Field(
        default="Sample project",
        min_length=1,
        max_length=120,
        description="What that project is called.",
    )
    default_project_role: Role = Field(
        default="editor",
        description="What everyone is in that project; with `owner`, everyone changes its members too.",
    )
    default_role: Literal["data-scientist", "ml-engineer", "production-engineer", "viewer"] = Field(
        default="data-scientist",
        description="The role at the hub of everybody to whom none was given.",
    )
    token_cache_seconds: float = Field(
        default=4,
        ge=0,
        le=60,
        description="How long JupyterHub's answer about a token is believed; a deleted user is out after it.",
    )
    token_grace_seconds: float = Field(
        default=30,
        ge=0,
        le=300,
        description="How long a user stays admitted while JupyterHub does not answer.",
    )
    max_body: int = Field(
        default=4 * 1024 * 1024, ge=1024, description="Bytes that a request may carry."
    )
    body_bytes: int = Field(
        default=64 * 1024 * 1024,
        ge=1024,
        description="Bytes of request bodies that are in memory at once, of all people together.",
    )
    person_body_bytes: int = Field(
        default=16 * 1024 * 1024,
        ge=1024,
        description="Bytes of request bodies that are in memory at once, of one person.",
    )
    max_connections: int = Field(
        default=500, ge=16, description="Connections to the hub service at once."
    )
    head_seconds: float = Field(
        default=10,
        gt=0,
        le=3_600,
        description="In how many seconds the head of a request has to arrive.",
    )
    body_seconds: float = Field(
        default=30,
        gt=0,
        le=3_600,
        description="In how many seconds the body of a request has to arrive.",
    )
    person_requests_per_second: float = Field(
        default=300,
        gt=0,
        description="Requests of one person a second; what was not used in ten seconds may be used at once.",
    )
    person_writes_per_second: float = Field(
        default=50, gt=0, description="Changes by one person a second; likewise."
    )
    person_reads_at_once: int = Field(
        default=8,
        ge=1,
        description="Requests of one person that are answered at once; others wait.",
    )
    person_writes_at_once: int = Field(
        default=2, ge=1, description="Changes by one person that are made at once; others wait."
    )
    person_changes_per_day: int = Field(
        default=50_000,
        ge=1,
        description="Changes by one person that are recorded in the audit in a day; more are refused. Administration is not limited.",
    )
    person_stored_bytes: int = Field(
        default=256 * 1024 * 1024,
        ge=1024,
        description="Bytes of snippets that one person may store: those of the person's own and those shared with everyone, with their history and what is deleted and not yet purged.",
    )
    project_stored_bytes: int = Field(
        default=1024 * 1024 * 1024,
        ge=1024,
        description="Bytes of snippets that one project may store, likewise.",
    )
    projects_per_person: int = Field(
        default=100,
        ge=1,
        description="How many projects one person may own, deleted projects included until they are purged.",
    )
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = Field(
        default="EUR", description="The currency of rates and budgets, as three letters."
    )
    idle_device_minutes: Annotated[int, Field(ge=0, le=60 * 24 * 30)] = Field(
        default=120,
        description="After how many idle minutes a server that holds devices is stopped, in pools without a limit of their own; 0 for never.",
    )
    database_seconds: float = Field(
        default=10,
        gt=0,
        le=3_600,
        description="How long a query may take, and wait for a lock or a connection.",
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Addresses and networks of the proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed; separated by commas.",
    )
    group_check_seconds: float = Field(
        default=300,
        ge=5,
        le=86_400,
        description="After how many seconds JupyterHub's groups are compared with the members of all projects again.",
    )
    queue_claim_minutes: float = Field(
        default=10,
        ge=0.05,
        le=1_440,
        description="How many minutes devices are held for somebody in the queue who has to claim them.",
    )
    queue_start_minutes: float = Field(
        default=15,
        ge=0.5,
        le=240,
        description="In how many minutes a server has to run whose devices were claimed.",
    )
    queue_missed_offers: int = Field(
        default=2,
        ge=1,
        le=100,
        description="After how many offers that nobody claimed a request ends.",
    )
    queue_half_life_hours: float = Field(
        default=168,
        gt=0,
        le=8_760,
        description="After how many hours the use of devices counts half for the order of the queue.",
    )
    queue_aging_hours: float = Field(
        default=24,
        gt=0,
        le=8_760,
        description="After how many hours of waiting a request has the next higher priority.",
    )
    queue_tickets_per_person: int = Field(
        default=10, ge=1, le=1_000, description="How many requests a person may have in the queue."
    )
    queue_tick_seconds: float = Field(
        default=2,
        ge=0.1,
        le=5,
        description="Every how many seconds what became free is offered.",
    )
    snippet_versions: int = Field(
        default=100, ge=2, le=100_000, description="How many versions of a snippet are kept."
    )
    undelete_days: int = Field(
        default=30,
        ge=30,
        le=36_500,
        description="How many days a deleted snippet or project can be brought back.",
    )
    audit_days: int = Field(
        default=730,
        ge=0,
        le=36_500,
        description="How many days audit entries are kept; 0 for ever.",
    )
    service_url: str = Field(
        default="",
        description="Where labs and the proxy reach the hub service when that is not its host and port, without a path.",
    )
    hub_connect_url: str = Field(
        default="http://hub:8081",
        description="Where pods reach JupyterHub, in the profile of Kubernetes.",
    )
    proxy_api_url: str = Field(
        default="http://proxy-api:8001",
        description="Where JupyterHub reaches the proxy's own API, in the profile of Kubernetes.",
    )
    lab_image: str = Field(
        default="orrery/lab:0.1.0",
        description="Container image of a lab, in the profile of Kubernetes.",
    )
    lab_storage: str = Field(
        default="10Gi", description="Size of a lab's own volume, in the profile of Kubernetes."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="From which level on the hub service writes to its log."
    )
    path: str = Field(
        default_factory=lambda: os.environ.get("PATH", os.defpath),
        validation_alias="PATH",
        description="Where labs and the hub service find programs such as git.",
    )

    @field_validator(
        "admins",
        "login_admins",
        "login_allowed",
        "login_scopes",
        "proxy_command",
        "trusted_proxies",
        mode="before",
    )
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(word.strip() for word in value.split(",") if word.strip())
        return value

    @field_validator("home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return setting_checks.folder(value)

    @field_validator("admins")
    @classmethod
    def _user_names(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if not is_user_name(name):
                raise ValueError(f"names of users; {name!r} cannot be one")
        return value

    @field_validator("default_project")
    @classmethod
    def _not_reserved(cls, value: str) -> str:
        if value in RESERVED_SLUGS:
            raise ValueError(
                f"another short name: {value!r} stands for something else in addresses"
            )
        return value

    @field_validator("projects_lake", "projects_repository")
    @classmethod
    def _place(cls, value: str) -> str:
        return setting_checks.project_place(value)

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return setting_checks.networks(value)

    @field_validator("base_url")
    @classmethod
    def _base_path(cls, value: str) -> str:
        return setting_checks.base_path(value)

    @field_validator("login")
    @classmethod
    def _way_to_log_in(cls, value: str) -> str:
        parse_login(value)
        return value

    @field_validator("public_url", "hub_api_url", "hub_connect_url", "proxy_api_url")
    @classmethod
    def _http_address(cls, value: str) -> str:
        return setting_checks.http_address(value)

    @field_validator("service_url")
    @classmethod
    def _address_without_path(cls, value: str) -> str:
        return setting_checks.http_address(value, has_path=False)

    @model_validator(mode="after")
    def _fit_together(self) -> Settings:
        for name in ("body_bytes", "person_body_bytes"):
            if getattr(self, name) < self.max_body:
                raise ValueError(
                    f"ORRERY_{name.upper()} is less than ORRERY_MAX_BODY ({self.max_body:,}): a request of that size"
                    " would never be let in"
                )
        if not self.admins and self.has_shared_passwords:
            raise ValueError(
                "ORRERY_ADMINS is empty: nobody could administer the hub, and nobody would own the default project."
                " Name somebody"
            )
        if self.profile == "laptop" and self.host not in {"127.0.0.1", "localhost"}:
            raise ValueError(
                f"the laptop profile listens at 127.0.0.1 only, not at {self.host}: passwords would cross the"
                " network in the clear. Put a server that does TLS in front and name its address in"
                " ORRERY_PUBLIC_URL, or configure a hub of your own with ORRERY_PROFILE=none"
            )
        if self.host in {"0.0.0.0", "::", ""} and not self.service_url:  # noqa: S104  # it is refused
            raise ValueError(
                f"labs cannot connect to {self.host!r}. Name the address of the hub service as they reach it in"
                " ORRERY_SERVICE_URL"
            )
        if self.public_url and (path := urlsplit(self.public_url).path or "/") != (
            self.base_url or "/"
        ):
            raise ValueError(
                f"ORRERY_PUBLIC_URL ends in {path} and ORRERY_BASE_URL is {self.base_url or '/'}: links would"
                " lead nowhere. Give both the same path"
            )
        return self

    @model_validator(mode="after")
    def _log_in_is_complete(self) -> Settings:
        provider = parse_login(self.login)
        if provider is None:
            return self
        if not self.login_client_id:
            raise ValueError(
                "ORRERY_LOGIN names a provider and ORRERY_LOGIN_CLIENT_ID is empty. Register Orrery there, and set"
                " the id that it gets"
            )
        if "admins" not in self.model_fields_set:
            raise ValueError(
                "ORRERY_LOGIN names a provider and ORRERY_ADMINS is not set: whoever is called admin there would"
                " administer this hub. Name who does, as the provider spells it, or set it to nothing and use"
                " ORRERY_LOGIN_ADMINS"
            )
        if provider.kind == "github" and not self.login_allowed:
            raise ValueError(
                "ORRERY_LOGIN=github and ORRERY_LOGIN_ALLOWED is empty: everybody at GitHub could log in. Name your"
                " organisations or teams"
            )
        return self

    @classmethod
    def load(cls, **values: object) -> Settings:
        """The settings of this process.

        Raises:
            SettingsError: what is wrong, and what to do.
        """
        try:
            return cls(**values)  # type: ignore[arg-type]
        except ValidationError as problem:
            raise SettingsError("\n".join(map(_in_words, problem.errors()))) from None

    @property
    def has_shared_passwords(self) -> bool:
        """Whether people log in on one machine, with one password for all and another for administrators."""
        return self.profile == "laptop" and self.login in {"", "password"}

    def administrator_groups(self) -> list[str]:
        """JupyterHub's groups whose members administer the hub, because the log-in provider says so."""
        if parse_login(self.login) is None:
            return []
        return [
            claim_name("role", entry.removeprefix("role:"))
            if entry.startswith("role:")
            else claim_name("group", entry)
            for entry in self.login_admins
        ]

    @property
    def secrets(self) -> Path:
        """The directory of secrets, for its owner only."""
        return self.home / "secrets"

    @property
    def state(self) -> Path:
        """The directory of persistent state."""
        return self.home / "state"

    @property
    def run(self) -> Path:
        """The directory of facts about running processes."""
        return self.home / "run"

    @property
    def audit_anchors(self) -> Path:
        """The file of copies of the audit's head."""
        return self.state / "audit-anchors.txt"

    def database(self) -> str:
        """The SQLAlchemy URL of the hub service's database.

        Raises:
            SettingsError: the file that is named is not there, or holds no URL of a database that can be used.
        """
        file = self.home / self.database_url_file
        if file.exists():
            try:
                return setting_checks.database_url(file.read_text(encoding="utf-8"))
            except (ValueError, OSError) as problem:
                raise SettingsError(f"The database cannot be used: {file}: {problem}.") from None
        if self.database_url_file != type(self).model_fields["database_url_file"].default:
            raise SettingsError(
                f"ORRERY_DATABASE_URL_FILE={str(self.database_url_file)!r}: {file} does not exist. Write the URL of"
                " the database into it, or unset it for SQLite."
            )
        return f"sqlite:///{self.state / 'orrery.sqlite'}"

    @property
    def is_service_external(self) -> bool:
        """Whether something other than JupyterHub starts the hub service: a supervisor, or a deployment of its own."""
        return self.service_external or bool(self.service_url)

    def service_token(self) -> str:
        """The token of an external hub service at JupyterHub: mounted for a deployment, else generated once.

        Raises:
            ValueError: the mounted file is missing.
        """
        read = mounted_secret if self.service_url else secret
        return read(self.secrets, "service_api_token")

    def launcher_token(self) -> str:
        """The token of JupyterHub's process at the hub service: mounted for a deployment, else generated once.

        Raises:
            ValueError: the mounted file is missing.
        """
        read = mounted_secret if self.service_url else secret
        return read(self.secrets, "launcher_token")

    def environment(self) -> dict[str, str]:
        """Environment of the hub service: the settings that differ from their defaults, no secret."""
        variables = {"ORRERY_HOME": str(self.home), "PATH": self.path}
        for name, field in type(self).model_fields.items():
            value = getattr(self, name)
            # Who administers counts as said when it is what everybody has.
            is_given = name == "admins" and name in self.model_fields_set
            if name in {"home", "path"} or (value == field.default and not is_given):
                continue
            variables[f"ORRERY_{name.upper()}"] = (
                ",".join(value) if isinstance(value, tuple) else str(value)
            )
        return variables
