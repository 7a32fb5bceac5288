"""What operators ask a running service: is it alive, is it ready, what does it measure, what has it published."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import StringConstraints

from babyowl_chassis import event_log
from babyowl_chassis.http.bodies import Text, View
from babyowl_chassis.http.dependencies import PrimaryPool, ReaderPool
from babyowl_chassis.http.pages import Page, PageParams, page
from babyowl_chassis.http.security import SuperAdmin, service_account

EventType = Annotated[Text, StringConstraints(max_length=100)]

probes = APIRouter(include_in_schema=False)


@probes.get("/healthz")
async def healthz() -> dict[str, str]:
    """Alive: the event loop turns."""
    return {"status": "alive"}


@probes.get("/readyz")
async def readyz(request: Request) -> JSONResponse:
    """Ready: everything it needs answers. 503 names what does not."""
    failing = await request.app.state.readiness.failing()
    return JSONResponse({"status": "not ready" if failing else "ready", "failing": failing}, 503 if failing else 200)


@probes.get("/metrics")
async def metrics() -> Response:
    """Prometheus metrics."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


class EventView(View):
    """A published event; `correlation_id` is that of the request it began with, `causation_id` the event before."""

    id: UUID
    type: str
    subject: UUID
    aggregateseq: int
    time: datetime
    correlation_id: UUID | None
    causation_id: UUID | None
    data: Mapping[str, Any]


_EVENTS = """
SELECT seq, id, type, aggregate_id AS subject, aggregate_seq AS aggregateseq, time, correlation_id, causation_id, data
FROM event_log
WHERE seq > $1
    AND ($2::uuid IS NULL OR correlation_id = $2)
    AND ($3::uuid IS NULL OR aggregate_id = $3)
    AND ($4::text IS NULL OR type = $4)
ORDER BY seq LIMIT $5
"""


def event_log_of(service: str) -> APIRouter:
    """The service's event log, for operators: what followed from a request, what happened to a thing."""
    router = APIRouter(prefix=f"/api/v1/operations/{service}", tags=["Operations"])

    @router.get("/events", name=f"list_{service}_events")
    async def events(
        db: ReaderPool,
        params: PageParams,
        _: SuperAdmin,
        correlation_id: UUID | None = None,
        subject: UUID | None = None,
        event_type: Annotated[Text | None, Query(alias="type", max_length=100)] = None,
    ) -> Page[EventView]:
        """What the service has published, oldest first. A request's correlation id is in its `X-Correlation-ID`."""
        [after] = params.after_as(int) or (0,)
        rows = await db.fetch(_EVENTS, after, correlation_id, subject, event_type, params.limit + 1)
        return page(rows, params, key=lambda row: (row["seq"],), view=lambda row: EventView.of(dict(row)))

    return router


class LoggedEventsView(View):
    """Events as CloudEvents documents, the same as on the broker.

    The next page begins `after` this one; `newest` is where the log ends for now.
    """

    items: list[dict[str, Any]]
    after: int
    newest: int


replay = APIRouter(tags=["Internal"])


@replay.get(event_log.PATH, dependencies=[service_account(event_log.SCOPE)])
async def get_events_for_replay(
    db: PrimaryPool,
    event_types: Annotated[list[EventType] | None, Query(alias="type", max_length=50)] = None,
    after: Annotated[int, Query(ge=0, lt=2**63)] = 0,
    limit: Annotated[int, Query(ge=1, le=event_log.MAX_LIMIT)] = event_log.MAX_LIMIT,
) -> LoggedEventsView:
    """What the service has published, of these types or of all, in the order of its log; no gap is filled later."""
    found = await event_log.settled_page(db, event_types, after=after, limit=limit)
    return LoggedEventsView(
        items=[envelope.document() for envelope in found.events], after=found.after, newest=found.newest
    )
