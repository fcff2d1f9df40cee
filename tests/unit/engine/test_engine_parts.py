"""Small parts of the engine: carrying out calls, filling in ids, hashes, content of Secrets, memory."""

from __future__ import annotations

from typing import Any

import pytest
from fake_kube import FakeKube
from virtual_time import VirtualClock, run

from cloudscaling import errors
from cloudscaling.api.v1alpha1.launchconfiguration import LaunchConfiguration, Revision
from cloudscaling.core import calls as steps
from cloudscaling.core.facts import ContentSource, Unresolved
from cloudscaling.core.model import InstanceAction, NewLaunchConfiguration
from cloudscaling.core.plan import RESULT
from cloudscaling.engine import hashing
from cloudscaling.engine.apply import call_cloud, fill_in
from cloudscaling.engine.content import ContentReader
from cloudscaling.engine.hashing import Hasher
from cloudscaling.engine.memory import Memories
from cloudscaling.engine.queue import Key
from cloudscaling.engine.store import LAUNCHES, Stored

KEY = Key("scalinggroups", "web", "a")


class Part:
    """Any port of a Cloud: remembers its call, and fails if told to."""

    def __init__(self, calls: list[tuple[str, tuple[Any, ...]]], failure: Exception | None) -> None:
        self._calls, self._failure = calls, failure

    def __getattr__(self, name: str) -> Any:
        async def call(*args: Any, **more: Any) -> str:
            self._calls.append((name, (*args, *more.values())))
            if self._failure is not None:
                raise self._failure
            return "made"

        return call


class FakeCloud:
    def __init__(self, failure: Exception | None = None) -> None:
        self.calls: list[tuple[str, tuple[Any, ...]]] = []
        part = Part(self.calls, failure)
        self.groups = self.launch_configurations = self.policies = self.instances = part


def carried_out(call: Any, failure: Exception | None = None) -> tuple[str | None, list[tuple[str, tuple[Any, ...]]]]:
    cloud = FakeCloud(failure)
    return run(call_cloud(cloud, call)), cloud.calls  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (steps.EnableGroup("g"), "enable"),
        (steps.DisableGroup("g"), "disable"),
        (steps.SetDesiredCapacity("g", 3, "t"), "set_capacity"),
        (steps.SetTags("g", {}), "set_tags"),
        (steps.ActOnInstances("g", InstanceAction.REMOVE, ("a",)), "act"),
        (steps.DeleteGroup("g", force=True), "delete"),
        (steps.DeleteLaunchConfigurations(("l",)), "delete"),
        (steps.EnablePolicy("p"), "enable"),
        (steps.DisablePolicy("p"), "disable"),
        (steps.DeletePolicies(("p",)), "delete"),
    ],
)
def test_a_step_is_one_call_of_its_port(call: Any, name: str) -> None:
    """Without a result."""
    result, calls = carried_out(call)
    assert result is None
    assert [made for made, _ in calls] == [name]


def test_a_create_returns_the_id() -> None:
    """Of what it made."""
    assert carried_out(steps.CreateLaunchConfiguration(NewLaunchConfiguration("n", {}), "t"))[0] == "made"


def test_what_is_so_already_is_success() -> None:
    """NoOp of any call."""
    assert carried_out(steps.SetDesiredCapacity("g", 3, "t"), errors.NoOp("AS.2028"))[0] is None


@pytest.mark.parametrize(
    "call",
    [steps.DeleteGroup("g", force=False), steps.DeletePolicies(("p",)), steps.DeleteLaunchConfigurations(("l",))],
)
def test_deleting_what_is_gone_is_success(call: Any) -> None:
    """NotFound of a deletion."""
    assert carried_out(call, errors.NotFound("AS.2007"))[0] is None


@pytest.mark.parametrize("call", [steps.EnableGroup("g"), steps.SetTags("g", {}), steps.DisablePolicy("p")])
def test_changing_what_is_gone_is_not(call: Any) -> None:
    """The next look finds out."""
    with pytest.raises(errors.NotFound):
        carried_out(call, errors.NotFound("AS.2007"))


