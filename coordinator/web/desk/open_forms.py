"""Forms that are open: what was left in one, who else has it open, and what its script has to know."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from flask import request, url_for
from sqlalchemy.orm import Session

from campaigns.publishing import working
from campaigns.publishing.bulletins import Bulletin, find_bulletin
from coordinator.web.desk.bulletin_form import Form, reopened, typed
from coordinator.web.desk.keeping_drafts import beside_words
from coordinator.web.security import actor, front, me


@dataclass(frozen=True)
class Left:
    """Something typed and never saved, to be opened again."""

    ident: str
    title: str
    at: datetime


@dataclass(frozen=True)
class Around:
    """What stands around a form: texts left open before, and who else is at it, in words."""

    left: Sequence[Left] = field(default_factory=tuple)
    beside: str = ""


def asked_for(session: Session, bulletin: Bulletin | None) -> Form | None:
    """The working copy that the address names, if it is one of this person's and of this bulletin."""
    copy = working.own(session, actor(), request.args.get("draft", "")[:40])
    wanted = bulletin.id if bulletin is not None else None
    return reopened(copy) if copy is not None and copy.bulletin_id == wanted else None


def around(session: Session, bulletin: Bulletin | None, opened: Form) -> Around:
    """What this person typed of it elsewhere and never saved, and who else has it open."""
    copies = working.left_open(session, actor(), bulletin, besides=opened.draft)
    left = [Left(one.ident, "".join(one.fields.get("title", [])), one.saved_at) for one in copies]
    if bulletin is None:
        return Around(left)
    return Around(left, beside_words(working.beside(session, actor(), bulletin, now=front().place.now())))


def keep_aside(code: str, form: Form, base: int) -> Form:
    """A text that could not be saved, as a working copy, so that closing the page loses nothing, with or without a
    script. A form that is settled or open elsewhere goes on under another name. ``base``: the revision it now follows.
    """
    place = front().place
    named = replace(form, draft=working.new_ident(), version=1, expected=base)
    with place.database.write() as session:
        bulletin = find_bulletin(session, code)
        working.drop(session, actor(), form.draft)
        working.keep(
            session, actor(), named.draft, typed(request.form), bulletin=bulletin, base=base, version=0, now=place.now()
        )
    return named


def attributes(form: Form, *, dirty: bool) -> dict[str, object]:
    """What the form's script is told. ``dirty``: the boxes hold what nobody has saved yet."""
    return {
        "data-draft-url": url_for("bulletins.keep_draft", ident="0"),
        "data-token-url": url_for("bulletins.draft_token"),
        "data-login": url_for("security.login"),
        "data-person": me().email,
        "data-version": form.version,
        "data-dirty": "1" if dirty else None,
    }
