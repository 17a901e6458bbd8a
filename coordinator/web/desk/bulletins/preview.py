"""The preview of a text on each channel of the department, and the check of what it lacks."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from html import unescape

import sqlalchemy as sa
from flask import render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape
from sqlalchemy.orm import Session

from campaigns.bulletins.body_items import BodyItem, BodyItemKind, body_items
from campaigns.bulletins.bulletins import Revision
from campaigns.bulletins.drafts import BulletinText
from campaigns.bulletins.formatting import fit_text, split_paragraphs, within_bytes
from campaigns.bulletins.media import MediaItem, with_media
from campaigns.bulletins.media import from_json as media_from_json
from campaigns.bulletins.pictures import idents_in, pictures_by_ident
from campaigns.bulletins.presentation import Presentation, from_json
from campaigns.bulletins.text_checks import (
    PictureFacts,
    ReceivingChannel,
    TextIssue,
    TextIssueKind,
    filing_issues,
    text_issues,
)
from campaigns.channels.channels import Channel, ChannelState
from campaigns.channels.transport import Capabilities
from campaigns.core.errors import Invalid
from campaigns.people.office import current_office
from campaigns.people.staff import Permission
from campaigns.planning.campaigns import Campaign
from coordinator.channels import registry
from coordinator.channels.email.transport import html_without_pictures
from coordinator.http.addresses import is_public_url
from coordinator.imports.text.plain_text import text_to_html
from coordinator.imports.text.sanitizer import clean_html
from coordinator.translation import _, language
from coordinator.web.auth.security import app_context, staff_required
from coordinator.web.desk.bulletins.forms import BulletinForm
from coordinator.web.desk.bulletins.recipient_counts import HOLDING_STATES, held_recipients, recipient_counts
from coordinator.web.kit.text import formats

NO_PRESENTATION, NO_PICTURES = Presentation(), PictureFacts()
MOST_PREVIEWS = 4  # panes of channels; further channels have the preview on their own pages
_PICTURE = re.compile(r'<img\b[^>]*?\bsrc="([^"]*)"(?:[^>]*?\balt="([^"]*)")?[^>]*>')


@dataclass(frozen=True)
class PreviewItem:
    """One paragraph, picture or video. ``image``: the address of a picture that the page may show, '' for any other;
    ``mark``: what stands there instead of a picture or video that it may not."""

    text: str
    image: str = ""
    mark: str = ""


@dataclass(frozen=True)
class ChannelPreview:
    """The preview at one place. The body is ``html`` where the place keeps the format, else ``items``. ``cuts``: a
    sentence for each part that is shortened; ``note``: how the place shows the text, for places that are no channel.
    """

    key: str
    name: str
    kind: str
    title: str
    lead: str
    items: tuple[PreviewItem, ...]
    cuts: tuple[str, ...]
    cover: str = ""  # the crop's address
    gap: str = ""  # why there is no cover where the channel shows one
    html: str = ""  # markup that may be shown as it is
    note: str = ""
    media: tuple[MediaItem, ...] = ()  # with their words, where the place shows them
    limited: bool = False  # whether the place is a channel, which may shorten a part

    @property
    def verdict(self) -> str:
        """Return the mark of a channel's tab: ``ok``, or ``warn`` when a part is shortened; '' for other places."""
        if not self.limited:
            return ""
        return "warn" if self.cuts or self.gap else "ok"


def channel_previews(
    text: BulletinText,
    channels: Iterable[Channel],
    presentation: Presentation = NO_PRESENTATION,
    pictures: PictureFacts = NO_PICTURES,
    *,
    office: str,
) -> tuple[ChannelPreview, ...]:
    """Return the text as shown at the public page, on each of the department's channels among ``channels`` (with the
    channel's own text where it has one), in feeds, in mails and as plain text; within their session.
    """
    # Each address of a mailing list is a channel: mails have one preview for all.
    own = [
        channel
        for channel in channels
        if channel.company_id is None and not registry.capabilities_of(channel.kind, channel.settings).mailed
    ]
    shown = tuple(_channel_preview(text, channel, presentation, pictures) for channel in own[:MOST_PREVIEWS])
    return (_web_preview(text, pictures), *shown, *_other_previews(text, office))


def _web_preview(text: BulletinText, pictures: PictureFacts) -> ChannelPreview:
    return ChannelPreview(
        "trang", _("Trang công khai"), _("Trang công khai của đơn vị"), text.title, text.lead, (), (),
        cover=pictures.cover_url, html=_shown_html(text.body_html), media=text.media or (),
    )  # fmt: skip


