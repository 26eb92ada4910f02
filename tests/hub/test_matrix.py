"""Every route, every kind of person: one table says what must come back, and no route escapes it."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import httpx
import pytest
from sqlalchemy import select

from orrery_hub import access
from orrery_hub.access.schemas import ExplainQuery
from orrery_hub.access.store import ClaimMappingRow
from orrery_hub.app import create_context, public_routes
from orrery_hub.audit import refusals
from orrery_hub.audit.store import AuditRow
from orrery_hub.base import auth, people
from orrery_hub.base.db import Database, now
from orrery_hub.pools import store as pools
from orrery_hub.pools.schemas import ProfileSpec
from orrery_hub.projects.store import ProjectRow
from orrery_hub.scopes import NAMES, PUBLISH
from orrery_wire.schemas import PageQuery
from tests.effort import trials
from tests.hub.services import PREFIX, USER, Service, unsynced
from tests.loops import each

SNIPPET = {"name": "s", "cells": [{"source": "1"}], "scope": "project", "project": "{slug}"}
BATCH = {"items": [{"action": "save", "content": SNIPPET}]}
BUDGET = {"subject": "project", "project": "{slug}", "resource": "device", "limit": 600}
EDIT = SNIPPET | {"cells": [{"source": "2"}]}
ANNOUNCEMENT = {"text": "t", "places": ["login"]}
JOB = {"action": "projects.undelete", "targets": ["{slug}"]}

# owner, editor, viewer of project p; somebody who is in no project; an administrator who is not in it either.
ROLES = ("owner", "editor", "viewer", "stranger", "admin")

READ, WRITE = "custom:orrery:projects:read", "custom:orrery:projects:write"
SNIPPETS_READ, SNIPPETS_WRITE = "custom:orrery:snippets:read", "custom:orrery:snippets:write"
NOTICES_READ, NOTICES_WRITE = "custom:orrery:notices:read", "custom:orrery:notices:write"
BUDGETS_READ, BUDGETS_WRITE = "custom:orrery:budgets:read", "custom:orrery:budgets:write"
CULLING_READ, CULLING_WRITE = "custom:orrery:culling:read", "custom:orrery:culling:write"
ADMIN = "custom:orrery:platform:admin"
POOLS_READ, LAUNCH = "custom:orrery:pools:read", "custom:orrery:pools:launch"
TYPE = {"slug": "{slug}", "name": "T", "count": 5}
POOL = {"slug": "{slug}", "name": "Q"}
PROFILE = {"slug": "{slug}", "name": "Q", "pool": "base-{slug}"}
IMAGE = {"slug": "{slug}", "name": "Q", "reference": "registry/lab"}
START = {"user": "somebody", "created": None, "options": {"profile": "{slug}"}}
END = {"user": "somebody", "lease": 1, "at": "2026-01-02T03:04:05Z"}
FAILED = {"user": "somebody", "created": None, "stage": "start", "kind": "image"}
FAILED |= {"began": "2026-01-02T03:04:05Z", "at": "2026-01-02T03:04:06Z"}


CONNECTION = {"name": "new-c", "kind": "folder", "audience": "project", "project": "{slug}"}
CONNECTION |= {"spec": {"path": "/data"}}
CONNECTIONS_READ = "custom:orrery:connections:read"
CONNECTIONS_WRITE = "custom:orrery:connections:write"
CONNECTIONS_USE = "custom:orrery:connections:use"
DATASETS_READ, DATASETS_WRITE = "custom:orrery:datasets:read", "custom:orrery:datasets:write"
DATASET = {"name": "new-d", "audience": "project", "project": "{slug}"}
DATA = {"source": {"kind": "scratch"}, "parts": [], "columns": [{"name": "k", "type": "int64"}]}
OTHER_DATA = DATA | {"parts": [{"path": "a", "size_bytes": 1, "digest": "md5:0"}]}
CHECKS = {"name": "c", "items": [{"code": "unique", "is_passed": True}]}
FEATURES = {"spec": {"keys": ["k"], "features": [{"name": "f", "column": "k"}]}}
DATA_PROFILE = {"profile": {"rows": 1}}
READING = {"kind": "notebook", "ref": "a.ipynb"}
VERSION = "/datasets/{dataset}/versions/{number}"
SERVERS_READ, SERVERS_WRITE = "custom:orrery:servers:read", "custom:orrery:servers:write"
QUEUE_READ, QUEUE_WRITE = "custom:orrery:queue:read", "custom:orrery:queue:write"
# The pool is drained, so whoever waits for it waits.
WAIT = {"options": {"profile": "wait-{slug}"}, "server_name": "waits-{slug}"}


class Row(NamedTuple):
    """A route: what it asks for, what it writes into the audit, and the status for each of ROLES."""

    verb: str
    path: str
    body: object
    scope: str
    audited: str
    statuses: tuple[int, int, int, int, int]


TABLE = (
    Row("GET", "/me", None, READ, "", (200, 200, 200, 200, 200)),
    Row("GET", "/projects", None, READ, "", (200, 200, 200, 200, 200)),
    Row("POST", "/projects", {"slug": "new-{slug}", "name": "N"}, "custom:orrery:projects:create", "projects.create", (201, 201, 201, 201, 201)),
    Row("GET", "/projects/current", None, READ, "", (200, 200, 200, 200, 200)),
    Row("PUT", "/projects/current", {"slug": "{slug}"}, WRITE, "projects.choose", (200, 200, 200, 404, 404)),
    Row("GET", "/projects/{slug}", None, READ, "", (200, 200, 200, 404, 404)),
    Row("PATCH", "/projects/{slug}", {"name": "Q"}, WRITE, "projects.change", (200, 403, 403, 404, 404)),
    Row("DELETE", "/projects/{slug}", None, WRITE, "projects.delete", (204, 403, 403, 404, 404)),
    Row("POST", "/projects/{slug}/undelete", None, WRITE, "", (200, 403, 403, 404, 404)),
    Row("POST", "/projects/{slug}/purge", None, WRITE, "", (409, 403, 403, 404, 404)),
    Row("GET", "/ownerless-projects", None, ADMIN, "", (403, 403, 403, 403, 200)),
    Row("PUT", "/ownerless-projects/{slug}", {"user": "somebody"}, ADMIN, "", (403, 403, 403, 403, 404)),
    Row("GET", "/admin/projects", None, ADMIN, "", (403, 403, 403, 403, 200)),
    Row("GET", "/admin/projects/{slug}/members", None, ADMIN, "", (403, 403, 403, 403, 200)),
    Row("POST", "/admin/projects/{slug}/undelete", None, ADMIN, "", (403, 403, 403, 403, 200)),
    Row("GET", "/admin/servers", None, ADMIN, "", (403, 403, 403, 403, 200)),
    Row("DELETE", "/admin/servers/{user}", None, ADMIN, "servers.stop", (403, 403, 403, 403, 204)),
    Row("GET", "/admin/parts", None, ADMIN, "", (403, 403, 403, 403, 200)),
    Row("GET", "/admin/actions", None, ADMIN, "", (403, 403, 403, 403, 200)),
    Row("GET", "/admin/jobs", None, ADMIN, "", (403, 403, 403, 403, 200)),
    Row("POST", "/admin/jobs", JOB, ADMIN, "admin.job", (403, 403, 403, 403, 201)),
    Row("GET", "/admin/jobs/{job}", None, ADMIN, "", (403, 403, 403, 403, 404)),
    Row("GET", "/admin/jobs/{job}/items", None, ADMIN, "", (403, 403, 403, 403, 404)),
    Row("POST", "/admin/jobs/{job}/apply", None, ADMIN, "", (403, 403, 403, 403, 404)),
    Row("POST", "/admin/jobs/{job}/retry", None, ADMIN, "", (403, 403, 403, 403, 404)),
    Row("POST", "/admin/jobs/{job}/cancel", None, ADMIN, "", (403, 403, 403, 403, 404)),
    Row("GET", "/admin/announcements", None, ADMIN, "", (403, 403, 403, 403, 200)),
    Row("POST", "/admin/announcements", ANNOUNCEMENT, ADMIN, "admin.announce", (403, 403, 403, 403, 201)),
    Row("PUT", "/admin/announcements/{announcement}", ANNOUNCEMENT, ADMIN, "", (403, 403, 403, 403, 404)),
    Row("DELETE", "/admin/announcements/{announcement}", None, ADMIN, "", (403, 403, 403, 403, 404)),
    Row("GET", "/admin/maintenance", None, ADMIN, "", (403, 403, 403, 403, 200)),
    Row("PUT", "/admin/maintenance", {"blocks_spawns": False}, ADMIN, "admin.maintenance", (403, 403, 403, 403, 200)),
    Row("GET", "/people", None, ADMIN, "", (403, 403, 403, 403, 200)),
    Row("GET", "/people/{person}", None, ADMIN, "", (403, 403, 403, 403, 200)),
    Row("POST", "/people/{person}/transfer", {"to": "{other}"}, ADMIN, "people.transfer", (403, 403, 403, 403, 200)),
    Row("POST", "/people/{person}/merge", {"to": "{other}"}, ADMIN, "people.merge", (403, 403, 403, 403, 200)),
    Row("GET", "/device-types", None, ADMIN, "", (403, 403, 403, 403, 200)),
    Row("POST", "/device-types", TYPE | {"slug": "new-{slug}"}, ADMIN, "pools.device_type.create", (403, 403, 403, 403, 201)),
    Row("PUT", "/device-types/{device_type}", TYPE, ADMIN, "pools.device_type.change", (403, 403, 403, 403, 200)),
    Row("DELETE", "/device-types/{device_type}", None, ADMIN, "pools.device_type.delete", (403, 403, 403, 403, 204)),
    Row("GET", "/pools", None, ADMIN, "", (403, 403, 403, 403, 200)),
    Row("POST", "/pools", POOL | {"slug": "new-{slug}"}, ADMIN, "pools.pool.create", (403, 403, 403, 403, 201)),
    Row("GET", "/pools/{pool}", None, ADMIN, "", (403, 403, 403, 403, 200)),
    Row("PUT", "/pools/{pool}", POOL, ADMIN, "pools.pool.change", (403, 403, 403, 403, 200)),
    Row("DELETE", "/pools/{pool}", None, ADMIN, "pools.pool.delete", (403, 403, 403, 403, 204)),
    Row("POST", "/pools/{pool}/drain", {"reason": "r"}, ADMIN, "pools.pool.drain", (403, 403, 403, 403, 200)),
    Row("POST", "/pools/{pool}/resume", None, ADMIN, "", (403, 403, 403, 403, 200)),
    Row("GET", "/pools/{pool}/grants", None, ADMIN, "", (403, 403, 403, 403, 200)),
    Row("PUT", "/pools/{pool}/grants/{slug}", {"devices": 2}, ADMIN, "pools.grant", (403, 403, 403, 403, 200)),
    Row("DELETE", "/pools/{pool}/grants/{slug}", None, ADMIN, "pools.revoke", (403, 403, 403, 403, 204)),
    Row("GET", "/profiles", None, ADMIN, "", (403, 403, 403, 403, 200)),
    Row("POST", "/profiles", PROFILE | {"slug": "new-{slug}"}, ADMIN, "pools.profile.create", (403, 403, 403, 403, 201)),
    Row("GET", "/profiles/{profile}", None, ADMIN, "", (403, 403, 403, 403, 200)),
    Row("PUT", "/profiles/{profile}", PROFILE, ADMIN, "pools.profile.change", (403, 403, 403, 403, 200)),
    Row("DELETE", "/profiles/{profile}", None, ADMIN, "pools.profile.delete", (403, 403, 403, 403, 204)),
    Row("GET", "/images", None, ADMIN, "", (403, 403, 403, 403, 200)),
    Row("POST", "/images", IMAGE | {"slug": "new-{slug}"}, ADMIN, "pools.image.create", (403, 403, 403, 403, 201)),
    Row("PUT", "/images/{image}", IMAGE, ADMIN, "pools.image.change", (403, 403, 403, 403, 200)),
    Row("DELETE", "/images/{image}", None, ADMIN, "pools.image.delete", (403, 403, 403, 403, 204)),
    Row("GET", "/leases", None, ADMIN, "", (403, 403, 403, 403, 200)),
    Row("GET", "/people/{person}/launch", None, ADMIN, "", (403, 403, 403, 403, 200)),
    Row("GET", "/me/launch", None, POOLS_READ, "", (200, 200, 200, 200, 200)),
    Row("GET", "/me/leases", None, POOLS_READ, "", (200, 200, 200, 200, 200)),
    Row("GET", "/me/servers", None, SERVERS_READ, "", (200, 200, 200, 200, 200)),
    Row("POST", "/me/servers", {"server_name": "{slug}"}, SERVERS_WRITE, "servers.start", (204, 204, 204, 204, 204)),
    Row("DELETE", "/me/servers", None, SERVERS_WRITE, "servers.stop", (204, 204, 204, 204, 204)),
    # For the process that starts servers, whose credential no person has; tests/hub/pools/test_routes.py has it.
    Row("POST", "/launch/choices", START, LAUNCH, "", (403, 403, 403, 403, 403)),
    Row("POST", "/launch/leases", START, LAUNCH, "", (403, 403, 403, 403, 403)),
    Row("POST", "/launch/tickets", START, LAUNCH, "", (403, 403, 403, 403, 403)),
    Row("POST", "/launch/tickets/cancel", {"user": "somebody", "created": None, "ticket": 1}, LAUNCH, "", (403, 403, 403, 403, 403)),
    Row("POST", "/launch/started", {"user": "somebody", "lease": 1}, LAUNCH, "", (403, 403, 403, 403, 403)),
    Row("POST", "/launch/ended", END, LAUNCH, "", (403, 403, 403, 403, 403)),
    Row("POST", "/launch/failed", FAILED, LAUNCH, "", (403, 403, 403, 403, 403)),
    Row("GET", "/failures", None, ADMIN, "", (403, 403, 403, 403, 200)),
    Row("GET", "/failures/causes", None, ADMIN, "", (403, 403, 403, 403, 200)),
    Row("GET", "/failures/{failure}", None, ADMIN, "", (403, 403, 403, 403, 404)),
    Row("PATCH", "/failures/{failure}", {"is_handled": True}, ADMIN, "", (403, 403, 403, 403, 404)),
    Row("GET", "/budgets/mine", None, BUDGETS_READ, "", (200, 200, 200, 200, 200)),
    Row("GET", "/budgets", None, BUDGETS_READ, "", (200, 200, 200, 200, 200)),
    Row("POST", "/budgets", BUDGET, ADMIN, "budgets.create", (403, 403, 403, 403, 201)),
    Row("PATCH", "/budgets/{budget}", {"limit": 1}, ADMIN, "", (403, 403, 403, 403, 404)),
    Row("DELETE", "/budgets/{budget}", None, ADMIN, "", (403, 403, 403, 403, 404)),
    Row("GET", "/budgets/requests", None, BUDGETS_READ, "", (200, 200, 200, 200, 200)),
    Row("POST", "/budgets/requests", {"budget": 2**31 - 1, "amount": 1}, BUDGETS_WRITE, "", (404, 404, 404, 404, 404)),
    Row("DELETE", "/budgets/requests/{request}", None, BUDGETS_WRITE, "", (404, 404, 404, 404, 404)),
    Row("POST", "/budgets/requests/{request}/approve", {"answer": "a"}, ADMIN, "", (403, 403, 403, 403, 404)),
    Row("POST", "/budgets/requests/{request}/refuse", {"answer": "a"}, ADMIN, "", (403, 403, 403, 403, 404)),
    Row("GET", "/budgets/rates", None, ADMIN, "", (403, 403, 403, 403, 200)),
    Row("POST", "/budgets/rates", {"pool": "no-such-pool"}, ADMIN, "", (403, 403, 403, 403, 404)),
    Row("DELETE", "/budgets/rates/{rate}", None, ADMIN, "", (403, 403, 403, 403, 404)),
    Row("GET", "/budgets/costs", None, BUDGETS_READ, "", (200, 200, 200, 200, 200)),
    Row("GET", "/budgets/costs/export", None, BUDGETS_READ, "", (200, 200, 200, 200, 200)),
    Row("PUT", "/culling/activity", {"busy_kernels": 1, "cpu_millis": 1, "memory_mib": 1}, CULLING_WRITE, "", (200, 200, 200, 200, 200)),
    Row("GET", "/culling/mine", None, CULLING_READ, "", (200, 200, 200, 200, 200)),
    Row("POST", "/culling/extend", None, CULLING_WRITE, "", (404, 404, 404, 404, 404)),
    Row("GET", "/culling/servers", None, ADMIN, "", (403, 403, 403, 403, 200)),
    Row("GET", "/culling/advice", None, CULLING_READ, "", (200, 200, 200, 200, 200)),
    Row("GET", "/culling/limits", None, ADMIN, "", (403, 403, 403, 403, 200)),
    Row("PUT", "/culling/limits/{pool}", {"idle_minutes": 30}, ADMIN, "culling.limit.set", (403, 403, 403, 403, 200)),
    Row("DELETE", "/culling/limits/{pool}", None, ADMIN, "", (403, 403, 403, 403, 204)),
    Row("GET", "/notices", None, NOTICES_READ, "", (200, 200, 200, 200, 200)),
    Row("DELETE", "/notices/{notice}", None, NOTICES_WRITE, "", (404, 404, 404, 404, 404)),
    Row("GET", "/projects/{slug}/members", None, READ, "", (200, 200, 200, 404, 404)),
    Row("PUT", "/projects/{slug}/members/{user}", {"role": "editor"}, WRITE, "projects.member.editor", (200, 403, 403, 404, 404)),
    Row("DELETE", "/projects/{slug}/members/{user}", None, WRITE, "projects.member.remove", (204, 403, 403, 404, 404)),
    Row("GET", "/snippets/changes", None, SNIPPETS_READ, "", (200, 200, 200, 200, 200)),
    Row("POST", "/snippets", SNIPPET, SNIPPETS_WRITE, "snippets.save", (201, 201, 403, 404, 404)),
    Row("POST", "/snippets/batch", BATCH, SNIPPETS_WRITE, "snippets.save", (200, 200, 200, 200, 200)),
    Row("PUT", "/snippets/{id}", EDIT, SNIPPETS_WRITE, "snippets.save", (200, 200, 403, 404, 404)),
    Row("DELETE", "/snippets/{id}", None, SNIPPETS_WRITE, "snippets.delete", (204, 204, 403, 404, 404)),
    Row("POST", "/snippets/{id}/undelete", None, SNIPPETS_WRITE, "", (200, 200, 403, 404, 404)),
    Row("GET", "/snippets/{id}/versions", None, SNIPPETS_READ, "", (200, 200, 200, 404, 404)),
    Row("PATCH", "/snippets/{id}/marks", {"favourite": True}, SNIPPETS_READ, "snippets.mark", (200, 200, 200, 404, 404)),
    Row("GET", "/connections", None, CONNECTIONS_READ, "", (200, 200, 200, 200, 200)),
    Row("GET", "/connections/kinds", None, CONNECTIONS_READ, "", (200, 200, 200, 200, 200)),
    Row("GET", "/connections/secrets", None, CONNECTIONS_READ, "", (200, 200, 200, 200, 200)),
    Row("POST", "/connections", CONNECTION, CONNECTIONS_WRITE, "connections.create", (201, 201, 403, 404, 404)),
    Row("GET", "/connections/{connection}", None, CONNECTIONS_READ, "", (200, 200, 200, 404, 404)),
    Row("PATCH", "/connections/{connection}", {"description": "d"}, CONNECTIONS_WRITE, "connections.change", (200, 200, 403, 404, 404)),
    Row("DELETE", "/connections/{connection}", None, CONNECTIONS_WRITE, "connections.delete", (204, 204, 403, 404, 404)),
    Row("POST", "/connections/{connection}/undelete", None, CONNECTIONS_WRITE, "", (200, 200, 403, 404, 404)),
    Row("POST", "/connections/{connection}/purge", None, CONNECTIONS_WRITE, "", (409, 409, 403, 404, 404)),
    # Nobody here has a server that runs; tests/hub/connections has those.
    Row("POST", "/connections/{connection}/use", {"server": ""}, CONNECTIONS_USE, "", (409, 409, 403, 404, 404)),
    Row("POST", "/uses/{lease}/renew", None, CONNECTIONS_USE, "", (404, 404, 404, 404, 404)),
    Row("DELETE", "/uses/{lease}", None, CONNECTIONS_USE, "", (404, 404, 404, 404, 404)),
    Row("GET", "/datasets", None, DATASETS_READ, "", (200, 200, 200, 200, 200)),
    Row("POST", "/datasets", DATASET, DATASETS_WRITE, "datasets.create", (201, 201, 403, 404, 404)),
    Row("GET", "/datasets/uses", None, DATASETS_READ, "", (200, 200, 200, 200, 200)),
    Row("GET", "/datasets/{dataset}", None, DATASETS_READ, "", (200, 200, 200, 404, 404)),
    Row("PATCH", "/datasets/{dataset}", {"archived": True}, DATASETS_WRITE, "datasets.change", (200, 200, 403, 404, 404)),
    Row("DELETE", "/datasets/{dataset}", None, DATASETS_WRITE, "datasets.delete", (204, 204, 403, 404, 404)),
    Row("POST", "/datasets/{dataset}/undelete", None, DATASETS_WRITE, "", (200, 200, 403, 404, 404)),
    Row("POST", "/datasets/{dataset}/purge", None, DATASETS_WRITE, "", (409, 409, 403, 404, 404)),
    Row("GET", "/datasets/{dataset}/versions", None, DATASETS_READ, "", (200, 200, 200, 404, 404)),
    Row("POST", "/datasets/{dataset}/versions", OTHER_DATA, DATASETS_WRITE, "datasets.version", (201, 201, 403, 404, 404)),
    Row("GET", VERSION, None, DATASETS_READ, "", (200, 200, 200, 404, 404)),
    Row("GET", f"{VERSION}/parts", None, DATASETS_READ, "", (200, 200, 200, 404, 404)),
    Row("GET", f"{VERSION}/profile", None, DATASETS_READ, "", (200, 200, 200, 404, 404)),
    Row("PUT", f"{VERSION}/profile", DATA_PROFILE, DATASETS_WRITE, "", (200, 200, 403, 404, 404)),
    Row("POST", f"{VERSION}/publish", None, DATASETS_WRITE, "datasets.publish", (200, 200, 403, 404, 404)),
    Row("POST", f"{VERSION}/archive", None, DATASETS_WRITE, "datasets.archive", (200, 200, 403, 404, 404)),
    Row("POST", f"{VERSION}/restore", None, DATASETS_WRITE, "", (200, 200, 403, 404, 404)),
    Row("GET", f"{VERSION}/uses", None, DATASETS_READ, "", (200, 200, 200, 404, 404)),
    Row("POST", f"{VERSION}/uses", READING, DATASETS_READ, "datasets.use", (201, 201, 201, 404, 404)),
    Row("GET", f"{VERSION}/checks", None, DATASETS_READ, "", (200, 200, 200, 404, 404)),
    Row("POST", f"{VERSION}/checks", CHECKS, DATASETS_WRITE, "datasets.check", (201, 201, 403, 404, 404)),
    Row("GET", "/datasets/{dataset}/features", None, DATASETS_READ, "", (200, 200, 200, 404, 404)),
    Row("PUT", "/datasets/{dataset}/features/{features}", FEATURES, DATASETS_WRITE, "datasets.features", (200, 200, 403, 404, 404)),
    Row("DELETE", "/datasets/{dataset}/features/{features}", None, DATASETS_WRITE, "datasets.features.delete", (204, 204, 403, 404, 404)),
    Row("GET", "/tickets", None, QUEUE_READ, "", (200, 200, 200, 200, 200)),
    Row("POST", "/tickets", WAIT | {"server_name": "other-{slug}"}, QUEUE_WRITE, "queue.request", (201, 201, 201, 201, 201)),
    # Somebody else's; tests/hub/queue/test_service.py has one's own.
    Row("GET", "/tickets/{ticket}", None, QUEUE_READ, "", (404, 404, 404, 404, 404)),
    Row("DELETE", "/tickets/{ticket}", None, QUEUE_WRITE, "", (404, 404, 404, 404, 404)),
    Row("POST", "/tickets/{ticket}/claim", None, QUEUE_WRITE, "", (404, 404, 404, 404, 404)),
    Row("GET", "/queue", None, ADMIN, "", (403, 403, 403, 403, 200)),
    Row("PATCH", "/queue/{ticket}", {"priority": "high"}, ADMIN, "queue.change", (403, 403, 403, 403, 200)),
    Row("DELETE", "/queue/{ticket}", None, ADMIN, "queue.cancel", (403, 403, 403, 403, 204)),
    Row("POST", "/queue/{ticket}/run-now", None, "custom:orrery:queue:override", "queue.run_now", (403, 403, 403, 403, 200)),
    Row("GET", "/audit", None, ADMIN, "", (403, 403, 403, 403, 200)),
    Row("GET", "/audit/export", None, ADMIN, "", (403, 403, 403, 403, 200)),
    Row("GET", "/audit/verification", None, ADMIN, "", (403, 403, 403, 403, 200)),
    Row("POST", "/audit/verification", None, ADMIN, "audit.verify", (403, 403, 403, 403, 202)),
    Row("POST", "/projects/{slug}/archive", None, WRITE, "projects.archive", (200, 403, 403, 404, 404)),
    Row("POST", "/projects/{slug}/restore", None, WRITE, "", (200, 403, 403, 404, 404)),
    Row("PUT", "/projects/{slug}/pin", None, READ, "projects.pin", (200, 200, 200, 404, 404)),
    Row("DELETE", "/projects/{slug}/pin", None, READ, "", (200, 200, 200, 404, 404)),
    Row("GET", "/projects/{slug}/counts", None, READ, "", (200, 200, 200, 404, 404)),
    Row("GET", "/projects/{slug}/invitations", None, READ, "", (200, 403, 403, 404, 404)),
    Row("POST", "/projects/{slug}/invitations", {"user": "new-{slug}", "role": "viewer"}, WRITE, "projects.invitation.send", (201, 403, 403, 404, 404)),
    Row("DELETE", "/projects/{slug}/invitations/{user}", None, WRITE, "", (204, 403, 403, 404, 404)),
    Row("GET", "/invitations", None, READ, "", (200, 200, 200, 200, 200)),
    Row("POST", "/invitations/{slug}/accept", None, WRITE, "", (404, 404, 404, 404, 404)),
    Row("POST", "/invitations/{slug}/decline", None, WRITE, "", (404, 404, 404, 404, 404)),
    Row("GET", "/people/{person}/offboarding", None, ADMIN, "", (403, 403, 403, 403, 200)),
    Row("POST", "/people/{person}/offboarding", {"successor": "{other}"}, ADMIN, "people.offboard.begin people.offboard", (403, 403, 403, 403, 200)),
    Row("GET", "/me/permissions", None, READ, "", (200, 200, 200, 200, 200)),
    Row("GET", "/access/roles", None, ADMIN, "", (403, 403, 403, 403, 200)),
    Row("PUT", "/access/roles/{role}/permissions/{permission}", {"allowed": True}, ADMIN, "access.role.permission", (403, 403, 403, 403, 200)),
    Row("GET", "/access/people", None, ADMIN, "", (403, 403, 403, 403, 200)),
    Row("PUT", "/access/people/{person}/roles/{role}", None, ADMIN, "access.role.give", (403, 403, 403, 403, 200)),
    Row("DELETE", "/access/people/{person}/roles/{role}", None, ADMIN, "", (403, 403, 403, 403, 200)),
    Row("GET", "/access/mappings", None, ADMIN, "", (403, 403, 403, 403, 200)),
    Row("POST", "/access/mappings", {"kind": "group", "value": "/{slug}", "project": "{slug}", "role": "viewer"}, ADMIN, "access.mapping.add", (403, 403, 403, 403, 201)),
    Row("DELETE", "/access/mappings/{mapping}", None, ADMIN, "access.mapping.remove", (403, 403, 403, 403, 204)),
    Row("GET", "/access/actions", None, ADMIN, "", (403, 403, 403, 403, 200)),
    Row("GET", "/access/explain", None, ADMIN, "", (403, 403, 403, 403, 400)),
    Row("GET", "/metrics", None, ADMIN, "", (403, 403, 403, 403, 200)),
)  # fmt: skip
# What changes nothing here, because nothing is deleted, archived or pinned, every project has an owner, and nobody was
# given a role or invited; tests below, in access/test_service.py and in projects/ make what it needs first.
NOT_AUDITED = {
    ("POST", "/projects/{slug}/undelete"),
    ("POST", "/snippets/{id}/undelete"),
    ("POST", "/projects/{slug}/purge"),
    ("PUT", "/ownerless-projects/{slug}"),
    ("DELETE", "/tickets/{ticket}"),
    ("POST", "/tickets/{ticket}/claim"),
    ("POST", "/pools/{pool}/resume"),
    *(
        ("POST", f"/launch/{verb}")
        for verb in ("choices", "leases", "tickets", "tickets/cancel", "started", "ended", "failed")
    ),
    ("POST", "/admin/projects/{slug}/undelete"),
    ("POST", "/admin/jobs/{job}/apply"),
    ("POST", "/admin/jobs/{job}/retry"),
    ("POST", "/admin/jobs/{job}/cancel"),
    ("PUT", "/admin/announcements/{announcement}"),
    ("DELETE", "/admin/announcements/{announcement}"),
    ("DELETE", "/notices/{notice}"),
    # There is none; tests/hub/failures has one.
    ("PATCH", "/failures/{failure}"),
    # Nothing is deleted or in use; tests/hub/connections does that first.
    ("POST", "/connections/{connection}/undelete"),
    ("POST", "/connections/{connection}/purge"),
    ("POST", "/connections/{connection}/use"),
    ("POST", "/uses/{lease}/renew"),
    ("DELETE", "/uses/{lease}"),
    # Likewise, and the profile is there already; tests/hub/datasets has the rest.
    ("POST", "/datasets/{dataset}/undelete"),
    ("POST", "/datasets/{dataset}/purge"),
    ("PUT", f"{VERSION}/profile"),
    ("POST", f"{VERSION}/restore"),
    ("DELETE", "/access/people/{person}/roles/{role}"),
    ("POST", "/projects/{slug}/restore"),
    ("DELETE", "/projects/{slug}/pin"),
    ("DELETE", "/projects/{slug}/invitations/{user}"),
    ("POST", "/invitations/{slug}/accept"),
    ("POST", "/invitations/{slug}/decline"),
    # No such budget, request, rate or limit; tests/hub/budgets and tests/hub/culling make them first.
    ("PATCH", "/budgets/{budget}"),
    ("DELETE", "/budgets/{budget}"),
    ("POST", "/budgets/requests"),
    ("DELETE", "/budgets/requests/{request}"),
    ("POST", "/budgets/requests/{request}/approve"),
    ("POST", "/budgets/requests/{request}/refuse"),
    ("POST", "/budgets/rates"),
    ("DELETE", "/budgets/rates/{rate}"),
    ("POST", "/culling/extend"),
    ("DELETE", "/culling/limits/{pool}"),
    # What a lab measured is no change by anybody.
    ("PUT", "/culling/activity"),
}
OPEN = {("GET", "/health"), ("GET", "/announcements")}
BODY = {"code", "message", "reason", "remedy", "details", "request_id"}


@dataclass
class World:
    """A service with a project and a snippet in it."""

    service: Service
    database: Database
    slug: str
    id: str = ""
    person: int = 0
    other: int = 0
    ticket: int = 0
    mapping: int = 0
    # One of each role, who has been here before: the first request makes a member of the default project.
    clients: dict[str, httpx.Client] = field(default_factory=dict)
    connection: int = 0
    dataset: int = 0

    @property
    def values(self) -> dict[str, object]:
        """What stands in paths, by name."""
        return {
            "slug": self.slug,
            "user": "somebody",
            "id": self.id,
            "person": self.person,
            "ticket": self.ticket,
            "mapping": self.mapping,
            "connection": self.connection,
            "lease": "0" * 32,
            "dataset": self.dataset,
            "number": 1,
            "features": "features",
            "role": "viewer",
            "permission": PUBLISH,
            **dict.fromkeys(("device_type", "pool", "profile", "image"), self.slug),
            # Jobs, announcements, notices, failures and budgets have tests of their own; here is none.
            **dict.fromkeys(
                ("job", "announcement", "notice", "failure", "budget", "request", "rate"), 999_999
            ),
        }

    def add_dataset(self, client: httpx.Client, **more: object) -> None:
        """Add a dataset with all that one has."""
        body = self.fill(DATASET | {"name": "d"} | more)
        self.dataset = client.post("/datasets", json=body).raise_for_status().json()["id"]
        path = f"/datasets/{self.dataset}"
        client.post(f"{path}/versions", json=DATA).raise_for_status()
        client.put(f"{path}/versions/1/profile", json=DATA_PROFILE).raise_for_status()
        client.put(f"{path}/features/features", json=FEATURES).raise_for_status()

    def prepare(self) -> None:
        """Add somebody who was invited, somebody with an account, and a mapping."""
        names = [f"{name}-{self.slug}" for name in ("one", "two")]
        self.service.client(names[1]).get("/me").raise_for_status()
        with self.database.write() as session:
            self.person, self.other = (people.find_or_invite(session, n).id for n in names)
            row = ClaimMappingRow(claim=f"idp:role:{self.slug}", role="viewer")
            session.add(row)
            session.flush()
            self.mapping = row.id

    def call(self, client: httpx.Client, verb: str, path: str, body: object) -> httpx.Response:
        filled = path.format_map(self.values)
        return client.request(verb, filled, json=self.fill(body) if body else None)

    def filled(self, row: Row) -> tuple[str, object]:
        """What the request of a row names."""
        return row.path.format_map(self.values), self.fill(row.body)

    def audit(self) -> tuple[list[tuple[str, str]], list[tuple[str, str, str, str]]]:
        """Who did what, and what was refused to whom and how; in the order of time."""
        with self.database.read() as session:
            columns = (AuditRow.who, AuditRow.what, AuditRow.project, AuditRow.outcome)
            rows = session.execute(select(*columns).order_by(AuditRow.id)).all()
        done = [(row.who, row.what) for row in rows if row.outcome == "done"]
        return done, [tuple(row) for row in rows if row.outcome != "done"]

    def audited(self) -> list[tuple[str, str]]:
        """Who did what, in the order of time."""
        return self.audit()[0]

    def fill(self, body: object) -> object:
        text = json.dumps(body).replace("{slug}", self.slug)
        return json.loads(text.replace('"{other}"', str(self.other)))


def snapshot(database: Database) -> sqlite3.Connection:
    """The database as it is now."""
    copy = sqlite3.connect(":memory:", check_same_thread=False)
    with closing(sqlite3.connect(str(database.file))) as source:
        source.backup(copy)
    return copy


def restore(service: Service, copy: sqlite3.Connection) -> None:
    """Put the database of a service back to what it was."""
    with closing(sqlite3.connect(str(service.database.file))) as target:
        target.execute("PRAGMA synchronous=OFF")
        copy.backup(target)
    service.accounts.forget()
    service.app.state.authenticator._permissions.forget()


def declare(world: World) -> None:
    """A type of device, a pool with a grant to the project, a profile in another pool, an image, all by the slug."""
    slug, moment = world.slug, now()
    declared = {"name": "P", "created": moment, "updated": moment}
    pool = {"description": "", "is_default": False, "for_everyone": False, "is_draining": False}
    pool |= {"drain_reason": "", "spec": {}, "position": 0}
    profile = {"description": "", "devices": 0, "cpu": 0, "memory_bytes": 0, "is_spot": False}
    profile |= {"is_hidden": False, "position": 0, "spec": ProfileSpec().model_dump(mode="json")}
    image = {"description": "", "reference": "r/lab", "tag": "", "digest": "", "tag_pattern": ""}
    image |= {"labels": {}, "is_hidden": False, "redirect_to": "", "position": 0}
    with world.database.write() as session:
        mine, base = (
            pools.PoolRow(slug=name, **declared, **pool) for name in (slug, f"base-{slug}")
        )
        session.add_all(
            [
                mine,
                base,
                pools.DeviceTypeRow(slug=slug, resource="", mig_slice="", count=4, **declared),
                pools.ImageRow(slug=slug, **declared, **image),
            ]
        )
        session.flush()
        project = session.scalars(select(ProjectRow.id).where(ProjectRow.slug == slug)).one()
        session.add(pools.PoolGrantRow(pool_id=mine.id, project_id=project, since=moment))
        session.add(pools.ProfileRow(slug=slug, pool_id=base.id, **declared, **profile))
        drained = pool | {"for_everyone": True, "is_draining": True}
        wait = pools.PoolRow(slug=f"wait-{slug}", **declared, **drained)
        session.add(wait)
        session.flush()
        session.add(pools.ProfileRow(slug=wait.slug, pool_id=wait.id, **declared, **profile))
    waiter = world.service.client("waiter")
    world.ticket = waiter.post("/tickets", json=world.fill(WAIT)).raise_for_status().json()["id"]


@pytest.fixture(scope="module")
def first_world(
    tmp_path_factory: pytest.TempPathFactory, template: Path
) -> Iterator[tuple[World, sqlite3.Connection]]:
    home = tmp_path_factory.mktemp("matrix")
    file = shutil.copyfile(template, home / "orrery.sqlite")
    database = unsynced(Database(f"sqlite:///{file}"))
    # All tests together ask faster than a person does.
    service = Service(
        home,
        database,
        threads=False,
        person_requests_per_second=10_000,
        person_writes_per_second=10_000,
    )
    owner = service.client("owner")
    world = World(service, database, "p")
    owner.post("/projects", json={"slug": world.slug, "name": "P"}).raise_for_status()
    for name, role in (("editor", "editor"), ("viewer", "viewer"), ("somebody", "viewer")):
        path = f"/projects/{world.slug}/members/{name}"
        owner.put(path, json={"role": role}).raise_for_status()
    world.id = owner.post("/snippets", json=world.fill(SNIPPET)).json()["id"]
    connection = world.fill(CONNECTION | {"name": "c"})
    world.connection = owner.post("/connections", json=connection).raise_for_status().json()["id"]
    world.add_dataset(owner)
    world.prepare()
    declare(world)
    for role in ROLES:
        world.clients[role] = service.client(role, admin=role == "admin")
        world.clients[role].get("/me").raise_for_status()
    copy = snapshot(database)
    # Each refusal is an entry of its own, in whatever time the tests ask.
    with mock.patch.object(refusals, "_AT_ONCE_PER_SECOND", 10_000):
        yield world, copy
    copy.close()
    service.loop.stop()
    database.close()


@pytest.fixture
def world(first_world: tuple[World, sqlite3.Connection]) -> Iterator[World]:
    """A project with its members and a snippet. What a test changes is changed back after it."""
    world, copy = first_world
    yield world
    restore(world.service, copy)


def test_the_table_has_every_route(service: Service) -> None:
    routes = {
        (verb, route.path.removeprefix(f"{PREFIX}/api"))
        for route in auth.declared_routes(service.app)
        if route.path.startswith(f"{PREFIX}/api")
        for verb in route.methods - {"HEAD"}
    }
    pages = {("GET", "/docs"), ("GET", "/openapi.json")}
    assert routes == {(row.verb, row.path) for row in TABLE} | OPEN | pages


def test_each_route_asks_for_the_scope_of_the_table(service: Service) -> None:
    """Whatever the code says: a scope that is widened there is found here."""
    declared = {
        (verb, route.path.removeprefix(f"{PREFIX}/api")): route.scope or ADMIN
        for route in auth.declared_routes(service.app)
        for verb in route.methods
    }
    assert {(row.verb, row.path): declared[row.verb, row.path] for row in TABLE} == {
        (row.verb, row.path): row.scope for row in TABLE
    }


def test_every_change_is_audited() -> None:
    silent = {(row.verb, row.path) for row in TABLE if row.verb != "GET" and not row.audited}
    assert silent == NOT_AUDITED


@each("row, role", itertools.product(TABLE, ROLES))
def test_each_role_gets_what_it_may(
    first_world: tuple[World, sqlite3.Connection], row: Row, role: str
) -> None:
    world, copy = first_world
    try:
        judge(world, row, role)
    finally:
        if row.verb != "GET":
            restore(world.service, copy)


def judge(world: World, row: Row, role: str) -> None:
    """The status and the audit of one request of one role."""
    done_before, refused_before = world.audit()
    response = world.call(world.clients[role], row.verb, row.path, row.body)
    assert response.status_code == row.statuses[ROLES.index(role)], response.text
    # A batch answers 200; each of its writes is refused for itself.
    refused = row.body is BATCH and response.json()["items"][0]["failure"]
    changed = row.audited and response.status_code < 400 and not refused
    done, others = world.audit()
    expected = [(role, what) for what in row.audited.split()]
    assert done[len(done_before) :] == (expected if changed else [])
    others = others[len(refused_before) :]
    outcome = {403: "forbidden", 409: "conflict"}.get(response.status_code)
    if outcome and row.verb != "GET":
        project = world.slug if "{slug}" in row.path else ""
        assert others == [(role, f"{row.verb} {row.path}", project, outcome)]
    elif refused and response.json()["items"][0]["failure"]["code"] == "forbidden":
        assert others == [(role, "snippets.save", "", "forbidden")]
    else:
        assert others == []
    if response.status_code >= 400:
        assert set(response.json()) == BODY


# How somebody came to be who he is: a plain member; one who was removed; one whose account is gone and whose name this
# is the new owner of; one who has another name now; one who is one person with another account, which is the member;
# one who gave everything to somebody else.
STATES = ("plain", "ex-member", "recreated", "renamed", "merged", "gave away")
LOST = {"ex-member", "recreated", "gave away"}


@dataclass
class Crowd:
    """Somebody of each role and state, in one project and not in the other; a copy of the database brings all back."""

    service: Service
    database: Database
    clients: dict[tuple[str, str], httpx.Client]
    projects: dict[str, World]


def become(
    world: World, owner: httpx.Client, root: httpx.Client, role: str, state: str
) -> httpx.Client:
    """Somebody who had a role in the project, and to whom that happened."""
    service, name = world.service, f"{role}-{state.replace(' ', '-')}"
    client = service.client(name, admin=role == "admin")
    client.get("/me").raise_for_status()
    member = {"role": role if role in ("owner", "editor", "viewer") else "viewer"}
    path = f"/projects/{world.slug}/members/{name}"
    if role in ("owner", "editor", "viewer") or state in LOST:
        owner.put(path, json=member).raise_for_status()
    if state == "ex-member":
        owner.delete(path).raise_for_status()
    elif state == "recreated":
        service.hub.created[name] += timedelta(days=1)
        client = service.client(name, admin=role == "admin")
    elif state == "renamed":
        service.hub.created[f"new-{name}"] = service.hub.created.pop(name)
        client = service.client(f"new-{name}", admin=role == "admin")
    elif state in ("merged", "gave away"):
        other = service.client(f"other-{name}", admin=role == "admin")
        other.get("/me").raise_for_status()
        with world.database.read() as session:
            ids = [people.find(session, n).id for n in (name, f"other-{name}")]  # type: ignore[union-attr]
        verb = "merge" if state == "merged" else "transfer"
        root.post(f"/people/{ids[0]}/{verb}", json={"to": ids[1]}).raise_for_status()
    client.get("/me").raise_for_status()
    return client


@pytest.fixture
def crowd(tmp_path: Path, sqlite: Database) -> Iterator[Crowd]:
    home = tmp_path / "home"
    service = Service(
        home,
        sqlite,
        threads=False,
        person_requests_per_second=10_000,
        person_writes_per_second=10_000,
    )
    owner, root = service.client("the-owner"), service.client("root", admin=True)
    for client in (owner, root):
        client.get("/me").raise_for_status()
    worlds = {}
    for slug in ("own", "other"):
        world = worlds[slug] = World(service, sqlite, slug)
        body = {"slug": slug, "name": "A name nobody else may read"}
        owner.post("/projects", json=body).raise_for_status()
        owner.put(f"/projects/{slug}/members/somebody", json={"role": "viewer"})
        world.id = owner.post("/snippets", json=world.fill(SNIPPET)).json()["id"]
        connection = world.fill(CONNECTION | {"name": "c", "description": "nobody else may"})
        world.connection = owner.post("/connections", json=connection).json()["id"]
        world.add_dataset(owner, description="nobody else may")
        world.prepare()
        declare(world)
    clients = {
        (role, state): become(worlds["own"], owner, root, role, state)
        for role in ROLES
        for state in STATES
    }
    yield Crowd(service, sqlite, clients, worlds)
    service.loop.stop()


@pytest.mark.timeout(600)  # thousands of requests
def test_every_route_for_every_role_project_and_history(crowd: Crowd) -> None:
    """What is refused for want of the administrator's scope asks for no history: in ``make test`` a third of them there."""
    copy, count, faults = snapshot(crowd.database), 0, []
    for number, row in enumerate(TABLE):
        own, other = (world.filled(row) for world in crowd.projects.values())
        # What names nothing of a project is the same request for both.
        projects = {"own": crowd.projects["own"]} if own == other else crowd.projects
        assert own != other or len({*row.statuses[:4]}) == 1, row
        every = trials(1, 3) if row.scope == ADMIN else 1
        for place, ((role, state), client) in enumerate(crowd.clients.items()):
            if role != "admin" and (place + number) % every:
                continue
            for project, world in projects.items():
                is_member = project == "own" and state not in LOST
                effective = role if is_member or role == "admin" else "stranger"
                expected = row.statuses[ROLES.index(effective)]
                response = world.call(client, row.verb, row.path, row.body)
                count += 1
                is_leak = response.status_code >= 400 and "nobody else may" in response.text
                if response.status_code != expected or is_leak:
                    faults.append((row.verb, row.path, role, state, project, response.status_code))
                if row.verb != "GET" and response.status_code < 400:
                    restore(crowd.service, copy)
    copy.close()
    assert faults == []
    assert count >= 1_500


