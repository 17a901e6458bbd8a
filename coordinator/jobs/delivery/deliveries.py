"""Deliver one revision to one channel: what to send, how it is sent, and what each outcome writes.

A crash leaves an expired lease. Channels that accept a repeat with the same key are sent to again; those that can be
asked are asked first; for the rest the outcome is *unknown* and a person decides. Nothing is posted twice blindly.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins import pictures
from campaigns.bulletins.bulletins import Revision
from campaigns.bulletins.formatting import compose_message, media_words_html
from campaigns.bulletins.library.video_addresses import keep_delivered_address
from campaigns.bulletins.media import MediaItem, lead_picture, media_by_ident
from campaigns.bulletins.media import from_json as media_from_json
from campaigns.bulletins.presentation import Cover, from_json
from campaigns.channels import health
from campaigns.channels.channels import Channel, ChannelState
from campaigns.channels.transport import (
    Capabilities,
    ChannelSign,
    CoverFile,
    DeliveryAct,
    Message,
    MessageMedium,
    Receipt,
    SupportsFind,
    SupportsPoll,
    Transport,
    TransportError,
)
from campaigns.core import ledger
from campaigns.core.errors import Invalid
from campaigns.core.ledger import Claim
from campaigns.delivery import backlog, delays, engagement, outbox, outbox_claims, retry_policy
from campaigns.delivery.media_limits import message_media
from campaigns.delivery.outbox import Attempt, AttemptOutcome, Delivery, DeliveryState
from campaigns.delivery.retry_policy import RetryDecision
from campaigns.people.office import current_office
from campaigns.release import series
from coordinator.channels import registry
from coordinator.channels.http_calls import upload_seconds
from coordinator.imports.text.plain_text import text_to_html
from coordinator.imports.text.sanitizer import clean_html
from coordinator.jobs import sending
from coordinator.jobs.bulletins.pictures import PREVIEW_RATIO
from coordinator.jobs.channels.adapters import adapter_of
from coordinator.jobs.context import JobContext
from coordinator.jobs.sending import Outcome, SendKind
from coordinator.logs import event_fields

log = logging.getLogger(__name__)

CRASHED = "the worker ended in the middle of sending"
# Before the token of an upload in ``Delivery.token``: nothing is posted yet, so that it is sent with, not polled.
UPLOAD = "upload:"
SMALL_FILE = 2_000_000  # bytes; a file up to this size is sent like a text with a picture, without taking turns
UPLOAD_TURN = timedelta(seconds=5)  # after which a delivery asks again for its process's turn to upload
STILL_PROCESSED = "the channel never said that it had processed it"

SENT_AGAIN = "sent once more, without the bulletin's pictures"
WITHOUT_PICTURES = "without the bulletin's pictures, which the channel did not take"


@dataclass(frozen=True)
class DeliveryTask:
    """One claimed delivery, ready to be sent."""

    claim: Claim
    delivery: str
    channel_id: int
    channel: str
    kind: str
    capabilities: Capabilities
    settings: dict[str, Any]
    message: Message
    token: str | None
    polls: int
    look_first: bool
    without_pictures: bool
    void: str  # why it must not be sent, again or at all; empty = it may be sent
    hold: str  # why a person decides whether it is sent, should the look-up not find it; empty = it may be sent
    cover: CoverFile | None  # the picture of the message, its bytes not yet read
    cover_key: str  # the key of the picture's bytes
    begun: bool  # the previous worker had begun to send
    first_tried_at: datetime  # when the first try began: a look-up goes back to here
    began_at: datetime  # when this try began


class DeliveryKind(SendKind[DeliveryTask]):
    """Deliveries of bulletins to channels."""

    table = Delivery

    def select_claims(self, context: JobContext, session: Session, limit: int, now: datetime) -> list[Claim]:
        """Claim by channel, rate and circuit breaker; see ``outbox_claims``."""
        pace = context.intervals
        return outbox_claims.claim_deliveries(
            session,
            limit,
            pace.lease,
            context.delivery_modes,
            rate_factor=pace.rate_factor,
            silent_limit=context.silent_limit,
            now=now,
        )

    def compose(self, context: JobContext, taken: Claim) -> DeliveryTask | Outcome | None:
        """Read and compose the message, unless nothing is to be sent or a person must decide whether it is sent."""
        with context.database.read() as session:
            delivery = session.get(Delivery, taken.id)
            if delivery is None:
                return None
            before = outbox.last_delivered(session, delivery)
            act = delivery.act
            if before is None and act is DeliveryAct.CORRECT:
                act = DeliveryAct.PUBLISH  # the old text never arrived, so that the new one is the first
            if before is None and act is DeliveryAct.RECALL and not _in_doubt(session, delivery):
                return _skipped(context, taken, "never_received")
            hold = _reason_to_hold(context, session, taken, delivery, act)
            if hold and not _may_have_begun(taken, delivery):
                return _held(context, taken, delivery.channel_id, hold)
            return replace(_compose_task(context, session, taken, delivery, before, act), hold=hold)

    def send(self, context: JobContext, taken: Claim, task: DeliveryTask) -> Outcome:
        """Look up an earlier try where that is possible, else send."""
        try:
            adapter = adapter_of(context, task.channel_id, task.channel, task.kind, task.settings)
        except Invalid as invalid:
            # The stored settings are no longer valid: nothing was sent, and a retry would fail too.
            refused = RetryDecision(DeliveryState.DEAD, AttemptOutcome.REFUSED, None, reason="settings")
            return _failure(context, task, refused, None, str(invalid), ChannelSign.NOTHING)
        try:
            return self._act(context, taken, task, adapter)
        except TransportError as error:
            if not error.pictures_refused:
                raise
            return _pictures_refused(context, task, error)

    def _act(self, context: JobContext, taken: Claim, task: DeliveryTask, adapter: Transport) -> Outcome:
        if task.token is not None and not task.token.startswith(UPLOAD):
            return _received(context, task, cast(SupportsPoll, adapter).poll(task.token))
        if taken.reclaimed:
            decision = retry_policy.decide_after_crash(task.capabilities, begun=task.begun)
            if decision is not None:
                return _failure(context, task, decision, None, CRASHED, ChannelSign.NOTHING)
        # A reclaimed row of a channel that accepts a message once had not begun.
        crashed = taken.reclaimed and not task.capabilities.once
        if task.capabilities.lookup and (task.look_first or crashed):
            found = cast(SupportsFind, adapter).find(task.message, task.first_tried_at)
            if found is not None:
                return _received(context, task, found)
        if task.void:
            return _cancelled(context, task, crashed=crashed)
        if task.hold:
            return _held(context, taken, task.channel_id, task.hold)
        if sum(medium.length for medium in task.message.files) <= SMALL_FILE or task.message.upload:
            return self._send_message(context, taken, task, adapter)
        # Files take minutes. One at a time leaves a process's other threads, and the memory of one file, to the texts.
        if not context.uploads.acquire(blocking=False):
            return _upload_waits(context, taken, task, look_first=task.look_first or crashed)
        try:
            return self._send_message(context, taken, task, adapter)
        finally:
            context.uploads.release()

    def _send_message(self, context: JobContext, taken: Claim, task: DeliveryTask, adapter: Transport) -> Outcome:
        message = _with_media(context, taken, _with_cover(context, task))
        if task.capabilities.once:
            sending.begin(context, Delivery, taken)
        return _received(context, task, adapter.send(message))

    def failed(self, context: JobContext, taken: Claim, task: DeliveryTask, error: TransportError) -> Outcome:
        """Classify the error by ``retry_policy``."""
        decision = retry_policy.decide_after_failure(
            error,
            task.capabilities,
            taken.attempt,
            context.intervals,
            spread=context.randomness.random(),
            now=context.now(),
        )
        return _failure(context, task, decision, error.status, str(error), error.sign)

    def crashed(self, context: JobContext, taken: Claim, error: BaseException) -> Outcome | None:
        """Treat a program error as a try with an unknown outcome, unless the channel accepts a message once and the
        send had not begun."""
        task = self.compose(context, taken)
        if task is None or isinstance(task, Outcome):
            return task
        unknown = task.begun or not task.capabilities.once
        failure = TransportError(sending.crash_message(error), outcome_unknown=unknown, sign=ChannelSign.NOTHING)
        return self.failed(context, taken, task, failure)


def _reason_to_hold(context: JobContext, session: Session, taken: Claim, delivery: Delivery, act: DeliveryAct) -> str:
    """Return why a delivery is too late to be sent without a person's decision; empty when it is sent."""
    if outbox.void_reason(delivery):
        return ""
    bulletin = delivery.bulletin
    known = (delivery.created_at, bulletin.release_at, delivery.asked_at)
    now = context.now()
    series_day = series.series_day_of(session, bulletin)
    return delays.hold_reason(
        act,
        registry.channel_kind(delivery.channel.kind).capabilities,
        max(moment for moment in known if moment is not None),
        due_since=max(delivery.due_at or now, delivery.asked_at or delivery.created_at),
        tried=taken.attempt > 1,
        series_day=series_day[1] if series_day is not None else None,
        now=now,
    )


