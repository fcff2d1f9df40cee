"""Where the API server is found, and how the token stays valid."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from cloudscaling import errors
from cloudscaling.kube.access import REREAD_S, Access

IN_CLUSTER = {"KUBERNETES_SERVICE_HOST": "10.96.0.1", "KUBERNETES_SERVICE_PORT": "443"}
Write = Callable[..., Path]


class Ticks:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def mount(tmp_path: Path) -> Path:
    """What a pod finds of its ServiceAccount."""
    folder = tmp_path / "serviceaccount"
    folder.mkdir()
    (folder / "token").write_text("one\n")
    (folder / "ca.crt").write_text("-----BEGIN CERTIFICATE-----\n")
    return folder


async def test_a_pod_uses_its_service_account(mount: Path) -> None:
    """Server from the environment, token and CA from the mount, no proxy of the environment."""
    access = await Access.load(IN_CLUSTER, mount=mount)
    known = access.connection
    assert (known.server, known.ca_path) == ("https://10.96.0.1:443", str(mount / "ca.crt"))
    assert (known.scheme, known.token, known.trust_env) == ("Bearer", "one", False)


async def test_kubeconfig_wins_over_the_pod(mount: Path, kubeconfig: Write) -> None:
    """A person who sets KUBECONFIG inside a pod means it."""
    path = kubeconfig("https://elsewhere", token="mine")
    access = await Access.load({**IN_CLUSTER, "KUBECONFIG": str(path)}, mount=mount)
    assert (access.connection.server, access.authorization) == ("https://elsewhere", "Bearer mine")


async def test_neither_kubeconfig_nor_pod_is_said_clearly(tmp_path: Path) -> None:
    """The message names the file that was looked for."""
    with pytest.raises(errors.KubeError, match=r"no kubeconfig at .*/\.kube/config and not inside a cluster"):
        await Access.load({"HOME": str(tmp_path)})


async def test_half_a_pod_is_said_clearly(tmp_path: Path) -> None:
    """A mount without a token names the problem instead of a traceback."""
    with pytest.raises(errors.KubeError, match="token file does not exist"):
        await Access.load(IN_CLUSTER, mount=tmp_path)


async def test_changed_token_file_is_read_before_the_next_request(mount: Path) -> None:
    """The kubelet replaces the file; nothing else tells us."""
    access = await Access.load(IN_CLUSTER, mount=mount)
    (mount / "token").write_text("rotated")
    await access.refresh()
    assert access.authorization == "Bearer rotated"


async def test_token_file_of_a_kubeconfig_is_followed_too(tmp_path: Path, kubeconfig: Write) -> None:
    """tokenFile is relative to the kubeconfig."""
    (tmp_path / "tok").write_text("one\n")
    access = await Access.load({"KUBECONFIG": str(kubeconfig("https://k", tokenFile="tok"))})
    assert access.authorization == "Bearer one"
    (tmp_path / "tok").write_text("second\n")
    await access.refresh()
    assert access.authorization == "Bearer second"


async def test_token_survives_a_file_that_cannot_be_read(mount: Path) -> None:
    """Between two links of a mount the old token is still good, and the new one is found afterwards."""
    access = await Access.load(IN_CLUSTER, mount=mount)
    (mount / "token").unlink()
    await access.refresh()
    assert access.authorization == "Bearer one"
    (mount / "token").write_text("back")
    await access.refresh()
    assert access.authorization == "Bearer back"


async def test_token_is_read_again_after_an_hour_and_when_refused(mount: Path) -> None:
    """A file system that hides changes of a file costs one hour or one refused request at most."""
    ticks = Ticks()
    loaded = await Access.load(IN_CLUSTER, mount=mount)
    access = Access(loaded.configuration, token_file=mount / "token", monotonic=ticks)
    stamp = (mount / "token").stat()
    (mount / "token").write_text("two\n")
    os.utime(mount / "token", ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    await access.refresh()
    assert access.authorization == "Bearer one"
    ticks.now = REREAD_S
    await access.refresh()
    assert access.authorization == "Bearer two"
    (mount / "token").write_text("six\n")
    os.utime(mount / "token", ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    await access.refresh(refused=True)
    assert access.authorization == "Bearer six"


async def test_a_refused_request_reads_the_kubeconfig_again(kubeconfig: Write) -> None:
    """Whoever renews a token in the kubeconfig need not restart anything."""
    path = kubeconfig("https://k", token="old")
    access = await Access.load({"KUBECONFIG": str(path)})
    kubeconfig("https://k", token="new")
    await access.refresh(refused=True)
    assert access.authorization == "Bearer new"


async def test_tokens_stay_out_of_representations(mount: Path) -> None:
    """A connection may end up in a log line."""
    access = await Access.load(IN_CLUSTER, mount=mount)
    assert "one" not in repr(access.connection).replace("None", "")