# Rows whose object is in the body.
NAMED_IN_BODY = {("PUT", "/projects/current"), ("POST", "/snippets"), ("POST", "/connections")} | {
    ("POST", "/datasets")
}


def test_explain_agrees_with_every_decision(crowd: Crowd) -> None:
    """The cases of the test above: whatever a route refuses for want of a right, `explain` says no to, and only that.

    In ``make test`` a third of the histories for each route and role, others for the next route.
    """
    service, count, faults, every = crowd.service, 0, [], trials(1, 3)
    routes = auth.declared_routes(service.app)
    context = create_context(service.settings, crowd.database, service.hub, routes=lambda: routes)  # type: ignore[arg-type]
    explainer = access.create(replace(context, accounts=service.accounts)).explainer
    actions = explainer.actions(PageQuery(limit=200)).items
    by_route = {(action.method, action.path): action for action in actions}
    assert by_route.keys() >= {(row.verb, row.path) for row in TABLE} - {("GET", "/metrics")}
    for number, row in enumerate(TABLE):
        if (action := by_route.get((row.verb, row.path))) is None:
            continue
        # What asks for no more than a scope is the same for every project.
        projects = crowd.projects if action.asks_more else ["own"]
        some = [*crowd.clients][number % every :: every]
        for (role, state), project in itertools.product(some, projects):
            is_member = project == "own" and state not in LOST
            effective = role if is_member or role == "admin" else "stranger"
            status = row.statuses[ROLES.index(effective)]
            # What an administrator does not see where the scope is all that is asked is not there.
            is_absent = status == 404 and row.scope == ADMIN and not action.asks_more
            expected = status not in (403, 404) or (is_absent and effective == "admin")
            world = crowd.projects[project]
            parts = [str(world.values[name]) for name in re.findall(r"{(\w+)}", row.path)]
            target = world.slug if (row.verb, row.path) in NAMED_IN_BODY else "/".join(parts)
            name = f"{'new-' if state == 'renamed' else ''}{role}-{state.replace(' ', '-')}"
            query = ExplainQuery(user=name, action=action.name, object=target)
            explanation = service.loop.run(explainer.explain(query))
            count += 1
            is_complete = all(step.what and step.why for step in explanation.steps)
            if explanation.is_allowed != expected or not is_complete:
                faults.append((row.verb, row.path, role, state, project, explanation))
    assert faults == []
    assert count >= 1_500


