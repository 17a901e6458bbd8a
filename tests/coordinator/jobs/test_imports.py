"""Imports: atomic, previewed without a trace, and new sites are checked from then on."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from campaigns.bulletins.bulletins import Bulletin
from campaigns.core.import_runs import BadRow, ImportKind, ImportRun, ImportStage
from campaigns.discovery.site_sources import Source
from campaigns.partners.directory import Company, CompanyContent, Site, SiteContent, SiteKind, add_company, add_site
from campaigns.rows import METADATA
from coordinator.db import Database
from coordinator.imports.decoding import UnreadableDocument
from coordinator.jobs.bulletins.text_import import import_texts, read_source, without_topic
from coordinator.jobs.core.import_runs import ImportReport, import_file
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.jobs.harness import JobHarness
from tests.factories import NOW, WRITER

HEAD = "Tên doanh nghiệp;Mã số thuế;Số giấy phép;Loại;Cơ quan cấp;Ngày cấp;Ngày hết hạn;Tên miền\n"
GOOD = (
    "Công ty Tin Ven;0100100100;118/GP-TTĐT;Trang thông tin điện tử tổng hợp;Sở TT&TT;10/01/2024;09/01/2029;tinven.vn\n"
)
TWO = (
    "Công ty Phố Nhỏ;0200200200;204/GP-TTĐT;Trang thông tin điện tử tổng hợp;Sở TT&TT;10/01/2024;09/01/2029;phonho.vn\n"
)
BAD = "Công ty Hỏng;123;;Trang thông tin điện tử tổng hợp;Sở TT&TT;32/01/2024;09/01/2029;khong phai ten mien\n"
ITEM = "<item><title>{}</title><link>{}</link><description>&lt;p&gt;Từ 8 giờ.&lt;/p&gt;</description></item>"
FEED = (
    '<?xml version="1.0"?><rss version="2.0"><channel><title>Tin</title>'
    + ITEM.format("Lịch cấp nước tuần này", "https://so.example/1")
    + ITEM.format("Đổi giờ mở cửa trạm y tế", "https://so.example/2")
    + "</channel></rss>"
)


def _counts(database: Database) -> dict[str, int]:
    with database.read() as session:
        return {
            name: session.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for name, table in METADATA.tables.items()
        }


def _import(database: Database, sheet: str, **given: bool) -> ImportReport:
    return import_file(database, ImportKind.REGISTER, "test", "so-dang-ky.csv", sheet.encode(), **given)


def _added(done: ImportReport) -> tuple[int, ...]:
    """The companies, licences and sites that an import added, and the entries that were there already."""
    return tuple(done.outcome.counts[name] for name in ("companies", "licences", "sites", "unchanged"))


def test_a_register_becomes_partners_whose_sites_are_known(database: Database) -> None:
    done = _import(database, HEAD + GOOD + TWO)
    assert (_added(done), done.outcome.good, done.rejected) == ((2, 2, 2, 0), 2, ())
    with database.read() as session:
        assert set(session.execute(sa.select(Site.host)).scalars()) == {"tinven.vn", "phonho.vn"}
        assert session.execute(sa.select(sa.func.count()).select_from(Company)).scalar_one() == 2
    again = _import(database, HEAD + GOOD + TWO)
    assert _added(again) == (0, 0, 0, 2)


def test_trying_leaves_no_trace(database: Database) -> None:
    before = _counts(database)
    done = _import(database, HEAD + GOOD + BAD, dry_run=True)
    assert (done.outcome.counts["companies"], done.outcome.good, [row.row for row in done.rejected][:1]) == (1, 1, [3])
    assert _counts(database) == before


def test_with_a_bad_row_nothing_is_written_unless_it_is_to_be_skipped(database: Database) -> None:
    before = _counts(database)
    done = _import(database, HEAD + GOOD + BAD)
    assert {row.row for row in done.rejected} == {3}
    assert _counts(database) == before
    done = _import(database, HEAD + GOOD + BAD, skip_bad=True)
    assert (done.outcome.counts["companies"], done.outcome.good) == (1, 1)
    assert _counts(database)["companies"] == 1


def test_a_row_that_does_not_fit_what_is_there_is_skipped_whole(database: Database) -> None:
    _import(database, HEAD + GOOD)
    theirs = TWO.replace("phonho.vn", "moi.vn, tinven.vn")
    done = _import(database, HEAD + theirs, skip_bad=True)
    assert [row.row for row in done.rejected] == [2]
    assert _counts(database)["companies"] == 1
    with database.read() as session:
        assert session.execute(sa.select(Site.host)).scalars().all() == ["tinven.vn"]
        assert session.execute(sa.select(Source)).first() is None


def test_a_feed_becomes_drafts_all_in_one(stage: JobHarness, server: HostileServer) -> None:
    url = server.text("/rss.xml", FEED, Content_Type="application/rss+xml")
    texts = read_source(stage.context, url).texts
    made = import_texts(stage.app_context, WRITER, texts, "dich-benh")
    assert [status.state for status in made] == ["draft", "draft"]
    with stage.database.read() as session:
        assert set(session.execute(sa.select(Bulletin.source_url)).scalars()) == {
            "https://so.example/1", "https://so.example/2",
        }  # fmt: skip


@pytest.mark.parametrize("path", ["/500", "/hang-up", "/fifty"])
def test_a_feed_that_cannot_be_fetched_is_reported_in_words(
    stage: JobHarness, server: HostileServer, path: str
) -> None:
    server.text("/500", "", "500 Internal Server Error")
    with pytest.raises(UnreadableDocument) as refused:
        read_source(stage.context, server.url(path))
    assert refused.value.code == "unreachable"


def test_a_file_is_read_by_its_kind(stage: JobHarness, tmp_path: Path) -> None:
    path = tmp_path / "tin.md"
    path.write_text("# Lịch cấp nước\n\nTừ ngày 24/11, cấp nước từ 8 giờ.\n", encoding="utf-8")
    (imported_text,) = read_source(stage.context, str(path)).texts
    assert imported_text.title == "Lịch cấp nước"


def test_a_topic_that_does_not_exist_is_reported_before_anything_is_written(stage: JobHarness, tmp_path: Path) -> None:
    path = tmp_path / "tin.md"
    path.write_text("# Lịch cấp nước\n\nTừ ngày 24/11, cấp nước từ 8 giờ.\n", encoding="utf-8")
    texts = read_source(stage.context, str(path)).texts
    assert without_topic(stage.app_context, texts, "dich-benh") == []
    (rejected,) = without_topic(stage.app_context, texts, "khong-co")
    assert (rejected.row, rejected.field, rejected.code) == (1, "topic", "unknown_topic")


@pytest.mark.parametrize("skip_bad", [True, False])
@pytest.mark.parametrize("database", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True)
def test_a_host_that_somebody_else_adds_between_look_up_and_writing_is_reported_and_the_rest_is_taken_if_wanted(
    database: Database, skip_bad: bool
) -> None:
    others: list[str] = []

    def meanwhile(*entry: Any) -> None:
        if "INSERT INTO sites" in entry[2] and not others:
            others.append("Công ty Đến Trước")
            with database.write() as session:
                first = add_company(session, "people", CompanyContent(name=others[0]), now=NOW)
                kind = SiteKind.AGGREGATOR
                add_site(
                    session, "people", first, SiteContent(name="Trang", url="https://phonho.vn/", kind=kind), now=NOW
                )

    sa.event.listen(database.engine, "before_cursor_execute", meanwhile)
    try:
        done = _import(database, HEAD + GOOD + TWO, skip_bad=skip_bad)
    finally:
        sa.event.remove(database.engine, "before_cursor_execute", meanwhile)
    assert _added(done) == (1, 1, 1, 0)
    assert [(row.field, row.code, row.message) for row in done.rejected] == [
        ("domains", "site_taken", "the site phonho.vn is Công ty Đến Trước's")
    ]
    with database.read() as session:
        run = session.execute(sa.select(ImportRun)).scalar_one_or_none()
        if run is None:
            assert not skip_bad
            assert session.execute(sa.select(Company.name)).scalars().all() == others, "nothing is half-imported"
            return
        assert skip_bad
        assert (run.stage, run.good, run.bad) == (ImportStage.DONE, 1, 1)
        bad = session.execute(sa.select(BadRow)).scalar_one()
        assert (bad.row, bad.problems[0][0]) == (3, "domains")
