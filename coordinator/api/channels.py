"""Channels: accounts and endpoints. Secrets go in and never come out again, but for one just made."""

from http import HTTPStatus
from typing import Annotated, Any

import sqlalchemy as sa
from apiflask import APIBlueprint
from flask import Response
from pydantic import Field
from sqlalchemy.orm import Session, joinedload

from campaigns.core.errors import Conflict, FieldError, Invalid, NotFound
from campaigns.partners.directory import Company, numbered
from campaigns.people.staff import May
from campaigns.publishing import channels as rows
from campaigns.publishing import delivery_acts
from campaigns.publishing.channels import Channel, ChannelState
from campaigns.publishing.claiming import limits_of
from campaigns.publishing.transport import Tests, TransportError
from coordinator.api import fields, paging
from coordinator.api.auth import caller, front, staff
from coordinator.api.fields import Body, Shown, Time
from coordinator.api.idempotency import Keep, answer, once
from coordinator.api.paging import Listing, PageQuery
from coordinator.api.partners import named_partner
from coordinator.api.problems import Refused
from coordinator.api.reading import asks, takes
from coordinator.channels import registry
from coordinator.jobs.adapters import adapter_of

bp = APIBlueprint("channels", __name__, tag="Channels")

Settings = Annotated[dict[fields.Code, fields.Exact | fields.Yes | int | float | None], Field(max_length=50)]


class NewChannel(Body):
    """``topics``: codes it receives; without them every topic. ``partner``: whose it is; without it the department's.

    ``settings`` depend on the ``kind``, for a webhook ``{url, secret?}``; a secret that is absent is made.
    """

    code: fields.Code | None = None
    kind: fields.Code
    name: Annotated[fields.Words, Field(max_length=200)]
    partner: fields.Code | None = None
    topics: fields.Codes | None = None
    settings: Settings = {}


class Limits(Body):
    """Messages a minute, how many of them at a stroke after a rest, and how many on their way at the same time; null =
    what is usual for the kind."""

    rate: int | None = None
    burst: int | None = None
    at_once: int | None = None


class ChannelChange(Body):
    """What is left out stays; ``topics: null`` lifts the filter, ``limits`` are taken together.

    ``settings`` are merged into those there are; null takes one away. A webhook's ``secret: null`` asks for a new
    secret, which signs beside the old one for a while.
    """

    name: Annotated[fields.Words | None, Field(max_length=200)] = None
    topics: fields.Codes | None = None
    settings: Settings | None = None
    limits: Limits | None = None


class ChannelQuery(PageQuery):
    """Which channels."""

    kind: fields.Code | None = None
    state: ChannelState | None = None
    partner: fields.Code | None = None


class LimitsRow(Shown):
    """The limits a channel is sent to by; ``rate`` null = as many as there are."""

    rate: int | None
    burst: int
    at_once: int


class ChannelRow(Shown):
    """A channel. ``settings`` hold nothing secret; ``has_secrets`` tells whether some are kept. ``open_until``: it did
    not answer many times in a row, and nobody calls it before.

    ``secret`` is there once: in the answer to the request that had it made (and in ``settings`` beside the address).
    """

    code: str
    kind: str
    name: str
    partner: str | None = None
    topics: list[str] | None = None
    settings: dict[str, Any]
    has_secrets: bool
    state: ChannelState
    failures: int
    last_success_at: Time | None = None
    last_error: str = ""
    failing_since: Time | None = None
    open_until: Time | None = None
    limits: LimitsRow
    created_at: Time
    secret: str | None = None


class ChannelList(Listing):
    """One page of channels."""

    items: list[ChannelRow]


class ChannelTest(Shown):
    """What a harmless call came to: the HTTP status, where there was one, and what was seen, in words."""

    ok: bool
    status: int | None = None
    detail: str


@bp.get("/channels")
@asks(ChannelQuery)
@bp.output(ChannelList)
def channels(query: ChannelQuery) -> Response:
    """Channels in the order they were added; a partner's key sees its own."""
    with front().place.database.read() as session:
        wanted = sa.select(Channel).options(joinedload(Channel.company))
        if caller().is_partner:
            wanted = wanted.where(Channel.company_id == caller().company_id)
        if query.kind is not None:
            wanted = wanted.where(Channel.kind == query.kind)
        if query.state is not None:
            wanted = wanted.where(Channel.state == query.state)
        if query.partner is not None:
            wanted = wanted.where(Channel.company_id == numbered(query.partner))
        page, listing = paging.by_id(session, wanted, Channel.id, query)
        return answer(ChannelList(items=[row_of(row) for row in page], **listing))


@bp.post("/channels")
@takes(NewChannel)
@bp.output(ChannelRow, 201)
def add(body: NewChannel) -> Response:
    """Add a channel. A webhook's secret that had to be made is shown in this answer and never again."""
    actor = staff(May.CONFIGURE)
    place = front().place
    _offered(body.kind)
    plain, secrets = registry.check_settings(body.kind, body.settings)
    made = secrets.get("secret") if body.kind == "webhook" and not body.settings.get("secret") else None

    def act(keep: Keep) -> None:
        with place.database.write() as session:
            channel = rows.add_channel(
                session,
                actor,
                code=body.code,
                kind=body.kind,
                name=body.name,
                company=_company(session, body.partner),
                topics=body.topics,
                settings=plain,
                sealed=place.seal.close(secrets) if secrets else None,
                now=place.now(),
            )
            keep(session, row_of(channel, made), 201, location=f"/api/v1/channels/{channel.code}")

    return once(act)


