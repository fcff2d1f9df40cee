"""Scheduled tasks: set minimum, maximum and desired number by time. Vendor document: 5.11 (no own codes)."""

from __future__ import annotations

from cloudsim import accounts
from cloudsim.huawei import activities, capacity, groups, paging, recurrence, scaling, times, validate
from cloudsim.huawei.errors import ApiError
from cloudsim.huawei.scene import Call, JsonObject, Scene
from cloudsim.huawei.state import Group, Task
from cloudsim.huawei.validate import Field, Table

_SCHEDULE: Table = {
    "launch_time": Field(validate.text("3009", 0, 32), "3008"),
    "recurrence_type": Field(validate.text("3004", 0, 16)),
    "recurrence_value": Field(validate.text("3025", 0, 128)),
    "start_time": Field(validate.text("3028", 0, 32)),
    "end_time": Field(validate.text("3006", 0, 32)),
}
_NUMBERS: Table = {
    "max": Field(validate.integer("2004", 0)),
    "min": Field(validate.integer("2004", 0)),
    "desire": Field(validate.integer("2005", 0)),
}
_FIELDS = {"min": "min_instance_number", "max": "max_instance_number", "desire": "desire_instance_number"}
_UPDATE: Table = {
    "name": Field(validate.name("3013", "3014", "3031")),
    "scheduled_policy": Field(validate.nested(_SCHEDULE, "3003")),
    "instance_number": Field(validate.nested(_NUMBERS, "0022")),
}
_MISSING = {"name": "3013", "scheduled_policy": "3003", "instance_number": "0022"}
_CREATE: Table = {name: Field(f.check, _MISSING[name]) for name, f in _UPDATE.items()}


def create(scene: Scene, call: Call) -> JsonObject:
    """Create a task."""
    given = validate.body(call.body, _CREATE)
    group = groups.writable(scene, call.path["scaling_group_id"])
    schedule = _schedule(scene, given["scheduled_policy"])
    numbers = _numbers(scene, given["instance_number"])
    task = Task(scene.ids.uuid(), given["name"], schedule, numbers, scene.now, scene.now)
    group.tasks[task.id] = task
    _arm(scene, group, task)
    return {"task_id": task.id}


def _schedule(scene: Scene, given: JsonObject) -> JsonObject:
    if given.get("recurrence_type"):
        return recurrence.check_recurring(given, scene.now, recurrence.TASK)
    return recurrence.check_once(given, scene.now)


def _numbers(scene: Scene, given: JsonObject) -> dict[str, int]:
    numbers = {name: value for name, value in given.items() if value is not None}
    if not numbers:
        raise ApiError("0022", "one of max, min and desire is needed")
    low, high = numbers.get("min", 0), numbers.get("max", scene.rules.quotas["instances"])
    capacity.check_bounds(low, high, numbers.get("desire", low), scene.rules)
    return numbers


def listing(scene: Scene, call: Call) -> JsonObject:
    """List the tasks of a group by marker; on the last page the marker is null."""
    group = scene.group(call.path["scaling_group_id"])
    chosen, marker = paging.after_marker(list(group.tasks), call.query)
    rows = [_show(scene, group, group.tasks[task_id]) for task_id in chosen]
    return {"page_info": {"next_marker": marker}, "scheduled_tasks": rows}


def update(scene: Scene, call: Call) -> None:
    """Change a task; its timer and its numbers are replaced whole."""
    given = validate.body(call.body, _UPDATE)
    group = groups.writable(scene, call.path["scaling_group_id"])
    task = _task(group, call)
    schedule = _schedule(scene, given["scheduled_policy"]) if "scheduled_policy" in given else task.schedule
    numbers = _numbers(scene, given["instance_number"]) if "instance_number" in given else task.numbers
    task.name, task.schedule, task.numbers = given.get("name", task.name), schedule, numbers
    task.updated = scene.now
    _arm(scene, group, task)


def delete(scene: Scene, call: Call) -> None:
    """Delete a task."""
    group = groups.writable(scene, call.path["scaling_group_id"])
    del group.tasks[_task(group, call).id]


def _task(group: Group, call: Call) -> Task:
    task_id = call.path["scheduled_task_id"]
    if task_id not in group.tasks:
        raise ApiError("0007", task_id)
    return group.tasks[task_id]


def _show(scene: Scene, group: Group, task: Task) -> JsonObject:
    return {
        "task_id": task.id,
        "scaling_group_id": group.id,
        "name": task.name,
        "scheduled_policy": dict(task.schedule),
        "instance_number": dict(task.numbers),
        "create_time": times.second(task.created),
        "update_time": times.second(task.updated),
        "tenant_id": scene.project_id,
        "domain_id": accounts.account_id(scene.account),
    }


def _arm(scene: Scene, group: Group, task: Task) -> None:
    task.revision += 1
    at = recurrence.next_run(task.schedule, scene.now, recurrence.TASK)
    if at is not None:
        scene.later(at, "task", group.id, f"{task.id}/{task.revision}")


def on_timer(scene: Scene, group_id: str, extra: str) -> None:
    """Set the numbers of a task whose time has come, unless it was changed or deleted since."""
    group = scene.tenant.groups.get(group_id)
    task_id, _, revision = extra.partition("/")
    task = group.tasks.get(task_id) if group else None
    if group is None or task is None or str(task.revision) != revision:
        return
    _apply(scene, group, task)
    _arm(scene, group, task)


def _apply(scene: Scene, group: Group, task: Task) -> None:
    """Set the numbers; bounds that contradict each other change nothing, the desired number is clamped."""
    wanted = {_FIELDS[name]: value for name, value in task.numbers.items()}
    merged = {**group.fields, **wanted}
    low, high = merged["min_instance_number"], merged["max_instance_number"]
    if low > high or group.status in ("DELETING", "FREEZED"):
        return
    floor = max(low, min(group.protected + group.standby, high))
    desire = min(max(merged["desire_instance_number"], floor), high)
    old = group.desire
    group.fields |= {"min_instance_number": low, "max_instance_number": high}
    scaling.set_desire(scene, group, desire, activities.reason(scene, "SCHEDULED", old, desire))
