"""A text as each of our own accounts will show it: fitted to the account's limits, with what is cut said."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import gettext

from campaigns.publishing.channels import Channel
from campaigns.publishing.dressing import Dress
from campaigns.publishing.formatting import fit, split_paragraphs, within_bytes
from coordinator.channels import registry
from coordinator.web import formats
from coordinator.web.look import language

BARE = Dress()
MOST = 4  # panes beside the plain text; more accounts are read on their own pages


@dataclass(frozen=True)
class Preview:
    """One account's view. ``cuts``: a sentence for each part that does not fit whole."""

    key: str
    name: str
    kind: str
    title: str
    lead: str
    paragraphs: tuple[str, ...]
    cuts: tuple[str, ...]
    cover: str = ""  # the crop's address
    gap: bool = False  # the account shows a cover, and there is none

    @property
    def verdict(self) -> str:
        """As the tabs mark it: ``ok``, or ``warn`` when something is cut."""
        return "warn" if self.cuts or self.gap else "ok"


def previews(
    title: str, lead: str, body_text: str, channels: Iterable[Channel], dress: Dress = BARE, cover: str = ""
) -> tuple[Preview, ...]:
    """The text at each of the department's accounts among ``channels``, in the words it wears there; within their
    session. ``cover``: the address of its cover."""
    own = [channel for channel in channels if channel.company_id is None][:MOST]
    return tuple(_preview(title, lead, body_text, channel, dress, cover) for channel in own)


def _preview(title: str, lead: str, body_text: str, channel: Channel, dress: Dress, cover: str) -> Preview:
    kind = registry.kind_of(channel.kind)
    can, words = kind.capabilities, dress.for_channel(channel.code)
    title, lead, body_text = words.title or title, words.lead or lead, words.text or body_text
    return Preview(
        key=channel.code,
        name=channel.name,
        kind=kind.label_en if language() == "en" else kind.label_vi,
        title=fit(title, can.max_title),
        lead=fit(lead, can.max_lead),
        paragraphs=within_bytes(split_paragraphs(body_text), can.max_body_bytes),
        cuts=cuts_of(title, lead, body_text, channel.kind),
        cover=cover if can.needs_cover else "",
        gap=can.needs_cover and not cover,
    )


def cuts_of(title: str, lead: str, body_text: str, kind: str) -> tuple[str, ...]:
    """A sentence for each part of a text that a kind of channel does not take whole."""
    can = registry.kind_of(kind).capabilities
    whole = split_paragraphs(body_text)
    cuts = []
    if can.max_title is not None and len(title) > can.max_title:
        cuts.append(_cut(gettext("Tiêu đề"), len(title), can.max_title))
    if can.max_lead is not None and len(lead) > can.max_lead:
        cuts.append(_cut(gettext("Sapo"), len(lead), can.max_lead))
    if within_bytes(whole, can.max_body_bytes) != whole:
        cuts.append(str(gettext("Nội dung dài quá mức kênh nhận, phần cuối sẽ bị bỏ")))
    return tuple(cuts)


def _cut(what: object, length: int, limit: int) -> str:
    return str(
        gettext(
            "%(what)s dài %(length)s ký tự, kênh chỉ nhận %(limit)s: sẽ bị cắt",
            what=what,
            length=formats.number(length, language()),
            limit=formats.number(limit, language()),
        )
    )
