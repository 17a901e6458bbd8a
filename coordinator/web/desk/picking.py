"""Fields in which one types a few letters and picks one of many: what was typed, and what it was taken for.

A field ``partner`` sends three values: ``partner`` (the code that is chosen), ``partner.q`` (what stands in the box)
and ``partner.was`` (what stood there when the page was made). As long as the box says what it said, the code holds;
else what was typed is looked up. So the same form works with the script, which puts the code in at once, and without.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from campaigns.searching import picking
from campaigns.searching.asking import MOST_TYPED
from campaigns.searching.picking import MOST, Offer, Offers, Thing
from coordinator.imports.characters import storable
from coordinator.web import formats
from coordinator.web.look import language
from coordinator.web.saying import _
from coordinator.web.security import front, staff

blueprint = Blueprint("picking", __name__, url_prefix="/desk/pick")

FEW = 50  # as many as a select still shows at a glance; with more of them one types
TYPED, WAS = ".q", ".was"  # what the box says, and what it said when the page was made
ADD = "add"  # the button that puts one more on a list, its value the field's name


@dataclass(frozen=True)
class Pick:
    """One field. ``code``: what is chosen, '' for nothing; ``text`` and ``was`` as the form sends them. ``options``:
    every (code, name) while they are few. ``found``: what the text may mean; ``error``: why nothing was taken."""

    thing: Thing
    name: str
    code: str = ""
    text: str = ""
    was: str = ""
    options: Sequence[tuple[str, str]] | None = None
    found: Sequence[Offer] = ()
    error: str = ""


@dataclass(frozen=True)
class Picks:
    """A field that takes several. ``chosen``: those on the list, in their order; ``more``: a press on the button that
    only adds one; the rest as of ``Pick``."""

    thing: Thing
    name: str
    chosen: Sequence[Offer] = ()
    text: str = ""
    found: Sequence[Offer] = ()
    error: str = ""
    more: bool = False

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of those chosen."""
        return tuple(one.code for one in self.chosen)


@blueprint.get("/<thing>")
@staff()
def suggest(thing: str) -> ResponseReturnValue:
    """What fits what stands in a field, to be put below it. Asked for as a page, it is the search."""
    things = {one.value: one for one in Thing}
    if thing not in things:
        abort(404)
    name = next((key for key in request.args if key.endswith(TYPED)), "q")
    typed = _typed(request.args.get(name, ""))
    if request.headers.get("HX-Request") != "true":
        return redirect(url_for("search.results", q=typed), code=303)
    with front().place.database.read() as session:
        offers = picking.suggest(session, things[thing], typed)
    answer = make_response(
        render_template("parts/offered.html", offers=offers, typed=typed, name=name, nothing=_nothing(things[thing]))
    )
    answer.vary.add("HX-Request")
    return answer


def one(session: Session, thing: Thing, name: str, values: Mapping[str, str]) -> Pick:
    """A field as an address or a form has it."""
    code = storable(values.get(name, ""))[0].strip()[:80]
    few = picking.few(session, thing, FEW)
    options = [(offer.code, offer.name) for offer in few] if few is not None else None
    text, was = values.get(name + TYPED), _typed(values.get(name + WAS, ""))
    if text is None or (code and _typed(text) == was):
        known = {offer.code: offer for offer in few or ()}
        if code not in known:  # of many; or a partner's former code, which leads to the one it is now
            known = picking.named(session, thing, [code])
        if code not in known:
            return Pick(thing, name, code, code, code, options)
        return Pick(thing, name, known[code].code, known[code].name, known[code].name, options)
    typed = _typed(text)
    if not typed:
        return Pick(thing, name, options=options)
    offers = picking.look_up(session, thing, typed)
    if len(offers.rows) == 1:
        (only,) = offers.rows
        return Pick(thing, name, only.code, only.name, only.name, options)
    return Pick(thing, name, "", typed, typed, options, offers.rows, _why(thing, typed, offers))


