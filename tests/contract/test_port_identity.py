"""verify and quotas: who the credentials are, and every way in which they can be wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from contract_bench import FOREIGN_PROJECT, KEY, OTHER_PROJECT, PROJECT, TEMPORARY, USER, Bench, SkewedClock

from cloudscaling import errors
from cloudscaling.ports import Cloud, Credentials


@pytest.mark.parametrize("credentials", [KEY, USER], ids=["access key", "user"])
async def test_credentials_show_account_and_project(bench: Bench, credentials: Credentials) -> None:
    """The pin is made of what the identity service says, not of what the spec says."""
    if credentials is USER and not bench.subject.keystone:
        pytest.skip("the vendor has no user tokens")
    cloud = bench.build(credentials=credentials)
    found = await cloud.verify()
    assert found.project_id == PROJECT.id
    assert found.account_id
    assert found.account_id == found.domain_id
    assert cloud.capabilities.features <= found.capabilities
    assert {"PolicyV2", "ActivityLogV2"} <= found.capabilities
    assert dict(found.api_versions)["v2"] == "SUPPORTED"
    assert found.one_list_of_policies
    assert ("StepPolicies" in found.capabilities) == bool(bench.subject.steps)
    assert not any(write for _, write in bench.gate.calls)


async def test_a_region_is_the_project_name_unless_one_is_given(bench: Bench) -> None:
    """projectName picks another project of the same account."""
    found = await bench.build(project_name=OTHER_PROJECT.name).verify()
    assert found.project_id == OTHER_PROJECT.id


async def test_an_explicit_project_id_wins(bench: Bench) -> None:
    """projectId is taken as it is; the domain still comes from the identity service."""
    found = await bench.build(project_id=OTHER_PROJECT.id).verify()
    assert (found.project_id, bool(found.account_id)) == (OTHER_PROJECT.id, True)


async def test_an_unknown_project_name_is_refused(bench: Bench) -> None:
    """The message says what to set."""
    with pytest.raises(errors.AuthenticationFailed, match="projectId or projectName"):
        await bench.build(credentials=KEY, project_name="nowhere").verify()


async def test_a_project_of_another_account_is_refused(bench: Bench) -> None:
    """A foreign project is an authentication failure, never an empty cloud."""
    cloud = bench.build(project_id=FOREIGN_PROJECT.id)
    with pytest.raises(errors.AuthenticationFailed):
        await cloud.verify()
    with pytest.raises(errors.AuthenticationFailed):
        await cloud.groups.list()


async def test_a_wrong_secret_is_refused(bench: Bench) -> None:
    """The secret itself is not in the message."""
    cloud = bench.build(credentials=replace(KEY, secret_access_key="a-wrong-secret"))
    with pytest.raises(errors.AuthenticationFailed) as refused:
        await cloud.verify()
    assert "a-wrong-secret" not in str(refused.value)


async def test_a_clock_that_is_twenty_minutes_wrong_is_refused(bench: Bench) -> None:
    """Signatures live fifteen minutes."""
    for offset in (timedelta(minutes=20), timedelta(minutes=-20)):
        with pytest.raises(errors.AuthenticationFailed):
            await bench.build(credentials=KEY, clock=SkewedClock(offset)).verify()


async def test_temporary_credentials_carry_their_token(bench: Bench) -> None:
    """Key and token belong together."""
    assert (await bench.build(credentials=TEMPORARY).verify()).project_id == PROJECT.id
    with pytest.raises(errors.AuthenticationFailed):
        await bench.build(credentials=replace(TEMPORARY, security_token="")).verify()


async def test_a_user_with_a_password_gets_the_same_identity(bench: Bench) -> None:
    """Tokens are fetched once, then reused."""
    if not bench.subject.keystone:
        pytest.skip("the vendor has no user tokens")
    cloud = bench.build(credentials=USER)
    assert await cloud.verify() == await bench.build(credentials=KEY).verify()
    before = await bench.count("log in")
    await cloud.groups.list()
    await cloud.quotas()
    assert await bench.count("log in") == before


async def test_a_user_can_name_the_project_by_its_id(bench: Bench) -> None:
    """An id alone is a scope of its own, whatever the region is called."""
    if not bench.subject.keystone:
        pytest.skip("the vendor has no user tokens")
    cloud = bench.build(credentials=USER, project_id=OTHER_PROJECT.id)
    assert (await cloud.verify()).project_id == OTHER_PROJECT.id


async def test_a_wrong_password_is_refused(bench: Bench) -> None:
    """The identity service speaks another error shape; it is understood too."""
    if not bench.subject.keystone:
        pytest.skip("the vendor has no user tokens")
    cloud = bench.build(credentials=replace(USER, password="a-wrong-password"))
    with pytest.raises(errors.AuthenticationFailed) as refused:
        await cloud.verify()
    assert "a-wrong-password" not in str(refused.value)


async def test_a_forgotten_token_is_renewed_once_and_the_call_repeated(bench: Bench) -> None:
    """The service may drop a token before its time; reads and writes survive that."""
    if not bench.subject.keystone:
        pytest.skip("the vendor has no user tokens")
    cloud = bench.build(credentials=USER)
    await cloud.verify()
    await bench.admin.post("/reset")
    assert await cloud.groups.list() == ()


async def test_quotas_are_named_neutrally_and_never_negative(bench: Bench, cloud: Cloud) -> None:
    """What the vendor does not count on this level is left out."""
    group_id = await bench.group()
    account = {quota.name: quota for quota in await cloud.quotas()}
    assert account["ScalingGroups"].used == 1
    assert account["LaunchConfigurations"].used == 1
    assert "Instances" not in account
    of_group = {quota.name: quota for quota in await cloud.groups.quotas(group_id)}
    assert of_group["Instances"].used == 0
    assert all(quota.used >= 0 and quota.limit > 0 for quota in (*account.values(), *of_group.values()))
