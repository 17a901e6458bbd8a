"""What is found, in which order, narrowed how; and that nothing written is forgotten by the index."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from campaigns.core.clock import parse_period
from campaigns.partners.directory import Company, SiteKind
from campaigns.partners.licences import add_licence
from campaigns.planning.campaigns import find_topic
from campaigns.publishing import drafting
from campaigns.publishing.bulletins import Bulletin, State
from campaigns.searching import rebuilding
from campaigns.searching.asking import ask
from campaigns.searching.choosing import index_of
from campaigns.searching.finding import Narrowed, find
from campaigns.searching.index import Kind
from campaigns.searching.rebuilding import Wrong
from campaigns.tracking.republications import Republication, Status
from coordinator.db import Database
from tests import factories
from tests.campaigns.reporting.copies import copy
from tests.factories import NOW, WRITER

EVERYTHING = Narrowed()


def titles(database: Database, typed: str, narrowed: Narrowed = EVERYTHING, most: int = 50) -> list[str]:
    """The codes of the bulletins found, in their order."""
    with database.read() as session:
        hits = find(session, Kind.BULLETIN, ask(typed), narrowed, most=most)
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
    for kind in Kind:
        with database.read() as session:
            find(session, kind, ask(typed), most=5)


def test_hits_are_narrowed(database: Database) -> None:
    (draft,) = write(database, "Tin sởi một")
    with database.write() as session:
        out = factories.published(session, title="Tin sởi hai", topic="kinh-te-xa-hoi").code
        topic = find_topic(session, "kinh-te-xa-hoi")
        assert topic is not None
        topic_id = topic.id
    assert titles(database, "sởi", Narrowed(state=State.DRAFT)) == [draft]
    assert titles(database, "sởi", Narrowed(topic_id=topic_id)) == [out]
    assert titles(database, "sởi", Narrowed(period=parse_period("2026-11-24"))) == [out, draft]
    assert titles(database, "sởi", Narrowed(period=parse_period("2026-11-25"))) == []
    assert titles(database, "sởi", Narrowed(company_id=1)) == []  # a bulletin belongs to no partner


def test_copies_are_found_by_headline_and_address_and_narrowed_by_partner_and_status(database: Database) -> None:
    with database.write() as session:
        bulletin = factories.published(session)
        sites = [factories.site(session, url=f"https://bao{name}.example/") for name in "ab"]
        for site in sites:
            row = copy(session, bulletin, site)
            row.headline = f"Thành phố chống sởi – {site.host}"
        company = sites[0].company_id
        public = {row.id: row.site_id for row in session.execute(sa.select(Republication)).scalars()}
    with database.read() as session:

        def found(typed: str, narrowed: Narrowed = EVERYTHING) -> list[int]:
            return [public[hit.number] for hit in find(session, Kind.COPY, ask(typed), narrowed, most=9).rows]

        assert len(found("chong soi")) == 2
        assert found("chong soi", Narrowed(company_id=company)) == [sites[0].id]
        assert found("chong soi", Narrowed(status=Status.REJECTED)) == []
        assert found("baob") == [sites[1].id]


def test_the_directory_is_found_by_names_hosts_numbers_and_issuers(database: Database) -> None:
    with database.write() as session:
        company = factories.company(session, "Công ty Truyền thông Hoà Bình")
        factories.site(session, company, "https://hoabinh.example/")
        add_licence(
            session, "test", company, number="12/GP-TTĐT", kind=SiteKind.AGGREGATOR, issuer="Sở Thông tin",
            issued_on=NOW.date(), expires_on=None, domains=["hoabinh.example"], scope=[], now=NOW,
        )  # fmt: skip
    with database.read() as session:
        for kind, typed in (
            (Kind.COMPANY, "hòa bình"),
            (Kind.SITE, "hoabinh.example"),
            (Kind.SITE, "https://hoabinh.example/"),
            (Kind.LICENCE, "12/gp-ttdt"),
            (Kind.LICENCE, "hoabinh"),
        ):
            assert len(find(session, kind, ask(typed), most=5).rows) == 1, typed


def test_a_change_is_found_at_once_and_what_it_replaced_no_longer(database: Database) -> None:
    (code,) = write(database, "Tên cũ")
    with database.write() as session:
        drafting.revise(session, WRITER, code, factories.text("Tên mới"), now=NOW + timedelta(hours=1))
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
        assert find(session, Kind.COMPANY, ask("sau đó"), most=1).total == 1


def test_a_look_that_changes_no_word_leaves_the_index_as_it_is(database: Database) -> None:
    with database.write() as session:
        row = copy(session, factories.published(session), factories.site(session))
        row.headline = "Một tin"
    with database.write() as session:
        index = index_of(session)
        index.drop(session, [Kind.COPY.first + row.id])
        again = session.get(Republication, row.id)
        assert again is not None
        again.checked_at = datetime(2026, 12, 1, tzinfo=UTC)
    with database.read() as session:
        assert find(session, Kind.COPY, ask("một tin"), most=1).total == 0


def rebuild(database: Database) -> None:
    for kind in Kind:
        after: int | None = 0
        while after is not None:
            with database.write() as session:
                after = rebuilding.some_more(session, kind, after)
    with database.write() as session:
        rebuilding.finish(session)


def test_whatever_is_wrong_with_the_index_is_told_and_a_rebuild_mends_it(database: Database) -> None:
    codes = write(database, *(f"Tin số {number}" for number in range(4)))
    with database.write() as session:
        company = factories.company(session).id
    rebuild(database)
    with database.read() as session:
        assert list(rebuilding.differences(session)) == []
        ids = dict(session.execute(sa.select(Bulletin.code, Bulletin.id)).all())
    with database.write() as session:
        assert rebuilding.soundness(session) is None
        index = index_of(session)
        index.drop(session, [Kind.BULLETIN.first + ids[codes[0]]])
        # Behind the session's back, as a hand in the database would.
        session.execute(sa.text("UPDATE bulletins SET code = 'BT-khac' WHERE id = :id"), {"id": ids[codes[1]]})
        session.execute(sa.text("DELETE FROM companies WHERE id = :id"), {"id": company})
    with database.read() as session:
        told = {(one.wrong, one.kind, one.number) for one in rebuilding.differences(session)}
    assert told == {
        (Wrong.MISSING, Kind.BULLETIN, ids[codes[0]]),
        (Wrong.STALE, Kind.BULLETIN, ids[codes[1]]),
        (Wrong.EXTRA, Kind.COMPANY, company),
    }
    rebuild(database)
    with database.read() as session:
        assert list(rebuilding.differences(session)) == []
    assert titles(database, "BT-khac") == ["BT-khac"]


def test_an_index_that_was_never_made_whole_says_so(database: Database) -> None:
    with database.read() as session:
        assert not rebuilding.is_whole(session)
        assert [one.kind for one in rebuilding.differences(session)] == [None]
    with database.write() as session:
        session.add(Company(code="x", name="X", contact="", created_at=NOW))
    rebuild(database)
    with database.read() as session:
        assert rebuilding.is_whole(session)
