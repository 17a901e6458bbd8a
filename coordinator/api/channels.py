"""Channels in the API. Secrets are write-only, except a generated one in the answer to its creation."""

from http import HTTPStatus
from typing import Annotated, Any

import sqlalchemy as sa
from apiflask import APIBlueprint
from flask import Response
from pydantic import Field
from sqlalchemy.orm import Session, joinedload

from campaigns.channels import channels as channel_rows
from campaigns.channels.channels import Channel, ChannelState
from campaigns.channels.transport import SupportsTest, TransportError
from campaigns.core.errors import Conflict, FieldError, Invalid, NotFound
from campaigns.core.listing import ListQuery, unaccepted_value
from campaigns.delivery import backlog, manual_actions
from campaigns.delivery.backlog import Backlog, BacklogDecision
from campaigns.delivery.outbox_claims import effective_limit
from campaigns.partners.directory import Company
from campaigns.people.staff import Permission
from coordinator.api import fields, paging
from coordinator.api.auth import app_context, caller, for_staff
from coordinator.api.fields import RequestBody, ResponseBody, Time, row_of
from coordinator.api.idempotency import ReplyKeeper, row_response, run_once
from coordinator.api.paging import ListPage, PageQuery
from coordinator.api.partners.companies import known_rows, named_partner
from coordinator.api.problems import RequestRefused
from coordinator.api.request_parsing import with_body, with_query
from coordinator.channels import registry
from coordinator.jobs.channels.adapters import adapter_of

bp = APIBlueprint("channels", __name__, tag="Channels")

Settings = Annotated[dict[fields.Code, fields.SettingValue], Field(max_length=50)]


class NewChannel(RequestBody):
    """A new channel. ``topics``: codes of the topics it receives, all without them. ``partner``: code of its owner,
    without it the department.

    ``settings`` depend on the ``kind``, for a webhook ``{url, secret?}``; an absent secret is generated.
    """

    code: fields.Code | None = None
    kind: fields.Code
    name: Annotated[fields.ComposedText, Field(max_length=200)]
    partner: fields.Code | None = None
    topics: fields.Codes | None = None
    settings: Settings = {}


class Limits(RequestBody):
    """The rate in messages a minute, the burst after a pause, and the number of concurrent sends; null = the default of
    the kind."""

    rate: int | None = None
    burst: int | None = None
    at_once: int | None = None


class ChannelChange(RequestBody):
    """Absent fields stay unchanged; ``topics: null`` removes the filter, ``limits`` are replaced as a whole.

    ``settings`` are merged into the existing ones; null removes one. A webhook's ``secret: null`` generates a new
    secret, which signs beside the old one for a while.
    """

    name: Annotated[fields.ComposedText | None, Field(max_length=200)] = None
    topics: fields.Codes | None = None
    settings: Settings | None = None
    limits: Limits | None = None


class ChannelQuery(PageQuery):
    """Filters of a list of channels."""

    kind: fields.Code | None = None
    state: ChannelState | None = None
    partner: fields.Code | None = None


class LimitsRow(ResponseBody):
    """The limits in force for a channel; ``rate`` null = unlimited."""

    rate: int | None
    burst: int
    at_once: int


class BacklogRow(ResponseBody):
    """The late deliveries of a channel on which a person decides: their number, and the earliest release among their
    bulletins."""

    count: int
    since: Time


class BacklogBody(RequestBody):
    """``send`` sends the late deliveries in order and at the channel's rate; ``cancel`` cancels them."""

    decision: BacklogDecision