def _other_previews(text: BulletinText, office: str) -> tuple[ChannelPreview, ...]:
    """Return the text as feeds, mails and plain text give it: there is no cover, and nothing is shortened."""
    source = Markup("<p>{} <b>{}</b></p>").format(_("Nguồn:"), office)
    mail = _shown_html(html_without_pictures(text.body_html))
    plain = tuple(PreviewItem(paragraph) for paragraph in split_paragraphs(text.body_text))
    return (
        ChannelPreview(
            "nguon-tin", _("Nguồn tin"), _("Nguồn tin"), text.title, text.lead, (), (),
            html=_shown_html(text.body_html) + source,
            note=_("Đối tác đọc bằng máy; trang của đối tác tự chọn kiểu chữ."),
        ),
        ChannelPreview(
            "thu", _("Thư"), _("Thư điện tử"), text.title, text.lead, (), (),
            html=mail + source, note=_("Thư không mang ảnh, để không ai biết người nhận đã mở."),
        ),
        ChannelPreview(
            "chu", _("Chữ thuần"), _("Chữ thuần"), text.title, text.lead, (*plain, PreviewItem(source.striptags())), (),
        ),
    )  # fmt: skip


def _shown_html(body_html: str) -> Markup:
    """Return a cleaned body for the page, whose security policy allows pictures of this site only: others are named."""
    base = f"{app_context().job_context.addresses.base}/"

    def picture(found: re.Match[str]) -> str:
        if unescape(found[1]).startswith(base):
            return found[0]
        named = escape(_("Ảnh"))
        return f"[{named}] {found[2] or ''}"

    return Markup(_PICTURE.sub(picture, body_html))  # noqa: S704 - the cleaned text, as every page shows it


def _channel_preview(
    text: BulletinText, channel: Channel, presentation: Presentation, pictures: PictureFacts
) -> ChannelPreview:
    kind, can = registry.channel_kind(channel.kind), registry.capabilities_of(channel.kind, channel.settings)
    words = presentation.for_channel(channel.code)
    title, lead, body_text = words.title or text.title, words.lead or text.lead, words.text or text.body_text
    html = clean_html(text_to_html(words.text)).html if words.text else text.body_html
    items: tuple[PreviewItem, ...] = ()
    if can.items:
        seen = (
            _preview_item(item, can.item_pictures and item.url not in pictures.not_public) for item in body_items(html)
        )
        items = tuple(item for item in seen if item is not None)
    elif not can.formatted:
        kept = within_bytes(split_paragraphs(body_text), can.max_body_bytes)
        items = tuple(PreviewItem(paragraph) for paragraph in kept)
    hidden = can.fetches_pictures and pictures.cover_url in pictures.not_public
    gap = ""
    if can.needs_cover and (hidden or not pictures.cover_url):
        gap = _("Ảnh bìa mặc định của kênh") if hidden else _("Thiếu ảnh bìa, tỷ lệ 16:9")
    return ChannelPreview(
        key=channel.code,
        name=channel.name,
        kind=_(kind.label),
        title=fit_text(title, can.max_title),
        lead=fit_text(lead, can.max_lead),
        items=items,
        cuts=cut_messages(title, lead, body_text, can),
        cover=pictures.cover_url if can.needs_cover and not hidden else "",
        gap=gap,
        html=_shown_html(html) if can.formatted else "",
        limited=True,
    )


def _preview_item(item: BodyItem, is_shown: bool) -> PreviewItem | None:
    """Return an item; a picture or video that the channel does not show is nothing, or a line with its address."""
    if item.kind is BodyItemKind.TEXT:
        return PreviewItem(item.text)
    if not is_shown:
        return PreviewItem(f"{item.text}: {item.url}") if item.kind is BodyItemKind.VIDEO else None
    if item.kind is BodyItemKind.VIDEO:
        return PreviewItem(item.text, mark=_("Video"))
    # The page's security policy allows pictures of this site only.
    own = item.url.startswith(f"{app_context().job_context.addresses.base}/")
    return PreviewItem(item.text, image=item.url) if own else PreviewItem(item.text, mark=_("Ảnh"))


def cut_messages(title: str, lead: str, body_text: str, can: Capabilities) -> tuple[str, ...]:
    """Return a sentence for each part of a text that exceeds the limits of a channel."""
    whole = split_paragraphs(body_text)
    cuts = []
    if can.max_title is not None and len(title) > can.max_title:
        cuts.append(_cut_message(_("Tiêu đề"), len(title), can.max_title))
    if can.max_lead is not None and len(lead) > can.max_lead:
        cuts.append(_cut_message(_("Sapo"), len(lead), can.max_lead))
    if within_bytes(whole, can.max_body_bytes) != whole:
        cuts.append(str(_("Nội dung dài quá mức kênh nhận, phần cuối sẽ bị bỏ")))
    return tuple(cuts)


def _cut_message(what: object, length: int, limit: int) -> str:
    return str(
        _(
            "%(what)s dài %(length)s ký tự, kênh chỉ nhận %(limit)s: sẽ bị cắt",
            what=what,
            length=formats.number(length, language()),
            limit=formats.number(limit, language()),
        )
    )


