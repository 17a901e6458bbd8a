"""Writing a bulletin: a new one, another text of one that is not out yet, a text out of a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePath

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from campaigns.core.errors import CampaignError, Conflict, FieldError, Invalid
from campaigns.people.staff import May
from campaigns.publishing import workflow, working
from campaigns.publishing.bulletins import Bulletin, State, find_bulletin
from campaigns.publishing.drafting import is_out
from campaigns.reporting.standing import current_campaign
from coordinator.imports.documents import ImportedText, UnreadableDocument, read_any
from coordinator.imports.notes import Note
from coordinator.jobs import acts
from coordinator.web.desk import inputs, places
from coordinator.web.desk.bulletin_form import Choices, Form, Words, choices, plain_of, reopened, typed
from coordinator.web.desk.keeping_drafts import beside_words
from coordinator.web.desk.word_diff import Change, compare
from coordinator.web.look import language, say_done, say_trouble
from coordinator.web.security import actor, front, staff
from coordinator.web.sentences import error_sentence

# Kinds of files that hold one text. Files of many texts are for the command line, where each bad one is reported.
SUFFIXES = (".docx", ".md", ".html", ".htm")


@dataclass(frozen=True)
class Subject:
    """The bulletin being changed, as the form's head shows it."""

    code: str
    state: State
    revision: int
    edited_at: datetime
    release_at: datetime | None
    return_note: str

    @property
    def voids(self) -> bool:
        """Whether saving another text takes back something that was asked or given."""
        return self.state in {State.SUBMITTED, State.APPROVED, State.SCHEDULED}


@dataclass(frozen=True)
class Overtaken:
    """Somebody saved since the form was opened: their text, and how ours differs from it."""

    number: int
    author: str
    at: datetime
    theirs: Words
    change: Change


@dataclass(frozen=True)
class Left:
    """Something typed and never saved, to be opened again."""

    ident: str
    title: str
    at: datetime


def subject_of(bulletin: Bulletin) -> Subject:
    """A bulletin's row as the form's head shows it."""
    return Subject(
        bulletin.code, bulletin.state, bulletin.latest, bulletin.edited_at, bulletin.release_at, bulletin.return_note
    )


@staff(May.WRITE)
def new() -> ResponseReturnValue:
    """An empty form, or the first draft saved."""
    place = front().place
    with place.database.read() as session:
        offered = choices(session)
        running = current_campaign(session, place.now())
        usual = Form(
            topic=request.args.get("topic", ""),
            campaign=request.args.get("campaign") or (running.code if running else ""),
        )
        due = places.asked(session, now=place.now())
        if due is not None:
            usual = replace(usual, words=Words(title=due.title), topic=due.topic_code, channels=due.channels)
        opened = _reopened(session) or usual
        left = _left(session, None, opened)
    if request.method == "GET":
        return _page(opened, offered, left=left)
    form = Form.sent()
    if request.form.get("do") == "upload":
        return _uploaded(form, offered, None)
    try:
        form.check()
        text, removed = form.words.text()
        stood = acts.create(
            front(),
            actor(),
            text,
            topic=form.topic,
            campaign=form.campaign or None,
            source_url=form.source_url or None,
            channels=form.channels,
            also=places.filling(due, _also(form)),
        )
    except Conflict as conflict:
        if conflict.code != "form_saved":
            return _page(form, offered, errors=inputs.said(conflict)), 409
        return _saved_before(str(conflict.params.get("bulletin", "")), form, offered)
    except CampaignError as error:
        return _page(form, offered, errors=inputs.said(error)), 422
    return _saved(stood.code, stood.state, removed)


