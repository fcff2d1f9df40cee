"""Stopping a Deployment: what is asked of the API server, and what its answers mean."""

from __future__ import annotations

import pytest
from fake_kube_api import FakeApi

from cloudscaling import errors
from cloudscaling.kube.session import Session
from cloudscaling.kube.workloads import Workloads

GONE = (404, {"kind": "Status", "code": 404, "reason": "NotFound", "message": "no such deployment"})


async def test_a_deployment_is_stopped_by_its_scale(api: FakeApi, session: Session) -> None:
    """The right to patch the scale is enough; the answer names the pods."""
    api.answers((200, {"kind": "Scale", "spec": {"replicas": 0}, "status": {"selector": "app=operator"}}))
    assert await Workloads(session).stop("cloud-scaling", "operator") == "app=operator"
    (seen,) = api.seen
    assert (seen.method, seen.path) == (
        "PATCH",
        "/apis/apps/v1/namespaces/cloud-scaling/deployments/operator/scale",
    )
    assert seen.body == {"spec": {"replicas": 0}}
    assert seen.headers["Content-Type"] == "application/merge-patch+json"


async def test_a_deployment_that_is_gone_is_said_to_be(api: FakeApi, session: Session) -> None:
    """Nothing runs then."""
    api.answers(GONE)
    with pytest.raises(errors.Gone):
        await Workloads(session).stop("cloud-scaling", "operator")


async def test_pods_that_have_ended_run_no_more(api: FakeApi, session: Session) -> None:
    """One that is being deleted still does, until it is gone."""
    rows = [
        {"metadata": {"name": "ending", "deletionTimestamp": "2026-01-01T00:00:00Z"}, "status": {"phase": "Running"}},
        {"metadata": {"name": "evicted"}, "status": {"phase": "Failed"}},
    ]
    api.answers((200, {"kind": "PodList", "items": rows}))
    assert await Workloads(session).pods("cloud-scaling", "app=operator") == ("ending",)
    assert api.seen[0].query == {"labelSelector": "app=operator"}
