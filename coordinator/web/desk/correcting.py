"""Correcting what is out: another text to everybody who had the old one."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from campaigns.core.errors import CampaignError, Conflict
from campaigns.people.staff import May
from campaigns.publishing.bulletins import State, find_bulletin
from campaigns.publishing.drafting import Text, is_out
from coordinator.jobs import acts
from coordinator.web.desk import inputs
from coordinator.web.desk.bulletin_form import Words, plain_of, sent_expected
from coordinator.web.desk.bulletin_page import Whole, read
from coordinator.web.desk.word_diff import Change, compare
from coordinator.web.look import language, say_done, say_trouble
from coordinator.web.security import actor, front, staff
from coordinator.web.sentences import error_sentence


@dataclass(frozen=True)
class Begun:
    """What a correction starts from: the text that is out, or the correction of it that already waits."""

    whole: Whole
    words: Words
    saved: Text
    number: int
    author: str


def _begun(code: str) -> Begun | None:
    """None when the bulletin is not out."""
    place = front().place
    with place.database.read() as session:
        bulletin = find_bulletin(session, code)
        if not is_out(bulletin, place.now()) or bulletin.state is State.RECALLED or bulletin.released is None:
            return None
        revision = bulletin.revision(bulletin.pending or bulletin.released)
        return Begun(
            whole=read(session, code, actor(), place.now()),
            words=Words.of(revision),
            saved=Text(revision.title, revision.lead, revision.body_html, revision.body_text),
            number=revision.number,
            author=revision.author_name,
        )


@staff(May.WRITE)
def correct(code: str) -> ResponseReturnValue:
    """The form of a correction, and the correction: at once from an approver, waiting for one from a writer."""
    begun = _begun(code)
    if begun is None:
        say_trouble(_("Chỉ đính chính được bản tin đang phát hành."))
        return redirect(url_for("bulletins.show", code=code), code=303)
    if request.method == "GET":
        return _page(begun, begun.words, begun.number)
    words, note = Words.sent(request.form), request.form.get("note", "").strip()
    expected = sent_expected(request.form)
    try:
        text, _removed = words.text()
        stood = acts.correct(front(), actor(), code, text, note, expected=expected or begun.number)
    except Conflict as conflict:
        if conflict.code != "text_changed":
            return _page(begun, words, expected, note, {"form": error_sentence(conflict, language())}, status=409)
        newest = _begun(code) or begun
        change = compare(plain_of(newest.saved), plain_of(words.text()[0]))
        return _page(newest, words, newest.number, note, overtaken=change, status=409)
    except CampaignError as error:
        return _page(begun, words, expected, note, inputs.said(error), status=422)
    with front().place.database.read() as session:
        waits = find_bulletin(session, stood.code).pending is not None
    say_done(_("Đã gửi bản đính chính chờ duyệt.") if waits else _("Đã phát đính chính."))
    return redirect(url_for("bulletins.show", code=code), code=303)


def _page(
    begun: Begun,
    words: Words,
    expected: int | None,
    note: str = "",
    errors: Mapping[str, str] | None = None,
    *,
    overtaken: Change | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    page = render_template(
        "bulletins/correct.html",
        one=begun.whole, words=words, expected=expected, note=note, errors=errors or {}, overtaken=overtaken,
        author=begun.author, at_once=actor().may(May.APPROVE),
    )  # fmt: skip
    return page, status
