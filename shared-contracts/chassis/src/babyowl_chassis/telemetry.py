"""Logs, traces and metrics: what the operators see.

The trace context (W3C `traceparent`) and the correlation id travel with every request and every event, also when
no collector is set; spans are recorded only if OTEL_EXPORTER_OTLP_ENDPOINT is.
"""

import logging
import re
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_propagator = TraceContextTextMapPropagator()


@dataclass(frozen=True, slots=True)
class Context:
    """What one request or one delivery carries along."""

    request_id: str | None = None
    traceparent: str | None = None
    correlation_id: UUID | None = None


_OUTSIDE = Context()
_current: ContextVar[Context] = ContextVar("babyowl_context", default=_OUTSIDE)


def current() -> Context:
    """The context of the request or delivery under way."""
    return _current.get()


def new_traceparent() -> str:
    """The beginning of a new trace."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


def valid_traceparent(value: str | None) -> str | None:
    """The value if it is a W3C traceparent, else None."""
    return value if value is not None and _TRACEPARENT.fullmatch(value) else None


@contextmanager
def carrying(context: Context, name: str, kind: trace.SpanKind = trace.SpanKind.SERVER) -> Iterator[trace.Span]:
    """Enter a context that came from outside; with a collector, under a span of its own."""
    if not _exporting():
        token = _current.set(context)
        try:
            yield trace.INVALID_SPAN
        finally:
            _current.reset(token)
        return
    parent = _propagator.extract({"traceparent": context.traceparent} if context.traceparent else {})
    with trace.get_tracer("babyowl").start_as_current_span(name, context=parent, kind=kind) as active:
        token = _current.set(_with_span(context, active))
        try:
            yield active
        finally:
            _current.reset(token)


@contextmanager
def span(name: str, kind: trace.SpanKind = trace.SpanKind.INTERNAL) -> Iterator[None]:
    """A step within the current context; nothing at all without a collector."""
    if not _exporting():
        yield
        return
    with trace.get_tracer("babyowl").start_as_current_span(name, kind=kind) as active:
        token = _current.set(_with_span(_current.get(), active))
        try:
            yield
        finally:
            _current.reset(token)


def _with_span(context: Context, active: trace.Span) -> Context:
    span_context = active.get_span_context()
    if not (_exporting() and span_context.is_valid):
        return context
    traceparent = f"00-{span_context.trace_id:032x}-{span_context.span_id:016x}-{span_context.trace_flags:02x}"
    return Context(context.request_id, traceparent, context.correlation_id)


def _exporting() -> bool:
    return isinstance(trace.get_tracer_provider(), TracerProvider)


def start_tracing(service: str, *, endpoint: str | None = None, exporter: SpanExporter | None = None) -> None:
    """Send spans to an OTLP/HTTP collector, or to the given exporter; without either, record none."""
    if endpoint is None and exporter is None:
        return
    if exporter is None:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415

        exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces" if endpoint else None)
    provider = TracerProvider(resource=Resource.create({"service.name": f"babyowl-{service}"}))
    provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)


def stop_tracing() -> None:
    """Send what is still waiting."""
    provider = trace.get_tracer_provider()
    if isinstance(provider, TracerProvider):
        provider.shutdown()


def start_logging(service: str, level: str) -> None:
    """JSON lines on standard output, with the request id and the trace id of what is under way.

    Everything logged through the standard library comes out in the same form.
    """

    def add_context(_logger: Any, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        context = _current.get()
        event["service"] = service
        if context.request_id:
            event["request_id"] = context.request_id
        if context.traceparent:
            event["trace_id"] = context.traceparent[3:35]
        return event

    shared: list[structlog.typing.Processor] = [
        add_context,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for chatty in ("uvicorn.access", "httpx", "aiormq", "aio_pika"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
