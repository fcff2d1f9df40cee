"""The examples of one vendor, with an address and a Secret of the simulated cloud. Used by the demo and the tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from stage.theatre import ACCESS_KEY, DOMAIN, PASSWORD, ROOT, SECRET_KEY, USER

FOLDER = ROOT / "examples"
VENDORS = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())
# credentials.type -> content of the Secret.
_SECRETS = {
    "AccessKey": {"accessKeyId": ACCESS_KEY, "secretAccessKey": SECRET_KEY},
    "Keystone": {"username": USER, "password": PASSWORD, "domainName": DOMAIN},
}


class Examples:
    """`examples/VENDOR`; the first file holds the account."""

    def __init__(self, vendor: str) -> None:
        self._paths = sorted((FOLDER / vendor).glob("*.yaml"))
        self._account: dict[str, Any] = yaml.safe_load(self._paths[0].read_text())["spec"]

    @property
    def region(self) -> str:
        return str(self._account["region"])

    def secret(self) -> str:
        """The credentials that the account names, as the simulated cloud knows them."""
        credentials = self._account["credentials"]
        name, content = credentials["secretRef"]["name"], _SECRETS[credentials.get("type", "AccessKey")]
        manifest = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": content}
        return yaml.safe_dump(manifest)

    def manifests(self, cloud_url: str) -> Iterator[tuple[Path, str]]:
        """File by file: its path in the project, and its text with the address of the simulated cloud."""
        for path in self._paths:
            text = path.read_text().replace(self._account["endpoints"]["autoscaling"], cloud_url)
            yield path.relative_to(ROOT), text
