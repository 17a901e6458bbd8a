"""A time-stamp authority on loopback: OpenSSL's own ``ts -reply`` behind a small server that is ours."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CONFIGURATION = """
[req]
distinguished_name = name
prompt = no
[name]
CN = Sandbox time-stamp authority
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
[leaf]
extendedKeyUsage = critical, timeStamping
[tsa]
default_tsa = tsa_config
[tsa_config]
serial = serial
crypto_device = builtin
signer_cert = leaf.pem
signer_key = leaf.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""
REJECTION = bytes.fromhex("300530030201 02".replace(" ", ""))  # PKIStatus 2, and no token


@dataclass
class TimestampServer:
    """Its address, its authority's certificate, and how it answers: ``well``, ``refuses``, ``another``, ``half``,
    ``empty``, ``redirects``, ``page``, or ``rejects`` in the words of the protocol."""

    url: str
    certificate: Path
    manner: str = "well"
    asked: list[bytes] = field(default_factory=list)


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True, timeout=60)


def make_authority(folder: Path) -> Path:
    """Make a root and a certificate for time stamps in ``folder``; returns the root's file."""
    (folder / "tsa.cnf").write_text(CONFIGURATION)
    (folder / "serial").write_text("01\n")
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-config", "tsa.cnf")
    _openssl(folder, "req", "-x509", *key, "-extensions", "ca", "-keyout", "root.key", "-out", "root.pem", "-days", "2")
    _openssl(folder, "req", *key, "-subj", "/CN=Sandbox stamps", "-keyout", "leaf.key", "-out", "leaf.csr")
    _openssl(
        folder, "x509", "-req", "-in", "leaf.csr", "-CA", "root.pem", "-CAkey", "root.key", "-set_serial", "7",
        "-days", "2", "-extfile", "tsa.cnf", "-extensions", "leaf", "-out", "leaf.pem",
    )  # fmt: skip
    return folder / "root.pem"


@contextmanager
def timestamp_server(folder: Path) -> Iterator[TimestampServer]:
    """An authority of its own that answers on loopback."""
    root, lock = make_authority(folder), threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            with lock:
                server_state.asked.append(asked)
                (folder / "asked.tsq").write_bytes(server_state.asked[0] if server_state.manner == "another" else asked)
                _openssl(folder, "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "asked.tsq", "-out", "reply.tsr")
                reply = (folder / "reply.tsr").read_bytes()
            given = {
                "half": reply[: len(reply) // 2],
                "empty": b"",
                "page": b"<html>sign in</html>",
                "rejects": REJECTION,
            }
            self.send_response({"refuses": 503, "redirects": 307}.get(server_state.manner, 200))
            if server_state.manner == "redirects":
                self.send_header("Location", f"http://localhost:{server.server_port}/tsa")
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write(given.get(server_state.manner, reply))

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server_state = TimestampServer(f"http://127.0.0.1:{server.server_port}/tsa", root)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server_state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
