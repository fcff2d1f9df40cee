"""What bytes of a Secret may be sent as."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cloudscaling.engine.plain_text import CERTIFICATES, LINE, TEXT, TOKEN, Form

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def certificate() -> bytes:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ca")])
    build = x509.CertificateBuilder(name, name, key.public_key(), 1, BEGIN, BEGIN + timedelta(days=9000))
    return build.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@pytest.mark.parametrize(
    ("form", "value", "read"),
    [
        (TOKEN, b" AK/+=1\r\n", "AK/+=1"),
        (TOKEN, b"", ""),
        (TOKEN, b"A K", None),
        (TOKEN, "\u00e9".encode(), None),
        (LINE, "p\u00e4ss w\u00f6rd \n".encode(), "p\u00e4ss w\u00f6rd "),
        (LINE, b"a\nb", None),
        (LINE, b"\n", None),
        (LINE, b"a\x00", None),
        (LINE, b"\xff", None),
        (TEXT, b"#!/bin/sh\n", "#!/bin/sh\n"),
        (TEXT, b"\x1f\x8b", None),
        (CERTIFICATES, b"\x30\x82", None),
        (CERTIFICATES, b"", None),
        (CERTIFICATES, b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", None),
    ],
)
def test_a_value_is_read_in_its_form_or_not_at_all(form: Form, value: bytes, read: str | None) -> None:
    """What was put around a value goes; what is inside it never does."""
    assert form.read(value) == read


def test_a_bundle_may_have_comments_in_any_encoding() -> None:
    """The certificates of it are loaded as they are."""
    one, other = certificate(), certificate()
    found = CERTIFICATES.read(b"# CA T\xfcrk\n" + one + "# \u4e2d\n".encode() + other)
    assert found is not None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=found)
    assert context.cert_store_stats()["x509"] == 2
