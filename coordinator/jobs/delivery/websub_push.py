"""The WebSub hub's requests: the verification of a subscription at its callback, and the distribution of a changed
feed."""

import logging
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.channels.transport import TransportError
from campaigns.core.errors import CampaignError
from campaigns.core.ledger import Claim
from campaigns.delivery import retry_policy, websub_subscriptions
from campaigns.delivery.websub_subscriptions import SubscriptionState, WebsubSubscription
from coordinator.feeds import websub
from coordinator.feeds.formats import FORMATS
from coordinator.feeds.websub import Distribution, DistributionOutcome, SubscriptionMode
from coordinator.http.errors import RequestError
from coordinator.jobs import sending
from coordinator.jobs.context import JobContext
from coordinator.jobs.delivery import feed_serving
from coordinator.jobs.sending import Outcome, SendKind
from coordinator.logs import event_fields

log = logging.getLogger(__name__)

VERIFICATION_TRIES = 3
MAX_ANSWER_BYTES = 65_536  # of a callback's response, which repeats a challenge


@dataclass(frozen=True)
class HubTask:
    """One subscription and the request to its callback. ``mode``: None for an active one. ``packet``: the feed; None
    when it no longer exists, or for a verification. ``announced``: when the distributed change was announced."""

    mode: SubscriptionMode | None
    topic: str
    callback: str
    challenge: str
    lease_seconds: int
    announced: datetime | None
    packet: Distribution | None


class HubKind(SendKind[HubTask]):
    """Subscriptions to verify or to send a feed to. A repetition does no harm."""

    table = WebsubSubscription

    def select_claims(self, context: JobContext, session: Session, limit: int, now: datetime) -> list[Claim]:
        """Claim one subscription of each host that is not being called."""
        return websub_subscriptions.claim_one_per_host(session, limit, context.intervals.lease, now=now)

    def compose(self, context: JobContext, taken: Claim) -> HubTask | None:
        """Read the subscription, and build the feed for an active one."""
        with context.database.read() as session:
            row = session.get(WebsubSubscription, taken.id)
            if row is None:
                return None
            active = row.state is SubscriptionState.ACTIVE
            ending = row.state is SubscriptionState.ENDING
            mode = SubscriptionMode.UNSUBSCRIBE if ending else SubscriptionMode.SUBSCRIBE
            topic = str(context.encryption.decrypt(row.encrypted_topic)["topic"])
            # Read before the feed: a change that is announced later may not be in it.
            announced = row.due_at
            packet = _feed_payload(context, session, row, topic) if active else None
            return HubTask(
                None if active else mode, topic, row.callback, row.challenge or "", row.lease_seconds, announced, packet
            )

    def send(self, context: JobContext, taken: Claim, task: HubTask) -> Outcome:
        """Verify the subscription, send it the feed, or end it where the feed no longer exists."""
        try:
            if task.mode is not None:
                return _verify(context, taken, task, task.mode)
            if task.packet is None:
                return _deny(context, taken, task, "its feed is no longer there")
            return _distribute(context, taken, task, task.packet)
        except RequestError as error:
            raise TransportError(str(error)) from error

    def failed(self, context: JobContext, taken: Claim, task: HubTask, error: TransportError) -> Outcome:
        """Retry later; a verification that fails too often is a refusal."""
        if task.mode is not None and taken.attempt >= VERIFICATION_TRIES:
            return _refused(context, taken, task, str(error))
        return _retry_later(context, taken, str(error), error.retry_after, task.announced if task.packet else None)

    def crashed(self, context: JobContext, taken: Claim, error: BaseException) -> Outcome:
        """Retry on the usual schedule."""
        return _retry_later(context, taken, sending.crash_message(error))


def _feed_payload(context: JobContext, session: Session, row: WebsubSubscription, topic: str) -> Distribution | None:
    query = feed_serving.topic_query(context, topic)
    if query is None:
        return None
    try:
        now = context.now()
        state = feed_serving.read_state(context, session, query, now)
        feed = feed_serving.render_feed(context, session, state, now)
    except CampaignError:
        return None  # the partner's key or its topic no longer exists
    secret = context.encryption.decrypt(row.encrypted_secret).get("secret")
    return websub.distribution_request(
        topic=topic,
        hub_url=feed_serving.hub_address(context),
        media_type=FORMATS[query.name].media_type,
        body=feed.body,
        secret=secret,
    )


