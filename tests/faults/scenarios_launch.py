"""Scenarios: revisions of a LaunchConfiguration, from the first to the collection of the last."""

from __future__ import annotations

from tests.faults import checks, manifests
from tests.faults.scenarios_group import READY
from tests.faults.stage import Scenario, Stage, Step, View, both, gone, settled

LAUNCH = ("launchconfigurations", "lc")


def _image(name: str, revision: int) -> Step:
    """Another content: a new revision, and every group on it."""

    async def do(stage: Stage) -> None:
        await stage.spec(*LAUNCH, image={"id": name})

    def switched(view: View) -> str:
        status = view.objects[LAUNCH].get("status") or {}
        if status.get("currentRevision") != revision:
            return f"revision {revision} is not current"
        ids = {row.get("scaling_configuration_id") for row in view.tenant["groups"].values()}
        return "" if ids <= {status.get("externalId")} else "a cloud group uses an older revision"

    return Step(f"revision {revision}", do, both(switched, settled))


def _left(*names: str) -> Step:
    """Keep this many unused revisions from now on."""

    async def do(stage: Stage) -> None:
        await stage.spec(*LAUNCH, revisionHistoryLimit=len(names) - 1)

    def collected(view: View) -> str:
        problems = checks.configurations(*names)(view)
        return problems[0] if problems else ""

    return Step(f"keep {len(names) - 1} old revisions", do, both(collected, settled))


async def _create_alone(stage: Stage) -> None:
    await stage.create(manifests.launch(revisionHistoryLimit=5))


async def _rename_impatiently(stage: Stage) -> None:
    await _create_alone(stage)
    await stage.write_seen("CreateScalingConfig")
    await stage.spec(*LAUNCH, externalName="renamed", revisionHistoryLimit=0)


def _renamed_alone(view: View) -> list[str]:
    """One of the new name: the second revision, or the first when no call under the former name arrived."""
    found = [checks.configurations(f"renamed-r{number}")(view) for number in (1, 2)]
    return [] if [] in found else found[1]


async def _delete(stage: Stage) -> None:
    await stage.delete(*LAUNCH)


async def _keep_many(stage: Stage) -> None:
    await stage.spec(*LAUNCH, revisionHistoryLimit=5)


_ALONE = Step("a launch configuration", _create_alone, settled, setup=True)


def _as_setup(step: Step) -> Step:
    return Step(step.title, step.do, step.goal, setup=True)


SCENARIOS = (
    Scenario(
        "revision-switch",
        (READY, _image("image-b", 2), _image("image-c", 3)),
        checks.all_of(checks.configurations("lc-r3"), checks.servers(members=2)),
        wishes=(2,),
    ),
    Scenario(
        "revision-collect",
        (
            READY,
            Step("keep five", _keep_many, settled, setup=True),
            *(_as_setup(_image(f"image-{n}", n)) for n in (2, 3, 4)),
            _left("lc-r3", "lc-r4"),
        ),
        checks.configurations("lc-r3", "lc-r4"),
        wishes=(2,),
    ),
    Scenario(
        "launch-rename-while-creating",
        (
            Step(
                "a launch configuration, and another name before the answer",
                _rename_impatiently,
                both(lambda view: "; ".join(_renamed_alone(view)), settled),
            ),
        ),
        _renamed_alone,
        loose=True,
    ),
    Scenario(
        "launch-delete",
        (_ALONE, Step("delete it", _delete, gone(LAUNCH))),
        checks.all_of(checks.configurations(), checks.no_objects),
    ),
    Scenario(
        "launch-delete-revisions",
        (
            _ALONE,
            _as_setup(_image("image-b", 2)),
            _as_setup(_image("image-c", 3)),
            Step("delete", _delete, gone(LAUNCH)),
        ),
        checks.all_of(checks.configurations(), checks.no_objects),
    ),
    Scenario(
        "launch-recreate",
        (
            _ALONE,
            Step("delete it", _delete, gone(LAUNCH), setup=True),
            Step("create one of the same name", _create_alone, settled),
        ),
        checks.configurations("lc-r1"),
    ),
)
