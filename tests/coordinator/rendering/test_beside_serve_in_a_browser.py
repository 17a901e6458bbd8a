"""``lantoa render`` as a process of its own beside ``lantoa serve``, over one data folder with SQLite."""

from pathlib import Path

import pytest
import requests

from coordinator.rendering import browser
from tests.conftest import need
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.installation import Installation, Staff, until

PARTS = (
    "Từ ngày 24 đến 28/11, trạm y tế của 30 phường mở thêm buổi tiêm chiều cho trẻ từ chín tháng tuổi trở lên.",
    "Phụ huynh mang theo sổ tiêm và giấy hẹn, đến đúng khung giờ ghi trên tin nhắn để không phải chờ lâu.",
    "Trẻ được theo dõi ba mươi phút sau tiêm; nếu sốt trên ba mươi tám độ rưỡi, gia đình báo ngay cho trạm.",
)

pytestmark = [pytest.mark.browser, pytest.mark.long]


def test_a_page_that_a_script_writes_is_confirmed_and_pictured_while_serve_goes_on(tmp_path: Path) -> None:
    if (missing := browser.missing_part()) is not None:
        need("browser", missing)
    with HostileServer() as site, Installation(tmp_path / "data", render="true") as here:
        staff = Staff(here.base, here.prepared("writer", "approver", "admin"))
        serving = here.serve()
        until("serve answers", here.alive)
        staff.post("admin", "/partners", {"code": "bao-a", "name": "Báo A"})
        address = {"partner": "bao-a", "name": "Báo A", "url": site.url("/"), "kind": "aggregator"}
        staff.post("admin", "/sites", address)
        key = here.did("key", "add", "bao-a", "--partner", "bao-a")
        draft = {"title": "Lịch tiêm nhắc vắc xin sởi", "lead": "Thêm buổi chiều.", "topic": "dich-benh"}
        made = staff.post("writer", "/bulletins", {**draft, "body_text": "\n\n".join(PARTS)})
        path = f"/bulletins/{made['code']}"
        staff.post("writer", f"{path}/submit")
        staff.post("approver", f"{path}/approve", {"revision_hash": made["revision_hash"]})
        link = staff.post("approver", f"{path}/publish", {})["url"]
        text = "".join(f"<p>{part}</p>" for part in PARTS) + f'<p>Theo <a href="{link}">nguồn</a></p>'
        site.text("/robots.txt", "", "404 Not Found")
        site.text("/van-ban", text, Content_Type="text/plain; charset=utf-8")
        shell = '<div id="root"></div><script>fetch("/van-ban").then(r => r.text()).then(t => { root.innerHTML = t })'
        site.text("/bai.html", f"<!doctype html>{shell}</script>", Content_Type="text/html; charset=utf-8")
        claim = {"bulletin": made["code"], "url": site.url("/bai.html")}
        bearer = {"Authorization": f"Bearer {key}"}
        answer = requests.post(f"{here.base}/api/v1/republications", json=claim, headers=bearer, timeout=20)
        assert answer.status_code == 202, answer.text
        copy = f"/republications/{answer.json()['id']}"
        until("serve says that it cannot read the page", lambda: staff.get("admin", copy)["life"] == "unreadable")
        rendering = here.start("render")
        until("the browser's look counts", lambda: staff.get("admin", copy)["status"] == "confirmed")
        found = staff.get("admin", copy)
        assert (found["life"], found["match"], found["attribution"]) == ("live", "full", "linked_at_end")
        assert "ok   browser: on, 1 running" in here.run("doctor").stdout
        assert here.end(rendering) == 0
        assert here.alive()
        assert "count proven" in here.did("tallies", "verify")
        assert here.end(serving) == 0
        assert "locked" not in here.log
