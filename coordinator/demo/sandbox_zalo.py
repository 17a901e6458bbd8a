"""SANDBOX, not Zalo: a WSGI application that stands in for a Zalo Official Account on loopback.

It offers the paths that the channel uses, a page of the posts (``/``), and ``/__sandbox/…`` for the demo and for tests:
the posts, their view counts, and faults of the next calls. The pages are labelled as a sandbox. All state is in memory.
"""

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import requests
from flask import Flask, Response, jsonify, redirect, render_template_string, request
from werkzeug.wrappers import Response as AnyResponse

from coordinator.demo.sandbox_zalo_account import SandboxAccount, ZaloRefusal

_TOP = """<!doctype html><html lang="vi"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>SANDBOX – not Zalo</title>
<style>body{font:16px/1.6 system-ui,sans-serif;max-width:44rem;margin:0 auto;padding:1rem;color:#1c1c1c}
.label{background:#8a1c1c;color:#fff;padding:.5rem 1rem;font-weight:600}
li{margin:.75rem 0} time,.counts{color:#555} button{font:inherit;padding:.5rem 1rem}</style>
<p class="label">SANDBOX – not Zalo · môi trường thử, không kết nối tới Zalo</p>
"""

PERMISSION_PAGE = (
    _TOP
    + """<h1>Cấp quyền cho ứng dụng {{ query.app_id }}</h1>
<p>Ứng dụng sẽ được đăng, sửa và gỡ bài viết của <b>{{ account.name }}</b> ({{ account.oa_id }}).</p>
<form method="post">
<input type="hidden" name="redirect_uri" value="{{ query.redirect_uri }}">
<input type="hidden" name="code_challenge" value="{{ query.code_challenge }}">
<input type="hidden" name="state" value="{{ query.state }}">
<button>Đồng ý</button></form>"""
)

LIST_PAGE = (
    _TOP
    + """<h1>{{ account.name }}</h1><p>{{ articles|length }} bài viết</p><ol>
{% for article in articles %}<li><a href="/d/{{ article.id }}">{{ article.content.title }}</a>
<div>{{ article.content.description }}</div>
<span class="counts">{{ article.views }} lượt xem · {{ article.shares }} lượt chia sẻ</span></li>
{% else %}<li>Chưa có bài viết nào.</li>{% endfor %}</ol>"""
)

# Paragraphs arrive escaped and are shown unchanged; the sandbox shows only posts of this product.
ARTICLE_PAGE = (
    _TOP
    + """<p><a href="/">{{ account.name }}</a></p><h1>{{ article.content.title }}</h1>
<p>{{ article.content.author }}</p><p><b>{{ article.content.description }}</b></p>
{% if article.content.video_id or article.content.cover.video_id %}
<p>[video] {{ article.content.video_id or article.content.cover.video_id }}</p>{% endif %}
<p><small>Ảnh bìa: {{ article.content.avatar or article.content.cover.photo_url }}</small></p>
{% for item in article.content.body %}{% if item.type == "text" %}<p>{{ item.content|striptags }}</p>
{% elif item.type == "image" %}<figure><img src="{{ item.url }}" alt="" width="400">
<figcaption>{{ item.caption }}</figcaption></figure>
{% else %}<p>[video] <a href="{{ item.url }}">{{ item.url }}</a></p>{% endif %}{% endfor %}"""
)


# The console of Zalo has more; this is the part that decides whether an address can be saved.
CONSOLE_PAGE = (
    _TOP
    + """<h1>Webhook</h1>{% if message %}<p><b>{{ message }}</b></p>{% endif %}
<form method="post"><label>Webhook URL <input name="url" size="50" value="{{ account.webhook_url }}"></label>
<button>Lưu</button></form><p>OA Secret Key: <code>{{ account.oa_secret }}</code></p>"""
)

LABEL = "SANDBOX - not Zalo"
CONSOLE_TIMEOUT = 2.0  # seconds in which a webhook has to answer