class ChannelRow(ResponseBody):
    """A channel. ``settings`` contain no secrets; ``has_secrets``: whether secrets are stored. ``open_until``: after
    repeated failures no request is sent before this time. ``backlog``: late deliveries that wait for a decision; null =
    none.

    ``secret`` is present once: in the answer to the request that generated it (and in ``settings`` beside the address).
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
    backlog: BacklogRow | None = None
    secret: str | None = None


class ChannelList(ListPage):
    """One page of channels."""

    items: list[ChannelRow]


class ChannelTest(ResponseBody):
    """The result of a test call that publishes nothing: the HTTP status, if there was one, and a description."""

    ok: bool
    status: int | None = None
    detail: str


@bp.get("/channels")
@for_staff(Permission.READ, partners=True)
@with_query(ChannelQuery)
@bp.output(ChannelList)
def channels(query: ChannelQuery) -> Response:
    """Channels in the order they were added; a partner's key sees its own channels only."""
    with app_context().job_context.database.read() as session:
        filters = query.filters(channel_rows.ChannelFilter)
        filters.check_codes(session, known_rows())
        if filters.kind is not None and filters.kind not in registry.KINDS:
            raise Invalid([unaccepted_value("kind", filters.kind, registry.KINDS)])
        conditions = filters.conditions()
        if caller().is_partner:
            conditions.append(Channel.company_id == caller().company_id)
        select = sa.select(Channel).options(joinedload(Channel.company))
        page, listing = paging.cursor_page(session, ListQuery(Channel, select, conditions, (Channel.id,)), query)
        late = backlog.backlogs(session, [row.id for (row,) in page])
        return row_response(ChannelList(items=[channel_row(row, late=late.get(row.id)) for (row,) in page], **listing))


@bp.post("/channels")
@for_staff(Permission.CONFIGURE)
@with_body(NewChannel)
@bp.output(ChannelRow, 201)
def add(body: NewChannel) -> Response:
    """Add a channel. A generated webhook secret is shown in this answer only."""
    actor = caller().actor
    context = app_context().job_context
    _offered_kind(body.kind)
    plain, secrets = registry.check_settings(body.kind, body.settings)
    made = registry.generated_secret(body.kind, secrets, body.settings)

    def apply(keep: ReplyKeeper) -> None:
        with context.database.write() as session:
            channel = channel_rows.add_channel(
                session,
                actor,
                code=body.code,
                kind=body.kind,
                name=body.name,
                company=_company(session, body.partner),
                topics=body.topics,
                settings=plain,
                encrypted_secrets=context.encryption.encrypt(secrets) if secrets else None,
                now=context.now(),
            )
            keep(session, channel_row(channel, made), 201, location=f"/api/v1/channels/{channel.code}")

    return run_once(apply)


@bp.get("/channels/<code>")
@for_staff(Permission.READ, partners=True)
@bp.output(ChannelRow)
def channel(code: str) -> Response:
    """One channel with its state, limits and backlog; a partner's key sees its own channels only."""
    with app_context().job_context.database.read() as session:
        row = channel_rows.find_channel(session, code)
        if caller().is_partner and row.company_id != caller().company_id:
            raise NotFound(f"there is no channel {code}", channel=code)
        return row_response(_full_row(session, row))


@bp.patch("/channels/<code>")
@for_staff(Permission.CONFIGURE)
@with_body(ChannelChange)
@bp.output(ChannelRow)
def change(code: str, body: ChannelChange) -> Response:
    """Change a channel's name, topics or settings."""
    actor = caller().actor
    context = app_context().job_context
    given = body.model_fields_set
    with context.database.write() as session:
        row = channel_rows.find_channel(session, code)
        plain, encrypted_secrets, made = None, None, None
        if body.settings is not None:
            plain, encrypted_secrets, made = _changed_settings(row, body.settings)
        channel_rows.change_channel(
            session,
            actor,
            row,
            name=body.name,
            topics=body.topics,
            all_topics_again="topics" in given and body.topics is None,
            settings=plain,
            encrypted_secrets=encrypted_secrets,
            now=context.now(),
        )
        if body.limits is not None:
            channel_rows.set_limits(
                session, actor, row, **body.limits.model_dump(),
                parallel=registry.channel_kind(row.kind).capabilities.parallel, now=context.now(),
            )  # fmt: skip
        return row_response(_full_row(session, row, made))


@bp.post("/channels/<code>/pause")
@for_staff(Permission.CONFIGURE)
@bp.output(ChannelRow)
def pause(code: str) -> Response:
    """Pause a channel: its deliveries wait."""
    return _set_state(code, rest=True)


@bp.post("/channels/<code>/resume")
@for_staff(Permission.CONFIGURE)
@bp.output(ChannelRow)
def resume(code: str) -> Response:
    """Resume a channel. Deliveries that have been due for more than 24 hours stay held (``backlog``)."""
    return _set_state(code, rest=False)