def code_in(values: Mapping[str, str], name: str) -> str:
    """The code that a field sends, '' while its box says something else that is yet to be understood."""
    text = values.get(name + TYPED)
    stands = text is None or _typed(text) == _typed(values.get(name + WAS, ""))
    return values.get(name, "").strip() if stands else ""


def several(session: Session, thing: Thing, name: str, form: MultiDict[str, str]) -> Picks:
    """A field that takes several, as a form has it; what stands in its box is added, if only one can be meant."""
    codes = list(dict.fromkeys(storable(code)[0] for code in form.getlist(name)))
    typed = _typed(form.get(name + TYPED, ""))
    # The key that sends a form presses its first button: with nothing typed to be added, that is no wish to add.
    more = form.get(ADD) == name and bool(typed)
    offers = picking.look_up(session, thing, typed) if typed else Offers()
    if len(offers.rows) == 1:
        codes = list(dict.fromkeys([*codes, offers.rows[0].code]))
        return Picks(thing, name, _kept(session, thing, codes), more=more)
    if typed == _typed(form.get(name + WAS, "")) and any(offer.code in codes for offer in offers.rows):
        # Asked which were meant, some were ticked: that is the answer.
        return Picks(thing, name, _kept(session, thing, codes), more=more)
    # What is on the list already is no answer to what is meant now.
    found = [offer for offer in offers.rows if offer.code not in codes]
    error = _why(thing, typed, offers) if typed else ""
    return Picks(thing, name, _kept(session, thing, codes), typed, found, error, more)


def stored(session: Session, thing: Thing, name: str, codes: Sequence[str]) -> Picks:
    """A field that takes several, with what a stored row has."""
    return Picks(thing, name, _kept(session, thing, codes))


def settled(*picks: Pick) -> ResponseReturnValue | None:
    """The address of this page with what was typed put in codes, once all of it is understood: an address that can be
    sent on says what is chosen, not what was typed. None when it is so already, or something is still to be chosen."""
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


def chosen(*picks: Pick) -> dict[str, str]:
    """The query of this address with these fields as they are understood; what is still to be chosen is no filter."""
    return {**request.args.to_dict(), **{pick.name: pick.code for pick in picks}}


def _kept(session: Session, thing: Thing, codes: Sequence[str]) -> list[Offer]:
    """These in their order. A code that nobody has stays on the list, so that saving can say so."""
    known = picking.named(session, thing, codes)
    return [known.get(code) or Offer(0, code, code, "") for code in codes]


def _typed(text: str) -> str:
    return " ".join(storable(text[:MOST_TYPED])[0].split())


def _nothing(thing: Thing) -> str:
    words = {
        Thing.PARTNER: _("Không thấy đối tác nào."),
        Thing.SITE: _("Không thấy trang nào."),
        Thing.CHANNEL: _("Không thấy kênh nào."),
    }
    return str(words[thing])


def _why(thing: Thing, typed: str, offers: Offers) -> str:
    """Why what was typed could not be taken as it stands."""
    if offers.more:
        words = _("“%(q)s” hợp với nhiều nơi, dưới đây là %(count)s nơi. Chọn một, hoặc gõ thêm chữ.")
    elif offers.rows:
        words = _("“%(q)s” hợp với %(count)s nơi. Chọn một, hoặc gõ thêm chữ.")
    else:
        words = {
            Thing.PARTNER: _("Không thấy đối tác nào cho “%(q)s”. Thử ít chữ hơn, tên miền hoặc số giấy phép."),
            Thing.SITE: _("Không thấy trang nào cho “%(q)s”. Thử ít chữ hơn hoặc tên miền."),
            Thing.CHANNEL: _("Không thấy kênh nào cho “%(q)s”. Thử ít chữ hơn hoặc tên đối tác."),
        }[thing]
    return str(words) % {"q": typed, "count": formats.number(len(offers.rows), language())}


__all__ = ["MOST", "Pick", "Picks", "Thing", "chosen", "one", "settled", "several", "stored"]