def test_the_id_is_filled_in_wherever_it_is_waited_for() -> None:
    """Plain, in a list, in a model."""
    waiting = Revision(revision=1, scaling_group="").model_copy(update={"external_id": RESULT})
    found = fill_in({"external_id": RESULT, "revisions": (waiting, 1), "other": None}, "id-1")
    assert found["external_id"] == "id-1"
    assert found["revisions"][0].external_id == "id-1"
    assert found["other"] is None


# --- hashes and content ----------------------------------------------------------------------------------------------


def test_the_hash_depends_on_key_and_content_and_not_on_the_order() -> None:
    """And shows which key it was."""
    one, other = Hasher(b"a" * 32), Hasher(b"b" * 32)
    assert one.hash({"a": 1, "b": 2}) == one.hash({"b": 2, "a": 1})
    assert one.hash({"a": 1}) != one.hash({"a": 2})
    assert one.hash({"a": 1}) != other.hash({"a": 1})
    assert one.hash({}).startswith(f"{one.key_id}:")
    assert "a" * 32 not in repr(one)


def test_the_key_is_made_once_and_then_read() -> None:
    """Also when another process was faster."""

    async def scenario() -> None:
        kube = FakeKube(VirtualClock().now)
        first = await hashing.load(kube, "system", "key", b"1" * 32)
        second = await hashing.load(kube, "system", "key", b"2" * 32)
        assert first.key == second.key == b"1" * 32
        with pytest.raises(ValueError, match="32 bytes"):
            await hashing.load(kube, "system", "key", b"short")

    run(scenario())


CONTENT_SPEC: dict[str, Any] = {
    "accountRef": {"name": "acme"},
    "image": {"id": "i"},
    "login": {"passwordSecretRef": {"name": "login"}},
    "userData": {"configMapKeyRef": {"name": "init", "key": "script"}},
    "huawei": {
        "files": [{"path": "/a", "secretKeyRef": {"name": "login", "key": "file"}}, {"path": "/b", "content": "x"}]
    },
}


def read(kube: FakeKube, **changes: Any) -> ContentSource | Unresolved:
    raw = {
        "metadata": {"name": "lc", "namespace": "web", "uid": "u", "resourceVersion": "1"},
        "spec": {k: v for k, v in {**CONTENT_SPEC, **changes}.items() if v is not None},
    }
    stored = Stored(Key(LAUNCHES, "web", "lc"), raw, LaunchConfiguration.model_validate(raw))
    return run(ContentReader(kube, Hasher(b"k" * 32)).read(stored))


@pytest.fixture
def kube() -> FakeKube:
    found = FakeKube(lambda: VirtualClock().start)
    found.put_secret("login", {"password": b"geheim", "file": b"inside"})
    found.config_maps["web", "init"] = {"script": "#!/bin/sh"}
    return found


def test_references_are_replaced_by_what_they_hold(kube: FakeKube) -> None:
    """Control fields are no content; secrets stay out of every repr."""
    found = read(kube)
    assert isinstance(found, ContentSource)
    assert found.content == {
        "image": {"id": "i"},
        "login": {"password": "geheim"},
        "userData": "#!/bin/sh",
        "huawei": {"files": [{"path": "/a", "content": "inside"}, {"path": "/b", "content": "x"}]},
    }
    assert "geheim" not in repr(found)
    assert "geheim" not in found.hash


