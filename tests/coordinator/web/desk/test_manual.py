"""The manual on the desk: contents, one guide, all on one page, pictures; each page's help leads to its guide."""

from urllib.parse import unquote

import pytest

from campaigns.people.staff import Role
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.page_reader import Page


def test_a_reader_goes_from_a_page_to_its_guide_searches_and_prints(desk: Desk) -> None:
    desk.sign_in(Role.WRITER)
    page = Page(desk.get("/desk/bulletins"))
    assert page.link("Hướng dẫn: Soạn bản tin") == "/desk/help/vi/viet-ban-tin"
    guide = Page(desk.get("/desk/help/vi/viet-ban-tin"))
    assert guide.heading == "Soạn bản tin"
    (english,) = guide.tree.css(".acts a[hreflang=en]")
    assert english.attributes["href"] == "/desk/help/how-to/write-a-bulletin"
    back = Page(desk.get("/desk/help/how-to/write-a-bulletin"))
    assert [node.attributes["href"] for node in back.tree.css(".acts a[hreflang=vi]")] == ["/desk/help/vi/viet-ban-tin"]
    (picture,) = guide.tree.css(".manual img")
    assert desk.client.get(picture.attributes["src"] or "").mimetype == "image/png"
    contents = Page(desk.get("/desk/help"))
    assert contents.link("Soạn bản tin") == "/desk/help/vi/viet-ban-tin"
    found = Page(desk.get("/desk/help?q=gio+khong+phat"))
    assert found.link("Lịch phát hành · Khung giờ phát, khung giờ không phát").startswith(
        "/desk/help/vi/lich-phat-hanh#khung-gi"
    )
    assert Page(desk.get("/desk/help?q=khongco")).has("Không thấy “khongco” trong hướng dẫn")
    everything = Page(desk.get("/desk/help/all"))
    ids = [node.attributes["id"] for node in everything.tree.css("[id]")]
    assert len(ids) == len(set(ids))
    for link in everything.tree.css(".manual a[href^='#'], .manual-contents a"):
        assert unquote(link.attributes["href"] or "")[1:] in ids
    manual = Page(desk.get("/desk/help?lang=en"))
    assert manual.heading == "Manual"
    assert manual.link("Write a bulletin") == "/desk/help/how-to/write-a-bulletin"


@pytest.mark.parametrize(
    "path", ["vi/khong-co", "../setup.cfg", "vi/..%2f..%2fsetup", "screens/khong.png", "screens/..%2fx.png"]
)
def test_what_is_no_guide_is_not_there(desk: Desk, path: str) -> None:
    desk.sign_in(Role.WRITER)
    assert desk.client.get(f"/desk/help/{path}").status_code == 404
