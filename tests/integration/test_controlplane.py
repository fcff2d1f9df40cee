"""The local control plane of hack/, from outside: a real API server that leaves nothing behind."""

import json
import os
import shlex
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from localplane import binaries, errors, places
from localplane.cluster import ControlPlane
from stage.program import Program

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def plane() -> Iterator[ControlPlane]:
    """One control plane for the tests that only look at it."""
    with ControlPlane.start() as started:
        yield started


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A directory for one control plane, whose processes are gone afterwards even if the test fails."""
    path = tmp_path / "plane"
    yield path
    for pid in processes_of(path):
        os.kill(pid, signal.SIGKILL)


def kubectl(plane: ControlPlane, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run kubectl as the admin."""
    return Program(plane.kubectl, plane.kubeconfig).run(*arguments, timeout=60)


def processes_of(home: Path) -> list[int]:
    """Return the live processes whose command line names a control plane's directory."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            command = (entry / "cmdline").read_bytes()
        except OSError:
            continue  # it ended meanwhile
        if f"{home}/".encode() in command.replace(b"\0", b"/"):
            found.append(int(entry.name))
    return found


def eventually(fact: Callable[[], bool], within_s: float = 30) -> bool:
    """Wait for a fact about other processes."""
    deadline = time.monotonic() + within_s
    while not fact():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def controlplane(*arguments: str) -> subprocess.Popen[str]:
    """Start the command line tool."""
    command = [sys.executable, str(places.ENTRY), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def first_line(process: subprocess.Popen[str]) -> str:
    """Return what a process printed first."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_admin_sees_the_namespaces(plane: ControlPlane) -> None:
    """The kubeconfig alone is enough."""
    done = kubectl(plane, "get", "ns", "-o", "name")
    assert "namespace/default" in done.stdout.splitlines()


def test_kubeconfig_is_for_its_owner_alone(plane: ControlPlane) -> None:
    """It holds the key of a cluster administrator."""
    assert stat.S_IMODE(plane.kubeconfig.stat().st_mode) == 0o600


def test_server_tells_its_version(plane: ControlPlane) -> None:
    """A build without link-time variables answers with a template that clients reject."""
    version = json.loads(kubectl(plane, "get", "--raw", "/version").stdout)
    assert (version["major"], int(version["minor"]) >= 32) == ("1", True)


