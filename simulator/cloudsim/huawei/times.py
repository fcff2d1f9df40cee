"""The vendor's time formats, all UTC. Vendor document: the parameter tables (no time-zone exists anywhere)."""

from __future__ import annotations

from datetime import UTC, datetime

SECOND = "%Y-%m-%dT%H:%M:%SZ"
MINUTE = "%Y-%m-%dT%H:%MZ"


def second(at: float) -> str:
    """Write a time with seconds."""
    return datetime.fromtimestamp(at, UTC).strftime(SECOND)


def minute(at: float) -> str:
    """Write a time with minutes."""
    return datetime.fromtimestamp(at, UTC).strftime(MINUTE)


def parse(text: str, form: str) -> float | None:
    """Read a time of exactly this form, or return None."""
    try:
        moment = datetime.strptime(text, form).replace(tzinfo=UTC)
    except ValueError:
        return None
    # strptime takes "2026-1-2"; the vendor's formats are fixed width.
    return moment.timestamp() if moment.strftime(form) == text else None


def clock_time(text: str) -> int | None:
    """Read `hh:mm` as minutes after midnight, or return None."""
    head, colon, tail = text.partition(":")
    if not (colon and len(head) == 2 and len(tail) == 2 and head.isdigit() and tail.isdigit()):
        return None
    minutes = int(head) * 60 + int(tail)
    return minutes if int(head) < 24 and int(tail) < 60 else None
