"""Access by what one holds: keys and links in addresses, and what belongs to one person of the staff.

Parts of ``docs/reference/permissions.md``; see ``permissions``. An act may use up its object, so that everybody who
asks gets a new one.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import count

from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from campaigns.messages import notice_workflow
from campaigns.messages.notice_workflow import NoticeContent
from campaigns.messages.notices import NoticeAudience
from campaigns.partners.directory import Company
from campaigns.partners.editor_access import make_editor_link, revoke_editor_links
from campaigns.partners.editors import add_editor
from campaigns.people import invitations
from campaigns.people.keys import add_calendar_key, add_key, revoke_calendar_key, revoke_key
from campaigns.people.powers.account_messages import AccountEvent, add_message, recent_messages
from campaigns.people.push.subscriptions import subscribe
from campaigns.people.sessions import SignInMethod, begin_sign_in
from campaigns.people.staff import Actor, Role, find_by_email
from campaigns.reporting.saved_filters import FilteredList, save_filter
from coordinator.web.auth.security import Account
from tests import factories
from tests.coordinator.web.application import RunningApplication
from tests.coordinator.web.desk.conftest import signed_in
from tests.coordinator.web.signed_in import DIGEST, STAFF, client_of_role, csrf_token
from tests.factories import ADMIN, WRITER

HEAD = """
## Keys and links in addresses

What opens an address that holds a secret or a signature; at `/api/` the key is in the header. *Ended* is revoked or
used; *of another kind* is valid for something else: a staff key at a partner's feed, a partner's at the calendar, an
editor's link at the staff's. What does not open is answered alike whatever the reason.

| route | its own | ended | of another kind | invented |
|---|---|---|---|---|
"""
PERSONAL_HEAD = """
## What belongs to one person of the staff

The owner is a writer; another writer, and a person of each other role, ask for the same object with a valid form.

