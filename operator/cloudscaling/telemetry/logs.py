"""Log lines: one JSON object or one text line each, with the fields of the call's `extra`, without secrets.

Called by app. Loggers are the modules' own (`logging.getLogger(__name__)`).
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import IO

from cloudscaling.telemetry.redaction import Redactor

ROOT = "cloudscaling"
# Libraries that log whole requests, with signatures in their query strings, or a line per event.
QUIET = {
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "kopf": logging.WARNING,
    "aiohttp.access": logging.WARNING,
    "asyncio": logging.WARNING,
}

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def configure(log_format: str, log_level: str, redactor: Redactor, stream: IO[str] | None = None) -> logging.Handler:
    """Send everything to one stream (stderr); called once by app, again only by tests."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines(redactor) if log_format == "json" else TextLines(redactor))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    logging.getLogger(ROOT).setLevel(log_level.upper())
    for name, level in QUIET.items():
        logging.getLogger(name).setLevel(level)
    logging.captureWarnings(True)
    return handler


def _fields(record: logging.LogRecord) -> dict[str, object]:
    """What the call gave as `extra`."""
    extra = {key: value for key, value in vars(record).items() if key not in _STANDARD}
    extra.pop("settings", None)  # kopf hangs its objects on its records
    extra.pop("k8s_ref", None)
    return extra


class _Lines(logging.Formatter):
    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        """Redacted as a whole, so that a secret hides in no field and no traceback."""
        return self._redactor.clean(self.line(record))

    def line(self, record: logging.LogRecord) -> str:
        raise NotImplementedError

    def trace(self, record: logging.LogRecord) -> str:
        return self.formatException(record.exc_info) if record.exc_info else ""


class JsonLines(_Lines):
    def line(self, record: logging.LogRecord) -> str:
        body: dict[str, object] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_fields(record),
        }
        if record.exc_info:
            body["exception"] = self.trace(record)
        return json.dumps(body, ensure_ascii=False, default=str)


class TextLines(_Lines):
    def line(self, record: logging.LogRecord) -> str:
        fields = "".join(f" {key}={value}" for key, value in _fields(record).items())
        head = f"{_time(record)} {record.levelname.lower():7} {record.name}: {record.getMessage()}{fields}"
        return f"{head}\n{self.trace(record)}" if record.exc_info else head


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
