"""File locks that end with their process. Used by wheels and build (one at a time) and supervisor (alive)."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from localplane import errors

# owner() takes the lock for a moment to learn whether it is free; that must not pass for another owner.
PROBES_OUTLASTED = 10


def _open_locked(path: Path, flags: int) -> int:
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, flags)
            # The holder removes a plane's lock file before it lets go: a lock on the removed file is none.
            if path.exists() and os.fstat(descriptor).st_ino == path.stat().st_ino:
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


@contextmanager
def turn(path: Path) -> Iterator[None]:
    """Wait for the lock and hold it for the block."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = _open_locked(path, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(descriptor)


@contextmanager
def sole_owner(path: Path) -> Iterator[None]:
    """Hold the lock for the block, or raise PlaneRunning at once."""
    for attempt in range(PROBES_OUTLASTED):
        try:
            descriptor = _open_locked(path, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if attempt == PROBES_OUTLASTED - 1:
                raise errors.PlaneRunning(f"{path.parent} belongs to a running control plane") from None
            time.sleep(0.02)
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def owner(path: Path) -> int | None:
    """Return the id of the process that holds the lock as its sole owner, if there is one."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return int(os.pread(descriptor, 20, 0) or 0) or None  # nothing yet: taken a moment ago
    finally:
        os.close(descriptor)
    return None
