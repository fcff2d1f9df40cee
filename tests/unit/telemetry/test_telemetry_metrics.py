"""What a scrape shows."""

from __future__ import annotations

import pytest

from cloudscaling.engine.budget import Observer
from cloudscaling.kube import session
from cloudscaling.telemetry.metrics import Metrics


@pytest.fixture
def metrics() -> Metrics:
    """A registry of its own."""
    return Metrics()


def scrape(metrics: Metrics) -> dict[str, float]:
    body, _ = metrics.render()
    rows = [line.rsplit(" ", 1) for line in body.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in rows}


def test_cloud_requests_are_counted_by_outcome(metrics: Metrics) -> None:
    """A throttled request counts twice: as a request and as throttled."""
    observer: Observer = metrics
    observer.called("huawei", "ListGroups", "ok", 0.2)
    observer.called("huawei", "ListGroups", "Throttled", 0.1)
    shown = scrape(metrics)
    name = 'cloudscaling_cloud_requests_total{operation="ListGroups",outcome="%s",vendor="huawei"}'
    assert shown[name % "ok"] == shown[name % "Throttled"] == 1
    assert shown['cloudscaling_cloud_throttled_total{vendor="huawei"}'] == 1
    count = 'cloudscaling_cloud_request_seconds_count{operation="ListGroups",vendor="huawei"}'
    assert shown[count] == 2


def test_gauges_of_an_account_come_and_go(metrics: Metrics) -> None:
    """An account that was deleted must not look like one whose sweep is stuck."""
    ages = iter([1.0, 61.0])
    metrics.circuit("huawei", "acc", is_open=True)
    metrics.sweep_age("huawei", "acc", lambda: next(ages))
    labels = '{account="acc",vendor="huawei"}'
    assert scrape(metrics)["cloudscaling_circuit_open" + labels] == 1
    assert scrape(metrics)["cloudscaling_sweep_age_seconds" + labels] == 61
    metrics.forget("huawei", "acc")
    metrics.forget("huawei", "acc")
    assert not [name for name in scrape(metrics) if 'account="acc"' in name]


def test_engine_reports_queue_and_reconciles(metrics: Metrics) -> None:
    """Depth is asked at the scrape; errors are counted by their class."""
    metrics.queue_depth(lambda: 7)
    metrics.objects("ScalingGroup", lambda: 1000)
    metrics.dequeued(0.02)
    metrics.reconciled("ScalingGroup", 0.1)
    metrics.reconciled("ScalingGroup", 0.1, "Stale")
    shown = scrape(metrics)
    assert shown["cloudscaling_queue_depth"] == 7
    assert shown['cloudscaling_objects{kind="ScalingGroup"}'] == 1000
    assert shown['cloudscaling_reconcile_seconds_count{kind="ScalingGroup"}'] == 2
    assert shown['cloudscaling_reconcile_errors_total{error="Stale",kind="ScalingGroup"}'] == 1


def test_kubernetes_requests_are_observed_through_the_session_protocol(metrics: Metrics) -> None:
    """kube and telemetry do not know each other; the shapes must fit all the same."""
    observer: session.Observer = metrics
    observer.kube_called("patch", "scalinggroups.cloudscaling.dev/status", "Stale", 0.01)
    metrics.watch_missed("scalinggroups", 2)
    shown = scrape(metrics)
    labels = '{outcome="Stale",resource="scalinggroups.cloudscaling.dev/status",verb="patch"}'
    assert shown["cloudscaling_kubernetes_requests_total" + labels] == 1
    assert shown['cloudscaling_watch_missed_total{kind="scalinggroups"}'] == 2


def test_two_operators_in_one_process_do_not_meet() -> None:
    """Tests and embedders make several."""
    one, two = Metrics(), Metrics()
    one.watch_missed("scalinggroups", 1)
    assert not [name for name in scrape(two) if name.startswith("cloudscaling_watch_missed_total")]


def test_scraper_may_ask_for_openmetrics(metrics: Metrics) -> None:
    """The content type follows the Accept header."""
    body, content_type = metrics.render("application/openmetrics-text; version=1.0.0")
    assert content_type.startswith("application/openmetrics-text")
    assert body.endswith(b"# EOF\n")
