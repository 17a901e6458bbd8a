"""The bulletin form: its fields, the text they make, and its choices."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from wtforms import FileField
from wtforms.utils import unset_value

from campaigns.bulletins import autosave, media
from campaigns.bulletins.autosave import WorkingCopy
from campaigns.bulletins.bulletins import Bulletin, Revision
from campaigns.bulletins.drafts import BulletinText, readiness_errors, text_of
from campaigns.bulletins.media import MediaItem, MediaKind, kept_items
from campaigns.bulletins.presentation import Cover, Presentation, Variant, from_json
from campaigns.bulletins.templates import TemplateVersion
from campaigns.channels.channels import Channel, ChannelState
from campaigns.core.errors import FieldError, Invalid
from campaigns.core.vietnamese import nfc
from campaigns.planning.campaigns import all_topics
from campaigns.search.autocomplete import PickableKind
from coordinator.channels import registry
from coordinator.imports.documents.imported_text import ImportedText
from coordinator.imports.text.characters import remove_controls
from coordinator.imports.text.html_reader import MAX_HTML_BYTES
from coordinator.imports.text.notes import ImportNote
from coordinator.imports.text.plain_text import text_to_html
from coordinator.imports.text.sanitizer import clean_html
from coordinator.translation import _
from coordinator.web.auth.security import app_context
from coordinator.web.kit.forms import autocomplete
from coordinator.web.kit.forms.field_types import (
    InputField,
    OneOfField,
    PickManyField,
    TextField,
    TokenField,
    VersionField,
)
from coordinator.web.kit.forms.page_form import PageForm
from coordinator.web.kit.lists import report_scope

Fields = MultiDict[str, str]
_OURS = frozenset(
    {"csrf_token", "do", "draft", "version", "code", "open", "kenh", "focus", "library", "library_q", "media_q"}
)
PLAIN, HTML = "text", "html"
_MEDIUM = re.compile(r"media\.(\d+)")
_BLOCK_ENDS = re.compile(r"(</(?:p|h2|h3|li|ul|ol|tr|table|figure|blockquote)>)(?=<)")


def unix_lines(text: str) -> str:
    """Return a text whose lines end in a line feed alone."""
    return text.replace("\r\n", "\n")


def one_line(text: str) -> str:
    """Return a text with a single space in place of each gap."""
    return " ".join(text.split())


@dataclass(frozen=True)
class TextFields:
    """Title, lead and body as entered. ``body_as``: how the body is read, plain text or HTML."""

    title: str = ""
    lead: str = ""
    body: str = ""
    body_as: str = PLAIN
    most: ClassVar[int] = MAX_HTML_BYTES  # bytes of a body

    @classmethod
    def from_text(cls, text: Revision | TemplateVersion | BulletinText | ImportedText) -> "TextFields":
        """Build the fields from a saved text: as plain text where that loses nothing, else as HTML."""
        plain = text.body_text
        whole = clean_html(text_to_html(plain)).html == text.body_html
        return cls(
            text.title, text.lead, plain if whole else _one_block_a_line(text.body_html), PLAIN if whole else HTML
        )

    @property
    def values(self) -> dict[str, object]:
        """Return the values of the form's fields."""
        return {"title": self.title, "lead": self.lead, "body_html": self.body, "body_as": self.body_as}

    @property
    def html(self) -> str:
        """Return the body as clean HTML for the rich editor; empty when it exceeds the limit, which is reported as an
        error.
        """
        try:
            return self.text()[0].body_html
        except Invalid:
            return ""

    def text(self) -> tuple[BulletinText, tuple[ImportNote, ...]]:
        """Return the cleaned text, and notes on what cleaning removed. Raises ``Invalid`` for a
        body that is too large.
        """
        clean = clean_html(self.body if self.body_as == HTML else text_to_html(self.body))
        return BulletinText(self.title, self.lead, clean.html, clean.text), clean.removed


