"""SANDBOX, not Mastodon: a server that accepts files with 202 and processes them while it is asked.

snac2, the real peer of these tests, answers uploads at once. This application has the few paths that a post needs; the
rules are those of the documentation: 206 while a picture is processed, and 422 for a post with an unfinished one.
"""

from collections.abc import Callable
from typing import Any

from flask import Flask, Response, jsonify, request

LABEL = "SANDBOX - not Mastodon"


class SandboxUploads:
    """The application (``app``). ``looks``: how many times a file is answered 206, None for ever. ``pictures_at_once``:
    pictures need no processing. ``on_upload``: called while an upload is answered."""

    def __init__(self, looks: int | None = 2) -> None:
        self.looks = looks
        self.asked = 0
        self.posts: list[dict[str, Any]] = []
        self.uploads: list[bytes] = []
        self.pictures_at_once = False
        self.on_upload: Callable[[], object] = lambda: None
        self.app = Flask(__name__)
        self._add_paths()

    @property
    def _ready(self) -> bool:
        return self.looks is not None and self.asked > self.looks

    def _add_paths(self) -> None:
        @self.app.get("/api/v2/instance")
        def instance() -> Response:
            return jsonify({"configuration": {"statuses": {"max_characters": 500, "characters_reserved_per_url": 23}}})

        @self.app.post("/api/v2/media")
        def upload() -> tuple[Response, int]:
            self.on_upload()
            if self.pictures_at_once and request.files["file"].mimetype.startswith("image/"):
                return jsonify({"id": "5", "type": "image", "url": "https://mxh.example/5.jpg"}), 200
            self.uploads.append(request.files["file"].read())
            return jsonify({"id": "77", "type": "image", "url": None}), 202

        @self.app.get("/api/v1/media/77")
        def media() -> tuple[Response, int]:
            self.asked += 1
            url = "https://mxh.example/77.jpg" if self._ready else None
            return jsonify({"id": "77", "type": "image", "url": url}), 200 if self._ready else 206

        @self.app.get("/api/v1/accounts/verify_credentials")
        def account() -> Response:
            return jsonify({"id": "1", "acct": "so"})

        @self.app.get("/api/v1/accounts/1/statuses")
        def statuses() -> Response:
            return jsonify([])

        @self.app.post("/api/v1/statuses")
        def post() -> tuple[Response, int]:
            content = request.get_json()
            if "77" in content.get("media_ids", []) and not self._ready:
                return jsonify({"error": "Cannot attach files that have not finished processing. Try again!"}), 422
            self.posts.append(content)
            address = f"https://mxh.example/@so/{len(self.posts)}"
            return jsonify({"id": str(len(self.posts)), "url": address, "created_at": "2026-11-24T01:00:00Z"}), 200

        @self.app.after_request
        def label(response: Response) -> Response:
            response.headers["X-Sandbox"] = LABEL
            return response
