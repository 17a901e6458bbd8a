"""Alarms to the alarm webhook. Administrators also get alarms by mail, from the mail outbox.

The message is a signed webhook as in Standard Webhooks 1.0, of the type ``alarm.<what>``; the alarm's id is the
``webhook-id``, the same on every try.
"""

import json
import logging
from dataclasses import dataclass
from functools import partial

from campaigns.channels.transport import TransportError
from campaigns.core.ledger import Claim
from campaigns.people.alarms import LATEST, Alarm
from coordinator.channels.http_calls import send_request, status_error
from coordinator.channels.webhook import signing
from coordinator.jobs import sending
from coordinator.jobs.context import AlarmWebhook, JobContext
from coordinator.jobs.sending import Outcome, SendKind

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class AlarmTask:
    """One alarm and the webhook it is posted to."""

    hook: AlarmWebhook
    ident: str
    body: bytes


class AlarmKind(SendKind[AlarmTask]):
    """Alarms. The receiver recognises a repeat by its ``webhook-id``."""

    table = Alarm

    def is_available(self, context: JobContext) -> bool:
        """Whether a webhook for alarms is set."""
        return context.alarm_webhook is not None

    def compose(self, context: JobContext, taken: Claim) -> AlarmTask | Outcome | None:
        """Read the alarm, unless it is too old."""
        hook = context.alarm_webhook
        if hook is None:
            return None
        with context.database.read() as session:
            alarm = session.get(Alarm, taken.id)
            if alarm is None:
                return None
            if context.now() - alarm.at > LATEST:
                return Outcome({"due_at": None, "last_error": "too late to be of use"})
            return AlarmTask(hook, alarm.public, alarm_body(alarm, context.addresses.base))

    def send(self, context: JobContext, taken: Claim, task: AlarmTask) -> Outcome:
        """Post the alarm."""
        timestamp = int(context.now().timestamp())
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "webhook-id": task.ident,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signing.sign(task.hook.secret, task.ident, timestamp, task.body),
        }
        answer = send_request(
            context.http_client, "POST", task.hook.url, body=task.body, headers=headers, repeatable=True
        )
        if not 200 <= answer.status < 300:
            raise status_error(answer, repeatable=True)
        values = {"due_at": None, "told_at": context.now(), "last_error": ""}
        return Outcome(values, report=partial(log.info, "alarm %s sent", task.ident))

    def failed(self, context: JobContext, taken: Claim, task: AlarmTask, error: TransportError) -> Outcome:
        """Retry on the usual schedule, also after a refusal, since the receiver may be under repair."""
        values = {"due_at": sending.next_try_at(context, taken), "last_error": str(error)[:2000]}
        return Outcome(values, report=partial(log.warning, "alarm %d: %s", taken.id, error))


def alarm_body(alarm: Alarm, base: str) -> bytes:
    """Return the JSON of one alarm. ``base``: the public address of the product."""
    data = {"subject": alarm.subject, "name": alarm.name, "since": alarm.since.isoformat(), **alarm.details}
    if alarm.what.startswith("channel_"):
        data["url"] = f"{base}/desk/channels/{alarm.subject}"
    event = {"type": f"alarm.{alarm.what}", "timestamp": alarm.at.isoformat(), "data": data}
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