class VariantsField(InputField):
    """The texts for single channels by channel code, from the inputs ``variants.<channel>.<part>``."""

    data: Mapping[str, Variant]

    def process(
        self, formdata: MultiDict[str, str] | None, data: Any = unset_value, extra_filters: object = None
    ) -> None:
        """Read the inputs, or take the stored texts."""
        del extra_filters
        self.process_errors = []
        self.data = {} if data is unset_value else data
        if formdata is None:
            return
        found: dict[str, dict[str, str]] = {}
        for name in formdata:
            parts = name.split(".")
            if len(parts) == 3 and parts[0] == self.name and parts[2] in {"title", "lead", "text"}:
                typed = remove_controls(nfc(formdata.get(name, "")).replace("\r\n", "\n")).strip()
                found.setdefault(parts[1], {})[parts[2]] = typed if parts[2] == "text" else " ".join(typed.split())
        self.data = {code: Variant(**words) for code, words in found.items()}


class MediaField(InputField):
    """The media of a text: their idents from the inputs ``media`` in their order, and the words of each from
    ``media.<ident>.<part>``."""

    data: tuple[MediaItem, ...]

    def process(
        self, formdata: MultiDict[str, str] | None, data: Any = unset_value, extra_filters: object = None
    ) -> None:
        """Read the inputs, or take the stored media."""
        del extra_filters
        self.process_errors = []
        self.data = () if data is unset_value else tuple(data)
        if formdata is None:
            return
        idents = list(dict.fromkeys(ident[:32] for ident in formdata.getlist(self.name)))

        def part(ident: str, name: str) -> str:
            return remove_controls(nfc(formdata.get(f"{self.name}.{ident}.{name}", "")).replace("\r\n", "\n")).strip()

        parts = {ident: (part(ident, "poster")[:32], part(ident, "captions")[:32]) for ident in idents}
        with app_context().job_context.database.read() as session:
            kept = kept_items(session, {*idents, *(name for pair in parts.values() for name in pair)})
        self.data = tuple(
            replace(
                kept.get(ident, MediaItem(ident=ident, kind=MediaKind.DOCUMENT, sha256="", mime="", length=0)),
                alt=one_line(part(ident, "alt")),
                text=part(ident, "text"),
                poster=kept.get(parts[ident][0]),
                captions=kept.get(parts[ident][1]),
            )
            for ident in idents
        )


class BulletinForm(PageForm):
    """The form of a bulletin or a correction. ``expected``: the revision it was opened at, 0 for none. ``draft`` names
    the working copy, ``version`` counts its saves. ``note`` is a correction's; ``picture`` and ``file`` are uploads.
    """

    error_names = {"cover": "picture"}

    title = TextField(required=True, filters=[nfc])
    lead = TextField(filters=[nfc])
    body_html = TextField(filters=[nfc, unix_lines])
    body_as = OneOfField((PLAIN, HTML))
    picture = FileField()
    cover = TextField(filters=[lambda name: name[:40]])  # a picture's name
    cover_alt = TextField(filters=[nfc, one_line])
    media = MediaField()
    media_file = FileField()
    topic = TextField(required=True)
    campaign = TextField()
    source_url = TextField()
    variants = VariantsField()
    note = TextField(required=True)
    reach = OneOfField(("all", "chosen"))
    channels = PickManyField(PickableKind.CHANNEL, ("reach", "chosen"))
    file = FileField()
    template = TextField(filters=[lambda name: name[:30]])  # the template that a new bulletin is begun from
    draft = TokenField(make=autosave.new_ident)
    version = VersionField()
    expected = VersionField()

    def add_messages(self, messages: Mapping[str, str]) -> None:
        """Put sentences at the fields that they are named for, those of a medium (``media.0.alt``) at its words."""
        named = {}
        for name, sentence in messages.items():
            place = _MEDIUM.match(name)
            known = place is not None and int(place[1]) < len(self.media.data)
            named[f"media.{self.media.data[int(place[1])].ident}{name[place.end() :]}" if known and place else name] = (
                sentence
            )
        super().add_messages(named)

    @property
    def words(self) -> TextFields:
        """Return title, lead and body as entered."""
        return TextFields(self.title.data, self.lead.data, self.body_html.data, self.body_as.data)

    @property
    def wanted_channels(self) -> tuple[str, ...] | None:
        """Return the chosen channels, None = every eligible channel."""
        return tuple(self.channels.data) if self.reach.data == "chosen" else None

    def fill(self, values: Mapping[str, object]) -> None:
        """Replace the data of fields."""
        for name, value in values.items():
            self[name].process_data(value)

    def fill_from(self, text: ImportedText) -> None:
        """Take the text of a file; fields that the file does not have are kept."""
        more = {"topic": text.topic, "campaign": text.campaign, "source_url": text.source_url}
        self.fill(TextFields.from_text(text).values | {name: value for name, value in more.items() if value})

    @property
    def presentation(self) -> Presentation:
        """Return the cover and the texts for channels."""
        cover = Cover(self.cover.data, self.cover_alt.data) if self.cover.data else None
        return Presentation(cover, {code: variant for code, variant in self.variants.data.items() if variant})

    def text(self) -> tuple[BulletinText, tuple[ImportNote, ...]]:
        """Return the text with its cover and channel texts, and notes on what cleaning removed. Raises ``Invalid``."""
        text, removed = self.words.text()
        return replace(text, presentation=self.presentation, media=self.media.data), removed

    def faults(self, *, submits: bool) -> list[FieldError]:
        """Return the errors of the fields alone, to be reported together with those of the save: a body that is too
        large, an invalid choice of channels, and, where the form ``submits``, missing parts of the text.
        """
        found = []
        if self.wanted_channels == ():
            found.append(FieldError("reach", "none_chosen", "choose at least one channel, or all of them"))
        try:
            text, _removed = self.words.text()
        except Invalid as invalid:
            return [*found, *invalid.errors]
        return [*found, *readiness_errors(replace(text, media=self.media.data))] if submits else found

    def text_or_bare(self) -> BulletinText:
        """Return the text to save; without its body where that cannot be read, so that the other fields are still
        checked.
        """
        try:
            return self.text()[0]
        except Invalid:
            return BulletinText(self.title.data, self.lead.data, "", "", self.presentation, media=self.media.data)

    @property
    def cleared(self) -> tuple[str, ...]:
        """Return the fields that were left empty on purpose."""
        empty = {
            "campaign": not self.campaign.data,
            "source_url": not self.source_url.data,
            "channels": self.wanted_channels is None,
        }
        return tuple(name for name, bare in empty.items() if bare)