@pytest.mark.parametrize("action", ["save", "delete", "undelete"])
@pytest.mark.parametrize("role", ROLES)
def test_each_write_of_a_batch_is_judged_like_one_alone(
    world: World, role: str, action: str
) -> None:
    client = world.service.client(role, admin=role == "admin")
    client.get("/me")
    content = world.fill(EDIT) if action == "save" else None
    write = {"action": action, "id": world.id, "content": content}
    alone = {
        "save": lambda: client.put(f"/snippets/{world.id}", json=content),
        "delete": lambda: client.delete(f"/snippets/{world.id}"),
        "undelete": lambda: client.post(f"/snippets/{world.id}/undelete"),
    }[action]()
    if role in ("owner", "editor") and action == "delete":
        assert client.post(f"/snippets/{world.id}/undelete").status_code == 200
    before = world.audited()
    answer = client.post("/snippets/batch", json={"items": [write, write]}).json()["items"]
    failures = [item["failure"] and item["failure"]["code"] for item in answer]
    if alone.status_code < 400:
        # What is deleted or there already is no change.
        assert failures[0] is None
    else:
        assert failures == [alone.json()["code"]] * 2
        assert world.audited() == before


def test_what_an_administrator_brings_back_is_audited_once(world: World) -> None:
    owner, admin = world.service.client("owner"), world.service.client("admin", admin=True)
    assert owner.delete(f"/projects/{world.slug}").status_code == 204
    before = world.audited()
    for _ in range(2):
        assert admin.post(f"/admin/projects/{world.slug}/undelete").status_code == 200
    assert world.audited()[len(before) :] == [("admin", "projects.undelete")]


