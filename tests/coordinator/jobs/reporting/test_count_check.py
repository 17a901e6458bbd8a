"""The count proves itself: what the product counts passes, what was changed past it is named."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.matching.matcher import Match
from campaigns.reporting import count_proof
from campaigns.reporting.count_proof import UnprovenCopy
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.evidence.evidence_seals import record_look
from campaigns.republications.evidence.rejudgement import RejudgementScope
from campaigns.republications.evidence.uploads import EvidenceUploadKind, StoredFile, confirm_by_upload
from campaigns.republications.republications import Evidence, Republication, RepublicationStatus
from campaigns.republications.review.decisions import Decision, decide, undo_decision
from coordinator.jobs.reporting.count_check import CountCheck, check_count
from coordinator.jobs.republications.rejudgement import RejudgeListener, rejudge
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.jobs.harness import JobHarness
from tests.coordinator.jobs.reporting.random_histories import SECOND_PARTS as OTHER_PARTS
from tests.coordinator.jobs.republications.copy_checks import PATH, due_again, found
from tests.coordinator.jobs.scripted_site import BODY, OTHER, PARTS, TITLE, ScriptedSite
from tests.factories import ANALYST

SECOND_PATH = "/suc-khoe/lich-tiem-tuan-cuoi-thang-40002.html"


@pytest.fixture
def newsroom(scene: JobHarness, server: HostileServer) -> ScriptedSite:
    return ScriptedSite(scene, server)


@pytest.fixture
def code(scene: JobHarness) -> str:
    made = scene.publish(title=TITLE, body=BODY)
    scene.clock.forward(hours=1)
    return made


@pytest.fixture
def counted(newsroom: ScriptedSite, code: str) -> Republication:
    """A copy that the machine confirmed."""
    newsroom.carries(PATH, code)
    found(newsroom)
    copy = newsroom.copy()
    assert copy.status is RepublicationStatus.CONFIRMED
    return copy


@pytest.fixture
def waiting(newsroom: ScriptedSite, code: str) -> Republication:
    """A copy without our name, which waits for a person."""
    newsroom.carries(PATH, code, source="")
    found(newsroom)
    copy = newsroom.copy()
    assert copy.status is RepublicationStatus.REVIEW
    return copy


def checked(scene: JobHarness, *, files: bool = True) -> tuple[CountCheck, list[UnprovenCopy]]:
    named: list[UnprovenCopy] = []
    store = scene.context.store if files else None
    return check_count(scene.database, store, named.append), named


def faults(scene: JobHarness) -> list[str]:
    """The codes of the faults of the one copy that is named, none without any."""
    check, named = checked(scene)
    assert check.unproven == len(named) <= 1
    return [fault.code for copy in named for fault in copy.faults]


def proven(scene: JobHarness) -> CountCheck:
    check, named = checked(scene)
    assert named == []
    assert check.journal is None
    return check


def by_hand(scene: JobHarness, statement: str, **values: Any) -> None:
    """Write to the database past the product, as its owner can."""
    with scene.database.write() as session:
        session.execute(sa.text(statement), values)


def conclude(scene: JobHarness, copy: Republication, *, confirm: bool = True, note: str = "đã xem") -> str:
    with scene.database.write() as session:
        row = session.get_one(Republication, copy.id)
        return decide(session, ANALYST, row, confirm=confirm, note=note, now=scene.context.now()).public


def upload(scene: JobHarness, code: str, url: str) -> None:
    digest, key = scene.context.store.keep(b"%PDF-1.4 a page behind a sign-in")
    kept = StoredFile(EvidenceUploadKind.PDF, "1", 32, digest, key, "0" * 64)
    with scene.database.write() as session:
        now = scene.context.now()
        confirm_by_upload(session, ANALYST, code, url, now, "thấy trên trang", kept, now=now)


def four_more(scene: JobHarness, newsroom: ScriptedSite) -> None:
    """Four copies of other bulletins, confirmed by uploads."""
    codes = [scene.publish(title=f"{TITLE} {number}", body=BODY) for number in range(4)]
    scene.clock.forward(hours=1)
    for number, other in enumerate(codes):
        upload(scene, other, newsroom.url(f"/bai-{number}.html"))


# What the product does ---------------------------------------------------------------------------------------------


def test_a_copy_that_the_machine_counted_proves_itself(scene: JobHarness, counted: Republication) -> None:
    check = proven(scene)
    assert (check.copies, check.counted, check.files) == (1, 1, 1)


def test_a_copy_that_waits_is_walked_and_needs_no_proof(scene: JobHarness, waiting: Republication) -> None:
    check = proven(scene)
    assert (check.copies, check.counted, check.files) == (1, 0, 0)


def test_a_persons_decision_proves_a_copy_and_so_does_the_one_before_an_undone_one(
    scene: JobHarness, waiting: Republication
) -> None:
    conclude(scene, waiting)
    proven(scene)
    scene.clock.forward(minutes=1)
    rejected = conclude(scene, waiting, confirm=False)
    assert proven(scene).counted == 0
    with scene.database.write() as session:
        undo_decision(session, ANALYST, session.get_one(Republication, waiting.id), rejected, now=scene.context.now())
    assert proven(scene).counted == 1


def test_a_machines_count_stands_again_when_a_persons_decision_is_undone(
    scene: JobHarness, counted: Republication
) -> None:
    scene.clock.forward(days=2)
    public = conclude(scene, counted, confirm=False)
    scene.clock.forward(days=1)
    with scene.database.write() as session:
        undo_decision(session, ANALYST, session.get_one(Republication, counted.id), public, now=scene.context.now())
    assert proven(scene).counted == 1


def test_a_person_says_the_attribution_and_later_looks_change_nothing(
    scene: JobHarness, newsroom: ScriptedSite, waiting: Republication
) -> None:
    with scene.database.write() as session:
        row = session.get_one(Republication, waiting.id)
        decide(
            session, ANALYST, row, confirm=True, note="tên trong ảnh", attribution=Attribution.NAMED_ONLY,
            now=scene.context.now(),
        )  # fmt: skip
    proven(scene)
    due_again(newsroom)
    assert newsroom.copy().attribution is Attribution.NAMED_ONLY
    proven(scene)


def test_an_uploaded_file_proves_a_copy_that_no_machine_read(
    scene: JobHarness, newsroom: ScriptedSite, code: str
) -> None:
    upload(scene, code, newsroom.url("/bai-sau-dang-nhap.html"))
    check = proven(scene)
    assert (check.counted, check.files) == (1, 1)


def test_a_copy_that_is_gone_or_edited_still_proves_itself(
    scene: JobHarness, newsroom: ScriptedSite, counted: Republication, code: str
) -> None:
    newsroom.carries(PATH, code, source="")
    due_again(newsroom)
    assert newsroom.copy().attribution is Attribution.NONE
    proven(scene)
    newsroom.removes(PATH)
    for _ in range(2):
        scene.clock.forward(days=2)
        due_again(newsroom)
    assert newsroom.copy().life.value == "gone"
    proven(scene)
    newsroom.carries(PATH, code)
    due_again(newsroom)
    assert newsroom.copy().life.value == "live"
    proven(scene)


def test_what_a_rejudgement_counted_proves_itself(
    scene: JobHarness, newsroom: ScriptedSite, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        # Rules under which the same page was not enough.
        older.setattr("campaigns.republications.evidence.judgement.NAMES_US", frozenset())
        newsroom.carries(PATH, code)
        found(newsroom)
    with scene.database.write() as session:
        values = {column.key: getattr(newsroom.copy().evidence[-1], column.key) for column in Evidence.__table__.c}
        values |= {"id": None, "rule_version": "2025.9", "attribution": Attribution.NONE}
        made = Evidence(**values)
        session.add(made)
        session.flush()
        record_look(session, "system", session.get_one(Republication, made.republication_id), made, now=made.at)
        session.execute(sa.update(Republication).values(attribution=Attribution.NONE))
    scene.clock.forward(days=2)
    listener = RejudgeListener(lambda _: None, lambda *_: None, lambda _: None)
    assert rejudge(scene.context, RejudgementScope(), listener, adopt="cli").adopted == 1
    assert newsroom.copy().status is RepublicationStatus.CONFIRMED
    assert proven(scene).counted == 1


# What is written past the product ----------------------------------------------------------------------------------


def test_a_status_set_by_hand_is_named_with_its_address(scene: JobHarness, waiting: Republication) -> None:
    by_hand(scene, "UPDATE republications SET status = 'confirmed'")
    _, (named,) = checked(scene)
    assert (named.copy, named.url) == (waiting.public, waiting.canonical_url)
    assert {fault.code for fault in named.faults} == {"no_entry", "no_evidence"}


def test_a_rejected_copy_set_back_to_counted_is_named_though_it_was_counted_once(
    scene: JobHarness, counted: Republication
) -> None:
    conclude(scene, counted, confirm=False)
    by_hand(scene, "UPDATE republications SET status = 'confirmed', decided_by = NULL, decided_at = NULL")
    assert faults(scene) == ["no_entry"]


def _insert_another(scene: JobHarness, **changed: str) -> None:
    """A row that was never seen, made from the one there is; ``changed``: SQL by column."""
    columns = [column.name for column in Republication.__table__.c if column.name != "id"]
    new = {"public": "'rep_made_up'", "canonical_url": "'https://made.up/'", **changed}
    names = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(new.get(name, f'"{name}"') for name in columns)
    by_hand(scene, f"INSERT INTO republications ({names}) SELECT {values} FROM republications")


def test_a_second_row_is_named_where_the_owner_dropped_the_index(scene: JobHarness, counted: Republication) -> None:
    with pytest.raises(sa.exc.IntegrityError):
        _insert_another(scene)
    by_hand(scene, "DROP INDEX uq_republications_counted")
    _insert_another(scene)
    _, (named,) = checked(scene)
    assert named.copy == "rep_made_up"
    assert [fault.code for fault in named.faults] == ["second", "no_entry", "no_evidence", "verdict"]
    by_hand(scene, "DELETE FROM republications WHERE public = 'rep_made_up'")
    (index,) = (one for one in Republication.__table__.indexes if one.name == "uq_republications_counted")
    index.create(scene.database.engine)  # the server's tables are those of the tests after this one


def test_a_row_that_calls_itself_a_second_posting_is_named(scene: JobHarness, counted: Republication) -> None:
    _insert_another(scene, second_posting="true")
    _, (named,) = checked(scene)
    assert [fault.code for fault in named.faults] == ["no_entry", "second_undecided", "no_evidence", "verdict"]


def test_a_second_posting_is_proven_by_the_decision_that_says_so(
    scene: JobHarness, newsroom: ScriptedSite, counted: Republication, code: str
) -> None:
    newsroom.carries(SECOND_PATH, code, (*PARTS[:4], *OTHER, *OTHER_PARTS))
    found(newsroom, SECOND_PATH)
    other = newsroom.copies()[1]
    assert other.status is RepublicationStatus.DUPLICATE
    by_hand(
        scene,
        "UPDATE republications SET status = 'confirmed', second_posting = true, duplicate_of_id = NULL "
        "WHERE duplicate_of_id IS NOT NULL",
    )
    assert faults(scene) == ["no_entry", "second_undecided", "other_evidence"]
    by_hand(
        scene,
        "UPDATE republications SET status = 'duplicate', second_posting = false, duplicate_of_id = :id WHERE id != :id",
        id=counted.id,
    )
    with scene.database.write() as session:
        row = session.get_one(Republication, other.id)
        now = scene.context.now()
        decide(session, ANALYST, row, confirm=True, note="bài khác", second_posting=True, now=now)
    assert proven(scene).counted == 2
    by_hand(scene, "UPDATE decisions SET second_posting = false")
    assert faults(scene) == ["second_undecided", "decision_no_entry"]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("counted_on = '2026-10-01'", "other_counted_on"),
        ("attribution = 'linked_elsewhere'", "verdict"),
        ("\"match\" = 'partial'", "verdict"),
        ("attribution_said = 'linked_at_end'", "verdict"),
        ("life = 'gone'", "life"),
        ("status = 'rejected'", "hidden"),
        ("status = 'review'", "hidden"),
        ("decided_by = 'admin@tin.example', decided_at = confirmed_at", "no_decision"),
    ],
)
def test_a_changed_column_is_named(scene: JobHarness, counted: Republication, change: str, fault: str) -> None:
    by_hand(scene, f"UPDATE republications SET {change}")
    assert faults(scene) == [fault]


def test_a_day_that_is_none_is_named_and_does_not_end_the_check(scene: JobHarness, counted: Republication) -> None:
    statement = "UPDATE republications SET counted_on = 'hôm qua'"
    if not scene.database.on_sqlite:  # PostgreSQL keeps no such value
        with pytest.raises(sa.exc.DataError):
            by_hand(scene, statement)
        return
    by_hand(scene, statement)
    assert faults(scene) == ["other_counted_on"]


def test_a_copy_moved_to_another_bulletin_or_site_is_named(
    scene: JobHarness, counted: Republication, server: HostileServer
) -> None:
    other = scene.publish(title="Phân luồng quanh hồ", body="\n\n".join(OTHER))
    by_hand(scene, "UPDATE republications SET bulletin_id = (SELECT id FROM bulletins WHERE code = :code)", code=other)
    assert faults(scene) == ["other_bulletin"]


def test_a_removed_row_is_named(scene: JobHarness, counted: Republication) -> None:
    with scene.database.write() as session, _without_guards(session):
        session.execute(sa.text("DELETE FROM evidence"))
        session.execute(sa.text("DELETE FROM republications"))
    _, (named,) = checked(scene)
    assert (named.copy, named.url, named.faults[0].code) == (counted.public, "", "removed")


def _insert_evidence(session: Session, copy: Republication, **changed: Any) -> None:
    """Evidence that says what is wanted, made from that of another verdict."""
    last = session.execute(sa.select(Evidence).where(Evidence.republication_id == copy.id)).scalars().all()[-1]
    values = {column.key: getattr(last, column.key) for column in Evidence.__table__.c} | {"id": None}
    values |= {"match": Match.FULL, "attribution": Attribution.LINKED_AT_END}
    values |= {"reasons": ["confirmed: our text, and the page names or links us"]}
    session.add(Evidence(**(values | changed)))


def _as_if_confirmed(scene: JobHarness, copy: Republication, **evidence: Any) -> None:
    with scene.database.write() as session:
        _insert_evidence(session, copy, **evidence)
        row = session.get_one(Republication, copy.id)
        row.status, row.match, row.attribution = RepublicationStatus.CONFIRMED, Match.FULL, Attribution.LINKED_AT_END
        row.confirmed_at = scene.context.now()


def test_evidence_inserted_by_hand_is_none_without_its_entry_in_the_journal(
    scene: JobHarness, waiting: Republication
) -> None:
    _as_if_confirmed(scene, waiting)
    assert faults(scene) == ["no_entry", "other_evidence", "evidence_unnamed"]


@pytest.mark.parametrize(
    ("evidence", "fault"),
    [
        ({"body_key": None, "capture_key": None}, "no_page"),
        ({"body_key": f"ab/{'ab' * 32}.gz"}, "file_missing"),
        ({"body_key": "../../etc/passwd"}, "file_missing"),
        ({"body_hash": "ab" * 32}, "file_differs"),
        ({"reasons": []}, "no_evidence"),
        ({"attribution": Attribution.NONE}, "no_evidence"),
        ({"match": Match.EXCERPT}, "no_evidence"),
    ],
)
def test_with_an_entry_made_up_too_the_stored_page_must_be_there_and_be_the_one(
    scene: JobHarness, waiting: Republication, evidence: dict[str, Any], fault: str
) -> None:
    _as_if_confirmed(scene, waiting, **evidence)
    with scene.database.write() as session:
        row = session.get_one(Republication, waiting.id)
        made = row.evidence[-1]
        details = {
            "bulletin": row.bulletin.code, "site": row.site.code, "counted_on": row.counted_on,
            "page": made.body_hash, "match": made.match, "attribution": made.attribution,
        }  # fmt: skip
        journal.record(
            session, "system", "republication.confirmed", "republication", row.public, details, now=scene.context.now()
        )
    assert fault in faults(scene)


def test_a_stored_page_that_is_lost_or_was_changed_is_named(
    scene: JobHarness, counted: Republication, tmp_path: Path
) -> None:
    (stored,) = tmp_path.rglob("*.warc.gz")
    before = stored.read_bytes()
    stored.write_bytes(before[:-40] + b"x" * 40)
    assert faults(scene) == ["file_damaged"]
    assert checked(scene, files=False)[1] == []
    stored.unlink()
    assert faults(scene) == ["file_missing"]
    stored.write_bytes(before)
    proven(scene)


def test_a_decision_without_its_entry_is_none(scene: JobHarness, waiting: Republication) -> None:
    conclude(scene, waiting)
    with scene.database.write() as session:
        session.execute(sa.text("DELETE FROM journal WHERE act = 'republication.confirmed'"))
    check, (named,) = checked(scene)
    assert {fault.code for fault in named.faults} == {"no_entry", "decision_no_entry"}
    assert check.journal is not None  # and the chain shows the gap


@pytest.mark.parametrize(
    "change", ["note = 'khác'", "actor = 'ai-do@tin.example'", "public = 'dec_made_up'", "outcome = 'rejected'",
               "undone_at = at"],
)  # fmt: skip
def test_a_changed_decision_is_named(scene: JobHarness, waiting: Republication, change: str) -> None:
    conclude(scene, waiting)
    by_hand(scene, f"UPDATE decisions SET {change}")
    assert faults(scene) in (["no_decision"], ["decision_no_entry"])


def test_a_decision_row_made_by_hand_is_named(scene: JobHarness, waiting: Republication) -> None:
    with scene.database.write() as session:
        row, now = session.get_one(Republication, waiting.id), scene.context.now()
        session.add(
            Decision(
                public="dec_made_up", republication_id=row.id, at=now, actor=ANALYST.id, actor_name=ANALYST.name,
                outcome=RepublicationStatus.CONFIRMED, reason="", note="đã xem", was_status=row.status, was_note="",
            )
        )  # fmt: skip
        row.status, row.decided_by, row.decided_at = RepublicationStatus.CONFIRMED, ANALYST.id, now
    assert faults(scene) == ["no_entry", "decision_no_entry"]


def test_the_note_of_a_decision_in_the_journal_is_the_one_that_counts(
    scene: JobHarness, waiting: Republication
) -> None:
    conclude(scene, waiting, note="  khoảng trắng hai đầu ")
    proven(scene)


def test_an_upload_that_was_exchanged_is_named(scene: JobHarness, newsroom: ScriptedSite, code: str) -> None:
    upload(scene, code, newsroom.url("/bai-sau-dang-nhap.html"))
    digest, key = scene.context.store.keep(b"%PDF-1.4 another page")
    by_hand(scene, "UPDATE evidence_uploads SET body_hash = :digest, body_key = :key", digest=digest, key=key)
    assert faults(scene) == ["no_upload"]


def test_a_changed_entry_breaks_the_journal_and_is_told(scene: JobHarness, counted: Republication) -> None:
    with scene.database.read() as session:
        details = json.loads(next(journal.history(session, "republication", counted.public)).details)
    text = json.dumps(details | {"counted_on": "2026-10-01"}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    by_hand(scene, "UPDATE journal SET details = :text WHERE act = 'republication.confirmed'", text=text)
    by_hand(scene, "UPDATE republications SET counted_on = '2026-10-01'")
    check, named = checked(scene)
    assert named == []
    assert check.journal is not None
    by_hand(scene, "UPDATE journal SET details = 'not JSON' WHERE act = 'republication.confirmed'")
    assert {"other_counted_on", "other_evidence"} <= set(faults(scene))


# Its size ----------------------------------------------------------------------------------------------------------


def test_the_number_of_queries_does_not_grow_with_the_copies_of_a_batch(
    scene: JobHarness, newsroom: ScriptedSite, counted: Republication
) -> None:
    def asked() -> int:
        statements: list[str] = []
        listener: Callable[..., None] = lambda _c, _cur, statement, *_: statements.append(statement)  # noqa: E731
        with scene.database.read() as session:
            sa.event.listen(scene.database.engine, "before_cursor_execute", listener)
            try:
                count_proof.check_copies(session)
            finally:
                sa.event.remove(scene.database.engine, "before_cursor_execute", listener)
        return sum(statement.startswith("SELECT") for statement in statements)

    before = asked()
    four_more(scene, newsroom)
    assert proven(scene).copies == 5
    assert asked() == before


def test_batches_walk_every_copy_once(scene: JobHarness, newsroom: ScriptedSite, counted: Republication) -> None:
    four_more(scene, newsroom)
    with scene.database.read() as session:
        after: int | None = 0
        seen, files = 0, []
        while after is not None:
            batch = count_proof.check_copies(session, after, 2)
            seen, after = seen + batch.walked, batch.last
            files += [file.copy for file in batch.files]
        assert seen == count_proof.count_copies(session) == len(set(files)) == 5


@contextmanager
def _without_guards(session: Session) -> Iterator[None]:
    """The database's owner removes what forbids a change of evidence."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text("ALTER TABLE evidence DISABLE TRIGGER USER"))
    else:
        session.execute(sa.text("DROP TRIGGER evidence_no_delete"))
    yield
    if session.get_bind().dialect.name == "postgresql":  # the server's tables are those of the tests after this one
        session.execute(sa.text("ALTER TABLE evidence ENABLE TRIGGER USER"))
