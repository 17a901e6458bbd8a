"""Names and signers with their days: what the department was called, who signed, who issued licences."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.core.clock import city_day
from campaigns.core.errors import CampaignError, FieldError, Invalid
from campaigns.people import letterheads
from campaigns.people.staff import May
from coordinator.web.desk import inputs
from coordinator.web.look import say_done
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff

blueprint = Blueprint("letterheads", __name__, url_prefix="/letterheads")

FIELDS = ("kind", "name", "parent", "place", "symbol", "since", "until")
SIGNER = ("authority", "signer", "signer_since", "signer_until")


@blueprint.get("/")
@staff(May.CONFIGURE)
def index() -> ResponseReturnValue:
    """Every name and signer, and the forms for more."""
    return _page({})


@blueprint.post("/names")
@staff(May.CONFIGURE)
def add_name() -> ResponseReturnValue:
    """Enter a name."""
    errors: list[FieldError] = []
    since, until = inputs.day("since", errors, required=True), inputs.day("until", errors)
    place = front().place
    try:
        if errors or since is None:
            raise Invalid(errors)
        with place.database.write() as session:
            letterheads.add_name(
                session, actor(), kind=inputs.text("kind"), name=inputs.text("name"), parent=inputs.text("parent"),
                place=inputs.text("place"), symbol=inputs.text("symbol"), since=since, until=until, now=place.now(),
            )  # fmt: skip
    except CampaignError as error:
        return _page(inputs.said(error))
    say_done(_("Đã ghi tên. Báo cáo của ngày nào dùng tên của ngày đó."))
    return redirect(url_for("admin.letterheads.index"), 303)


@blueprint.post("/signers")
@staff(May.CONFIGURE)
def add_signer() -> ResponseReturnValue:
    """Enter who signs."""
    errors: list[FieldError] = []
    since, until = inputs.day("signer_since", errors, required=True), inputs.day("signer_until", errors)
    place = front().place
    try:
        if errors or since is None:
            raise Invalid(errors)
        with place.database.write() as session:
            letterheads.add_signer(
                session, actor(), authority=inputs.text("authority"), name=inputs.text("signer"), since=since,
                until=until, now=place.now(),
            )  # fmt: skip
    except Invalid as invalid:
        fields = {"name": "signer", "until": "signer_until", "since": "signer_since"}
        moved = [FieldError(fields.get(one.field, one.field), one.code, one.message) for one in invalid.errors]
        return _page(inputs.said_of(moved))
    say_done(_("Đã ghi người ký."))
    return redirect(url_for("admin.letterheads.index"), 303)


@blueprint.post("/<public>/end")
@staff(May.CONFIGURE)
def end(public: str) -> ResponseReturnValue:
    """Say through which day a name was borne, or somebody signed."""
    errors: list[FieldError] = []
    until = inputs.day("until", errors, required=True)
    place = front().place
    try:
        if errors or until is None:
            raise Invalid(errors)
        with place.database.write() as session:
            letterheads.end(session, actor(), public, until, now=place.now())
    except Invalid as invalid:
        return _page({f"until-{public}": sentence for sentence in inputs.said(invalid).values()})
    say_done(_("Đã ghi ngày thôi dùng."))
    return redirect(url_for("admin.letterheads.index"), 303)


def _page(errors: dict[str, str]) -> ResponseReturnValue:
    place = front().place
    with place.database.read() as session:
        names, signers = letterheads.names(session), letterheads.signers(session)
    page = render_template(
        "admin/letterheads.html",
        names=names, signers=signers, errors=errors, today=city_day(place.now()).isoformat(),
        values={name: request.form.get(name, "") for name in (*FIELDS, *SIGNER)},
    )  # fmt: skip
    return (page, 422) if errors else page
