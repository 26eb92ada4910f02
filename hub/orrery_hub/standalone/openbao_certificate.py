"""The certificate of the OpenBao of `orrery up`, by which its clients know it.

Nobody holds its port while it is not running: whoever listens there then has no key of the certificate, and is sent
nothing. The certificate is its own authority and trusted by nothing but these clients, so it needs no end.
"""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import NameOID

from orrery_hub.standalone.home import OPENBAO_CERTIFICATE
from orrery_hub.standalone.private_files import write_private

_KEY_FILE = "openbao_key.pem"
# A clock that is wrong must not keep a hub from its secrets.
_FROM = datetime(2020, 1, 1, tzinfo=UTC)
_UNTIL = datetime(2120, 1, 1, tzinfo=UTC)


def certificate_of(secrets: Path, host: str) -> tuple[Path, Path]:
    """The files of certificate and key for a host; they are made if they are not there, or not each other's."""
    certificate, key = secrets / OPENBAO_CERTIFICATE, secrets / _KEY_FILE
    if not _fit(certificate, key, host):
        private = ec.generate_private_key(ec.SECP256R1())
        write_private(
            key,
            private.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            ).decode(),
        )
        pem = _certificate(private, host).public_bytes(serialization.Encoding.PEM)
        write_private(certificate, pem.decode())
    return certificate, key


def _fit(certificate: Path, key: Path, host: str) -> bool:
    try:
        stored = x509.load_pem_x509_certificate(certificate.read_bytes())
        private = load_pem_private_key(key.read_bytes(), password=None)
        names = stored.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, TypeError, x509.ExtensionNotFound):
        return False
    return stored.public_key() == private.public_key() and list(names) == [_name(host)]


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _certificate(private: ec.EllipticCurvePrivateKey, host: str) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "OpenBao of Orrery")])
    public = private.public_key()
    identifier = x509.SubjectKeyIdentifier.from_public_key(public)
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    authority = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(_FROM)
        .not_valid_after(_UNTIL)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectAlternativeName([_name(host)]), critical=False)
        .add_extension(identifier, critical=False)
        .add_extension(authority, critical=False)
        .sign(private, hashes.SHA256())
    )
