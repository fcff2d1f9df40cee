"""Composition root: the only module that names concrete classes. Called by __main__."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
from collections.abc import Mapping

from cloudscaling.clock import SystemClock
from cloudscaling.engine import hashing
from cloudscaling.engine.account import AccountReconciler, Periods
from cloudscaling.engine.content import ContentReader
from cloudscaling.engine.hashing import Hasher
from cloudscaling.engine.look.base import Looker, account_name
from cloudscaling.engine.memory import Memories
from cloudscaling.engine.notices import Notices
from cloudscaling.engine.queue import WorkQueue
from cloudscaling.engine.reconcile import Reconciler
from cloudscaling.engine.runtime import Runtime
from cloudscaling.engine.sessions import Accounts, Realm
from cloudscaling.engine.store import ACCOUNTS, MODELS, Store
from cloudscaling.handlers import lifecycle
from cloudscaling.handlers.probes import Probes
from cloudscaling.handlers.watchdog import Watchdog
from cloudscaling.kube.access import Access
from cloudscaling.kube.client import KubeClient
from cloudscaling.kube.recorder import EventRecorder
from cloudscaling.kube.session import Session
from cloudscaling.settings import Settings
from cloudscaling.telemetry import logs
from cloudscaling.telemetry.metrics import Metrics
from cloudscaling.telemetry.redaction import Redactor
from cloudscaling.vendors import VENDORS

logger = logging.getLogger(__name__)

_EMPTY_KEY = Hasher(b"")  # replaced before the first worker runs


async def run(settings: Settings, environ: Mapping[str, str]) -> None:
    """Work until SIGTERM or SIGINT; raises when the operator cannot go on."""
    redactor = Redactor()
    logs.configure(settings.log_format, settings.log_level, redactor)
    clock, metrics = SystemClock(), Metrics()
    access = await Access.load(environ)
    kube = KubeClient(Session(access, observer=metrics), clock, instance=environ.get("POD_NAME", ""))
    try:
        await _run(settings, kube, access, clock, metrics, redactor)
    finally:
        await kube.close()


async def _run(
    settings: Settings, kube: KubeClient, access: Access, clock: SystemClock, metrics: Metrics, redactor: Redactor
) -> None:
    queue = WorkQueue(metrics.dequeued)
    store = Store(wake=queue.add)
    memories = Memories()
    watchdog = Watchdog(
        kube,
        store,
        store,
        clock,
        period_s=settings.watch_check_s,
        namespaces=settings.watch_namespaces,
        on_missed=metrics.watch_missed,
    )
    notices = Notices(EventRecorder(kube, clock))

    def sweep(realm: Realm) -> asyncio.Task[None]:
        return runtime.sweep(realm)

    accounts = Accounts(VENDORS, clock, metrics, sweep, redactor.clean)
    contents = ContentReader(kube, _EMPTY_KEY, redactor.hide_content)
    looker = Looker(store, accounts, memories, contents, clock, settings.cluster_name)
    reconcile = Reconciler(kube, store, looker, memories, notices, clock, wake=queue.add)
    account = AccountReconciler(
        kube,
        store,
        accounts,
        notices,
        clock,
        _periods(settings),
        memories,
        lambda stored: account_name(stored, store),
        redactor.hide,
    )

    async def prepare() -> None:
        contents.hasher = await hashing.load(
            kube, settings.operator_namespace, settings.hmac_secret_name, secrets.token_bytes(32)
        )
        looker.cluster = settings.cluster_name or await kube.namespace_uid("kube-system")

    runtime = Runtime(
        store=store,
        queue=queue,
        accounts=accounts,
        memories=memories,
        handlers={plural: account if plural == ACCOUNTS else reconcile for plural in MODELS},
        synced=watchdog.synced,
        observer=metrics,
        prepare=prepare,
        workers=settings.workers,
        resync_s=settings.resync_s,
        background_share=settings.background_share,
    )
    metrics.queue_depth(lambda: float(len(queue)))
    for plural in MODELS:
        metrics.objects(plural, lambda plural=plural: float(len(store.every(plural))))  # type: ignore[misc]
    probes = Probes(
        settings.listen_address,
        live=watchdog.problem,
        ready=lambda: None if watchdog.synced.is_set() else "the store is not complete yet",
        render=metrics.render,
    )
    await lifecycle.run(settings, runtime, watchdog, probes, access=access, discovery=kube)


def _periods(settings: Settings) -> Periods:
    return Periods(
        secret_poll_s=settings.secret_poll_s,
        quota_poll_s=settings.quota_poll_s,
        absence_confirm_s=settings.absence_confirm_s,
        create_grace_s=settings.create_grace_s,
        protect_secrets=settings.protect_secrets,
    )


def main(overrides: Mapping[str, object]) -> None:
    """Read the settings and run; the caller turns errors into exit codes."""
    asyncio.run(run(Settings.load(os.environ, overrides), os.environ))