@bp.post("/channels/<code>/backlog")
@for_staff(Permission.APPROVE, Permission.CONFIGURE)
@with_body(BacklogBody)
@bp.output(ChannelRow)
def decide_backlog(code: str, body: BacklogBody) -> Response:
    """Send or cancel the late deliveries of a channel, all of them at once."""
    actor = caller().actor
    context = app_context().job_context

    def apply(keep: ReplyKeeper) -> None:
        with context.database.write() as session:
            row = channel_rows.find_channel(session, code)
            backlog.decide_backlog(session, actor, row, body.decision, now=context.now())
            keep(session, _full_row(session, row))
        app_context().runner.nudge("delivery", code)

    return run_once(apply)


@bp.post("/channels/<code>/test")
@for_staff(Permission.CONFIGURE)
@bp.output(ChannelTest)
@bp.doc(responses={502: "the channel did not answer as it must; `detail` says how"})
def test(code: str) -> Response:
    """Test the connection to a channel without publishing. A good test resumes a channel that had lost its
    authorisation or was failing."""
    actor = caller().actor
    context = app_context().job_context
    with context.database.read() as session:
        row = channel_rows.find_channel(session, code)
        kind, ident, settings = row.kind, row.id, dict(row.settings)
    adapter = adapter_of(context, ident, code, kind, settings)
    if not isinstance(adapter, SupportsTest):
        raise Conflict(f"a channel of the kind {kind} has nothing to be tried", code="not_testable", channel=code)

    def record(*, good: bool) -> None:
        with context.database.write() as session:
            row = channel_rows.find_channel(session, code)
            manual_actions.record_test(session, actor, row, good=good, now=context.now())
        app_context().runner.nudge("delivery", code)

    try:
        receipt = adapter.test()
    except TransportError as error:
        record(good=False)
        raise RequestRefused(HTTPStatus.BAD_GATEWAY, "channel_failed", str(error)) from error
    record(good=True)
    return row_response(ChannelTest(ok=True, status=receipt.status, detail=receipt.detail))


def _full_row(session: Session, row: Channel, made: str | None = None) -> ChannelRow:
    return channel_row(row, made, late=backlog.backlogs(session, [row.id]).get(row.id))


def channel_row(row: Channel, made: str | None = None, *, late: Backlog | None = None) -> ChannelRow:
    """The row of a channel; ``made``: a secret that was just generated; ``late``: its backlog."""
    usual = effective_limit(app_context().job_context.delivery_modes, row.kind, row.rate, row.burst, row.at_once)
    return row_of(
        ChannelRow,
        row,
        partner=row.company.code if row.company is not None else None,
        settings={**row.settings, **({"secret": made} if made is not None else {})},
        has_secrets=row.encrypted_secrets is not None,
        limits=row_of(LimitsRow, usual),
        backlog=row_of(BacklogRow, late) if late is not None else None,
        secret=made,
    )


def _set_state(code: str, *, rest: bool) -> Response:
    actor = caller().actor
    context = app_context().job_context

    def apply(keep: ReplyKeeper) -> None:
        with context.database.write() as session:
            row = channel_rows.find_channel(session, code)
            turn = channel_rows.pause if rest else manual_actions.resume_channel
            turn(session, actor, row, now=context.now())
            keep(session, _full_row(session, row))
        app_context().runner.nudge("delivery", code)

    return run_once(apply)


def _offered_kind(kind: str) -> None:
    offered = [name for name, row in registry.KINDS.items() if row.offered]
    if kind not in offered:
        raise Invalid([FieldError("kind", "unknown_kind", f"there is no kind {kind!r}; expected {', '.join(offered)}")])


def _company(session: Session, code: str | None) -> Company | None:
    if code is None:
        return None
    return named_partner(session, code)


def _changed_settings(row: Channel, given: dict[str, Any]) -> tuple[dict[str, Any], str | None, str | None]:
    """The plain settings and encrypted secrets after a change, and a webhook's secret if one was generated."""
    context = app_context().job_context
    kept = context.encryption.decrypt(row.encrypted_secrets)
    emptied = {name for name, value in given.items() if value is None}
    plain, secrets = registry.check_settings(row.kind, {**row.settings, **given}, kept=set(kept) - emptied)
    if not secrets and not emptied & set(kept):
        return plain, None, None
    merged = registry.merge_secrets(row.kind, kept, secrets, now=context.now())
    for name in emptied - set(secrets):
        merged.pop(name, None)
    made = registry.generated_secret(row.kind, secrets, given)
    return plain, context.encryption.encrypt(merged), made
