"""Foreign pictures of a text: fetched when it is saved, made anew and kept here, so that an approver sees what readers
will see and nobody can exchange a picture after the approval. One that cannot be fetched is left out and named.
"""

import re
import time
from collections.abc import Mapping
from dataclasses import replace
from html import unescape
from urllib.parse import unquote, urlsplit

from campaigns.bulletins.drafts import BulletinText
from campaigns.bulletins.pictures import idents_in, pictures_by_ident
from campaigns.core.errors import Invalid
from campaigns.people.staff import Actor
from coordinator.http.errors import RequestError
from coordinator.imports.files.upload_inspection import MAX_BYTES
from coordinator.imports.text.sanitizer import clean_html
from coordinator.jobs.bulletins.pictures import store_picture
from coordinator.jobs.context import JobContext

MOST_FETCHED = 30  # pictures of one text; an article has a handful
PICTURE_DEADLINE = 10.0  # seconds for one picture
TEXT_DEADLINE = 40.0  # seconds for all of one text, while a person waits for the save
# A tag and its source in HTML as the cleaning writes it: attributes in double quotes.
_TAG = re.compile(r'<img\b(?:[^>"]|"[^"]*")*>')
_SOURCE = re.compile(r'\bsrc="([^"]*)"')
_FIGURE = re.compile(r"<figure>((?:(?!</figure>).)*)</figure>", re.DOTALL)


def keep_foreign_pictures(context: JobContext, actor: Actor, text: BulletinText) -> BulletinText:
    """The text with its foreign pictures kept here, under our addresses. ``lost_pictures`` names those that could not
    be fetched or are no pictures; they are left out, with their figure and caption.

    Called outside a transaction: it crosses the network. Raises ``Forbidden`` for an actor who does not write.
    """
    foreign = _foreign_sources(context, text.body_html)
    if not foreign:
        return text
    kept: dict[str, str] = {}
    lost: list[str] = []
    until = time.monotonic() + TEXT_DEADLINE
    own = _own_pictures(context, foreign)
    for number, address in enumerate(foreign):
        found = own.get(address)
        if found is None and number < MOST_FETCHED and time.monotonic() < until:
            found = _fetched(context, actor, address)
        if found is None:
            lost.append(address)
        else:
            kept[address] = found
    clean = clean_html(_rewritten(text.body_html, kept, frozenset(lost)))
    return replace(text, body_html=clean.html, body_text=clean.text, lost_pictures=tuple(lost))


def _foreign_sources(context: JobContext, html: str) -> list[str]:
    """The addresses of pictures that are not under our present address, each once."""
    ours = f"{context.addresses.base}/pictures/"
    sources = (unescape(found[1]) for tag in _TAG.findall(html) if (found := _SOURCE.search(tag)))
    return [address for address in dict.fromkeys(sources) if not (address.startswith(ours) and idents_in(address))]


def _own_pictures(context: JobContext, addresses: list[str]) -> Mapping[str, str]:
    """Pictures of ours under a former address of ours, which nothing has to fetch."""
    former = {
        address: idents[0]
        for address in addresses
        if address.startswith(context.addresses.all_bases) and (idents := idents_in(address))
    }
    with context.database.read() as session:
        rows = pictures_by_ident(session, former.values())
        return {
            address: context.addresses.picture(ident, rows[ident].suffix)
            for address, ident in former.items()
            if ident in rows
        }


def _fetched(context: JobContext, actor: Actor, address: str) -> str | None:
    """Our address of a picture that was fetched and made anew, or None."""
    try:
        answer = context.http_client.get(address, cap=MAX_BYTES, deadline=PICTURE_DEADLINE, accept="image/*")
        if answer.status != 200:
            return None
        name = unquote(urlsplit(address).path.rpartition("/")[2])
        return store_picture(context, actor, answer.body, name).url
    except (RequestError, Invalid):
        return None


def _rewritten(html: str, kept: Mapping[str, str], lost: frozenset[str]) -> str:
    """The HTML with our addresses, and without the lost pictures and the figures that showed nothing else."""

    def picture(tag: re.Match[str]) -> str:
        source = _SOURCE.search(tag[0])
        address = unescape(source[1]) if source else ""
        if address in lost:
            return ""
        # Our addresses hold no character that HTML escapes.
        return tag[0] if address not in kept else _SOURCE.sub(f'src="{kept[address]}"', tag[0], count=1)

    def figure(whole: re.Match[str]) -> str:
        inside = _TAG.sub(picture, whole[1])
        return f"<figure>{inside}</figure>" if "<img" in inside or "<img" not in whole[1] else ""

    return _TAG.sub(picture, _FIGURE.sub(figure, html))
