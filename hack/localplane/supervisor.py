"""The process that owns one control plane: starts it, watches it, takes it down. Called by cli (`run`).

It ends on SIGINT, SIGTERM or SIGHUP, when its owner process is gone and when a component dies. The components
end with it in every case.
"""

import datetime
import os
import shutil
import signal
import ssl
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

from localplane import certs, components, errors, kubeconfig, locks, places, processes
from localplane.binaries import Binaries
from localplane.components import Ports
from localplane.places import Layout
from localplane.state import State

STARTS = 3
READY_WITHIN_S = 90.0
POLL_S = 0.1
PORT_TAKEN = "address already in use"

# Seconds between SIGTERM and SIGKILL. etcd gets none: its data is thrown away and nobody is left to read it.
GRACE_S = {"etcd": 0.0, "kube-apiserver": 8.0, "kube-controller-manager": 3.0}


class Supervisor:
    """One control plane in one directory."""

    def __init__(self, layout: Layout, owner: int | None, programs: Binaries, report: Callable[[str], None]) -> None:
        self._layout = layout
        self._programs = programs
        self._owner = owner
        self._report = report
        self._signalled = ""
        self._children: list[processes.Child] = []

    def run(self, when_ready: Callable[[State], None]) -> None:
        """Hold the control plane until something ends it; Stopped is the ordinary end and not raised."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        self._layout.claim()
        locks.own(self._layout.lock)
        try:
            when_ready(self._start())
            while True:
                self._check()
                time.sleep(POLL_S)
        except errors.Stopped as exc:
            self._report(f"stopping: {exc}")
            self._stop()
            self._remove_everything()
        except BaseException:
            self._stop()
            self._remove_data()  # the logs stay for whoever asks why
            raise

    def _start(self) -> State:
        self._remove_data()
        for _ in range(STARTS - 1):
            try:
                return self._start_on(Ports(*processes.free_ports(3)))
            except errors.PortTaken:
                self._report("somebody else took a port that was free; trying others")
                self._stop()
                self._remove_data()
        return self._start_on(Ports(*processes.free_ports(3)))

    def _start_on(self, ports: Ports) -> State:
        layout, programs, started = self._layout, self._programs, time.monotonic()
        places.private_directory(layout.logs)
        certs.make(places.private_directory(layout.pki), datetime.datetime.now(datetime.UTC))
        kubeconfig.write(layout.kubeconfig, ports.server, layout.pki, "admin")
        kubeconfig.write(layout.manager_kubeconfig, ports.server, layout.pki, "controller-manager")
        asked = _admin_client(layout, ports.server)

        self._spawn("etcd", components.etcd(programs, layout, ports))
        self._spawn("kube-apiserver", components.apiserver(programs, layout, ports))
        self._wait(lambda: asked("/readyz"))
        # Earlier it would exit: it reads a ConfigMap that the apiserver writes while it becomes ready.
        self._spawn("kube-controller-manager", components.controller_manager(programs, layout))
        # It has no port to ask; its first visible deed is the ServiceAccount that every pod and token needs.
        self._wait(lambda: asked("/api/v1/namespaces/default/serviceaccounts/default"))

        self._report(f"ready after {time.monotonic() - started:.1f} s")
        state = State(
            pid=os.getpid(),
            server=ports.server,
            kubeconfig=str(layout.kubeconfig),
            ca_file=str(layout.pki / "ca.crt"),
            kubectl=str(programs.kubectl),
            helm=str(programs.helm),
        )
        state.save(layout)
        return state

    def _spawn(self, name: str, command: list[str]) -> None:
        self._report(f"starting {name}")
        log = self._layout.logs / f"{name}.log"
        self._children.append(processes.Child.start(name, command, log, GRACE_S[name]))

    def _wait(self, ready: Callable[[], bool]) -> None:
        """Return when `ready` says so; raise if a component ends first or the time is over."""
        deadline = time.monotonic() + READY_WITHIN_S
        while not ready():
            self._check()
            if time.monotonic() > deadline:
                newest = self._children[-1]
                raise errors.StartFailed(
                    f"{newest.name} is not ready after {READY_WITHIN_S:.0f} s; the end of its log:\n"
                    f"{processes.tail(newest.log)}"
                )
            time.sleep(POLL_S)

    def _check(self) -> None:
        """Raise if there is a reason to end."""
        if self._signalled:
            raise errors.Stopped(self._signalled)
        if self._owner is not None and os.getppid() != self._owner:
            raise errors.Stopped(f"process {self._owner}, which asked for it, has ended")
        for child in self._children:
            if child.ended:
                last = processes.tail(child.log)
                kind = errors.PortTaken if PORT_TAKEN in last else errors.StartFailed
                raise kind(f"{child.name} has ended; the end of its log:\n{last}")

    def _stop(self) -> None:
        # Without etcd the apiserver would hang in its shutdown: last started, first stopped.
        while self._children:
            self._children.pop().stop()

    def _remove_data(self) -> None:
        for folder in (self._layout.data, self._layout.pki):
            shutil.rmtree(folder, ignore_errors=True)
        for file in (self._layout.state, self._layout.kubeconfig):
            file.unlink(missing_ok=True)

    def _remove_everything(self) -> None:
        self._remove_data()
        shutil.rmtree(self._layout.logs, ignore_errors=True)
        self._layout.supervisor_log.unlink(missing_ok=True)
        self._layout.lock.unlink(missing_ok=True)
        with suppress(OSError):  # it may hold files that are not ours
            self._layout.home.rmdir()

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self._signalled = signal.Signals(number).name


def _admin_client(layout: Layout, server: str) -> Callable[[str], bool]:
    """Return a function that tells whether the admin gets 200 for a path."""
    context = ssl.create_default_context(cafile=layout.pki / "ca.crt")
    context.load_cert_chain(layout.pki / "admin.crt", layout.pki / "admin.key")
    # Whatever proxy the environment names is not for loopback.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))

    def asked(path: str) -> bool:
        try:
            with opener.open(server + path, timeout=5) as response:
                return bool(response.status == 200)
        except OSError:  # URLError and HTTPError are OSErrors: not listening yet, or not ready yet
            return False

    return asked
