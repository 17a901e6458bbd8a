"""Writing a bulletin: a new one, another text of one that is not out yet, a text out of a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePath

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.errors import CampaignError, Conflict, FieldError, Invalid
from campaigns.people.staff import May
from campaigns.publishing import workflow, working
from campaigns.publishing.bulletins import Bulletin, State, find_bulletin, text_hash
from campaigns.publishing.drafting import is_out
from campaigns.publishing.dressing import to_json
from campaigns.reporting.standing import current_campaign
from coordinator.imports.documents import ImportedText, UnreadableDocument, read_any
from coordinator.imports.notes import Note
from coordinator.jobs import acts
from coordinator.web.desk import covering, inputs, looking, open_forms, places
from coordinator.web.desk.actors import author_to
from coordinator.web.desk.bulletin_form import Choices, Form, Words, choices, picked, plain_of, said
from coordinator.web.desk.open_forms import Around
from coordinator.web.desk.picking import Picks
from coordinator.web.desk.word_diff import Change, compare
from coordinator.web.look import language, say_done, say_trouble
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff
from coordinator.web.sentences import error_sentence

# Kinds of files that hold one text. Files of many texts are for the command line, where each bad one is reported.
REFUSED = (".doc", ".docm", ".dotm")  # by the reader of files, which says what to do instead
FORM_ACTS = frozenset({"upload", *covering.ACTS})
SUFFIXES = (".docx", ".md", ".html", ".htm", ".txt")


@dataclass(frozen=True)
class Subject:
    """The bulletin being changed, as the form's head shows it."""

    code: str
    title: str
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


