"""Prometheus metrics of one operator process. Made by app, called through the small methods below.

Every value has one writer. Label values are bounded: kinds, vendors, operations, error names; never names of
objects. The registry is this object's own, so that two of them in one process do not meet.
"""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.exposition import choose_encoder

OK = "ok"
THROTTLED = "Throttled"

_CALLS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_WAITS = (0.001, 0.01, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0)


class Metrics:
    """Implements the Observers of engine.budget, engine.runtime and kube.session."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self._cloud(self.registry)
        self._kubernetes(self.registry)
        self._engine(self.registry)

    def _cloud(self, registry: CollectorRegistry) -> None:
        self._requests = Counter(
            "cloudscaling_cloud_requests",
            "Requests to a vendor's API.",
            ["vendor", "operation", "outcome"],
            registry=registry,
        )
        self._request_seconds = Histogram(
            "cloudscaling_cloud_request_seconds",
            "Time to a vendor's answer.",
            ["vendor", "operation"],
            buckets=_CALLS,
            registry=registry,
        )
        self._throttled = Counter(
            "cloudscaling_cloud_throttled",
            "Requests that a vendor refused for their rate.",
            ["vendor"],
            registry=registry,
        )
        self._circuit = Gauge(
            "cloudscaling_circuit_open",
            "1 while no request of the account is sent because the vendor throttles.",
            ["vendor", "account"],
            registry=registry,
        )
        self._sweep_age = Gauge(
            "cloudscaling_sweep_age_seconds",
            "Age of the newest complete observation of an account.",
            ["vendor", "account"],
            registry=registry,
        )

    def _kubernetes(self, registry: CollectorRegistry) -> None:
        self._kube_requests = Counter(
            "cloudscaling_kubernetes_requests",
            "Requests to the Kubernetes API, watches not counted.",
            ["verb", "resource", "outcome"],
            registry=registry,
        )
        self._kube_seconds = Histogram(
            "cloudscaling_kubernetes_request_seconds",
            "Time to an answer of the Kubernetes API.",
            ["verb"],
            buckets=_CALLS,
            registry=registry,
        )
        self._watch_missed = Counter(
            "cloudscaling_watch_missed",
            "Objects whose newest state a list has shown and the watch has not.",
            ["kind"],
            registry=registry,
        )

    def _engine(self, registry: CollectorRegistry) -> None:
        self._queue_depth = Gauge(
            "cloudscaling_queue_depth", "Keys that are due and wait for a worker.", registry=registry
        )
        self._queue_seconds = Histogram(
            "cloudscaling_queue_wait_seconds",
            "How long a due key waited for a worker.",
            buckets=_WAITS,
            registry=registry,
        )
        self._reconcile_seconds = Histogram(
            "cloudscaling_reconcile_seconds",
            "Duration of one reconcile.",
            ["kind"],
            buckets=_CALLS,
            registry=registry,
        )
        self._reconcile_errors = Counter(
            "cloudscaling_reconcile_errors",
            "Reconciles that ended with an error.",
            ["kind", "error"],
            registry=registry,
        )
        self._objects = Gauge("cloudscaling_objects", "Custom resources in the store.", ["kind"], registry=registry)

    def called(self, vendor: str, operation: str, outcome: str, seconds: float) -> None:
        self._requests.labels(vendor, operation, outcome).inc()
        self._request_seconds.labels(vendor, operation).observe(seconds)
        if outcome == THROTTLED:
            self._throttled.labels(vendor).inc()

    def circuit(self, vendor: str, account: str, *, is_open: bool) -> None:
        self._circuit.labels(vendor, account).set(1 if is_open else 0)

    def sweep_age(self, vendor: str, account: str, age_s: Callable[[], float]) -> None:
        """Ask `age_s` at every scrape; the gauge exists until `forget`."""
        self._sweep_age.labels(vendor, account).set_function(age_s)

    def forget(self, vendor: str, account: str) -> None:
        """Drop the gauges of an account that nobody uses any more."""
        self._circuit.remove_by_labels({"vendor": vendor, "account": account})
        self._sweep_age.remove_by_labels({"vendor": vendor, "account": account})

    def kube_called(self, verb: str, resource: str, outcome: str, seconds: float) -> None:
        self._kube_requests.labels(verb, resource, outcome).inc()
        self._kube_seconds.labels(verb).observe(seconds)

    def watch_missed(self, kind: str, objects: int) -> None:
        self._watch_missed.labels(kind).inc(objects)

    def queue_depth(self, depth: Callable[[], float]) -> None:
        """Ask `depth` at every scrape."""
        self._queue_depth.set_function(depth)

    def dequeued(self, waited_s: float) -> None:
        self._queue_seconds.observe(waited_s)

    def reconciled(self, kind: str, seconds: float, error: str = "") -> None:
        """`error` is the name of an error class, "" for none."""
        self._reconcile_seconds.labels(kind).observe(seconds)
        if error:
            self._reconcile_errors.labels(kind, error).inc()

    def objects(self, kind: str, count: Callable[[], float]) -> None:
        """Ask `count` at every scrape."""
        self._objects.labels(kind).set_function(count)

    def render(self, accept: str = "") -> tuple[bytes, str]:
        """(body, content type) for a scraper that accepts `accept`."""
        encode, content_type = choose_encoder(accept)
        return encode(self.registry), content_type
