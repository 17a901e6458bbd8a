"""People, partners, corrections and looks at the same copies at once wait for each other in one order, never in a
circle."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import ledger
from campaigns.core.errors import Conflict
from campaigns.discovery import sightings
from campaigns.discovery.sightings import Page
from campaigns.republications.page_reports import claim_page
from campaigns.republications.republications import Republication, RepublicationStatus, find_republication
from campaigns.republications.review import decisions, partner_answers
from campaigns.republications.review.partner_answers import PartnerAnswerKind
from coordinator.jobs.release import commands
from coordinator.jobs.republications import page_check
from tests import factories
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.jobs.harness import JobHarness
from tests.coordinator.jobs.scripted_site import BODY, TITLE, ScriptedSite
from tests.factories import ADMIN, APPROVER

PAGES = 5
ROUNDS = 12


class Crowd:
    """Several who act at once, each over and over; what any of them raises fails the test."""

    def __init__(self) -> None:
        self._threads: list[threading.Thread] = []
        self.errors: list[BaseException] = []

    def has(self, act: Callable[[int], None], rounds: int = ROUNDS) -> None:
        """One more, who does this so many times."""

        def work() -> None:
            try:
                for number in range(rounds):
                    act(number)
            except BaseException as error:  # noqa: BLE001  # handed to the test
                self.errors.append(error)

        self._threads.append(threading.Thread(target=work))

    def act(self) -> None:
        """Everybody at once; raises the first error of anybody."""
        for thread in self._threads:
            thread.start()
        for thread in self._threads:
            thread.join()
        for error in self.errors:
            raise error


@pytest.fixture
def newsroom(scene: JobHarness, server: HostileServer) -> ScriptedSite:
    return ScriptedSite(scene, server)


@pytest.fixture
def code(scene: JobHarness) -> str:
    return scene.publish(title=TITLE, body=BODY)


@pytest.fixture
def copies(newsroom: ScriptedSite, code: str) -> list[str]:
    """Copies of one bulletin on several pages, by public id."""
    for number in range(PAGES):
        newsroom.carries(f"/bai-{number}.html", code)
        with newsroom.scene.database.write() as session:
            claim_page(session, "key:p", code, newsroom.url(f"/bai-{number}.html"), now=newsroom.scene.context.now())
    newsroom.scene.drain("page_check")
    return [row.public for row in newsroom.copies()]


def _look(scene: JobHarness) -> None:
    """Check every page once, concurrently with others, leased and settled as by workers."""
    with scene.database.write() as session:
        sightings.lock_pages(session)
        session.execute(sa.update(Page).values(lease_until=None, due_at=scene.context.now()))
    for taken in page_check.claim(scene.context, PAGES):
        try:
            page_check.check_page(scene.context, taken)
        except ledger.StaleFence:
            continue  # another has taken the page over, as after a lease that ran out


def test_corrections_decisions_answers_claims_and_looks_at_once_all_come_through(
    newsroom: ScriptedSite, code: str, copies: list[str]
) -> None:
    scene = newsroom.scene
    refused: list[str] = []

    def correct(number: int) -> None:
        scene.clock.forward(seconds=1)
        commands.correct(
            scene.app_context, APPROVER, code, factories.text(TITLE, f"{BODY}\n\nSửa lần {number}."), "Sửa số liệu"
        )

    def decide(number: int) -> None:
        with scene.database.write() as session:
            rows = decisions.lock_public_copies(session, copies)
            for row in rows if number % 2 else reversed(rows):
                _conclude(session, row, confirm=True)

    def one_by_one(number: int) -> None:
        with scene.database.write() as session:
            row = find_republication(session, copies[-1 - number % PAGES])
            _conclude(session, row, confirm=bool(number % 2))

    def _conclude(session: Session, row: Republication, *, confirm: bool) -> None:
        try:
            decisions.decide(session, ADMIN, row, confirm=confirm, note="đã xem", now=scene.context.now())
        except Conflict as conflict:
            if conflict.code != "counted_elsewhere":  # another address of the site counts
                raise
            refused.append(row.public)

    def mend(number: int) -> None:
        with scene.database.write() as session:
            row = find_republication(session, copies[number % PAGES])
            partner_answers.record_answer(session, ADMIN, row, PartnerAnswerKind.MENDED, "", now=scene.context.now())

    def tell(number: int) -> None:
        with scene.database.write() as session:
            url = newsroom.url(f"/bai-{number % PAGES}.html")
            soon = scene.context.now() + timedelta(minutes=1)  # a correction may have moved the clock on meanwhile
            claim_page(session, f"key:{number}", code, url, now=soon)

    crowd = Crowd()
    for act in (correct, decide, one_by_one, mend, tell, lambda _: _look(scene), lambda _: _look(scene)):
        crowd.has(act)
    crowd.act()
    scene.recall(code)
    assert scene.journal_holds()
    with scene.database.read() as session:
        assert _acts(session, "bulletin.corrected") == ROUNDS
        assert _acts(session, "republication.answered") == ROUNDS
        counted = session.execute(sa.select(sa.func.count()).select_from(decisions.Decision)).scalar_one()
        assert counted + len(refused) == ROUNDS * (PAGES + 1)
        assert all(row.stale for row in session.execute(sa.select(Republication)).scalars())
        assert sum(row.status is RepublicationStatus.CONFIRMED for row in newsroom.copies()) <= 1


def _acts(session: Session, act: str) -> int:
    return int(session.execute(sa.text("SELECT count(*) FROM journal WHERE act = :act"), {"act": act}).scalar_one())


def test_nothing_is_locked_after_the_head_of_the_journal(newsroom: ScriptedSite, code: str, copies: list[str]) -> None:
    scene = newsroom.scene
    values: list[list[str]] = [[]]

    def heard(_c: object, _cursor: object, statement: str, _p: object, _x: object, _many: bool) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            values[-1].append(" ".join(statement.split()))

    def began(_connection: object) -> None:
        values.append([])

    engine = scene.database.engine
    sa.event.listen(engine, "begin", began)
    sa.event.listen(engine, "before_cursor_execute", heard)
    try:
        commands.correct(scene.app_context, APPROVER, code, factories.text(TITLE, f"{BODY}\n\nSửa."), "Sửa số liệu")
        with scene.database.write() as session:
            for row in decisions.lock_public_copies(session, copies):
                decisions.decide(session, ADMIN, row, confirm=False, note="đã xem", now=scene.context.now())
        newsroom.carries("/bai-them.html", code)
        scene.clock.forward(minutes=1)
        with scene.database.write() as session:
            claim_page(session, "key:p", code, newsroom.url("/bai-them.html"), now=scene.context.now())
        scene.drain("page_check")  # counts the new copy
        scene.recall(code)
        commands.create(scene.app_context, APPROVER, factories.text("Tin khác", BODY), topic="dich-benh")
    finally:
        sa.event.remove(engine, "begin", began)
        sa.event.remove(engine, "before_cursor_execute", heard)
    headed = 0
    for statements in values:
        at = next((place for place, text in enumerate(statements) if "FROM journal_head" in text), None)
        if at is not None and any(statement.startswith(("INSERT", "UPDATE")) for statement in statements):
            headed += 1
            assert all("journal" in statement for statement in statements[at:]), statements[at:]
    assert headed >= 5
