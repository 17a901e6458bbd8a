"""The guides of the portal: those for partners and no others."""

from tests.coordinator.web.portal.conftest import Portal
from tests.coordinator.web.portal.editors import enter_as_editor


def test_partners_read_their_guides_and_no_others(portal: Portal) -> None:
    assert portal.desk.client.get("/portal/help").status_code == 302
    enter_as_editor(portal)
    contents = portal.page("/help")
    assert contents.link("Làm việc trong cổng đối tác") == "/portal/help/vi/lam-viec-trong-cong"
    guide = portal.page("/help/vi/lam-viec-trong-cong")
    assert guide.heading == "Làm việc trong cổng đối tác"
    assert guide.link("Để phần mềm lấy tin") == "/portal/help/vi/phan-mem-lay-tin"
    assert guide.link("English: Work in the portal") == "/portal/help/how-to/work-in-the-portal"
    assert portal.desk.client.get("/portal/help/screens/portal.png").mimetype == "image/png"
    assert portal.page("/help?q=bao+bai").link("Làm việc trong cổng đối tác · Báo bài đã đăng")
    for hidden in ("vi/moi-nguoi-vao", "how-to/deploy", "screens/today.png", "vi/README", "vi/khong-co"):
        assert portal.desk.client.get(f"/portal/help/{hidden}").status_code == 404
    # A link to a guide that partners do not read is words alone.
    by_key = portal.page("/help/vi/vao-cong-bang-khoa")
    assert by_key.has("Mời đối tác vào cổng")
    assert not [node for node in by_key.tree.css("a") if "moi-doi-tac" in (node.attributes["href"] or "")]
