"""The search of ``campaigns/release/test_nobody_publishes_alone.py`` by the real addresses: Khang, an administrator,
tries everything with the sessions and keys in his hands, at the desk and at the API; Hoa, An and Bảo are honest. The
ways through without a defence are the same.
"""

import random
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from campaigns.bulletins.bulletins import Bulletin
from campaigns.bulletins.templates import BulletinTemplate
from campaigns.people import invitations
from campaigns.people.powers.confirmation import confirm_key, waiting_keys, waiting_roles
from campaigns.people.staff import Role, add_person, find_by_email
from campaigns.release import workflow
from coordinator.db import Database
from tests.campaigns.release.test_nobody_publishes_alone import (
    AN,
    BAO,
    HOA,
    HOLES,
    KHANG,
    OFFICE,
    WAYS,
    OnePersonAlone,
    content,
    switched_off,
)  # fmt: skip
from tests.coordinator.web.application import RunningApplication, open_application
from tests.coordinator.web.desk.conftest import signed_in
from tests.coordinator.web.filled_forms import form_on_page
from tests.coordinator.web.signed_in import DIGEST, csrf_token

DESK, API = "/desk/bulletins", "/api/v1/bulletins"
TEMPLATES, TEMPLATES_API = "/desk/templates", "/api/v1/templates"
NEW = "một câu khác dễ nhớ 174"
STEPS = 120
MOST_HELD = 6  # accounts and keys in his hands: each release tries them all


@dataclass(frozen=True)
class Hand:
    """A session or a key, and who holds it."""

    who: str
    client: FlaskClient
    key: str = ""


