"""Private CAs and proxies, with real sockets on loopback."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from vendors_rig import KEY, FixedClock, OpenGate

from cloudscaling import errors
from cloudscaling.ports import AccountConfig, Cloud
from cloudscaling.vendors import VENDORS

REPLY = b'{"total_number": 0, "scaling_groups": []}'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for 127.0.0.1 and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "private cloud")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


def cloud(port: int, ca_pem: str = "") -> Cloud:
    config = AccountConfig(
        vendor="Huawei",
        region="region-1",
        credentials=KEY,
        project_id="project-a",
        autoscaling_endpoint=f"https://127.0.0.1:{port}",
        ca_pem=ca_pem,
        request_timeout_s=10.0,
    )
    return VENDORS["Huawei"].build(config, OpenGate(), FixedClock())


@asynccontextmanager
async def server(answer: bytes, lines: list[bytes], tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A server that writes down request lines and answers the same to all of them."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines.append((await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[0])
        writer.write(answer)
        await writer.drain()
        writer.close()

    running = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    async with running:
        yield running.sockets[0].getsockname()[1]


def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def public(certificate: Path) -> str:
    pem = certificate.read_text()
    return pem[pem.index("-----BEGIN CERTIFICATE") :]


async def test_a_private_ca_is_trusted_when_the_account_names_it(certificate: Path) -> None:
    """And only then; a failed handshake means that nothing was done."""
    lines: list[bytes] = []
    answer = HEAD + b"Content-Length: %d\r\n\r\n%s" % (len(REPLY), REPLY)
    ca = public(certificate)
    async with server(answer, lines, tls(certificate)) as port:
        trusting, doubting = cloud(port, ca), cloud(port)
        assert await trusting.groups.list() == ()
        with pytest.raises(errors.Transient, match="not sent"):
            await doubting.groups.set_capacity("g", 1, "token")
        await trusting.close()
        await doubting.close()
    assert len(lines) == 1


async def test_an_answer_that_breaks_off_is_no_answer(certificate: Path) -> None:
    """Half of a body, then the end of the connection."""
    answer = HEAD + b"Content-Length: 5000\r\n\r\n" + REPLY
    async with server(answer, [], tls(certificate)) as port:
        found = cloud(port, public(certificate))
        with pytest.raises(errors.Transient):
            await found.groups.list()
        with pytest.raises(errors.OutcomeUnknown):
            await found.groups.set_capacity("g", 1, "token")
        await found.close()


async def test_the_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Except for hosts that are to be reached directly; what a proxy refuses never left."""
    lines: list[bytes] = []
    async with server(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", lines) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://user:pass-word@127.0.0.1:{port}")
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        through = cloud(1)
        with pytest.raises(errors.Transient, match="not sent") as refused:
            await through.groups.set_capacity("g", 1, "token")
        assert "pass-word" not in str(refused.value)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        directly = cloud(1)
        with pytest.raises(errors.Transient):
            await directly.groups.list()
        await through.close()
        await directly.close()
    assert lines == [b"CONNECT 127.0.0.1:1 HTTP/1.1"]


@pytest.mark.parametrize("proxy", ["http://[::bad", "ftp://127.0.0.1:1"])
async def test_an_unusable_proxy_is_an_error_of_the_call(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    """Building the account does not fail for it."""
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    found = cloud(1)
    with pytest.raises(errors.CloudError):
        await found.groups.list()
    await found.close()


async def test_an_unusable_ca_is_an_error_of_the_call() -> None:
    """It names the field."""
    found = cloud(1, "-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n")
    with pytest.raises(errors.Rejected, match=r"tls\.caRef"):
        await found.groups.list()
    await found.close()