@dataclass(frozen=True)
class TextCheck:
    """The findings as ``ui.checks`` draws them, the number of serious ones, and the previews. ``receivers``: who gets
    the text that is being written; ``held``: who of them later; '' for a saved text, whose page says more.
    """

    findings: tuple[dict[str, str], ...]
    grave: int
    previews: tuple[ChannelPreview, ...]
    receivers: str = ""
    held: str = ""


EMPTY_CHECK = TextCheck((), 0, ())


def check_form(form: BulletinForm) -> TextCheck:
    """Check a form's text as it would be published. A body that is too large is reported by the save, not here."""
    try:
        text, _removed = form.text()
    except Invalid:
        return EMPTY_CHECK
    text = replace(text, body_text=with_media(text.body_text, form.media.data))
    with app_context().job_context.database.read() as session:
        # Only a few are shown; suspended channels, which are often misconfigured, come after the active ones.
        resting = Channel.state == ChannelState.PAUSED
        query = sa.select(Channel).where(Channel.state != ChannelState.RETIRED).order_by(resting, Channel.id)
        wanted, topic = form.wanted_channels, form.topic.data
        channels = [
            channel
            for channel in session.execute(query).scalars()
            if (wanted is None or channel.code in wanted) and (not topic or channel.takes(topic))
        ]
        found = _check_text(
            session,
            text,
            form.presentation,
            channels,
            _campaign_findings(session, topic, form.campaign.data),
            linked=True,
        )
        partners = sum(channel.company_id is not None for channel in channels)
        held = sum(channel.state in HOLDING_STATES for channel in channels)
        words = recipient_counts(partners, len(channels) - partners)
        return replace(found, receivers=words, held=held_recipients(held))


def check_revision(session: Session, revision: Revision, channels: Sequence[Channel]) -> TextCheck:
    """Check a saved text on its channels."""
    items = media_from_json(revision.media)
    text = BulletinText(revision.title, revision.lead, revision.body_html, revision.body_text, media=items)
    bulletin = revision.bulletin
    misfiled = _campaign_findings(session, bulletin.topic.code, bulletin.campaign.code if bulletin.campaign else "")
    return _check_text(session, text, from_json(revision.presentation), channels, misfiled, linked=False)


def _campaign_findings(session: Session, topic: str, campaign: str) -> Sequence[TextIssue]:
    plan = session.execute(sa.select(Campaign).where(Campaign.code == campaign)).scalar_one_or_none()
    return filing_issues(topic, plan.plan_number, [topic.code for topic in plan.topics]) if plan is not None else ()


def _check_text(
    session: Session,
    text: BulletinText,
    presentation: Presentation,
    channels: Sequence[Channel],
    more: Sequence[TextIssue],
    *,
    linked: bool,
) -> TextCheck:
    facts = _picture_facts(session, text.body_html, presentation)
    # Partners' feeds have no limits; only the department's own channels can shorten or refuse a text.
    own = [
        ReceivingChannel(channel.code, channel.name, registry.capabilities_of(channel.kind, channel.settings))
        for channel in channels
        if channel.company_id is None
    ]
    found = (*text_issues(text.title, text.lead, text.body_html, text.body_text, presentation, own, facts), *more)
    return TextCheck(
        tuple(_finding_row(issue, linked=linked) for issue in found),
        sum(issue.grave for issue in found),
        channel_previews(text, channels, presentation, facts, office=current_office(session).name),
    )


def _picture_facts(session: Session, body_html: str, presentation: Presentation) -> PictureFacts:
    addresses = app_context().job_context.addresses
    cover = presentation.cover.picture if presentation.cover is not None else ""
    known = pictures_by_ident(session, [cover, *idents_in(body_html)])
    cover_url = addresses.picture(cover, ratio="16x9") if cover in known else ""
    used = [item.url for item in body_items(body_html) if item.kind is not BodyItemKind.TEXT]
    return PictureFacts(
        sizes={ident: (picture.width, picture.height) for ident, picture in known.items()},
        lengths={addresses.picture(ident, picture.suffix): picture.length for ident, picture in known.items()},
        cover_url=cover_url,
        not_public=frozenset(url for url in (cover_url, *used) if url and not is_public_url(url)),
    )


def _finding_row(finding: TextIssue, *, linked: bool) -> dict[str, str]:
    text, note = _finding_text(finding)
    anchor = finding.field.replace(".", "-").replace("_", "-")
    return {
        "verdict": "bad" if finding.grave else "warn",
        "text": text,
        "note": note,
        "href": f"#{anchor}" if linked else "",
    }


