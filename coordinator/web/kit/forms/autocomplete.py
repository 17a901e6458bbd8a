"""Autocomplete fields: a person types a few letters and chooses one of many rows.

A field ``partner`` sends three values: ``partner`` (the chosen code), ``partner.q`` (the text in the box) and
``partner.was`` (the text in the box when the page was made). While the text is unchanged the code is valid; otherwise
the text is looked up. The form therefore works with the script, which sets the code at once, and without it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from campaigns.search import autocomplete
from campaigns.search.autocomplete import MOST, PickableKind, Suggestion, Suggestions
from campaigns.search.query import MOST_TYPED
from coordinator.imports.text.characters import remove_controls
from coordinator.translation import _, language
from coordinator.web.auth.security import app_context, staff_required
from coordinator.web.kit.text import formats

blueprint = Blueprint("picking", __name__, url_prefix="/desk/pick")

FIRST_OFFERS = 50  # rows of a select that are read at a glance; with more a person types
TYPED, WAS = ".q", ".was"  # the text in the box, now and when the page was made
ADD = "add"  # name of the button that adds a row to a list; its value is the field's name


@dataclass(frozen=True)
class PickField:
    """One field. ``code``: the chosen row's, '' for none; ``text`` and ``was`` as the form sends them. ``options``:
    every (code, name) while they are few. ``found``: rows the text may mean; ``error``: why none was chosen."""

    thing: PickableKind
    name: str
    code: str = ""
    text: str = ""
    was: str = ""
    options: Sequence[tuple[str, str]] | None = None
    found: Sequence[Suggestion] = ()
    error: str = ""


@dataclass(frozen=True)
class PickListField:
    """A field with several rows. ``chosen``: the rows on the list; ``more``: whether the button that only adds a row
    was pressed; the rest as in ``PickField``."""

    thing: PickableKind
    name: str
    chosen: Sequence[Suggestion] = ()
    text: str = ""
    found: Sequence[Suggestion] = ()
    error: str = ""
    more: bool = False

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the chosen rows."""
        return tuple(row.code for row in self.chosen)


@blueprint.get("/<thing>")
@staff_required()
def suggest(thing: str) -> ResponseReturnValue:
    """The suggestions for the text in a field. Without htmx it redirects to the search."""
    things = {pickable_kind.value: pickable_kind for pickable_kind in PickableKind}
    if thing not in things:
        abort(404)
    name = next((key for key in request.args if key.endswith(TYPED)), "q")
    typed = _clean_typed(request.args.get(name, ""))
    if request.headers.get("HX-Request") != "true":
        return redirect(url_for("search.results", q=typed), code=303)
    with app_context().job_context.database.read() as session:
        offers = autocomplete.suggest(session, things[thing], typed)
    answer = make_response(
        render_template(
            "parts/autocomplete_options.html",
            offers=offers,
            typed=typed,
            name=name,
            nothing=_nothing_found_message(things[thing]),
        )
    )
    answer.vary.add("HX-Request")
    return answer


def single_field(session: Session, thing: PickableKind, name: str, values: Mapping[str, str]) -> PickField:
    """A field from the values of an address or a form."""
    code = remove_controls(values.get(name, "")).strip()[:80]
    few = autocomplete.all_if_few(session, thing, FIRST_OFFERS)
    options = [(offer.code, offer.name) for offer in few] if few is not None else None
    text, was = values.get(name + TYPED), _clean_typed(values.get(name + WAS, ""))
    if text is None or (code and _clean_typed(text) == was):
        known = {offer.code: offer for offer in few or ()}
        if code not in known:  # of many rows, or a merged partner's former code
            known = autocomplete.find_by_codes(session, thing, [code])
        if code not in known:
            return PickField(thing, name, code, code, code, options)
        return PickField(thing, name, known[code].code, known[code].name, known[code].name, options)
    typed = _clean_typed(text)
    if not typed:
        return PickField(thing, name, options=options)
    offers = autocomplete.look_up(session, thing, typed)
    if len(offers.rows) == 1:
        (only,) = offers.rows
        return PickField(thing, name, only.code, only.name, only.name, options)
    return PickField(thing, name, "", typed, typed, options, offers.rows, _not_taken_message(thing, typed, offers))


def selected_code(values: Mapping[str, str], name: str) -> str:
    """The code that a field sends, '' while its text is not looked up yet."""
    text = values.get(name + TYPED)
    unchanged = text is None or _clean_typed(text) == _clean_typed(values.get(name + WAS, ""))
    return values.get(name, "").strip() if unchanged else ""


