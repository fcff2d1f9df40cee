"""What must never be seen in a log line."""

from __future__ import annotations

import base64
import json

import pytest

from cloudscaling.telemetry.redaction import MASK, Redactor

SHOWN_BY_VENDORS = {
    "bearer header": "Authorization: Bearer eyJhbGciOi.SECRET.sig",
    "keystone token": '{"X-Auth-Token": "MII SECRET", "b": 1}',
    "python dict": "{'password': 'a SECRET, with more', 'user': 'bob'}",
    "json in json": '{"message": "body {\\"adminPass\\": \\"x SECRET y\\"} end"}',
    "alibaba query": "https://ess/?AccessKeyId=SECRET&Signature=SECRET%3D&Action=Describe",
    "huawei signature": "SDK-HMAC-SHA256 Access=SECRET, SignedHeaders=host;x-sdk-date, Signature=SECRET",
    "tencent signature": "TC3-HMAC-SHA256 Credential=SECRET/cvm, SignedHeaders=host, Signature=SECRET",
    "tencent key": "SecretId=SECRET SecretKey: SECRET",
    "user data": '{"user_data": "SECRET=="}',
    "private key": "-----BEGIN RSA PRIVATE KEY-----\nSECRET\n-----END RSA PRIVATE KEY-----",
}

HARMLESS = [
    "the token is fine: nothing to do",
    "key=default/web generation=3 workers=16",
    "reason=InvalidToken: expired at noon",
    "secretRef name=credentials of account hw",
    "429 Throttling.User after 3 tokens",
]


@pytest.mark.parametrize("case", SHOWN_BY_VENDORS)
def test_secret_of_a_foreign_text_is_masked(case: str) -> None:
    """Nobody announced it; the word before it gives it away."""
    cleaned = Redactor().clean(SHOWN_BY_VENDORS[case])
    assert "SECRET" not in cleaned
    assert MASK in cleaned


@pytest.mark.parametrize("text", HARMLESS)
def test_ordinary_text_stays(text: str) -> None:
    """A log that hides everything helps nobody."""
    assert Redactor().clean(text) == text


def test_announced_value_is_masked_wherever_it_stands() -> None:
    """Also inside of other words, and the longest first."""
    redactor = Redactor()
    redactor.hide("hunter2", "hunter2-longer")
    assert redactor.clean("say hunter2-longer or xhunter2x") == f"say {MASK} or x{MASK}x"


def test_short_values_are_not_announced() -> None:
    """A password `a` would mask every word; a name before it still hides it."""
    redactor = Redactor()
    redactor.hide("a", "")
    assert redactor.clean("a banana") == "a banana"


def test_memory_is_bounded() -> None:
    """Old credentials are forgotten first."""
    redactor = Redactor(remembered=2)
    redactor.hide("first-value", "second-value", "third-value")
    assert redactor.clean("first-value second-value third-value") == f"first-value {MASK} {MASK}"


def test_many_contents_do_not_push_the_credentials_out() -> None:
    """Thousands of scripts are announced, and the access key is still hidden."""
    redactor = Redactor(remembered=2, remembered_content=2)
    redactor.hide("secret-access-key")
    for number in range(10):
        redactor.hide_content(f"password-{number}")
    assert redactor.clean("secret-access-key password-0 password-9") == f"{MASK} password-0 {MASK}"


SCRIPT = "#!/bin/sh\nset -e\necho 'tom:\"hunter2\"' | chpasswd\n" + "curl https://example.com/" + 60 * "x" + " | sh\n"


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("line 3: echo 'tom:\"hunter2\"' | chpasswd fails", f"line 3: {MASK} fails"),
        (json.dumps({"message": SCRIPT.split("\n")[2]}), json.dumps({"message": MASK})),
        (f"line 4: {SCRIPT.splitlines()[3]}", f"line 4: {MASK}"),
        (f'"{SCRIPT.splitlines()[3]}", "kept"', f'"{MASK}", "kept"'),
        (f"bad value {base64.b64encode(SCRIPT.encode()).decode()[:99]}", f"bad value {MASK}"),
        ("set -e", "set -e"),
    ],
    ids=["line", "line in JSON", "long line", "long line in JSON", "base64 that is cut", "a line of everybody"],
)
def test_no_line_of_a_script_is_shown(text: str, clean: str) -> None:
    """User data is secret as a whole; what nobody could tell from ordinary words stays."""
    redactor = Redactor()
    redactor.hide_content(SCRIPT)
    assert redactor.clean(text) == clean


def test_what_is_remembered_of_a_content_is_bounded() -> None:
    """The largest user data, of many objects, must not stay in memory as a whole."""
    redactor = Redactor()
    for number in range(100):
        redactor.hide_content("\n".join(f"line {number} {line} {400 * 'x'}" for line in range(80)))
    known = redactor._content._values
    assert len(known) <= 4096
    assert max(map(len, known)) <= 64


def test_the_rest_of_a_line_survives() -> None:
    """JSON stays JSON."""
    line = '{"password": "x", "message": "kept", "token":"y"}'
    assert Redactor().clean(line) == '{"password": "***", "message": "kept", "token":"***"}'
