"""The form a bulletin is written in: what its fields hold, and the text they make."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

import sqlalchemy as sa
from flask import request
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from campaigns.core.errors import CampaignError, FieldError, Invalid
from campaigns.core.vietnamese import nfc
from campaigns.planning.campaigns import all_topics
from campaigns.publishing import working
from campaigns.publishing.bulletins import Bulletin, Revision
from campaigns.publishing.channels import Channel, ChannelState
from campaigns.publishing.drafting import Text, check_ready
from campaigns.publishing.dressing import Cover, Dress, Variant, of_json
from campaigns.publishing.working import WorkingCopy
from coordinator.channels import registry
from coordinator.imports.characters import storable
from coordinator.imports.cleaning import clean_html
from coordinator.imports.documents import ImportedText
from coordinator.imports.notes import Note
from coordinator.imports.plaintext import text_to_html
from coordinator.imports.reading import LARGEST
from coordinator.web.desk import choosing, inputs, picking
from coordinator.web.desk.picking import Picks, Thing
from coordinator.web.saying import _

Fields = MultiDict[str, str]
# What a form carries beside what was typed in it.
_OURS = frozenset({"csrf_token", "do", "draft", "version", "code", "open", "kenh", "focus"})
# The fields from the first to the last, as a reader meets them.
_ORDER = ("title", "lead", "body_html", "picture", "cover_alt", "topic", "campaign", "source_url", "variants",
          "note", "reach", "channels", "file")  # fmt: skip

PLAIN, HTML = "text", "html"
_BLOCK_ENDS = re.compile(r"(</(?:p|h2|h3|li|ul|ol|tr|table|figure|blockquote)>)(?=<)")


@dataclass(frozen=True)
class Words:
    """Title, lead and body as they stand in the boxes. ``body_as`` says how the body is read: plain text or HTML."""

    title: str = ""
    lead: str = ""
    body: str = ""
    body_as: str = PLAIN
    most: ClassVar[int] = LARGEST  # bytes of a body

    @classmethod
    def sent(cls, form: Fields) -> "Words":
        """From fields as a browser sends them."""
        return cls(
            title=nfc(form.get("title", "")).strip(),
            lead=nfc(form.get("lead", "")).strip(),
            body=nfc(form.get("body_html", "")).replace("\r\n", "\n").strip(),
            body_as=HTML if form.get("body_as") == HTML else PLAIN,
        )

    @classmethod
    def of(cls, text: Revision | Text | ImportedText) -> "Words":
        """A saved text to go on from: as plain text where that loses nothing, else as HTML."""
        plain = text.body_text
        whole = clean_html(text_to_html(plain)).html == text.body_html
        return cls(text.title, text.lead, plain if whole else _spread(text.body_html), PLAIN if whole else HTML)

    @property
    def html(self) -> str:
        """The body as the rich editor shows it: clean HTML. Empty for one too large to be taken, which is told so."""
        try:
            return self.text()[0].body_html
        except Invalid:
            return ""

    def text(self) -> tuple[Text, tuple[Note, ...]]:
        """The text to save, cleaned, and what cleaning left out. Raises ``Invalid`` on a body that is too large."""
        clean = clean_html(self.body if self.body_as == HTML else text_to_html(self.body))
        return Text(self.title, self.lead, clean.html, clean.text), clean.removed


@dataclass(frozen=True)
class Form:
    """All fields. ``channels`` None = every channel that is entitled; ``expected``: the revision it was opened at.

    ``draft`` names the form while it is open, ``version`` counts what was kept of it.
    """

    words: Words = Words()
    topic: str = ""
    campaign: str = ""
    source_url: str = ""
    channels: tuple[str, ...] | None = None
    expected: int | None = None
    cover: str = ""  # a picture's name
    cover_alt: str = ""
    variants: Mapping[str, Variant] = field(default_factory=dict)
    draft: str = field(default_factory=working.new_ident)
    version: int = 0

    @classmethod
    def sent(cls, form: Fields | None = None) -> "Form":
        """From fields as a browser sends them; those of the request without any."""
        form = request.form if form is None else form
        chosen = form.get("reach") == "chosen"
        return cls(
            words=Words.sent(form),
            topic=form.get("topic", "").strip(),
            campaign=form.get("campaign", "").strip(),
            source_url=form.get("source_url", "").strip(),
            channels=tuple(form.getlist("channels")) if chosen else None,
            expected=sent_expected(form),
            cover=form.get("cover", "").strip()[:40],
            cover_alt=" ".join(nfc(form.get("cover_alt", "")).split()),
            variants=_sent_variants(form),
            draft=form.get("draft", "")[:40] or working.new_ident(),
            version=sent_version(form),
        )

    @classmethod
    def of(cls, bulletin: Bulletin, revision: Revision) -> "Form":
        """A saved bulletin; within its session."""
        wanted, dress = bulletin.wanted_channels, of_json(revision.dress)
        return cls(
            words=Words.of(revision),
            topic=bulletin.topic.code,
            campaign=bulletin.campaign.code if bulletin.campaign else "",
            source_url=bulletin.source_url or "",
            channels=tuple(wanted) if wanted is not None else None,
            expected=revision.number,
            cover=dress.cover.picture if dress.cover else "",
            cover_alt=dress.cover.alt if dress.cover else "",
            variants=dress.variants,
        )

    def filled_from(self, text: ImportedText) -> "Form":
        """The same form with the text of a file in it; what the file does not say stays."""
        return replace(
            self,
            words=Words.of(text),
            topic=text.topic or self.topic,
            campaign=text.campaign or self.campaign,
            source_url=text.source_url or self.source_url,
        )

    @property
    def dress(self) -> Dress:
        """The cover and the words for channels."""
        cover = Cover(self.cover, self.cover_alt) if self.cover else None
        return Dress(cover, {code: one for code, one in self.variants.items() if one})

    def text(self) -> tuple[Text, tuple[Note, ...]]:
        """The text to save with what it wears, and what cleaning left out. Raises ``Invalid``."""
        text, removed = self.words.text()
        return replace(text, dress=self.dress), removed

    def faults(self, *, submits: bool) -> list[FieldError]:
        """What is wrong with the fields alone, so that it is told together with what the save finds: a body too large,
        a choice of channels that is none, and where the form ``submits``, what a text still lacks."""
        found = []
        if self.channels is not None and not self.channels:
            found.append(FieldError("reach", "none_chosen", "choose at least one channel, or all of them"))
        try:
            text, _removed = self.words.text()
        except Invalid as invalid:
            return [*found, *invalid.errors]
        return [*found, *check_ready(text)] if submits else found

    def text_or_bare(self) -> Text:
        """The text to save; without its body where that cannot be read, so that all else is looked at all the same."""
        try:
            return self.text()[0]
        except Invalid:
            return Text(self.words.title, self.words.lead, "", "", self.dress)

    @property
    def cleared(self) -> tuple[str, ...]:
        """The places left empty on purpose."""
        empty = {"campaign": not self.campaign, "source_url": not self.source_url, "channels": self.channels is None}
        return tuple(name for name, bare in empty.items() if bare)


@dataclass(frozen=True)
class OwnChannel:
    """An account of the department that words can be fitted to: its limits in characters and, for the text, bytes."""

    code: str
    name: str
    kind: str
    max_title: int | None
    max_lead: int | None
    max_body_bytes: int | None


@dataclass(frozen=True)
class Choices:
    """What the form offers: (value, words) of topics and campaigns, (value, words, hint) of channels, and the accounts
    of our own that a text is sent to, which may get other words. ``many``: too many channels to list, so they are
    picked (``picking``) and ``channels`` has the department's own alone."""

    topics: list[tuple[str, str]]
    plans: list[tuple[str, str]]
    channels: list[tuple[str, str, str]]
    own: list[OwnChannel]
    many: bool