def _may_have_begun(taken: Claim, delivery: Delivery) -> bool:
    """Whether a delivery may have arrived or is being processed by the channel. It is looked up, however late it is."""
    return delivery.token is not None or delivery.look_first or taken.reclaimed


def _in_doubt(session: Session, delivery: Delivery) -> bool:
    """Whether the receiver may have a text whose answer was lost. Channels that do not accept repeats were looked up or
    settled by a person before."""
    kind = registry.channel_kind(delivery.channel.kind)
    return kind.capabilities.idempotent and outbox.may_have_arrived(session, delivery)


def _compose_task(
    context: JobContext,
    session: Session,
    taken: Claim,
    delivery: Delivery,
    before: Delivery | None,
    act: DeliveryAct,
) -> DeliveryTask:
    bulletin, channel = delivery.bulletin, delivery.channel
    revision = bulletin.revision(delivery.revision)
    capabilities = registry.capabilities_of(channel.kind, channel.settings)
    first = session.execute(
        sa.select(sa.func.min(Attempt.at)).where(Attempt.delivery_id == delivery.id)
    ).scalar_one_or_none()
    presentation = from_json(revision.presentation)
    own = presentation.for_channel(channel.code)
    media_items = media_from_json(revision.media)
    cover = lead_picture(presentation.cover, media_items)
    message = compose_message(
        key=delivery.key,
        act=act,
        code=bulletin.code,
        revision=revision.number,
        title=own.title or revision.title,
        lead=own.lead or revision.lead,
        # A channel's own text is plain; as HTML it has the same paragraphs, sanitised like every text.
        body_html=clean_html(text_to_html(own.text)).html if own.text else _body_html(revision, media_items),
        body_text=own.text or revision.body_text,
        topic=bulletin.topic.code,
        author=current_office(session).name,
        addresses=context.addresses,
        released_at=bulletin.release_at or context.now(),
        note=delivery.note,
        remote_id=before.remote_id if before is not None else None,
        remote_url=before.url if before is not None else None,
        capabilities=capabilities,
        cover_url=context.addresses.picture(cover.picture, ratio=PREVIEW_RATIO) if cover is not None else None,
        media=message_media(media_items, capabilities, context.addresses) if act is not DeliveryAct.RECALL else (),
    )
    if delivery.token is not None and delivery.token.startswith(UPLOAD):
        message = replace(message, upload=delivery.token.removeprefix(UPLOAD))
        if delivery.polls >= len(context.intervals.polls):
            given_up = tuple(replace(medium, misfit=medium.misfit or STILL_PROCESSED) for medium in message.media)
            message = replace(message, media=given_up, upload="")
    if delivery.without_pictures:
        message = replace(message, cover_url=None, without_pictures=True)
    if capabilities.mailed:
        token = f"{channel.code}.{context.encryption.sign(f'leave {channel.code}')}"
        message = replace(message, leave_url=context.addresses.leave(token))
    carries = capabilities.carries_cover and not delivery.without_pictures
    cover_file, cover_key = _cover_file(session, cover) if carries else (None, "")
    now = context.now()
    return DeliveryTask(
        claim=taken,
        delivery=delivery.public,
        channel_id=channel.id,
        channel=channel.code,
        kind=channel.kind,
        capabilities=capabilities,
        settings=dict(channel.settings),
        message=message,
        token=delivery.token,
        polls=delivery.polls,
        look_first=delivery.look_first,
        without_pictures=delivery.without_pictures,
        void=outbox.void_reason(delivery),
        hold="",
        cover=cover_file,
        cover_key=cover_key,
        begun=delivery.begun,
        first_tried_at=first or delivery.due_at or now,
        began_at=now,
    )


