"""The whole pipeline from outside: plan, write, approve, publish, deliver, sight, verify, count, report, restart."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import feedparser
import pytest
import requests

from campaigns.core.clock import city_day, utc_now
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.installation import Installation, Staff, until

pytestmark = pytest.mark.long

BODY = "\n\n".join(
    f"Tại phường {number}, buổi tiêm chiều bắt đầu lúc {number % 4 + 13} giờ và nhận {number * 7} trẻ; "
    f"phụ huynh mang theo sổ tiêm và đăng ký ở bàn số {number}."
    for number in range(1, 9)
)
TITLE = "Lịch tiêm nhắc vắc-xin sởi tại tám phường"
PAGE = "<html><head><title>{title}</title></head><body><h1>{title}</h1><article>{body}</article></body></html>"


@dataclass(frozen=True)
class Pipeline:
    """An installation at work and the site of one partner."""

    here: Installation
    staff: Staff
    site: HostileServer
    partner: str

    def feed(self) -> Any:
        """The partner's own feed as a feed reader has it."""
        return feedparser.parse(f"{self.here.base}/feeds/{self.partner}/rss.xml")

    def copy(self, path: str, title: str, html: str) -> str:
        """Put a page on the partner's site; its address."""
        return self.site.text(path, PAGE.format(title=escape(title), body=html), Content_Type="text/html")

    def claim(self, code: str, url: str) -> int:
        """The partner says that it has republished; the status of the answer."""
        headers = {"Authorization": f"Bearer {self.partner}"}
        body = {"bulletin": code, "url": url}
        return requests.post(
            f"{self.here.base}/api/v1/republications", json=body, headers=headers, timeout=10
        ).status_code

    def copies(self, code: str) -> list[dict[str, Any]]:
        """The republications of a bulletin."""
        found: list[dict[str, Any]] = self.staff.get("analyst", f"/republications?bulletin={code}")["items"]
        return found

    def stands(self, code: str, status: str) -> bool:
        """Whether its one copy has come to this status."""
        return [copy["status"] for copy in self.copies(code)] == [status]


@pytest.fixture
def pipeline(tmp_path: Path) -> Iterator[Pipeline]:
    with HostileServer() as site, Installation(tmp_path / "data") as here:
        site.text("/robots.txt", "", "404 Not Found")
        keys = here.prepared("writer", "approver", "analyst", "admin")
        here.serve()
        staff = Staff(here.base, keys)
        until("serve answers", here.alive)
        staff.post("admin", "/partners", {"code": "nhip-song", "name": "Công ty Nhịp Sông"})
        where = {"partner": "nhip-song", "name": "Nhịp Sông", "url": site.url("/"), "kind": "aggregator"}
        staff.post("admin", "/sites", where)
        staff.post("admin", "/channels", {"kind": "feed", "name": "Tự lấy", "partner": "nhip-song", "settings": {}})
        day = city_day(utc_now()).isoformat()
        plan = {
            "code": "ke-hoach-174", "plan_number": "174-KH/UBND", "name": "Lan tỏa", "starts_on": day, "ends_on": day,
            "topics": ["dich-benh"], "targets": [{"metric": "republications", "quota": 4}],
        }  # fmt: skip
        staff.post("admin", "/campaigns", plan)
        yield Pipeline(here, staff, site, here.did("key", "add", "Nguồn tin", "--partner", "nhip-song"))


def publish(pipeline: Pipeline) -> str:
    draft = pipeline.staff.post(
        "writer",
        "/bulletins",
        {"title": TITLE, "lead": "Tiêm miễn phí.", "body_text": BODY, "topic": "dich-benh", "campaign": "ke-hoach-174"},
    )
    path = f"/bulletins/{draft['code']}"
    assert requests.get(f"{pipeline.here.base}{path}", timeout=10).status_code == 404
    pipeline.staff.post("writer", f"{path}/submit")
    pipeline.staff.post("approver", f"{path}/approve", {"revision_hash": draft["revision_hash"]})
    pipeline.staff.post("approver", f"{path}/publish", {})
    assert requests.get(f"{pipeline.here.base}{path}", timeout=10).status_code == 200
    return str(draft["code"])


