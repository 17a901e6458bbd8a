"""Keys that programs and partners act with: made here and shown once, listed, revoked."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.core.errors import CampaignError, FieldError, Invalid, NotFound
from campaigns.partners.directory import Company, find_company
from campaigns.people.keys import Key, add_key, revoke_key
from campaigns.people.staff import May, Role
from campaigns.searching.picking import Thing
from coordinator.feeds.formats import FORMATS
from coordinator.web.desk import inputs, listing, once, picking
from coordinator.web.desk.partner_rows import KeyLine, key_line
from coordinator.web.look import say_done
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff

blueprint = Blueprint("keys", __name__, url_prefix="/keys")

PARTNERS = "partner"  # in place of a role: the key is a partner's, picked in the field beside


@dataclass(frozen=True)
class Holder:
    """A key and whose it is: a role's, or a partner's (code and name)."""

    key: KeyLine
    role: Role | None
    partner: tuple[str, str] | None
    revoked: bool


@blueprint.get("/")
@staff(May.CONFIGURE)
def index() -> ResponseReturnValue:
    """Every key, the newest first; ended ones on request."""
    place = front().place
    with place.database.read() as session:
        now = place.now()
        over = sa.or_(Key.revoked_at.is_not(None), sa.and_(Key.expires_at.is_not(None), Key.expires_at <= now))
        ended = request.args.get("ended") == "1"
        wanted = [] if ended else [sa.not_(over)]
        how_many = sa.select(sa.func.count()).select_from(Key)
        hidden = 0 if ended else session.execute(how_many.where(over)).scalar_one()
        total = session.execute(how_many.where(*wanted)).scalar_one()
        number = min(listing.page_number(), max(-(-total // listing.PAGE), 1))
        query = sa.select(Key, Company).outerjoin(Company, Company.id == Key.company_id).where(*wanted)
        query = query.order_by(Key.id.desc()).limit(listing.PAGE).offset((number - 1) * listing.PAGE)
        part = listing.Part([_holder(key, company, now) for key, company in session.execute(query)], total, number)
    secret = once.take(request.path)
    return render_template(
        "admin/keys.html",
        part=part,
        ended=ended,
        hidden=hidden,
        secret=secret,
    )


@blueprint.route("/_new", methods=["GET", "POST"])
@staff(May.CONFIGURE, fresh=True)
def new() -> ResponseReturnValue:
    """Make a key; the page that follows shows it, once."""
    place = front().place
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            return _make()
        except CampaignError as error:
            errors = inputs.said(error)
            # The domain calls the field by its own name.
            if "expires" in errors:
                errors["expires_on"] = errors.pop("expires")
    code = request.args.get("partner", "")
    values = request.form if request.method == "POST" else request.args
    with place.database.read() as session:
        # From a partner's page the key is that partner's; nobody is asked again whose.
        theirs = find_company(session, code).name if code else ""
        partner = picking.one(session, Thing.PARTNER, "partner", values)
    given = {name: request.form.get(name, "") for name in ("name", "expires_on")}
    holder = PARTNERS if code else request.form.get("holder") or (PARTNERS if partner.code else "")
    shown = render_template(
        "admin/key_new.html",
        values=given | {"holder": holder},
        errors=errors,
        roles=list(Role),
        partner=partner,
        code=code,
        theirs=theirs,
        back=url_for("partners.page", code=code, _anchor="khoa-doi-tac") if code else url_for("admin.keys.index"),
    )
    return (shown, 422) if errors else shown


@blueprint.route("/<public>/revoke", methods=["GET", "POST"])
@staff(May.CONFIGURE, fresh=True)
def revoke(public: str) -> ResponseReturnValue:
    """Say what ending a key means, then end it."""
    place = front().place
    with place.database.read() as session:
        found = session.execute(
            sa.select(Key, Company).outerjoin(Company, Company.id == Key.company_id).where(Key.public == public)
        ).one_or_none()
        if found is None:
            raise NotFound(f"there is no key {public}", key=public)
        holder = _holder(found[0], found[1], place.now())
    back = url_for("partners.page", code=holder.partner[0]) if holder.partner else url_for("admin.keys.index")
    if request.method == "POST":
        with place.database.write() as session:
            revoke_key(session, actor().id, public, now=place.now())
        say_done(_("Đã hủy khóa %(name)s.", name=holder.key.name))
        return redirect(back, 303)
    return render_template("admin/key_revoke.html", holder=holder, back=back, feeds=len(FORMATS))


def _make() -> ResponseReturnValue:
    """Make what the form asks for. Raises ``Invalid``, ``NotFound``."""
    place = front().place
    errors: list[FieldError] = []
    expires_on = inputs.day("expires_on", errors)
    kind, _colon, value = inputs.text("holder").partition(":")
    roles = {one.value: one for one in Role}
    if kind not in {"role", PARTNERS} or (kind == "role" and value not in roles):
        errors.append(FieldError("holder", "required", "choose a role or a partner"))
    with place.database.write() as session:
        company = None
        if kind == PARTNERS:
            # What was typed and not understood is said at its field by the page that follows.
            value = picking.one(session, Thing.PARTNER, "partner", request.form).code
            if value:
                company = find_company(session, value)
            else:
                errors.append(FieldError("partner", "required", "choose a partner"))
        if errors:
            raise Invalid(errors)
        made = add_key(
            session,
            actor().id,
            name=inputs.text("name"),
            role=roles[value] if kind == "role" else None,
            company_id=company.id if company is not None else None,
            expires_on=expires_on,
            now=place.now(),
        )
        text, name = made.text, made.row.name
    path = url_for("partners.page", code=value) if company is not None else url_for("admin.keys.index")
    once.keep(once.Secret(name, text, path))
    return redirect(path, 303)


def _holder(key: Key, company: Company | None, now: datetime) -> Holder:
    partner = (company.code, company.name) if company is not None else None
    return Holder(key_line(key, now), key.role, partner, key.revoked_at is not None)