def _body_html(revision: Revision, items: Sequence[MediaItem]) -> str:
    words = (media_words_html(item.kind.value, item.alt, item.text) for item in items)
    return "\n".join(part for part in (revision.body_html, *words) if part)


def _with_media(context: JobContext, taken: Claim, message: Message) -> Message:
    """Return the message with media whose bytes can be read, once the lease lasts as long as sending them may take."""
    if not message.media:
        return message
    with context.database.read() as session:
        idents = {part.ident for medium in message.media for part in _parts(medium)}
        keys = {row.ident: row.key for row in media_by_ident(session, idents).values()}
        keys |= {row.ident: row.key for row in pictures.pictures_by_ident(session, idents).values()}
    return replace(message, media=tuple(_readable(context, taken, medium, keys) for medium in message.media))


def _parts(medium: MessageMedium) -> list[MessageMedium]:
    return [part for part in (medium, medium.poster, medium.captions) if part is not None]


def _readable(context: JobContext, taken: Claim, medium: MessageMedium, keys: Mapping[str, str]) -> MessageMedium:
    def read() -> bytes:
        if medium.ident not in keys:
            raise OSError("there is no such file")
        lasts = context.intervals.lease + timedelta(seconds=upload_seconds(medium.length))
        with context.database.write() as session:
            ledger.extend(session, Delivery, taken, context.now() + lasts)
        return context.store.read(keys[medium.ident])

    poster, captions = (
        _readable(context, taken, part, keys) if part is not None else None for part in (medium.poster, medium.captions)
    )
    return replace(medium, read=read, poster=poster, captions=captions)