@pytest.mark.parametrize("what", ["projects", "snippets"])
def test_what_comes_back_is_audited_once(world: World, what: str) -> None:
    client = world.service.client("owner")
    path = f"/projects/{world.slug}" if what == "projects" else f"/snippets/{world.id}"
    assert client.delete(path).status_code == 204
    before = world.audited()
    for _ in range(2):
        assert client.post(f"{path}/undelete").status_code == 200
    assert world.audited()[len(before) :] == [("owner", f"{what}.undelete")]


def test_what_is_published_and_what_is_removed_for_good_is_audited(world: World) -> None:
    admin, owner = world.service.client("admin", admin=True), world.service.client("owner")
    admin.get("/me")
    before = world.audited()
    snippet = {"name": "s", "cells": [{"source": "1"}], "scope": "everyone"}
    assert admin.post("/snippets", json=snippet).status_code == 201
    batch = {"items": [{"action": "save", "content": snippet}]}
    assert admin.post("/snippets/batch", json=batch).status_code == 200
    assert owner.delete(f"/projects/{world.slug}").status_code == 204
    assert owner.post(f"/projects/{world.slug}/purge").status_code == 204
    assert world.audited()[len(before) :] == [
        ("admin", "snippets.publish"),
        ("admin", "snippets.publish"),
        ("owner", "projects.delete"),
        ("owner", "projects.purge"),
    ]


