"""Watch events -> the store."""

from __future__ import annotations

import kopf
import pytest
from handlers_fakes import Store, thing

from cloudscaling.handlers import watch
from cloudscaling.handlers.lifecycle import UNUSED_FINALIZER, kopf_settings
from cloudscaling.kube import slim


@pytest.mark.parametrize("kind", [None, "ADDED", "MODIFIED"])
def test_every_sign_of_life_is_an_upsert(kind: str | None) -> None:
    """Listed, added or changed: the store is level-triggered."""
    store = Store()
    watch.deliver(store, "scalinggroups", {"type": kind, "object": thing("web", "u1", 3)})
    assert store.versions("scalinggroups") == {("ns", "web"): ("u1", "3")}


def test_a_deletion_names_the_uid() -> None:
    """Another object of the same name may be there already."""
    store = Store()
    watch.deliver(store, "scalinggroups", {"type": "DELETED", "object": thing("web", "u1", 3)})
    assert store.calls == [("gone", "scalinggroups", "ns", "web", "u1")]


def test_copy_is_slim_and_leaves_the_original_alone() -> None:
    """Field ownership and kubectl's copy of the manifest are most of the bytes of an object."""
    found = thing("web", "u1", 3)
    found["metadata"]["managedFields"] = [{}]
    found["metadata"]["annotations"] = {
        "kubectl.kubernetes.io/last-applied-configuration": "{}",
        "cloudscaling.dev/reconcile-requested-at": "now",
    }
    copy = slim.whole(found)
    assert copy["metadata"]["annotations"] == {"cloudscaling.dev/reconcile-requested-at": "now"}
    assert "managedFields" not in copy["metadata"]
    assert "managedFields" in found["metadata"]
    assert len(found["metadata"]["annotations"]) == 2


def test_one_event_handler_per_kind_and_nothing_else_of_kopf() -> None:
    """Timers, daemons, indexes and change handlers write on objects or stop working silently."""
    registry = kopf.OperatorRegistry()
    watch.register(registry, Store())
    selectors = registry._watching.get_all_selectors()
    assert {selector.plural for selector in selectors} == set(watch.PLURALS)
    for other in (registry._changing, registry._spawning, registry._indexing, registry._webhooks):
        assert not list(other.get_all_handlers())


def test_kopf_keeps_its_hands_off() -> None:
    """No peering, no Events, no finalizer that anybody uses, no watching of CRDs and namespaces."""
    settings = kopf_settings()
    assert settings.peering.standalone
    assert not settings.posting.enabled
    assert settings.scanning.disabled
    assert settings.persistence.finalizer == UNUSED_FINALIZER != "cloudscaling.dev/finalizer"
    assert settings.queueing.worker_limit is None
