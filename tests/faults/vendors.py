"""The clouds that the harness knows: how an account signs in there, and what scenarios may need and it lacks. Data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

DOMAIN = "sim-account"  # the simulator's only account; its keys and users see the same project
ACCESS_KEY, SECRET_KEY = "AKFAULTS", "secret-of-the-faults"
USER, PASSWORD = "faults", "password-of-the-faults"


@dataclass(frozen=True, slots=True)
class Vendor:
    """One cloud of the simulator."""

    name: str  # of the command line, of the simulator and of the block in a spec
    kind: str  # spec.vendor
    credentials: str  # spec.credentials.type
    secret: Mapping[str, str] = field(repr=False, compare=False)
    lacks: frozenset[str] = frozenset()  # words of Scenario.needs


HUAWEI = Vendor("huawei", "Huawei", "AccessKey", {"accessKeyId": ACCESS_KEY, "secretAccessKey": SECRET_KEY})
OTC = Vendor(
    "otc",
    "OTC",
    "Keystone",
    {"username": USER, "password": PASSWORD, "domainName": DOMAIN},
    lacks=frozenset({"standby", "notifications", "scheduled tasks", "steps", "warm pool"}),
)
VENDORS: Mapping[str, Vendor] = {vendor.name: vendor for vendor in (HUAWEI, OTC)}
