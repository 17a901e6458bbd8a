"""Correcting what is out: another text to everybody who had the old one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.errors import CampaignError, Conflict, Invalid
from campaigns.people.staff import May
from campaigns.publishing import working
from campaigns.publishing.bulletins import Bulletin, State, find_bulletin
from campaigns.publishing.drafting import Text, is_out
from campaigns.publishing.dressing import of_json
from coordinator.jobs import acts
from coordinator.web.desk import covering, looking, open_forms
from coordinator.web.desk.bulletin_form import Choices, Form, choices, plain_of, said
from coordinator.web.desk.bulletin_page import Whole, read
from coordinator.web.desk.open_forms import Around
from coordinator.web.desk.word_diff import Change, compare
from coordinator.web.look import language, say_done, say_trouble
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff
from coordinator.web.sentences import error_sentence


@dataclass(frozen=True)
class Begun:
    """What a correction starts from: the text that is out, or the correction of it that already waits. ``opened``: the
    form to begin with, that text's or one left open before."""

    whole: Whole
    saved: Text
    opened: Form
    around: Around
    offered: Choices
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
        opened = open_forms.asked_for(session, bulletin) or Form.of(bulletin, revision)
        return Begun(
            whole=read(session, code, actor(), place.now()),
            saved=Text(revision.title, revision.lead, revision.body_html, revision.body_text, of_json(revision.dress)),
            opened=opened,
            around=open_forms.around(session, bulletin, opened),
            offered=choices(session),
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
        return _page(begun, begun.opened, note=request.args.get("note", ""), around=begun.around)
    form, note = Form.sent(), request.form.get("note", "").strip()
    if (do := request.form.get("do", "")) in covering.ACTS:
        try:
            return _page(begun, covering.ACTS[do](form), note, changed=True)
        except CampaignError as error:
            return _page(begun, form, note, covering.said(error), status=422)

    faults = form.faults(submits=True)

    def also(session: Session, bulletin: Bulletin) -> None:
        if faults:
            raise Invalid(faults)
        working.settle(session, actor(), form.draft, bulletin, now=front().place.now())

    try:
        text = form.text_or_bare()
        stood = acts.correct(front(), actor(), code, text, note, expected=form.expected or begun.number, also=also)
    except Conflict as conflict:
        if faults:
            return _page(begun, form, note, said(None, faults), status=422)
        if conflict.code != "text_changed":
            return _page(begun, form, note, {"form": error_sentence(conflict, language())}, status=409)
        newest = _begun(code) or begun
        change = compare(plain_of(newest.saved), plain_of(form.text()[0]))
        aside = open_forms.keep_aside(code, replace(form, expected=newest.number), newest.number)
        return _page(newest, aside, note, overtaken=change, status=409)
    except CampaignError as error:
        return _page(begun, form, note, said(error, faults), status=422)
    with front().place.database.read() as session:
        waits = find_bulletin(session, stood.code).pending is not None
    say_done(_("Đã gửi bản đính chính chờ duyệt.") if waits else _("Đã phát đính chính."))
    return redirect(url_for("bulletins.show", code=code), code=303)


def _page(
    begun: Begun,
    form: Form,
    note: str = "",
    errors: Mapping[str, str] | None = None,
    *,
    overtaken: Change | None = None,
    changed: bool = False,
    around: Around | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    page = render_template(
        "bulletins/correct.html",
        one=begun.whole, form=form, note=note, errors=errors or {}, overtaken=overtaken, author=begun.author,
        at_once=actor().may(May.APPROVE), offered=begun.offered, around=around or Around(),
        look=looking.look_of(form), cover=covering.cover_of(form), focuses=covering.focuses(),
        attrs=open_forms.attributes(form, dirty=bool(errors or overtaken or changed)),
    )  # fmt: skip
    return page, status
