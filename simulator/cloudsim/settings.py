"""What one simulator run is given. Built once by the command line or by a test, passed down, never changed."""

from __future__ import annotations

from dataclasses import dataclass, field

from cloudsim import accounts


@dataclass(frozen=True, slots=True)
class Settings:
    """All choices of a run; `vendors` maps a vendor's name to its port, 0 is any free port."""

    vendors: dict[str, int] = field(default_factory=lambda: {"huawei": 0})
    admin_port: int = 0
    host: str = "127.0.0.1"
    keys: tuple[accounts.AccessKey, ...] = ()
    users: tuple[accounts.User, ...] = ()
    projects: tuple[accounts.Project, ...] = ()
    quotas: dict[str, int] = field(default_factory=dict)
    options: dict[str, str] = field(default_factory=dict)
    clock: str = "real"
    activity_seconds: float = 5.0
    state_file: str | None = None
    strict_references: bool = False
    seed: int = 0

    def of_vendor(self, table: dict[str, int] | dict[str, str], vendor: str) -> dict[str, str]:
        """Return the entries `VENDOR.NAME` of a table under their short names."""
        prefix = f"{vendor}."
        return {k.removeprefix(prefix): str(v) for k, v in table.items() if k.startswith(prefix)}
