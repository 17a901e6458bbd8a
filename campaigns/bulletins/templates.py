"""Templates of bulletins: a text with placeholders that writers begin bulletins from.

A template is no bulletin: it has no code, is never submitted, published or counted. Its texts are immutable versions
like a bulletin's revisions. A bulletin names the version that it was begun from: until its first release, whoever wrote
that version or one before it may not approve the bulletin (``release/workflow.py``).
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.bulletins import placeholders
from campaigns.bulletins.bulletins import LONGEST_WORDS, Bulletin
from campaigns.bulletins.drafts import (
    BulletinText,
    check_filing,
    check_references,
    text_errors,
)
from campaigns.bulletins.presentation import Cover, Presentation, Variant, from_json, to_json
from campaigns.channels.channels import Channel, ChannelState
from campaigns.core import journal
from campaigns.core.advisory_locks import AdvisoryLock, acquire_until_commit
from campaigns.core.base import Base, UTCDateTime, public_id
from campaigns.core.errors import Conflict, FieldError, Invalid, NotFound
from campaigns.core.listing import ListFilter, argument
from campaigns.core.vietnamese import fold
from campaigns.people.staff import Actor, Permission
from campaigns.planning.campaigns import Topic

LONGEST_NAME = 120  # characters


class BulletinTemplate(Base):
    """One template. ``latest``: the number of its newest text; ``search``: its folded name and title."""

    __tablename__ = "bulletin_templates"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(30), unique=True)
    name: Mapped[str] = mapped_column(sa.String(LONGEST_NAME))
    search: Mapped[str] = mapped_column(sa.Text)
    latest: Mapped[int]
    created_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    edited_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    archived_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)

    versions: Mapped[list["TemplateVersion"]] = relationship(
        back_populates="template", order_by="TemplateVersion.number"
    )

    def version(self, number: int) -> "TemplateVersion":
        """The text with this number."""
        return next(row for row in self.versions if row.number == number)


class TemplateVersion(Base):
    """One immutable text of a template. ``wanted_channels``: codes of channels; None: every entitled channel."""

    __tablename__ = "bulletin_template_versions"

    id: Mapped[int] = mapped_column(primary_key=True)
    template_id: Mapped[int] = mapped_column(sa.ForeignKey("bulletin_templates.id"))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(sa.String(500))
    lead: Mapped[str] = mapped_column(sa.Text)
    body_html: Mapped[str] = mapped_column(sa.Text)
    body_text: Mapped[str] = mapped_column(sa.Text)
    presentation: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    topic_id: Mapped[int] = mapped_column(sa.ForeignKey("topics.id"))
    source_url: Mapped[str | None] = mapped_column(sa.String(1000))
    wanted_channels: Mapped[list[str] | None] = mapped_column(sa.JSON(none_as_null=True))
    author: Mapped[str] = mapped_column(sa.String(200))
    author_name: Mapped[str] = mapped_column(sa.String(120))
    created_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)

    template: Mapped[BulletinTemplate] = relationship(back_populates="versions")
    topic: Mapped[Topic] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (sa.UniqueConstraint("template_id", "number"),)


def _has_words(text: str) -> sa.ColumnElement[bool]:
    words = fold(text).split()
    return sa.and_(sa.true(), *(BulletinTemplate.search.contains(word, autoescape=True) for word in words))


@dataclass(frozen=True)
class TemplateFilter(ListFilter):
    """Filter of the list of templates. ``q``: words of name and title; ``archived``: those that are archived, in place
    of those in use."""

    q: str = argument("", longest=LONGEST_WORDS, where=_has_words)
    archived: bool = False


def in_use(filters: TemplateFilter) -> sa.ColumnElement[bool]:
    """The condition of ``archived``, which holds for both of its values."""
    archived = BulletinTemplate.archived_at.is_not(None)
    return archived if filters.archived else sa.not_(archived)


@dataclass(frozen=True)
class TemplateContent:
    """A template as entered. ``channels``: None for all that are entitled."""

    name: str
    text: BulletinText
    topic: str
    source_url: str | None = None
    channels: Sequence[str] | None = None


def create_template(session: Session, actor: Actor, wanted: TemplateContent, *, now: dt.datetime) -> BulletinTemplate:
    """Save a new template. Raises ``Invalid`` naming every bad field, ``Forbidden``."""
    actor.require(Permission.WRITE)
    acquire_until_commit(session, AdvisoryLock.CODES)
    topic = _check_input(session, wanted, None)
    template = BulletinTemplate(
        public=public_id("tpl"), name=_one_line(wanted.name), search="", latest=0, created_at=now, edited_at=now
    )
    session.add(template)
    session.flush()
    version = _add_version(session, actor, template, wanted, topic, now=now)
    details = {"name": template.name, "title": version.title, "topic": topic.code}
    journal.record(session, actor.id, "template.written", "template", template.public, details, now=now)
    return template


def change_template(
    session: Session,
    actor: Actor,
    public: str,
    wanted: TemplateContent,
    *,
    expected: int | None = None,
    now: dt.datetime,
) -> BulletinTemplate:
    """Save another text, name or filing. ``expected``: the version that the writer started from.

    Raises ``Conflict`` (code ``template_changed``) when another was saved since, or (``template_archived``) when it is
    archived; ``Invalid``, ``NotFound``, ``Forbidden``. The same values again change nothing.
    """
    actor.require(Permission.WRITE)
    acquire_until_commit(session, AdvisoryLock.CODES)
    template = find_template(session, public, for_update=True)
    if template.archived_at is not None:
        raise Conflict(f"the template {template.name} is archived", code="template_archived", template=template.name)
    if expected is not None and expected != template.latest:
        raise Conflict(
            f"somebody else changed the template {template.name}",
            code="template_changed",
            template=template.name,
        )
    before = template.version(template.latest)
    topic = _check_input(session, wanted, template)
    name, renamed = template.name, template.name != _one_line(wanted.name)
    template.name = _one_line(wanted.name)
    if _values(before) == _input_values(wanted, topic):
        if renamed:
            _rename(session, actor, template, name, now=now)
        return template
    version = _add_version(session, actor, template, wanted, topic, now=now)
    details = {"name": template.name, "title": version.title, "topic": topic.code, "version": version.number}
    journal.record(session, actor.id, "template.changed", "template", public, details, now=now)
    return template


def rename_template(session: Session, actor: Actor, public: str, name: str, *, now: dt.datetime) -> BulletinTemplate:
    """Give a template another name; its text, and who wrote it, stay. Raises ``Invalid``, ``NotFound``."""
    actor.require(Permission.WRITE)
    acquire_until_commit(session, AdvisoryLock.CODES)
    template = find_template(session, public, for_update=True)
    if errors := _name_errors(session, name, template):
        raise Invalid(errors)
    before, template.name = template.name, _one_line(name)
    if template.name != before:
        _rename(session, actor, template, before, now=now)
    return template


def archive_template(session: Session, actor: Actor, public: str, *, now: dt.datetime) -> BulletinTemplate:
    """Archive a template: nothing new is begun from it. Bulletins that were keep their text."""
    actor.require(Permission.WRITE)
    template = find_template(session, public, for_update=True)
    if template.archived_at is None:
        template.archived_at = now
        session.flush()
        journal.record(session, actor.id, "template.archived", "template", public, {"name": template.name}, now=now)
    return template


def restore_template(session: Session, actor: Actor, public: str, *, now: dt.datetime) -> BulletinTemplate:
    """Take an archived template into use again. Raises ``Invalid`` when another has its name."""
    actor.require(Permission.WRITE)
    acquire_until_commit(session, AdvisoryLock.CODES)
    template = find_template(session, public, for_update=True)
    if template.archived_at is not None:
        if errors := _name_errors(session, template.name, template):
            raise Invalid(errors)
        template.archived_at = None
        session.flush()
        journal.record(session, actor.id, "template.restored", "template", public, {"name": template.name}, now=now)
    return template


def find_template(session: Session, public: str, *, for_update: bool = False) -> BulletinTemplate:
    """The template with this public id, locked if it is about to change. Raises ``NotFound``."""
    query = sa.select(BulletinTemplate).where(BulletinTemplate.public == public)
    if for_update:
        query = query.with_for_update().execution_options(populate_existing=True)
    row = session.execute(query).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no template {public}", template=public)
    return row


def templates_of_topic(session: Session, topic: str) -> Sequence[BulletinTemplate]:
    """The templates in use whose newest text is on a topic, by name."""
    newest = sa.and_(
        TemplateVersion.template_id == BulletinTemplate.id, TemplateVersion.number == BulletinTemplate.latest
    )
    query = (
        sa.select(BulletinTemplate)
        .join(TemplateVersion, newest)
        .join(Topic, Topic.id == TemplateVersion.topic_id)
        .where(BulletinTemplate.archived_at.is_(None), Topic.code == topic)
        .order_by(BulletinTemplate.name, BulletinTemplate.id)
    )
    return session.execute(query).scalars().all()


@dataclass(frozen=True)
class TemplateStart:
    """What a bulletin begins with. ``topic``: None where the template's topic is retired; ``dropped``: the codes of
    channels that the template wants and that are no longer in use."""

    text: BulletinText
    topic: str | None
    source_url: str | None
    channels: tuple[str, ...] | None
    dropped: tuple[str, ...]


def start_from(session: Session, template: BulletinTemplate, day: dt.date | None) -> TemplateStart:
    """The newest text of a template with the placeholders of the release day filled in; without a day they stay. Raises
    ``Conflict`` (code ``template_archived``)."""
    if template.archived_at is not None:
        raise Conflict(f"the template {template.name} is archived", code="template_archived", template=template.name)
    version = template.version(template.latest)
    presentation = from_json(version.presentation)
    cover = presentation.cover
    filled = Presentation(
        Cover(cover.picture, placeholders.fill(cover.alt, day)) if cover is not None else None,
        {
            code: Variant(*(placeholders.fill(part, day) for part in (words.title, words.lead, words.text)))
            for code, words in presentation.variants.items()
        },
    )
    wanted = version.wanted_channels
    named = {*(wanted or ()), *filled.variants}
    used = _channels_in_use(session, named)
    dropped = sorted(named - used)
    return TemplateStart(
        text=BulletinText(
            placeholders.fill(version.title, day),
            placeholders.fill(version.lead, day),
            placeholders.fill_html(version.body_html, day),
            placeholders.fill(version.body_text, day),
            Presentation(filled.cover, {code: words for code, words in filled.variants.items() if code in used}),
        ),
        topic=version.topic.code if version.topic.retired_at is None else None,
        source_url=version.source_url,
        channels=tuple(code for code in wanted if code in used) if wanted is not None else None,
        dropped=tuple(dropped),
    )


def mark_begun(session: Session, bulletin: Bulletin, template: BulletinTemplate) -> None:
    """Record in a new bulletin that it was begun from a template, in the transaction of its first save. A template that
    is recorded already is not replaced, so that its authors stay barred."""
    if bulletin.template_version_id is not None:
        return
    bulletin.template_version_id = template.version(template.latest).id
    session.flush()


def template_authors(session: Session, bulletins: Collection[int]) -> dict[int, dict[str, dt.datetime]]:
    """By the primary key of a bulletin: the ids of all who wrote the version of the template it was begun from, or one
    before -> when they wrote the first of them. One statement."""
    used = sa.orm.aliased(TemplateVersion)
    query = (
        sa.select(Bulletin.id, TemplateVersion.author, sa.func.min(TemplateVersion.created_at))
        .join(used, used.id == Bulletin.template_version_id)
        .join(
            TemplateVersion,
            sa.and_(TemplateVersion.template_id == used.template_id, TemplateVersion.number <= used.number),
        )
        .where(Bulletin.id.in_(list(bulletins)))
        .group_by(Bulletin.id, TemplateVersion.author)
    )
    found: dict[int, dict[str, dt.datetime]] = {}
    for bulletin, author, first in session.execute(query):
        found.setdefault(bulletin, {})[author] = first
    return found


def _add_version(
    session: Session,
    actor: Actor,
    template: BulletinTemplate,
    wanted: TemplateContent,
    topic: Topic,
    *,
    now: dt.datetime,
) -> TemplateVersion:
    version = TemplateVersion(
        template_id=template.id,
        number=template.latest + 1,
        author=actor.id,
        author_name=actor.name,
        created_at=now,
        **_input_values(wanted, topic),
    )
    session.add(version)
    template.latest, template.edited_at = version.number, now
    template.search = fold(f"{template.name} {version.title}")
    session.flush()
    session.expire(template, ["versions"])
    return version


def _rename(session: Session, actor: Actor, template: BulletinTemplate, before: str, *, now: dt.datetime) -> None:
    template.edited_at = now
    template.search = fold(f"{template.name} {template.version(template.latest).title}")
    session.flush()
    details = {"before": before, "name": template.name}
    journal.record(session, actor.id, "template.renamed", "template", template.public, details, now=now)


def _input_values(wanted: TemplateContent, topic: Topic) -> dict[str, Any]:
    text = wanted.text
    return {
        "title": _one_line(text.title),
        "lead": text.lead.strip(),
        "body_html": text.body_html,
        "body_text": text.body_text,
        "presentation": to_json(text.presentation or Presentation()),
        "topic_id": topic.id,
        "source_url": wanted.source_url,
        "wanted_channels": list(wanted.channels) if wanted.channels is not None else None,
    }


def _values(version: TemplateVersion) -> Mapping[str, Any]:
    names = (
        "title", "lead", "body_html", "body_text", "presentation", "topic_id", "source_url", "wanted_channels",
    )  # fmt: skip
    return {name: getattr(version, name) for name in names}


def _check_input(session: Session, wanted: TemplateContent, template: BulletinTemplate | None) -> Topic:
    """The topic of a template as entered. Raises ``Invalid`` naming every bad field."""
    errors = _name_errors(session, wanted.name, template) + text_errors(wanted.text)
    check_references(session, wanted.text, errors)
    kept = template.version(template.latest).topic.code if template is not None else None
    topic, _none = check_filing(session, wanted.topic, None, wanted.source_url, wanted.channels, errors, kept=kept)
    errors += _placeholder_errors(wanted)
    if errors or topic is None:
        raise Invalid(errors)
    return topic


def _placeholder_errors(wanted: TemplateContent) -> list[FieldError]:
    errors, text = [], wanted.text
    presentation = text.presentation or Presentation()
    places = [("title", text.title), ("lead", text.lead), ("body_html", text.body_text)]
    if presentation.cover is not None:
        places.append(("cover_alt", presentation.cover.alt))
    for code, variant in presentation.variants.items():
        places += [(f"variants.{code}.{name}", getattr(variant, name)) for name in ("title", "lead", "text")]
    for field, words in places:
        if unknown := placeholders.unknown_in(words):
            message = f"{unknown[0]} is none of {placeholders.ALLOWED}"
            errors.append(FieldError(field, "placeholder", message))
    linked = placeholders.in_addresses(text.body_html)
    if linked:
        message = f"{linked[0]} stands in the address of a link or picture, where nothing is filled in"
        errors.append(FieldError("body_html", "placeholder_link", message, linked[0]))
    if split := placeholders.in_pieces(text.body_html, text.body_text):
        message = f"{split[0]} is cut by formatting; format it as a whole"
        errors.append(FieldError("body_html", "placeholder_split", message, split[0]))
    if wanted.source_url and (found := placeholders.placeholders_in(wanted.source_url)):
        message = f"{found[0]} stands in an address, where nothing is filled in"
        errors.append(FieldError("source_url", "placeholder_link", message, found[0]))
    return errors


def _name_errors(session: Session, name: str, template: BulletinTemplate | None) -> list[FieldError]:
    name = _one_line(name)
    if not name:
        return [FieldError("name", "required", "a template needs a name")]
    if len(name) > LONGEST_NAME:
        return [FieldError("name", "too_long", f"a name has at most {LONGEST_NAME} characters")]
    others = sa.select(BulletinTemplate.id, BulletinTemplate.name).where(BulletinTemplate.archived_at.is_(None))
    own = template.id if template is not None else None
    if any(fold(other) == fold(name) for ident, other in session.execute(others) if ident != own):
        return [FieldError("name", "template_name_taken", f"another template is called {name!r}")]
    return []


def _channels_in_use(session: Session, codes: Collection[str]) -> set[str]:
    query = sa.select(Channel.code).where(Channel.code.in_(list(codes)), Channel.state != ChannelState.RETIRED)
    return set(session.execute(query).scalars()) if codes else set()


def _one_line(text: str) -> str:
    return " ".join(text.split())
