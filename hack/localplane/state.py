"""What a running control plane tells about itself. Written by supervisor, read by cluster and cli."""

import dataclasses
import json
from dataclasses import dataclass
from typing import Self

from localplane import locks
from localplane.places import Layout


@dataclass(frozen=True, slots=True)
class State:
    """The contents of plane.json."""

    pid: int
    server: str
    kubeconfig: str
    ca_file: str
    kubectl: str
    helm: str

    def save(self, layout: Layout) -> None:
        """Publish the state; readers see all of it or nothing."""
        draft = layout.state.with_suffix(".draft")
        draft.write_text(json.dumps(dataclasses.asdict(self), indent=2))
        draft.rename(layout.state)

    @classmethod
    def of_running(cls, layout: Layout) -> Self | None:
        """Return the state of the directory's control plane if it is ready and alive."""
        if locks.owner(layout.lock) is None:
            return None
        try:
            return cls(**json.loads(layout.state.read_text()))
        except FileNotFoundError:
            return None
