"""API keys of programs and partners: created and shown once, listed, revoked."""

from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.channels.partner_keys import add_partner_key
from campaigns.core.errors import CampaignError, FieldError, Invalid, NotFound
from campaigns.core.listing import ListFilter, ListQuery
from campaigns.partners.directory import Company, find_company
from campaigns.people.keys import AccessKey, add_key, revoke_key
from campaigns.people.staff import Permission, Person, Role
from campaigns.search.autocomplete import PickableKind
from coordinator.feeds.formats import FORMATS
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.desk.partners.queries import KeyRow, key_row
from coordinator.web.kit import one_time_secret
from coordinator.web.kit.forms import autocomplete, fields
from coordinator.web.kit.lists import pagination
from coordinator.web.kit.lists.requested_filter import requested_filter
from coordinator.web.kit.templating import flash_done

blueprint = Blueprint("keys", __name__, url_prefix="/keys")

PARTNERS = "partner"  # in place of a role: a partner's key, its partner selected in the field beside


@dataclass(frozen=True)
class KeyHolder:
    """A key and its holder: a role with the person to whom it belongs, if any, or a partner (code and name).
    ``waits``: whether a second person has to confirm it."""

    key: KeyRow
    role: Role | None
    person: Person | None
    partner: tuple[str, str] | None
    revoked: bool
    waits: bool


@dataclass(frozen=True)
class KeyFilter(ListFilter):
    """Filter of the list. ``ended``: also keys that have ended."""

    ended: bool = False


@blueprint.get("/")
@staff_required(Permission.CONFIGURE)
def index() -> ResponseReturnValue:
    """Show every key, newest first; ended ones on request."""
    context = app_context().job_context
    with context.database.read() as session:
        now = context.now()
        over = sa.or_(
            AccessKey.revoked_at.is_not(None), sa.and_(AccessKey.expires_at.is_not(None), AccessKey.expires_at <= now)
        )
        ended = requested_filter(KeyFilter).ended
        select = sa.select(AccessKey, Company).outerjoin(Company, Company.id == AccessKey.company_id)
        listed = ListQuery(AccessKey, select, () if ended else (sa.not_(over),), (AccessKey.id.desc(),))
        hidden = 0 if ended else replace(listed, conditions=(over,)).count(session)
        page = listed.page(session, pagination.page_number())
        part = page.with_rows([_key_holder(key, company, now) for key, company in page.rows])
    secret = one_time_secret.take(request.path)
    return render_template(
        "desk/people/api_keys.html",
        part=part,
        ended=ended,
        hidden=hidden,
        secret=secret,
    )


@blueprint.route("/_new", methods=["GET", "POST"])
@staff_required(Permission.CONFIGURE, fresh=True)
def new() -> ResponseReturnValue:
    """Create a key; the next page shows it once."""
    context = app_context().job_context
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            return _make_key()
        except CampaignError as error:
            errors = fields.error_messages(error)
            # The domain has its own name for the field.
            if "expires" in errors:
                errors["expires_on"] = errors.pop("expires")
    code = request.args.get("partner", "")
    values = request.form if request.method == "POST" else request.args
    with context.database.read() as session:
        # From a partner's page the key is that partner's; the holder is fixed.
        theirs = find_company(session, code).name if code else ""
        partner = autocomplete.single_field(session, PickableKind.PARTNER, "partner", values)
    given = {name: request.form.get(name, "") for name in ("name", "expires_on")}
    holder = PARTNERS if code else request.form.get("holder") or (PARTNERS if partner.code else "")
    page = render_template(
        "desk/people/api_key_new.html",
        values=given | {"holder": holder},
        errors=errors,
        roles=list(Role),
        partner=partner,
        code=code,
        theirs=theirs,
        back=url_for("partners.page", code=code, _anchor="khoa-doi-tac") if code else url_for("admin.keys.index"),
    )
    return (page, 422) if errors else page


@blueprint.route("/<public>/revoke", methods=["GET", "POST"])
@staff_required(Permission.CONFIGURE, fresh=True)
def revoke(public: str) -> ResponseReturnValue:
    """Ask for confirmation with the consequence, or revoke a key."""
    context = app_context().job_context
    with context.database.read() as session:
        found = session.execute(
            sa.select(AccessKey, Company)
            .outerjoin(Company, Company.id == AccessKey.company_id)
            .where(AccessKey.public == public)
        ).one_or_none()
        if found is None:
            raise NotFound(f"there is no key {public}", key=public)
        holder = _key_holder(found[0], found[1], context.now())
    back = url_for("partners.page", code=holder.partner[0]) if holder.partner else url_for("admin.keys.index")
    if request.method == "POST":
        with context.database.write() as session:
            revoke_key(session, current_actor().id, public, now=context.now())
        flash_done(_("Đã hủy khóa %(name)s.", name=holder.key.name))
        return redirect(back, 303)
    return render_template("desk/people/api_key_revoke.html", holder=holder, back=back, feeds=len(FORMATS))


def _make_key() -> ResponseReturnValue:
    """Create the key that the form describes. Raises ``Invalid``, ``NotFound``."""
    context = app_context().job_context
    errors: list[FieldError] = []
    expires_on = fields.day("expires_on", errors)
    kind, _colon, value = fields.text("holder").partition(":")
    roles = {role.value: role for role in Role}
    if kind not in {"role", PARTNERS} or (kind == "role" and value not in roles):
        errors.append(FieldError("holder", "required", "choose a role or a partner"))
    with context.database.write() as session:
        company = None
        if kind == PARTNERS:
            # Text that matched no partner is reported at its field by the next page.
            value = autocomplete.single_field(session, PickableKind.PARTNER, "partner", request.form).code
            if value:
                company = find_company(session, value)
            else:
                errors.append(FieldError("partner", "required", "choose a partner"))
        if errors:
            raise Invalid(errors)
        actor, now, channel = current_actor().id, context.now(), None
        if company is not None:
            made, channel = add_partner_key(
                session, actor, company, name=fields.text("name"), expires_on=expires_on,
                pulled=context.delivery_modes.pulled, now=now,
            )  # fmt: skip
        else:
            made = add_key(session, actor, name=fields.text("name"), role=roles[value], expires_on=expires_on, now=now)
        text, name, feed = made.text, made.row.name, channel.name if channel is not None else ""
    path = url_for("partners.page", code=value) if company is not None else url_for("admin.keys.index")
    one_time_secret.keep(one_time_secret.OneTimeSecret(name, text, path))
    if feed:
        flash_done(
            _("Đã tạo khóa, và thêm kênh %(name)s: bản tin phát hành từ nay tính là gửi tới đối tác này.", name=feed)
        )
    return redirect(path, 303)


def _key_holder(key: AccessKey, company: Company | None, now: datetime) -> KeyHolder:
    partner = (company.code, company.name) if company is not None else None
    waits = key.unconfirmed_since is not None
    return KeyHolder(key_row(key, now), key.role, key.person, partner, key.revoked_at is not None, waits)
