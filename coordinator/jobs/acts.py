"""What somebody asks for, one transaction each: open a session, call the domain, commit, nudge.

Pages, the API and the command line do the same things here, so that none of them forgets to tell the subscribers or the
workers. Each returns the bulletin's code or state, never a row that outlives its session. ``also`` runs last in the
same transaction, before it commits: what it raises undoes the act, what it writes is written if and only if the act is.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from campaigns.people.staff import Actor
from campaigns.publishing import delivery_acts, drafting, outbox, subscriptions, urgent, workflow
from campaigns.publishing.bulletins import Bulletin, find_bulletin
from campaigns.publishing.drafting import Text
from campaigns.publishing.outbox import Delivery
from campaigns.publishing.urgent import Review
from campaigns.tracking import following
from coordinator.imports.cleaning import clean_html
from coordinator.imports.plaintext import text_to_html
from coordinator.jobs.workplace import Front

Also = Callable[[Session, Bulletin], None]


@dataclass(frozen=True)
class Stood:
    """How a bulletin stands after an act."""

    code: str
    state: str
    revision: int
    revision_hash: str


def make_text(
    title: str, lead: str, *, body_html: str | None = None, body_text: str | None = None, base: str = ""
) -> Text:
    """A text fit to be saved: cleaned, with its plain text derived. ``base``: the page that relative links are read
    from.

    Raises ``Invalid`` on a body that is too large.
    """
    html = body_html if body_html is not None else text_to_html(body_text or "")
    clean = clean_html(html, base=base or None)
    return Text(title=title, lead=lead, body_html=clean.html, body_text=clean.text)


def stood(bulletin: Bulletin) -> Stood:
    """How a bulletin stands; called before its session ends."""
    number = bulletin.pending or bulletin.latest
    return Stood(bulletin.code, bulletin.state.value, number, bulletin.revision(number).hash)


def _drafted(front: Front, act: Callable[[Session, datetime], Bulletin], also: Also | None) -> Stood:
    """An act that outsiders see nothing of."""
    with front.place.database.write() as session:
        bulletin = act(session, front.place.now())
        if also is not None:
            also(session, bulletin)
        return stood(bulletin)


def _changed(front: Front, act: Callable[[Session, datetime], Bulletin], also: Also | None) -> Stood:
    """An act after which outsiders may see something else."""
    with front.place.database.write() as session:
        # The write lock first and the time second, so that of two releases the later one has the later moment.
        session.connection()
        now = front.place.now()
        bulletin = act(session, now)
        session.flush()
        subscriptions.announce(session, now=now)
        following.look_again(session, bulletin, front.place.pace, now=now)
        if also is not None:
            also(session, bulletin)
        how = stood(bulletin)
    front.runner.nudge("deliver", how.code)
    front.runner.nudge("tell", how.code)
    return how


def create(
    front: Front,
    actor: Actor,
    text: Text,
    *,
    topic: str,
    campaign: str | None = None,
    source_url: str | None = None,
    channels: Sequence[str] | None = None,
    also: Also | None = None,
) -> Stood:
    """Save a new draft."""

    def act(session: Session, now: datetime) -> Bulletin:
        return drafting.create(
            session, actor, text, topic=topic, campaign=campaign, source_url=source_url, channels=channels, now=now
        )

    return _drafted(front, act, also)


def revise(
    front: Front,
    actor: Actor,
    code: str,
    text: Text,
    *,
    topic: str | None = None,
    campaign: str | None = None,
    source_url: str | None = None,
    channels: Sequence[str] | None = None,
    cleared: Collection[str] = (),
    expected: int | None = None,
    also: Also | None = None,
) -> Stood:
    """Save another text of what is not out yet; ``expected`` is the revision it was made from."""

    def act(session: Session, now: datetime) -> Bulletin:
        return drafting.revise(
            session, actor, code, text, topic=topic, campaign=campaign, source_url=source_url, channels=channels,
            cleared=cleared, expected=expected, now=now,
        )  # fmt: skip

    return _drafted(front, act, also)


def submit(front: Front, actor: Actor, code: str, *, also: Also | None = None) -> Stood:
    """Hand a draft over for approval."""
    return _drafted(front, lambda session, now: workflow.submit(session, actor, code, now=now), also)


def return_for_changes(front: Front, actor: Actor, code: str, note: str, *, also: Also | None = None) -> Stood:
    """Give it back to the writer."""
    return _drafted(front, lambda session, now: workflow.return_for_changes(session, actor, code, note, now=now), also)


def approve(front: Front, actor: Actor, code: str, revision_hash: str, *, also: Also | None = None) -> Stood:
    """Approve one exact text; a pending correction goes out with it."""
    natures = front.place.natures
    return _changed(
        front, lambda session, now: workflow.approve(session, actor, code, revision_hash, natures, now=now), also
    )


def publish_urgent(
    front: Front, actor: Actor, code: str, revision_hash: str, reason: str, *, also: Also | None = None
) -> Stood:
    """Release now with one signature; another person reviews it after."""
    natures = front.place.natures
    return _changed(
        front,
        lambda session, now: urgent.publish_urgent(session, actor, code, revision_hash, reason, natures, now=now),
        also,
    )


def review_urgent(front: Front, actor: Actor, code: str, outcome: Review, note: str) -> None:
    """What the second person says of an urgent release."""
    with front.place.database.write() as session:
        urgent.review(session, actor, code, outcome, note, now=front.place.now())


def publish(
    front: Front,
    actor: Actor,
    code: str,
    at: datetime | None = None,
    *,
    seen: workflow.Seen | None = None,
    also: Also | None = None,
) -> Stood:
    """Release now, or schedule; ``seen`` is the time that stood on the form."""
    natures = front.place.natures
    return _changed(
        front,
        lambda session, now: workflow.publish(session, actor, code, natures, at=at, seen=seen, now=now),
        also,
    )


def clear_time(front: Front, actor: Actor, code: str, seen: workflow.Seen) -> Stood:
    """Take a scheduled bulletin's time away; it stays approved."""
    return _drafted(front, lambda session, now: workflow.clear_time(session, actor, code, seen=seen, now=now), None)


