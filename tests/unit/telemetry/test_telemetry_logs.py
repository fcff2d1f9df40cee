"""Log lines: their fields, their context, their silence about secrets."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from cloudscaling.telemetry import logs
from cloudscaling.telemetry.redaction import Redactor

logger = logging.getLogger("cloudscaling.engine.reconcile")


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Where the lines go; the logging of the test run is put back afterwards."""
    root = logging.getLogger()
    names = [logs.ROOT, *logs.QUIET]
    before = root.handlers[:], root.level, {name: logging.getLogger(name).level for name in names}
    yield io.StringIO()
    root.handlers[:], level, levels = before
    root.setLevel(level)
    for name, known in levels.items():
        logging.getLogger(name).setLevel(known)
    logging.captureWarnings(False)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_json_line_has_the_fields_of_the_call(stream: io.StringIO) -> None:
    """And what every line has."""
    logs.configure("json", "info", Redactor(), stream)
    logger.info("created %s", "g-1", extra={"key": "ns/web"})
    logger.info("again")
    first, second = lines(stream)
    assert (first["message"], first["key"]) == ("created g-1", "ns/web")
    assert (first["level"], first["logger"]) == ("info", "cloudscaling.engine.reconcile")
    assert "key" not in second


def test_text_line_has_the_same_facts(stream: io.StringIO) -> None:
    """For people at a terminal."""
    logs.configure("text", "info", Redactor(), stream)
    logger.warning("waiting", extra={"key": "ns/web"})
    line = stream.getvalue()
    assert "warning cloudscaling.engine.reconcile: waiting key=ns/web" in line


@pytest.mark.parametrize("log_format", ["json", "text"])
def test_secrets_hide_in_no_field_and_no_traceback(stream: io.StringIO, log_format: str) -> None:
    """The line is cleaned as a whole."""
    redactor = Redactor()
    redactor.hide("hunter2")
    logs.configure(log_format, "info", redactor, stream)
    try:
        raise ValueError("bad hunter2")
    except ValueError:
        logger.exception("failed with hunter2", extra={"url": "https://x/?Signature=abcdef"})
    assert "hunter2" not in stream.getvalue()
    assert "abcdef" not in stream.getvalue()
    assert "ValueError" in stream.getvalue()


def test_libraries_that_log_requests_are_quiet(stream: io.StringIO) -> None:
    """httpx writes whole URLs at INFO, kopf a line per event; our own debug lines are shown when asked for."""
    logs.configure("json", "debug", Redactor(), stream)
    logging.getLogger("httpx").info("HTTP Request: GET https://ess/?Signature=x")
    logging.getLogger("kopf.objects").info("Handler 'x' succeeded.")
    logger.debug("seen")
    assert [line["message"] for line in lines(stream)] == ["seen"]


def test_warnings_of_libraries_become_log_lines(stream: io.StringIO) -> None:
    """Nothing is printed beside the log."""
    import warnings

    logs.configure("json", "info", Redactor(), stream)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn("old", DeprecationWarning, stacklevel=1)
        logging.captureWarnings(False)
    assert lines(stream)[0]["logger"] == "py.warnings"
