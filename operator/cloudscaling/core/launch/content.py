"""What the spec wants a launch configuration to hold, against what the cloud shows of one. Called beside it. Pure.

The content is one value: what the cloud has and the spec lacks is a difference too. Secrets are never compared, nor
is what the vendor fills in by itself.
"""

from __future__ import annotations

from cloudscaling.core import model as cloud
from cloudscaling.core.diff import Difference, managed
from cloudscaling.core.launch.case import Case
from cloudscaling.core.launch.facts import is_named_as_wanted
from cloudscaling.core.model import Fields
from cloudscaling.core.resource import spec_json


def differences(case: Case, seen: cloud.LaunchConfiguration) -> tuple[Difference, ...]:
    """Everything readable that is not as the spec says."""
    table = case.account.launch_configuration_fields
    want, have = _both(case, seen)
    return tuple(
        Difference(path, want.get(path), have.get(path))
        for path in sorted(want.keys() | have.keys())
        if want.get(path) != have.get(path)
        and not table[path].unread
        and not (table[path].filled_with and table[path].filled_with in want)
    )


def of_current(case: Case) -> tuple[Difference, ...]:
    """What differs where no content of ours was ever written, or none may be: adopted by its id, or only observed."""
    facts, current = case.facts, case.facts.current_revision
    seen = facts.current_configuration
    adopted = current is not None and current.external_id == facts.resource.spec.external_id
    if current is None or seen is None or not (adopted or facts.observe_only):
        return ()
    renamed = Difference("externalName", facts.resource.spec.external_name, current.external_name)
    return (*differences(case, seen), *(() if is_named_as_wanted(facts, current) else (renamed,)))


def is_proven(case: Case, seen: cloud.LaunchConfiguration) -> bool:
    """The cloud's content is the spec's beyond doubt; with secrets on either side it never is."""
    table = case.account.launch_configuration_fields
    want, have = _both(case, seen)
    secret = any(table[path].unread for path in want.keys() | have.keys())
    return not secret and not seen.hidden and not differences(case, seen)


def _both(case: Case, seen: cloud.LaunchConfiguration) -> tuple[Fields, Fields]:
    """Path -> value of both sides in one form."""
    canonical, table = case.account.canonical_launch, case.account.launch_configuration_fields
    spec = spec_json(case.facts.resource.spec)
    return managed(canonical(spec), table), managed(canonical(seen.content), table)
