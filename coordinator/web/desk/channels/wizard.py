"""The three steps by which a channel of any kind but Zalo is set up: prepare, enter, test."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.people.staff import Permission
from coordinator.channels import registry
from coordinator.channels.setup_guide import OwnAddress
from coordinator.channels.setup_guides import GUIDES
from coordinator.feeds.formats import FORMATS
from coordinator.translation import _
from coordinator.web.auth.security import app_context, staff_required

blueprint = Blueprint("wizard", __name__)

KEY_IN_ADDRESS = "KHÓA"  # placeholder of a partner's key in its feed addresses
PREPARE, ENTER, TEST = 1, 2, 3


@dataclass(frozen=True)
class WizardStep:
    """One step. ``url``: its page, None while it cannot be opened. ``here``: it is shown."""

    text: str
    url: str | None
    done: bool
    here: bool


@dataclass(frozen=True)
class KindChoice:
    """A kind that may be added, with where its set-up begins."""

    kind: str
    label: str
    description: str
    glyph: str
    minutes: int
    url: str


def kind_choices(partner: str) -> list[KindChoice]:
    """Return the kinds an administrator may add, common ones first. ``partner``: a code, where its page led here."""
    choices = []
    for kind, guide in GUIDES.items():
        row = registry.KINDS[kind]
        url = url_for("channels.wizard.prepare", kind=kind, partner=partner or None)
        if kind == "zalo" and not partner:
            url = url_for("channels.zalo_setup.addresses")
        choices.append(KindChoice(kind, _(row.label), _(row.description), guide.glyph, guide.minutes, url))
    return choices


def wizard_steps(here: int, kind: str, partner: str = "", *, tested: bool = False) -> Sequence[WizardStep]:
    """Return the steps of a kind; the last is the test, or for a kind that reads by itself the first reading."""
    row = registry.KINDS[kind]
    last = _("Chờ lần lấy tin đầu") if row.capabilities.pulled else _("Dùng") if row.capabilities.manual else _("Thử")
    first = url_for("channels.wizard.prepare", kind=kind, partner=partner or None) if here == ENTER else None
    return (
        WizardStep(_("Chuẩn bị"), first, here > PREPARE, here == PREPARE),
        WizardStep(_("Nhập"), None, here > ENTER, here == ENTER),
        WizardStep(last, None, tested, here == TEST and not tested),
    )


@blueprint.get("/_new/<kind>/prepare")
@staff_required(Permission.CONFIGURE)
def prepare(kind: str) -> ResponseReturnValue:
    """Tell what is needed for a channel of this kind and where to get it, our own addresses first."""
    if kind not in GUIDES:
        abort(404)
    guide, partner = GUIDES[kind], request.args.get("partner", "")
    addresses = app_context().job_context.addresses
    return render_template(
        "desk/channels/prepare.html",
        kind=kind,
        kind_name=registry.kind_name(kind),
        guide=guide,
        partner=partner,
        given=[addresses.feed(name, KEY_IN_ADDRESS) for name in FORMATS] if guide.gives is OwnAddress.FEEDS else [],
        steps=wizard_steps(PREPARE, kind, partner),
    )
