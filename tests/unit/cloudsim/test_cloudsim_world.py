"""Clock, faults, accounts, saved state and the command line's reading of arguments."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest
from cloudsim_rig import Rig

from cloudsim import __main__ as command_line
from cloudsim import accounts, clock, persistence
from cloudsim.faults import Fault, FaultBook, Kind
from cloudsim.huawei import recurrence, times
from cloudsim.settings import Settings
from cloudsim.vendor import Request
from cloudsim.world import World


def test_clocks_are_named_on_the_command_line() -> None:
    """Nothing else is a clock."""
    assert isinstance(clock.parse("manual"), clock.ManualClock)
    assert clock.parse("scaled:60").now() > 0
    for text in ("fast", "scaled:0", "scaled:x", "real:2"):
        with pytest.raises(ValueError, match=r"clock|float"):
            clock.parse(text)
    with pytest.raises(ValueError, match="backwards"):
        clock.ManualClock().advance(-1)


def test_saved_state_gives_the_same_world_back() -> None:
    """Also what is due, and ids go on where they were."""
    rig = Rig()
    group = rig.group(settled=False, desire_instance_number=2)
    rig.policy(group)
    saved = json.loads(json.dumps(rig.world.dump()))
    fresh = World(rig.world.settings)
    fresh.load(saved)
    assert {**fresh.dump(), "now": 0} == {**saved, "now": 0}
    assert fresh.advance(10)
    assert fresh.describe()["vendors"]["huawei"]["projects"]
    assert fresh.ids.uuid() == rig.world.ids.uuid()


def test_state_file_is_replaced_whole(tmp_path: Path) -> None:
    """No half-written file stays behind."""
    world = World(Settings(clock="manual", state_file=str(tmp_path / "state.json")))
    persistence.save(world)
    persistence.restore(world)
    assert [p.name for p in tmp_path.iterdir()] == ["state.json"]


def test_fault_is_used_up_by_matching_calls_only() -> None:
    """Skips first, counts down, then goes."""
    book = FaultBook()
    book.add(Fault("", "huawei", "A,B", Kind.ERROR, left=2, skip=1))
    kinds = frozenset({Kind.ERROR})
    assert book.take("otc", "A", kinds) is None
    assert book.take("huawei", "C", kinds) is None
    assert [bool(book.take("huawei", op, kinds)) for op in ("A", "B", "A", "A")] == [False, True, True, False]


def test_reset_keeps_accounts_and_never_repeats_an_id() -> None:
    """A client that remembers an old id must not meet a new object under it."""
    rig = Rig()
    before = rig.group()
    rig.world.reset()
    assert rig.do("ListScalingGroups")["total_number"] == 0
    assert rig.group() != before


def test_accounts_are_read_from_arguments() -> None:
    """Each account has a project with a stable id."""
    key = accounts.parse_key("AK:SK:TOKEN@other")
    assert (key.id, key.secret, key.token, key.account) == ("AK", "SK", "TOKEN", "other")
    known = accounts.build((key,), (accounts.parse_user("u:p:third"),), (accounts.parse_project("pid:p@other"),))
    assert known.names() == ["other", "third"]
    assert [p.id for p in known.projects_of("other")] == ["pid"]
    assert "SK" not in repr(key)
    for text in ("AK", "AK:", ":SK", "AK:SK@"):
        with pytest.raises(ValueError, match="expected"):
            accounts.parse_key(text)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--vendor", "moon:1"],
        ["--vendor", "huawei"],
        ["--vendor", "huawei:99999"],
        ["--vendor", "huawei:-1"],
        ["--vendor", "huawei:²"],
        ["--vendor", "huawei:1", "--vendor", "huawei:2"],
        ["--vendor", "huawei:9001", "--vendor", "otc:9001"],
        ["--vendor", "huawei:9001", "--admin", "9001"],
        ["--admin", "70000"],
        ["--admin", "-1"],
        ["--clock", "scaled:inf"],
        ["--clock", "scaled:nan"],
        ["--clock", "scaled:1e300"],
        ["--activity-seconds", "nan"],
        ["--activity-seconds", "inf"],
        ["--activity-seconds", "-1"],
        ["--quota", "huawei.groups=1", "--quota", "huawei.groups=2"],
        ["--clock", "odd"],
        ["--option", "x"],
        ["--access-key", "x"],
        ["--quota", "huawei.gruops=5"],
        ["--quota", "huawei.groups=many"],
        ["--quota", "otc.groups=5"],
        ["--option", "huawei.odd=true"],
        ["--option", "huawei=true"],
    ],
    ids=lambda a: "=".join(a),
)
def test_wrong_arguments_end_with_status_two(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """One line says what is wrong."""
    assert command_line.main(["serve", *arguments]) == 2
    said = capsys.readouterr().err
    assert said.startswith("cloudsim: ")
    assert said.count("\n") == 1


def test_a_port_in_use_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """By whatever program; one line says which."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert command_line.main(["serve", "--vendor", "huawei:0", "--admin", str(port)]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"cloudsim: cannot listen on 127.0.0.1 port {port}: ")
    assert said.count("\n") == 1


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": 2}', '{"format": 1, "ids": 1, "now": 0}'])
def test_a_file_that_holds_no_state_is_named(content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is neither read nor overwritten."""
    path = tmp_path / "state.json"
    path.write_text(content)
    assert command_line.main(["serve", "--admin", "0", "--state", str(path)]) == 1
    assert capsys.readouterr().err.startswith(f"cloudsim: {path} is no state file")
    assert path.read_text() == content


def test_unknown_option_or_quota_is_an_error() -> None:
    """A typing mistake must not pass as a default."""
    wrong: list[dict[str, Any]] = [{"options": {"odd": "1"}}, {"quotas": {"odd": "1"}}]
    for table in wrong:
        with pytest.raises(ValueError, match="no option or quota"):
            Rig(**table)


@pytest.mark.parametrize(
    ("schedule", "after", "expected"),
    [
        (("Daily", None), "2026-03-01T05:00Z", "2026-03-01T06:30Z"),
        (("Daily", None), "2026-03-01T06:30Z", "2026-03-02T06:30Z"),
        (("Weekly", "1"), "2026-03-02T00:00Z", "2026-03-08T06:30Z"),
        (("Weekly", "2,4"), "2026-03-02T07:00Z", "2026-03-04T06:30Z"),
        (("Monthly", "31"), "2026-04-01T00:00Z", "2026-05-31T06:30Z"),
        (("Monthly", "31"), "2026-12-31T06:30Z", None),
    ],
    ids=str,
)
def test_recurrence_fires_at_the_documented_days(
    schedule: tuple[str, str | None], after: str, expected: str | None
) -> None:
    """Weekday 1 is Sunday; 1 March 2026 is one."""
    kind, value = schedule
    kept = {
        "launch_time": "06:30",
        "recurrence_type": kind,
        "recurrence_value": value,
        "start_time": "2026-01-01T00:00Z",
        "end_time": "2026-12-31T23:59Z",
    }
    at = recurrence.next_run(kept, times.parse(after, times.MINUTE) or 0.0)
    assert (times.minute(at) if at else None) == expected


def test_further_projects_of_a_region_have_their_services_in_it() -> None:
    """Their names begin with the region's."""
    settings = {
        "users": (accounts.parse_user("me:secret:acct"),),
        "projects": (accounts.parse_project("p:eu-1_x@acct"),),
    }
    user = {"name": "me", "password": "secret", "domain": {"name": "acct"}}
    identity = {"methods": ["password"], "password": {"user": user}}
    asked = {"auth": {"identity": identity, "scope": {"project": {"name": "eu-1_x"}}}}
    request = Request("POST", "/v3/auth/tokens", "", {}, json.dumps(asked).encode())
    answer = Rig("otc", **settings).cloud.handle(request, 0.0, 0.0)
    assert {service["endpoints"][0]["region"] for service in answer.content["token"]["catalog"]} == {"eu-1"}
