"""kubectl as a test uses it: apply, look, wait, change. Waiting is polling with a generous limit.

Knows nothing of the operator; the fixtures of conftest give it a kubeconfig and a namespace.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from stage.program import Program

Manifest = dict[str, Any]

POLL_S = 0.2
LIMIT_S = 60.0


@dataclass(frozen=True)
class Kubectl:
    """kubectl with one kubeconfig, in one namespace."""

    program: Path
    kubeconfig: Path
    namespace: str = "default"

    def inside(self, namespace: str) -> Kubectl:
        """The same in another namespace."""
        return replace(self, namespace=namespace)

    @property
    def plain(self) -> Program:
        """kubectl as it is, in this namespace."""
        # A cache of its own: kinds that other tests install and remove would stay in the user's for minutes.
        cache = self.kubeconfig.parent / "kubectl-cache"
        return Program(self.program, self.kubeconfig, (f"--cache-dir={cache}", f"--namespace={self.namespace}"))

    def run(self, *arguments: str, given: object = None) -> subprocess.CompletedProcess[str]:
        """Run kubectl; `given` goes to its standard input, text as it is and anything else as YAML."""
        text = given if isinstance(given, str) else yaml.safe_dump_all(given if isinstance(given, list) else [given])
        return self.plain.run(*arguments, stdin=text, timeout=180)

    def do(self, *arguments: str, given: object = None) -> str:
        """Run kubectl, which must succeed; return what it printed."""
        done = self.run(*arguments, given=given)
        assert done.returncode == 0, f"kubectl {' '.join(arguments)}: {done.stderr}"
        return done.stdout

    def refused(self, *arguments: str, given: object = None) -> str:
        """Run kubectl, which must fail; return its error."""
        done = self.run(*arguments, given=given)
        assert done.returncode != 0, f"kubectl {' '.join(arguments)} was accepted: {given}"
        return done.stderr

    def apply(self, *objects: Manifest, server_side: bool = False) -> None:
        """Apply manifests in the given order."""
        self.do("apply", *(["--server-side"] if server_side else []), "-f", "-", given=list(objects))

    def apply_refused(self, *objects: Manifest) -> str:
        """Apply manifests that the API server must refuse."""
        return self.refused("apply", "-f", "-", given=list(objects))

    def get(self, kind: str, name: str) -> Manifest:
        """One object."""
        found: Manifest = json.loads(self.do("get", kind, name, "-o", "json"))
        return found

    def items(self, kind: str) -> list[Manifest]:
        """Every object of a kind in the namespace."""
        found: list[Manifest] = json.loads(self.do("get", kind, "-o", "json"))["items"]
        return found

    def exists(self, kind: str, name: str) -> bool:
        """Whether there is such an object."""
        return bool(self.do("get", kind, name, "--ignore-not-found", "-o", "name"))

    def status(self, kind: str, name: str) -> Manifest:
        """The status of an object; empty while it has none."""
        found: Manifest = self.get(kind, name).get("status") or {}
        return found

    def patch(self, kind: str, name: str, patch: Manifest, *, subresource: str = "") -> None:
        """Merge something into an object; null takes a field out."""
        more = [f"--subresource={subresource}"] if subresource else []
        self.do("patch", kind, name, "--type=merge", f"--patch={json.dumps(patch)}", *more)

    def set_spec(self, kind: str, name: str, **fields: Any) -> None:
        """Change fields of the spec."""
        self.patch(kind, name, {"spec": fields})

    def scale(self, name: str, replicas: int) -> None:
        """`kubectl scale` of a ScalingGroup."""
        self.do("scale", "scalinggroup", name, f"--replicas={replicas}")

    def annotate(self, kind: str, name: str, **annotations: str) -> None:
        """Set annotations of the operator; underscores in a name stand for hyphens."""
        given = [f"cloudscaling.dev/{key.replace('_', '-')}={value}" for key, value in annotations.items()]
        self.do("annotate", "--overwrite", kind, name, *given)

    def delete(self, kind: str, name: str, *, wait: bool = True) -> None:
        """Delete an object and, unless told otherwise, wait until it is gone."""
        self.do("delete", kind, name, f"--wait={str(wait).lower()}", "--timeout=120s")

    def ready(self, *names: str, limit_s: float = LIMIT_S) -> None:
        """Wait for KIND/NAME to be Ready."""
        self.do("wait", "--for=condition=Ready", f"--timeout={limit_s}s", *names)

    def condition(self, kind: str, name: str, type_: str) -> Manifest:
        """One condition; empty while the object has none of the type."""
        return condition(self.get(kind, name), type_)

    def until(
        self, kind: str, name: str, fact: Callable[[Manifest], bool], what: str, limit_s: float = LIMIT_S
    ) -> Manifest:
        """Wait until a fact about an object holds, and return the object."""
        last: list[Manifest] = [{}]

        def holds() -> bool:
            last[0] = self.get(kind, name)
            return fact(last[0])

        eventually(holds, lambda: f"{what}; {kind}/{name} is {_brief(last[0])}", limit_s)
        return last[0]

    def until_reason(self, kind: str, name: str, type_: str, reason: str, limit_s: float = LIMIT_S) -> Manifest:
        """Wait until a condition has a reason; return the condition."""
        found = self.until(kind, name, lambda o: condition(o, type_).get("reason") == reason, reason, limit_s)
        return condition(found, type_)

    def until_gone(self, kind: str, name: str, limit_s: float = LIMIT_S) -> None:
        """Wait until an object does not exist."""
        eventually(lambda: not self.exists(kind, name), lambda: f"{kind}/{name} should be gone", limit_s)

    def looked_at(self, kind: str, name: str, token: str) -> Manifest:
        """Ask for a look at the cloud now and wait for it; a token works once."""
        self.annotate(kind, name, reconcile_requested_at=token)
        handled = "lastHandledReconcileAt"
        return self.until(kind, name, lambda o: (o.get("status") or {}).get(handled) == token, f"look {token}")

    def events(self, kind: str, name: str) -> list[tuple[str, str, str]]:
        """(type, reason, note) of the Events about an object, oldest first."""
        raw = self.do("get", "--raw", f"/apis/events.k8s.io/v1/namespaces/{self.namespace}/events")
        about = [
            e for e in json.loads(raw)["items"] if (e["regarding"]["kind"], e["regarding"]["name"]) == (kind, name)
        ]
        return [(e["type"], e["reason"], e["note"]) for e in sorted(about, key=lambda e: e["eventTime"])]

    def columns(self, kind: str, *, wide: bool = False) -> list[str]:
        """The header of `kubectl get`."""
        header = self.do("get", kind, *(["-o", "wide"] if wide else [])).splitlines()[0]
        return header.split()


def condition(found: Manifest, type_: str) -> Manifest:
    """One condition of an object; empty while it has none of the type."""
    conditions = (found.get("status") or {}).get("conditions") or ()
    return next((c for c in conditions if c["type"] == type_), {})


def eventually(fact: Callable[[], bool], what: Callable[[], str] | str, limit_s: float = LIMIT_S) -> None:
    """Wait until a fact holds; the limit only says when a failure is certain."""
    deadline = time.monotonic() + limit_s
    while not fact():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {limit_s:.0f} s: {what if isinstance(what, str) else what()}")
        time.sleep(POLL_S)


def _brief(found: Manifest) -> str:
    conditions = [f"{c['type']}={c['status']}/{c['reason']}" for c in (found.get("status") or {}).get("conditions", ())]
    return f"{found.get('spec')} {', '.join(conditions)}"
