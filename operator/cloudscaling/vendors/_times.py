"""Times of the clouds as aware UTC values. Called by the translating modules; an odd time is None, never an error."""

from __future__ import annotations

from datetime import UTC, datetime


def instant(text: str | None) -> datetime | None:
    """An ISO 8601 time, with or without seconds; without an offset it is UTC."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def minute(text: str | None) -> str | None:
    """The same time as YYYY-MM-DDThh:mmZ; what is no time is left as it is, so that it shows as a difference."""
    found = instant(text)
    return found.strftime("%Y-%m-%dT%H:%MZ") if found else (text or None)