class AloneByHttp(OnePersonAlone):
    """The same acts as requests. The model of who wrote and who looked is that of the domain's search."""

    outside: RunningApplication

    def found(self, has_key: bool) -> None:  # type: ignore[override]  # called, not run as a machine
        self.numbers = iter(range(1, 10_000))
        self.held, self.seen = {KHANG}, {}
        self.sessions: dict[str, FlaskClient] = {}
        self.made: list[Hand] = []
        now = self.outside.office.now()
        with self.outside.database.write() as session:
            for email, role in OFFICE.items():
                add_person(
                    session, "cli", email=email, name=email, role=role, password_hash=DIGEST, uniquifier=email, now=now
                )
        for email in OFFICE:
            self.sign_in(email)
        if has_key:
            self.makes_a_key(0, Role.APPROVER)
            with self.outside.database.write() as session:
                (waiting,) = waiting_keys(session, now=now)
                hoa = find_by_email(session, HOA)
                assert hoa is not None
                confirm_key(session, hoa.actor, waiting.key.public, now=now)

    def sign_in(self, email: str) -> None:
        with self.outside.database.read() as session:
            person = find_by_email(session, email)
            assert person is not None
            mark = person.fs_uniquifier
        self.sessions[email] = self.outside.app.test_client()
        signed_in(self.outside.database, self.sessions[email], mark)

    def post(self, hand: Hand, path: str, form: dict[str, Any]) -> Any:
        return hand.client.post(path, data={**form, "csrf_token": csrf_token(self.outside, hand.client)})

    def call(self, hand: Hand, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        headers = {"Authorization": f"Bearer {hand.key}"}
        return self.outside.app.test_client().open(path, method=method, json=body or {}, headers=headers)

    def all_hands(self) -> list[Hand]:
        return [*(Hand(KHANG, self.sessions[email]) for email in sorted(self.held)), *self.made]

    def one_hand(self, which: int) -> Hand:
        hands = self.all_hands()
        return hands[which % len(hands)]

    def account(self, which: int) -> Hand:
        sessions = [hand for hand in self.all_hands() if not hand.key]
        return sessions[which % len(sessions)]

    def honest(self, email: str) -> Hand:
        return Hand(email, self.sessions[email])

    # Accounts and keys.

    def enter(self, text: str, email: str) -> bool:
        """Come in by the link that a page shows once."""
        link = re.search(r"http://localhost:8800(/join/[^\s\"<]+)", text)
        if link is None:
            return False
        client = self.outside.app.test_client()
        if self.post(Hand(KHANG, client), link[1], {"name": email, "password": NEW, "again": NEW}).status_code != 303:
            return False
        self.held.add(email)
        self.sign_in(email)
        return True

    def makes_up_a_person(self, by: int, role: Role, mailbox: bool = False) -> None:  # type: ignore[override]
        if len(self.all_hands()) >= MOST_HELD:
            return
        email, hand = f"gia{next(self.numbers)}@so.example", self.account(by)
        answer = self.post(hand, "/desk/admin/people/_new", {"email": email, "name": email, "role": role.value})
        if answer.status_code != 303:
            return
        shown = hand.client.get(answer.headers["Location"]).text
        if mailbox:
            with self.outside.database.write() as session:
                person = find_by_email(session, email)
                assert person is not None
                made = invitations.link_for_mail(session, email, person, lasts=None, now=self.outside.office.now())
            shown = f"http://localhost:8800/join/{made.secret}"
        self.enter(shown, email)

    def takes_an_account_over(self, by: int, whose: str) -> None:  # type: ignore[override]
        hand = self.account(by)
        answer = self.post(hand, f"/desk/admin/people/{whose}/link", {})
        if answer.status_code == 303:
            self.enter(hand.client.get(answer.headers["Location"]).text, whose)

    def changes_a_role(self, by: int, who: int, role: Role, active: bool) -> None:  # type: ignore[override]
        people = [*OFFICE, *sorted(self.held - OFFICE.keys())]
        email = people[who % len(people)]
        form = {"name": email, "email": email, "role": role.value} | ({"active": "1"} if active else {})
        self.post(self.account(by), f"/desk/admin/people/{email}", form)

    def makes_a_key(self, by: int, role: Role) -> None:  # type: ignore[override]
        hand = self.account(by)
        if len(self.all_hands()) >= MOST_HELD:
            return
        answer = self.post(hand, "/desk/admin/keys/_new", {"name": "khóa", "holder": f"role:{role.value}"})
        if answer.status_code == 303:
            text = re.search(r"lt_[\w-]+", hand.client.get(answer.headers["Location"]).text)
            assert text is not None
            self.made.append(Hand(KHANG, self.outside.app.test_client(), text[0]))

    def asks_for_confirmation(self, by: int, honest: bool) -> None:  # type: ignore[override]
        with self.outside.database.read() as session:
            roles = [row.person.email for row in waiting_roles(session)]
            keys = [row.key.public for row in waiting_keys(session, now=self.outside.office.now())]
        colleagues = [self.honest(email) for email in (HOA, BAO) if email not in self.held]
        for email in roles:
            real = email not in self.held or email == KHANG
            for hand in [*([] if honest else [self.account(by)]), *(colleagues if honest and real else [])]:
                self.post(hand, f"/desk/confirmations/people/{email}", {"do": "confirm"})
        for public in keys:
            for hand in colleagues if honest else [self.account(by)]:
                self.post(hand, f"/desk/confirmations/keys/{public}", {"do": "confirm"})

    def gets_the_account_back(self, whose: str) -> None:  # type: ignore[override]
        now = self.outside.office.now()
        with self.outside.database.write() as session:
            person = find_by_email(session, whose)
            assert person is not None
            if not person.active:
                return
            made = invitations.link_for_mail(session, whose, person, lasts=None, now=now)
            invitations.accept(session, made.secret, name="", password_hash=DIGEST, uniquifier=whose, now=now)
        self.held.discard(whose)
        self.sign_in(whose)

    # Texts.

    def noted(self, code: str, who: str) -> None:
        with self.outside.database.read() as session:
            self.note_revision(workflow.find_bulletin(session, code), who)

    def writes(self, by: int, honest: bool) -> None:  # type: ignore[override]
        if honest and AN in self.held:
            return
        hand = self.honest(AN) if honest else self.one_hand(by)
        text = {"title": f"Tin số {next(self.numbers)}", "topic": "dich-benh"}
        if hand.key:
            answer = self.call(hand, "POST", API, {**text, "body_text": "Lời."})
            code = answer.get_json()["code"] if answer.status_code == 201 else ""
        else:
            form = form_on_page(hand.client, f"{DESK}/new")
            if form is None:
                return
            answer = self.post(hand, f"{DESK}/new", {**form, **text, "body_html": "<p>Lời.</p>", "do": "save"})
            found = re.search(r"BT-[\d-]+", answer.headers.get("Location", ""))
            code = found[0] if found else ""
        if code:
            self.noted(code, hand.who)

    def writes_a_template_for_an(self, by: int) -> None:  # type: ignore[override]
        if AN in self.held:
            return
        hand, number = self.one_hand(by), next(self.numbers)
        text = {"name": f"Mẫu {number}", "title": f"Tin số {number}", "topic": "dich-benh"}
        if hand.key:
            self.call(hand, "POST", TEMPLATES_API, {**text, "body_text": "Lời."})
        elif (form := form_on_page(hand.client, f"{TEMPLATES}/_new")) is not None:
            self.post(hand, f"{TEMPLATES}/_new", {**form, **text, "body_html": "<p>Lời.</p>", "do": "save"})
        with self.outside.database.read() as session:
            name = BulletinTemplate.name == text["name"]
            public = session.execute(sa.select(BulletinTemplate.public).where(name)).scalar_one_or_none()
        an = self.honest(AN)
        begun = form_on_page(an.client, f"{DESK}/new") if public is not None else None
        if begun is None:
            return
        kept = {"title": text["title"], "topic": "dich-benh", "body_html": "<p>Lời.</p>", "template": public}
        answer = self.post(an, f"{DESK}/new", {**begun, **kept, "do": "save"})
        found = re.search(r"BT-[\d-]+", answer.headers.get("Location", ""))
        if found:
            self.noted(found[0], AN)
            self.seen[found[0]].template = {KHANG}

    def revises(self, by: int, which: int, part: str, honest: bool) -> None:  # type: ignore[override]
        code = self.of(which)
        if code is None or (honest and AN in self.held):
            return
        hand = self.honest(AN) if honest else self.one_hand(by)
        values: dict[str, Any] = {
            "words": {"title": f"Tin số {next(self.numbers)}"}, "source_url": {"source_url": f"https://noi{next(self.numbers)}.example/"},
            "topic": {"topic": "kinh-te-xa-hoi"}, "channels": {"channels": []},
        }[part]  # fmt: skip
        before = self.latest(code)
        if hand.key:
            self.call(hand, "PATCH", f"{API}/{code}", values)
        else:
            form = form_on_page(hand.client, f"{DESK}/{code}/edit")
            if form is None:
                return
            self.post(hand, f"{DESK}/{code}/edit", {**form, **values, "do": "save"})
        if self.latest(code) != before:
            self.noted(code, hand.who)

    def latest(self, code: str) -> int:
        with self.outside.database.read() as session:
            return workflow.find_bulletin(session, code).latest

    def releases(self, which: int, corrects: bool) -> None:  # type: ignore[override]
        code = self.of(which)
        if code is None:
            return
        for hand in self.all_hands() if corrects else []:
            self.corrects_by(hand, code, KHANG)
        self.submits(code)
        for hand in self.all_hands():
            self.approves_by(hand, code)
        for hand in self.all_hands():
            if hand.key:
                self.call(hand, "POST", f"{API}/{code}/publish")
            else:
                form = form_on_page(hand.client, f"{DESK}/{code}/release") or {}
                self.post(hand, f"{DESK}/{code}/release", {**form, "do": "now"})

    def corrects_by(self, hand: Hand, code: str, who: str) -> None:
        before = self.latest(code)
        body = {"title": f"Tin số {next(self.numbers)}", "body_text": "Lời khác.", "note": "sửa"}
        if hand.key:
            self.call(hand, "POST", f"{API}/{code}/correct", body)
        elif (form := form_on_page(hand.client, f"{DESK}/{code}/correct")) is not None:
            self.post(hand, f"{DESK}/{code}/correct", {**form, "title": body["title"], "note": "sửa", "do": "send"})
        if self.latest(code) != before:
            self.noted(code, who)

    def an_corrects(self, which: int) -> None:  # type: ignore[override]
        code = self.of(which)
        if code is not None and AN not in self.held:
            self.corrects_by(self.honest(AN), code, AN)

    def submits(self, code: str) -> None:
        self.post(Hand(KHANG, self.sessions[KHANG]), f"{DESK}/{code}/submit", {})

    def approves_by(self, hand: Hand, code: str) -> None:
        with self.outside.database.read() as session:
            bulletin = workflow.find_bulletin(session, code)
            number = bulletin.pending if bulletin.pending is not None else bulletin.latest
            looked, named, before = content(bulletin, number), bulletin.revision(number).hash, self.approved(bulletin)
        if hand.key:
            self.call(hand, "POST", f"{API}/{code}/approve", {"revision_hash": named})
        else:
            self.post(hand, f"{DESK}/{code}/approve", {"do": "approve", "revision_hash": named})
        with self.outside.database.read() as session:
            if self.approved(workflow.find_bulletin(session, code)) != before:
                self.seen[code].approvals.append((number, hand.who, looked))

    @staticmethod
    def approved(bulletin: Bulletin) -> tuple[object, ...]:
        """What changes with an approval."""
        return bulletin.state, bulletin.pending, bulletin.approved, bulletin.released

    def is_read_by_the_honest_approver(self, which: int) -> None:  # type: ignore[override]
        code = self.of(which)
        if code is not None and BAO not in self.held:
            self.submits(code)
            self.approves_by(self.honest(BAO), code)

    def is_returned(self, which: int) -> None:  # type: ignore[override]
        code = self.of(which)
        if code is not None and BAO not in self.held:
            self.post(self.honest(BAO), f"{DESK}/{code}/approve", {"do": "return", "note": "sửa"})

    def looks(self) -> None:
        """The invariant, on what is stored now."""
        with self.outside.database.read() as session:
            self.session = session
            self.nobody_is_alone_behind_a_publication()


def new_office(outside: RunningApplication) -> AloneByHttp:
    made: Any = type("Walk", (AloneByHttp,), {"outside": outside})()
    return made  # type: ignore[no-any-return]


@pytest.fixture
def outside(sqlite: Database, tmp_path: Path) -> RunningApplication:
    opened = open_application(sqlite, tmp_path, own=True)
    opened.app.extensions["lantoa.tries"].enabled = False  # who may is asked, not how often
    return opened


def walk(outside: RunningApplication, hole: str) -> AloneByHttp:
    office = new_office(outside)
    for name, values in WAYS[hole]:
        getattr(office, name)(**values)
    assert office.seen, "something was written"
    return office


@pytest.mark.parametrize("hole", HOLES)
@pytest.mark.parametrize("defended", [True, False])
def test_one_person_gets_through_the_addresses_only_where_a_defence_is_missing(
    outside: RunningApplication, hole: str, defended: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if defended:
        walk(outside, hole).looks()
        return
    with switched_off(hole, monkeypatch):
        office = walk(outside, hole)
    with pytest.raises(AssertionError, match="BT-"):
        office.looks()


def test_a_walk_at_random_finds_nobody_alone(outside: RunningApplication) -> None:
    dice = random.Random(17)  # the same walk each time
    office = new_office(outside)
    office.found(has_key=True)
    roles, colleagues = [Role.WRITER, Role.APPROVER, Role.ADMIN], [HOA, BAO, AN]
    by, which, honest = range(9), range(5), [True, False]
    acts: dict[str, dict[str, Any]] = {
        "makes_up_a_person": {"by": by, "role": roles, "mailbox": honest},
        "takes_an_account_over": {"by": by, "whose": colleagues},
        "changes_a_role": {"by": by, "who": range(20), "role": roles, "active": [True, True, False]},
        "makes_a_key": {"by": by, "role": roles},
        "asks_for_confirmation": {"by": by, "honest": honest},
        "gets_the_account_back": {"whose": colleagues},
        "writes": {"by": by, "honest": honest},
        "revises": {"by": by, "which": which, "part": ["words", "source_url", "topic"], "honest": honest},
        "releases": {"which": which, "corrects": honest},
        "an_corrects": {"which": which},
        "is_read_by_the_honest_approver": {"which": which},
        "is_returned": {"which": which},
    }
    for _step in range(STEPS):
        name = dice.choice(list(acts))
        getattr(office, name)(**{key: dice.choice(list(values)) for key, values in acts[name].items()})
        office.looks()
    with outside.database.read() as session:
        out = session.query(Bulletin).filter(Bulletin.released.is_not(None)).count()
    assert out > 0
    assert len(office.seen) > 3
