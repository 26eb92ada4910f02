"""The settings by what they are about; ``settings.Settings`` is all of them together."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from orrery_hub import setting_checks
from orrery_hub.authentication.providers import parse as parse_login
from orrery_wire.names import RESERVED_SLUGS, is_user_name
from orrery_wire.projects import Role


def _split(value: object) -> object:
    if isinstance(value, str):
        return tuple(word.strip() for word in value.split(",") if word.strip())
    return value


Port = Annotated[int, Field(ge=0, le=65535)]
Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]


class SettingGroup(BaseSettings):
    """How settings of every group are read: from variables that begin with ``ORRERY_``."""

    model_config = SettingsConfigDict(
        env_prefix="ORRERY_", extra="ignore", frozen=True, allow_inf_nan=False
    )


class InstallationSettings(SettingGroup):
    """Where the product lives, of what kind it is, and who administers it."""

    home: Path = Field(
        default=Path("~/.orrery"),
        description="The directory that holds all state.",
        validate_default=True,
    )
    profile: Literal["kubernetes", "laptop", "none"] = Field(
        default="laptop",
        description="`laptop`: local processes and shared passwords; `kubernetes`: a pod for each lab; `none`: spawner and authenticator are configured elsewhere.",
    )
    admins: Words = Field(
        default=("admin",),
        description="Who administers the hub; names separated by commas.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="From which level on the hub service writes to its log."
    )
    path: str = Field(
        default_factory=lambda: os.environ.get("PATH", os.defpath),
        validation_alias="PATH",
        description="Where labs and the hub service find programs such as git.",
    )

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


class LoginSettings(SettingGroup):
    """How people log in."""

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
    login_allowed: Words = Field(
        default=(),
        description="Groups of the provider whose members may log in (GitHub: `org` or `org/team`), separated by commas; empty: everybody whom the provider knows.",
    )
    login_admins: Words = Field(
        default=(),
        description="Groups of the provider whose members administer the hub, and app roles as `role:NAME`; separated by commas.",
    )
    login_adopts_accounts: bool = Field(
        default=False,
        description="Whether an account that was made before the provider was configured, or by hand, is of whoever logs in first under its name; otherwise that is refused, but for `admins`.",
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
    login_scopes: Words = Field(
        default=(),
        description="What else to ask the provider for, beside `openid profile email`, such as `groups` or `offline_access`; separated by commas.",
    )
    default_role: Literal["data-scientist", "ml-engineer", "production-engineer", "viewer"] = Field(
        default="data-scientist",
        description="The role at the hub of everybody to whom none was given.",
    )

    @field_validator("login")
    @classmethod
    def _way_to_log_in(cls, value: str) -> str:
        parse_login(value)
        return value


class AddressSettings(SettingGroup):
    """Where every part listens, and how others reach it."""

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
    service_url: str = Field(
        default="",
        description="Where labs and the proxy reach the hub service when that is not its host and port, without a path.",
    )
    hub_api_url: str = Field(
        default="",
        description="Where a hub service of its own reaches JupyterHub's API; empty: by host and port, in Kubernetes by `ORRERY_HUB_CONNECT_URL`.",
    )
    proxy_command: Words = Field(
        default=("configurable-http-proxy",),
        description="The command of configurable-http-proxy; words separated by commas.",
    )
    trusted_proxies: Words = Field(
        default=(),
        description="Addresses and networks of the proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed; separated by commas.",
    )
    mlflow_tracking_uri: str = Field(
        default="", description="Where labs find MLflow; empty when there is none."
    )

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return setting_checks.networks(value)

    @field_validator("base_url")
    @classmethod
    def _base_path(cls, value: str) -> str:
        return setting_checks.base_path(value)

    @field_validator("public_url", "hub_api_url")
    @classmethod
    def _http_address(cls, value: str) -> str:
        return setting_checks.http_address(value)

    @field_validator("service_url")
    @classmethod
    def _address_without_path(cls, value: str) -> str:
        return setting_checks.http_address(value, has_path=False)


class ServerSettings(SettingGroup):
    """Servers of people: how they start, and what they are given."""

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
        description="How many servers with a name one person may have beside the one without; in our profiles. Requests in the queue for more are refused, so it has to be said here also where JupyterHub's own configuration allows them.",
    )
    unknown_device_minutes: Annotated[int, Field(ge=0, le=60 * 24 * 30)] = Field(
        default=720,
        description="After how many minutes a server that holds devices is stopped of which it is not known whether it"
        " is used, in pools without a limit of their own for that; 0 for never.",
    )
    idle_device_minutes: Annotated[int, Field(ge=0, le=60 * 24 * 30)] = Field(
        default=120,
        description="After how many idle minutes a server that holds devices is stopped, in pools without a limit of their own; 0 for never.",
    )
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = Field(
        default="EUR", description="The currency of rates and budgets, as three letters."
    )


class ProjectSettings(SettingGroup):
    """Projects: where they lie, and which everybody joins."""

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
    projects_per_person: int = Field(
        default=100,
        ge=1,
        description="How many projects one person may own, deleted projects included until they are purged.",
    )
    group_check_seconds: float = Field(
        default=300,
        ge=5,
        le=86_400,
        description="After how many seconds JupyterHub's groups are compared with the members of all projects again.",
    )

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


class SecretSettings(SettingGroup):
    """Where secrets of connections are stored."""

    vault_url: str = Field(
        default="",
        description="Address of OpenBao or Vault for secrets of connections; empty: encrypted files below `vault/`. `orrery up` sets it when it runs OpenBao itself.",
    )
    vault_mount: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")] = Field(
        default="orrery", description="Mount of its key-value engine, version 2."
    )
    vault_database_mount: Annotated[
        str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")
    ] = Field(default="database", description="Mount of its database engine.")
    vault_login: Literal["approle", "kubernetes"] = Field(
        default="approle",
        description="How the hub service logs in there: `approle`, by `secrets/vault_role_id` and `secrets/vault_secret_id`, or `kubernetes`, by its pod's identity.",
    )
    vault_role: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$")] = (
        Field(default="orrery-hub", description="Its role there, with `kubernetes`.")
    )
    vault_ca_file: Path | None = Field(
        default=None,
        description="Certificates that its own is checked against; none: the system's.",
    )
    vault_namespace: str = Field(default="", max_length=255, description="Its namespace, if any.")

    @field_validator("vault_url")
    @classmethod
    def _vault_address(cls, value: str) -> str:
        return setting_checks.http_address(value, has_path=False)


class KubernetesSettings(SettingGroup):
    """What only the profile of Kubernetes uses."""

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

    @field_validator("hub_connect_url", "proxy_api_url")
    @classmethod
    def _address_in_cluster(cls, value: str) -> str:
        return setting_checks.http_address(value)