def test_a_changed_secret_changes_the_hash(kube: FakeKube) -> None:
    """A changed control field does not."""
    before = read(kube)
    same = read(kube, revisionHistoryLimit=9, deletionPolicy="Orphan")
    kube.put_secret("login", {"password": b"anders", "file": b"inside"})
    after = read(kube)
    assert isinstance(before, ContentSource)
    assert isinstance(same, ContentSource)
    assert isinstance(after, ContentSource)
    assert before.hash == same.hash
    assert before.hash != after.hash


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"login": {"passwordSecretRef": {"name": "none"}}}, "SecretNotFound"),
        ({"login": {"passwordSecretRef": {"name": "login", "key": "none"}}}, "SecretKeyMissing"),
        ({"userData": {"configMapKeyRef": {"name": "none", "key": "script"}}}, "ConfigMapNotFound"),
        ({"userData": {"secretKeyRef": {"name": "login", "key": "none"}}}, "SecretKeyMissing"),
    ],
)
def test_a_missing_reference_is_named(kube: FakeKube, changes: dict[str, Any], reason: str) -> None:
    """By kind, name and key."""
    found = read(kube, **changes)
    assert isinstance(found, Unresolved)
    assert found.reason == reason
    assert "none" in found.message


@pytest.mark.parametrize(
    ("path", "value", "why"),
    [
        ("login.passwordSecretRef", b"\xff\xfe\x00", "not one line"),
        ("login.passwordSecretRef", b"two\nlines", "not one line"),
        ("login.passwordSecretRef", b"\n", "empty"),
        ("userData.secretKeyRef", b"\x1f\x8b\x08\x00", "not UTF-8 text"),
        ("files[/a].secretKeyRef", b"\xc3(", "not UTF-8 text"),
    ],
)
def test_a_secret_of_the_wrong_form_is_named_with_key_and_field(
    kube: FakeKube, path: str, value: bytes, why: str
) -> None:
    """It is not sent with signs replaced: user data that was packed would arrive destroyed."""
    kube.put_secret("bad", {"value": value})
    reference = {"name": "bad", "key": "value"}
    changes = {
        "login.passwordSecretRef": {"login": {"passwordSecretRef": reference}},
        "userData.secretKeyRef": {"userData": {"secretKeyRef": reference}},
        "files[/a].secretKeyRef": {"huawei": {"files": [{"path": "/a", "secretKeyRef": reference}]}},
    }
    found = read(kube, **changes[path])
    assert isinstance(found, Unresolved)
    assert found.reason == "SecretKeyMissing"
    assert found.message.startswith(f"Secret bad, key value: {why}")
    assert path in found.message


def test_the_line_break_at_the_end_of_a_password_is_none_of_it(kube: FakeKube) -> None:
    """An editor or echo has put it there; in user data it stays."""
    kube.put_secret("login", {"password": b"geheim\n", "file": b"inside\n"})
    found = read(kube)
    assert isinstance(found, ContentSource)
    assert found.content["login"] == {"password": "geheim"}
    assert found.content["huawei"]["files"][0]["content"] == "inside\n"


@pytest.mark.parametrize("away", [errors.KubeUnavailable("503"), errors.KubeError("no Secret")])
def test_an_api_server_that_is_away_says_nothing_about_a_reference(kube: FakeKube, away: errors.KubeError) -> None:
    """The look ends there and is made again: nothing is written as if the Secret were missing."""
    kube.fail = lambda verb: away
    with pytest.raises(errors.KubeError):
        read(kube)


def test_a_reference_that_may_not_be_read_is_named(kube: FakeKube) -> None:
    """Somebody has to give the permission."""
    kube.fail = lambda verb: errors.Forbidden("get secrets: forbidden")
    found = read(kube)
    assert isinstance(found, Unresolved)
    assert found.reason == "SecretNotFound"
    assert found.message == "Secret login may not be read: get secrets: forbidden"


# --- memory ----------------------------------------------------------------------------------------------------------


def test_memory_belongs_to_one_uid() -> None:
    """A re-created object starts anew."""
    memories = Memories()
    memories.of(KEY, "one").failures = 3
    assert memories.of(KEY, "one").failures == 3
    assert memories.of(KEY, "two").failures == 0


def test_memory_is_forgotten_with_its_object() -> None:
    """And looking does not make one."""
    memories = Memories()
    assert memories.peek(KEY) is None
    memories.of(KEY, "one")
    memories.forget(KEY)
    assert memories.peek(KEY) is None