def test_a_project_that_an_administrator_recovers_is_audited(world: World) -> None:
    admin, viewer = world.service.client("admin", admin=True), world.service.client("viewer")
    for client in (admin, viewer):
        client.get("/me")
    owner = f"only-owner-{world.slug}"
    alone = world.service.client(owner)
    alone.post("/projects", json={"slug": f"left-{world.slug}", "name": "L"}).raise_for_status()
    with world.database.write() as session:
        people.end(session, people.find(session, owner))  # type: ignore[arg-type]
    before = world.audited()
    path = f"/ownerless-projects/left-{world.slug}"
    assert admin.put(path, json={"user": "viewer"}).status_code == 200
    assert world.audited()[len(before) :] == [("admin", "projects.recover")]
    (entry,) = admin.get("/audit", params={"what": "projects.recover", "limit": 1}).json()["items"]
    assert (entry["on"], entry["project"]) == (f"left-{world.slug}/viewer", f"left-{world.slug}")
    assert entry["after"]["role"] == "owner"
    assert admin.put(path, json={"user": "viewer"}).status_code == 409


def test_what_the_audit_says_has_no_text_that_a_person_wrote(world: World) -> None:
    """Not in what was, not in what is: a description or a snippet may hold a secret."""
    canary = "canary-hunter2-7f3a"
    owner = world.service.client("owner")
    owner.patch(f"/projects/{world.slug}", json={"description": canary})
    owner.patch(f"/projects/{world.slug}", json={"description": "none"})
    text = {"name": canary, "description": canary, "cells": [{"source": canary}]}
    made = owner.post("/snippets", json=text).json()["id"]
    owner.put(f"/snippets/{made}", json=text | {"tags": ["x"]})
    owner.delete(f"/snippets/{made}")
    admin = world.service.client("admin", admin=True)
    entries = admin.get("/audit", params={"who": "owner", "limit": 50}).json()["items"]
    changes = [entry for entry in entries if entry["what"] == "projects.change"]
    assert changes[0]["before"]["description_length"] == len(canary)
    assert changes[0]["after"]["description_length"] == 4
    assert canary not in json.dumps(entries)
    assert canary not in admin.get("/audit/export?format=csv").text


