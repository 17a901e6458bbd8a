"""Certificates: verified for the name that was asked for, though a number is called."""

import datetime
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from coordinator.http.client import HttpClient
from coordinator.http.errors import RequestError, RequestErrorKind

NAME = "site.test"


class TLSServer:
    """Answers each connection with ``fine``; ``names``: what clients asked for in the handshake."""

    def __init__(self, certificate: Path) -> None:
        self.names: list[str | None] = []
        self.requests: list[bytes] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate)
        self.context.sni_callback = lambda made, name, context: self.names.append(name)
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                try:
                    with self.context.wrap_socket(connection, server_side=True) as secure:
                        self.requests.append(secure.recv(65_536))
                        secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine")
                except OSError:
                    continue  # a client that does not trust us


def certificate(folder: Path) -> Path:
    """A certificate for ``NAME`` that vouches for itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "site.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def secure(pem: Path) -> Iterator[TLSServer]:
    server = TLSServer(pem)
    yield server
    server.listener.close()


def http_client(port: int, trusted: Path | None) -> HttpClient:
    return HttpClient(
        user_agent="LanToa/1.0",
        allow_hosts=frozenset({f"{NAME}:{port}", f"other.test:{port}"}),
        resolver=lambda host, port: ["127.0.0.1"],
        tls=ssl.create_default_context(cafile=str(trusted)) if trusted else None,
        pace=0,
    )


def test_a_trusted_certificate_for_the_name_is_taken_though_a_number_is_called(secure: TLSServer, pem: Path) -> None:
    answer = http_client(secure.port, pem).get(f"https://{NAME}:{secure.port}/a")
    assert answer.body == b"fine"
    assert secure.names == [NAME]
    assert f"Host: {NAME}:{secure.port}\r\n".encode() in secure.requests[0]


def test_a_certificate_for_another_name_is_refused_before_anything_is_sent(secure: TLSServer, pem: Path) -> None:
    with pytest.raises(RequestError) as exception_info:
        http_client(secure.port, pem).post(f"https://other.test:{secure.port}/", body=b"secret", headers={})
    assert (exception_info.value.kind, exception_info.value.sent) == (RequestErrorKind.PROTOCOL, False)
    assert "certificate" in str(exception_info.value)
    assert secure.requests == []


def test_a_certificate_that_nobody_vouches_for_is_refused(secure: TLSServer) -> None:
    with pytest.raises(RequestError) as exception_info:
        http_client(secure.port, None).get(f"https://{NAME}:{secure.port}/")
    assert (exception_info.value.kind, exception_info.value.sent) == (RequestErrorKind.PROTOCOL, False)
    assert secure.requests == []


def test_a_handshake_that_never_ends_is_left_by_the_deadline(pem: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        began = time.monotonic()
        with pytest.raises(RequestError) as exception_info:
            http_client(port, pem).get(f"https://{NAME}:{port}/", deadline=0.5)
        assert time.monotonic() - began < 5
    assert (exception_info.value.kind, exception_info.value.sent) == (RequestErrorKind.TIMEOUT, False)


def test_a_server_that_speaks_no_tls_is_a_protocol_error(pem: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as plain:
        port = plain.getsockname()[1]

        def speak() -> None:
            connection, _ = plain.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
                connection.recv(65_536)

        speaking = threading.Thread(target=speak)
        speaking.start()
        with pytest.raises(RequestError) as exception_info:
            http_client(port, pem).get(f"https://{NAME}:{port}/")
        speaking.join()
    assert (exception_info.value.kind, exception_info.value.sent) == (RequestErrorKind.PROTOCOL, False)
