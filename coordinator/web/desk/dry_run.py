"""Who gets a bulletin, who does not and why, before it goes out, and who got it after. Nothing is sent here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from campaigns.core.errors import CampaignError, Invalid
from campaigns.publishing import receiving
from campaigns.publishing.bulletins import Bulletin, State, find_bulletin
from campaigns.publishing.drafting import is_out
from campaigns.publishing.dressing import Variant, of_json
from campaigns.publishing.outbox import ChannelNature, Refusal
from campaigns.publishing.receiving import Answer, Doubt, Hindrance, Receiver
from coordinator.channels import registry
from coordinator.web.desk import inputs, listing, moments
from coordinator.web.desk.elsewhere import channel_page, partner_page
from coordinator.web.desk.outcomes import by_state, outcomes
from coordinator.web.desk.previews import cuts_of
from coordinator.web.look import language
from coordinator.web.security import front, staff


@dataclass(frozen=True)
class Line:
    """One channel's answer in words."""

    name: str
    url: str | None
    owner: str | None
    owner_url: str | None
    answer: Answer
    form: str
    cuts: tuple[str, ...]
    when: datetime | None
    how: str
    why: tuple[str, ...]
    doubts: tuple[str, ...]


@staff()
def page(code: str) -> ResponseReturnValue:
    """The list for one bulletin, were it released now or at the moment asked for; of one that went out, what came of
    it."""
    place = front().place
    now = place.now()
    with place.database.read() as session:
        bulletin = find_bulletin(session, code)
        if is_out(bulletin, now) or bulletin.state is State.RECALLED:
            return _went(session, bulletin, now)
    errors: dict[str, str] = {}
    asked: datetime | None = None
    if request.args.get("day") or request.args.get("time"):
        try:
            asked = moments.asked_moment()
        except Invalid as invalid:
            errors = inputs.said(invalid)
    with place.database.read() as session:
        bulletin = find_bulletin(session, code)
        at = asked or bulletin.release_at
        text = bulletin.revision(bulletin.latest)
        found = receiving.dry_run(session, bulletin, place.natures, at=at if at and at > now else None, now=now)
        dress = of_json(text.dress)
        # Only what this page shows is put in words: of each answer the beginning, or of the one asked for its part.
        wanted = {one.value: one for one in Answer}.get(request.args.get("answer", ""))
        parts = []
        for answer in Answer if wanted is None else (wanted,):
            rows = [one for one in found if one.answer is answer]
            part = listing.cut(rows) if wanted is not None else listing.Part(rows[: listing.PAGE], len(rows), 1)
            lines = [
                _line(one, text.title, text.lead, text.body_text, dress.for_channel(one.channel)) for one in part.rows
            ]
            parts.append((answer, lines, part))
        head = {"title": text.title, "number": text.number, "topic": bulletin.topic.name, "state": bulletin.state}
    day, time = moments.fields_of(at if at is not None and at > now else moments.next_hour(now))
    shown = render_template(
        "bulletins/receivers.html",
        code=code,
        head=head,
        groups=[(answer, rows, part) for answer, rows, part in parts if rows],
        counts={answer.value: sum(one.answer is answer for one in found) for answer in Answer},
        doubtful=sum(bool(one.doubts) for one in found),
        wanted=wanted,
        at=at if at is not None and at > now else None,
        day=request.args.get("day", day),
        time=request.args.get("time", time),
        errors=errors,
    )
    return (shown, 422) if errors else shown


def _went(session: Session, bulletin: Bulletin, now: datetime) -> str:
    text = bulletin.revision(bulletin.released or bulletin.latest)
    state = State.PUBLISHED if is_out(bulletin, now) else bulletin.state
    return render_template(
        "bulletins/outcomes.html",
        code=bulletin.code,
        head={"title": text.title, "topic": bulletin.topic.name, "state": state},
        groups=by_state(outcomes(session, bulletin)),
    )


def _(words: str, **values: object) -> str:
    return str(gettext(words, **values))


def _line(one: Receiver, title: str, lead: str, body_text: str, own: Variant) -> Line:
    refused = _REFUSALS.get(one.refusal) if one.refusal is not None else None
    held = _HINDRANCES.get(one.hindrance) if one.hindrance is not None else None
    cuts: tuple[str, ...] = ()
    try:
        kind = registry.kind_of(one.kind)
    except CampaignError:
        form = one.kind
    else:
        form = kind.label_en if language() == "en" else kind.label_vi
        if one.answer is not Answer.NO:
            cuts = cuts_of(own.title or title, own.lead or lead, own.text or body_text, one.kind)
    return Line(
        name=one.name,
        url=channel_page(one.channel),
        owner=one.owner,
        owner_url=partner_page(one.owner_code) if one.owner_code is not None else None,
        answer=one.answer,
        form=form,
        cuts=cuts,
        when=one.at,
        how=_NATURES[one.nature]() if one.answer is Answer.YES else "",
        why=tuple(words() for words in (refused, held) if words is not None),
        doubts=tuple(_DOUBTS[doubt]() for doubt in one.doubts),
    )


_NATURES: Mapping[ChannelNature, Callable[[], str]] = {
    ChannelNature.PUSHED: lambda: _("gửi tới ngay khi phát"),
    ChannelNature.PULLED: lambda: _("tự đọc nguồn tin, từ giờ phát trở đi"),
    ChannelNature.MANUAL: lambda: _("có người đăng tay sau giờ phát"),
}
_REFUSALS: Mapping[Refusal, Callable[[], str]] = {
    Refusal.RETIRED: lambda: _("Kênh đã thôi dùng."),
    Refusal.NOT_CHOSEN: lambda: _("Bản tin chỉ chọn một số kênh, không có kênh này."),
    Refusal.TOPIC: lambda: _("Kênh không nhận chuyên đề này."),
}
_HINDRANCES: Mapping[Hindrance, Callable[[], str]] = {
    Hindrance.PAUSED: lambda: _("Kênh đang tạm dừng; cho chạy tiếp thì nhận."),
    Hindrance.NEEDS_AUTHORISATION: lambda: _("Kênh cần cấp quyền lại; cấp xong thì nhận."),
    Hindrance.NO_KEY: lambda: _("Đối tác chưa có khóa để đọc nguồn tin."),
    Hindrance.KEY_ENDED: lambda: _("Khóa đọc nguồn tin đã hết hạn hoặc bị hủy; cấp khóa mới thì nhận."),
}
_DOUBTS: Mapping[Doubt, Callable[[], str]] = {
    Doubt.NO_LICENCE: lambda: _("Chưa có giấy phép trong sổ"),
    Doubt.LICENCE_ENDED: lambda: _("Giấy phép không còn hiệu lực vào ngày phát"),
    Doubt.LICENCE_SCOPE: lambda: _("Phạm vi giấy phép không nêu chuyên đề này"),
    Doubt.NO_AGREEMENT: lambda: _("Chưa có văn bản chấp thuận trong sổ"),
    Doubt.AGREEMENT_ENDED: lambda: _("Văn bản chấp thuận không còn hiệu lực vào ngày phát"),
    Doubt.AGREEMENT_TOPICS: lambda: _("Văn bản chấp thuận không nêu chuyên đề này"),
}
