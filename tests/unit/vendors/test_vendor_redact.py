"""Foreign texts lose their secrets, their line breaks and their length."""

from __future__ import annotations

import pytest

from cloudscaling.vendors._redact import Redactor


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("an ordinary message about a token bucket", "an ordinary message about a token bucket"),
        ('{"admin_pass": "Abc def!"}', '{"admin_pass": ***}'),
        ("password=abc, next", "password=***, next"),
        ("X-Auth-Token: abcdef", "X-Auth-Token: ***"),
        ("Authorization: SDK-HMAC-SHA256 Access=a, SignedHeaders=b, Signature=c", "Authorization: ***"),
        ("via http://user:pass@proxy:3128", "via http://***@proxy:3128"),
        ("user_data: c2VjcmV0", "user_data: ***"),
        ("two\n lines\tand  spaces", "two lines and spaces"),
        ("known-secret inside", "*** inside"),
    ],
)
def test_what_looks_like_a_secret_is_hidden(text: str, clean: str) -> None:
    """Names and structure stay, so that the message still helps."""
    assert Redactor(["known-secret"]).clean(text) == clean


def test_what_others_know_to_be_secret_is_hidden_too() -> None:
    """Passwords inside a request are not the account's."""
    redactor = Redactor(["known-secret"], lambda text: text.replace("password-of-a-server", "***"))
    assert redactor.clean("known-secret and password-of-a-server") == "*** and ***"


def test_a_text_is_cut() -> None:
    """Conditions and Events have room for 512 characters."""
    assert len(Redactor().clean("x" * 5000)) == 512


def test_short_secrets_do_not_shred_words() -> None:
    """Hiding "a" would hide everything."""
    assert Redactor(["a", ""]).clean("a banana") == "a banana"


def test_a_redactor_shows_nothing_itself() -> None:
    """Not even in a debugger's output."""
    redactor = Redactor(["known-secret"])
    assert "known-secret" not in repr(redactor)
    redactor.forget("known-secret")
    assert redactor.clean("known-secret") == "known-secret"
