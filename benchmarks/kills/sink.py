"""Whom deliveries go to: a server on loopback that takes its time to answer and remembers all that came."""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ANSWERS_AFTER = 0.03  # seconds


@dataclass
class Sink:
    """``got``: how often each message came, by what makes it the same one; ``bodies``: what each said, as hashes."""

    url: str
    got: Counter[str] = field(default_factory=Counter)
    bodies: dict[str, set[str]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, ident: str, body: bytes) -> None:
        """Remember one."""
        with self.lock:
            self.got[ident] += 1
            self.bodies.setdefault(ident, set()).add(sha256(body).hexdigest())

    @property
    def repeats(self) -> int:
        """Messages that came once more than once."""
        return sum(count - 1 for count in self.got.values())

    @property
    def changed(self) -> list[str]:
        """Messages that did not say the same each time."""
        return [ident for ident, said in self.bodies.items() if len(said) > 1]


@contextmanager
def listening() -> Iterator[Sink]:
    """The server, until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            body = self.rfile.read(length)
            if len(body) < length:
                self.close_connection = True  # who sent it died over it: half a message is none
                return
            ident = self.headers.get("webhook-id")
            if ident is None:  # a bot's message: its chat and text are all that tells it from others
                item = json.loads(body)
                ident = f"{item['chat_id']} {sha256(item['text'].encode()).hexdigest()}"
            sink.take(ident, body)
            time.sleep(ANSWERS_AFTER)
            answer = b'{"ok": true, "result": {"message_id": 1}}'
            try:
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)
            except OSError:
                self.close_connection = True  # the client was killed on purpose

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, *_: object) -> None:
            pass  # a dead client's connection

    server = Server(("127.0.0.1", 0), Handler)
    sink = Sink(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield sink
    finally:
        server.shutdown()
        server.server_close()
