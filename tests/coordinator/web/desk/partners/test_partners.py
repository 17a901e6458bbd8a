"""Partners: the list, their pages and their forms."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from campaigns.core import journal, ledger
from campaigns.core.intervals import NORMAL
from campaigns.discovery.site_sources import MOVES_NEEDED, LookResult, Source, SourceTrouble, settle_look, sync_sources
from campaigns.discovery.unreadable_reasons import UnreadableReason
from campaigns.matching.matcher import Match
from campaigns.partners.directory import Company, Site, SiteKind
from campaigns.partners.licences import Licence, LicenceContent, add_licence
from campaigns.people.keys import add_key
from campaigns.people.staff import Role
from campaigns.republications.republications import RepublicationLife, RepublicationStatus
from coordinator.web.kit.text.periods import best_validity, validity_of
from tests import factories
from tests.campaigns.reporting.sample_republications import make_republication
from tests.campaigns.reporting.test_partner_claims import Partner
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.page_reader import Page
from tests.factories import NOW

TODAY = date(2026, 11, 24)


def licence(session: sa.orm.Session, owner: Company, number: str, expires_on: date | None) -> Licence:
    return add_licence(
        session,
        "test",
        owner,
        number,
        LicenceContent(
            kind=SiteKind.AGGREGATOR, issuer="Sở Thông tin", issued_on=date(2024, 1, 1), expires_on=expires_on
        ),
        now=NOW,
    )


@pytest.fixture
def two(desk: Desk) -> Desk:
    """Two partners: a valid one with two copies, and one whose licence has ended and whose feed fails."""
    with desk.database.write() as session:
        good, poor = factories.company(session, "Nhịp Sông"), factories.company(session, "Phố Đường Láng")
        site = factories.site(session, good, "https://nhipsong.example/", feeds=["https://nhipsong.example/rss"])
        sync_sources(session, site, now=NOW)
        other = factories.site(session, poor, "https://pholang.example/", feeds=["https://pholang.example/rss"])
        sync_sources(session, other, now=NOW)
        bulletin = factories.published(session)
        make_republication(session, bulletin, site)
        make_republication(session, bulletin, site)
        licence(session, good, "1/GP", None)
        licence(session, poor, "2/GP-TTĐT", date(2026, 11, 1))
        session.execute(
            sa.update(Source)
            .where(Source.site_id == other.id)
            .values(
                error="the site answered 503",
                trouble=SourceTrouble.BROKEN,
                failing_since=NOW,
                failures=3,
                looked_at=NOW,
            )
        )
    desk.sign_in(Role.ADMIN)
    return desk


def test_the_list_shows_figures_licences_and_failing_sources(two: Desk) -> None:
    rows = {row[0].split(" 1 nguồn lỗi")[0]: row for row in Page(two.get("/desk/partners/")).rows("Danh sách đối tác")}
    assert rows["Nhịp Sông"][1:5] == ["Còn hiệu lực", "1", "0", "2"]
    assert rows["Phố Đường Láng"][1] == "Hết hiệu lực"
    assert "1 nguồn lỗi" in rows["Phố Đường Láng"][0]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=duong+lang", ["Phố Đường Láng"]),
        ("q=nhipsong.example", ["Nhịp Sông"]),
        ("q=2/gp-ttdt", ["Phố Đường Láng"]),
        ("licence=ended", ["Phố Đường Láng"]),
        ("failing=1", ["Phố Đường Láng"]),
        ("sort=name", ["Nhịp Sông", "Phố Đường Láng"]),
        ("sort=-name", ["Phố Đường Láng", "Nhịp Sông"]),
        ("q=khong-co-ai", []),
    ],
)
def test_partners_are_found_without_accents_and_by_what_troubles_them(two: Desk, query: str, found: list[str]) -> None:
    rows = Page(two.get(f"/desk/partners/?{query}")).rows("Danh sách đối tác")
    assert [row[0].split(" 1 nguồn")[0] for row in rows] == found


def test_a_partners_page_shows_each_source_with_its_last_and_next_look(two: Desk) -> None:
    page = Page(two.get("/desk/partners/pho-duong-lang"))
    (row,) = page.rows("Nguồn của https://pholang.example/")
    assert row[0] == "Nguồn tin https://pholang.example/rss"
    assert row[1] == "08:00 chưa thấy bài nào", "no rate is made up of nothing"
    assert "Trang đang có lỗi 3 lần liền, từ " in row[2]
    assert "the site answered 503" in row[2]
    assert page.has("2/GP-TTĐT")


def test_a_partners_page_says_in_words_why_a_report_of_its_was_found_false(desk: Desk) -> None:
    with desk.database.write() as session:
        partner = Partner(session, "Nhịp Sông")
        row = partner.claim(factories.published(session), "1")
        row.status, row.reasons = (
            RepublicationStatus.REJECTED,
            ["text_not_found: the page does not carry this bulletin"],
        )
        code = partner.company.code
    desk.sign_in(Role.ANALYST)
    text = desk.get(f"/desk/partners/{code}")
    assert "Máy loại: trang không có chữ của bản tin này." in text
    assert "text_not_found" not in text


def test_looking_again_makes_every_source_due_and_wakes_the_workers(two: Desk) -> None:
    with two.database.write() as session:
        session.execute(sa.update(Source).values(due_at=NOW + timedelta(days=9)))
    answer = two.post("/desk/partners/_sites/pholang-example/look")
    assert answer.status_code == 303
    with two.database.read() as session:
        due = dict(session.execute(sa.select(Site.code, Source.due_at).join(Source, Source.site_id == Site.id)).all())
    assert due["pholang-example"] == two.office.now()
    assert due["nhipsong-example"] == NOW + timedelta(days=9)
    assert two.runner.kinds == ["source_check"]


def test_a_partner_is_added_and_changed(desk: Desk) -> None:
    desk.sign_in(Role.ADMIN)
    answer = desk.post("/desk/partners/_new", {"name": "Công ty Sao Mai", "tax_code": "0109876543"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/partners/cong-ty-sao-mai")
    desk.post("/desk/partners/cong-ty-sao-mai/edit", {"name": "Công ty Sao Khuê", "tax_code": ""})
    page = Page(desk.get("/desk/partners/cong-ty-sao-mai"))
    assert page.heading == "Công ty Sao Khuê"
    assert not page.has("0109876543")
    with desk.database.read() as session:
        acts = [entry.act for entry in journal.history(session, "partner", "cong-ty-sao-mai")]
    assert acts == ["partner.added", "partner.changed"]


def test_a_bad_partner_comes_back_with_what_was_typed_and_why(desk: Desk) -> None:
    desk.sign_in(Role.ADMIN)
    answer = desk.post("/desk/partners/_new", {"name": " ", "tax_code": "12", "code": "sao mai"})
    assert answer.status_code == 422
    page = Page(answer.text)
    assert page.errors() == {
        "name": "Nhập tên",
        "code": "Mã chỉ gồm chữ la-tinh không dấu, chữ số và dấu gạch nối",
        "tax-code": "Mã số thuế gồm 10 chữ số, hoặc 10 chữ số, gạch nối và 3 chữ số",
    }
    assert page.value("tax_code") == "12"


def test_a_site_is_watched_from_the_moment_it_is_entered(two: Desk) -> None:
    answer = two.post(
        "/desk/partners/nhip-song/sites/_new",
        {
            "name": "Nhịp Sông Xanh",
            "url": "https://xanh.example/",
            "kind": "aggregator",
            "feeds": "https://xanh.example/a.xml\n\n https://xanh.example/b.xml ",
            "sitemaps": "https://xanh.example/sitemap.xml",
            "listings": "",
        },
    )
    assert answer.status_code == 303
    with two.database.read() as session:
        site = session.execute(sa.select(Site).where(Site.host == "xanh.example")).scalar_one()
        sources = session.execute(sa.select(Source.url, Source.due_at).where(Source.site_id == site.id)).all()
    assert {url for url, _due in sources} == {
        "https://xanh.example/a.xml",
        "https://xanh.example/b.xml",
        "https://xanh.example/sitemap.xml",
    }
    assert all(due == two.office.now() for _url, due in sources)
    assert two.runner.kinds == ["source_check"]


def test_a_bad_line_is_named_at_its_textarea(two: Desk) -> None:
    answer = two.post(
        "/desk/partners/nhip-song/sites/_new",
        {
            "name": "X",
            "url": "https://nhipsong.example/",
            "kind": "aggregator",
            "feeds": "https://nhipsong.example/a\nabc",
        },
    )
    page = Page(answer.text)
    assert answer.status_code == 422
    assert page.errors() == {"feeds": "Dòng 2: Nhập địa chỉ bắt đầu bằng http:// hoặc https://"}
    assert page.value("feeds") == "https://nhipsong.example/a\nabc"


def test_a_host_that_is_taken_is_reported_at_the_address(two: Desk) -> None:
    answer = two.post(
        "/desk/partners/pho-duong-lang/sites/_new",
        {"name": "X", "url": "https://nhipsong.example/", "kind": "aggregator"},
    )
    assert Page(answer.text).errors() == {"url": "Trang nhipsong.example đã có trong danh bạ."}


SITE_FIELDS = ("name", "url", "feeds", "sitemaps", "listings", "searches", "version_tag")
NHIP_SONG = "/desk/partners/_sites/nhipsong-example"
OLD, MOVED = "https://nhipsong.example/rss", "https://nhipsong.example/feed/"


def test_a_form_from_before_a_move_does_not_put_the_old_address_back(two: Desk) -> None:
    page = Page(two.get(NHIP_SONG))
    form = {name: page.value(name) for name in SITE_FIELDS} | {"kind": "aggregator", "active": "1", "name": "Nhịp Mới"}
    assert form["feeds"] == OLD
    with two.database.write() as session:
        source = session.execute(sa.select(Source).where(Source.url == OLD)).scalar_one()
        source.moved_to, source.moves = MOVED, MOVES_NEEDED - 1
        source.due_at = NOW
    with two.database.write() as session:
        taken = ledger.claim(session, Source, 8, timedelta(minutes=1), now=NOW)
        row = session.execute(sa.select(Source).where(Source.url == OLD)).scalar_one()
        mine = next(claim for claim in taken if claim.id == row.id)
        settle_look(session, row, mine, LookResult(1, moved_to=MOVED), NORMAL, now=NOW)

    answer = two.post(NHIP_SONG, form)
    assert answer.status_code == 422
    back = Page(answer.text)
    # The typed values are still there, beside the stored ones.
    assert (back.value("name"), back.value("feeds")) == ("Nhịp Mới", OLD)
    assert back.errors()["feeds"] == f"Đang có: {MOVED}"
    assert back.errors()["name"].startswith("Đang có: ")
    assert "chưa lưu gì" in answer.text
    with two.database.read() as session:
        assert session.execute(sa.select(Site.feeds).where(Site.code == "nhipsong-example")).scalar_one() == [MOVED]
    again = form | {"feeds": MOVED, "version_tag": back.value("version_tag")}
    for _press in range(2):  # the second submission of the same form finds no difference
        assert two.post(NHIP_SONG, again).status_code == 303
    with two.database.read() as session:
        site = session.execute(sa.select(Site).where(Site.code == "nhipsong-example")).scalar_one()
        assert (site.name, site.feeds) == ("Nhịp Mới", [MOVED])


def test_a_site_that_is_switched_off_is_looked_at_no_more(two: Desk) -> None:
    page = Page(two.get("/desk/partners/_sites/nhipsong-example"))
    form = {name: page.value(name) for name in SITE_FIELDS}
    two.post("/desk/partners/_sites/nhipsong-example", form | {"kind": "aggregator"})
    with two.database.read() as session:
        site = session.execute(sa.select(Site).where(Site.code == "nhipsong-example")).scalar_one()
        due = session.execute(sa.select(Source.due_at).where(Source.site_id == site.id)).scalars().all()
    assert not site.active
    assert due == [None]


def test_a_licence_is_entered_renewed_and_warned_about(two: Desk) -> None:
    given = {
        "number": "3/GP", "kind": "social", "issuer": "Cục Báo chí", "issued_on": "05/01/2026",
        "expires_on": "2026-12-20", "domains": "nhipsong.example", "scope": "Mạng xã hội",
    }  # fmt: skip
    answer = two.post("/desk/partners/nhip-song/licences/_new", given)
    assert answer.status_code == 303
    page = Page(two.get("/desk/partners/nhip-song"))
    assert page.has("Sắp hết hiệu lực")
    assert page.has("còn 26 ngày")
    edit = page.link("3/GP")
    two.post(edit, given | {"expires_on": "2030-01-01"})
    assert not Page(two.get("/desk/partners/nhip-song")).has("Sắp hết hiệu lực")


def test_a_licence_with_a_day_of_nonsense_comes_back(two: Desk) -> None:
    answer = two.post(
        "/desk/partners/nhip-song/licences/_new",
        {"number": "3/GP", "kind": "social", "issuer": "Cục", "issued_on": "31/02/2026"},
    )
    assert (answer.status_code, Page(answer.text).errors()) == (422, {"issued-on": "Nhập ngày theo mẫu 24/11/2026"})


def test_an_agreement_names_its_topics(two: Desk) -> None:
    two.post(
        "/desk/partners/nhip-song/agreements/_new",
        {"number": "9/VB", "starts_on": "2026-01-01", "ends_on": "", "topics": ["dich-benh"], "note": "Toàn văn"},
    )
    page = Page(two.get("/desk/partners/nhip-song"))
    assert page.has("Dịch bệnh · Toàn văn")
    agreement = Page(two.get(page.link("9/VB")))
    assert agreement.pairs() == {"Chuyên đề": "Dịch bệnh", "Nội dung chính": "Toàn văn"}
    answer = two.post(agreement.link("Sửa"), {"starts_on": "2026-02-01", "ends_on": "2026-01-01"})
    assert "Ngày kết thúc phải sau ngày bắt đầu" in answer.text


def test_a_keys_last_whole_day_is_shown(two: Desk) -> None:
    with two.database.write() as session:
        owner = session.execute(sa.select(Company).where(Company.code == "nhip-song")).scalar_one()
        add_key(session, "test", name="Máy lấy tin", company_id=owner.id, expires_on=date(2027, 5, 1), now=NOW)
    assert Page(two.get("/desk/partners/nhip-song")).has("dùng tới hết 01/05/2027")


@pytest.mark.parametrize("role", [Role.WRITER, Role.APPROVER, Role.ANALYST])
def test_others_read_and_may_change_nothing(two: Desk, role: Role) -> None:
    two.sign_in(role)
    for path in ("/desk/partners/", "/desk/partners/nhip-song"):
        page = Page(two.get(path))
        assert not any("_new" in (node.attributes["href"] or "") for node in page.tree.css("a"))
        assert page.tree.css("main form[method=post]") == []
    for path in (
        "/desk/partners/_new", "/desk/partners/nhip-song/edit", "/desk/partners/nhip-song/sites/_new",
        "/desk/partners/_sites/nhipsong-example/look", "/desk/partners/_register",
    ):  # fmt: skip
        assert two.post(path, {"name": "X"}).status_code == 403


def test_a_form_without_its_token_is_refused(two: Desk) -> None:
    assert two.client.post("/desk/partners/_new", data={"name": "X"}).status_code == 400


def test_nobodys_page_is_not_there(two: Desk) -> None:
    assert two.client.get("/desk/partners/khong-co").status_code == 404
    assert two.client.get("/desk/partners/_licences?number=0").status_code == 404


def test_validity_warns_sixty_days_ahead_and_the_best_paper_counts() -> None:
    assert validity_of(TODAY, None, TODAY) == "valid"
    assert validity_of(TODAY + timedelta(1), None, TODAY) == "future"
    assert validity_of(TODAY, TODAY, TODAY) == "ending"
    assert validity_of(date(2020, 1, 1), TODAY + timedelta(60), TODAY) == "ending"
    assert validity_of(date(2020, 1, 1), TODAY + timedelta(61), TODAY) == "valid"
    assert validity_of(date(2020, 1, 1), TODAY - timedelta(1), TODAY) == "ended"
    assert best_validity([(date(2020, 1, 1), date(2021, 1, 1)), (date(2026, 1, 1), None)], TODAY) == "valid"
    assert best_validity([], TODAY) is None


def test_a_site_that_needs_a_browser_is_marked_and_unmarked(two: Desk) -> None:
    address = "/desk/partners/_sites/nhipsong-example"

    def marked() -> bool:
        with two.database.read() as session:
            return session.execute(sa.select(Site.needs_browser).where(Site.code == "nhipsong-example")).scalar_one()

    form = {name: Page(two.get(address)).value(name) for name in SITE_FIELDS} | {"kind": "aggregator", "active": "1"}
    assert two.post(address, form | {"needs_browser": "1"}).status_code == 303
    assert marked()
    answer = two.post(address, form)  # a form from before the change
    assert "Đang có: cần trình duyệt" in answer.get_data(as_text=True)
    assert marked()
    form["version_tag"] = Page(two.get(address)).value("version_tag")
    assert two.post(address, form).status_code == 303
    assert not marked()


def test_a_partners_page_shows_its_unreadable_pages_by_reason_and_apart_from_what_was_rejected(two: Desk) -> None:
    with two.database.write() as session:
        site = session.execute(sa.select(Site).where(Site.code == "nhipsong-example")).scalar_one()
        row = make_republication(
            session, factories.published(session), site, status=RepublicationStatus.REVIEW, read=False,
            match=Match.NONE, life=RepublicationLife.UNREADABLE,
        )  # fmt: skip
        row.page.unreadable, row.page.checked_at = UnreadableReason.PICTURE_ONLY, NOW
        address = row.url
    text = two.get("/desk/partners/nhip-song")
    assert "Trang không đọc được bằng cách này" in text
    assert "Chỉ có hình ảnh hoặc video" in text
    assert address in text
    assert "1 không đọc được trang" in text
    assert "Trang không đọc được bằng cách này" not in two.get("/desk/partners/pho-duong-lang")