def stored_values(bulletin: Bulletin, revision: Revision) -> dict[str, object]:
    """Return the values of the fields for a saved bulletin, within its session."""
    presentation = from_json(revision.presentation)
    return TextFields.from_text(text_of(revision)).values | {
        "topic": bulletin.topic.code,
        "campaign": bulletin.campaign.code if bulletin.campaign else "",
        "source_url": bulletin.source_url,
        **channel_values(bulletin.wanted_channels),
        "expected": revision.number,
        "cover": presentation.cover.picture if presentation.cover else "",
        "cover_alt": presentation.cover.alt if presentation.cover else "",
        "variants": presentation.variants,
        "media": media.from_json(revision.media),
    }


def channel_values(wanted: Sequence[str] | None) -> dict[str, object]:
    """Return the values of the fields for chosen channels, None = every eligible channel."""
    return {"reach": "all" if wanted is None else "chosen", "channels": wanted}


@dataclass(frozen=True)
class OwnChannel:
    """A channel of the department with its own text: its limits in characters and, for the text, bytes."""

    code: str
    name: str
    kind: str
    max_title: int | None
    max_lead: int | None
    max_body_bytes: int | None


@dataclass(frozen=True)
class FormChoices:
    """The choices of the form: (value, label) of topics and campaigns, (value, label, hint) of channels, and the
    department's channels that may get other texts. ``many``: too many channels to list, so they are searched for
    (``picking``) and ``channels`` has only the department's own.
    """

    topics: list[tuple[str, str]]
    plans: list[tuple[str, str]]
    channels: list[tuple[str, str, str]]
    own: list[OwnChannel]
    many: bool

    @property
    def title_limits(self) -> list[tuple[str, int]]:
        """The limits of a title on the department's channels, each with the names of its channels."""
        return _by_limit((channel.name, channel.max_title) for channel in self.own)

    @property
    def lead_limits(self) -> list[tuple[str, int]]:
        """The limits of a lead, likewise."""
        return _by_limit((channel.name, channel.max_lead) for channel in self.own)


