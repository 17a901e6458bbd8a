"""The search for one person alone behind a publication, from outside: the forms of the desk and the API, nothing else.

One administrator tries everything with the accounts and keys in his hands; the second administrator, when asked,
confirms any key and no account that she has not seen the owner of. Since all texts are his, nothing may come out.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from campaigns.bulletins.bulletins import Bulletin, BulletinState
from campaigns.people.keys import AccessKey
from campaigns.people.staff import Person, Role
from coordinator.web.auth import one_time_links
from coordinator.web.auth.security import Account
from tests.coordinator.web.desk.conftest import BEGINNING, STAFF, Desk, signed_in
from tests.coordinator.web.desk.page_reader import Page
from tests.coordinator.web.signed_in import DIGEST

PASSWORD = "một câu dễ nhớ"
ROLES = st.sampled_from(["writer", "approver", "admin"])
PEOPLE, KEYS = "/desk/admin/people", "/desk/admin/keys"


class OnePersonAlone(RuleBasedStateMachine):
    """What the administrator holds: browsers signed in as accounts, and the text of keys."""

    desk: Desk
    numbers: Iterator[int]

    @initialize()
    def begin(self) -> None:
        """The office as it was: its own people confirmed, every other account off, every key revoked."""
        own = [actor.id for actor in STAFF.values()] + ["hoa@so.example"]
        with self.desk.database.write() as session:
            confirmed: dict[str, Any] = {
                "unconfirmed_since": None, "unconfirmed_by": None, "unconfirmed_why": None, "in_hands_of": []
            }  # fmt: skip
            session.execute(sa.update(Person).values(active=Person.email.in_(own), **confirmed))
            for role, actor in STAFF.items():
                values = {"role": role, "fs_uniquifier": f"uniq-{role.value}"}
                session.execute(sa.update(Person).where(Person.email == actor.id).values(**values))
            session.execute(sa.update(AccessKey).values(revoked_at=BEGINNING))
            none = dict.fromkeys(("approved", "released", "release_at", "changed_at", "released_on"))
            session.execute(sa.update(Bulletin).values(state=BulletinState.DRAFT, **none))
        self.browsers = [self.browser()]
        self.desk.client = self.browsers[0].client
        signed_in(self.desk.database, self.browsers[0].client, Role.ADMIN)
        self.keys: list[str] = []
        self.codes: list[str] = []

    def browser(self) -> Desk:
        return replace(self.desk, client=self.desk.app.test_client())

    def api(self, key: str, method: str, path: str, body: Any = None) -> Any:
        more = {"json": body} if body is not None else {}
        headers = {"Authorization": f"Bearer {key}"}
        return self.desk.app.test_client().open(f"/api/v1{path}", method=method, headers=headers, **more)

    @rule(role=ROLES)
    def makes_up_a_person(self, role: str) -> None:
        """Invite somebody who does not exist, and come in by the link."""
        email = f"gia{next(self.numbers)}@so.example"
        self.browsers[0].post(f"{PEOPLE}/_new", {"name": "Giả", "email": email, "role": role})
        self.enter(email)

    @rule(whose=st.sampled_from([STAFF[Role.APPROVER].id, "hoa@so.example"]))
    def takes_an_account_over(self, whose: str) -> None:
        """Make a link for a colleague, and come in by it."""
        self.browsers[0].post(f"{PEOPLE}/{whose}/link")
        self.enter(whose)

    def enter(self, email: str) -> None:
        words = Page(self.browsers[0].client.get(f"{PEOPLE}/{email}").text).words("#lien-ket")
        if words:
            browser = self.browser()
            form = {"name": "Giả", "password": PASSWORD, "again": PASSWORD}
            browser.post(words[0].removeprefix("http://localhost:8800"), form)
            self.browsers.append(browser)

    @rule(role=ROLES)
    def makes_a_key(self, role: str) -> None:
        """Make a key."""
        self.browsers[0].post(f"{KEYS}/_new", {"name": "khóa", "holder": f"role:{role}"})
        self.keys += Page(self.browsers[0].client.get(f"{KEYS}/").text).words("#khoa")

    @rule(which=st.integers(0, 9), role=ROLES)
    def changes_a_role(self, which: int, role: str) -> None:
        """Give somebody another role."""
        emails = [actor.id for actor in STAFF.values()] + ["hoa@so.example"]
        form = {"name": "Tên", "role": role, "active": "1"}
        self.browsers[0].post(f"{PEOPLE}/{emails[which % len(emails)]}", form)

    @rule(honest=st.booleans())
    def confirms_what_waits(self, honest: bool) -> None:
        """Press every button of the page for confirmation, or let the second administrator confirm the keys."""
        with self.desk.database.read() as session:
            emails = session.execute(sa.select(Person.email).where(Person.unconfirmed_since.is_not(None))).scalars()
            publics = session.execute(sa.select(AccessKey.public).where(AccessKey.unconfirmed_since.is_not(None)))
            people, waiting = list(emails), list(publics.scalars())
        if honest:
            hoa = self.browser()
            with self.desk.database.write() as session:
                mark = sa.select(Person.fs_uniquifier).where(Person.email == "hoa@so.example")
                uniquifier = session.execute(mark).scalar_one()
            signed_in(self.desk.database, hoa.client, uniquifier)
            for public in waiting:
                hoa.post(f"/desk/confirmations/keys/{public}", {"do": "confirm"})
            return
        for browser in self.browsers:
            for email in people:
                browser.post(f"/desk/confirmations/people/{email}", {"do": "confirm"})
            for public in waiting:
                browser.post(f"/desk/confirmations/keys/{public}", {"do": "confirm"})

    @rule()
    def writes(self) -> None:
        """Write with the newest key."""
        for key in self.keys[-1:]:
            body = {"title": "Tin của tôi", "body_text": "Chữ của tôi.", "topic": "dich-benh"}
            answer = self.api(key, "POST", "/bulletins", body)
            self.codes += [answer.get_json()["code"]] if answer.status_code == 201 else []

    @rule(which=st.integers(0, 9))
    def revises(self, which: int) -> None:
        """Change a text with every key."""
        for code in self.codes[-1:]:
            for key in self.keys[which % 3 :]:
                self.api(key, "PATCH", f"/bulletins/{code}", {"lead": f"Sapo {next(self.numbers)}"})

    @rule()
    def releases(self) -> None:
        """Submit, approve and publish with every key and in every browser."""
        for code in self.codes[-1:]:
            path = f"/bulletins/{code}"
            named = ""
            for key in self.keys:
                self.api(key, "POST", f"{path}/submit")
                named = self.api(key, "GET", path).get_json().get("revision_hash", named)
            for key in self.keys:
                self.api(key, "POST", f"{path}/approve", {"revision_hash": named})
            for browser in self.browsers:
                browser.post(f"/desk/bulletins/{code}/approve", {"do": "now", "revision_hash": named})
            for key in self.keys:
                self.api(key, "POST", f"{path}/publish", {})

    @invariant()
    def nothing_of_his_is_out(self) -> None:
        """No text of his is out, and none is approved."""
        with self.desk.database.read() as session:
            out = session.execute(sa.select(Bulletin.code).where(Bulletin.approved.is_not(None))).scalars().all()
        assert out == [], f"{out} came out"


def search(desk: Desk, examples: int) -> None:
    """Run the search on this office."""
    with desk.database.write() as session:
        session.execute(sa.update(Person).values(password=DIGEST, confirmed_by="cli"))
        session.add(
            Account(
                email="hoa@so.example", name="Hoa", role=Role.ADMIN, active=True, fs_uniquifier="uniq-hoa",
                created_at=BEGINNING, password=DIGEST, confirmed_by="cli",
            )
        )  # fmt: skip
    machine = type("Search", (OnePersonAlone,), {"desk": desk, "numbers": iter(range(10_000))})
    run_state_machine_as_test(  # type: ignore[no-untyped-call]  # the library's own
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=14, deadline=None, database=None, print_blob=False,
            phases=[Phase.generate],  # a failure is read as it is: to shrink it takes minutes
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip


@pytest.fixture
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """The digest of a new password is not computed."""
    monkeypatch.setattr(one_time_links, "hash_password", lambda _password: DIGEST)


@pytest.mark.slow
@pytest.mark.usefixtures("quick_passwords")
def test_the_search_brings_nothing_out_from_outside(desk: Desk) -> None:
    search(desk, 25)