def _verify(context: JobContext, taken: Claim, task: HubTask, mode: SubscriptionMode) -> Outcome:
    url = websub.verification_url(
        mode=mode, callback=task.callback, topic=task.topic, challenge=task.challenge, lease_seconds=task.lease_seconds
    )
    answer = context.http_client.get(url, cap=MAX_ANSWER_BYTES, max_redirects=0)
    if not websub.is_confirmed(answer.status, answer.body, task.challenge):
        return _refused(context, taken, task, f"the callback did not confirm: {answer.status}")
    now = context.now()

    def also(session: Session) -> None:
        row = _still_asked(session, taken, task)
        if row is not None:
            websub_subscriptions.confirm_subscription(session, row, now=now)

    # The topic is not logged: the address of a partner's feed contains its key.
    return Outcome({"due_at": now}, also, partial(log.info, "%s by %s confirmed", mode.value, task.callback))


def _still_asked(session: Session, taken: Claim, task: HubTask) -> WebsubSubscription | None:
    """Return the subscription, if the answer belongs to its present request. A request that came meanwhile has another
    challenge: it stays due, and this answer does not apply to it."""
    row = session.get_one(WebsubSubscription, taken.id, populate_existing=True)
    return row if row.challenge == task.challenge else None


def _refused(context: JobContext, taken: Claim, task: HubTask, why: str) -> Outcome:
    now = context.now()

    def also(session: Session) -> None:
        row = _still_asked(session, taken, task)
        if row is not None:
            websub_subscriptions.refuse_subscription(session, row, why, now=now)

    report = partial(
        log.info, "subscription %d refused: %s", taken.id, why,
        extra=event_fields("refused", work="websub", row=taken.id),
    )  # fmt: skip
    return Outcome({"due_at": now}, also, report)


def _distribute(context: JobContext, taken: Claim, task: HubTask, packet: Distribution) -> Outcome:
    answer = context.http_client.post(task.callback, body=packet.body, headers=dict(packet.headers))
    match websub.distribution_outcome(answer.status):
        case DistributionOutcome.TAKEN:
            due = _unless_announced(task.announced)
            return Outcome({"attempt": 0, "last_error": "", "sent_change": context.now(), "due_at": due})
        case DistributionOutcome.GONE:
            return _ended(taken, "the callback answered 410")
        case _:
            message = f"the callback answered {answer.status}"
            raise TransportError(message, status=answer.status, retry_after=answer.retry_after)


def _unless_announced(announced: datetime | None) -> sa.ColumnElement[datetime | None]:
    """Return the values of a subscription that is no longer due, unless another change was announced meanwhile."""
    return sa.case((WebsubSubscription.due_at != announced, WebsubSubscription.due_at), else_=None)


def _retry_later(
    context: JobContext, taken: Claim, why: str, retry_after: float | None = None, announced: datetime | None = None
) -> Outcome:
    waits = context.intervals.retries
    now = context.now()
    # When the tries are used up this change is dropped; the subscription stays, and the next change is sent.
    due: datetime | sa.ColumnElement[datetime | None] = _unless_announced(announced)
    if taken.attempt <= len(waits):
        wait = retry_policy.with_jitter(waits[taken.attempt - 1], context.randomness.random())
        due = now + max(wait, retry_policy.capped_retry_after(retry_after))
    report = partial(
        log.warning, "subscription %d: %s", taken.id, why, extra=event_fields("failed", work="websub", row=taken.id)
    )
    return Outcome({"due_at": due, "last_error": why[:2000]}, report=report)


def _deny(context: JobContext, taken: Claim, task: HubTask, why: str) -> Outcome:
    """End a subscription and notify its callback once; a subscriber that misses it notices when its lease ends
    (5.2)."""
    url = websub.denied_url(callback=task.callback, topic=task.topic, reason=why)
    try:
        context.http_client.get(url, cap=MAX_ANSWER_BYTES, max_redirects=0)
    except RequestError as error:
        log.info("subscription %d was not notified of its end: %s", taken.id, error)
    return _ended(taken, why)


def _ended(taken: Claim, why: str) -> Outcome:
    def also(session: Session) -> None:
        session.delete(session.get_one(WebsubSubscription, taken.id, populate_existing=True))

    report = partial(
        log.info, "subscription %d ended: %s", taken.id, why, extra=event_fields("ended", work="websub", row=taken.id)
    )
    return Outcome({"due_at": None}, also, report)
