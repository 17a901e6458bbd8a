"""Notices at the desk: written, published, corrected, withdrawn, and who has read them."""

from collections.abc import Callable
from dataclasses import replace

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.core.errors import CampaignError, Conflict, NotFound
from campaigns.people.staff import May
from campaigns.talking import audiences, telling
from campaigns.talking.notices import Audience, Notice, NoticeState, find_notice
from coordinator.web import typed
from coordinator.web.desk import choosing, inputs, notice_files, notice_rows, notice_words, picking
from coordinator.web.desk.notice_form import Form
from coordinator.web.desk.picking import Picks, Thing
from coordinator.web.desk.progress import attachment
from coordinator.web.look import language, say_done, say_trouble
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff
from coordinator.web.sentences import error_sentence

blueprint = Blueprint("notices", __name__, url_prefix="/desk/notices")


@blueprint.get("")
@staff()
def index() -> ResponseReturnValue:
    """Every notice, the newest first, with how many have read it."""
    with front().place.database.read() as session:
        part = notice_rows.lines(session, now=front().place.now())
    return render_template("notices/index.html", part=part, may_write=actor().may(May.WRITE))


@blueprint.route("/_new", methods=["GET", "POST"])
@staff(May.WRITE)
def new() -> ResponseReturnValue:
    """Write a notice; it goes out only when somebody publishes it."""
    if request.method == "GET":
        return _form(None, Form(mark=typed.mark()))
    form, picks = _sent()
    if picks.more or picks.error:
        return _again(None, form, picks)
    try:
        wanted = form.wanted()
        with front().place.database.write() as session:
            row = telling.draft(session, actor(), wanted, form.mark, now=front().place.now())
            public = row.public
    except CampaignError as error:
        return _form(None, form, inputs.said(error), 422, picks=picks)
    say_done(_("Đã lưu bản nháp. Chưa đối tác nào thấy."))
    return redirect(url_for("notices.show", public=public), 303)


@blueprint.get("/<public>")
@staff()
def show(public: str) -> ResponseReturnValue:
    """One notice, and everybody whom it is for."""
    return _shown(public)


@blueprint.route("/<public>/edit", methods=["GET", "POST"])
@staff(May.WRITE)
def edit(public: str) -> ResponseReturnValue:
    """Another text for a draft; for a notice that is out, a correction that everybody reads again."""
    place = front().place
    with place.database.read() as session:
        row = find_notice(session, public)
        state, stored = row.state, Form.of(session, row)
    if state is NoticeState.WITHDRAWN:
        say_trouble(_("Thông báo đã thu hồi thì không sửa được. Mời lập thông báo mới."))
        return redirect(url_for("notices.show", public=public), 303)
    if state is NoticeState.PUBLISHED and not actor().may(May.TELL):
        abort(403)
    if request.method == "GET":
        return _form(public, stored, out=state is NoticeState.PUBLISHED)
    form, picks = _sent()
    if picks.more or picks.error:
        return _again(public, form, picks)
    try:
        wanted = form.wanted()
        with place.database.write() as session:
            now = place.now()
            if form.out:
                telling.correct(session, actor(), public, wanted, form.note, form.version, now=now)
            else:
                telling.revise(session, actor(), public, wanted, form.version, now=now)
    except Conflict as conflict:
        # What was typed stays in the form; it now stands on the newest version, which is a press away.
        return _form(public, form, inputs.said(conflict), 409, out=state is NoticeState.PUBLISHED, picks=picks)
    except NotFound:
        raise
    except CampaignError as error:
        return _form(public, form, inputs.said(error), 422, out=form.out, picks=picks)
    say_done(_("Đã phát bản sửa. Mọi nơi nhận được mời đọc lại.") if form.out else _("Đã lưu bản nháp."))
    return redirect(url_for("notices.show", public=public), 303)


@blueprint.post("/<public>/publish")
@staff(May.TELL)
def publish(public: str) -> ResponseReturnValue:
    """Put a draft out, as it was read."""
    return _act(public, telling.publish, _("Đã phát thông báo. Đối tác thấy ngay trong cổng."))


@blueprint.post("/<public>/discard")
@staff(May.WRITE)
def discard(public: str) -> ResponseReturnValue:
    """Throw a draft away."""
    try:
        with front().place.database.write() as session:
            telling.discard(session, actor(), public, typed.number("version"), now=front().place.now())
    except Conflict as conflict:
        say_trouble(error_sentence(conflict, language()))
        return redirect(url_for("notices.show", public=public), 303)
    say_done(_("Đã bỏ bản nháp."))
    return redirect(url_for("notices.index"), 303)