def choices(session: Session, kept: str | None = None) -> Choices:
    """Topics in use and the one a bulletin has ``kept``, campaigns, and the channels in use, our own first."""
    every = all_topics(session)
    names = {one.code: one.name for one in every}
    offered = [(one.code, one.name) for one in every if one.retired_at is None or one.code == kept]
    query = (
        sa.select(Channel)
        .options(sa.orm.joinedload(Channel.company))
        .where(Channel.state != ChannelState.RETIRED)
        .order_by(Channel.company_id.is_not(None), Channel.name, Channel.id)
    )
    rows = session.execute(query.limit(picking.FEW + 1)).scalars().all()
    if many := len(rows) > picking.FEW:
        rows = session.execute(query.where(Channel.company_id.is_(None))).scalars().all()
    return Choices(
        topics=offered,
        plans=[(one.code, f"{one.number} · {one.name}") for one in choosing.plans(session)],
        channels=[(one.code, one.name, _hint(one, names)) for one in rows],
        own=[
            _own(one) for one in rows if one.company_id is None and not registry.kind_of(one.kind).capabilities.pulled
        ],
        many=many,
    )


def picked(session: Session, channels: Sequence[str] | None) -> Picks:
    """The field of single channels: as it was sent, or with what a stored text goes to."""
    if request.method == "POST":
        return picking.several(session, Thing.CHANNEL, "channels", request.form)
    return picking.stored(session, Thing.CHANNEL, "channels", channels or ())