@pytest.mark.promise("Plan")
def test_a_bulletin_passes_the_whole_pipeline_and_counts_once(pipeline: Pipeline) -> None:
    code = publish(pipeline)
    (entry,) = pipeline.feed().entries
    assert entry.title == TITLE
    delivery = pipeline.staff.get("analyst", f"/bulletins/{code}/deliveries")["items"]
    assert [item["state"] for item in delivery] == ["delivered"]

    url = pipeline.copy("/tin/1.html", "Tựa của trang", entry.content[0].value)
    for variant in (url, f"{url}?utm_source=zalo", f"{url}#cuoi"):
        assert pipeline.claim(code, variant) == 202
    until("the copy is confirmed", lambda: pipeline.stands(code, "confirmed"))
    (copy,) = pipeline.copies(code)
    assert (copy["match"], copy["attribution"], copy["life"]) == ("full", "linked_at_end", "live")
    assert (copy["partner"], copy["canonical_url"]) == ("nhip-song", url)
    assert copy["share"] > 0.9

    progress = pipeline.staff.get("analyst", "/progress?campaign=ke-hoach-174&by=partner")
    (target,) = progress["targets"]
    assert (target["metric"], target["quota"], target["actual"]) == ("republications", 4, 1)
    (row,) = [item for item in progress["rows"] if item["key"] == "nhip-song"]
    assert (row["delivered"], row["confirmed"], row["review"], row["attributed"]) == (1, 1, 0, 1)

    pipeline.here.did("report", f"{city_day(utc_now()):%Y-%m}", "--campaign", "ke-hoach-174", "--format", "json",
                   "--out", str(pipeline.here.folder / "bc.json"))  # fmt: skip
    text = (pipeline.here.folder / "bc.json").read_text("utf-8")
    assert "nhip-song" in text
    assert json.loads(text)["as_of"]

    # Asked to stop, it stops; started again, it knows what it knew.
    assert pipeline.here.end(pipeline.here.started[-1]) == 0
    assert pipeline.here.did("journal", "verify").startswith("journal whole: ")
    pipeline.here.serve()
    until("serve answers again", pipeline.here.alive)
    assert pipeline.stands(code, "confirmed")
    assert requests.get(f"{pipeline.here.base}/bulletins/{code}", timeout=10).status_code == 200


@pytest.mark.promise("Verify")
def test_a_copy_that_names_nobody_waits_for_a_person_and_a_false_claim_is_not_counted(pipeline: Pipeline) -> None:
    code = publish(pipeline)
    bare = "".join(f"<p>{part}</p>" for part in BODY.split("\n\n"))
    url = pipeline.copy("/tin/2.html", TITLE, bare)
    assert pipeline.claim(code, url) == 202
    until("the copy waits for a person", lambda: pipeline.stands(code, "review"))
    (copy,) = pipeline.copies(code)
    assert (copy["match"], copy["attribution"]) == ("full", "none")
    pipeline.staff.post("analyst", f"/republications/{copy['id']}/confirm", {"note": "Đã gọi, trang bổ sung nguồn"})
    assert pipeline.stands(code, "confirmed")

    other = publish(pipeline)
    nothing = pipeline.copy("/tin/3.html", "Chuyện khác", "<p>Đội bóng phường thắng trận chung kết tối qua.</p>" * 20)
    assert pipeline.claim(other, nothing) == 202
    until("the claim was looked at", lambda: all(copy["checked_at"] for copy in pipeline.copies(other)))
    assert "confirmed" not in [copy["status"] for copy in pipeline.copies(other)]
    assert pipeline.claim(other, "https://khong-phai-trang-cua-toi.example/1") in {403, 404, 422}
    progress = pipeline.staff.get("analyst", "/progress?campaign=ke-hoach-174&by=partner")
    assert [item["confirmed"] for item in progress["rows"] if item["key"] == "nhip-song"] == [1]