def _cover_file(session: Session, cover: Cover | None) -> tuple[CoverFile | None, str]:
    """Return the lead picture without its bytes, and the key of the bytes."""
    picture = pictures.pictures_by_ident(session, [cover.picture]).get(cover.picture) if cover is not None else None
    if cover is None or picture is None:
        return None, ""
    return CoverFile(picture.ident, picture.mime, cover.alt, b""), picture.key


def _with_cover(context: JobContext, task: DeliveryTask) -> Message:
    """Return the message with its picture, where the channel has one. Raises ``TransportError`` when the picture cannot
    be read, before anything is sent."""
    if task.cover is None:
        return task.message
    try:
        body = context.store.read(task.cover_key)
    except OSError as error:
        message = f"the picture cannot be read from where it is kept: {error}"
        raise TransportError(message, sign=ChannelSign.NOTHING) from error
    return replace(task.message, cover=replace(task.cover, body=body))


# The outcomes of a delivery: its row, the attempt, and the health of its channel.


def _values(**changed: Any) -> dict[str, Any]:
    return {"due_at": None, **changed}


def _log_fields(event: str, task: DeliveryTask, status: int | None = None, *span: datetime) -> dict[str, Any]:
    seconds = round((span[1] - span[0]).total_seconds(), 3) if span else None
    return event_fields(
        event, work="delivery", delivery=task.delivery, bulletin=task.message.code, channel=task.channel,
        kind=task.kind, attempt=task.claim.attempt, status=status, seconds=seconds,
    )  # fmt: skip


def _locked_channel(session: Session, task: DeliveryTask) -> Channel:
    """Return the channel, locked: concurrent settlements must not overwrite each other's count."""
    return session.get_one(Channel, task.channel_id, with_for_update={"key_share": True}, populate_existing=True)


