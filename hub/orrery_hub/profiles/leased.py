"""A spawner whose servers hold a lease of a pool from their start to their end.

Before a start JupyterHub's process asks the hub service, which checks the options, whoever sent them, and counts. Where no
profile is declared, a server just starts. A start that fails, and a server that ends by itself, is reported with its cause.
"""

from __future__ import annotations

import asyncio
import html
import inspect
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from datetime import datetime
from pathlib import Path
from typing import Any

from jupyterhub.spawner import Spawner, SpawnException
from traitlets import Float, Unicode

from orrery_hub.base import db
from orrery_hub.base.cause_texts import TEXTS
from orrery_hub.profiles import spawn_form
from orrery_hub.profiles.launch_client import LaunchClient, cancel_in, client_of, launch_in
from orrery_hub.profiles.start_attempt import Attempt, Evidence, failure_of, secrets_of
from orrery_wire.errors import (
    BackendUnavailable,
    Invalid,
    OrreryError,
    StorageFull,
    TimedOut,
    TooMany,
)
from orrery_wire.failures import FailureIn
from orrery_wire.json_types import JsonObject
from orrery_wire.launch import EndedIn, Launch, StartedIn
from orrery_wire.schemas import Shape

# A report is repeated for a week, at last once a minute: what it says of times is charged.
_REPORT_SECONDS = 10.0
_REPORT_PAUSE_LIMIT = 60.0
_REPORT_HOURS = 7 * 24
# Runs the script, which leaves its output in the home, and then the server in the place of the shell.
_WITH_SCRIPT = (
    'sh -c "$ORRERY_STARTUP_SCRIPT" > startup-script.log 2>&1'
    ' || echo "the startup script ended with $?" >> startup-script.log;'
    ' unset ORRERY_STARTUP_SCRIPT; exec "$@"'
)
# A report that is lost for one of these would leave a device held, and charged.
_PASSING = (BackendUnavailable, StorageFull, TimedOut, TooMany)
_NAME = "orrery-start"
# A stop that fails is tried again after so many seconds.
_STOP_PAUSES = (1.0, 5.0, 15.0)
_reports: set[asyncio.Task[None]] = set()
# Forms that are remembered: so many, of which the oldest is shown without what was entered.
_MAX_SENT_FORMS = 500
# Characters of all fields of a form: more than the longest script and environment that the service takes.
_MAX_FORM = 1_000_000
# Of a form that is remembered.
_MAX_REMEMBERED = 100_000
_NOT_BY_ADDRESS = Invalid(
    "Nothing was started yet",
    reason="An address chooses a profile, and starts nothing.",
    remedy="Look at what is chosen, and press Start.",
)
_TOO_LONG = Invalid(
    "Nothing was started",
    reason=f"What was sent has more than {_MAX_FORM:,} characters.",
    remedy="Keep long scripts in a file of your home, and call it from the startup script.",
)
# A spawner may stop its server when it looks whether that runs; then nobody had it stopped.
_is_polling: ContextVar[bool] = ContextVar("is_polling", default=False)
# The form that each user sent last, until its server starts or the form is shown again.
_sent_forms: OrderedDict[str, tuple[LeasedSpawner, spawn_form.Entered]] = OrderedDict()


def _length_of(form_data: Mapping[str, Any]) -> int:
    """Characters of all fields of a form."""
    return sum(len(str(value)) for values in form_data.values() for value in values)