@blueprint.post("/<public>/withdraw")
@staff(May.TELL)
def withdraw(public: str) -> ResponseReturnValue:
    """A notice is no longer in force."""
    note = typed.words("note")
    try:
        with front().place.database.write() as session:
            telling.withdraw(session, actor(), public, note, typed.number("version"), now=front().place.now())
    except Conflict as conflict:
        say_trouble(error_sentence(conflict, language()))
        return redirect(url_for("notices.show", public=public), 303)
    except NotFound:
        raise
    except CampaignError as error:
        return _shown(public, inputs.said(error), note)
    say_done(_("Đã thu hồi thông báo."), undo=url_for("notices.restore", public=public))
    return redirect(url_for("notices.show", public=public), 303)


@blueprint.post("/<public>/restore")
@staff(May.TELL)
def restore(public: str) -> ResponseReturnValue:
    """Put back what was withdrawn."""
    return _act(public, lambda session, who, name, _version, now: telling.restore(session, who, name, now=now),
                _("Thông báo có hiệu lực trở lại."))  # fmt: skip


@blueprint.get("/<public>/readers.<form>")
@staff()
def readers_file(public: str, form: str) -> ResponseReturnValue:
    """Who has read it, as a file."""
    if form not in notice_files.FORMS:
        abort(404)
    now = front().place.now()
    with front().place.database.read() as session:
        body = notice_files.write(notice_rows.shown(session, public, whole=True, now=now), form, now=now)
    return attachment(body, notice_files.FORMS[form], f"thong-bao-{public}.{form}")


def _act(public: str, act: Callable[..., Notice], said: str) -> ResponseReturnValue:
    """One press on one version; what has changed meanwhile is said and changes nothing."""
    try:
        with front().place.database.write() as session:
            act(session, actor(), public, typed.number("version"), now=front().place.now())
    except NotFound:
        raise
    except CampaignError as error:
        say_trouble("; ".join(inputs.said(error).values()))
    else:
        say_done(said)
    return redirect(url_for("notices.show", public=public), 303)


def _shown(public: str, errors: dict[str, str] | None = None, note: str = "") -> ResponseReturnValue:
    who = actor()
    with front().place.database.read() as session:
        one = notice_rows.shown(session, public, now=front().place.now())
    page = render_template(
        "notices/show.html", one=one, errors=errors or {}, note=note,
        may_write=who.may(May.WRITE), may_tell=who.may(May.TELL),
    )  # fmt: skip
    return (page, 422) if errors else page


def _sent() -> tuple[Form, Picks]:
    """The form, and its field of single partners: what stands in the field's box is put on the list."""
    form = Form.sent()
    with front().place.database.read() as session:
        picks = picking.several(session, Thing.PARTNER, "partners", request.form)
    if form.audience != Audience.CHOSEN.value and not picks.more:
        return form, Picks(Thing.PARTNER, "partners", picks.chosen)
    # Whoever puts a partner on the list means the list.
    return replace(form, partners=picks.codes, audience=Audience.CHOSEN.value), picks


def _again(public: str | None, form: Form, picks: Picks) -> ResponseReturnValue:
    """The form as it was sent with the list of partners as it is now; nothing is saved."""
    errors = {"partners": picks.error} if picks.error else {}
    return _form(public, form, errors, 422 if errors else 200, out=form.out, picks=picks)


def _form(
    public: str | None, form: Form, errors: dict[str, str] | None = None, status: int = 200,
    *, out: bool = False, picks: Picks | None = None,
) -> ResponseReturnValue:  # fmt: skip
    with front().place.database.read() as session:
        known = choosing.topics(session)
        sizes = audiences.sizes(session, [one.code for one in known], now=front().place.now())
        if picks is None:
            picks = picking.stored(session, Thing.PARTNER, "partners", form.partners)
        latest = find_notice(session, public).version if public else 0
    page = render_template(
        "notices/form.html", public=public, form=form, errors=errors or {}, out=out, latest=latest,
        topics=[(one.code, notice_words.counted(one.name, sizes.topics[one.code])) for one in known],
        groups=notice_words.groups(sizes), every=sizes.every, picks=picks,
        limits=(telling.LONGEST_TITLE, telling.LONGEST_NOTE),
    )  # fmt: skip
    return page, status