def test_unprivileged_token_is_denied(plane: ControlPlane) -> None:
    """RBAC decides, and ServiceAccount tokens identify."""
    assert kubectl(plane, "create", "serviceaccount", "nobody").returncode == 0
    token = kubectl(plane, "create", "token", "nobody").stdout.strip()
    # An empty kubeconfig: a client certificate would win over the token.
    command: list[str | Path] = [
        plane.kubectl,
        "--kubeconfig=/dev/null",
        f"--server={plane.server}",
        f"--token={token}",
    ]
    command += [f"--certificate-authority={plane.ca_file}", "get", "secrets"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert 'User "system:serviceaccount:default:nobody" cannot list resource "secrets"' in done.stderr


def test_deleted_namespace_goes_away(plane: ControlPlane) -> None:
    """The namespace controller works, with the finalizers and the discovery it needs."""
    assert kubectl(plane, "create", "namespace", "short-lived").returncode == 0
    assert kubectl(plane, "delete", "namespace", "short-lived", "--timeout=30s").returncode == 0
    assert "NotFound" in kubectl(plane, "get", "namespace", "short-lived").stderr


def test_helm_runs(plane: ControlPlane) -> None:
    """The plane brings a helm that knows its own version."""
    done = subprocess.run([plane.helm, "version", "--short"], capture_output=True, text=True, timeout=60)
    assert done.stdout.startswith(("v3.", "v4."))


def test_two_at_once_do_not_meet(plane: ControlPlane) -> None:
    """Each has its own ports, certificates and data."""
    with ControlPlane.start() as other:
        assert kubectl(other, "create", "namespace", "only-here").returncode == 0
        assert other.server != plane.server
        assert "NotFound" in kubectl(plane, "get", "namespace", "only-here").stderr


def test_stop_leaves_nothing(folder: Path) -> None:
    """Neither processes nor files."""
    started = ControlPlane.start(folder)
    assert len(processes_of(folder)) == 4
    started.stop()
    started.stop()
    assert processes_of(folder) == []
    assert not folder.exists()


def test_directory_in_use_is_refused(plane: ControlPlane) -> None:
    """A second start in the same place does not touch the first."""
    with pytest.raises(errors.StartFailed, match="belongs to a running control plane"):
        ControlPlane.start(plane.kubeconfig.parent)
    assert kubectl(plane, "get", "ns").returncode == 0


def test_foreign_directory_is_refused(folder: Path) -> None:
    """Somebody's own `logs` must not be taken for ours and removed."""
    (folder / "logs").mkdir(parents=True)
    with pytest.raises(errors.PlaneError, match="is not empty"):
        ControlPlane.start(folder)
    assert [entry.name for entry in folder.iterdir()] == ["logs"]


def test_kill_of_run_takes_the_components_along(folder: Path) -> None:
    """SIGKILL leaves no chance to clean up, so the kernel has to."""
    with controlplane("run", f"--dir={folder}") as process:
        assert first_line(process) == f"KUBECONFIG={shlex.quote(str(folder / 'kubeconfig'))}"
        assert len(processes_of(folder)) == 4
        process.kill()
    assert eventually(lambda: processes_of(folder) == [])


@pytest.mark.parametrize(
    "parent",
    [
        pytest.param(
            "import subprocess, sys\n"
            "subprocess.run([sys.executable, sys.argv[1] + '/controlplane', 'run', '--dir', sys.argv[2]])",
            id="of-run",
        ),
        pytest.param(
            "import pathlib, sys, time\n"
            "sys.path.insert(0, sys.argv[1])\n"
            "from localplane.cluster import ControlPlane\n"
            "print(ControlPlane.start(pathlib.Path(sys.argv[2])).server, flush=True)\n"
            "time.sleep(600)",
            id="of-the-python-api",
        ),
    ],
)
def test_kill_of_the_parent_ends_it(folder: Path, parent: str) -> None:
    """The supervisor outlives its parent only to clean up."""
    command = [sys.executable, "-c", parent, str(places.HACK), str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert first_line(process)
        process.kill()
    assert eventually(lambda: not folder.exists() and processes_of(folder) == [])


def test_interrupted_run_ends_in_order(folder: Path) -> None:
    """Ctrl-C is an ordinary end."""
    with controlplane("run", f"--dir={folder}") as process:
        assert first_line(process)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    assert processes_of(folder) == []
    assert not folder.exists()


def test_up_stays_until_down(folder: Path) -> None:
    """Two callers at once get the same one, and `env` finds it."""
    both = [controlplane("up", f"--dir={folder}") for _ in range(2)]
    told = {each.communicate(timeout=60)[0] for each in both}
    assert told == {f"KUBECONFIG={shlex.quote(str(folder / 'kubeconfig'))}\n"}
    assert len(processes_of(folder)) == 4
    assert controlplane("env", f"--dir={folder}").communicate(timeout=30)[0] == f"export {told.pop()}"
    assert controlplane("down", f"--dir={folder}").communicate(timeout=60)[0] == "stopped\n"
    assert processes_of(folder) == []
    assert controlplane("status", f"--dir={folder}").wait(30) == 1


@pytest.fixture
def assets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A KUBEBUILDER_ASSETS folder with the real programs, to be spoilt by a test."""
    path = tmp_path / "assets"
    path.mkdir()
    for name in binaries.NAMES:
        (path / name).symlink_to(binaries.locate(name))
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(path))
    return path


def replace(program: Path, script: str) -> None:
    """Put a shell script in the place of a program."""
    program.unlink()
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def test_failed_start_shows_the_log_of_the_component(folder: Path, assets: Path) -> None:
    """The message is enough to see why, without looking for a file."""
    replace(assets / "etcd", "echo the disk is made of cheese; exit 1")
    with pytest.raises(errors.StartFailed, match=r"(?s)etcd has ended.*made of cheese"):
        ControlPlane.start(folder)
    assert processes_of(folder) == []


def test_port_taken_meanwhile_means_another_try(folder: Path, assets: Path, tmp_path: Path) -> None:
    """Between choosing a port and binding it, somebody else may come."""
    real, once = (assets / "etcd").readlink(), tmp_path / "once"
    message = "listen tcp 127.0.0.1:1: bind: address already in use"
    replace(assets / "etcd", f'mkdir {once} && echo {message} && exit 1\nexec "{real}" "$@"')
    with ControlPlane.start(folder) as started:
        assert once.exists()
        assert kubectl(started, "get", "ns").returncode == 0


def test_old_apiserver_is_passed_over(assets: Path) -> None:
    """What is older than the API needs counts as absent."""
    replace(assets / "kube-apiserver", "echo Kubernetes v1.31.9")
    assert binaries.ensure().kube_apiserver.parent != assets