class LeasedSpawner(Spawner):  # type: ignore[misc]  # it has no types
    """Takes a lease before a server starts, and ends it when the server has stopped.

    A mixin: it stands before the class that starts servers.
    """

    launch_url = Unicode("", help="Address of the hub service's API; empty: no leases.").tag(
        config=True
    )
    launch_token_file = Unicode("", help="File with this process's token there.").tag(config=True)
    launch_seconds = Float(10, help="How long to wait for its answer.").tag(config=True)

    cmd: list[str]
    user_options: JsonObject
    _launch: Launch | None = None
    _lease_id: int | None = None
    # Where the server moves after this start: no option, for JupyterHub starts a server again with the options of before.
    _then = ""
    _attempt: Attempt | None = None
    # Since when the server of the lease runs.
    _started_at: datetime | None = None
    # The last stop failed, and the server may run on.
    _may_run = False

    @property
    def lease_id(self) -> int | None:
        """The lease that the server holds; None without one."""
        return self._lease_id

    @property
    def launch(self) -> Launch | None:
        """What the server starts with; None without a lease, and after a restart of the hub."""
        return self._launch

    @property
    def launch_client(self) -> LaunchClient | None:
        """The client of the hub service; None if there is none."""
        if not self.launch_url:
            return None
        return client_of(self.launch_url, Path(self.launch_token_file), self.launch_seconds)

    async def get_options_form(self) -> str:
        """The page of server options; without profiles, what else is configured."""
        client = self.launch_client
        if client is not None:
            # After a refusal JupyterHub asks the spawner of the server without a name, whichever was to start.
            spawner, sent = _sent_forms.pop(self.user.name, (self, None))
            try:
                choices = await client.choices(launch_in(spawner, {}))
            except OrreryError as problem:
                if client.is_required is not False:
                    raise _refusal(problem) from problem
                self._warn_unasked(problem)
            else:
                if choices.is_required:
                    title = getattr(spawner, "display_name", "") or ""
                    return spawn_form.render(choices, spawner.name, title, sent)
        form: str = await super().get_options_form()
        return form

    def run_options_from_form(self, form_data: Mapping[str, Any]) -> Any:
        """The options of a form: ours, or another's."""
        if spawn_form.MARK in form_data:
            return self._options_of_form(form_data)
        return super().run_options_from_form(form_data)

    async def _options_of_form(self, form_data: Mapping[str, Any]) -> JsonObject:
        """The options of our form.

        Raises:
            SpawnException: the person takes a place in the queue or gives it up, and nothing starts.
        """
        if _length_of(form_data) > _MAX_FORM:
            raise _refusal(_TOO_LONG)
        # Until the server starts: a form that is refused is shown with what was entered.
        self._remember(form_data)
        try:
            sent = spawn_form.parse(form_data)
            client = self.launch_client
            if sent.cancel is not None and client is not None:
                await client.cancel(cancel_in(self, sent.cancel))
                raise spawn_form.cancelled()
            if sent.waits and client is not None:
                ticket = await client.join(launch_in(self, sent.options))
                raise spawn_form.queued(ticket.ticket)
        except OrreryError as problem:
            raise _refusal(problem) from problem
        self._then = sent.then
        return sent.options

    def options_from_query(self, query_data: Mapping[str, Any]) -> Any:
        """Fill the form in from an address such as ``/hub/spawn?opt-profile=cpu``.

        JupyterHub starts a server for an address without asking where it comes from: a link of somebody else could
        run a script, or spend money.

        Raises:
            SpawnException: always where profiles are declared, or may be; JupyterHub then shows the form.
        """
        client = self.launch_client
        if client is not None and client.is_required is not False:
            harmless = {name: query_data[name] for name in spawn_form.LINKED & query_data.keys()}
            self._remember(harmless)
            raise _refusal(_NOT_BY_ADDRESS)
        return super().options_from_query(query_data)

    def _remember(self, form_data: Mapping[str, Any]) -> None:
        """Keep what was entered for the form that is shown next."""
        _sent_forms.pop(self.user.name, None)
        if _length_of(form_data) > _MAX_REMEMBERED:
            return
        _sent_forms[self.user.name] = (self, spawn_form.entered_of(form_data))
        while len(_sent_forms) > _MAX_SENT_FORMS:
            _sent_forms.popitem(last=False)

    async def run_pre_spawn_hook(self) -> None:
        """Take the lease, then what else is to be done before a start."""
        self._attempt = attempt = Attempt()
        with attempt.noting():
            await self._take_lease()
            result = super().run_pre_spawn_hook()
            if inspect.isawaitable(result):
                await result

    async def _take_lease(self) -> None:
        client = self.launch_client
        self._launch = self._lease_id = self._started_at = None
        then, self._then = self._then, ""
        if client is None:
            return
        try:
            launch = await client.launch(launch_in(self, self.user_options or {}, then))
        except BackendUnavailable as problem:
            if client.is_required is not False:
                raise _refusal(problem) from problem
            self._warn_unasked(problem)
            return
        except OrreryError as problem:
            self._attempt = None  # an answer, and no failure
            raise _refusal(problem) from problem
        if launch.lease is None:
            return
        self._launch, self._lease_id = launch, launch.lease
        # Here, for the hub reads it before a profile is applied.
        if launch.start_timeout_seconds is not None:
            self.start_timeout = launch.start_timeout_seconds
        if launch.cpu_limit is not None:
            self.cpu_limit = launch.cpu_limit
        if launch.memory_limit_bytes is not None:
            self.mem_limit = launch.memory_limit_bytes

    def _warn_unasked(self, problem: OrreryError) -> None:
        self.log.warning(
            "orrery: %s starts without a lease: %s No profile was declared when it last answered.",
            self._log_name,
            problem.reason,
        )

    def preparing(self) -> AbstractContextManager[None]:
        """What a place needs while its server is being started."""
        return nullcontext()

    async def evidence(self, problem: BaseException | None) -> Evidence:
        """What is seen of a server that failed, before it is removed; what was raised may say more of it."""
        return Evidence()

    async def start(self) -> Any:
        """Start the server, and report it."""
        attempt = self._attempt = self._attempt or Attempt()
        with attempt.noting(), self.preparing():
            attempt.reach("start")
            # Now: a spawner forgets its token as soon as it sees the server dead.
            attempt.secrets = secrets_of(self)
            if self._launch is not None and self._launch.startup_script and _NAME not in self.cmd:
                self.cmd = ["/bin/sh", "-c", _WITH_SCRIPT, _NAME, *self.cmd]
            address = await super().start()
        attempt.reach("answer")
        _sent_forms.pop(self.user.name, None)
        if self._lease_id is not None:
            self._started_at = db.now()
            report = StartedIn(
                user=self.user.name,
                server=self.name,
                lease=self._lease_id,
                at=self._started_at,
            )
            self._report("started", report)
        return address

    async def stop(self, now: bool = False) -> None:
        """Stop the server."""
        if self._attempt is not None:
            if self._is_starting() or _is_polling.get():
                await self._look(self._attempt)
            self._attempt.is_stopped = self._attempt.is_stopped or not _is_polling.get()
        await self._stop(now=now)

    async def _stop(self, *, now: bool) -> None:
        """Stop it, and try again for a while: JupyterHub forgets a server whose stop fails, though it may run on."""
        self._may_run = False
        for pause in (*_STOP_PAUSES, None):
            try:
                await super().stop(now=now)
            except Exception:  # whatever a place raises: the last time it is raised on
                # Until it is seen to be gone: what looks may fail as what stops did.
                self._may_run = True
                if await super().poll() is not None:
                    self._may_run = False
                    return
                if pause is None:
                    raise
                await asyncio.sleep(pause)
            else:
                self._may_run = False
                return

    async def poll(self) -> int | None:
        """None while the server runs."""
        token = _is_polling.set(True)
        try:
            status: int | None = await super().poll()
        finally:
            _is_polling.reset(token)
        attempt = self._attempt
        if status is not None and attempt is not None and not attempt.is_stopped:
            attempt.exit_status = status
            if status or self._is_starting():
                await self._look(attempt)
        return status

    def _is_starting(self) -> bool:
        """Whether the server has not answered yet."""
        stage = self._attempt.stage if self._attempt else "run"
        return stage in ("prepare", "start") or bool(self._waiting_for_response)

    async def _look(self, attempt: Attempt) -> None:
        """See what can be seen, once: after a stop there is nothing left."""
        attempt.note_time()
        if attempt.evidence is None:
            attempt.evidence = await self.evidence(attempt.problem)

    def get_env(self) -> JsonObject:
        """The environment of the server: JupyterHub's, and that of the lease, which no template is expanded in."""
        environment: JsonObject = super().get_env()
        if self._launch is not None:
            environment |= self._launch.environment
            if self._launch.startup_script:
                environment["ORRERY_STARTUP_SCRIPT"] = self._launch.startup_script
        return environment

    def run_post_stop_hook(self) -> Any:
        """What is to be done after a stop, or after a start that failed; the lease ends."""
        try:
            failure = self._failure()
            if self._lease_id is not None:
                reason = "stopped" if failure is None else TEXTS[failure.kind][0]
                report = EndedIn(
                    user=self.user.name,
                    server=self.name,
                    lease=self._lease_id,
                    at=db.now(),
                    reason=reason,
                    is_gone=not self._may_run,
                    started=self._started_at,
                )
                self._report("ended", report)
            if failure is not None:
                self._report("failed", failure)
        finally:
            self._launch = self._lease_id = self._attempt = self._started_at = None
        return super().run_post_stop_hook()

    def _failure(self) -> FailureIn | None:
        """The report of a start that failed, or of a server that ended by itself; None for what was stopped or given up."""
        attempt = self._attempt
        if attempt is None or self.launch_client is None:
            return None
        stage = attempt.failed_stage(
            is_waiting=bool(self._waiting_for_response),
            start_seconds=self.start_timeout,
            answer_seconds=self.http_timeout,
        )
        return None if stage is None else failure_of(self, attempt, stage)

    def _report(self, verb: str, report: Shape) -> None:
        """Report in the background, again and again while the service does not answer."""
        task = asyncio.get_running_loop().create_task(self._send_report(verb, report))
        _reports.add(task)
        task.add_done_callback(_reports.discard)

    async def _send_report(self, verb: str, report: Shape) -> None:
        clock, pause = asyncio.get_running_loop().time, _REPORT_SECONDS
        until = clock() + _REPORT_HOURS * 3600
        while clock() < until:
            client = self.launch_client
            if client is None:
                return
            try:
                await getattr(client, verb)(report)
            except _PASSING:
                await asyncio.sleep(pause)
                pause = min(1.2 * pause, _REPORT_PAUSE_LIMIT)
            except OrreryError as problem:
                self.log.error("orrery: that a server has %s is not taken: %s", verb, problem)
                return
            else:
                return
        # The hub service finds it out by itself when it compares leases with servers.
        self.log.warning("orrery: nobody took the report that %s %s", self._log_name, verb)

    def load_state(self, state: JsonObject) -> None:
        """Restore what the hub knew of the server.

        The lease is forgotten after a stop, not with the rest: spawners forget a process as soon as they see it dead.
        """
        super().load_state(state)
        self._lease_id = state.get("lease_id")
        started = state.get("lease_started")
        self._started_at = datetime.fromisoformat(started) if started else None
        if self.orm_spawner is not None and self.orm_spawner.server is not None:
            # It ran when the hub ended; whether it still does is seen next.
            self._attempt = Attempt(stage="run")

    def get_state(self) -> JsonObject:
        """What the next start of the hub has to know of the server."""
        state: JsonObject = super().get_state()
        if self._lease_id is not None:
            state["lease_id"] = self._lease_id
            if self._started_at is not None:
                state["lease_started"] = self._started_at.isoformat()
        return state


def _refusal(problem: OrreryError) -> SpawnException:
    """Why a server does not start, as JupyterHub shows it and counts it: a refusal, no failure."""
    parts = [problem.message.rstrip(".") + ".", problem.reason, problem.remedy]
    status = problem.status if 400 <= problem.status < 500 else 503
    return spawn_form.answer_of(
        " ".join(part for part in parts if part),
        "".join(f"<p>{html.escape(part)}</p>" for part in parts if part),
        reason=problem.code,
        status=status,
    )
