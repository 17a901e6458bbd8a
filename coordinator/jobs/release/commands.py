"""Acts on bulletins, one transaction each: open a session, call the domain, commit, nudge the runner.

Pages, the API and the command line share these functions, so that subscribers and workers are always notified. Each
returns the bulletin's code or state, never a row that outlives its session. ``also`` runs last in the same transaction,
before the commit: an exception in it rolls the act back, and its writes are committed together with the act.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from campaigns.bulletins import drafts
from campaigns.bulletins.bulletins import Bulletin, find_bulletin
from campaigns.bulletins.drafts import BulletinText, text_of
from campaigns.delivery import manual_actions, outbox, websub_subscriptions
from campaigns.delivery.outbox import Delivery
from campaigns.people.staff import Actor
from campaigns.release import urgent_releases, workflow
from campaigns.release.single_signature_releases import ReviewOutcome
from campaigns.republications.lifecycle import outdated_copies
from coordinator.imports.text.plain_text import text_to_html
from coordinator.imports.text.sanitizer import clean_html
from coordinator.jobs.bulletins.foreign_pictures import keep_foreign_pictures
from coordinator.jobs.context import AppContext

InSameTransaction = Callable[[Session, Bulletin], None]


@dataclass(frozen=True)
class BulletinStatus:
    """The state of a bulletin after an act."""

    code: str
    state: str
    revision: int
    revision_hash: str


def make_text(
    title: str, lead: str, *, body_html: str | None = None, body_text: str | None = None, base: str = ""
) -> BulletinText:
    """A text ready to be saved: cleaned HTML and the plain text derived from it.

    ``base``: the address against which relative links are resolved.

    Raises ``Invalid`` on a body that is too large.
    """
    html = body_html if body_html is not None else text_to_html(body_text or "")
    clean = clean_html(html, base=base or None)
    return BulletinText(title=title, lead=lead, body_html=clean.html, body_text=clean.text)


def bulletin_status(bulletin: Bulletin) -> BulletinStatus:
    """The state of a bulletin; called before its session ends."""
    number = bulletin.pending or bulletin.latest
    return BulletinStatus(bulletin.code, bulletin.state.value, number, bulletin.revision(number).hash)


def _run_unpublished_act(
    app: AppContext, apply: Callable[[Session, datetime], Bulletin], also: InSameTransaction | None
) -> BulletinStatus:
    """Carry out an act that does not change the public content."""
    with app.job_context.database.write() as session:
        bulletin = apply(session, app.job_context.now())
        if also is not None:
            also(session, bulletin)
        return bulletin_status(bulletin)


def _run_published_act(
    app: AppContext, apply: Callable[[Session, datetime], Bulletin], also: InSameTransaction | None
) -> BulletinStatus:
    """Carry out an act that may change the public content."""
    with app.job_context.database.write() as session:
        # The time is read under the write lock, so that the later of two releases has the later time.
        session.connection()
        now = app.job_context.now()
        bulletin = apply(session, now)
        session.flush()
        websub_subscriptions.announce_change(session, now=now)
        outdated_copies.request_refetch(session, bulletin, app.job_context.intervals, now=now)
        if also is not None:
            also(session, bulletin)
        how = bulletin_status(bulletin)
    app.runner.nudge("delivery", how.code)
    app.runner.nudge("websub", how.code)
    return how


def create(
    app: AppContext,
    actor: Actor,
    text: BulletinText,
    *,
    topic: str,
    campaign: str | None = None,
    source_url: str | None = None,
    channels: Sequence[str] | None = None,
    also: InSameTransaction | None = None,
) -> BulletinStatus:
    """Save a new draft. Foreign pictures are kept here first."""
    text = keep_foreign_pictures(app.job_context, actor, text)

    def apply(session: Session, now: datetime) -> Bulletin:
        return drafts.create(
            session, actor, text, topic=topic, campaign=campaign, source_url=source_url, channels=channels, now=now
        )

    return _run_unpublished_act(app, apply, also)


def revise(
    app: AppContext,
    actor: Actor,
    code: str,
    text: BulletinText,
    *,
    topic: str | None = None,
    campaign: str | None = None,
    source_url: str | None = None,
    channels: Sequence[str] | None = None,
    cleared: Collection[str] = (),
    expected: int | None = None,
    also: InSameTransaction | None = None,
) -> BulletinStatus:
    """Save another text of an unpublished bulletin; ``expected`` is the revision it was made from. Foreign pictures are
    kept here first."""
    text = keep_foreign_pictures(app.job_context, actor, text)

    def apply(session: Session, now: datetime) -> Bulletin:
        return workflow.revise(
            session, actor, code, text, topic=topic, campaign=campaign, source_url=source_url, channels=channels,
            cleared=cleared, expected=expected, now=now,
        )  # fmt: skip

    return _run_unpublished_act(app, apply, also)


def submit(app: AppContext, actor: Actor, code: str, *, also: InSameTransaction | None = None) -> BulletinStatus:
    """Submit a draft for approval."""
    return _run_unpublished_act(app, lambda session, now: workflow.submit(session, actor, code, now=now), also)


def return_for_changes(
    app: AppContext, actor: Actor, code: str, note: str, *, also: InSameTransaction | None = None
) -> BulletinStatus:
    """Return a submitted bulletin to its writer."""
    return _run_unpublished_act(
        app, lambda session, now: workflow.return_for_changes(session, actor, code, note, now=now), also
    )


def ask_back(app: AppContext, actor: Actor, code: str, number: int, note: str) -> BulletinStatus:
    """Give a text that the actor changed back to the writer of an earlier one, who is asked to submit that."""
    return _run_unpublished_act(
        app, lambda session, now: workflow.ask_back(session, actor, code, number, note, now=now), None
    )


def resubmit(app: AppContext, actor: Actor, code: str, number: int, *, expected: int) -> BulletinStatus:
    """Take an earlier text of a draft up again and submit it."""
    return _run_unpublished_act(
        app, lambda session, now: workflow.resubmit(session, actor, code, number, expected=expected, now=now), None
    )


def approve(
    app: AppContext, actor: Actor, code: str, revision_hash: str, *, also: InSameTransaction | None = None
) -> BulletinStatus:
    """Approve one exact text; approval publishes a pending correction."""
    delivery_modes = app.job_context.delivery_modes
    return _run_published_act(
        app, lambda session, now: workflow.approve(session, actor, code, revision_hash, delivery_modes, now=now), also
    )


def publish_urgent(
    app: AppContext,
    actor: Actor,
    code: str,
    revision_hash: str,
    reason: str,
    *,
    also: InSameTransaction | None = None,
) -> BulletinStatus:
    """Release now with one approval; another person reviews it afterwards."""
    delivery_modes = app.job_context.delivery_modes
    return _run_published_act(
        app,
        lambda session, now: urgent_releases.publish_urgent(
            session, actor, code, revision_hash, reason, delivery_modes, now=now
        ),
        also,
    )


def review_urgent(app: AppContext, actor: Actor, code: str, outcome: ReviewOutcome, note: str) -> None:
    """Record the review of an urgent release by a second person."""
    with app.job_context.database.write() as session:
        urgent_releases.review_urgent(session, actor, code, outcome, note, now=app.job_context.now())


def publish(
    app: AppContext,
    actor: Actor,
    code: str,
    at: datetime | None = None,
    *,
    seen: workflow.SeenReleaseTime | None = None,
    also: InSameTransaction | None = None,
) -> BulletinStatus:
    """Release now, or schedule for ``at``; ``seen`` is the scheduled time shown on the form."""
    delivery_modes = app.job_context.delivery_modes
    return _run_published_act(
        app,
        lambda session, now: workflow.publish(session, actor, code, delivery_modes, at=at, seen=seen, now=now),
        also,
    )


def clear_time(app: AppContext, actor: Actor, code: str, seen: workflow.SeenReleaseTime) -> BulletinStatus:
    """Remove the release time of a scheduled bulletin, which stays approved."""
    return _run_unpublished_act(
        app, lambda session, now: workflow.clear_release_time(session, actor, code, seen=seen, now=now), None
    )


def correct(
    app: AppContext,
    actor: Actor,
    code: str,
    text: BulletinText,
    note: str,
    *,
    expected: int | None = None,
    also: InSameTransaction | None = None,
) -> BulletinStatus:
    """Correct a published bulletin; ``expected`` is the revision the text was made from. Foreign pictures are kept here
    first."""
    text = keep_foreign_pictures(app.job_context, actor, text)
    delivery_modes = app.job_context.delivery_modes
    return _run_published_act(
        app,
        lambda session, now: workflow.correct(
            session, actor, code, text, note, delivery_modes, expected=expected, now=now
        ),
        also,
    )


def recall(
    app: AppContext, actor: Actor, code: str, reason: str, *, also: InSameTransaction | None = None
) -> BulletinStatus:
    """Recall a published bulletin."""
    delivery_modes = app.job_context.delivery_modes
    return _run_published_act(
        app, lambda session, now: workflow.recall(session, actor, code, reason, delivery_modes, now=now), also
    )


def retry_delivery(
    app: AppContext, actor: Actor, delivery: str, *, also: Callable[[Session, Delivery], None] | None = None
) -> None:
    """Retry a failed delivery now, under its existing key."""
    with app.job_context.database.write() as session:
        row = outbox.find_delivery(session, delivery)
        manual_actions.retry_delivery(session, actor, row, now=app.job_context.now())
        if also is not None:
            also(session, row)
    app.runner.nudge("delivery", delivery)


def resolve_delivery(
    app: AppContext,
    actor: Actor,
    delivery: str,
    *,
    arrived: bool,
    url: str | None = None,
    again: bool = False,
    note: str = "",
    also: Callable[[Session, Delivery], None] | None = None,
) -> None:
    """Record the outcome of a delivery as a person determined it."""
    with app.job_context.database.write() as session:
        row = outbox.find_delivery(session, delivery)
        manual_actions.resolve_delivery(
            session, actor, row, arrived=arrived, url=url, again=again, note=note, now=app.job_context.now()
        )
        if also is not None:
            also(session, row)
    app.runner.nudge("delivery", delivery)


def current_text(app: AppContext, code: str) -> tuple[BulletinText, int]:
    """The newest text of a bulletin and its revision number, the base of a change."""
    with app.job_context.database.read() as session:
        bulletin = find_bulletin(session, code)
        revision = bulletin.revision(bulletin.latest)
        return replace(text_of(revision), presentation=None), revision.number
