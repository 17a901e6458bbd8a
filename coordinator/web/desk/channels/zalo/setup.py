"""The wizard that sets up a Zalo Official Account: the addresses to enter at Zalo, what to do on Zalo's pages, the
keys, then the grant and a test.

Zalo's console checks an address when it is saved, so that the addresses come first: the channel's code, and with it the
address of its webhook, is chosen before the channel exists and handed from step to step.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.channels.channels import Channel, ChannelState, find_channel
from campaigns.core.errors import CampaignError, Conflict
from campaigns.core.vietnamese import slug
from campaigns.people.office import office_name
from campaigns.people.staff import Permission
from coordinator.http.addresses import is_public_url
from coordinator.translation import _
from coordinator.web.auth.security import app_context, staff_required
from coordinator.web.desk.channels import labels, queries
from coordinator.web.desk.channels.forms import ChannelForm, add_channel_of
from coordinator.web.desk.channels.wizard import WizardStep
from coordinator.web.kit.lists import report_scope

blueprint = Blueprint("zalo_setup", __name__)

KIND = "zalo"
BACK = "setup"  # the value of ``back`` that leads from a grant or a test to the last step
# In the order in which a person finds them on Zalo's pages; the other settings are in a part that is closed.
KEY_SETTINGS = ("app_id", "app_secret", "oa_id", "webhook_secret", "author", "cover_url")
MAX_AUTHOR_LENGTH = 50


@blueprint.get("/_zalo/setup")
@staff_required(Permission.CONFIGURE)
def addresses() -> ResponseReturnValue:
    """Show the addresses that Zalo has to know, with the code that the new channel will get."""
    with app_context().job_context.database.read() as session:
        code = _chosen_code() or _free_code(session)
    base = app_context().settings.base_url
    return render_template(
        "desk/channels/zalo_addresses.html",
        code=code,
        steps=_steps(1, code),
        base=base,
        public=is_public_url(base) and base.startswith("https://"),
    )


@blueprint.get("/_zalo/setup/console")
@staff_required(Permission.CONFIGURE)
def console() -> ResponseReturnValue:
    """Tell what to do on Zalo's pages, and which keys to take from there."""
    code = _chosen_code()
    if not code:
        return redirect(url_for("channels.zalo_setup.addresses"), 303)
    return render_template("desk/channels/zalo_console.html", code=code, steps=_steps(2, code))


@blueprint.route("/_zalo/setup/keys", methods=["GET", "POST"])
@staff_required(Permission.CONFIGURE)
def keys() -> ResponseReturnValue:
    """Ask for the keys, or add the channel."""
    code = _chosen_code()
    if not code:
        return redirect(url_for("channels.zalo_setup.addresses"), 303)
    with app_context().job_context.database.read() as session:
        office = office_name(session)
        topics = report_scope.topic_choices(session)
    settings = labels.setting_fields(KIND, {"author": office[:MAX_AUTHOR_LENGTH]})
    form = ChannelForm.of_settings({"name": f"Zalo {office}".strip(), "every": True, "code": code}, settings)
    if request.method == "POST" and form.validate():
        try:
            made = add_channel_of(form, KIND)
        except CampaignError as error:
            form.add_setting_errors(KIND, error)
        else:
            return redirect(url_for("channels.zalo_setup.finish", code=made), 303)
    by_name = {setting.name: setting for setting in settings}
    page = render_template(
        "desk/channels/zalo_keys.html",
        code=code,
        steps=_steps(3, code),
        form=form,
        settings=[by_name[name] for name in KEY_SETTINGS],
        further=[setting for setting in settings if setting.name not in KEY_SETTINGS],
        topics=topics,
    )
    return page, form.status


@blueprint.get("/<code>/setup")
@staff_required(Permission.CONFIGURE)
def finish(code: str) -> ResponseReturnValue:
    """Show the grant and the test of a channel that was added. Raises ``Conflict`` for another kind."""
    context = app_context().job_context
    with context.database.read() as session:
        channel = find_channel(session, code)
        if channel.kind != KIND:
            raise Conflict(f"{channel.code} is no Zalo channel", code="wrong_kind", channel=channel.code)
        name, state, last_error = channel.name, channel.state, channel.last_error
        tested = queries.was_tested(session, code)
    granted = state not in {ChannelState.NEEDS_AUTHORISATION, ChannelState.RETIRED}
    return render_template(
        "desk/channels/zalo_finish.html",
        code=code,
        name=name,
        granted=granted,
        tested=tested,
        last_error=last_error,
        back=BACK,
        steps=_steps(5 if granted else 4, code, granted=granted, tested=tested),
    )


def _chosen_code() -> str:
    """Return the code of the request; '' for none, or one that no channel can have."""
    code = request.values.get("code", "")
    return code if code and slug(code)[:50] == code else ""


def _free_code(session: Session) -> str:
    """Return ``zalo``, or ``zalo-2`` and so on where a channel has that code."""
    taken = set(session.execute(sa.select(Channel.code).where(Channel.code.like(f"{KIND}%"))).scalars())
    number, code = 2, KIND
    while code in taken:
        code, number = f"{KIND}-{number}", number + 1
    return code


def _steps(here: int, code: str, *, granted: bool = False, tested: bool = False) -> Sequence[WizardStep]:
    """Return the steps. Before the channel exists the earlier ones are links; after that the last two follow what is
    known of the channel."""
    made = here > 3
    first = None if made else url_for("channels.zalo_setup.addresses", code=code)
    second = url_for("channels.zalo_setup.console", code=code) if here == 3 else None
    return (
        WizardStep(_("Sao chép địa chỉ"), first, here > 1, here == 1),
        WizardStep(_("Khai ở trang của Zalo"), second, here > 2, here == 2),
        WizardStep(_("Nhập khóa"), None, made, here == 3),
        WizardStep(_("Cấp quyền"), None, granted, here == 4),
        WizardStep(_("Thử"), None, tested, here == 5 and not tested),
    )