def _new_attempt(
    task: DeliveryTask, ended_at: datetime, outcome: AttemptOutcome, status: int | None, error: str
) -> Attempt:
    return Attempt(
        delivery_id=task.claim.id, at=task.began_at, ended_at=ended_at, outcome=outcome, status=status,
        error=error[:2000],
    )  # fmt: skip


def _unsent_report(taken: Claim, reason: str) -> Any:
    return partial(log.info, "delivery %d is not sent: %s", taken.id, reason)


def _skipped(context: JobContext, taken: Claim, reason: str) -> Outcome:
    """Return the outcome of a delivery with nothing to send."""
    values = _values(state=DeliveryState.SKIPPED, reason=reason, settled_at=context.now())
    return Outcome(values, report=_unsent_report(taken, reason))


def _upload_waits(context: JobContext, taken: Claim, task: DeliveryTask, *, look_first: bool) -> Outcome:
    """Return the outcome of a delivery with a large file while its process sends another; its try is not used up."""
    values = _values(
        state=DeliveryState.DUE, due_at=context.now() + UPLOAD_TURN, attempt=taken.attempt - 1, token=task.token,
        look_first=look_first,
    )  # fmt: skip
    report = partial(log.info, "delivery %d waits for its turn to upload", taken.id)
    return Outcome(values, report=report)


def _held(context: JobContext, taken: Claim, channel_id: int, reason: str) -> Outcome:
    """Return the outcome of a delivery that waits for a person's decision; its try is not used up. The others of its
    channel that are overdue wait with it, so that the person sees their number."""

    def also(session: Session) -> None:
        backlog.hold_overdue(session, channel_id, now=context.now())

    values = _values(state=DeliveryState.DUE, reason=reason, attempt=taken.attempt - 1)
    return Outcome(values, also, _unsent_report(taken, reason))


def _cancelled(context: JobContext, task: DeliveryTask, *, crashed: bool) -> Outcome:
    """Return the outcome of a delivery whose text was recalled or corrected since, so that it is not sent (again).
    ``crashed``: an earlier try may have arrived without an answer, which decides whether the recall or correction is
    sent."""
    now = context.now()

    def also(session: Session) -> None:
        if crashed:
            session.add(_new_attempt(task, now, AttemptOutcome.UNKNOWN, None, CRASHED))

    values = _values(state=DeliveryState.CANCELLED, reason=task.void, look_first=False, settled_at=now)
    report = partial(
        log.info, "cancelled %s to %s: %s", task.delivery, task.channel, task.void, extra=_log_fields("cancelled", task)
    )
    return Outcome(values, also, report)


def _received(context: JobContext, task: DeliveryTask, receipt: Receipt) -> Outcome:
    return _delivered(context, task, receipt) if receipt.done else _accepted(context, task, receipt)


def _delivered(context: JobContext, task: DeliveryTask, receipt: Receipt) -> Outcome:
    """Return the outcome of an acknowledged delivery."""
    now = context.now()
    details = (receipt.detail, task.message.misfits, WITHOUT_PICTURES if task.without_pictures else "")
    detail = "; ".join(part for part in details if part)

    def also(session: Session) -> None:
        session.add(_new_attempt(task, now, AttemptOutcome.DELIVERED, receipt.status, detail))
        health.record_arrival(session, _locked_channel(session, task), now=now)
        delivery = session.get_one(Delivery, task.claim.id)
        if delivery.channel.company_id is None:
            keep_delivered_address(session, delivery.bulletin, receipt.url, now=now)
        engagement.schedule_reads(
            session, delivery, context.intervals.rechecks, tells=task.capabilities.counts, now=now
        )

    values = _values(
        state=DeliveryState.DELIVERED,
        remote_id=receipt.remote_id or task.message.remote_id,
        url=receipt.url or task.message.remote_url,
        token=None,
        look_first=False,
        settled_at=now,
    )
    report = partial(
        log.info, "delivered %s to %s, try %d", task.delivery, task.channel, task.claim.attempt,
        extra=_log_fields("delivered", task, receipt.status, task.began_at, now),
    )  # fmt: skip
    return Outcome(values, also, report)