@dataclass
class ZaloFault:
    """A fault of the next ``times`` calls of ``path``.

    ``kind``: ``error`` (nothing done, error ``code``), ``status`` (nothing done, HTTP ``status``), ``lost`` (done, then
    HTTP 504), ``cut`` (done, then the connection breaks in mid-answer), ``slow`` (done after ``seconds``), ``garbage``
    (done, then an answer that is no JSON).
    """

    path: str
    kind: str
    code: int = 0
    status: int = 503
    seconds: float = 0.0
    times: int = 1
    retry_after: int | None = None


FAULT_KINDS = frozenset({"error", "status", "lost", "cut", "slow", "garbage"})


class SandboxZalo:
    """The application (``app``), its state (``account``) and the faults to come (``faults``)."""

    def __init__(self, account: SandboxAccount | None = None) -> None:
        self.account = account or SandboxAccount()
        self.faults: list[ZaloFault] = []
        self.calls: list[str] = []
        self._lock = threading.RLock()
        self.app = Flask(__name__)
        self._add_oauth()
        self._add_articles()
        self._add_followers()
        self._add_pages()
        self._add_controls()
        self.app.after_request(_label_response)

    def _add_oauth(self) -> None:
        @self.app.get("/v4/oa/permission")
        def ask() -> AnyResponse | str:
            missing = [name for name in ("app_id", "redirect_uri", "code_challenge") if not request.args.get(name)]
            if missing or request.args["app_id"] != self.account.app_id:
                return Response(f"{LABEL}: wrong app_id, or missing {missing}", status=400, mimetype="text/plain")
            return render_template_string(PERMISSION_PAGE, account=self.account, query=request.args)

        @self.app.post("/v4/oa/permission")
        def agree() -> AnyResponse:
            with self._lock:
                code = self.account.grant(request.form["code_challenge"])
            back = {"code": code, "oa_id": self.account.oa_id, "state": request.form.get("state", "")}
            address = request.form["redirect_uri"]
            return redirect(f"{address}{'&' if '?' in address else '?'}{urlencode(back)}")

        @self.app.post("/v4/oa/access_token")
        def exchange() -> AnyResponse:
            def work() -> dict[str, Any]:
                return dict(self.account.exchange(request.form, request.headers.get("secret_key", "")))

            def refusal(refused: ZaloRefusal) -> dict[str, Any]:
                return {"error": refused.code, "error_name": "sandbox", "error_description": refused.message}

            return self._answer(work, refusal)

    def _add_articles(self) -> None:
        account = self.account
        base = "/v2.0/article"

        @self.app.post(f"{base}/create")
        def create() -> AnyResponse:
            return self._serve(lambda: {"token": account.create(_request_content())})

        @self.app.post(f"{base}/update")
        def update() -> AnyResponse:
            return self._serve(lambda: {"token": account.update(_request_content())})

        @self.app.post(f"{base}/verify")
        def verify() -> AnyResponse:
            return self._serve(lambda: {"id": account.verify(str(_request_content().get("token", "")))})

        @self.app.post(f"{base}/remove")
        def remove() -> AnyResponse:
            return self._serve(lambda: account.remove(_request_content().get("id")))

        @self.app.post(f"{base}/upload_video/preparevideo")
        def prepare_video() -> AnyResponse:
            return self._serve(lambda: {"token": account.prepare_video(request.files["file"].read())})

        @self.app.get(f"{base}/upload_video/verify")
        def verify_video() -> AnyResponse:
            return self._serve(lambda: account.video(request.headers.get("token", "")))

        @self.app.get(f"{base}/getslice")
        def getslice() -> AnyResponse:
            def work() -> dict[str, Any]:
                kind = request.args.get("type", "")
                if kind not in {"normal", "video"}:
                    raise ZaloRefusal(-201, "type is invalid")
                offset, limit = (request.args.get(name, -1, type=int) for name in ("offset", "limit"))
                total, page = account.page(offset, limit, kind)
                return {"total": total, "medias": [article.to_json(self._base()) for article in page]}

            return self._serve(work)

        @self.app.get(f"{base}/getdetail")
        def getdetail() -> AnyResponse:
            def work() -> dict[str, Any]:
                article = account.articles.get(request.args.get("id", ""))
                if article is None:
                    raise ZaloRefusal(-201, "id is invalid")
                return {**article.content, **article.to_json(self._base())}

            return self._serve(work)

        @self.app.get("/v2.0/oa/getoa")
        def getoa() -> AnyResponse:
            return self._serve(
                lambda: {
                    "oa_id": account.oa_id,
                    "name": account.name,
                    "is_verified": True,
                    "oa_type": 4,
                    "num_follower": account.followers,
                    "package_name": account.package,
                    "package_valid_through_date": account.package_until,
                }
            )

    def _add_followers(self) -> None:
        account = self.account

        @self.app.post("/v2.0/oa/message")
        def message() -> AnyResponse:
            return self._serve(lambda: {"message_id": account.broadcast(_request_content())})

        @self.app.post("/v2.0/oa/quota/message")
        def older_quota() -> AnyResponse:
            left = max(account.a_month - len(account.broadcasts), 0)
            return self._serve(lambda: {"promotion": {"monthly_total": account.a_month, "monthly_remain": left}})

        @self.app.post("/v3.0/oa/quota/message")
        def quota() -> AnyResponse:
            def work() -> list[dict[str, Any]]:
                if account.quota_version < 3:
                    raise ZaloRefusal(-209, "this API is not supported")
                if _request_content().get("quota_owner") not in {"OA", "App"}:
                    raise ZaloRefusal(-201, "quota_owner is invalid")
                left = max(account.a_month - len(account.broadcasts), 0)
                kinds = {"product_type": "promotion", "quota_type": "sub_quota"}
                return [{**kinds, "total": account.a_month, "remain": left}]

            return self._serve(work)

    def _add_pages(self) -> None:
        @self.app.get("/")
        def posts_page() -> str:
            with self._lock:
                articles = sorted(self.account.articles.values(), key=lambda item: item.created, reverse=True)
                return render_template_string(LIST_PAGE, account=self.account, articles=articles)

        @self.app.get("/d/<article_id>")
        def article_page(article_id: str) -> tuple[str, int]:
            with self._lock:
                article = self.account.articles.get(article_id)
                if article is None or article.content["status"] != "show":
                    return f"{LABEL}: no such article", 404
                article.views += 1
                return render_template_string(ARTICLE_PAGE, account=self.account, article=article), 200

        @self.app.route("/console", methods=["GET", "POST"])
        def console_page() -> str:
            message = ""
            if request.method == "POST":
                status = self.save_webhook(request.form["url"])
                message = "Đã lưu." if status == 200 else f"Không lưu được: địa chỉ trả lời {status or 'không gì cả'}."
            return render_template_string(CONSOLE_PAGE, account=self.account, message=message)

    def _add_controls(self) -> None:
        @self.app.post("/__sandbox/events")
        def send_event() -> AnyResponse:
            content = _request_content()
            return jsonify({"status": self.send_event(**content)})

        @self.app.get("/__sandbox/posts")
        def posts() -> AnyResponse:
            with self._lock:
                shown = [
                    {**article.content, **article.to_json(self._base())} for article in self.account.articles.values()
                ]
            return jsonify({"label": LABEL, "posts": shown})

        @self.app.post("/__sandbox/posts/<article_id>/counts")
        def set_counts(article_id: str) -> tuple[str, int]:
            counts = _request_content()
            with self._lock:
                article = self.account.articles.get(article_id)
                if article is None:
                    return "", 404
                article.views = int(counts.get("views", article.views))
                article.shares = int(counts.get("shares", article.shares))
            return "", 204

        @self.app.post("/__sandbox/faults")
        def add_fault() -> tuple[str, int]:
            fault = ZaloFault(**_request_content())
            if fault.kind not in FAULT_KINDS:
                return f"kind is one of {sorted(FAULT_KINDS)}", 400
            with self._lock:
                self.faults.append(fault)
            return "", 204

        @self.app.post("/__sandbox/tokens")
        def tokens() -> AnyResponse:
            with self._lock:
                access, refresh = self.account.issue()
            return jsonify({"access_token": access, "refresh_token": refresh, "expires_in": str(self.account.lasts)})

    def _base(self) -> str:
        return request.host_url.rstrip("/")

    def save_webhook(self, url: str, check: bytes = b"{}") -> int:
        """Save the address of the webhook as Zalo's console does: only after its unsigned empty request was answered
        200. ``check``: the body of that request, empty in some cases. Returns the status of the answer, 0 for none."""
        status = _post(url, check, {"Content-Type": "application/json", "User-Agent": "ZaloWebhook"})
        if status == 200:
            self.account.webhook_url = url
        return status

    def send_event(self, name: str, *, stamp_in_header: bool = True) -> int:
        """Send a signed event to the saved webhook; returns the status of the answer. ``stamp_in_header``: the
        timestamp of the signature is in a header and not in the body."""
        account = self.account
        stamp = str(int(account.now().timestamp() * 1000))
        values = {"app_id": account.app_id, "oa_id": account.oa_id, "event_name": name}
        body = json.dumps(values if stamp_in_header else {**values, "timestamp": stamp}).encode()
        signed = account.app_id.encode() + body + stamp.encode() + account.oa_secret.encode()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "ZaloWebhook",
            "X-ZEvent-Signature": f"mac={hashlib.sha256(signed).hexdigest()}",
        }
        return _post(account.webhook_url, body, headers | ({"X-ZEvent-Timestamp": stamp} if stamp_in_header else {}))

    def _serve(self, work: Callable[[], dict[str, Any] | list[dict[str, Any]] | None]) -> AnyResponse:
        """Serve one call of the article API: token check, fault, work, envelope."""

        def admitted() -> dict[str, Any]:
            self.account.admit(request.headers.get("access_token"))
            return {"error": 0, "message": "Success", "data": work() or {}}

        return self._answer(admitted, lambda refused: {"error": refused.code, "message": refused.message})

    def _answer(
        self, work: Callable[[], dict[str, Any]], refusal: Callable[[ZaloRefusal], dict[str, Any]]
    ) -> AnyResponse:
        with self._lock:
            self.calls.append(request.path)
            fault = self._next_fault(request.path)
        if fault is not None and fault.kind == "error":
            return jsonify(refusal(ZaloRefusal(fault.code, "as configured in the sandbox")))
        if fault is not None and fault.kind == "status":
            headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
            return Response(LABEL, status=fault.status, headers=headers)
        if fault is not None and fault.kind == "slow":
            time.sleep(fault.seconds)
        try:
            with self._lock:
                content = work()
        except ZaloRefusal as refused:
            content = refusal(refused)
        response = jsonify(content)
        if fault is None or fault.kind == "slow":
            return response
        if fault.kind == "lost":
            return Response(LABEL, status=504)
        if fault.kind == "garbage":
            return Response("<html>", mimetype="text/html")
        return _cut_response(response.get_data())

    def _next_fault(self, path: str) -> ZaloFault | None:
        for fault in self.faults:
            if fault.path == path and fault.times > 0:
                fault.times -= 1
                return fault
        return None


def _post(url: str, body: bytes, headers: dict[str, str]) -> int:
    try:
        return requests.post(
            url, data=body, headers=headers, timeout=CONSOLE_TIMEOUT, allow_redirects=False
        ).status_code
    except requests.RequestException:
        return 0


def _cut_response(body: bytes) -> AnyResponse:
    """An answer shorter than its ``Content-Length``, after which the server closes the connection."""

    def half() -> Iterator[bytes]:
        yield body[: len(body) // 2]

    return Response(half(), mimetype="application/json", headers={"Content-Length": str(len(body))})


def _request_content() -> dict[str, Any]:
    content = request.get_json(force=True, silent=True)
    if not isinstance(content, dict):
        raise ZaloRefusal(-201, "the body is no JSON object")
    return content


def _label_response(response: AnyResponse) -> AnyResponse:
    response.headers["X-Sandbox"] = LABEL
    return response