def _own(channel: Channel) -> OwnChannel:
    kind = registry.kind_of(channel.kind)
    can = kind.capabilities
    return OwnChannel(channel.code, channel.name, kind.label_vi, can.max_title, can.max_lead, can.max_body_bytes)


def _hint(channel: Channel, names: Mapping[str, str]) -> str:
    owner = channel.company.name if channel.company else str(_("Tài khoản của Sở"))
    if channel.topics is None:
        return owner
    taken = ", ".join(names.get(one, one) for one in channel.topics)
    return str(_("%(owner)s · chỉ nhận %(topics)s", owner=owner, topics=taken))


def _sent_variants(form: Fields) -> dict[str, Variant]:
    """Words for channels from fields named ``variants.<channel>.<part>``."""
    found: dict[str, dict[str, str]] = {}
    for name in form:
        parts = name.split(".")
        if len(parts) == 3 and parts[0] == "variants" and parts[2] in {"title", "lead", "text"}:
            typed_ = storable(nfc(form.get(name, "")).replace("\r\n", "\n"))[0].strip()
            found.setdefault(parts[1], {})[parts[2]] = typed_ if parts[2] == "text" else " ".join(typed_.split())
    return {code: Variant(**words) for code, words in found.items()}


def said(error: CampaignError | None, faults: Sequence[FieldError] = ()) -> dict[str, str]:
    """Sentences by field for all that is wrong with a form at once, in the order in which the fields stand on the page:
    what the save found, and the form's own ``faults``, which know better why a body is not there."""
    found = inputs.said_of(faults)
    for name, words in (inputs.said(error) if error is not None else {}).items():
        found.setdefault("picture" if name == "cover" else name, words)
    place = {name: rank for rank, name in enumerate(_ORDER)}
    return dict(sorted(found.items(), key=lambda one: place.get(one[0].split(".")[0], len(place))))


def _spread(html: str) -> str:
    """HTML with a block a line, to be read by people; cleaned again it is the same text with the same hash."""
    return _BLOCK_ENDS.sub("\\1\n", html)


def typed(form: Fields) -> dict[str, list[str]]:
    """What was typed in a form, as a working copy keeps it."""
    return {name: form.getlist(name) for name in form if name not in _OURS}


def reopened(copy: WorkingCopy) -> Form:
    """The form as it was left."""
    form = Form.sent(MultiDict(copy.fields))
    return replace(form, draft=copy.ident, version=copy.version, expected=copy.base)


def sent_version(form: Fields) -> int:
    """What the form was last told of its working copy; 0 for anything that is no number."""
    text = form.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0


def sent_expected(form: Fields) -> int | None:
    """The revision the form was opened at; None for anything that is no number."""
    sent = form.get("expected", "")
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 8 else None


def worn_words(dress: Dress) -> str:
    """A cover and variants as lines to be read and compared."""
    lines = []
    if dress.cover is not None:
        lines.append(_("Ảnh bìa %(name)s: %(alt)s", name=dress.cover.picture[:8], alt=dress.cover.alt))
    for code, variant in sorted(dress.variants.items()):
        lines += [f"{code}: {part}" for part in (variant.title, variant.lead, *variant.text.splitlines()) if part]
    return "\n".join(lines)


def plain_of(text: Revision | Text) -> str:
    """A text as its readers see it, one paragraph a line: title, lead, body, and what it wears."""
    dress = of_json(text.dress) if isinstance(text, Revision) else text.dress or Dress()
    return "\n".join(part for part in (text.title, text.lead, text.body_text, worn_words(dress)) if part)
