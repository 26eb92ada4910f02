"""Settings that are limits: of requests, of what is stored and for how long, and of the queue."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from orrery_hub.setting_groups import SettingGroup


class LimitSettings(SettingGroup):
    """What a person, and all together, may ask of the hub service."""

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
        description="Bytes of snippets that one person may store: those of the person's own and those shared with everyone, with their history and what is deleted and not yet purged. As many again for what is known of the versions of the person's own datasets.",
    )
    project_stored_bytes: int = Field(
        default=1024 * 1024 * 1024,
        ge=1024,
        description="Bytes of snippets that one project may store, likewise.",
    )


class StorageSettings(SettingGroup):
    """The database of the hub service, and how long what is in it stays."""

    database_url_file: Path = Field(
        default=Path("secrets/database_url"),
        description="File with the SQLAlchemy URL of the hub service's database; without it, SQLite in `state/`.",
    )
    database_seconds: float = Field(
        default=10,
        gt=0,
        le=3_600,
        description="How long a query may take, and wait for a lock or a connection.",
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
    failure_days: int = Field(
        default=90,
        ge=1,
        le=36_500,
        description="How many days servers that did not start or ended by themselves are kept, with their causes and last lines of log.",
    )


class QueueSettings(SettingGroup):
    """The queue for devices."""

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
        description="Within how many minutes JupyterHub has to begin to start a server whose devices were claimed; how long the start itself may take is the limit of its profile.",
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
