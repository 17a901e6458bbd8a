"""Released bulletins by words: what outsiders find, in the archive and in the portal."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins import visibility
from campaigns.bulletins.bulletins import Bulletin, Revision
from campaigns.bulletins.visibility import Audience, Released
from campaigns.core.vietnamese import fold
from campaigns.search.index import IndexedKind
from campaigns.search.query import parse_query
from campaigns.search.results import MOST_COUNTED, SearchFilter, find_hits


def find_released(
    session: Session,
    audience: Audience,
    words: str,
    conditions: Sequence[sa.ColumnElement[bool]] = (),
    *,
    narrowed: SearchFilter | None = None,
    topic: str | None = None,
    now: datetime,
) -> list[Released]:
    """The visible bulletins that match the words, most relevant first, at most ``MOST_COUNTED``.

    The index has the newest revision of each, which may be an unpublished correction: then the published revision must
    contain every word itself. ``narrowed``: what the index may be asked besides; ``conditions`` hold in any case.
    """
    hits = find_hits(
        session, IndexedKind.BULLETIN, parse_query(words), narrowed or SearchFilter(), most=MOST_COUNTED
    ).rows
    order = {hit.number: place for place, hit in enumerate(hits)}
    if not order:
        return []
    listed = visibility.released_list(audience, [Bulletin.id.in_(list(order)), *conditions], topic=topic, now=now)
    fits = [
        Released(bulletin, revision)
        for bulletin, revision in listed.rows(session, MOST_COUNTED)
        if bulletin.latest == bulletin.released or _contains_words(bulletin, revision, words)
    ]
    return sorted(fits, key=lambda released: order[released.bulletin.id])


def _contains_words(bulletin: Bulletin, revision: Revision, words: str) -> bool:
    text = fold(f"{bulletin.code} {revision.title} {revision.lead} {revision.body_text}")
    return all(word in text for word in fold(words.replace('"', " ")).split())