| act | owner | writer | approver | analyst | admin |
|---|---|---|---|---|---|
"""

_numbers = count(1)
Secrets = tuple[str, str | None, str, str]  # its own, ended, of another kind, invented


def link_lines(outside: RunningApplication) -> Iterator[str]:
    """Return the rows of the first table."""
    for method, rule, secrets in _secrets(outside):
        cells = [_answer_to_secret(outside, method, rule, secret) for secret in secrets]
        yield f"| `{method} {rule}` | {' | '.join(cells)} |"


def _answer_to_secret(outside: RunningApplication, method: str, rule: str, secret: str | None) -> str:
    if secret is None:
        return "–"
    client = outside.app.test_client()
    variable = "<key>" if "<key>" in rule else "<secret>" if "<secret>" in rule else "<token>"
    path = rule.replace(variable, secret).replace("<name>", "rss.xml" if rule.startswith("/feeds") else "sites")
    if rule.startswith("/api/"):
        got = client.get(rule, headers={"Authorization": f"Bearer {secret}"})
    elif method == "POST":
        got = client.post(path, data={"csrf_token": csrf_token(outside, client)})
    else:
        got = client.get(path)
    # 422 is the form of a link that opens, with its errors.
    return _word(got, {401: "no", 404: "none", 410: "none", 422: "yes"})


def _word(answer: TestResponse, words: Mapping[int, str]) -> str:
    status = answer.status_code
    assert status in words or 200 <= status < 400, answer.status
    return words.get(status, "yes")


def _secrets(outside: RunningApplication) -> Iterator[tuple[str, str, Secrets]]:
    encryption = outside.app_context.job_context.encryption
    with outside.database.write() as session:
        company = factories.company(session, f"Công ty có khóa {next(_numbers)}")
        mail = factories.channel(session, "email", settings={"address": "a@b.example"})
        code = mail.code
        partner, staff, calendar = (_key(session, kind, company) for kind in ("partner", "staff", "calendar"))
        ended = {kind: _key(session, kind, company, ended=True) for kind in ("partner", "staff", "calendar")}
    invented = {kind: key[:-1] + ("A" if key[-1] != "A" else "B") for kind, key in ended.items()}
    yield "GET", "/feeds/<key>/<name>", (partner, ended["partner"], staff, invented["partner"])
    yield "GET", "/feeds/<key>/opml.xml", (partner, ended["partner"], staff, invented["partner"])
    yield "GET", "/open-data/<key>/<name>.csv", (staff, ended["staff"], partner, invented["staff"])
    yield "GET", "/calendars/<key>.ics", (calendar, ended["calendar"], partner, invented["calendar"])
    yield "GET", "/api/v1/bulletins", (staff, ended["staff"], calendar, invented["staff"])
    for method in ("GET", "POST"):
        invitation, used = _invitation(outside), _invitation(outside, ended=True)
        link, old = _editor_link(outside), _editor_link(outside, ended=True)
        yield method, "/join/<secret>", (invitation, used, link, "x" * 43)
        yield method, "/portal/join/<secret>", (link, old, _invitation(outside), "x" * 43)
    leave = f"{code}.{encryption.sign(f'leave {code}')}"
    for method in ("GET", "POST"):
        other = f"{code}.{encryption.sign(f'leave report {code}')}"
        yield method, "/unsubscribe/<token>", (leave, None, other, f"{code}.{'0' * 32}")


def _key(session: Session, kind: str, company: Company, *, ended: bool = False) -> str:
    if kind == "calendar":
        made = add_calendar_key(session, WRITER, name=f"Lịch {next(_numbers)}", now=factories.NOW)
        if ended:
            revoke_calendar_key(session, WRITER, made.row.public, now=factories.NOW)
        return made.text
    given = {"company_id": company.id} if kind == "partner" else {"role": Role.ANALYST}
    key = add_key(session, "test", name=f"Khóa {next(_numbers)}", now=factories.NOW, **given)
    if ended:
        revoke_key(session, "test", key.row.public, now=factories.NOW)
    return key.text


def _invitation(outside: RunningApplication, *, ended: bool = False) -> str:
    number, now = next(_numbers), outside.office.now()
    with outside.database.write() as session:
        made = invitations.invite(
            session, ADMIN, email=f"moi{number}@so.example", name="Người mới", role=Role.WRITER,
            uniquifier=f"invited-{number}", now=now,
        )  # fmt: skip
        if ended:
            invitations.revoke_links(session, ADMIN, made.row.person, now=now)
        return made.secret


def _editor_link(outside: RunningApplication, *, ended: bool = False) -> str:
    number, now = next(_numbers), outside.office.now()
    with outside.database.write() as session:
        company = factories.company(session)
        editor = add_editor(session, ADMIN, company, email=f"bien{number}@bao.example", name="Biên tập", now=now)
        made = make_editor_link(session, ADMIN, editor, now=now)
        if ended:
            revoke_editor_links(session, ADMIN, [editor], now=now)
        return made.secret


# What belongs to one person: a description, and a function that makes a new object of the owner and returns the act.
Act = tuple[str, Mapping[str, str]]
Maker = Callable[[Session, RunningApplication, Actor], Act]


def _sign_in(session: Session, outside: RunningApplication, owner: Actor) -> Act:
    person = find_by_email(session, owner.id)
    assert person is not None
    begun = begin_sign_in(session, person, way=SignInMethod.PASSWORD, device="", now=outside.office.now())
    return f"/desk/account/sign-ins/{begun.row.public}/end", {}


def _message(session: Session, outside: RunningApplication, owner: Actor) -> Act:
    person = find_by_email(session, owner.id)
    assert person is not None
    add_message(session, person.id, AccountEvent.UNLINKED, by=ADMIN.id, more="", now=outside.office.now())
    return f"/desk/messages/{recent_messages(session, owner.id, 1)[0].public}", {}


def _browser(session: Session, outside: RunningApplication, owner: Actor) -> Act:
    person = find_by_email(session, owner.id)
    assert person is not None
    endpoint = f"https://push.example/{next(_numbers)}"
    row = subscribe(session, person.id, owner.id, endpoint, "", device="", now=outside.office.now())
    return f"/desk/account/push/{row.public}/off", {}


def _calendar_key(session: Session, outside: RunningApplication, owner: Actor) -> Act:
    made = add_calendar_key(session, owner, name=f"Lịch {next(_numbers)}", now=outside.office.now())
    return f"/desk/calendar/keys/{made.row.public}/revoke", {}


def _filter(session: Session, outside: RunningApplication, owner: Actor, *, for_all: bool = False) -> Act:
    row = save_filter(
        session, ADMIN if for_all else owner, FilteredList.COPIES, f"Lọc {next(_numbers)}", {}, for_all=for_all,
        now=outside.office.now(),
    )  # fmt: skip
    return f"/desk/filters/{row.public}/remove", {}


def _office_filter(session: Session, outside: RunningApplication, owner: Actor) -> Act:
    return _filter(session, outside, owner, for_all=True)


def _draft_notice(session: Session, outside: RunningApplication, owner: Actor, *, published: bool = False) -> Act:
    now = outside.office.now()
    wanted = NoticeContent("Tin", "<p>Lời.</p>", NoticeAudience.ALL)
    row = notice_workflow.draft_notice(session, owner, wanted, f"own-{next(_numbers)}", now=now)
    if published:
        notice_workflow.publish_notice(session, ADMIN, row.public, row.version, now=now)
    form = {"heading": "Tin mới", "words": "Lời mới.", "body_as": "text", "audience": "all", "note": "Sửa giờ"}
    form["out"] = "1" if published else ""
    return f"/desk/notices/{row.public}/edit", form | {"version": str(row.version)}


def _published_notice(session: Session, outside: RunningApplication, owner: Actor) -> Act:
    return _draft_notice(session, outside, owner, published=True)


_PERSONAL: tuple[tuple[str, Maker], ...] = (
    ("End a sign-in", _sign_in),
    ("Open a message of the bell", _message),
    ("Switch messages off in a browser", _browser),
    ("Revoke a calendar key", _calendar_key),
    ("Remove a saved filter", _filter),
    ("Remove a saved filter of the office", _office_filter),
    ("Change a notice that is not published", _draft_notice),
    ("Correct a published notice", _published_notice),
)


def personal_lines(outside: RunningApplication) -> Iterator[str]:
    """Return the rows of the second table."""
    owner = Actor("chu@so.example", "Chủ", Role.WRITER)
    clients = {"owner": _client_of(outside, owner)}
    clients |= {role.value: client_of_role(outside, role) for role in STAFF}
    for name, make in _PERSONAL:
        cells = []
        for client in clients.values():
            with outside.database.write() as session:
                path, form = make(session, outside, owner)
            answer = client.post(path, data={"csrf_token": csrf_token(outside, client), **form})
            cells.append(_word(answer, {403: "no", 404: "none"}))
        yield f"| {name} | {' | '.join(cells)} |"


def _client_of(outside: RunningApplication, actor: Actor) -> FlaskClient:
    client, mark = outside.app.test_client(), f"uniq-{actor.id}"
    with outside.database.write() as session:
        session.add(
            Account(
                email=actor.id, name=actor.name, role=actor.role, active=True, password=DIGEST, fs_uniquifier=mark,
                created_at=outside.office.now(),
            )
        )  # fmt: skip
    signed_in(outside.database, client, mark)
    return client
