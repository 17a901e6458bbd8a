"""A search of sequences of roles, links, keys, edits, returns and corrections for one person alone behind a release.

One administrator, Khang, tries everything with every account and key in his hands. The others are honest: Hoa, the
second administrator, and Bảo, the approver, confirm an account only when its owner, whom they ask, holds it, and any
key; Bảo approves what Khang lays before him only after a look at exactly that. The same acts, in the order that each
defence was made against, get through when it is switched off.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy.orm import Session

from campaigns.bulletins import drafts, templates
from campaigns.bulletins.bulletins import Bulletin, BulletinState, Filing, text_hash
from campaigns.bulletins.templates import TemplateContent
from campaigns.core.errors import CampaignError
from campaigns.people import invitations, keys, sign_in_factors, staff
from campaigns.people.keys import add_key
from campaigns.people.powers import confirmation
from campaigns.people.powers.confirmation import confirm_key, confirm_role, held_accounts, waiting_keys, waiting_roles
from campaigns.people.powers.identities import share_a_person
from campaigns.people.staff import Actor, Permission, Role, add_person, change_person, find_by_email
from campaigns.release import second_person, urgent_releases, workflow
from campaigns.release.single_signature_releases import ReviewOutcome, UrgentRelease
from campaigns.release.workflow import SeenReleaseTime
from coordinator.db import Database
from tests import factories
from tests.factories import DELIVERY_MODES, NOW

KHANG, HOA, BAO, AN = "khang@so.example", "hoa@so.example", "bao@so.example", "an@so.example"
OFFICE = {KHANG: Role.ADMIN, HOA: Role.ADMIN, BAO: Role.APPROVER, AN: Role.WRITER}
ROLES = st.sampled_from([Role.WRITER, Role.APPROVER, Role.ADMIN])


@dataclass
class Seen:
    """What the model knows of one bulletin: who really wrote each revision, and who looked at what."""

    writers: dict[int, str] = field(default_factory=dict)
    approvals: list[tuple[int, str, tuple[object, ...]]] = field(default_factory=list)  # revision, person, content
    template: set[str] = field(default_factory=set)  # who wrote the template it was begun from


def content(bulletin: Bulletin, number: int) -> tuple[object, ...]:
    """All that readers and receivers would get of this revision now."""
    revision = bulletin.revision(number)
    channels = tuple(bulletin.wanted_channels) if bulletin.wanted_channels is not None else None
    return (
        revision.title, revision.lead, revision.body_html, str(revision.presentation), revision.note,
        bulletin.topic.code, bulletin.source_url, channels,
    )  # fmt: skip


def stored(bulletin: Bulletin, number: int) -> tuple[object, ...]:
    """All that a revision holds of what readers and receivers get."""
    revision = bulletin.revision(number)
    return (
        revision.title, revision.lead, revision.body_html, str(revision.presentation), revision.note,
        revision.topic_code, revision.campaign_code, revision.source_url, str(revision.wanted_channels),
    )  # fmt: skip


class OnePersonAlone(RuleBasedStateMachine):
    """The office, and what Khang holds of it."""

    session: Session

    @initialize(has_key=st.booleans())
    def found(self, has_key: bool) -> None:
        """An office of four, all confirmed; Khang may have a key that approves, which Hoa confirmed."""
        self.point = self.session.begin_nested()
        self.numbers = iter(range(1, 10_000))
        self.held = {KHANG}  # accounts in Khang's hands
        self.keys: list[Actor] = []
        self.seen: dict[str, Seen] = {}
        for email, role in OFFICE.items():
            add_person(
                self.session, "cli", email=email, name=email, role=role, password_hash="x", uniquifier=email, now=NOW
            )
        if has_key:
            made = add_key(self.session, KHANG, name="khóa", role=Role.APPROVER, now=NOW)
            confirm_key(self.session, self.own(HOA), made.row.public, now=NOW)
            self.keys.append(made.row.actor)

    def teardown(self) -> None:
        """Undo the run."""
        if hasattr(self, "point"):
            self.point.rollback()
            self.session.expire_all()

    # Who acts.

    def own(self, email: str) -> Actor:
        person = find_by_email(self.session, email)
        assert person is not None
        return person.actor

    def hands(self) -> list[tuple[Actor, str]]:
        """Every actor, with the person who moves it: Khang for all that he holds."""
        found = [(self.own(email), KHANG) for email in sorted(self.held)]
        for key in self.keys:
            row = self.session.query(keys.AccessKey).filter_by(public=key.id.removeprefix("key:")).one()
            found.append((row.actor, KHANG))
        return found

    def attempt(self, act: Callable[[], Any]) -> Any:
        """Do something; a refusal undoes it."""
        inner = self.session.begin_nested()
        try:
            result = act()
            self.session.flush()
        except CampaignError:
            inner.rollback()
            return None
        inner.commit()
        return result

    def of(self, which: int) -> str | None:
        codes = sorted(self.seen)
        return codes[which % len(codes)] if codes else None

    def hand(self, which: int) -> Actor:
        hands = self.hands()
        return hands[which % len(hands)][0]

    # What Khang does with accounts and keys.

    @rule(by=st.integers(0, 9), role=ROLES, mailbox=st.booleans())
    def makes_up_a_person(self, by: int, role: Role, mailbox: bool = False) -> None:
        """Invite somebody who does not exist, and come in by the link; or to a mailbox of Khang's, by a link that he
        asks for there as one who has forgotten the password."""
        email = f"gia{next(self.numbers)}@so.example"

        def act() -> None:
            made = invitations.invite(
                self.session, self.hand(by), email=email, name=email, role=role, uniquifier=email, now=NOW
            )
            if mailbox:
                made = invitations.link_for_mail(self.session, email, made.row.person, lasts=None, now=NOW)
            self.enter(made.secret, email)

        self.attempt(act)

    @rule(by=st.integers(0, 9), whose=st.sampled_from([HOA, BAO, AN]))
    def takes_an_account_over(self, by: int, whose: str) -> None:
        """Make a link for a colleague's account, and come in by it."""

        def act() -> None:
            person = find_by_email(self.session, whose)
            assert person is not None
            made = invitations.renew(self.session, self.hand(by), person, now=NOW)
            self.enter(made.secret, whose)

        self.attempt(act)

    def enter(self, secret: str, email: str) -> None:
        invitations.accept(self.session, secret, name="", password_hash="y", uniquifier=secret[:20], now=NOW)
        self.held.add(email)

    @rule(by=st.integers(0, 9), who=st.integers(0, 20), role=ROLES, active=st.booleans())
    def changes_a_role(self, by: int, who: int, role: Role, active: bool) -> None:
        """Change anybody's role, or switch an account off or on."""
        people = [*OFFICE, *sorted(self.held - OFFICE.keys())]
        person = find_by_email(self.session, people[who % len(people)])
        assert person is not None
        self.attempt(lambda: change_person(self.session, self.hand(by), person, role=role, active=active, now=NOW))

    @rule(by=st.integers(0, 9), role=ROLES)
    def makes_a_key(self, by: int, role: Role) -> None:
        """Make a key, as an administrator."""
        actor = self.hand(by)
        if actor.may(Permission.CONFIGURE) and not actor.id.startswith("key:"):
            made = add_key(self.session, actor.id, name="khóa", role=role, now=NOW)
            self.keys.append(made.row.actor)

    @rule(by=st.integers(0, 9), whose=st.sampled_from([HOA, BAO]))
    def resets_a_factor(self, by: int, whose: str) -> None:
        """Take a colleague's second factor away."""
        person = find_by_email(self.session, whose)
        assert person is not None
        person.tf_primary_method, person.tf_totp_secret = "authenticator", "x"
        self.attempt(lambda: sign_in_factors.reset_factor(self.session, self.hand(by), person, "mất máy", now=NOW))

    @rule(by=st.integers(0, 9), honest=st.booleans())
    def asks_for_confirmation(self, by: int, honest: bool) -> None:
        """Confirm whatever waits: with everything in Khang's hands, or by asking honest colleagues."""
        colleagues = [self.own(email) for email in (HOA, BAO) if email not in self.held]
        for waiting in [*waiting_roles(self.session), *held_accounts(self.session)]:
            person = waiting.person
            real = person.email not in self.held or person.email == KHANG
            for actor in [*([self.hand(by)] if not honest else []), *(colleagues if honest and real else [])]:
                self.attempt(lambda a=actor, p=person: confirm_role(self.session, a, p, now=NOW))
        for key in waiting_keys(self.session, now=NOW):
            for actor in colleagues if honest else [self.hand(by)]:
                self.attempt(lambda a=actor, k=key: confirm_key(self.session, a, k.key.public, now=NOW))

    @rule(whose=st.sampled_from([HOA, BAO, AN]))
    def gets_the_account_back(self, whose: str) -> None:
        """The owner mails a link to the own address, and Khang is out."""

        def act() -> None:
            person = find_by_email(self.session, whose)
            assert person is not None
            made = invitations.link_for_mail(self.session, whose, person, lasts=None, now=NOW)
            invitations.accept(self.session, made.secret, name="", password_hash="z", uniquifier=whose, now=NOW)
            self.held.discard(whose)

        self.attempt(act)

    # What is done with texts.

    def new_text(self) -> drafts.BulletinText:
        return factories.text(f"Tin số {next(self.numbers)}")

    def note_revision(self, bulletin: Bulletin, who: str) -> None:
        seen = self.seen.setdefault(bulletin.code, Seen())
        seen.writers.setdefault(bulletin.latest, who)

    @rule(by=st.integers(0, 9), honest=st.booleans())
    def writes(self, by: int, honest: bool) -> None:
        """A draft by Khang, or by An, who writes honestly."""
        if honest and AN in self.held:
            return
        actor, who = (self.own(AN), AN) if honest else (self.hand(by), KHANG)
        bulletin = self.attempt(lambda: drafts.create(self.session, actor, self.new_text(), topic="dich-benh", now=NOW))
        if bulletin is not None:
            self.note_revision(bulletin, who)

    @rule(by=st.integers(0, 9))
    def writes_a_template_for_an(self, by: int) -> None:
        """A template by Khang, from which An honestly begins a bulletin."""
        if AN in self.held:
            return
        actor = self.hand(by)

        def act() -> Bulletin:
            wanted = TemplateContent(f"Mẫu {next(self.numbers)}", self.new_text(), "dich-benh")
            template = templates.create_template(self.session, actor, wanted, now=NOW)
            start = templates.start_from(self.session, template, None)
            bulletin = drafts.create(self.session, self.own(AN), start.text, topic="dich-benh", now=NOW)
            templates.mark_begun(self.session, bulletin, template)
            return bulletin

        bulletin = self.attempt(act)
        if bulletin is not None:
            self.note_revision(bulletin, AN)
            self.seen[bulletin.code].template = {KHANG}

    @rule(
        by=st.integers(0, 9),
        which=st.integers(0, 5),
        part=st.sampled_from(["words", "source_url", "topic", "channels"]),
        honest=st.booleans(),
    )
    def revises(self, by: int, which: int, part: str, honest: bool) -> None:
        """Change some part of a text."""
        code = self.of(which)
        if code is None or (honest and AN in self.held):
            return
        actor, who = (self.own(AN), AN) if honest else (self.hand(by), KHANG)

        def act() -> Bulletin:
            bulletin = workflow.find_bulletin(self.session, code)
            old = bulletin.revision(bulletin.latest)
            text = drafts.BulletinText(old.title, old.lead, old.body_html, old.body_text)
            filing: dict[str, Any] = {}
            if part == "words":
                text = self.new_text()
            elif part == "source_url":
                filing["source_url"] = f"https://noi{next(self.numbers)}.example/"
            elif part == "topic":
                filing["topic"] = "kinh-te-xa-hoi" if bulletin.topic.code == "dich-benh" else "dich-benh"
            else:
                filing |= {"channels": None, "cleared": {"channels"}} if bulletin.wanted_channels else {"channels": []}
            return workflow.revise(self.session, actor, code, text, now=NOW, **filing)

        bulletin = self.attempt(act)
        if bulletin is not None:
            self.note_revision(bulletin, who)

    @rule(which=st.integers(0, 5), corrects=st.booleans())
    def releases(self, which: int, corrects: bool) -> None:
        """Submit, or correct, and approve and publish with everything in Khang's hands."""
        code = self.of(which)
        if code is None:
            return
        for actor, _who in self.hands() if corrects else []:
            bulletin = self.attempt(
                lambda a=actor: workflow.correct(self.session, a, code, self.new_text(), "sửa", DELIVERY_MODES, now=NOW)
            )
            if bulletin is not None:
                self.note_revision(bulletin, KHANG)
        self.attempt(lambda: workflow.submit(self.session, self.own(KHANG), code, now=NOW))
        for actor, _who in self.hands():
            self.approves(actor, KHANG, code)
        for actor, _who in self.hands():
            self.attempt(lambda a=actor: workflow.publish(self.session, a, code, DELIVERY_MODES, now=NOW))

    @rule(which=st.integers(0, 5))
    def an_corrects(self, which: int) -> None:
        """An honestly proposes a small change to what is out."""
        code = self.of(which)
        if code is None or AN in self.held:
            return
        bulletin = self.attempt(
            lambda: workflow.correct(
                self.session, self.own(AN), code, self.new_text(), "sửa nhỏ", DELIVERY_MODES, now=NOW
            )
        )
        if bulletin is not None:
            self.note_revision(bulletin, AN)

    @rule(which=st.integers(0, 5), then=st.sampled_from(["waits", "is cleared", "comes due"]))
    def is_timed(self, which: int, then: str) -> None:
        """Give a release time with everything in Khang's hands, and let it come, or clear it."""
        code = self.of(which)
        at = NOW + timedelta(hours=1)
        seen = SeenReleaseTime(at)
        for actor, _who in self.hands() if code is not None else []:
            self.attempt(lambda a=actor: workflow.publish(self.session, a, code, DELIVERY_MODES, at=at, now=NOW))
            if then == "is cleared":
                self.attempt(lambda a=actor: workflow.clear_release_time(self.session, a, code, seen=seen, now=NOW))
        if then == "comes due":
            workflow.release_due(self.session, now=at)

    @rule(which=st.integers(0, 5))
    def is_released_urgently(self, which: int) -> None:
        """Publish the newest text with one signature, with everything in Khang's hands."""
        code = self.of(which)
        for actor, _who in self.hands() if code is not None else []:
            bulletin = workflow.find_bulletin(self.session, code)
            named = bulletin.revision(bulletin.latest).hash
            self.attempt(
                lambda a=actor, n=named: urgent_releases.publish_urgent(
                    self.session, a, code, n, "gấp", DELIVERY_MODES, now=NOW
                )
            )

    @rule(which=st.integers(0, 5))
    def is_read_by_the_honest_approver(self, which: int) -> None:
        """Bảo reads what waits and approves it."""
        code = self.of(which)
        if code is not None and BAO not in self.held:
            self.attempt(lambda: workflow.submit(self.session, self.own(KHANG), code, now=NOW))
            self.approves(self.own(BAO), BAO, code)

    @rule(which=st.integers(0, 5))
    def is_returned(self, which: int) -> None:
        """Bảo returns a text."""
        code = self.of(which)
        if code is not None and BAO not in self.held:
            self.attempt(lambda: workflow.return_for_changes(self.session, self.own(BAO), code, "sửa", now=NOW))

    @rule(which=st.integers(0, 5))
    def is_reviewed(self, which: int) -> None:
        """Khang reviews a text that is out with one signature, with everything in his hands."""
        code = self.of(which)
        for actor, _who in self.hands() if code is not None else []:
            self.attempt(
                lambda a=actor: urgent_releases.review_urgent(
                    self.session, a, code, ReviewOutcome.IN_ORDER, "", now=NOW
                )
            )

    def approves(self, actor: Actor, who: str, code: str) -> None:
        bulletin = workflow.find_bulletin(self.session, code)
        number = bulletin.pending if bulletin.pending is not None else bulletin.latest
        looked = content(bulletin, number)
        named = bulletin.revision(number).hash
        done = self.attempt(lambda: workflow.approve(self.session, actor, code, named, DELIVERY_MODES, now=NOW))
        if done is not None:
            self.seen[code].approvals.append((number, who, looked))

    # What must never be.

    @invariant()
    def nobody_is_alone_behind_a_publication(self) -> None:
        """What is out was looked at, exactly so, by somebody who wrote no part of it; or it is marked until then."""
        if not hasattr(self, "seen"):
            return
        for code, seen in self.seen.items():
            bulletin = workflow.find_bulletin(self.session, code)
            if bulletin.state not in {BulletinState.PUBLISHED, BulletinState.SCHEDULED} or bulletin.released is None:
                continue
            marked = self.session.query(UrgentRelease).filter_by(bulletin_id=bulletin.id, revision=bulletin.released)
            if (one := marked.one_or_none()) is not None:
                assert one.reviewed_at is None, f"{code} was reviewed by who wrote it"
                continue
            # Released, and read by a second person: approved by one who is not marked as having signed alone.
            alone = {
                row.revision: row.outcome
                for row in self.session.query(UrgentRelease).filter_by(bulletin_id=bulletin.id)
            }
            approved = {number for number, _who, _what in seen.approvals}
            before = [
                number
                for number in seen.writers
                if number < bulletin.released
                and bulletin.revision(number).released_at is not None
                and (alone[number] is ReviewOutcome.IN_ORDER if number in alone else number in approved)
            ]
            unread = [number for number in sorted(seen.writers) if max(before, default=0) < number <= bulletin.released]
            first = next(number for number in unread if stored(bulletin, number) == stored(bulletin, bulletin.released))
            since = {seen.writers[number] for number in unread if number <= first or number == bulletin.released}
            if not before:
                since |= seen.template
            looked = [(who, what) for number, who, what in seen.approvals if number == bulletin.released]
            assert any(who not in since for who, _what in looked), f"{code}: only {since} stand behind it"
            assert any(what == content(bulletin, bulletin.released) for _who, what in looked), f"{code} was exchanged"


