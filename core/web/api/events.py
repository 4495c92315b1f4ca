"""What happens, as it happens."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection
from typing import Annotated, Any

import orjson
from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Header, Query
from starlette.responses import Response

from core import clock
from core.access import Identity, Redaction, Rights, Tokens
from core.container import Container
from core.Entities.Role import ALL
from core.exceptions import BadRequest
from core.job_manager.job_changes import JobChanges
from core.Services import ServiceFactory
from core.web.job_log import JobLogs
from core.web.live.bundle import Bundle
from core.web.live.event_stream import EventStream, frame
from core.web.live.hub import Found, Hub, Listener, LiveEvent
from core.web.live.shared_status import SharedStatus
from core.web.open_api.answers import EVENTS
from core.web.signed_in import Allowed

MayRead = Annotated[Identity, Depends(Allowed("read", "Job"))]
Jobs = Annotated[str | None, Query(max_length=4000, description="Ids of jobs that are watched, separated by commas.")]
LogOf = Annotated[str | None, Query(max_length=100, description="The id of a job whose log is told as well.")]
Bundled = Annotated[bool, Query(description="One event `changed` a second at most, which says what it is about.")]
LastEventId = Annotated[str | None, Header(max_length=100)]

_MOST_JOBS = 100
#: Behind proxies a connection on which nothing comes is cut; one that is told nothing is not known to be gone.
_STILL_HERE_SECONDS = 15.0
_LOG_SECONDS = 1.0
#: Whoever may come in no more is out after this time: clients come again by themselves, with what they have read.
_LONGEST_SECONDS = 600.0


def event_hub(container: Container, status: SharedStatus) -> Hub:
    """What looks, and tells all who listen."""
    return Hub(_Look(container, status), container.get(Tokens).still_good)


def event_routes(container: Container, hub: Hub, logs: JobLogs) -> APIRouter:
    """`/events`."""
    router = APIRouter(prefix="/api", tags=["Events"])
    services, rights = container.get(ServiceFactory), container.get(Rights)

    def sight(identity: Identity) -> Callable[[LiveEvent], bool]:
        sees_all_jobs = rights.level(identity, "read", "Job") == ALL
        sees_status = rights.may(identity, "read", "JobManager")

        def may_see(event: LiveEvent) -> bool:
            if event.kind == "status":
                return sees_status
            return sees_all_jobs or event.kind != "job" or event.owner_id == identity.user.id

        return may_see

    @router.get("/events", operation_id="listenToEvents", responses=EVENTS, response_class=Response)
    async def events(
        identity: MayRead,
        jobs: Jobs = None,
        log: LogOf = None,
        bundled: Bundled = False,
        last_event_id: LastEventId = None,
    ) -> Response:
        """Changes of jobs and of the job manager's status, and the log of one job, as server-sent events."""
        watched = [] if jobs is None else jobs.split(",")
        if len(watched) > _MOST_JOBS:
            raise BadRequest(f"At most {_MOST_JOBS} jobs can be watched.", field="jobs")
        if log is not None:
            await run_sync(services.create_record("Job").get_entity, log)  # NotFound where there is none
        position = Position.read(last_event_id, hub.epoch)
        may_see = await run_sync(sight, identity)

        def source(let_go: Callable[[], None]) -> AsyncIterator[bytes]:
            if not bundled:
                listener = Listener(watched, may_see, let_go, identity.token_id)
                return _stream(hub, listener, position, None if log is None else _LogTexts(logs, log, position))
            bundle = Bundle(watched, may_see, let_go, identity.token_id)
            return _stream(hub, bundle, position, None if log is None else _LogGrowth(logs, log, position, bundle))

        return EventStream(source)

    return router