def multiple_field(session: Session, thing: PickableKind, name: str, form: MultiDict[str, str]) -> PickListField:
    """A field with several rows from a form; the row of the text in the box is added if the text is unambiguous."""
    codes = list(dict.fromkeys(remove_controls(code) for code in form.getlist(name)))
    typed = _clean_typed(form.get(name + TYPED, ""))
    # The Enter key presses a form's first button: without a text it does not mean to add a row.
    more = form.get(ADD) == name and bool(typed)
    offers = autocomplete.look_up(session, thing, typed) if typed else Suggestions()
    if len(offers.rows) == 1:
        codes = list(dict.fromkeys([*codes, offers.rows[0].code]))
        return PickListField(thing, name, _offers_of(session, thing, codes), more=more)
    if typed == _clean_typed(form.get(name + WAS, "")) and any(offer.code in codes for offer in offers.rows):
        # Rows were ticked among those the text may mean.
        return PickListField(thing, name, _offers_of(session, thing, codes), more=more)
    # Rows on the list already are not offered.
    found = [offer for offer in offers.rows if offer.code not in codes]
    error = _not_taken_message(thing, typed, offers) if typed else ""
    return PickListField(thing, name, _offers_of(session, thing, codes), typed, found, error, more)


def stored_field(session: Session, thing: PickableKind, name: str, codes: Sequence[str]) -> PickListField:
    """A field with several rows from stored codes."""
    return PickListField(thing, name, _offers_of(session, thing, codes))


def resolved_url(*picks: PickField) -> ResponseReturnValue | None:
    """A redirect to this page's address with codes in place of typed texts, so that the address can be shared. None
    when it has codes already, or when a text is still ambiguous."""
    if not any(pick.name + TYPED in request.args for pick in picks) or any(pick.error for pick in picks):
        return None
    args = request.args.to_dict(flat=False)
    for pick in picks:
        for part in (TYPED, WAS):
            args.pop(pick.name + part, None)
        args.pop(pick.name, None)
        if pick.code:
            args[pick.name] = [pick.code]
    kept = {key: values for key, values in args.items() if any(values)}
    query = urlencode(kept, doseq=True)
    return redirect(f"{request.script_root}{request.path}" + (f"?{query}" if query else ""), code=303)


def resolved_query(*picks: PickField) -> dict[str, str]:
    """This address's query with the codes of these fields; an ambiguous field is no filter."""
    return {**request.args.to_dict(), **{pick.name: pick.code for pick in picks}}


def _offers_of(session: Session, thing: PickableKind, codes: Sequence[str]) -> list[Suggestion]:
    """The rows of these codes in their order. An unknown code stays on the list, so that saving reports it."""
    known = autocomplete.find_by_codes(session, thing, codes)
    return [known.get(code) or Suggestion(0, code, code, "") for code in codes]


def _clean_typed(text: str) -> str:
    return " ".join(remove_controls(text[:MOST_TYPED]).split())


def _nothing_found_message(thing: PickableKind) -> str:
    words = {
        PickableKind.PARTNER: _("Không thấy đối tác nào."),
        PickableKind.SITE: _("Không thấy trang nào."),
        PickableKind.CHANNEL: _("Không thấy kênh nào."),
        PickableKind.BULLETIN: _("Không thấy bản tin nào đã phát hành."),
    }
    return str(words.get(thing) or _("Không thấy trang hoặc tài khoản nào trên mạng này."))


def _not_taken_message(thing: PickableKind, typed: str, offers: Suggestions) -> str:
    """Why the text is not one row."""
    if offers.more:
        words = _("“%(q)s” hợp với nhiều nơi, dưới đây là %(count)s nơi. Chọn một, hoặc gõ thêm chữ.")
    elif offers.rows:
        words = _("“%(q)s” hợp với %(count)s nơi. Chọn một, hoặc gõ thêm chữ.")
    else:
        known = {
            PickableKind.PARTNER: _("Không thấy đối tác nào cho “%(q)s”. Thử ít chữ hơn, tên miền hoặc số giấy phép."),
            PickableKind.SITE: _("Không thấy trang nào cho “%(q)s”. Thử ít chữ hơn hoặc tên miền."),
            PickableKind.CHANNEL: _("Không thấy kênh nào cho “%(q)s”. Thử ít chữ hơn hoặc tên đối tác."),
            PickableKind.BULLETIN: _("Không thấy bản tin nào cho “%(q)s”. Thử ít chữ hơn hoặc mã bản tin."),
        }
        words = known.get(thing) or _("Không thấy trang hoặc tài khoản nào trên mạng này cho “%(q)s”.")
    return str(words) % {"q": typed, "count": formats.number(len(offers.rows), language())}


__all__ = [
    "MOST",
    "PickField",
    "PickListField",
    "PickableKind",
    "multiple_field",
    "resolved_query",
    "resolved_url",
    "single_field",
    "stored_field",
]
