"""The fields of a notice's form, as a browser sends them and as a stored notice fills them."""

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from flask import request
from sqlalchemy.orm import Session

from campaigns.core.errors import FieldError, Invalid
from campaigns.partners.directory import Company
from campaigns.planning.campaigns import Topic
from campaigns.talking.notices import Audience, Notice, NoticeState, receivers_of
from campaigns.talking.telling import Wanted
from coordinator.imports.characters import storable
from coordinator.imports.cleaning import clean_html
from coordinator.imports.plaintext import text_to_html
from coordinator.web import typed
from coordinator.web.desk import inputs
from coordinator.web.desk.bulletin_form import HTML, PLAIN


@dataclass(frozen=True)
class Form:
    """Everything a notice's form holds. ``mark`` names the form; ``version``: of the notice it was opened on;
    ``out``: it was opened as a correction."""

    mark: str = ""
    title: str = ""
    body: str = ""
    body_as: str = PLAIN
    audience: str = Audience.ALL.value
    topic: str = ""
    partners: tuple[str, ...] = ()
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
            partners=tuple(storable(one)[0] for one in form.getlist("partners")),
            deadline=inputs.text("deadline"),
            must_confirm=form.get("must_confirm") == "y",
            note=typed.words("note"),
            version=typed.number("version"),
            out=form.get("out") == "1",
        )

    @classmethod
    def of(cls, session: Session, row: Notice) -> "Form":
        """A stored notice, within its session."""
        named = sa.select(Company.code).where(Company.id.in_(receivers_of(session, row)))
        topic = session.get(Topic, row.topic_id) if row.topic_id is not None else None
        return cls(
            title=row.title,
            body=row.body_html,
            body_as=HTML,
            audience=row.audience.value,
            topic=topic.code if topic else "",
            partners=tuple(session.execute(named).scalars()),
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
        return Wanted(self.title, body, audience, self.topic, self.partners, deadline, self.must_confirm)