@staff(May.WRITE)
def edit(code: str) -> ResponseReturnValue:
    """Another text of a bulletin that is not out. One that is out is corrected instead."""
    place = front().place
    with place.database.read() as session:
        bulletin = find_bulletin(session, code)
        if is_out(bulletin, place.now()):
            return redirect(url_for("bulletins.correct", code=code), code=303)
        if bulletin.state is State.RECALLED:
            say_trouble(_("Bản tin đã thu hồi, không sửa được nữa."))
            return redirect(url_for("bulletins.show", code=code), code=303)
        offered = choices(session)
        subject = subject_of(bulletin)
        saved = Form.of(bulletin, bulletin.revision(bulletin.latest))
        opened = _reopened(session, bulletin) or saved
        left = _left(session, bulletin, opened)
        beside = working.beside(session, actor(), bulletin, now=place.now())
    if request.method == "GET":
        return _page(opened, offered, subject, left=left, beside=beside_words(beside))
    form = Form.sent()
    if request.form.get("do") == "upload":
        return _uploaded(form, offered, subject)
    try:
        form.check()
        text, removed = form.words.text()
        stood = acts.revise(
            front(),
            actor(),
            code,
            text,
            topic=form.topic or None,
            campaign=form.campaign or None,
            source_url=form.source_url or None,
            channels=form.channels,
            cleared=form.cleared,
            expected=form.expected if form.expected is not None else saved.expected,
            also=_also(form),
        )
    except Conflict as conflict:
        if conflict.code != "text_changed":
            return _page(form, offered, subject, errors=inputs.said(conflict)), 409
        return _overtaken(code, form, offered)
    except CampaignError as error:
        return _page(form, offered, subject, errors=inputs.said(error)), 422
    return _saved(stood.code, stood.state, removed)


@staff(May.WRITE)
def submit(code: str) -> ResponseReturnValue:
    """Hand a saved draft over for approval."""
    try:
        acts.submit(front(), actor(), code)
    except Invalid as invalid:
        say_trouble(_("Chưa gửi duyệt được: %(why)s", why="; ".join(inputs.said(invalid).values())))
        return redirect(url_for("bulletins.edit", code=code), code=303)
    except Conflict as conflict:
        say_trouble(error_sentence(conflict, language()))
        return redirect(url_for("bulletins.show", code=code), code=303)
    say_done(_("Đã gửi duyệt."))
    return redirect(url_for("bulletins.show", code=code), code=303)


def _also(form: Form) -> acts.Also:
    """What belongs into the transaction that saves: the open form has become a revision, and where that was asked the
    text is submitted, so that one which lacks something is not saved half-way."""

    def also(session: Session, bulletin: Bulletin) -> None:
        now = front().place.now()
        working.settle(session, actor(), form.draft, bulletin, now=now)
        # The same text saved again leaves a submitted bulletin submitted.
        if request.form.get("do") == "submit" and bulletin.state is State.DRAFT:
            workflow.submit(session, actor(), bulletin.code, now=now)

    return also


def _saved_before(code: str, form: Form, offered: Choices) -> ResponseReturnValue:
    """A form that has become a bulletin is sent again: by a double click it is the same text and nothing happens, from
    the history of the browser it may be another, which is not lost either."""
    with front().place.database.read() as session:
        bulletin = find_bulletin(session, code)
        newest = bulletin.revision(bulletin.latest)
        text, _removed = form.words.text()
        if (newest.title, newest.lead, newest.body_html) == (" ".join(text.title.split()), text.lead, text.body_html):
            say_done(_("Đã lưu."))
            return redirect(url_for("bulletins.show", code=code), code=303)
    return _overtaken(code, form, offered)


def _reopened(session: Session, bulletin: Bulletin | None = None) -> Form | None:
    """The working copy that the address names, if it is one of this person's and of this bulletin."""
    copy = working.own(session, actor(), request.args.get("draft", "")[:40])
    wanted = bulletin.id if bulletin is not None else None
    return reopened(copy) if copy is not None and copy.bulletin_id == wanted else None


