"""Search results: matches, order, filters, and the completeness of the index."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from campaigns.bulletins.bulletins import Bulletin, BulletinState
from campaigns.core.clock import parse_period
from campaigns.partners.directory import Company, SiteKind
from campaigns.partners.licences import LicenceContent, add_licence
from campaigns.planning.campaigns import find_topic
from campaigns.release import workflow
from campaigns.republications.republications import Republication, RepublicationStatus
from campaigns.search import index_maintenance
from campaigns.search.documents import drop_documents
from campaigns.search.index import IndexedKind, documents
from campaigns.search.index_maintenance import IndexFault
from campaigns.search.query import parse_query
from campaigns.search.results import SearchFilter, find_hits
from coordinator.db import Database
from tests import factories
from tests.campaigns.reporting.sample_republications import make_republication
from tests.factories import NOW, WRITER

pytestmark = pytest.mark.long

EVERYTHING = SearchFilter()


def titles(database: Database, typed: str, narrowed: SearchFilter = EVERYTHING, most: int = 50) -> list[str]:
    """The codes of the bulletins found, in their order."""
    with database.read() as session:
        hits = find_hits(session, IndexedKind.BULLETIN, parse_query(typed), narrowed, most=most)
        assert hits.total >= len(hits.rows)
        names = dict(session.execute(sa.select(Bulletin.id, Bulletin.code)).all())
        return [names[hit.number] for hit in hits.rows]


def write(database: Database, *titles: str, body: str = "", **more: object) -> list[str]:
    with database.write() as session:
        return [factories.draft(session, title=title, body=body, **more).code for title in titles]  # type: ignore[arg-type]


def test_as_typed_comes_before_folded_and_headline_before_text_and_newer_before_older(database: Database) -> None:
    (text_folded,) = write(database, "Một", body="Họp tại Phuong Mai")
    (head_folded,) = write(database, "Phuong Mai mở cửa", body="Hai")
    (text_exact,) = write(database, "Ba", body="Họp tại phường Mai")
    older, newer = write(database, "Phường Mai một", "Phường Mai hai", body="Bốn")
    write(database, "Không liên quan", body="Năm")
    assert titles(database, "phường mai") == [newer, older, text_exact, head_folded, text_folded]


def test_words_without_marks_find_words_with_them_and_the_beginning_of_a_word_comes_last(database: Database) -> None:
    begun, whole = write(database, "Kế hoạch langbiang", "Sửa đường Láng")
    assert titles(database, "lang") == [whole, begun]
    assert titles(database, "duong lang") == [whole]
    assert titles(database, "dường lang") == [whole]
    assert titles(database, '"láng đường"') == []


def test_words_may_be_shared_between_headline_and_text_but_a_row_may_not(database: Database) -> None:
    (code,) = write(database, "Tiêm chủng", body="mở rộng tại phường")
    assert titles(database, "tiêm phường") == [code]
    assert titles(database, '"chủng mở"') == []


@pytest.mark.parametrize(
    "typed",
    [
        '"', "'", '""', "* OR *", "NEAR(a b)", "a AND", "NOT", "- -", "a:b", ":*", "(", "!", "&|", "\\", "\x00", "%_",
        "exact_head : x", "sởi NOT", "^sởi", "+sởi", "x" * 10_000, "sởi " * 5000, "🙂", "\u200b", "z", "zk", "zz zt1",
    ],
)  # fmt: skip
def test_nothing_typed_is_an_error(database: Database, typed: str) -> None:
    write(database, "Bệnh sởi")
    for kind in IndexedKind:
        with database.read() as session:
            find_hits(session, kind, parse_query(typed), most=5)


def test_hits_are_narrowed(database: Database) -> None:
    (draft,) = write(database, "Tin sởi một")
    with database.write() as session:
        out = factories.published(session, title="Tin sởi hai", topic="kinh-te-xa-hoi").code
        topic = find_topic(session, "kinh-te-xa-hoi")
        assert topic is not None
        topic_id = topic.id
    assert titles(database, "sởi", SearchFilter(state=BulletinState.DRAFT)) == [draft]
    assert titles(database, "sởi", SearchFilter(topic_id=topic_id)) == [out]
    assert titles(database, "sởi", SearchFilter(period=parse_period("2026-11-24"))) == [out, draft]
    assert titles(database, "sởi", SearchFilter(period=parse_period("2026-11-25"))) == []
    assert titles(database, "sởi", SearchFilter(company_id=1)) == []  # a bulletin belongs to no partner


def test_copies_are_found_by_headline_and_address_and_narrowed_by_partner_and_status(database: Database) -> None:
    with database.write() as session:
        bulletin = factories.published(session)
        sites = [factories.site(session, url=f"https://bao{name}.example/") for name in "ab"]
        for site in sites:
            row = make_republication(session, bulletin, site)
            row.headline = f"Thành phố chống sởi – {site.host}"
        company = sites[0].company_id
        public = {row.id: row.site_id for row in session.execute(sa.select(Republication)).scalars()}
    with database.read() as session:

        def found(typed: str, narrowed: SearchFilter = EVERYTHING) -> list[int]:
            return [
                public[hit.number]
                for hit in find_hits(session, IndexedKind.COPY, parse_query(typed), narrowed, most=9).rows
            ]

        assert len(found("chong soi")) == 2
        assert found("chong soi", SearchFilter(company_id=company)) == [sites[0].id]
        assert found("chong soi", SearchFilter(status=RepublicationStatus.REJECTED)) == []
        assert found("baob") == [sites[1].id]


def test_the_directory_is_found_by_names_hosts_numbers_and_issuers(database: Database) -> None:
    with database.write() as session:
        company = factories.company(session, "Công ty Truyền thông Hoà Bình")
        factories.site(session, company, "https://hoabinh.example/")
        add_licence(
            session,
            "test",
            company,
            "12/GP-TTĐT",
            LicenceContent(
                kind=SiteKind.AGGREGATOR, issuer="Sở Thông tin", issued_on=NOW.date(), domains=["hoabinh.example"]
            ),
            now=NOW,
        )
    with database.read() as session:
        for kind, typed in (
            (IndexedKind.COMPANY, "hòa bình"),
            (IndexedKind.SITE, "hoabinh.example"),
            (IndexedKind.SITE, "https://hoabinh.example/"),
            (IndexedKind.LICENCE, "12/gp-ttdt"),
            (IndexedKind.LICENCE, "hoabinh"),
        ):
            assert len(find_hits(session, kind, parse_query(typed), most=5).rows) == 1, typed


def test_a_change_is_found_at_once_and_what_it_replaced_no_longer(database: Database) -> None:
    (code,) = write(database, "Tên cũ")
    with database.write() as session:
        workflow.revise(session, WRITER, code, factories.text("Tên mới"), now=NOW + timedelta(hours=1))
    assert titles(database, "mới") == [code]
    assert titles(database, '"tên cũ"') == []


def test_what_is_rolled_back_is_not_found(database: Database) -> None:
    with database.writers() as session:
        factories.draft(session, title="Chưa từng có")
        session.flush()
        session.rollback()
        session.commit()
    assert titles(database, "chưa từng") == []
    with database.write() as session:
        factories.company(session, "Sau đó")
    with database.read() as session:
        assert find_hits(session, IndexedKind.COMPANY, parse_query("sau đó"), most=1).total == 1


def test_a_look_that_changes_no_word_leaves_the_index_as_it_is(database: Database) -> None:
    with database.write() as session:
        row = make_republication(session, factories.published(session), factories.site(session))
        row.headline = "Một tin"
    with database.write() as session:
        drop_documents(session, [IndexedKind.COPY.key(row.id)])
        again = session.get(Republication, row.id)
        assert again is not None
        again.checked_at = datetime(2026, 12, 1, tzinfo=UTC)
    with database.read() as session:
        assert find_hits(session, IndexedKind.COPY, parse_query("một tin"), most=1).total == 0


def test_an_undone_savepoint_undoes_its_documents_only(database: Database) -> None:
    with database.write() as session:
        kept = factories.company(session, "Tên đứng đầu")
        with session.begin_nested():
            kept.name = "Tên thứ hai"
        savepoint = session.begin_nested()
        kept.name = "Tên mất đi"
        factories.company(session, "Công ty mất đi")
        session.execute(
            sa.insert(Company), [{"code": "c", "name": "Câu lệnh mất đi", "contact": "", "created_at": NOW}]
        )
        savepoint.rollback()
        factories.company(session, "Tên sau cùng")
    with database.read() as session:
        totals = {
            typed: find_hits(session, IndexedKind.COMPANY, parse_query(typed), most=9).total
            for typed in ("thứ hai", "mất đi", "sau cùng")
        }
        assert totals == {"thứ hai": 1, "mất đi": 0, "sau cùng": 1}
        assert list(index_maintenance.index_differences(session)) == []


def test_rows_of_an_insert_statement_are_found(database: Database) -> None:
    with database.write() as session:
        rows = [{"code": f"c{number}", "name": f"Công ty Nhịp {number}"} for number in range(700)]
        numbers = session.execute(
            sa.insert(Company).values(contact="", created_at=NOW).returning(Company.id), rows
        ).scalars()
        assert len(set(numbers)) == 700
    with database.read() as session:
        assert find_hits(session, IndexedKind.COMPANY, parse_query("nhip"), most=9).total == 700
        assert list(index_maintenance.index_differences(session)) == []


def rebuild(database: Database) -> None:
    for kind in IndexedKind:
        after: int | None = 0
        while after is not None:
            with database.write() as session:
                after = index_maintenance.rebuild_next(session, kind, after)


def test_whatever_is_wrong_with_the_index_is_reported_and_a_rebuild_mends_it(database: Database) -> None:
    codes = write(database, *(f"Tin số {number}" for number in range(4)))
    with database.write() as session:
        company = factories.company(session).id
    rebuild(database)
    with database.read() as session:
        assert list(index_maintenance.index_differences(session)) == []
        ids = dict(session.execute(sa.select(Bulletin.code, Bulletin.id)).all())
    with database.write() as session:
        assert index_maintenance.integrity_errors(session) is None
        drop_documents(session, [IndexedKind.BULLETIN.key(ids[codes[0]])])
        # Behind the session's back, as a hand in the database would.
        session.execute(sa.text("UPDATE bulletins SET code = 'BT-khac' WHERE id = :id"), {"id": ids[codes[1]]})
        session.execute(sa.text("DELETE FROM companies WHERE id = :id"), {"id": company})
    with database.read() as session:
        numbers = {
            (difference.wrong, difference.kind, difference.number)
            for difference in index_maintenance.index_differences(session)
        }
    assert numbers == {
        (IndexFault.MISSING, IndexedKind.BULLETIN, ids[codes[0]]),
        (IndexFault.STALE, IndexedKind.BULLETIN, ids[codes[1]]),
        (IndexFault.EXTRA, IndexedKind.COMPANY, company),
    }
    rebuild(database)
    with database.read() as session:
        assert list(index_maintenance.index_differences(session)) == []
    assert titles(database, "BT-khac") == ["BT-khac"]


def test_an_index_without_its_documents_is_not_complete_until_it_is_rebuilt(database: Database) -> None:
    with database.write() as session:
        session.add(Company(code="x", name="X", contact="", created_at=NOW))
    with database.write() as session:
        assert index_maintenance.is_complete(session)
        session.execute(sa.delete(documents))  # as after a restore
        assert not index_maintenance.is_complete(session)
    rebuild(database)
    with database.read() as session:
        assert index_maintenance.is_complete(session)
