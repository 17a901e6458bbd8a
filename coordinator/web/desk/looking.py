"""What a text looks like on each account while it is written, and what to look at in it."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from campaigns.core.errors import Invalid
from campaigns.people.staff import May
from campaigns.planning.campaigns import Campaign
from campaigns.publishing.bulletins import Revision
from campaigns.publishing.channels import Channel, ChannelState
from campaigns.publishing.drafting import Text
from campaigns.publishing.dressing import Dress, of_json
from campaigns.publishing.linting import Finding, Kind, Receiving, lint, misfiled
from campaigns.publishing.pictures import by_ident
from coordinator.channels import registry
from coordinator.web import formats
from coordinator.web.desk.bulletin_form import Form
from coordinator.web.desk.previews import Preview, previews
from coordinator.web.look import language
from coordinator.web.security import front, staff


@dataclass(frozen=True)
class Look:
    """The list of findings as ``ui.checks`` draws it, how many are grave, and the previews."""

    findings: tuple[dict[str, str], ...]
    grave: int
    previews: tuple[Preview, ...]


NOTHING = Look((), 0, ())


def look_of(form: Form) -> Look:
    """A form's text as it would go out. A body too large to be read is told by the save, not here."""
    try:
        text, _removed = form.text()
    except Invalid:
        return NOTHING
    with front().place.database.read() as session:
        # Few are shown: those at rest, often set up wrongly, stand behind those that a text goes to now.
        resting = Channel.state == ChannelState.PAUSED
        query = sa.select(Channel).where(Channel.state != ChannelState.RETIRED).order_by(resting, Channel.id)
        channels = [
            one
            for one in session.execute(query).scalars()
            if (form.channels is None or one.code in form.channels) and (not form.topic or one.takes(form.topic))
        ]
        return _look(session, text, form.dress, channels, _misfiled(session, form.topic, form.campaign), linked=True)


def look_at(session: Session, revision: Revision, channels: Sequence[Channel]) -> Look:
    """A saved text at the channels it goes to."""
    text = Text(revision.title, revision.lead, revision.body_html, revision.body_text)
    bulletin = revision.bulletin
    misfiled = _misfiled(session, bulletin.topic.code, bulletin.campaign.code if bulletin.campaign else "")
    return _look(session, text, of_json(revision.dress), channels, misfiled, linked=False)


def _misfiled(session: Session, topic: str, campaign: str) -> Sequence[Finding]:
    plan = session.execute(sa.select(Campaign).where(Campaign.code == campaign)).scalar_one_or_none()
    return misfiled(topic, plan.plan_number, [one.code for one in plan.topics]) if plan is not None else ()


def _look(
    session: Session, text: Text, dress: Dress, channels: Sequence[Channel], more: Sequence[Finding], *, linked: bool
) -> Look:
    pictures = by_ident(session, [dress.cover.picture]) if dress.cover is not None else {}
    sizes = {ident: (one.width, one.height) for ident, one in pictures.items()}
    # Partners' feeds take everything whole; what could be cut or refused is at accounts of our own.
    own = [
        Receiving(one.code, one.name, registry.kind_of(one.kind).capabilities)
        for one in channels
        if one.company_id is None
    ]
    found = (*lint(text.title, text.lead, text.body_html, text.body_text, dress, own, sizes), *more)
    cover = front().place.addresses.picture(dress.cover.picture, ratio="16x9") if pictures and dress.cover else ""
    return Look(
        tuple(_row(one, linked=linked) for one in found),
        sum(one.grave for one in found),
        previews(text.title, text.lead, text.body_text, channels, dress, cover),
    )


def _row(finding: Finding, *, linked: bool) -> dict[str, str]:
    text, note = _words(finding)
    anchor = finding.field.replace(".", "-").replace("_", "-")
    return {
        "verdict": "bad" if finding.grave else "warn",
        "text": text,
        "note": note,
        "href": f"#{anchor}" if linked else "",
    }


def _(sentence: str, **values: object) -> str:
    """The words in the reader's language; the library itself promises no type."""
    return str(gettext(sentence, **values))


def _words(one: Finding) -> tuple[str, str]:
    number, limit = formats.number(one.number, language()), formats.number(one.limit, language())
    match one.kind:
        case Kind.TITLE_CUT:
            return _("%(name)s cắt tiêu đề sau %(limit)s ký tự", name=one.channel, limit=limit), _(
                "Tiêu đề dài %(number)s ký tự; rút ngắn, hoặc viết tiêu đề riêng cho nơi này.", number=number
            )
        case Kind.LEAD_CUT:
            return _("%(name)s cắt sapo sau %(limit)s ký tự", name=one.channel, limit=limit), _(
                "Sapo dài %(number)s ký tự; rút ngắn, hoặc viết sapo riêng cho nơi này.", number=number
            )
        case Kind.BODY_CUT:
            return _("%(name)s bỏ phần cuối của bài", name=one.channel), _(
                "Bài nặng %(number)s, nơi này nhận %(limit)s (chữ có dấu nặng gấp đôi); viết bản rút gọn riêng.",
                number=formats.file_size(one.number, language()), limit=formats.file_size(one.limit, language()),
            )  # fmt: skip
        case Kind.NO_COVER:
            return _("Thiếu ảnh bìa"), _("%(name)s sẽ dùng ảnh bìa chung của tài khoản.", name=one.channel)
        case Kind.COVER_ALT:
            return _("Ảnh bìa chưa có mô tả"), _("Người khiếm thị và máy đọc cần một câu nói ảnh có gì.")
        case Kind.COVER_SMALL:
            return _("Ảnh bìa nhỏ"), _(
                "Rộng %(number)s điểm; dưới %(limit)s × 360 sẽ mờ trên điện thoại.", number=number, limit=limit
            )
        case Kind.IMAGE_ALT:
            return _("Ảnh thứ %(number)s trong bài chưa có mô tả", number=number), _(
                "Chọn ảnh, bấm nút ảnh, viết một câu ảnh có gì."
            )
        case Kind.NO_LEAD:
            return _("Chưa có sapo"), _("Nhiều nơi chỉ hiện tiêu đề và sapo.")
        case Kind.TOO_SHORT:
            return _("Tin ngắn quá để nhận ra bài đăng lại"), _(
                "Mới có %(number)s chữ, cần ít nhất %(limit)s; nơi khác đăng lại thì máy không tính được.",
                number=number, limit=limit,
            )  # fmt: skip
        case Kind.HERE_WITHOUT_LINK:
            return _("“%(words)s” nhưng bài không có đường dẫn nào", words=one.words), _(
                "Bôi chữ ấy rồi gắn đường dẫn."
            )
        case Kind.ADDRESS_NOT_LINKED:
            return _("%(words)s chưa bấm được", words=one.words), _("Địa chỉ mới là chữ; gắn đường dẫn cho nó.")
        case Kind.OTHER_PLAN:
            return _("Kế hoạch %(plan)s không gồm chuyên đề này", plan=one.words), _(
                "Lượt lan tỏa của bản tin sẽ tính cho kế hoạch ấy; chọn kế hoạch khác hoặc để trống."
            )
        case Kind.HELD_WORDS:
            return _("Có chữ “%(words)s”", words=one.words), _(
                "Thường chỉ có trong văn bản chưa được phổ biến; xem lại trước khi gửi đi."
            )


@staff(May.WRITE)
def fresh() -> ResponseReturnValue:
    """The same for the form as it is typed: the part of the page, for its script."""
    return render_template("bulletins/look.html", look=look_of(Form.sent()))
