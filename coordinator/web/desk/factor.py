"""One's own second factor: an authenticator, passkeys, recovery codes shown once; removed where the role allows."""

from flask import Blueprint, Response, abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from campaigns.core.errors import CampaignError, Conflict
from campaigns.people.factors import has_authenticator, has_factor, remove_factor, renew_codes, set_factor
from campaigns.people.passkeys import passkeys_of, remove_passkey
from campaigns.people.staff import find_by_email
from coordinator.web import factors
from coordinator.web.desk import inputs
from coordinator.web.look import say_done, say_trouble
from coordinator.web.notices import tell
from coordinator.web.saying import _
from coordinator.web.security import actor, front, me, staff

blueprint = Blueprint("factor", __name__, url_prefix="/factor")

PENDING = "factor"  # the sealed secret that is shown and not yet proved; it travels sealed in the signed cookie


@blueprint.get("")
@staff(fresh=True)
def index() -> ResponseReturnValue:
    """The code to scan and the field for what the app shows; or what there is, once it is set up."""
    if not has_factor(me()):
        return _page({})
    with front().place.database.read() as reading:
        keys = passkeys_of(reading, me().id)
    return render_template(
        "account/factor.html",
        obliged=_obliged(),
        left=len(me().mf_recovery_codes or []),
        passkeys=keys,
        app=has_authenticator(me()),
    )


@blueprint.get("/app")
@staff(fresh=True)
def app() -> ResponseReturnValue:
    """The code to scan, for somebody who has passkeys so far."""
    return redirect(url_for("account.factor.index")) if has_authenticator(me()) else _page({})


@blueprint.get("/qr.svg")
@staff(fresh=True)
def image() -> ResponseReturnValue:
    """The code to scan, as an image of this very person's pending secret."""
    sealed = session.get(PENDING)
    if sealed is None or has_authenticator(me()):
        abort(404)
    return Response(factors.drawing(me().email, sealed), mimetype="image/svg+xml")


@blueprint.post("")
@staff(fresh=True)
def save() -> ResponseReturnValue:
    """Check that the app shows the right code, then keep it and show the recovery codes this once."""
    sealed = session.get(PENDING)
    if sealed is None or has_authenticator(me()):
        return redirect(url_for("account.factor.index"), 303)
    step = factors.codes().step_of(inputs.text("code").replace(" ", ""), sealed)
    if step is None:
        return _page({"code": _("Mã này chưa đúng hoặc đã hết hạn. Nhập mã đang hiện trên ứng dụng.")}), 422
    shown, kept = factors.new_recovery_codes()
    place = front().place
    with place.database.write() as writing:
        person = find_by_email(writing, me().email)
        if person is None:
            abort(404)
        set_factor(writing, actor(), person, sealed=sealed, counter=step, codes=kept, now=place.now())
        tell(front(), writing, person, "factor_set")
    session.pop(PENDING, None)
    return render_template("account/codes.html", codes=shown, first=True)


@blueprint.post("/codes")
@staff(fresh=True)
def codes() -> ResponseReturnValue:
    """Fresh recovery codes, shown this once; the old ones no longer work."""
    shown, kept = factors.new_recovery_codes()
    place = front().place
    try:
        with place.database.write() as writing:
            person = find_by_email(writing, me().email)
            if person is None:
                abort(404)
            renew_codes(writing, actor(), person, codes=kept, now=place.now())
            tell(front(), writing, person, "codes_renewed")
    except CampaignError as error:
        return _told(error)
    return render_template("account/codes.html", codes=shown, first=False)


@blueprint.post("/remove")
@staff(fresh=True)
def remove() -> ResponseReturnValue:
    """Sign in without a code again, or begin anew with another phone."""
    place = front().place
    try:
        with place.database.write() as writing:
            person = find_by_email(writing, me().email)
            if person is None:
                abort(404)
            # Another phone instead of this one is no way around the rule: without one the desk stays closed.
            exempt = frozenset() if request.form.get("again") else front().settings.obliged
            remove_factor(writing, actor(), person, exempt, now=place.now())
            tell(front(), writing, person, "factor_removed")
    except CampaignError as error:
        return _told(error)
    if request.form.get("again"):
        return redirect(url_for("account.factor.index"), 303)
    say_done(_("Đã bỏ lớp thứ hai."))
    return redirect(url_for("account.index"), 303)


@blueprint.post("/passkeys/<public>/remove")
@staff(fresh=True)
def remove_key(public: str) -> ResponseReturnValue:
    """Remove a passkey: its device no longer lets in."""
    place = front().place
    try:
        with place.database.write() as writing:
            person = find_by_email(writing, me().email)
            if person is None:
                abort(404)
            name = remove_passkey(writing, actor(), person, public, front().settings.obliged, now=place.now())
            tell(front(), writing, person, "passkey_removed", name)
    except Conflict as error:
        return _told(error)
    say_done(_("Đã gỡ khóa %(name)s.", name=name))
    return redirect(url_for("account.factor.index"), 303)


def _told(error: CampaignError) -> ResponseReturnValue:
    say_trouble("; ".join(inputs.said(error).values()))
    return redirect(url_for("account.factor.index"), 303)


def _obliged() -> bool:
    return me().role in front().settings.obliged


def _page(errors: dict[str, str]) -> str:
    sealed = session.get(PENDING)
    if sealed is None:
        sealed = session[PENDING] = factors.codes().generate_totp_secret()
    secret = factors.codes().get_totp_pretty_key(sealed)
    return render_template(
        "account/factor_new.html", secret=secret, errors=errors, obliged=_obliged(), held=me().passkeys_held
    )
