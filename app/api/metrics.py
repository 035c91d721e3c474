"""What Swath counts, in a registry of its own, for Prometheus."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from app import __version__
from app.services.breaker import BreakerState
from app.services.observed import CallSeen, ObservedClient
from app.services.vision import Service
from app.turn import Turn

SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)
SERVICES: tuple[Service, ...] = ("vqa", "captioning")
STATES: tuple[BreakerState, ...] = ("closed", "half_open", "open")


class Metrics:
    """The numbers of one app. A `Listener` to its agent, an `Observer` of its calls."""

    def __init__(self) -> None:
        own = self._registry = CollectorRegistry()
        self._requests = Counter(
            "swath_http_requests",
            "Requests by route template; status 0 is one that was not answered.",
            ["method", "route", "status"],
            registry=own,
        )
        self._request_s = Histogram(
            "swath_http_request_duration_seconds",
            "From a request's headers to its answer's last byte.",
            ["method", "route"],
            buckets=SECONDS,
            registry=own,
        )
        self._in_flight = Gauge(
            "swath_http_requests_in_flight", "Requests being answered.", registry=own
        )
        self._turns = Counter(
            "swath_turns", "Turns that ended.", ["status", "task", "engine"], registry=own
        )
        self._tasks = Counter(
            "swath_tasks", "Tasks of turns that ended.", ["task", "status"], registry=own
        )
        self._turn_s = Histogram(
            "swath_turn_duration_seconds",
            "The graph's run of a turn.",
            ["task"],
            buckets=SECONDS,
            registry=own,
        )
        self._images = Counter("swath_images", "Pictures that were kept.", ["mime"], registry=own)
        self._image_bytes = Counter("swath_image_bytes", "Bytes of them.", registry=own)
        self._calls = Counter(
            "swath_calls", "Calls of a model service.", ["service", "outcome"], registry=own
        )
        self._call_s = Histogram(
            "swath_call_duration_seconds",
            "A call with its retries.",
            ["service"],
            buckets=SECONDS,
            registry=own,
        )
        self._retries = Counter(
            "swath_call_retries", "Attempts after a call's first.", ["service"], registry=own
        )
        self._tokens = Counter(
            "swath_tokens", "Tokens that servers counted.", ["service", "direction"], registry=own
        )
        Gauge("swath_build_info", "The version.", ["version"], registry=own).labels(
            __version__
        ).set(1)

    def watch(self, vision: ObservedClient) -> None:
        """Also tells the state of the services' breakers and queues, as it is when asked."""
        self._registry.register(_Services(vision))

    @contextlib.contextmanager
    def in_flight(self) -> Iterator[None]:
        """Counts a request while it is answered."""
        with self._in_flight.track_inprogress():
            yield

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered."""
        # Any word can be sent as a method; only known ones become a label.
        method = method if method in {"GET", "HEAD", "POST", "DELETE", "PUT", "PATCH"} else "other"
        self._requests.labels(method, route, str(status)).inc()
        self._request_s.labels(method, route).observe(seconds)

    def turn(self, turn: Turn) -> None:
        """A turn was answered, refused, or failed."""
        self._turns.labels(turn.status, turn.task, turn.engine or "none").inc()
        for answer in turn.answers:
            self._tasks.labels(answer.task, answer.status).inc()
        self._turn_s.labels(turn.task).observe(turn.ms / 1000)

    def image(self, mime: str, size_bytes: int) -> None:
        """A picture was kept."""
        self._images.labels(mime).inc()
        self._image_bytes.inc(size_bytes)

    @contextlib.contextmanager
    def call(self, call: CallSeen) -> Iterator[None]:
        """Watches a call of a service."""
        try:
            yield
        finally:
            self._calls.labels(call.service, call.outcome).inc()
            self._call_s.labels(call.service).observe(call.seconds)
            self._retries.labels(call.service).inc(max(0, call.attempts - 1))
            self._tokens.labels(call.service, "input").inc(call.input_tokens or 0)
            self._tokens.labels(call.service, "output").inc(call.output_tokens or 0)

    def text(self) -> bytes:
        """All of it in Prometheus's text format."""
        return generate_latest(self._registry)


class _Services(Collector):
    def __init__(self, vision: ObservedClient) -> None:
        self._vision = vision

    def collect(self) -> Iterable[Metric]:
        """The gauges, made anew."""
        breaker = GaugeMetricFamily(
            "swath_breaker_state", "1 for the state it is in.", labels=["service", "state"]
        )
        calls = GaugeMetricFamily(
            "swath_calls_in_flight", "Calls on their way.", labels=["service"]
        )
        queue = GaugeMetricFamily(
            "swath_calls_waiting", "Calls that wait for a place.", labels=["service"]
        )
        for service in SERVICES:
            now = self._vision.breaker_state(service)
            for state in STATES:
                breaker.add_metric([service, state], float(state == now))
            on_the_way, waiting = self._vision.load(service)
            calls.add_metric([service], on_the_way)
            queue.add_metric([service], waiting)
        return [breaker, calls, queue]