def _by_limit(limits: Iterable[tuple[str, int | None]]) -> list[tuple[str, int]]:
    names: dict[int, list[str]] = {}
    for name, limit in limits:
        if limit is not None:
            names.setdefault(limit, []).append(name)
    return [(", ".join(names[limit]), limit) for limit in sorted(names)]


def form_choices(session: Session, kept: str | None = None) -> FormChoices:
    """Return the choices: active topics and the bulletin's own (``kept``), campaigns, and active channels, own channels
    first.
    """
    every = all_topics(session)
    names = {topic.code: topic.name for topic in every}
    offered = [(topic.code, topic.name) for topic in every if topic.retired_at is None or topic.code == kept]
    query = (
        sa.select(Channel)
        .options(sa.orm.joinedload(Channel.company))
        .where(Channel.state != ChannelState.RETIRED)
        .order_by(Channel.company_id.is_not(None), Channel.name, Channel.id)
    )
    rows = session.execute(query.limit(autocomplete.FIRST_OFFERS + 1)).scalars().all()
    if many := len(rows) > autocomplete.FIRST_OFFERS:
        rows = session.execute(query.where(Channel.company_id.is_(None))).scalars().all()
    return FormChoices(
        topics=offered,
        plans=[
            (campaign.code, f"{campaign.number} · {campaign.name}")
            for campaign in report_scope.campaign_choices(session)
        ],
        channels=[(channel.code, channel.name, _hint(channel, names)) for channel in rows],
        own=[
            _own_channel(channel)
            for channel in rows
            if channel.company_id is None and not registry.channel_kind(channel.kind).capabilities.pulled
        ],
        many=many,
    )


def _own_channel(channel: Channel) -> OwnChannel:
    kind = registry.channel_kind(channel.kind)
    can = registry.capabilities_of(channel.kind, channel.settings)
    return OwnChannel(channel.code, channel.name, _(kind.label), can.max_title, can.max_lead, can.max_body_bytes)


def _hint(channel: Channel, names: Mapping[str, str]) -> str:
    owner = channel.company.name if channel.company else str(_("Tài khoản của Sở"))
    if channel.topics is None:
        return owner
    taken = ", ".join(names.get(topic, topic) for topic in channel.topics)
    return str(_("%(owner)s · chỉ nhận %(topics)s", owner=owner, topics=taken))


def _one_block_a_line(html: str) -> str:
    """Return the HTML with one block per line for display; cleaned again it has the same hash."""
    return _BLOCK_ENDS.sub("\\1\n", html)


def form_fields(form: Fields) -> dict[str, list[str]]:
    """Return the form's fields as a working copy stores them."""
    return {name: form.getlist(name) for name in form if name not in _OURS}


def form_from_draft(copy: WorkingCopy) -> BulletinForm:
    """Return the form that a working copy stores."""
    form = BulletinForm(MultiDict(copy.fields))
    form.fill({"draft": copy.ident, "version": copy.version, "expected": copy.base})
    return form


def presentation_lines(presentation: Presentation) -> str:
    """Return cover and variants as lines for display and comparison."""
    lines = []
    if presentation.cover is not None:
        lines.append(_("Ảnh bìa %(name)s: %(alt)s", name=presentation.cover.picture[:8], alt=presentation.cover.alt))
    for code, variant in sorted(presentation.variants.items()):
        lines += [f"{code}: {part}" for part in (variant.title, variant.lead, *variant.text.splitlines()) if part]
    return "\n".join(lines)


def media_lines(items: Iterable[MediaItem]) -> str:
    """Return the media of a text as lines for comparison: another file, poster or captions is another line."""
    lines = []
    for item in items:
        parts = [part.ident[:8] for part in (item, item.poster, item.captions) if part is not None]
        lines.append(_("Tệp %(name)s: %(alt)s", name=" + ".join(parts), alt=item.alt))
    return "\n".join(lines)


def plain_text(text: Revision | BulletinText) -> str:
    """Return a text as readers see it, one paragraph per line: title, lead, body, cover and variants."""
    if isinstance(text, Revision):
        presentation, body = from_json(text.presentation), text.body_text
    else:
        presentation, body = text.presentation or Presentation(), media.with_media(text.body_text, text.media or ())
    return "\n".join(part for part in (text.title, text.lead, body, presentation_lines(presentation)) if part)
