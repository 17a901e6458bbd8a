"""Alarms: claim one, post it where somebody listens, settle. Letters to administrators go their own way.

The message is a signed webhook after Standard Webhooks 1.0, of the type ``alarm.<what>``; the alarm's own id is the
``webhook-id``, the same on every try.
"""

import json
import logging

from campaigns.core import ledger
from campaigns.people.alarms import LATEST, Alarm
from campaigns.publishing.transport import TransportError
from coordinator.channels import signing
from coordinator.channels.calls import call, status_error
from coordinator.jobs.workplace import AlarmHook, Workplace

log = logging.getLogger(__name__)


def claim(place: Workplace, limit: int) -> list[ledger.Claim]:
    """Lease up to ``limit`` alarms; none where nobody listens."""
    if place.alarm_hook is None:
        return []
    with place.database.write() as session:
        return ledger.claim(session, Alarm, limit, place.pace.lease, now=place.now())


def act(place: Workplace, taken: ledger.Claim) -> None:
    """Post one alarm, unless it is too old to be of use."""
    hook = place.alarm_hook
    if hook is None:
        return
    with place.database.read() as session:
        alarm = session.get_one(Alarm, taken.id)
        old = place.now() - alarm.at > LATEST
        ident, body = alarm.public, body_of(alarm, place.addresses.base)
    if old:
        _settle(place, taken, {"due_at": None, "last_error": "too late to be of use"})
        return
    try:
        _post(place, hook, ident, body)
    except TransportError as error:
        _failed(place, taken, str(error))
        return
    _settle(place, taken, {"due_at": None, "told_at": place.now(), "last_error": ""})
    log.info("alarm %s told", ident)


def broken(place: Workplace, taken: ledger.Claim, error: BaseException) -> None:
    """A bug while telling: tried again on the usual schedule."""
    _failed(place, taken, f"the program failed: {error}")


def body_of(alarm: Alarm, base: str) -> bytes:
    """The JSON of one alarm. ``base``: the public address of the product, where its pages are."""
    data = {"subject": alarm.subject, "name": alarm.name, "since": alarm.since.isoformat(), **alarm.details}
    if alarm.what.startswith("channel_"):
        data["url"] = f"{base}/desk/channels/{alarm.subject}"
    event = {"type": f"alarm.{alarm.what}", "timestamp": alarm.at.isoformat(), "data": data}
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def _post(place: Workplace, hook: AlarmHook, ident: str, body: bytes) -> None:
    timestamp = int(place.now().timestamp())
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "webhook-id": ident,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signing.sign(hook.secret, ident, timestamp, body),
    }
    answer = call(place.door, "POST", hook.url, body=body, headers=headers, repeatable=True)
    if not 200 <= answer.status < 300:
        raise status_error(answer, repeatable=True)


def _failed(place: Workplace, taken: ledger.Claim, why: str) -> None:
    # A refusal is tried again too: whoever listens may be mending the very receiver.
    waits = place.pace.retries
    due = place.now() + waits[taken.attempt - 1] if taken.attempt <= len(waits) else None
    _settle(place, taken, {"due_at": due, "last_error": why[:2000]})
    log.warning("alarm %d: %s", taken.id, why)


def _settle(place: Workplace, taken: ledger.Claim, values: dict[str, object]) -> None:
    with place.database.write() as session:
        ledger.settle(session, Alarm, taken, values)
