"""Messages in a person's browsers: switched on in each, chosen by subject, listed and switched off."""

from dataclasses import dataclass

from flask import Blueprint, Response, current_app, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.people.push import push_outbox
from campaigns.people.push.subscriptions import PushSubscription, subscribe, subscriptions_of, unsubscribe
from campaigns.people.staff import Role, find_by_email
from coordinator.http.errors import RequestError
from coordinator.jobs.people import web_push as push_job
from coordinator.push import web_push
from coordinator.push.web_push import PushTarget
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_account, staff_required
from coordinator.web.auth.sessions import device_name
from coordinator.web.kit.templating import flash_done

blueprint = Blueprint("push", __name__, url_prefix="/desk/account/push")
WORKER = "/desk/push-worker.js"
PUSH_WORK_KIND = "push"  # the kind of work that sends the messages


@dataclass(frozen=True)
class PushView:
    """What the page of the account shows. ``available``: messages can be sent from here; ``key``: the public key;
    ``chosen``: the subjects."""

    available: bool
    key: str
    browsers: list[PushSubscription]
    chosen: list[str]


def push_view() -> PushView:
    """Return the signed-in person's browsers and subjects."""
    context, person = app_context().job_context, current_account()
    available = web_push.is_installed()
    with context.database.read() as session:
        browsers = list(subscriptions_of(session, person.id))
    chosen = [name for name in ("to_approve", "returned", "tasks") if getattr(person, f"push_{name}")]
    return PushView(available, push_job.public_key(context) if available else "", browsers, chosen)


@blueprint.post("")
@staff_required()
def switch_on() -> ResponseReturnValue:
    """Switch messages on in the browser that sends its subscription; 422 with ``message`` where it is none."""
    context, account = app_context().job_context, current_account()
    parts = {name: request.form.get(name, "") for name in ("endpoint", "p256dh", "auth")}
    target = PushTarget(**parts)
    refused = web_push.wrong_part(target, allow_http=bool(app_context().settings.allowed_hosts))
    if not refused and web_push.is_installed():
        try:
            # The address comes from the browser: it may not lead into this network.
            context.http_client.vet(target.endpoint)
        except RequestError:
            refused = "endpoint"
    if refused or not web_push.is_installed():
        return jsonify(message=str(_("Trình duyệt này không đưa địa chỉ nhận tin báo dùng được."))), 422
    device = device_name(request.headers.get("User-Agent", ""))
    sealed = context.encryption.encrypt(parts)
    push_job.public_key(context)  # made by now, unless the request is a program's
    with context.database.write() as session:
        subscribe(session, account.id, account.email, target.endpoint, sealed, device=device, now=context.now())
        # The first message shows that they arrive.
        push_outbox.queue_push(session, account.id, push_job.TEST, by=account.email, now=context.now())
    app_context().runner.nudge(PUSH_WORK_KIND)
    flash_done(_("Đã bật tin báo trên trình duyệt này. Một tin báo thử đang được gửi."))
    return jsonify(ok=True)


@blueprint.post("/subjects")
@staff_required()
def save_subjects() -> ResponseReturnValue:
    """Save which messages the person gets in their browsers."""
    email = current_account().email
    with app_context().job_context.database.write() as session:
        person = find_by_email(session, email)
        if person is not None:
            chosen = set(request.form.getlist("pushes"))
            person.push_returned, person.push_tasks = "returned" in chosen, "tasks" in chosen
            if person.role is Role.APPROVER:  # the form of others does not ask
                person.push_to_approve = "to_approve" in chosen
    flash_done(_("Đã lưu."))
    return redirect(url_for("account.index", _anchor="bao"), 303)


@blueprint.post("/<public>/off")
@staff_required()
def switch_off(public: str) -> ResponseReturnValue:
    """Switch messages off in one browser of the person."""
    context, account = app_context().job_context, current_account()
    with context.database.write() as session:
        unsubscribe(session, account.id, account.email, public, now=context.now())
    flash_done(_("Đã tắt tin báo trên trình duyệt đó."))
    return redirect(url_for("account.index", _anchor="bao"), 303)


worker_blueprint = Blueprint("push_worker", __name__)


@worker_blueprint.get(WORKER)
def worker() -> Response:
    """The script that shows a message when no page is open. Served below ``/desk/``, which it is for; the same for
    everybody, so that a browser renews it without a sign-in."""
    with current_app.open_resource("static/js/push-worker.js") as file:
        response = Response(file.read(), mimetype="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response
