"""The fields of a notice's form, as a browser sends them and as a stored notice fills them."""

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from flask import request
from sqlalchemy.orm import Session

from campaigns.core.errors import FieldError, Invalid
from campaigns.partners.directory import Company
from campaigns.planning.campaigns import Topic
from campaigns.talking.audiences import Group
from campaigns.talking.notices import Audience, Notice, NoticeState, Receiver, receivers_of
from campaigns.talking.telling import Wanted
from coordinator.imports.cleaning import clean_html
from coordinator.imports.plaintext import text_to_html
from coordinator.web import typed
from coordinator.web.desk import inputs
from coordinator.web.desk.bulletin_form import HTML, PLAIN

LISTED = 50  # partners that a form lists by name; beyond it says how many there are, and keeps or drops them together


@dataclass(frozen=True)
class Form:
    """Everything a notice's form holds. ``mark`` names the form; ``version``: of the notice it was opened on;
    ``out``: it was opened as a correction. ``named``: how many partners the stored notice names, where they are too
    many to list; ``keep``: and whether they stay."""

    mark: str = ""
    title: str = ""
    body: str = ""
    body_as: str = PLAIN
    audience: str = Audience.ALL.value
    topic: str = ""
    partners: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    named: int = 0
    keep: bool = False
    deadline: str = ""
    must_confirm: bool = False
    note: str = ""
    version: int = 0
    out: bool = False

    @classmethod
    def sent(cls) -> "Form":
        """From the request."""
        form = request.form
        return cls(
            mark=typed.mark(),
            title=typed.words("heading"),
            body=typed.words("words"),
            body_as=HTML if form.get("body_as") == HTML else PLAIN,
            audience=form.get("audience", ""),
            topic=typed.words("topic"),
            groups=tuple(one.value for one in Group if one.value in form.getlist("groups")),
            named=typed.number("named"),
            keep=form.get("keep") == "y",
            deadline=inputs.text("deadline"),
            must_confirm=form.get("must_confirm") == "y",
            note=typed.words("note"),
            version=typed.number("version"),
            out=form.get("out") == "1",
        )

    @classmethod
    def of(cls, session: Session, row: Notice) -> "Form":
        """A stored notice, within its session."""
        query = sa.select(Company.code).join(Receiver, Receiver.company_id == Company.id)
        query = query.where(Receiver.notice_id == row.id).order_by(Company.name, Company.id)
        named = session.execute(query.limit(LISTED + 1)).scalars().all()
        many = len(named) > LISTED
        topic = session.get(Topic, row.topic_id) if row.topic_id is not None else None
        return cls(
            title=row.title,
            body=row.body_html,
            body_as=HTML,
            audience=row.audience.value,
            topic=topic.code if topic else "",
            partners=() if many else tuple(named),
            named=len(receivers_of(session, row)) if many else 0,
            keep=many,
            deadline=row.deadline.isoformat() if row.deadline else "",
            must_confirm=row.must_confirm,
            version=row.version,
            out=row.state is NoticeState.PUBLISHED,
        )

    @property
    def html(self) -> str:
        """The body as the rich editor shows it; empty for one too large to be taken, which is told so."""
        try:
            return self._clean()
        except Invalid:
            return ""

    def _clean(self) -> str:
        return clean_html(self.body if self.body_as == HTML else text_to_html(self.body), field="words").html

    def wanted(self) -> Wanted:
        """What the domain is asked for. Raises ``Invalid`` for what is no day, no audience, or too large a text."""
        errors: list[FieldError] = []
        deadline: date | None = inputs.day("deadline", errors)
        audience = {one.value: one for one in Audience}.get(self.audience)
        if audience is None:
            errors.append(FieldError("audience", "required", "say whom it is for"))
        body = ""
        try:
            body = self._clean()
        except Invalid as invalid:
            errors.extend(invalid.errors)
        if errors or audience is None:
            raise Invalid(errors)
        groups = [Group(one) for one in self.groups]
        return Wanted(
            self.title, body, audience, self.topic, self.partners, deadline, self.must_confirm, groups, self.keep
        )  # fmt: skip
