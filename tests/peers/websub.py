"""An independent WebSub: Flask-WebSub as a subscriber and as a hub, behind real servers on loopback."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from celery import Celery
from flask import Flask

from coordinator.wsgi_server import WebServer
from tests.coordinator.live_server import free_port


class Subscriber:
    """A subscriber. ``received``: the accepted bodies, with their topics; ``denied``: the refused topics, and why."""

    def __init__(self, folder: Path) -> None:
        from flask_websub.subscriber import SQLite3SubscriberStorage, SQLite3TempSubscriberStorage
        from flask_websub.subscriber import Subscriber as Theirs

        self.received: list[tuple[str, bytes]] = []
        self.denied: list[tuple[str, str]] = []
        self.modes: list[str] = []
        storage = str(folder / "subscriber.db")
        self._theirs = Theirs(SQLite3SubscriberStorage(storage), SQLite3TempSubscriberStorage(storage))
        self._app = Flask("subscriber")
        self._app.register_blueprint(self._theirs.build_blueprint("/callbacks"))
        self._theirs.add_listener(lambda topic, _ident, body: self.received.append((topic, body)))
        self._theirs.add_error_handler(lambda topic, _ident, why: self.denied.append((topic, why)))
        self._theirs.add_success_handler(lambda _topic, _ident, mode: self.modes.append(mode))
        self.url = ""

    def subscribe(self, page: str, secret: str | None = None) -> str:
        """Find the hub of a feed and ask it for its changes; returns what it calls the subscription."""
        from flask_websub.subscriber import discover

        more: dict[str, Any] = {"secret": secret} if secret else {}
        with self._app.test_request_context(base_url=self.url):
            return str(self._theirs.subscribe(**discover(page), **more))

    def subscribe_at(self, hub_url: str, topic: str) -> str:
        """Ask a hub other than the feed's own."""
        with self._app.test_request_context(base_url=self.url):
            return str(self._theirs.subscribe(hub_url=hub_url, topic_url=topic))

    def unsubscribe(self, ident: str) -> None:
        """Want no more."""
        with self._app.test_request_context(base_url=self.url):
            self._theirs.unsubscribe(ident)

    @contextmanager
    def listening(self) -> Iterator["Subscriber"]:
        """Reachable until the end of the block."""
        with _serving(lambda _url: self._app) as self.url:
            yield self


@contextmanager
def hub(folder: Path) -> Iterator[str]:
    """A hub that publishers may ping; yields its address. What it does, it does before it answers."""
    from flask_websub.hub import Hub, SQLite3HubStorage

    def made(_url: str) -> Flask:
        celery = Celery("hub", broker="memory://", set_as_current=False)
        celery.conf.task_always_eager = True
        app = Flask("hub")
        app.config["PUBLISH_SUPPORTED"] = True
        app.register_blueprint(Hub(SQLite3HubStorage(str(folder / "hub.db")), celery).build_blueprint("/hub"))
        return app

    with _serving(made) as url:
        yield f"{url}/hub"


@contextmanager
def _serving(make: Callable[[str], Flask]) -> Iterator[str]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    server = WebServer(make(url), "127.0.0.1", port, 4)
    server.start()
    try:
        yield url
    finally:
        server.stop()