def search(session: Session, examples: int) -> None:
    """Run the search on this database."""
    machine = type("Search", (OnePersonAlone,), {"session": session})
    run_state_machine_as_test(  # type: ignore[no-untyped-call]  # the library's own
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=20, deadline=None, database=None, print_blob=False,
            derandomize=True,  # the same search each time: whether it finds a hole must not depend on luck
            phases=[Phase.generate],  # a failure is read as it is: to shrink it takes minutes
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip


def old_share(session: Session, actor: str, others: Any) -> bool:
    """Compare ids alone, as if nobody stood behind a key or account."""
    return actor in others


def share_now(session: Session, actor: str, others: Any) -> bool:
    """Ask who stands behind an author now, as if it had never been another."""
    return share_a_person(session, actor, dict.fromkeys(others, datetime.max.replace(tzinfo=UTC)))


def old_authors(session: Session, bulletin: Bulletin) -> dict[str, datetime]:
    """The writer of the bulletin and of its newest revision alone."""
    return dict.fromkeys({bulletin.writer, bulletin.revision(bulletin.pending or bulletin.latest).author}, NOW)


def released_counts_as_read(session: Session, bulletin: Bulletin) -> dict[str, datetime]:
    """The authors since the last release, whoever read it."""
    last = max((row.number for row in bulletin.revisions if row.released_at is not None), default=0)
    return {row.author: NOW for row in bulletin.revisions if row.number > last}


def old_hash(*words: Any, media: Any, filing: Filing, note: str = "") -> str:
    """A hash of the words alone."""
    return text_hash(*words, filing=Filing(""), note=note)


def old_suspend(session: Session, person: Any, **_more: Any) -> None:
    """A role begins at once."""


def old_add(session: Session, *arguments: Any, **more: Any) -> Any:
    """Nobody stands behind an account that was added, until its link is used."""
    person = add_person(session, *arguments, **more)
    person.in_hands_of = []
    session.flush()
    return person


HOLES: dict[str, list[tuple[Any, str, Any]]] = {
    "a key and an account forget who had them in hand": [(workflow, "share_a_person", old_share)],
    "only the writer and the last author are barred": [(workflow, "barred_from_approval", old_authors)],
    "who wrote the template may approve": [(second_person, "template_authors", lambda *_some, **_more: {})],
    "what was released counts as read": [(workflow, "barred_from_approval", released_counts_as_read)],
    "the hash covers the words alone": [(workflow, "text_hash", old_hash), (drafts, "text_hash", old_hash)],
    "links and roles need no second person": [
        (invitations, "suspend_role", old_suspend), (staff, "suspend_role", old_suspend),
        (workflow, "share_a_person", old_share),
    ],
    "the asking person may confirm": [
        (confirmation, "_require", lambda actor, confirmers: None),
    ],
    "a text forgets who had its author's account in hand": [(workflow, "share_a_person", share_now)],
    "an account forgets who added it": [(invitations, "add_person", old_add)],
}  # fmt: skip


@contextmanager
def switched_off(hole: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The defence is off."""
    with monkeypatch.context() as patch:
        for module, name, old in HOLES[hole]:
            patch.setattr(module, name, old)
        yield


@pytest.fixture
def office(sqlite: Database) -> Iterator[Session]:
    """A writing session; which database it is makes no difference to who may do what."""
    with sqlite.writers() as opened:
        yield opened


@pytest.mark.long
def test_the_search_finds_nobody_alone_behind_a_publication(office: Session) -> None:
    search(office, 150)


# What one person does where a defence is missing, as rules of the machine with their values.
WRITES = ("writes", {"by": 0, "honest": False})
RELEASES = ("releases", {"which": 0, "corrects": False})
WAYS: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "a key and an account forget who had them in hand": [("found", {"has_key": True}), WRITES, RELEASES],
    "only the writer and the last author are barred": [
        ("found", {"has_key": True}),
        ("writes", {"by": 0, "honest": True}),
        ("revises", {"by": 1, "which": 0, "part": "words", "honest": False}),
        ("revises", {"by": 0, "which": 0, "part": "words", "honest": True}),
        RELEASES,
    ],
    "who wrote the template may approve": [
        ("found", {"has_key": True}),
        ("writes_a_template_for_an", {"by": 0}),
        RELEASES,
    ],
    "what was released counts as read": [
        ("found", {"has_key": True}),
        ("writes", {"by": 0, "honest": True}),
        ("is_read_by_the_honest_approver", {"which": 0}),
        RELEASES,
        ("releases", {"which": 0, "corrects": True}),  # Khang's key corrects alone
        ("an_corrects", {"which": 0}),
        RELEASES,
    ],
    "the hash covers the words alone": [
        ("found", {"has_key": True}),
        WRITES,
        ("is_read_by_the_honest_approver", {"which": 0}),
        ("revises", {"by": 0, "which": 0, "part": "source_url", "honest": False}),
        RELEASES,
    ],
    "links and roles need no second person": [
        ("found", {"has_key": False}),
        ("takes_an_account_over", {"by": 0, "whose": BAO}),
        ("writes", {"by": 1, "honest": False}),
        RELEASES,
    ],
    "the asking person may confirm": [
        ("found", {"has_key": False}),
        ("makes_up_a_person", {"by": 0, "role": Role.APPROVER}),
        ("asks_for_confirmation", {"by": 1, "honest": False}),
        ("writes", {"by": 1, "honest": False}),
        RELEASES,
    ],
    "a text forgets who had its author's account in hand": [
        ("found", {"has_key": True}),
        ("takes_an_account_over", {"by": 0, "whose": BAO}),
        ("writes", {"by": 0, "honest": False}),  # as Bảo, the first of the accounts in hand
        ("gets_the_account_back", {"whose": BAO}),
        ("asks_for_confirmation", {"by": 0, "honest": True}),
        RELEASES,
    ],
    "an account forgets who added it": [
        ("found", {"has_key": True}),
        ("makes_up_a_person", {"by": 0, "role": Role.WRITER, "mailbox": True}),
        ("writes", {"by": 0, "honest": False}),  # as that person, the first of the accounts in hand
        RELEASES,
    ],
}  # fmt: skip


def walk(session: Session, hole: str) -> None:
    """Do what the hole invites to, and look whether one person is behind a publication."""
    machine: Any = type("Walk", (OnePersonAlone,), {"session": session})()
    for name, values in WAYS[hole]:
        getattr(machine, name)(**values)
    assert machine.seen, "something was written"
    machine.nobody_is_alone_behind_a_publication()


@pytest.mark.parametrize("hole", HOLES)
def test_one_person_alone_gets_through_only_where_a_defence_is_missing(
    session: Session, hole: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk(session, hole)
    session.rollback()
    with switched_off(hole, monkeypatch), pytest.raises(AssertionError, match="BT-"):
        walk(session, hole)