def _left(session: Session, bulletin: Bulletin | None, opened: Form) -> list[Left]:
    """What this person typed of it elsewhere and never saved."""
    copies = working.left_open(session, actor(), bulletin, besides=opened.draft)
    return [Left(one.ident, "".join(one.fields.get("title", [])), one.saved_at) for one in copies]


def _saved(code: str, state: str, removed: Sequence[Note]) -> ResponseReturnValue:
    say_done(_("Đã lưu và gửi duyệt.") if state == State.SUBMITTED.value else _("Đã lưu."))
    if removed:
        say_trouble(_("Khi làm sạch nội dung: %(notes)s.", notes=_notes(removed)))
    return redirect(url_for("bulletins.show", code=code), code=303)


def _overtaken(code: str, form: Form, offered: Choices) -> ResponseReturnValue:
    """Show both texts. Ours stays in the boxes; saving again from here is on top of theirs, which the history keeps."""
    with front().place.database.read() as session:
        bulletin = find_bulletin(session, code)
        newest = bulletin.revision(bulletin.latest)
        text, _removed = form.words.text()
        overtaken = Overtaken(
            newest.number,
            newest.author_name,
            newest.created_at,
            Words.of(newest),
            compare(plain_of(newest), plain_of(text)),
        )
        subject = subject_of(bulletin)
    form = _kept(code, form)
    form = replace(form, expected=overtaken.number)
    return _page(form, offered, subject, overtaken=overtaken), 409


def _kept(code: str, form: Form) -> Form:
    """The text that could not be saved as a working copy, so that closing the page loses nothing, with or without a
    script. A form that is settled or open elsewhere goes on under another name."""
    place = front().place
    named = replace(form, draft=working.new_ident(), version=1)
    with place.database.write() as session:
        bulletin = find_bulletin(session, code)
        working.drop(session, actor(), form.draft)
        working.keep(
            session, actor(), named.draft, typed(request.form), bulletin=bulletin, base=bulletin.latest, version=0,
            now=place.now(),
        )  # fmt: skip
    return named


def _uploaded(form: Form, offered: Choices, subject: Subject | None) -> ResponseReturnValue:
    """The form with a file's text in it. Nothing is saved: the writer reads it first."""
    try:
        text = read_upload()
    except CampaignError as error:
        return _page(form, offered, subject, errors={"file": _why_unreadable(error)}), 422
    return _page(form.filled_from(text), offered, subject, notes=_notes(text.notes), filled=True)


def read_upload() -> ImportedText:
    """The one text of the uploaded file. Raises ``Invalid`` or ``UnreadableDocument`` saying what is wrong."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Invalid([FieldError("file", "no_file", "choose a file first")])
    if PurePath(file.filename).suffix.lower() not in (*SUFFIXES, ".doc"):
        raise UnreadableDocument(f"this form takes {', '.join(SUFFIXES)}", code="suffix", expected=", ".join(SUFFIXES))
    found = read_any(file.filename, file.read())
    if found.rejected or not found.texts:
        raise Invalid([FieldError(one.field, one.code, one.message) for one in found.rejected])
    return found.texts[0]


def _why_unreadable(error: CampaignError) -> str:
    if isinstance(error, Invalid):
        return "; ".join(inputs.said(error).values())
    return error_sentence(error, language())


def _notes(notes: Sequence[Note]) -> str:
    return "; ".join(str(note) if language() == "en" else note.vietnamese for note in notes)


def _page(
    form: Form,
    offered: Choices,
    subject: Subject | None = None,
    *,
    errors: Mapping[str, str] | None = None,
    overtaken: Overtaken | None = None,
    notes: str = "",
    filled: bool = False,
    left: Sequence[Left] = (),
    beside: str = "",
) -> str:
    return render_template(
        "bulletins/edit.html",
        left=left, beside=beside,
        form=form, offered=offered, subject=subject, errors=errors or {}, overtaken=overtaken, notes=notes,
        filled=filled, suffixes=",".join(SUFFIXES),
    )  # fmt: skip
