"""Numbers of a group: what counts, what a desired number must respect, who leaves first. Pure reads."""

from __future__ import annotations

from cloudsim.huawei.errors import ApiError
from cloudsim.huawei.rules import Rules
from cloudsim.huawei.state import JOINED, Group, Instance

MANUAL_LAST = float("inf")


def current(group: Group, rules: Rules) -> int:
    """Return current_instance_number; README.md says which states count."""
    if rules.flag("current-counts-pending"):
        return len(group.members)
    return sum(1 for i in group.members.values() if i.life_cycle_state in JOINED)


def check_bounds(minimum: int, maximum: int, desire: int, rules: Rules) -> None:
    """Refuse bounds that contradict each other or exceed the quota, and a desired number outside."""
    if maximum > rules.quotas["instances"] or minimum > rules.quotas["instances"]:
        raise ApiError("2045", f"at most {rules.quotas['instances']}")
    if minimum > maximum:
        raise ApiError("2004", f"{minimum} is above {maximum}")
    if not minimum <= desire <= maximum:
        raise ApiError("2005", f"{desire} is not in {minimum}..{maximum}")


def check_floors(group: Group, desire: int) -> None:
    """Refuse a desired number below what is protected and in standby (AS.2010, 2051, 2052)."""
    protected, standby = group.protected, group.standby
    if desire < protected:
        raise ApiError("2010", f"{protected} protected")
    if desire < standby:
        raise ApiError("2051", f"{standby} in standby")
    if desire < protected + standby:
        raise ApiError("2052", f"{protected} protected, {standby} in standby")


def victims(group: Group, count: int) -> list[Instance]:
    """Return who leaves in a scale-in: in service, not protected, in the order of the removal policy."""
    candidates = [i for i in group.members.values() if i.life_cycle_state == "INSERVICE" and not i.protected]
    return sorted(candidates, key=_ORDERS[group.fields["instance_terminate_policy"]])[:count]


def _configuration(instance: Instance) -> float:
    # A server that was added by hand has no configuration; it goes after all that have one.
    return instance.configuration_created if instance.scaling_configuration_id else MANUAL_LAST


_ORDERS = {
    "OLD_CONFIG_OLD_INSTANCE": lambda i: (_configuration(i), i.joined),
    "OLD_CONFIG_NEW_INSTANCE": lambda i: (_configuration(i), -i.joined),
    "OLD_INSTANCE": lambda i: (i.joined,),
    "NEW_INSTANCE": lambda i: (-i.joined,),
}


def zone(group: Group) -> str:
    """Return the zone of the next server: the emptiest one, or the first of the list."""
    zones: list[str] = group.fields["available_zones"]
    if group.fields["multi_az_priority_policy"] == "PICK_FIRST" or len(zones) == 1:
        return zones[0]
    counts = dict.fromkeys(zones, 0)
    for instance in group.members.values():
        if instance.zone in counts:
            counts[instance.zone] += 1
    return min(zones, key=lambda z: counts[z])
