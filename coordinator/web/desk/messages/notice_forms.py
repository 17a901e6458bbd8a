"""The form of a notice: its fields as submitted or from a stored notice."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.errors import Invalid
from campaigns.messages.notice_workflow import NoticeContent
from campaigns.messages.notices import Notice, NoticeAudience, NoticeReceiver, NoticeState, PartnerGroup, receivers_of
from campaigns.partners.directory import Company
from campaigns.planning.campaigns import Topic
from campaigns.search.autocomplete import PickableKind
from coordinator.imports.text.plain_text import text_to_html
from coordinator.imports.text.sanitizer import clean_html
from coordinator.web.desk.bulletins.forms import HTML, PLAIN
from coordinator.web.kit.forms.field_types import (
    CleanTextField,
    DateField,
    EnumField,
    FlagField,
    ManyField,
    OneOfField,
    PickManyField,
    TokenField,
    VersionField,
)
from coordinator.web.kit.forms.page_form import PageForm

LISTED = 50  # partners that a form lists by name; beyond, it shows their number, and keeps or removes them together


class NoticeForm(PageForm):
    """The form of a notice. ``mark``: the form's token; ``version``: of the notice when opened; ``out``: it was opened
    as a correction. ``named``: number of partners of the stored notice, where too many to list; ``keep``: whether they
    are kept.
    """

    mark = TokenField()
    version = VersionField()
    out = FlagField()
    heading = CleanTextField(required=True)
    words = CleanTextField(required=True)
    body_as = OneOfField((PLAIN, HTML))
    audience = EnumField(NoticeAudience, default=NoticeAudience.ALL)
    topic = CleanTextField()
    named = VersionField()
    keep = FlagField()
    groups = ManyField()
    partners = PickManyField(PickableKind.PARTNER, ("audience", NoticeAudience.CHOSEN.value))
    deadline = DateField()
    must_confirm = FlagField()
    note = CleanTextField(required=True)

    def imply_single_partners(self) -> None:
        """Choose single partners when one was just added to the list."""
        if self.partners.pick.more:
            self.audience.choose(NoticeAudience.CHOSEN)

    def validate_words(self, _field: object) -> None:
        """Report a body that is too large."""
        try:
            self._clean()
        except Invalid as invalid:
            raise self.words.error(invalid.errors[0].code, invalid.errors[0].message) from None

    @property
    def html(self) -> str:
        """Return the body as clean HTML for the rich editor; empty when it exceeds the limit, which is reported as an
        error.
        """
        try:
            return self._clean()
        except Invalid:
            return ""

    def _clean(self) -> str:
        body = self.words.data
        return clean_html(body if self.body_as.data == HTML else text_to_html(body), field="words").html

    def wanted(self) -> NoticeContent:
        """Return the input of the domain, of a form without errors."""
        return NoticeContent(
            self.heading.data,
            self._clean(),
            self.audience.value,
            self.topic.data,
            tuple(self.partners.data),
            self.deadline.data,
            self.must_confirm.data,
            [group for group in PartnerGroup if group.value in self.groups.data],
            self.keep.data,
        )


def stored_values(session: Session, row: Notice) -> dict[str, Any]:
    """Return the values of the fields for a stored notice, within its session."""
    query = sa.select(Company.code).join(NoticeReceiver, NoticeReceiver.company_id == Company.id)
    query = query.where(NoticeReceiver.notice_id == row.id).order_by(Company.name, Company.id)
    named = session.execute(query.limit(LISTED + 1)).scalars().all()
    many = len(named) > LISTED
    topic = session.get(Topic, row.topic_id) if row.topic_id is not None else None
    return {
        "heading": row.title,
        "words": row.body_html,
        "body_as": HTML,
        "audience": row.audience,
        "topic": topic.code if topic else "",
        "partners": () if many else named,
        "named": len(receivers_of(session, row)) if many else 0,
        "keep": many,
        "deadline": row.deadline,
        "must_confirm": row.must_confirm,
        "version": row.version,
        "out": row.state is NoticeState.PUBLISHED,
    }
