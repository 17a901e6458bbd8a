"""The form for a forgotten password: it mails a one-time link to the address entered. The response and the work of the
request are the same for every address; whether the address has an account is looked up later, when the mail is written.
"""

from flask import Blueprint, make_response, render_template, request
from flask.typing import ResponseReturnValue

from campaigns.people import mail_outbox
from campaigns.people.mail_outbox import MailKind
from coordinator.translation import _
from coordinator.web.auth.security import app_context
from coordinator.web.kit.forms import fields
from coordinator.web.kit.notification_mail import MAIL_WORK_KIND

blueprint = Blueprint("forgotten", __name__)


@blueprint.route("/login/forgotten", methods=["GET", "POST"])
def page() -> ResponseReturnValue:
    """Show the form; its response does not depend on whether the address has an account."""
    context = app_context().job_context
    mailed = context.mail is not None
    email = fields.text("email")
    if request.method == "GET" or not mailed:
        return render_template(
            "auth/forgotten_password.html",
            mailed=mailed,
            sent=False,
            email=request.args.get("email", "")[:200],
            errors={},
        )
    local, _at, domain = email.rpartition("@")
    if not local or not domain or len(email) > 200 or any(text.isspace() for text in email):
        errors = {"email": _("Nhập địa chỉ thư điện tử, ví dụ ha@so.example")}
        page = render_template("auth/forgotten_password.html", mailed=True, sent=False, email=email, errors=errors)
        return make_response(page, 422)
    with context.database.write() as writing:
        mail_outbox.queue_mail(writing, MailKind.FORGOTTEN, email, by=email[:200], now=context.now())
    app_context().runner.nudge(MAIL_WORK_KIND)
    return render_template("auth/forgotten_password.html", mailed=True, sent=True, email=email, errors={})
