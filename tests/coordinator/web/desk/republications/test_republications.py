"""The list of copies, decisions and their figures, and reports by staff."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from campaigns.bulletins.bulletins import Revision
from campaigns.core import journal
from campaigns.core.clock import Period
from campaigns.discovery.sightings import Sighting, SightingMethod
from campaigns.people.staff import Role
from campaigns.reporting import tallies
from campaigns.reporting.tallies import TallyScope
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.republications import EvidenceLevel, Republication, RepublicationLife, RepublicationStatus
from campaigns.republications.review import decisions
from campaigns.republications.sample_partner import REMOVAL_NOTE
from campaigns.search import republication_search
from coordinator.web.desk.republications import queries
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.copies import Copy, copy_in
from tests.coordinator.web.desk.page_reader import Page
from tests.factories import ADMIN, NOW

DAY = Period(date(2026, 11, 24), date(2026, 11, 24), "2026-11-24")


def row_of(desk: Desk, ident: str) -> Republication:
    with desk.database.read() as session:
        return session.execute(select(Republication).where(Republication.public == ident)).scalar_one()


def confirmed(desk: Desk) -> int:
    with desk.database.read() as session:
        return tallies.totals(session, TallyScope(DAY)).confirmed


def version_token_in(page: str) -> str:
    return page.split('name="version_token" value="', 1)[1].split('"', 1)[0]


TWO = (
    Copy(),
    Copy(
        "Công Tin Sáng",
        "https://congtinsang.example/tiem-soi",
        RepublicationStatus.CONFIRMED,
        attribution=Attribution.LINKED_AT_END,
    ),
)


def test_nobody_sees_copies_without_signing_in(desk: Desk) -> None:
    (ident,) = copy_in(desk)
    for path in ("", f"/{ident}", f"/{ident}/evidence.zip", f"/{ident}/pages/1.txt", "/_report"):
        answer = desk.client.get(f"/desk/republications{path}")
        assert answer.status_code == 302
        assert "/login" in answer.headers["Location"]


def test_the_note_that_the_program_wrote_is_read_in_ones_language_and_a_persons_as_it_is(desk: Desk) -> None:
    typed = "Đã gỡ bài theo đề nghị."
    notes = dict(zip(copy_in(desk, *TWO), (REMOVAL_NOTE, typed), strict=True))
    for ident, note in notes.items():
        with desk.database.write() as session:
            (row,) = decisions.lock_public_copies(session, [ident])
            decisions.decide(session, ADMIN, row, confirm=False, note=note, now=NOW)
    desk.sign_in(Role.WRITER)
    ours, theirs = (desk.get(f"/desk/republications/{ident}?lang=en") for ident in notes)
    assert "The sample partner was removed." in ours
    assert REMOVAL_NOTE not in ours
    assert typed in theirs
    desk.get("/desk?lang=vi")
    assert REMOVAL_NOTE in desk.get(f"/desk/republications/{next(iter(notes))}")


def test_the_list_opens_on_the_review_queue_while_something_waits(desk: Desk) -> None:
    copy_in(desk, *TWO)
    desk.sign_in(Role.ANALYST)
    page = desk.get("/desk/republications")
    assert "Nhịp Sông<br>" in page
    assert "Công Tin Sáng<br>" not in page
    assert "Chờ xem xét (1)" in page
    assert "Đã xác nhận (1)" in page
    assert "Công Tin Sáng<br>" in desk.get("/desk/republications?status=all")


def test_with_nothing_to_review_the_list_opens_on_everything(desk: Desk) -> None:
    copy_in(desk, TWO[1])
    desk.sign_in(Role.WRITER)
    assert "Công Tin Sáng<br>" in desk.get("/desk/republications")


def test_an_empty_list_says_how_copies_get_there(desk: Desk) -> None:
    desk.sign_in(Role.WRITER)
    assert "Khi trang đối tác đăng lại một bản tin" in desk.get("/desk/republications")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=confirmed", True),
        ("status=rejected", False),
        ("status=all&life=live", True),
        ("status=all&life=gone", False),
        ("status=all&attribution=linked_at_end", True),
        ("status=all&attribution=none", False),
        ("status=all&site=congtinsang-example", True),
        ("status=all&topic=dich-benh", True),
        ("status=all&topic=an-ninh-quoc-phong", False),
        ("status=all&from=2026-11-24&to=2026-11-24", True),
        ("status=all&from=2026-11-25", False),
        ("status=all&to=2026-11-23", False),
        ("status=all&q=vac-xin+soi", True),
        ("status=all&q=vắc-xin+sởi", True),
        ("status=all&q=cong+tin+sang", True),  # the site's name, with or without diacritics
        ("status=all&q=cong+tin+chieu", False),
        ("status=all&q=tinsang", True),  # a part of its host
        ("status=all&q=congtinsang", True),
        ("status=all&q=%25", False),
        ("status=all&bulletin=BT-2026-11-24-001", True),
        ("status=all&page=0", True),
    ],
)
def test_filters_narrow_the_list(desk: Desk, query: str, found: bool) -> None:
    copy_in(desk, TWO[1])
    desk.sign_in(Role.ANALYST)
    assert ("Công Tin Sáng<br>" in desk.get(f"/desk/republications?{query}")) is found


@pytest.mark.parametrize(
    "query", ["bulletin=BT-2026-11-24-999", "site=nhipsong-example", "attribution=nonsense", "life=nonsense"]
)
def test_a_filter_that_nothing_has_is_named(desk: Desk, query: str) -> None:
    copy_in(desk, TWO[1])
    desk.sign_in(Role.ANALYST)
    answer = desk.client.get(f"/desk/republications?status=all&{query}")
    assert answer.status_code == 422
    assert query in answer.text


def test_the_filters_in_use_are_named_and_dropped_one_by_one(desk: Desk) -> None:
    copy_in(desk, TWO[1])
    desk.sign_in(Role.ANALYST)
    query = "status=all&topic=dich-benh&life=gone&site=congtinsang-example&from=2026-11-24&q=tin"
    page = Page(desk.get(f"/desk/republications?{query}"))
    named = {
        node.text().removesuffix("Bỏ bộ lọc này"): node.attributes["href"]
        for node in page.tree.css(".active-filters a")
    }
    assert list(named) == [
        "Tìm: tin", "Từ ngày: 24/11/2026", "Trang: Công Tin Sáng", "Chuyên đề: Dịch bệnh", "Trên trang: Đã gỡ"
    ]  # fmt: skip
    assert page.tree.css_first(".rarely").attributes.get("open", "closed") == "closed"
    without = desk.get(named["Trên trang: Đã gỡ"] or "")
    assert "congtinsang.example" in without
    assert "Trên trang: Đã gỡ" not in without
    assert "Trang: Công Tin Sáng" in without


def test_a_row_tells_rungs_share_and_attribution(desk: Desk) -> None:
    copy_in(desk)
    desk.sign_in(Role.ANALYST)
    page = desk.get("/desk/republications")
    assert Page(page).rows("Danh sách bài đăng lại")[0][1] == "Nhịp Sông nhipsong.example"
    assert "6/8" in page
    assert "Chỉ tới trang chủ" in page
    assert "08:29" in page  # when they published it
    assert "08:31" in page  # when we saw it


def test_long_lists_have_pages(desk: Desk) -> None:
    copy_in(desk, *(Copy(url=f"https://nhipsong.example/bai-{number}") for number in range(53)))
    desk.sign_in(Role.ANALYST)
    first = desk.get("/desk/republications")
    assert "1–50 trong 53" in first
    assert first.count('<th scope="row">') == 50
    second = desk.get("/desk/republications?status=review&page=2")
    assert "51–53 trong 53" in second
    assert "bai-0" not in second


def test_words_that_lead_to_very_many_copies_list_them_all_and_count_none(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(republication_search, "MOST_GATHERED", 60)
    waiting = [Copy(url=f"https://nhipsong.example/bai-{number}") for number in range(63)]
    copy_in(
        desk,
        *waiting,
        *(replace(copy, status=RepublicationStatus.CONFIRMED, url=f"{copy.url}-x") for copy in waiting[:9]),
    )
    desk.sign_in(Role.ANALYST)
    first = Page(desk.get("/desk/republications?q=nhip+song"))  # opens on the queue, as without a query
    assert first.words(".seg a") == ["Chờ xem xét", "Đã xác nhận", "Đã loại", "Mới thấy", "Địa chỉ trùng", "Tất cả"]
    assert first.words(".seg [aria-current]") == ["Chờ xem xét"]
    assert first.has("Rất nhiều bài hợp với từ tìm nên không đếm.")
    assert first.has("1–50, còn nữa")
    rest = Page(desk.get("/desk/republications?q=nhip+song&status=review&page=2"))
    assert rest.has("51–63 trong 63")
    shown = [*first.words("tbody th a"), *rest.words("tbody th a")]
    assert len(shown) == 63
    beyond = Page(desk.get("/desk/republications?q=nhip+song&status=review&page=9"))
    assert beyond.words("tbody th") == rest.words("tbody th")
    assert Page(desk.get("/desk/republications?q=nhip+song&status=confirmed")).has("1–9 trong 9")
    monkeypatch.setattr(republication_search, "MOST_GATHERED", 1000)
    counted = Page(desk.get("/desk/republications?q=nhip+song"))
    assert counted.words(".seg a")[:2] == ["Chờ xem xét (63)", "Đã xác nhận (9)"]
    assert counted.words("tbody th") == first.words("tbody th")


def test_of_very_many_copies_with_a_mark_the_sums_tell_the_confirmed_ones(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = Copy(status=RepublicationStatus.CONFIRMED, attribution=Attribution.NAMED_ONLY)
    copy_in(
        desk,
        *(replace(copy, url=f"https://nhipsong.example/bai-{number}") for number in range(51)),
        replace(copy, url="https://nhipsong.example/mat", life=RepublicationLife.GONE, attribution=Attribution.NONE),
        Copy(url="https://nhipsong.example/cho", attribution=Attribution.NAMED_ONLY),
    )
    desk.sign_in(Role.ANALYST)
    named = "/desk/republications?attribution=named_only"
    few = Page(desk.get(f"{named}&status=confirmed"))
    assert few.words(".seg a") == [
        "Chờ xem xét (1)",
        "Đã xác nhận (51)",
        "Đã loại (0)",
        "Mới thấy (0)",
        "Địa chỉ trùng (0)",
        "Tất cả (52)",
    ]
    monkeypatch.setattr(queries, "COUNTED_ONE_BY_ONE", 52)
    many = Page(desk.get(f"{named}&status=confirmed"))
    assert many.words(".seg a") == ["Chờ xem xét", "Đã xác nhận (51)", "Đã loại", "Mới thấy", "Địa chỉ trùng", "Tất cả"]
    assert many.has("Rất nhiều bài trong phạm vi này nên không đếm hết từng thẻ.")
    assert many.has("1–50 trong 51")
    assert Page(desk.get(f"{named}&status=all&page=2")).has("51–52 trong 52")
    assert Page(desk.get(named)).words(".seg [aria-current]") == ["Chờ xem xét"]
    gone = Page(desk.get("/desk/republications?life=gone&status=confirmed"))
    assert gone.words(".seg [aria-current]") == ["Đã xác nhận (1)"]
    # Copies that no tally counts are listed all the same.
    assert Page(desk.get("/desk/republications?life=live&status=confirmed")).has("1–50, còn nữa")
    both = Page(desk.get("/desk/republications?life=gone&attribution=none&status=confirmed"))
    assert both.has("1–1 trong 1")
    assert Page(desk.get("/desk/republications?attribution=none&topic=kinh-te-xa-hoi")).has("Tất cả (0)")


def test_a_list_of_days_has_the_newest_day_first_whenever_its_copies_were_seen(desk: Desk) -> None:
    late = Copy(status=RepublicationStatus.CONFIRMED, url="https://nhipsong.example/cu", page_title="Bài cũ")
    copy_in(desk, late, replace(late, url="https://nhipsong.example/moi", page_title="Bài mới",
                                seen_at=NOW + timedelta(days=3)))  # fmt: skip
    desk.sign_in(Role.ANALYST)
    days = "from=2020-01-01&to=2100-01-01"
    listed = Page(desk.get(f"/desk/republications?status=confirmed&{days}")).words("tbody th a")
    assert listed == ["Bài mới", "Bài cũ"]


def test_the_consequence_is_reported_in_figures_and_comes_true(desk: Desk) -> None:
    copy_in(desk, Copy(url="https://nhipsong.example/bai-truoc", status=RepublicationStatus.CONFIRMED))
    (ident,) = copy_in(desk)
    desk.sign_in(Role.ANALYST)
    page = desk.get(f"/desk/republications/{ident}")
    assert "Cộng 1 cho Nhịp Sông, ngày 24/11/2026: 1 → 2." in page
    assert "Cột “dẫn nguồn đủ” không tăng." in page
    answer = desk.post(
        f"/desk/republications/{ident}/decide",
        {"do": "confirm", "note": "Có nêu tên Sở.", "version_token": version_token_in(page)},
    )
    assert answer.status_code == 303
    row = row_of(desk, ident)
    assert (row.status, row.decided_by, row.decision_note) == (
        RepublicationStatus.CONFIRMED,
        "chi@so.example",
        "Có nêu tên Sở.",
    )
    assert confirmed(desk) == 2
    again = desk.get(f"/desk/republications/{ident}")
    assert "Bớt 1 của Nhịp Sông, ngày 24/11/2026: 2 → 1." in again
    assert "Lan Chi xác nhận" in again
    assert "Có nêu tên Sở." in again


def test_a_rejection_keeps_the_evidence_and_may_be_taken_back(desk: Desk) -> None:
    (ident,) = copy_in(desk)
    desk.sign_in(Role.APPROVER)
    page = desk.get(f"/desk/republications/{ident}")
    desk.post(
        f"/desk/republications/{ident}/decide",
        {"do": "reject", "note": "Bài của báo khác.", "version_token": version_token_in(page)},
    )
    assert row_of(desk, ident).status is RepublicationStatus.REJECTED
    assert confirmed(desk) == 0
    page = desk.get(f"/desk/republications/{ident}")
    assert "Hai văn bản đặt cạnh nhau" in page
    desk.post(
        f"/desk/republications/{ident}/decide",
        {"do": "confirm", "note": "Xem lại: đúng.", "version_token": version_token_in(page)},
    )
    assert confirmed(desk) == 1
    with desk.database.read() as session:
        acts = [entry.act for entry in journal.history(session, "republication", ident)]
    assert acts == ["republication.review", "republication.rejected", "republication.confirmed"]


def test_after_a_conclusion_the_next_in_the_queue_is_shown(desk: Desk) -> None:
    first, second, third = copy_in(
        desk,
        *(
            Copy(url=f"https://nhipsong.example/bai-{number}", seen_at=NOW + timedelta(minutes=number))
            for number in range(3)
        ),
    )
    desk.sign_in(Role.ANALYST)
    page = desk.get(f"/desk/republications/{second}")
    assert f'href="/desk/republications/{first}"' in page
    assert f'href="/desk/republications/{third}"' in page
    assert "Chờ xem xét (3)" in page
    answer = desk.post(
        f"/desk/republications/{second}/decide",
        {"do": "reject", "note": "Không phải.", "version_token": version_token_in(page)},
    )
    assert answer.headers["Location"].endswith(third)
    page = desk.get(f"/desk/republications/{third}")
    answer = desk.post(
        f"/desk/republications/{third}/decide",
        {"do": "reject", "note": "Không phải.", "version_token": version_token_in(page)},
    )
    assert answer.headers["Location"].endswith(first)


def test_a_copy_leads_to_those_beside_it_in_the_list_it_was_opened_from(desk: Desk) -> None:
    settled = RepublicationStatus.CONFIRMED
    copies = [
        Copy(url=f"https://nhipsong.example/b-{n}", status=settled, seen_at=NOW + timedelta(minutes=n))
        for n in range(3)
    ]
    other = Copy("Công Tin Sáng", "https://congtinsang.example/x", seen_at=NOW + timedelta(seconds=30))
    oldest, middle, newest, waiting = copy_in(desk, *copies, other)
    desk.sign_in(Role.ANALYST)
    listed = "/desk/republications?status=confirmed&from=2026-11-01&q=nhip"
    rows = [node.attributes["href"] or "" for node in Page(desk.get(listed)).tree.css("tbody th a")]
    assert [row.split("?")[0].rpartition("/")[2] for row in rows] == [newest, middle, oldest]

    def beside(address: str) -> list[str]:
        nav = Page(desk.get(address)).tree.css_first("[aria-label='Bài trước và sau']")
        return [node.attributes["href"] or "" for node in nav.css("a")]

    assert [beside(row) for row in rows] == [[rows[1]], [rows[0], rows[2]], [rows[1]]]
    assert Page(desk.get(rows[1])).link("Danh sách đang xem") == rows[1].replace(f"/{middle}", "")
    # Without a list: the copies of the bulletin, here with the one that waits among them.
    assert beside(f"/desk/republications/{oldest}") == [f"/desk/republications/{waiting}"]
    # A decision made in a list goes on in it.
    list_of_all = "?status=all&topic=dich-benh"
    page = desk.get(f"/desk/republications/{waiting}{list_of_all}")
    data = {"do": "reject", "note": "Bài khác.", "version_token": version_token_in(page)}
    answer = desk.post(Page(page).tree.css_first("#ket-luan").attributes["action"] or "", data)
    assert answer.headers["Location"] == f"/desk/republications/{oldest}{list_of_all}"
    assert desk.client.get(f"/desk/republications/{oldest}?status=confirmed&colour=red").status_code == 422


def test_a_conclusion_needs_a_note_and_a_choice(desk: Desk) -> None:
    (ident,) = copy_in(desk)
    desk.sign_in(Role.ANALYST)
    version_token = version_token_in(desk.get(f"/desk/republications/{ident}"))
    empty = desk.post(
        f"/desk/republications/{ident}/decide", {"do": "reject", "note": "  ", "version_token": version_token}
    )
    assert empty.status_code == 422
    assert "Ghi rõ lý do để người khác hiểu" in empty.text
    assert 'value="reject" checked' in empty.text
    none = desk.post(f"/desk/republications/{ident}/decide", {"note": "vì", "version_token": version_token})
    assert none.status_code == 422
    assert row_of(desk, ident).status is RepublicationStatus.REVIEW


def test_a_form_that_somebody_overtook_changes_nothing(desk: Desk) -> None:
    (ident,) = copy_in(desk)
    desk.sign_in(Role.ANALYST)
    version_token = version_token_in(desk.get(f"/desk/republications/{ident}"))
    desk.post(
        f"/desk/republications/{ident}/decide", {"do": "confirm", "note": "Đúng.", "version_token": version_token}
    )
    late = desk.post(
        f"/desk/republications/{ident}/decide",
        {"do": "reject", "note": "Sai.", "version_token": version_token},
        follow_redirects=True,
    )
    assert "Lan Chi đã có kết luận khác về bài này" in late.text
    assert row_of(desk, ident).status is RepublicationStatus.CONFIRMED


def test_a_writer_reads_but_does_not_conclude(desk: Desk) -> None:
    (ident,) = copy_in(desk)
    desk.sign_in(Role.WRITER)
    page = desk.get(f"/desk/republications/{ident}")
    assert "Hai văn bản đặt cạnh nhau" in page
    assert "/decide" not in page
    assert "/_report" not in desk.get("/desk/republications")
    assert desk.post(f"/desk/republications/{ident}/decide", {"do": "confirm", "note": "x"}).status_code == 403
    assert desk.post("/desk/republications/_report", {}).status_code == 403
    assert row_of(desk, ident).status is RepublicationStatus.REVIEW


def test_a_copy_that_is_not_there_is_404(desk: Desk) -> None:
    desk.sign_in(Role.ANALYST)
    for path in ("rep_none", "rep_none/evidence.zip", "rep_none/pages/1.txt"):
        desk.get(f"/desk/republications/{path}", 404)


def test_staff_report_a_copy_and_it_becomes_a_claim_to_be_checked(desk: Desk) -> None:
    copy_in(desk)
    desk.sign_in(Role.ANALYST)
    desk.get("/desk/republications/_report")
    url = "https://m.nhipsong.example/tin/bai-moi?utm_source=x"
    answer = desk.post("/desk/republications/_report", {"bulletin": "BT-2026-11-24-001", "url": url})
    assert answer.status_code == 303
    row = row_of(desk, answer.headers["Location"].rsplit("/", 1)[1])
    assert (row.status, row.level, row.life) == (
        RepublicationStatus.CANDIDATE,
        EvidenceLevel.REPORTED,
        RepublicationLife.LIVE,
    )
    with desk.database.read() as session:
        sighting = session.execute(select(Sighting).where(Sighting.how == SightingMethod.REPORTED)).scalar_one()
        assert sighting.source == "chi@so.example"
        assert sighting.page.due_at == desk.office.now()
    assert "page_check" in desk.runner.kinds
    assert confirmed(desk) == 0
    assert "Chưa có bản chụp" in desk.get(answer.headers["Location"])


@pytest.mark.parametrize(
    ("code", "url", "words"),
    [
        ("", "https://nhipsong.example/bai", "Chọn bản tin</"),
        ("BT-2026-11-24-999", "https://nhipsong.example/bai", "Không có bản tin nào đã phát hành mang mã này."),
        ("BT-2026-11-24-001", "https://xa-la.example/bai", "không thuộc trang nào trong danh bạ"),
        ("BT-2026-11-24-001", "javascript:alert(1)", "không thuộc trang nào trong danh bạ"),
        ("BT-2026-11-24-001", "", "không thuộc trang nào trong danh bạ"),
    ],
)
def test_a_report_that_cannot_be_taken_says_why(desk: Desk, code: str, url: str, words: str) -> None:
    copy_in(desk)
    desk.sign_in(Role.ANALYST)
    answer = desk.post("/desk/republications/_report", {"bulletin": code, "url": url})
    assert answer.status_code == 422
    assert words in answer.text
    with desk.database.read() as session:
        assert len(session.execute(select(Republication)).scalars().all()) == 1


def test_the_bulletin_of_a_report_is_chosen_by_words_of_its_title(desk: Desk) -> None:
    copy_in(desk)
    desk.sign_in(Role.ANALYST)
    with desk.database.read() as session:
        title = session.execute(select(Revision.title)).scalars().first() or ""
    data = {"bulletin.q": title, "url": "https://nhipsong.example/bai-khac"}
    assert desk.post("/desk/republications/_report", data).status_code == 303
    unknown = desk.post("/desk/republications/_report", data | {"bulletin.q": "không có bản tin nào như thế"})
    assert unknown.status_code == 422
    assert "Không thấy bản tin nào cho" in unknown.text
    assert data["url"] in unknown.text  # what was typed stays
    linked = desk.get("/desk/republications/_report?bulletin=BT-2026-11-24-001&url=https://nhipsong.example/x")
    assert f'value="{title}"' in linked
    assert "https://nhipsong.example/x" in linked


def test_reporting_a_known_copy_twice_is_one(desk: Desk) -> None:
    (ident,) = copy_in(desk)
    desk.sign_in(Role.ANALYST)
    for _ in range(2):
        answer = desk.post("/desk/republications/_report", {"bulletin": "BT-2026-11-24-001", "url": Copy().url})
        assert answer.headers["Location"].endswith(ident)
    assert row_of(desk, ident).status is RepublicationStatus.REVIEW
