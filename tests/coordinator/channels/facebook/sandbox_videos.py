"""SANDBOX, not Facebook: a Page that takes videos and reels, by the rules of the documentation.

Facebook offers no server to try. This application keeps what is uploaded apart from what is posted, and refuses a post
of an upload that is not complete.
"""

from typing import Any

from flask import Flask, Response, jsonify, request

LABEL = "SANDBOX - not Facebook"
PAGE = "1029384756"


class SandboxVideos:
    """The application (``app``). ``posts``: what is published, newest last. ``uploads``: the bytes by their name.
    ``lose``: the answers to the next so many posts are lost after they took effect; ``refuse``: no video is taken."""

    def __init__(self) -> None:
        self.uploads: dict[str, bytes] = {}
        self.posts: list[dict[str, Any]] = []
        self.kinds: list[str] = []
        self.lose = 0
        self.refuse = False
        self.app = Flask(__name__)
        self._add_paths()

    def _post(self, kind: str, upload: str | None, text: str) -> Response:
        if upload is not None and not self.uploads.get(upload):
            return _error(100, "the upload is not complete")
        number = str(len(self.posts) + 1)
        post = {"id": f"{PAGE}_{number}", "message": text, "created_time": "2026-11-24T01:00:00+0000"}
        self.posts.append({**post, "permalink_url": f"https://www.facebook.com/so/{kind}/10293847560{number}"})
        self.kinds.append(kind)
        if self.lose:
            self.lose -= 1
            return Response(LABEL, status=504)
        return jsonify({"id": f"v{number}" if kind != "feed" else post["id"], "success": True, "post_id": number})

    def _add_paths(self) -> None:
        @self.app.post("/v27.0/app/uploads")
        def session() -> Response:
            if self.refuse or request.args["file_type"] != "video/mp4" or int(request.args["file_length"]) <= 0:
                return _error(100, "the file is not taken")
            self.uploads["upload:1"] = b""
            return jsonify({"id": "upload:1"})

        @self.app.post("/v27.0/upload:1")
        def upload() -> Response:
            # The server beneath leaves out header fields with underscores, so that ``file_offset`` is not seen here.
            if request.headers["Authorization"] != "OAuth ma-trang":
                return _error(190, "no access")
            self.uploads["upload:1"] = self.uploads["h:1"] = request.get_data()
            return jsonify({"h": "h:1"})

        @self.app.post(f"/v27.0/{PAGE}/videos")
        def videos() -> Response:
            fields = request.get_json()
            return self._post("videos", fields["fbuploader_video_file_chunk"], fields["description"])

        @self.app.post(f"/v27.0/{PAGE}/video_reels")
        def reels() -> Response:
            fields = request.get_json()
            if fields["upload_phase"] == "start":
                return jsonify({"video_id": "r1", "upload_url": f"{request.host_url}video-upload/r1"})
            assert fields["video_state"] == "PUBLISHED"
            return self._post("reels", fields["video_id"], fields["description"])

        @self.app.post("/video-upload/r1")
        def reel_bytes() -> Response:
            if request.headers["Authorization"] != "OAuth ma-trang" or request.headers["offset"] != "0":
                return _error(190, "no access")
            self.uploads["r1"] = request.get_data()
            return jsonify({"success": True})

        @self.app.post(f"/v27.0/{PAGE}/feed")
        def feed() -> Response:
            return self._post("feed", None, request.get_json()["message"])

        @self.app.get(f"/v27.0/{PAGE}/published_posts")
        def published() -> Response:
            return jsonify({"data": self.posts[::-1]})

        @self.app.get("/v27.0/<ident>")
        def one(ident: str) -> Response:
            return jsonify(next((post for post in self.posts if post["id"] == ident), {"id": ident}))

        @self.app.after_request
        def label(response: Response) -> Response:
            response.headers["X-Sandbox"] = LABEL
            return response


def _error(code: int, message: str) -> Response:
    response = jsonify({"error": {"code": code, "message": message, "type": "OAuthException"}})
    response.status_code = 400
    return response
