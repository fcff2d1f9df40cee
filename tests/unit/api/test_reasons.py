"""The table of reasons."""

import pytest

from cloudscaling.api import meta
from cloudscaling.api.conditions import ConditionStatus, ConditionType, Reason
from cloudscaling.api.reasons import REASONS
from cloudscaling.api.v1alpha1.scalinggroup_status import DeletionPhase


def test_every_kind_has_its_conditions() -> None:
    """The table has the six kinds and uses every type and every reason there is."""
    assert REASONS.keys() == meta.KINDS.keys()
    assert {type_ for kind in REASONS.values() for type_ in kind} == set(ConditionType)
    used = {
        reason for kind in REASONS.values() for type_ in kind.values() for each in type_.values() for reason in each
    }
    assert used == set(Reason)


@pytest.mark.parametrize("kind", REASONS)
def test_no_reason_is_named_twice(kind: str) -> None:
    """A reason belongs to one status of a condition."""
    for by_status in REASONS[kind].values():
        reasons = [reason for each in by_status.values() for reason in each]
        assert len(reasons) == len(set(reasons))


@pytest.mark.parametrize("type_", [ConditionType.RECONCILING, ConditionType.STALLED])
def test_kstatus_conditions_are_only_ever_true(type_: ConditionType) -> None:
    """Reconciling and Stalled go away instead of turning False."""
    for kind, by_type in REASONS.items():
        assert by_type[type_].keys() == {ConditionStatus.TRUE}, kind


def test_deletion_phases_are_reasons() -> None:
    """status.deletion.phase and the condition Deleting use the same words."""
    assert {str(phase) for phase in DeletionPhase} <= {
        str(reason) for reason in REASONS["ScalingGroup"][ConditionType.DELETING][ConditionStatus.TRUE]
    }


def test_reasons_fit_the_schema_of_conditions() -> None:
    """CamelCase words, as every Kubernetes client expects."""
    assert all(str(reason).isalpha() and str(reason)[0].isupper() for reason in Reason)