def correct(
    front: Front,
    actor: Actor,
    code: str,
    text: Text,
    note: str,
    *,
    expected: int | None = None,
    also: Also | None = None,
) -> Stood:
    """Correct what is out; ``expected`` is the revision the text was made from."""
    natures = front.place.natures
    return _changed(
        front,
        lambda session, now: workflow.correct(session, actor, code, text, note, natures, expected=expected, now=now),
        also,
    )


def recall(front: Front, actor: Actor, code: str, reason: str, *, also: Also | None = None) -> Stood:
    """Withdraw what is out."""
    natures = front.place.natures
    return _changed(front, lambda session, now: workflow.recall(session, actor, code, reason, natures, now=now), also)


def retry_delivery(
    front: Front, actor: Actor, delivery: str, *, also: Callable[[Session, Delivery], None] | None = None
) -> None:
    """Try a failed delivery again now, with its old key."""
    with front.place.database.write() as session:
        row = outbox.find_delivery(session, delivery)
        delivery_acts.retry(session, actor, row, now=front.place.now())
        if also is not None:
            also(session, row)
    front.runner.nudge("deliver", delivery)


def resolve_delivery(
    front: Front,
    actor: Actor,
    delivery: str,
    *,
    arrived: bool,
    url: str | None = None,
    again: bool = False,
    also: Callable[[Session, Delivery], None] | None = None,
) -> None:
    """A person settles what became of a delivery."""
    with front.place.database.write() as session:
        row = outbox.find_delivery(session, delivery)
        delivery_acts.resolve(session, actor, row, arrived=arrived, url=url, again=again, now=front.place.now())
        if also is not None:
            also(session, row)
    front.runner.nudge("deliver", delivery)


def current_text(front: Front, code: str) -> tuple[Text, int]:
    """The newest text of a bulletin and its number, to start a change from."""
    with front.place.database.read() as session:
        bulletin = find_bulletin(session, code)
        one = bulletin.revision(bulletin.latest)
        return Text(one.title, one.lead, one.body_html, one.body_text), one.number
