"""Raw signed requests to a simulator on loopback. Used by the tests of this folder."""

from __future__ import annotations

import json
from typing import Any

import cloudsim_signer
import httpx

from cloudsim import accounts, serve
from cloudsim.settings import Settings

CONFIG = {
    "scaling_configuration_name": "c",
    "instance_config": {
        "flavorRef": "s6",
        "imageRef": "i",
        "disk": [{"size": 40, "volume_type": "SSD", "disk_type": "SYS"}],
        "key_name": "k",
    },
}
SETTINGS = Settings(
    vendors={"huawei": 0, "otc": 0},
    keys=(
        accounts.parse_key("AK:SK"),
        accounts.parse_key("TMP:SK:security-token"),
        accounts.parse_key("OTHER:SK@other"),
    ),
    users=(accounts.parse_user("user:secret:sim-account"),),
    projects=(accounts.parse_project("p1:region-1"), accounts.parse_project("p2:region-2@other")),
    clock="manual",
    activity_seconds=60,
)


class Client:
    """Signed raw requests to one vendor, and the administrator."""

    def __init__(self, http: httpx.AsyncClient, endpoints: serve.Endpoints, vendor: str = "huawei") -> None:
        """Use one connection pool for all."""
        self.http = http
        self.admin = endpoints.admin
        self.base = endpoints.vendors[vendor]

    async def call(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None, **signing: Any
    ) -> httpx.Response:
        """Send one request, signed unless headers are given."""
        url = self.base + path
        content = b"" if body is None else json.dumps(body).encode()
        if headers is None:
            extra: dict[str, Any] = {"Content-Type": "application/json"} if content else {}
            headers = cloudsim_signer.headers(method, url, content, **signing, **extra)
        return await self.http.request(method, url, content=content, headers=headers)

    async def group(self, name: str = "g") -> str:
        """Create a group with a new configuration."""
        made = await self.call("POST", "/autoscaling-api/v1/p1/scaling_configuration", CONFIG)
        body = {
            "scaling_group_name": name,
            "scaling_configuration_id": made.json()["scaling_configuration_id"],
            "networks": [{"id": "n"}],
            "vpc_id": "v",
            "desire_instance_number": 1,
        }
        made = await self.call("POST", "/autoscaling-api/v1/p1/scaling_group", body)
        return str(made.json()["scaling_group_id"])

    async def fault(self, **fault: Any) -> None:
        """Arm a fault."""
        answer = await self.http.post(f"{self.admin}/faults", json={"vendor": "huawei", **fault})
        assert answer.status_code == 200, answer.text


GROUPS = "/autoscaling-api/v1/p1/scaling_group"
