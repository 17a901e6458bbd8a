"""Scans of an agreement: one for each file, at most ten, removed with a record; on both databases."""

import json
import threading
from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.core.errors import Forbidden, Invalid, NotFound
from campaigns.partners.agreements import (
    LONGEST_NAME,
    MOST_SCANS,
    Agreement,
    AgreementContent,
    AgreementScan,
    ScanKind,
    StoredScan,
    add_agreement,
    add_scan,
    find_scan,
    remove_scan,
    safe_file_name,
    scan_counts,
    scans_of,
)
from coordinator.db import Database
from tests.factories import ADMIN, ANALYST, NOW, company

NUMBER = "12/2026/TT"


def kept(digest: str = "a", name: str = "quét.pdf") -> StoredScan:
    full = digest.rjust(64, "0")
    return StoredScan(name, ScanKind.PDF, "3", 1200, full, f"{full[:2]}/{full}.gz", full)


def agreement(session: Session, number: str = NUMBER) -> Agreement:
    return add_agreement(
        session, ADMIN.id, company(session), number, AgreementContent(starts_on=date(2026, 1, 1)), now=NOW
    )


def acts(session: Session) -> list[tuple[str, str]]:
    session.commit()  # the journal is written as the last thing
    return [
        (entry.act, json.loads(entry.details).get("file", ""))
        for entry in journal.history(session, "agreement", NUMBER)
    ]


def test_a_scan_is_added_once_and_the_journal_says_so(session: Session) -> None:
    row = agreement(session)
    first, new = add_scan(session, ADMIN, NUMBER, kept(), now=NOW)
    again, newer = add_scan(session, ADMIN, NUMBER, kept(name="khác.pdf"), now=NOW)
    assert (new, newer, again.id) == (True, False, first.id)
    assert [scan.name for scan in scans_of(session, row)] == ["quét.pdf"]
    assert acts(session) == [("agreement.added", ""), ("agreement.scan_added", "quét.pdf")]


def test_the_same_paper_may_lie_at_two_agreements(session: Session) -> None:
    rows = [agreement(session), agreement(session, "13/2026/TT")]
    for row in rows:
        assert add_scan(session, ADMIN, row.number, kept(), now=NOW)[1]
    assert scan_counts(session) == {row.id: 1 for row in rows}
    assert scan_counts(session, [rows[0].id]) == {rows[0].id: 1}


def test_the_eleventh_scan_is_refused_and_one_that_is_there_is_not(session: Session) -> None:
    row = agreement(session)
    for number in range(MOST_SCANS):
        add_scan(session, ADMIN, NUMBER, kept(str(number)), now=NOW)
    with pytest.raises(Invalid) as refused:
        add_scan(session, ADMIN, NUMBER, kept("b"), now=NOW)
    assert [(error.field, error.code) for error in refused.value.errors] == [("file", "too_many_scans")]
    assert not add_scan(session, ADMIN, NUMBER, kept("3"), now=NOW)[1]
    remove_scan(session, ADMIN, scans_of(session, row)[0].public, now=NOW)
    assert add_scan(session, ADMIN, NUMBER, kept("b"), now=NOW)[1]


def test_what_is_removed_is_found_no_more_and_its_record_stays(session: Session) -> None:
    row = agreement(session)
    scan, _new = add_scan(session, ADMIN, NUMBER, kept(), now=NOW)
    for _twice in range(2):
        remove_scan(session, ADMIN, scan.public, now=NOW)
    with pytest.raises(NotFound):
        find_scan(session, scan.public)
    assert scans_of(session, row) == []
    assert scan_counts(session) == {}
    (gone,) = scans_of(session, row, removed=True)
    assert (gone.name, gone.body_hash, gone.removed_by) == ("quét.pdf", kept().body_hash, ADMIN.id)
    assert acts(session)[1:] == [("agreement.scan_added", "quét.pdf"), ("agreement.scan_removed", "quét.pdf")]
    assert add_scan(session, ADMIN, NUMBER, kept(), now=NOW)[1], "it may come back"


def test_only_who_configures_partners_adds_and_removes(session: Session) -> None:
    agreement(session)
    scan, _new = add_scan(session, ADMIN, NUMBER, kept(), now=NOW)
    with pytest.raises(Forbidden):
        add_scan(session, ANALYST, NUMBER, kept("b"), now=NOW)
    with pytest.raises(Forbidden):
        remove_scan(session, ANALYST, scan.public, now=NOW)
    with pytest.raises(NotFound):
        add_scan(session, ADMIN, "không có", kept(), now=NOW)
    with pytest.raises(NotFound):
        remove_scan(session, ADMIN, "scn_nothing", now=NOW)


def test_the_database_itself_holds_no_two_shown_scans_of_one_file(session: Session) -> None:
    row = agreement(session)
    scan, _new = add_scan(session, ADMIN, NUMBER, kept(), now=NOW)
    values = {
        column.name: getattr(scan, column.name) for column in AgreementScan.__table__.columns if column.name != "id"
    }
    with pytest.raises(sa.exc.IntegrityError), session.begin_nested():
        session.execute(sa.insert(AgreementScan).values(values | {"public": "scn_other"}))
    assert len(scans_of(session, row)) == 1


@pytest.mark.parametrize("same", [True, False])
def test_many_at_once_never_make_one_file_two_or_more_than_ten(database: Database, same: bool) -> None:
    with database.write() as session:
        agreement(session)
    many, begin, failed = 14, threading.Barrier(14), []

    def add(number: int) -> None:
        begin.wait()
        try:
            with database.write() as session:
                add_scan(session, ADMIN, NUMBER, kept("a" if same else format(number, "x")), now=NOW)
        except Invalid as invalid:
            failed.append(invalid.errors[0].code)

    threads = [threading.Thread(target=add, args=(number,)) for number in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as session:
        (count,) = scan_counts(session).values()
    assert (count, failed) == ((1, []) if same else (MOST_SCANS, ["too_many_scans"] * (many - MOST_SCANS)))


@pytest.mark.parametrize(
    ("name", "kind", "plain"),
    [
        ("C:\\Ảnh\\quét 1.JPG", ScanKind.PDF, "quét 1.pdf"),
        ("../../etc/passwd", ScanKind.PNG, "passwd.png"),
        ("Thỏa thuận 12.2026.pdf", ScanKind.PDF, "Thỏa thuận 12.2026.pdf"),
        ("a\u0309nh.jpeg", ScanKind.JPEG, "ảnh.jpg"),
        ('a"; filename="b.exe', ScanKind.PDF, "a filename=b.pdf"),
        ("gpj.\u202eexe", ScanKind.PDF, "gpj.pdf"),
        ("a\r\nX-Bad: 1.pdf", ScanKind.PDF, "aX-Bad 1.pdf"),
        ("", ScanKind.PDF, "ban-quet.pdf"),
        (".pdf", ScanKind.PDF, "ban-quet.pdf"),
        ("...", ScanKind.JPEG, "ban-quet.jpg"),
    ],
)
def test_a_name_keeps_its_words_and_nothing_that_acts(name: str, kind: ScanKind, plain: str) -> None:
    assert safe_file_name(name, kind) == plain


def test_a_long_name_still_has_its_ending() -> None:
    name = safe_file_name("ă" * 500 + ".pdf", ScanKind.PDF)
    assert len(name) <= LONGEST_NAME
    assert name.endswith("ă.pdf")