def subject_of(bulletin: Bulletin) -> Subject:
    """A bulletin's row as the form's head shows it."""
    return Subject(
        bulletin.code,
        bulletin.revision(bulletin.latest).title,
        bulletin.state,
        bulletin.latest,
        bulletin.edited_at,
        bulletin.release_at,
        bulletin.return_note,
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
        opened = open_forms.asked_for(session, None) or usual
        about = open_forms.around(session, None, opened)
    if request.method == "GET":
        return _page(opened, offered, about=about)
    form, picks = _sent()
    if (do := request.form.get("do", "")) in FORM_ACTS:
        return _acted(do, form, offered, None)
    if picks.more or picks.error:
        return _listed(form, picks, offered, None)
    faults = form.faults(submits=do == "submit")
    try:
        stood = acts.create(
            front(),
            actor(),
            form.text_or_bare(),
            topic=form.topic,
            campaign=form.campaign or None,
            source_url=form.source_url or None,
            channels=form.channels,
            also=places.filling(due, _also(form, faults)),
        )
    except Conflict as conflict:
        if faults:
            return _page(form, offered, errors=said(None, faults)), 422
        if conflict.code != "form_saved":
            return _page(form, offered, errors=said(conflict)), 409
        return _saved_before(str(conflict.params.get("bulletin", "")), form, offered)
    except CampaignError as error:
        return _page(form, offered, errors=said(error, faults)), 422
    return _saved(stood.code, stood.state, form.text()[1])


@staff(May.WRITE)
def edit(code: str) -> ResponseReturnValue:
    """Another text of a bulletin that is not out. One that is out is corrected instead."""
    place = front().place
    with place.database.read() as session:
        bulletin = find_bulletin(session, code)
        if is_out(bulletin, place.now()):
            return redirect(url_for("bulletins.correct", code=code, draft=request.args.get("draft")), code=303)
        if bulletin.state is State.RECALLED:
            say_trouble(_("Bản tin đã thu hồi, không sửa được nữa."))
            return redirect(url_for("bulletins.show", code=code), code=303)
        offered = choices(session, bulletin.topic.code)
        subject = subject_of(bulletin)
        saved = Form.of(bulletin, bulletin.revision(bulletin.latest))
        opened = open_forms.asked_for(session, bulletin) or saved
        about = open_forms.around(session, bulletin, opened)
    if request.method == "GET":
        return _page(opened, offered, subject, about=about)
    form, picks = _sent()
    if (do := request.form.get("do", "")) in FORM_ACTS:
        return _acted(do, form, offered, subject)
    if picks.more or picks.error:
        return _listed(form, picks, offered, subject)
    faults = form.faults(submits=do == "submit")
    try:
        stood = acts.revise(
            front(),
            actor(),
            code,
            form.text_or_bare(),
            topic=form.topic or None,
            campaign=form.campaign or None,
            source_url=form.source_url or None,
            channels=form.channels,
            cleared=form.cleared,
            expected=form.expected if form.expected is not None else saved.expected,
            also=_also(form, faults),
        )
    except Conflict as conflict:
        if faults:
            return _page(form, offered, subject, errors=said(None, faults)), 422
        if conflict.code != "text_changed":
            return _page(form, offered, subject, errors=said(conflict)), 409
        return _overtaken(code, form, offered)
    except CampaignError as error:
        return _page(form, offered, subject, errors=said(error, faults)), 422
    return _saved(stood.code, stood.state, form.text()[1], voided=subject.voids and stood.revision != subject.revision)


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


def _sent() -> tuple[Form, Picks]:
    """The form, and its field of single channels: what stands in the field's box is put on the list."""
    form = Form.sent()
    with front().place.database.read() as session:
        picks = picked(session, form.channels)
    if form.channels is None and not picks.more:
        return form, Picks(picks.thing, picks.name, picks.chosen)
    # Whoever puts a channel on the list means the list.
    return replace(form, channels=picks.codes), picks


def _listed(form: Form, picks: Picks, offered: Choices, subject: Subject | None) -> ResponseReturnValue:
    """The form with its list of channels as it is now; nothing is saved."""
    errors = {"channels": picks.error} if picks.error else {}
    return _page(form, offered, subject, errors=errors, changed=True), 422 if errors else 200


def _also(form: Form, faults: Sequence[FieldError]) -> acts.Also:
    """What belongs into the transaction that saves: the form's own ``faults`` undo it, the open form has become a
    revision, and where that was asked the text is submitted, so that one that lacks something is not saved half-way."""

    def also(session: Session, bulletin: Bulletin) -> None:
        if faults:
            raise Invalid(list(faults))
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
        text, _removed = form.text()
        if newest.hash == text_hash(" ".join(text.title.split()), text.lead, text.body_html, to_json(form.dress)):
            say_done(_("Đã lưu."))
            return redirect(url_for("bulletins.show", code=code), code=303)
    return _overtaken(code, form, offered)


def _saved(code: str, state: str, removed: Sequence[Note], *, voided: bool = False) -> ResponseReturnValue:
    if voided and state == State.DRAFT.value:
        say_done(_("Đã lưu. Chữ đã đổi nên lần gửi duyệt hoặc bản duyệt trước không còn hiệu lực; cần gửi duyệt lại."))
    else:
        say_done(_("Đã lưu và gửi duyệt.") if state == State.SUBMITTED.value else _("Đã lưu."))
    if removed:
        say_trouble(_("Khi làm sạch nội dung: %(notes)s.", notes=_notes(removed)))
    return redirect(url_for("bulletins.show", code=code), code=303)


def _overtaken(code: str, form: Form, offered: Choices) -> ResponseReturnValue:
    """Show both texts. Ours stays in the boxes; saving again from here is on top of theirs, which the history keeps."""
    with front().place.database.read() as session:
        bulletin = find_bulletin(session, code)
        newest = bulletin.revision(bulletin.latest)
        text, _removed = form.text()
        overtaken = Overtaken(
            newest.number,
            author_to(actor().id, newest.author, newest.author_name),
            newest.created_at,
            Words.of(newest),
            compare(plain_of(newest), plain_of(text)),
        )
        subject = subject_of(bulletin)
    form = open_forms.keep_aside(code, form, overtaken.number)
    return _page(form, offered, subject, overtaken=overtaken), 409


def _acted(do: str, form: Form, offered: Choices, subject: Subject | None) -> ResponseReturnValue:
    """A button that changes the form and saves nothing."""
    if do == "upload":
        return _uploaded(form, offered, subject)
    try:
        return _page(covering.ACTS[do](form), offered, subject, changed=True)
    except CampaignError as error:
        return _page(form, offered, subject, errors=covering.said(error)), 422


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
    if PurePath(file.filename).suffix.lower() not in (*SUFFIXES, *REFUSED):
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
    about: Around | None = None,
    changed: bool = False,
) -> str:
    look = looking.look_of(form)
    with front().place.database.read() as session:
        picks = picked(session, form.channels)
    return render_template(
        "bulletins/edit.html",
        look=look, cover=covering.cover_of(form), focuses=covering.focuses(), around=about or Around(),
        attrs=open_forms.attributes(form, dirty=bool(filled or overtaken or errors or changed)),
        form=form, offered=offered, subject=subject, errors=errors or {}, overtaken=overtaken, notes=notes,
        filled=filled, picks=picks, suffixes=",".join(SUFFIXES),
    )  # fmt: skip