def _accepted(context: JobContext, task: DeliveryTask, receipt: Receipt) -> Outcome:
    """Return the outcome of a delivery that the channel processes; it is polled as in ``Intervals.polls``, and after
    that a person decides."""
    now = context.now()
    waits = context.intervals.polls
    uploaded = task.token is not None and task.token.startswith(UPLOAD)
    posted = uploaded and not receipt.upload  # nothing was posted before; from now on the post is polled
    polls = 0 if posted else task.polls
    if polls >= len(waits):
        lost = RetryDecision(DeliveryState.UNKNOWN, AttemptOutcome.UNKNOWN, None)
        message = "accepted, but the channel never said what became of it"
        return _failure(context, task, lost, receipt.status, message, ChannelSign.ANSWERS)

    def also(session: Session) -> None:
        if task.token is None or posted:  # a poll of a message in process is not another attempt
            session.add(_new_attempt(task, now, AttemptOutcome.ACCEPTED, receipt.status, receipt.detail))
        health.record_answer(_locked_channel(session, task))

    values = _values(
        state=DeliveryState.SENDING,
        due_at=now + waits[polls],
        token=f"{UPLOAD}{receipt.upload}" if receipt.upload else receipt.token or task.token,
        polls=polls + 1,
        attempt=task.claim.attempt - 1 if task.token is not None else task.claim.attempt,
    )
    return Outcome(values, also)


def _failure(
    context: JobContext,
    task: DeliveryTask,
    decision: RetryDecision,
    status: int | None,
    error: str,
    sign: ChannelSign,
) -> Outcome:
    """Return the outcome of a failed try by ``decision``. ``sign``: the meaning of the failure for the channel."""
    now = context.now()
    refused = decision.outcome is AttemptOutcome.REFUSED

    def also(session: Session) -> None:
        session.add(_new_attempt(task, now, decision.outcome, status, error))
        channel = _locked_channel(session, task)
        health.record_failure(
            session, channel, sign, error, decision.channel, context.intervals, context.alarm_after, now=now
        )
        if channel.state is ChannelState.RETIRED:
            outbox.skip_open(session, channel, now=now)

    values = _values(
        state=decision.state,
        due_at=decision.due_at,
        reason=decision.reason,
        # After a try that may have arrived, the channel is looked up before every later try.
        look_first=decision.look_first or task.look_first,
        # An accepted message stays accepted when only its poll failed; a refusal ends it.
        token=task.token if decision.due_at is not None and not refused else None,
        settled_at=None if decision.due_at else now,
    )
    state = decision.state.value
    report = partial(
        log.warning, "%s %s to %s, try %d: %s", state, task.delivery, task.channel, task.claim.attempt, error,
        extra=_log_fields(state, task, status, task.began_at, now),
    )  # fmt: skip
    return Outcome(values, also, report)


def _pictures_refused(context: JobContext, task: DeliveryTask, error: TransportError) -> Outcome:
    """Return the outcome of a try after which nothing was posted because of a picture.

    The message is sent once more, with the channel's default picture instead of its own. That try begins with a look-up
    after the time that the error names, so that a post which was made all the same is found and not made twice. A
    message without pictures of its own, or sent again already, is given up; a person's retry looks up first too.
    """
    if task.without_pictures or not task.message.has_pictures or task.message.act is DeliveryAct.RECALL:
        given_up = RetryDecision(DeliveryState.DEAD, AttemptOutcome.REFUSED, None, look_first=True, reason="refused")
        return _failure(context, task, given_up, error.status, str(error), error.sign)
    due_at = context.now() + retry_policy.capped_retry_after(error.retry_after)
    again = RetryDecision(DeliveryState.RETRYING, AttemptOutcome.FAILED, due_at, look_first=True)
    outcome = _failure(context, task, again, error.status, f"{error}; {SENT_AGAIN}", error.sign)
    return replace(outcome, values={**outcome.values, "without_pictures": True, "token": None, "polls": 0})
