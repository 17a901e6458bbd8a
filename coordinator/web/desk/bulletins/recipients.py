"""The recipients of a bulletin: who gets it and who does not before release, and the outcome at each channel
afterwards. Nothing is sent here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin, BulletinState, find_bulletin
from campaigns.bulletins.drafts import is_out
from campaigns.bulletins.presentation import Variant, from_json
from campaigns.channels.channels import Channel
from campaigns.channels.transport import DeliveryAct
from campaigns.core.errors import CampaignError, Invalid
from campaigns.core.listing import PAGE_SIZE, ListFilter, ListPage
from campaigns.delivery import recipients
from campaigns.delivery.outbox import Delivery, DeliveryMode, DeliveryState, RefusalReason
from campaigns.delivery.recipients import PartnerDoubt, Recipient, RecipientAnswer, RecipientHindrance
from campaigns.partners.directory import Company
from campaigns.release.slots_and_quiet_hours import release_habits
from coordinator.channels import registry
from coordinator.translation import _
from coordinator.web.auth.security import app_context, staff_required
from coordinator.web.desk.bulletins.preview import cut_messages
from coordinator.web.kit.forms import datetimes, fields
from coordinator.web.kit.links import channel_url, partner_url
from coordinator.web.kit.lists import pagination
from coordinator.web.kit.lists.requested_filter import requested_filter

# In the order of the page: needs a person, in progress, finished.
STATE_ORDER = (
    DeliveryState.UNKNOWN, DeliveryState.DEAD, DeliveryState.RETRYING, DeliveryState.SENDING, DeliveryState.DUE,
    DeliveryState.DELIVERED, DeliveryState.SKIPPED, DeliveryState.CANCELLED,
)  # fmt: skip


@dataclass(frozen=True)
class DeliveryOutcome:
    """The outcome at one channel: its partner (None = the department's own), the last delivery, its state and time."""

    delivery: str
    name: str
    url: str | None
    owner: str | None
    owner_url: str | None
    act: DeliveryAct
    revision: int
    state: DeliveryState
    at: datetime | None


def delivery_outcomes(session: Session, bulletin: Bulletin) -> Sequence[DeliveryOutcome]:
    """Return the newest delivery of this bulletin to each channel, so that after a correction its
    own outcome is shown.
    """
    newest = (
        sa.select(sa.func.max(Delivery.id)).where(Delivery.bulletin_id == bulletin.id).group_by(Delivery.channel_id)
    )
    query = (
        sa.select(Delivery, Channel, Company.name, Company.code)
        .join(Channel, Channel.id == Delivery.channel_id)
        .outerjoin(Company, Company.id == Channel.company_id)
        .where(Delivery.id.in_(newest))
    )
    found = [
        DeliveryOutcome(
            delivery.public,
            channel.name,
            channel_url(channel.code),
            owner,
            partner_url(code) if code else None,
            delivery.act,
            delivery.revision,
            delivery.state,
            delivery.settled_at,
        )
        for delivery, channel, owner, code in session.execute(query)
    ]
    return sorted(
        found, key=lambda outcome: (STATE_ORDER.index(outcome.state), outcome.owner is not None, outcome.name)
    )


def outcomes_by_state(found: Sequence[DeliveryOutcome]) -> Mapping[DeliveryState, Sequence[DeliveryOutcome]]:
    """Return the outcomes by state; states without a channel are omitted."""
    groups = {state: [outcome for outcome in found if outcome.state is state] for state in STATE_ORDER}
    return {state: rows for state, rows in groups.items() if rows}


@dataclass(frozen=True)
class RecipientRow:
    """The decision for one channel, as a sentence."""

    name: str
    url: str | None
    owner: str | None
    owner_url: str | None
    answer: RecipientAnswer
    form: str
    cuts: tuple[str, ...]
    when: datetime | None
    how: str
    why: tuple[str, ...]
    doubts: tuple[str, ...]


@dataclass(frozen=True)
class RecipientFilter(ListFilter):
    """Filter of the page. ``answer``: one decision with all its channels."""

    answer: RecipientAnswer | None = None


@staff_required()
def page(code: str) -> ResponseReturnValue:
    """Show the recipients of one bulletin, were it released now or at the requested time; for a published one, the
    outcomes.
    """
    context = app_context().job_context
    now = context.now()
    with context.database.read() as session:
        bulletin = find_bulletin(session, code)
        if is_out(bulletin, now) or bulletin.state is BulletinState.RECALLED:
            return _render_outcomes(session, bulletin, now)
    errors: dict[str, str] = {}
    asked: datetime | None = None
    if request.args.get("day") or request.args.get("time"):
        try:
            asked = datetimes.query_datetime()
        except Invalid as invalid:
            errors = fields.error_messages(invalid)
    with context.database.read() as session:
        bulletin = find_bulletin(session, code)
        at = asked or bulletin.release_at
        text = bulletin.revision(bulletin.latest)
        found = recipients.dry_run(
            session, bulletin, context.delivery_modes, at=at if at and at > now else None, now=now
        )
        presentation = from_json(text.presentation)
        # Only the rows this page shows are formatted: the first of each decision, or a page of the requested one.
        wanted = requested_filter(RecipientFilter, beside=("day", "time")).answer
        parts = []
        for answer in RecipientAnswer if wanted is None else (wanted,):
            rows = [recipient for recipient in found if recipient.answer is answer]
            part = pagination.paginate(rows) if wanted is not None else ListPage(rows[:PAGE_SIZE], len(rows), 1)
            lines = [
                _recipient_row(
                    recipient, text.title, text.lead, text.body_text, presentation.for_channel(recipient.channel)
                )
                for recipient in part.rows
            ]
            parts.append((answer, lines, part))
        usual = release_habits(session).open_hour(datetimes.next_hour(now))
        head = {"title": text.title, "number": text.number, "topic": bulletin.topic.name, "state": bulletin.state}
    day, time = datetimes.datetime_fields(at if at is not None and at > now else usual)
    page = render_template(
        "desk/bulletins/recipients.html",
        code=code,
        head=head,
        groups=[(answer, rows, part) for answer, rows, part in parts if rows],
        counts={answer.value: sum(recipient.answer is answer for recipient in found) for answer in RecipientAnswer},
        doubtful=sum(bool(recipient.doubts) for recipient in found),
        wanted=wanted,
        at=at if at is not None and at > now else None,
        day=request.args.get("day", day),
        time=request.args.get("time", time),
        errors=errors,
    )
    return (page, 422) if errors else page


def _render_outcomes(session: Session, bulletin: Bulletin, now: datetime) -> str:
    text = bulletin.revision(bulletin.released or bulletin.latest)
    state = BulletinState.PUBLISHED if is_out(bulletin, now) else bulletin.state
    return render_template(
        "desk/bulletins/outcomes.html",
        code=bulletin.code,
        head={"title": text.title, "topic": bulletin.topic.name, "state": state},
        groups=outcomes_by_state(delivery_outcomes(session, bulletin)),
    )


def _recipient_row(recipient: Recipient, title: str, lead: str, body_text: str, own: Variant) -> RecipientRow:
    refused = _REFUSALS.get(recipient.refusal) if recipient.refusal is not None else None
    held = _HINDRANCES.get(recipient.hindrance) if recipient.hindrance is not None else None
    cuts: tuple[str, ...] = ()
    try:
        kind = registry.channel_kind(recipient.kind)
    except CampaignError:
        form = recipient.kind
    else:
        form = _(kind.label)
        if recipient.answer is not RecipientAnswer.NO:
            can = registry.capabilities_of(recipient.kind, recipient.settings)
            cuts = cut_messages(own.title or title, own.lead or lead, own.text or body_text, can)
    return RecipientRow(
        name=recipient.name,
        url=channel_url(recipient.channel),
        owner=recipient.owner,
        owner_url=partner_url(recipient.owner_code) if recipient.owner_code is not None else None,
        answer=recipient.answer,
        form=form,
        cuts=cuts,
        when=recipient.at,
        how=_NATURES[recipient.nature]() if recipient.answer is RecipientAnswer.YES else "",
        why=tuple(words() for words in (refused, held) if words is not None),
        doubts=tuple(_DOUBTS[doubt]() for doubt in recipient.doubts),
    )


_NATURES: Mapping[DeliveryMode, Callable[[], str]] = {
    DeliveryMode.PUSHED: lambda: _("gửi tới ngay khi phát"),
    DeliveryMode.PULLED: lambda: _("tự đọc nguồn tin, từ giờ phát trở đi"),
    DeliveryMode.MANUAL: lambda: _("có người đăng tay sau giờ phát"),
}
_REFUSALS: Mapping[RefusalReason, Callable[[], str]] = {
    RefusalReason.RETIRED: lambda: _("Kênh đã ngừng sử dụng."),
    RefusalReason.NOT_CHOSEN: lambda: _("Bản tin chỉ chọn một số kênh, không có kênh này."),
    RefusalReason.TOPIC: lambda: _("Kênh không nhận chuyên đề này."),
}
_HINDRANCES: Mapping[RecipientHindrance, Callable[[], str]] = {
    RecipientHindrance.PAUSED: lambda: _("Kênh đang tạm dừng; cho chạy tiếp thì nhận."),
    RecipientHindrance.NEEDS_AUTHORISATION: lambda: _("Kênh cần cấp quyền lại; cấp xong thì nhận."),
    RecipientHindrance.NO_KEY: lambda: _("Đối tác chưa có khóa để đọc nguồn tin."),
    RecipientHindrance.KEY_ENDED: lambda: _("Khóa đọc nguồn tin đã hết hạn hoặc bị hủy; cấp khóa mới thì nhận."),
}
_DOUBTS: Mapping[PartnerDoubt, Callable[[], str]] = {
    PartnerDoubt.NO_LICENCE: lambda: _("Chưa có giấy phép trong sổ"),
    PartnerDoubt.LICENCE_ENDED: lambda: _("Giấy phép không còn hiệu lực vào ngày phát"),
    PartnerDoubt.LICENCE_SCOPE: lambda: _("Phạm vi giấy phép không nêu chuyên đề này"),
    PartnerDoubt.NO_AGREEMENT: lambda: _("Chưa có văn bản chấp thuận trong sổ"),
    PartnerDoubt.AGREEMENT_ENDED: lambda: _("Văn bản chấp thuận không còn hiệu lực vào ngày phát"),
    PartnerDoubt.AGREEMENT_TOPICS: lambda: _("Văn bản chấp thuận không nêu chuyên đề này"),
}
