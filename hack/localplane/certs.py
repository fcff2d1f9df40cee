"""The throw-away certificate authority of one control plane. Called by supervisor before anything starts."""

import datetime
import ipaddress
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

# The first address of the Service network is the `kubernetes` Service.
LOCAL_NAMES = (
    x509.DNSName("localhost"),
    x509.DNSName("kubernetes"),
    x509.DNSName("kubernetes.default"),
    x509.DNSName("kubernetes.default.svc"),
    x509.DNSName("kubernetes.default.svc.cluster.local"),
    x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
    x509.IPAddress(ipaddress.ip_address("10.96.0.1")),
)


@dataclass(frozen=True, slots=True)
class Subject:
    """Who a certificate speaks for: user name and group in RBAC's terms."""

    name: str
    group: str = ""


# File stem -> subject. Each certificate serves and identifies, because etcd needs one that does both.
CERTIFICATES = {
    "server": Subject("kube-apiserver"),
    "etcd": Subject("etcd"),
    "admin": Subject("admin", "system:masters"),
    "controller-manager": Subject("system:kube-controller-manager"),
}


def make(folder: Path, now: datetime.datetime) -> None:
    """Write ca.crt, a pair per CERTIFICATES and the ServiceAccount key sa.key with sa.pub into `folder`."""
    authority_key = _new_key()
    authority = _authority(authority_key, now)
    _write(folder / "ca.crt", authority.public_bytes(serialization.Encoding.PEM))
    for stem, subject in CERTIFICATES.items():
        key = _new_key()
        certificate = _signed(subject, key, authority, authority_key, now)
        _write(folder / f"{stem}.key", _pem(key))
        _write(folder / f"{stem}.crt", certificate.public_bytes(serialization.Encoding.PEM))
    tokens = _new_key()
    public = tokens.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    _write(folder / "sa.key", _pem(tokens))
    _write(folder / "sa.pub", public)


def _authority(key: ec.EllipticCurvePrivateKey, now: datetime.datetime) -> x509.Certificate:
    name = _name(Subject("local control plane"))
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        _builder(name, name, key, now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _signed(
    subject: Subject,
    key: ec.EllipticCurvePrivateKey,
    authority: x509.Certificate,
    authority_key: ec.EllipticCurvePrivateKey,
    now: datetime.datetime,
) -> x509.Certificate:
    usages = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    return (
        _builder(_name(subject), authority.subject, key, now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usages, critical=False)
        .add_extension(x509.SubjectAlternativeName(LOCAL_NAMES), critical=False)
        .add_extension(issuer_key, critical=False)  # strict verification (Python 3.13) asks for it
        .sign(authority_key, hashes.SHA256())
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime.datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=365))
    )


def _name(subject: Subject) -> x509.Name:
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, subject.name)]
    if subject.group:
        attributes.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, subject.group))
    return x509.Name(attributes)


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