@bp.get("/channels/<code>")
@bp.output(ChannelRow)
def channel(code: str) -> Response:
    """One channel."""
    with front().place.database.read() as session:
        row = rows.find_channel(session, code)
        if caller().is_partner and row.company_id != caller().company_id:
            raise NotFound(f"there is no channel {code}", channel=code)
        return answer(row_of(row))


@bp.patch("/channels/<code>")
@takes(ChannelChange)
@bp.output(ChannelRow)
def change(code: str, body: ChannelChange) -> Response:
    """Change a channel's name, topics or settings."""
    actor = staff(May.CONFIGURE)
    place = front().place
    given = body.model_fields_set
    with place.database.write() as session:
        row = rows.find_channel(session, code)
        plain, sealed, made = None, None, None
        if body.settings is not None:
            plain, sealed, made = _changed_settings(row, body.settings)
        rows.change_channel(
            session,
            actor,
            row,
            name=body.name,
            topics=body.topics,
            all_topics_again="topics" in given and body.topics is None,
            settings=plain,
            sealed=sealed,
            now=place.now(),
        )
        if body.limits is not None:
            rows.set_limits(
                session, actor, row, **body.limits.model_dump(),
                parallel=registry.kind_of(row.kind).capabilities.parallel, now=place.now(),
            )  # fmt: skip
        return answer(row_of(row, made))


@bp.post("/channels/<code>/pause")
@bp.output(ChannelRow)
def pause(code: str) -> Response:
    """Hold a channel: its deliveries wait. No body is read."""
    return _turn(code, rest=True)


@bp.post("/channels/<code>/resume")
@bp.output(ChannelRow)
def resume(code: str) -> Response:
    """Let a channel go on. No body is read."""
    return _turn(code, rest=False)


@bp.post("/channels/<code>/test")
@bp.output(ChannelTest)
@bp.doc(responses={502: "the channel did not answer as it must; `detail` says how"})
def test(code: str) -> Response:
    """Reach the channel without publishing anything. No body is read."""
    staff(May.CONFIGURE)
    place = front().place
    with place.database.read() as session:
        row = rows.find_channel(session, code)
        kind, ident, settings = row.kind, row.id, dict(row.settings)
    adapter = adapter_of(place, ident, code, kind, settings)
    if not isinstance(adapter, Tests):
        raise Conflict(f"a channel of the kind {kind} has nothing to be tried", code="not_testable", channel=code)
    try:
        receipt = adapter.test()
    except TransportError as error:
        raise Refused(HTTPStatus.BAD_GATEWAY, "channel_failed", str(error)) from error
    return answer(ChannelTest(ok=True, status=receipt.status, detail=receipt.detail))


def row_of(row: Channel, made: str | None = None) -> ChannelRow:
    """A channel as a row; ``made`` is a secret made just now."""
    usual = limits_of(front().place.natures, row.kind, row.rate, row.burst, row.at_once)
    return ChannelRow(
        code=row.code,
        kind=row.kind,
        name=row.name,
        partner=row.company.code if row.company is not None else None,
        topics=row.topics,
        settings={**row.settings, **({"secret": made} if made is not None else {})},
        has_secrets=row.sealed is not None,
        state=row.state,
        failures=row.failures,
        last_success_at=row.last_success_at,
        last_error=row.last_error,
        failing_since=row.failing_since,
        open_until=row.open_until,
        limits=LimitsRow(rate=usual.rate, burst=usual.burst, at_once=usual.at_once),
        created_at=row.created_at,
        secret=made,
    )


def _turn(code: str, *, rest: bool) -> Response:
    actor = staff(May.CONFIGURE)
    place = front().place

    def act(keep: Keep) -> None:
        with place.database.write() as session:
            row = rows.find_channel(session, code)
            turn = rows.pause if rest else delivery_acts.resume
            turn(session, actor, row, now=place.now())
            keep(session, row_of(row))
        front().runner.nudge("deliver", code)

    return once(act)


def _offered(kind: str) -> None:
    offered = [name for name, row in registry.KINDS.items() if row.offered]
    if kind not in offered:
        raise Invalid([FieldError("kind", "unknown_kind", f"there is no kind {kind!r}; expected {', '.join(offered)}")])


def _company(session: Session, code: str | None) -> Company | None:
    if code is None:
        return None
    return named_partner(session, code)


def _changed_settings(row: Channel, given: dict[str, Any]) -> tuple[dict[str, Any], str | None, str | None]:
    """The plain settings and sealed secrets after a change, and a webhook's secret if one was made."""
    place = front().place
    kept = place.seal.open(row.sealed)
    emptied = {name for name, value in given.items() if value is None}
    plain, secrets = registry.check_settings(row.kind, {**row.settings, **given}, kept=set(kept) - emptied)
    if not secrets and not emptied & set(kept):
        return plain, None, None
    merged = registry.merge_secrets(row.kind, kept, secrets, now=place.now())
    for name in emptied - set(secrets):
        merged.pop(name, None)
    made = secrets.get("secret") if row.kind == "webhook" and not given.get("secret") else None
    return plain, place.seal.close(merged), made