@each("row", TABLE)
def test_nobody_gets_nothing(world: World, row: Row) -> None:
    verb, path, body = row[:3]
    for header in ("", "Bearer", "Bearer wrong", "token wrong", "Basic YTpi", "Bearer \xff"):
        client = world.service.anonymous()
        client.headers.encoding = "latin-1"
        if header:
            client.headers["Authorization"] = header
        response = world.call(client, verb, path, body)
        assert response.status_code == 401
        assert set(response.json()) == BODY
        assert response.json()["request_id"] == response.headers["x-request-id"]


@each("row", TABLE)
def test_a_token_without_the_scope_is_refused(world: World, row: Row) -> None:
    verb, path, body = row[:3]
    client = world.service.client("owner", admin=True, holds=NAMES - {row.scope})
    response = world.call(client, verb, path, body)
    assert response.status_code == 403
    assert row.scope in response.json()["reason"]


def test_a_cookie_opens_no_route_of_the_api(world: World) -> None:
    token = world.service.hub.add("owner", holds=USER)
    browser = world.service.browser()
    login = browser.get(f"{PREFIX}/api/docs")
    state = httpx.URL(login.headers["location"]).params["state"]
    browser.get(f"{PREFIX}/oauth_callback", params={"code": token, "state": state})
    assert browser.get(f"{PREFIX}/api/docs").status_code == 200
    for verb, path, body, *_ in TABLE:
        assert world.call(browser, verb, f"{PREFIX}/api{path}", body).status_code == 401


def test_a_route_without_a_scope_does_not_start(service: Service) -> None:
    service.app.add_api_route("/services/orrery/api/forgotten", lambda: None)
    with pytest.raises(RuntimeError, match="forgotten"):
        auth.require_scopes(service.app, public_routes(PREFIX))


def test_a_misspelt_scope_fails_at_import() -> None:
    with pytest.raises(LookupError, match="raed"):
        auth.needs_scope("custom:orrery:snippets:raed")