class Position:
    """How far a client has read: `<epoch>-<number of the last event>-<bytes of the log>`."""

    def __init__(self, epoch: str, number: int | None, log_bytes: int) -> None:
        self.epoch = epoch
        self.number = number
        self.log_bytes = log_bytes

    @classmethod
    def read(cls, text: str | None, epoch: str) -> Position:
        """That of the header `Last-Event-ID`; from the beginning where there is none, or none of ours."""
        parts = (text or "").split("-")
        if len(parts) != 3 or not all(each.isascii() and each.isdigit() and len(each) < 16 for each in parts[1:]):
            return cls(epoch, None, 0)
        return cls(epoch, int(parts[1]) if parts[0] == epoch else None, int(parts[2]))

    def __str__(self) -> str:
        return f"{self.epoch}-{self.number or 0}-{self.log_bytes}"


class _Look:
    """One look at the jobs, and every other time at the status as a whole."""

    def __init__(self, container: Container, shared: SharedStatus) -> None:
        self._changes = JobChanges(container)
        self._shared = shared
        self._redaction = container.get(Redaction)
        self._status: Any = None
        self._is_turn = False

    def __call__(self, watched: Collection[str]) -> list[Found]:
        changed, is_more = self._changes.look(watched)
        found: list[Found] = [("job", self._redaction.redact(each), each["ownerUserId"]) for each in changed]
        if is_more:
            found.append(("many", {}, None))
        self._is_turn = not self._is_turn
        if self._is_turn:
            status = self._redaction.redact(_counters(self._shared.read().to_dict()))
            if status != self._status:
                self._status = status
                found.append(("status", status, None))
        return found


def _counters(status: dict[str, Any]) -> dict[str, Any]:
    workers = status["workers"]
    return {
        "running": len(workers["running"]) + len(status["elsewhere"]),
        "free": workers["free"],
        **{name: status[name] for name in ("backlog", "lastHour", "paused", "pausedEverywhere", "warnings")},
    }


class _LogTexts:
    """What comes to the log of a job, as events."""

    def __init__(self, logs: JobLogs, job_id: str, position: Position) -> None:
        self._logs = logs
        self._job_id = job_id
        self._position = position

    async def next(self) -> bytes | None:
        """The next part that was not told yet, if there is one."""
        position = self._position
        if self._logs.size(self._job_id) <= position.log_bytes:
            return None
        part = await run_sync(self._logs.read, self._job_id, position.log_bytes)
        if not part.text:
            return None
        position.log_bytes = part.next
        return frame("log", orjson.dumps({"jobId": self._job_id, "text": part.text}), str(position))


class _LogGrowth:
    """Notes that something came to the log of a job; what is there at the beginning the client has read."""

    def __init__(self, logs: JobLogs, job_id: str, position: Position, bundle: Bundle) -> None:
        self._logs = logs
        self._job_id = job_id
        self._position = position
        self._bundle = bundle
        position.log_bytes = position.log_bytes or logs.size(job_id)

    async def next(self) -> None:
        """No event: what is noted comes with the bundle."""
        size = self._logs.size(self._job_id)
        if size != self._position.log_bytes:
            self._position.log_bytes = size
            self._bundle.note("log")


async def _stream(
    hub: Hub, listener: Listener, position: Position, log: _LogTexts | _LogGrowth | None
) -> AsyncIterator[bytes]:
    ends_at = clock.monotonic() + _LONGEST_SECONDS
    with hub.listening(listener, position.number) as has_all:
        await hub.ready()
        if not has_all:
            position.number = hub.number
            yield frame("ready", b"{}", str(position))
        silent_since = clock.monotonic()
        while (now := clock.monotonic()) < ends_at:
            if log is not None:
                while (news := await log.next()) is not None:
                    yield news
                    silent_since = now
            event = await listener.next(_LOG_SECONDS if log is not None else _STILL_HERE_SECONDS)
            if listener.is_over:
                return
            if event is not None:
                position.number = max(position.number or 0, event.number)
                yield frame(event.kind, event.data, str(position))
                silent_since = now
            elif now - silent_since >= _STILL_HERE_SECONDS:
                yield b": still here\n\n"
                silent_since = now
