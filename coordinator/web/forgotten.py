"""A forgotten password: an address is typed, and whoever has it gets a link. The page says the same to everybody, and
does the same work for everybody: whether the address is anybody's is found out later, where the letter is written."""

from flask import Blueprint, make_response, render_template, request
from flask.typing import ResponseReturnValue

from campaigns.people import letters
from campaigns.people.letters import LetterKind
from coordinator.web.desk import inputs
from coordinator.web.notices import LETTERS
from coordinator.web.saying import _
from coordinator.web.security import front

blueprint = Blueprint("forgotten", __name__)


@blueprint.route("/login/forgotten", methods=["GET", "POST"])
def page() -> ResponseReturnValue:
    """The form, and the same words whoever's address it was."""
    place = front().place
    mailed = place.mail is not None
    email = inputs.text("email")
    if request.method == "GET" or not mailed:
        return render_template("security/forgotten.html", mailed=mailed, sent=False, email="", errors={})
    local, _at, domain = email.rpartition("@")
    if not local or not domain or len(email) > 200 or any(one.isspace() for one in email):
        errors = {"email": _("Nhập địa chỉ thư điện tử, ví dụ ha@so.example")}
        shown = render_template("security/forgotten.html", mailed=True, sent=False, email=email, errors=errors)
        return make_response(shown, 422)
    with place.database.write() as writing:
        letters.ask(writing, LetterKind.FORGOTTEN, email, by=email[:200], now=place.now())
    front().runner.nudge(LETTERS)
    return render_template("security/forgotten.html", mailed=True, sent=True, email=email, errors={})
