"""Tell: the hub's work. Verify a subscription's callback, or send it the feed that has changed."""

import logging
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import ledger
from campaigns.core.errors import CampaignError
from campaigns.publishing import retrying, subscriptions
from campaigns.publishing.subscriptions import Subscription, SubscriptionState
from coordinator.feeds import websub
from coordinator.feeds.conditional import Asked
from coordinator.feeds.formats import FORMATS
from coordinator.feeds.websub import Distribution, Mode, Reception
from coordinator.http import DoorError
from coordinator.jobs import serving
from coordinator.jobs.workplace import Workplace
from coordinator.logs import about

log = logging.getLogger(__name__)


def claim(place: Workplace, limit: int) -> list[ledger.Claim]:
    """Lease up to ``limit`` subscriptions that are to be verified or told."""
    now = place.now()
    with place.database.write() as session:
        return ledger.claim(session, Subscription, limit, place.pace.lease, now=now)


def act(place: Workplace, taken: ledger.Claim) -> None:
    """Verify or tell one subscriber."""
    with place.database.read() as session:
        row = session.get(Subscription, taken.id)
        if row is None:
            return
        verifying = row.state is not SubscriptionState.ACTIVE
        mode = Mode.UNSUBSCRIBE if row.state is SubscriptionState.ENDING else Mode.SUBSCRIBE
        topic = _topic(place, row)
        callback, challenge, lease = row.callback, row.challenge or "", row.lease_seconds
        # Read before the feed: what is announced from here on may not be in it.
        announced = row.due_at
        packet = None if verifying else _packet(place, session, row, topic, place.now())
    if verifying:
        _verify(place, taken, mode, callback, topic, challenge, lease)
    elif packet is None:
        _deny(place, taken, callback, topic, "its feed is no longer there")
    else:
        _send(place, taken, callback, packet, announced)


def broken(place: Workplace, taken: ledger.Claim, error: BaseException) -> None:
    """A bug while telling: tried again on the usual schedule."""
    _again(place, taken, f"the program failed: {error}", None)


def _topic(place: Workplace, row: Subscription) -> str:
    return str(place.seal.open(row.sealed_topic)["topic"])


def _packet(place: Workplace, session: Session, row: Subscription, topic: str, now: datetime) -> Distribution | None:
    query = serving.query_of(place, topic)
    if query is None:
        return None
    try:
        served = serving.serve(place, session, place.feeds, query, Asked(), now)
    except CampaignError:
        return None  # the partner's key is gone, or its topic
    secret = place.seal.open(row.sealed_secret).get("secret")
    return websub.distribute(
        topic=topic,
        hub_url=f"{place.addresses.base}/hub",
        media_type=FORMATS[query.name].media_type,
        body=served.reply.body,
        secret=secret,
    )


def _verify(
    place: Workplace, taken: ledger.Claim, mode: Mode, callback: str, topic: str, challenge: str, lease: int
) -> None:
    url = websub.verification_url(mode=mode, callback=callback, topic=topic, challenge=challenge, lease_seconds=lease)
    try:
        answer = place.door.get(url, cap=65_536, max_redirects=0)
    except DoorError as error:
        if taken.attempt < 3:
            _again(place, taken, str(error), None)
        else:
            _refuse(place, taken, str(error), challenge)
        return
    if not websub.confirms(answer.status, answer.body, challenge):
        _refuse(place, taken, f"the callback did not confirm: {answer.status}", challenge)
        return
    with place.database.write() as session:
        row = _still_asked(place, session, taken, challenge)
        if row is None:
            return
        subscriptions.confirm(session, row, now=place.now())
    log.info("%s by %s confirmed", mode.value, callback)  # not of what: a partner's feed has its key in its address


def _still_asked(place: Workplace, session: Session, taken: ledger.Claim, challenge: str) -> Subscription | None:
    """The subscription, locked, if the answer is to what is being asked now. Another request that came meanwhile has a
    challenge of its own: it is due at once, and this answer says nothing about it."""
    if not ledger.holds(session, Subscription, taken):
        return None
    row = session.get_one(Subscription, taken.id)
    if row.challenge == challenge:
        return row
    ledger.settle(session, Subscription, taken, {"due_at": place.now()})
    return None


def _unless_announced(announced: datetime | None) -> sa.ColumnElement[datetime | None]:
    """No more to do, unless a change was announced since ``announced`` was read."""
    return sa.case((Subscription.due_at != announced, Subscription.due_at), else_=None)


def _send(
    place: Workplace, taken: ledger.Claim, callback: str, packet: Distribution, announced: datetime | None
) -> None:
    try:
        answer = place.door.post(callback, body=packet.body, headers=dict(packet.headers))
    except DoorError as error:
        _again(place, taken, str(error), None, announced)
        return
    match websub.reception(answer.status):
        case Reception.TAKEN:
            with place.database.write() as session:
                values = {"attempt": 0, "last_error": "", "sent_change": place.now()}
                ledger.settle(session, Subscription, taken, values | {"due_at": _unless_announced(announced)})
        case Reception.GONE:
            _end(place, taken, "the callback answered 410")
        case _:
            _again(place, taken, f"the callback answered {answer.status}", answer.retry_after, announced)


def _again(
    place: Workplace, taken: ledger.Claim, why: str, asked: float | None, announced: datetime | None = None
) -> None:
    waits = place.pace.retries
    now = place.now()
    # When tries are used up this notice is dropped; the subscription lives on, the next change is told again.
    due = None
    if taken.attempt <= len(waits):
        due = now + retrying.spread_by(waits[taken.attempt - 1], place.chance.random())
        due = max(due, now + retrying.patience(asked))
    with place.database.write() as session:
        values = {"due_at": due if due is not None else _unless_announced(announced), "last_error": why[:2000]}
        ledger.settle(session, Subscription, taken, values)
    log.warning("subscription %d: %s", taken.id, why, extra=about("failed", work="tell", row=taken.id))


def _refuse(place: Workplace, taken: ledger.Claim, why: str, challenge: str) -> None:
    with place.database.write() as session:
        row = _still_asked(place, session, taken, challenge)
        if row is None:
            return
        subscriptions.refuse(session, row, why, now=place.now())
    log.info("subscription %d refused: %s", taken.id, why, extra=about("refused", work="tell", row=taken.id))


def _deny(place: Workplace, taken: ledger.Claim, callback: str, topic: str, why: str) -> None:
    """End a subscription and tell its callback, once: whoever does not hear it finds out when the lease ends (5.2)."""
    try:
        place.door.get(websub.denied_url(callback=callback, topic=topic, reason=why), cap=65_536, max_redirects=0)
    except DoorError as error:
        log.info("subscription %d was not told of its end: %s", taken.id, error)
    _end(place, taken, why)


def _end(place: Workplace, taken: ledger.Claim, why: str) -> None:
    with place.database.write() as session:
        if ledger.holds(session, Subscription, taken):
            session.delete(session.get_one(Subscription, taken.id))
    log.info("subscription %d ended: %s", taken.id, why, extra=about("ended", work="tell", row=taken.id))