def _finding_text(issue: TextIssue) -> tuple[str, str]:
    number, limit = formats.number(issue.number, language()), formats.number(issue.limit, language())
    match issue.kind:
        case TextIssueKind.TITLE_CUT:
            return _("%(name)s cắt tiêu đề sau %(limit)s ký tự", name=issue.channel, limit=limit), _(
                "Tiêu đề dài %(number)s ký tự; rút ngắn, hoặc viết tiêu đề riêng cho nơi này.", number=number
            )
        case TextIssueKind.LEAD_CUT:
            return _("%(name)s cắt sapo sau %(limit)s ký tự", name=issue.channel, limit=limit), _(
                "Sapo dài %(number)s ký tự; rút ngắn, hoặc viết sapo riêng cho nơi này.", number=number
            )
        case TextIssueKind.BODY_CUT:
            return _("%(name)s bỏ phần cuối của bài", name=issue.channel), _(
                "Bài nặng %(number)s, nơi này nhận %(limit)s (chữ có dấu nặng gấp đôi); viết bản rút gọn riêng.",
                number=formats.file_size(issue.number, language()), limit=formats.file_size(issue.limit, language()),
            )  # fmt: skip
        case TextIssueKind.NO_COVER:
            return _("Thiếu ảnh bìa"), _("%(name)s sẽ dùng ảnh bìa chung của tài khoản.", name=issue.channel)
        case TextIssueKind.COVER_ALT:
            return _("Ảnh bìa chưa có mô tả"), _("Người khiếm thị và máy đọc cần một câu nói ảnh có gì.")
        case TextIssueKind.COVER_SMALL:
            return _("Ảnh bìa nhỏ"), _(
                "Rộng %(number)s điểm; dưới %(limit)s × 360 sẽ mờ trên điện thoại.", number=number, limit=limit
            )
        case TextIssueKind.COVER_NOT_PUBLIC:
            return _("%(name)s không tải được ảnh bìa này", name=issue.channel), _(
                "Ảnh ở địa chỉ nội bộ, không mở được từ Internet; bài lên với ảnh bìa mặc định của kênh. Ảnh này chỉ "
                "lên được khi hệ thống có địa chỉ công khai (LANTOA_BASE_URL)."
            )
        case TextIssueKind.IMAGES_NOT_PUBLIC:
            return _("%(name)s bỏ %(number)s ảnh trong bài", name=issue.channel, number=number), _(
                "Ảnh ở địa chỉ nội bộ, không mở được từ Internet."
            )
        case TextIssueKind.IMAGES_HEAVY:
            return _("Ảnh trong bài nặng quá mức %(name)s nhận", name=issue.channel), _(
                "Ảnh nặng nhất %(number)s, nơi này nhận %(limit)s; thu nhỏ ảnh rồi chèn lại, nếu không bài có thể lên "
                "thiếu ảnh.",
                number=formats.file_size(issue.number, language()), limit=formats.file_size(issue.limit, language()),
            )  # fmt: skip
        case TextIssueKind.IMAGE_ALT:
            return _("Ảnh thứ %(number)s trong bài chưa có mô tả", number=number), _(
                "Chọn ảnh, bấm nút ảnh, viết một câu ảnh có gì."
            )
        case TextIssueKind.NO_LEAD:
            return _("Chưa có sapo"), _("Nhiều nơi chỉ hiện tiêu đề và sapo.")
        case TextIssueKind.TOO_SHORT:
            return _("Tin ngắn quá để nhận ra bài đăng lại"), _(
                "Mới có %(number)s chữ, cần ít nhất %(limit)s; nơi khác đăng lại thì máy không tính được.",
                number=number, limit=limit,
            )  # fmt: skip
        case TextIssueKind.HERE_WITHOUT_LINK:
            return _("“%(words)s” nhưng bài không có đường dẫn nào", words=issue.words), _(
                "Bôi chữ ấy rồi gắn đường dẫn."
            )
        case TextIssueKind.ADDRESS_NOT_LINKED:
            return _("%(words)s chưa bấm được", words=issue.words), _("Địa chỉ mới là chữ; gắn đường dẫn cho nó.")
        case TextIssueKind.OTHER_PLAN:
            return _("Kế hoạch %(plan)s không gồm chuyên đề này", plan=issue.words), _(
                "Lượt lan tỏa của bản tin sẽ tính cho kế hoạch ấy; chọn kế hoạch khác hoặc để trống."
            )
        case TextIssueKind.HELD_WORDS:
            return _("Có chữ “%(words)s”", words=issue.words), _(
                "Thường chỉ có trong văn bản chưa được phổ biến; xem lại trước khi gửi đi."
            )


@staff_required(Permission.WRITE)
def preview_fragment() -> ResponseReturnValue:
    """Return the checks and previews of the form as it is typed, for the script of the page."""
    return render_template(
        "desk/bulletins/preview.html",
        look=check_form(BulletinForm.of_request()),
        correcting="correcting" in request.args,
    )
