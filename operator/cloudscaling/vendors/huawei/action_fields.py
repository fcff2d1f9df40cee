"""What a policy does: adjustment and alarm steps <-> the vendor's actions, v1 and v2. Called by policy_fields. Pure.

A bandwidth is changed by the same actions under other rules: no percentages, another word for less, and a limit.
"""

from __future__ import annotations

from decimal import Decimal

from cloudscaling.core.model import Json
from cloudscaling.errors import Rejected
from cloudscaling.vendors.huawei import wire_policies as wire

_EXACT = {"ExactCapacity": False, "ExactPercent": True}  # adjustment type -> in percent?
_CHANGE = {"ChangeInCapacity": False, "PercentChangeInCapacity": True}
_LIMITS = {False: 300, True: 20000}  # highest amount, in instances or Mbit/s and in percent
_LESS = ("REMOVE", "REDUCE")
_INFINITE = Decimal("1.174271E108")  # the largest bound of a step that the vendor takes


def write(adjustment: Json, *, v2: bool, bandwidth: bool = False, limit: int | None = None) -> dict[str, Json]:
    """The vendor's action; `limit` is sent where the vendor takes one."""
    kind, value = adjustment["type"], int(adjustment["value"])
    percent = _EXACT.get(kind, _CHANGE.get(kind, False))
    if abs(value) > _LIMITS[percent]:
        raise Rejected(f"adjustment.value: {value} is outside of -{_LIMITS[percent]}..{_LIMITS[percent]}")
    if bandwidth and percent:
        raise Rejected("adjustment.type: a bandwidth cannot be changed by percent")
    name = ("percentage" if percent else "size") if v2 else f"instance_{'percentage' if percent else 'number'}"
    operation = "SET" if kind in _EXACT else ("ADD" if value > 0 else _LESS[bandwidth])
    body: dict[str, Json] = {"operation": operation, name: abs(value)}
    return body | ({"limits": limit} if limit is not None and bandwidth and operation != "SET" else {})


def read(action: wire.PolicyAction | None) -> Json:
    """The adjustment, None when there is no action."""
    if action is None:
        return None
    percent = action.percentage if action.percentage is not None else action.instance_percentage
    number = action.size if action.size is not None else action.instance_number
    in_percent = percent is not None and (percent != 0 or number is None)
    amount = percent if in_percent else (1 if number is None else number)  # neither given means one instance
    if (action.operation or "ADD") == "SET":
        return {"type": "ExactPercent" if in_percent else "ExactCapacity", "value": amount}
    sign = -1 if action.operation in _LESS else 1
    kind = "PercentChangeInCapacity" if in_percent else "ChangeInCapacity"
    return {"type": kind, "value": sign * (amount or 0)}


def write_steps(steps: Json) -> list[dict[str, Json]]:
    """One action per step; the bounds are numbers on the wire."""
    return [
        write(step["adjustment"], v2=True)
        | {name: float(step[own]) for own, name in _BOUNDS.items() if step.get(own) is not None}
        for step in canonical_steps(steps)
    ]


def read_steps(actions: list[wire.IntervalAction] | None) -> list[Json]:
    found = [
        {own: getattr(action, name) for own, name in _BOUNDS.items()} | {"adjustment": read(action)}
        for action in actions or ()
    ]
    return canonical_steps(found)


def canonical_steps(steps: Json) -> list[Json]:
    """From the lowest range to the highest, bounds as plain decimals, None for an open end."""
    found = [
        {own: decimal(step.get(own)) for own in _BOUNDS} | {"adjustment": canonical(step["adjustment"])}
        for step in steps or ()
    ]
    return sorted(found, key=lambda step: Decimal(step["lowerBound"] or -_INFINITE))


def canonical(adjustment: Json) -> Json:
    return {"type": adjustment["type"], "value": adjustment["value"]} if adjustment else None


def decimal(bound: Json) -> str | None:
    """A bound as the shortest decimal text; None for none and for infinity."""
    if bound is None:
        return None
    found = Decimal(str(bound))
    if not found.is_finite() or abs(found) >= _INFINITE:
        return None
    return format(found.normalize(), "f") if found else "0"


def complaint(steps: Json) -> str:
    """What is wrong with the ranges of steps, "" when nothing is."""
    end: Decimal | None = -_INFINITE
    for step in canonical_steps(steps):
        low, high = (Decimal(step[own]) if step[own] is not None else None for own in _BOUNDS)
        shown = f"{step['lowerBound'] or '-inf'} to {step['upperBound'] or 'inf'}"
        if (low is None or low < 0) and (high is None or high > 0):
            return f"{shown}: a range must lie on one side of 0, the alarm's threshold"
        if end is None or (low is not None and low < end) or (low is None and end > -_INFINITE):
            return f"{shown}: ranges must not overlap"
        end = high
    return ""


_BOUNDS = {"lowerBound": "lower_bound", "upperBound": "upper_bound"}
