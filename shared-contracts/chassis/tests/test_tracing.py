"""One trace from the gateway through the command and the broker into the consumer."""

from collections.abc import Iterator
from typing import Any

import jars
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind
from opentelemetry.util._once import Once
from shelves import JARS

from babyowl_chassis import telemetry
from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import eventually, serving
from babyowl_contracts import Envelope, Event

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
FROM_THE_GATEWAY = f"00-{TRACE_ID}-b7ad6b7169203331-01"


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[telemetry.Context]:
    """The contexts in which events took effect."""
    contexts: list[telemetry.Context] = []

    async def note(event: Event, uow: Any, envelope: Envelope) -> None:
        contexts.append(telemetry.current())

    monkeypatch.setattr(jars, "count", note)
    return contexts


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """A collector, for this test alone."""
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", None)
    monkeypatch.setattr(trace, "_TRACER_PROVIDER_SET_ONCE", Once())
    exporter = InMemorySpanExporter()
    telemetry.start_tracing("jars", exporter=exporter)
    yield exporter
    telemetry.stop_tracing()


async def tell(servers: dict[str, Any], seen: list[telemetry.Context], **headers: str) -> None:
    """Make a jar under these headers, and wait until its event has taken effect."""
    async with serving(jars.service, **servers) as shelf:
        body = {"label": "blue", "capacity": 1}
        answer = await shelf.as_("staff").post(JARS, json=body, headers=headers)
        assert answer.status_code == 201
        await eventually(lambda: seen)


async def test_without_a_collector_the_trace_and_the_story_travel_all_the_same(
    servers: dict[str, Any], seen: list[telemetry.Context]
) -> None:
    story = new_id()
    await tell(servers, seen, **{"traceparent": FROM_THE_GATEWAY, "X-Correlation-ID": str(story)})
    [context] = seen
    assert (context.traceparent, context.correlation_id) == (FROM_THE_GATEWAY, story)


async def test_with_a_collector_every_step_is_a_span_of_the_gateways_trace(
    spans: InMemorySpanExporter, servers: dict[str, Any], seen: list[telemetry.Context]
) -> None:
    await tell(servers, seen, traceparent=FROM_THE_GATEWAY)
    telemetry.stop_tracing()
    ours = [span for span in spans.get_finished_spans() if trace_id(span) == TRACE_ID]
    by_kind = {kind: [span for span in ours if span.kind is kind] for kind in SpanKind}
    [request], [publish], [consume] = (
        by_kind[kind] for kind in (SpanKind.SERVER, SpanKind.PRODUCER, SpanKind.CONSUMER)
    )
    names = {span.name for span in ours}
    assert {"MakeJar", "learning.CourseCreated.v1 publish", "jars.counting consume"} <= names
    assert request.parent is not None
    assert f"{request.parent.span_id:016x}" == "b7ad6b7169203331"
    [command] = [span for span in ours if span.name == "MakeJar"]
    assert parent_of(command) == request.context.span_id
    assert parent_of(publish) == parent_of(consume) == command.context.span_id
    assert [context.traceparent[3:35] for context in seen if context.traceparent] == [TRACE_ID]


async def test_no_span_is_named_after_an_id(
    spans: InMemorySpanExporter, servers: dict[str, Any], seen: list[telemetry.Context]
) -> None:
    async with serving(jars.service, **servers) as shelf:
        await shelf.as_("staff").get(f"{JARS}/{(jar_id := new_id())}", headers={"traceparent": FROM_THE_GATEWAY})
    telemetry.stop_tracing()
    names = [span.name for span in spans.get_finished_spans() if trace_id(span) == TRACE_ID]
    assert names == [f"GET {JARS}/{{jar_id}}"]
    assert str(jar_id) not in names


def trace_id(span: ReadableSpan) -> str:
    return f"{span.context.trace_id:032x}"


def parent_of(span: ReadableSpan) -> int | None:
    return span.parent.span_id if span.parent else None
