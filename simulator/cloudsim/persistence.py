"""The state file: written whole and swapped in, once a second while something changes. Called by serve."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

from cloudsim.world import World

SAVE_EVERY_S = 1.0


class BadStateFile(Exception):
    """The state file holds something else; the text names it."""


def restore(world: World) -> None:
    """Load the state file into the world if there is one."""
    if world.settings.state_file and (path := Path(world.settings.state_file)).exists():
        try:
            world.load(json.loads(path.read_text()))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise BadStateFile(f"{path} is no state file of this release: {str(error).splitlines()[0]}") from error


def save(world: World) -> None:
    """Replace the state file in one step; a crash leaves the old or the new one, never half of it."""
    if not world.settings.state_file:
        return
    path = Path(world.settings.state_file)
    fresh = path.with_name(path.name + ".new")
    with fresh.open("w") as out:
        json.dump(world.dump(), out)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(path)


async def keep_saving(world: World) -> None:
    """Save whenever the world has changed since the last time."""
    saved = world.changes
    while world.settings.state_file:
        await asyncio.sleep(SAVE_EVERY_S)
        world.catch_up()
        if world.changes != saved:
            saved = world.changes
            save(world)
