"""OpenTelemetry spans for the calls of models, off unless an address is set.

They carry the attributes of the GenAI conventions and no words: no prompt, no answer, no picture.
https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/ (in development when written)
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from app import __version__
from app.errors import SwathError
from app.services.observed import CallSeen

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter

FLUSH_MS = 1000


class TelemetryMissing(SwathError):
    """The packages of the extra are not installed."""

    code = "telemetry_missing"


class Spans:
    """An `Observer` that makes a span a call, and sends them from a thread of its own."""

    def __init__(self, exporter: SpanExporter) -> None:
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - an extra
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

        own = Resource.create({"service.name": "swath", "service.version": __version__})
        self._provider = TracerProvider(resource=own, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("swath", __version__)

    @contextlib.contextmanager
    def call(self, call: CallSeen) -> Iterator[None]:
        """Watches a call of a service."""
        from opentelemetry.trace import SpanKind, StatusCode  # noqa: PLC0415

        # An error's words may be the service's, and those anybody's: its kind alone is told.
        with self._tracer.start_as_current_span(
            f"chat {call.model}",
            kind=SpanKind.CLIENT,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield
            finally:
                span.set_attributes(attributes_of(call))
                if call.outcome != "answered":
                    span.set_status(StatusCode.ERROR, call.outcome)

    def close(self) -> None:
        """Sends what is left, for a second at most."""
        self._provider.force_flush(FLUSH_MS)
        self._provider.shutdown()


def spans_to(endpoint: str) -> Spans:
    """Spans sent to an OTLP/HTTP address.

    Raises:
        TelemetryMissing: the extra is not installed.
    """
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
            OTLPSpanExporter,
        )
    except ImportError as error:
        raise TelemetryMissing(
            "SWATH_OTEL_ENDPOINT is set, and OpenTelemetry is not installed.",
            hint="Install it:  pip install 'swath[otel]'",
        ) from error
    return Spans(OTLPSpanExporter(endpoint=endpoint, timeout=1))


def attributes_of(call: CallSeen) -> Mapping[str, str | int]:
    """A call in the names of the GenAI conventions."""
    there = urlsplit(call.address)
    found: dict[str, str | int | None] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "swath" if there.hostname == "embedded" else "openai",
        "gen_ai.request.model": call.model,
        "gen_ai.response.model": call.answered_by or None,
        "gen_ai.usage.input_tokens": call.input_tokens,
        "gen_ai.usage.output_tokens": call.output_tokens,
        "server.address": there.hostname,
        "server.port": there.port,
        "error.type": call.outcome if call.outcome != "answered" else None,
        "swath.service": call.service,
        "swath.attempts": call.attempts,
    }
    return {name: value for name, value in found.items() if value is not None}
