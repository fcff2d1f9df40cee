"""File locks that end with their process. Used by wheels and build (one at a time) and supervisor (alive)."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
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


def own(path: Path) -> None:
    """Take the lock until this process has ended, or raise PlaneRunning at once; the kernel lets go of it."""
    for attempt in range(PROBES_OUTLASTED):
        try:
            descriptor = _open_locked(path, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if attempt == PROBES_OUTLASTED - 1:
                raise errors.PlaneRunning(f"{path.parent} belongs to a running control plane") from None
            time.sleep(0.02)
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, str(os.getpid()).encode(), 0)


def owner(path: Path) -> int | None:
    """Return the id of the process that owns the lock, if there is one."""
    with watched(path) as holder:
        return holder()


@contextmanager
def watched(path: Path) -> Iterator[Callable[[], int | None]]:
    """Yield a function like owner() that still answers when the owner has removed the file."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        yield lambda: None
        return
    try:
        yield lambda: _holder(descriptor)
    finally:
        os.close(descriptor)


def _holder(descriptor: int) -> int | None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return int(os.pread(descriptor, 20, 0) or 0) or None  # nothing yet: taken a moment ago
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    return None
