"""A real WordPress: its copies are found, proved, dated and followed; bulletins become posts in it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import feedparser
import lxml.html
import pytest
import requests

from campaigns.channels.transport import ChannelSettings, CoverFile, DeliveryAct, TransportError
from campaigns.core.clock import utc_now
from coordinator.channels import registry
from coordinator.channels.wordpress.transport import WordpressTransport
from tests import sample_media
from tests.coordinator.channels.fakes import MORNING, MemorySecrets, loopback_client, medium, message, video
from tests.coordinator.installation import Installation, Staff, until
from tests.coordinator.jobs import scripted_site
from tests.peers.wordpress import Post, WordPress, running

pytestmark = [pytest.mark.peer, pytest.mark.minutes]

BEFORE = timedelta(minutes=7)  # how long before the test the posts are dated; a post of tomorrow would not be out
VACCINES = "\n\n".join(
    f"Tại phường {n}, buổi tiêm chiều bắt đầu lúc {12 + n} giờ và nhận {n * 37} trẻ; phụ huynh mang theo sổ tiêm, "
    f"đăng ký ở bàn số {n}."
    for n in range(1, 9)
)
NEW_VACCINES = "".join(
    f"<p>Tại phường {n}, buổi tiêm dời sang {n % 3 + 8} giờ sáng vì trạm y tế nhận thêm {n * 53} liều; phụ huynh gọi "
    f"số 1900 00{n}{n} để đổi lịch.</p>"
    for n in range(1, 9)
)
STREETS = "\n\n".join(
    f"Tuyến phố thứ {n} chỉ cho xe đi một chiều sau {12 + n} giờ, dự kiến giảm {n * 37} lượt xe mỗi giờ; biển báo mới "
    f"đã dựng ở đầu ngõ {n}."
    for n in range(1, 9)
)
FOOTBALL = "".join(f"<p>Đội bóng của phường thắng trận thứ {n} nhờ bàn thắng ở những phút cuối.</p>" for n in range(9))
FOLLOWED, EDITED, DELETED = "Lịch tiêm tại tám phường", "Lịch tiêm bù cho trẻ ở xa", "Tám tuyến phố đổi chiều xe"
TEXTS = {FOLLOWED: VACCINES, EDITED: scripted_site.BODY, DELETED: STREETS}


@dataclass(frozen=True)
class Story:
    """An installation at work, and the partner's WordPress."""

    here: Installation
    staff: Staff
    site: WordPress
    partner: str

    def published(self) -> list[str]:
        """The three bulletins, out; their codes."""
        codes = []
        for title, text in TEXTS.items():
            draft = self.staff.post(
                "writer",
                "/bulletins",
                {"title": title, "lead": "Tin của thành phố.", "body_text": text, "topic": "dich-benh"},
            )
            path = f"/bulletins/{draft['code']}"
            self.staff.post("writer", f"{path}/submit")
            self.staff.post("approver", f"{path}/approve", {"revision_hash": draft["revision_hash"]})
            self.staff.post("approver", f"{path}/publish", {})
            codes.append(draft["code"])
        return codes

    def taken(self) -> dict[str, str]:
        """What the partner's own feed hands it: each bulletin's HTML by its title."""
        read = feedparser.parse(f"{self.here.base}/feeds/{self.partner}/rss.xml")
        return {entry.title: entry.content[0].value for entry in read.entries}

    def watches(self, **sources: list[str]) -> None:
        """The directory names the site, and where it lists its new pages."""
        self.staff.post(
            "admin",
            "/sites",
            {"partner": "nhip-song", "name": "Nhịp Sông", "url": f"{self.site.url}/", "kind": "aggregator", **sources},
        )

    def copy(self, code: str) -> dict[str, Any]:
        """The one copy of a bulletin; empty while there is none."""
        found = self.staff.get("analyst", f"/republications?bulletin={code}")["items"]
        assert len(found) <= 1, found
        return dict(found[0]) if found else {}

    def comes_to(self, code: str, **wanted: str) -> dict[str, Any]:
        """The copy, once it is so."""

        def reached() -> bool:
            values = self.copy(code)
            return all(values.get(name) == value for name, value in wanted.items())

        until(f"the copy of {code} is {wanted}; it is {self.copy(code)}", reached)
        return self.copy(code)


def _again(copy: dict[str, Any]) -> bool:
    return bool(copy["checked_at"] > copy["confirmed_at"])


@pytest.fixture(scope="session")
def wordpress() -> Iterator[WordPress]:
    """One WordPress for all tests of the session; each removes the posts it made."""
    with running() as site:
        yield site


@pytest.fixture
def story(wordpress: WordPress, tmp_path: Path) -> Iterator[Story]:
    with Installation(tmp_path / "data") as here:
        keys = here.prepared("writer", "approver", "analyst", "admin")
        here.serve()
        staff = Staff(here.base, keys)
        until("serve answers", here.alive)
        staff.post("admin", "/partners", {"code": "nhip-song", "name": "Công ty Nhịp Sông"})
        staff.post("admin", "/channels", {"kind": "feed", "name": "Tự lấy", "partner": "nhip-song", "settings": {}})
        yield Story(here, staff, wordpress, here.did("key", "add", "Nguồn tin", "--partner", "nhip-song"))


@pytest.fixture
def posts(wordpress: WordPress) -> Iterator[list[Post]]:
    """The posts a test made, taken down after it."""
    made: list[Post] = []
    yield made
    for post in made:
        wordpress.remove(post)


def republished(story: Story, posts: list[Post]) -> tuple[list[str], datetime]:
    """Three bulletins out, and on the partner's site as its feed gave them; their codes, and the date of the posts."""
    codes = story.published()
    at = (utc_now() - BEFORE).replace(microsecond=0)
    taken = story.taken()
    assert set(taken) == set(TEXTS)
    posts += [story.site.publish(title, taken[title], at=at) for title in TEXTS]
    return codes, at


@pytest.mark.promise("Find")
def test_three_copies_are_found_by_the_feed_one_is_edited_and_one_deleted(story: Story, posts: list[Post]) -> None:
    codes, at = republished(story, posts)
    story.watches(feeds=[f"{story.site.url}/feed/"])
    for code, post in zip(codes, posts, strict=True):
        values = story.comes_to(code, status="confirmed")
        assert (values["match"], values["attribution"], values["life"]) == ("full", "linked_at_end", "live")
        assert values["canonical_url"] == post.url.rstrip("/")  # our one form of an address has no slash at its end
        assert values["share"] > 0.9
        # To the minute, from what the theme or the feed shows; WordPress itself keeps seconds.
        astimezone = datetime.fromisoformat(values["published_at"]).astimezone(UTC)
        assert astimezone.replace(second=0) == at.replace(second=0)
    followed, edited, deleted = zip(codes, posts, strict=True)

    # We correct one text; its copy is behind until the editor takes the new one. Of another they keep one paragraph of
    # five, and one they throw away.
    story.staff.post("approver", f"/bulletins/{followed[0]}/correct", {"body_html": NEW_VACCINES, "note": "Sai giờ"})
    story.site.edit(edited[1], content=f"<p>{scripted_site.PARTS[0]}</p>{FOOTBALL}")
    story.site.trash(deleted[1])

    behind = story.comes_to(followed[0], life="changed")
    assert (behind["revision"], behind["stale"]) == (1, True)
    story.site.edit(followed[1], content=story.taken()[FOLLOWED])
    now_new = story.comes_to(followed[0], life="live")
    assert (now_new["revision"], now_new["stale"], now_new["match"]) == (2, False, "full")
    shortened = story.comes_to(edited[0], match="excerpt")
    assert shortened["share"] < 0.5
    gone = story.comes_to(deleted[0], life="gone")
    assert gone["gone_at"] > gone["confirmed_at"]
    # Counted once for ever, whatever became of them.
    assert [story.copy(code)["status"] for code in codes] == ["confirmed"] * 3
    assert story.here.did("journal", "verify").startswith("journal whole: ")


@pytest.mark.parametrize(("kind", "path"), [("sitemaps", "/wp-sitemap.xml"), ("listings", "/")])
def test_the_same_copies_are_found_by_its_other_lists(story: Story, posts: list[Post], kind: str, path: str) -> None:
    codes, _ = republished(story, posts)
    story.watches(**{kind: [f"{story.site.url}{path}"]})
    for code, post in zip(codes, posts, strict=True):
        values = story.comes_to(code, status="confirmed")
        assert (values["match"], values["attribution"]) == ("full", "linked_at_end")
        assert values["canonical_url"] == post.url.rstrip("/")  # our one form of an address has no slash at its end


PICTURE = Path(__file__).parents[2] / "docs" / "screens" / "today.png"


@dataclass
class Handed:
    """The channel that hands bulletins to the partner's WordPress, tried without the product around it."""

    site: WordPress

    def adapter(self, password: str | None = None, **values: str) -> WordpressTransport:
        entered = {"site_url": self.site.url, "user": self.site.user, "password": password or self.site.password}
        plain, secrets = registry.check_settings("wordpress", {**entered, **values})
        made = registry.build_transport(
            "wordpress", ChannelSettings("wp", plain), MemorySecrets(**secrets), loopback_client()
        )
        assert isinstance(made, WordpressTransport)
        return made


@pytest.fixture
def handed(wordpress: WordPress) -> Iterator[Handed]:
    yield Handed(wordpress)
    for post in wordpress.all_posts():
        wordpress.remove(Post(post["id"], post["link"]))


def test_a_post_is_handed_in_published_by_the_partner_corrected_and_taken_down(handed: Handed) -> None:
    channel, site = handed.adapter(), handed.site
    cover = CoverFile("0123456789abcdef0123456789abcdef", "image/png", "Bảng tin của Sở", PICTURE.read_bytes())
    receipt = channel.send(message(cover=cover))
    assert receipt.detail == "waits there as pending"
    (post,) = site.all_posts()
    assert (str(post["id"]), post["status"], post["slug"]) == (receipt.remote_id, "pending", "bt-2026-11-24-001")
    assert post["title"]["raw"] == message().title
    lead = f"<p><strong>{message().lead}</strong></p>\n"
    assert post["content"]["raw"].startswith(f"{lead}{message().body_html}")
    assert site.picture(post["featured_media"])["alt_text"] == "Bảng tin của Sở"

    site.edit(Post(post["id"], post["link"]), status="publish")
    new = {"note": "Sai ngày", "lead": "Sapo mới.", "body_html": "<p>Chữ mới.</p>"}
    correction = channel.send(message(DeliveryAct.CORRECT, remote_id=receipt.remote_id, **new))
    (corrected,) = site.all_posts()
    assert (corrected["status"], correction.detail) == ("publish", "")
    page = requests.get(str(correction.url), timeout=30).text
    assert "Chữ mới." in page
    assert "Sapo mới." in page
    assert channel.counts(correction).comments == 0

    gone = channel.send(message(DeliveryAct.RECALL, remote_id=receipt.remote_id, remote_url=correction.url))
    assert gone.detail == ""
    assert site.all_posts() == []
    assert requests.get(str(correction.url), timeout=30).status_code == 404
    again = channel.send(message(DeliveryAct.RECALL, remote_id=receipt.remote_id))
    assert again.detail == "the post was in the bin already"


@pytest.mark.promise("Deliver")
def test_a_post_whose_answer_was_lost_is_found_and_never_made_twice(handed: Handed) -> None:
    channel = handed.adapter(status="draft")
    assert channel.find(message(), MORNING) is None
    first = channel.send(message())
    found = channel.find(message(), MORNING)
    assert found is not None
    assert found.remote_id == first.remote_id
    assert channel.send(message()).remote_id == first.remote_id
    assert len(handed.site.all_posts()) == 1


def test_the_test_button_tells_a_right_password_from_a_wrong_one(handed: Handed) -> None:
    assert "may write, pictures too" in handed.adapter().test().detail
    with pytest.raises(TransportError, match="application password is wrong"):
        handed.adapter(password="aaaa bbbb cccc dddd eeee ffff").test()


def test_the_product_hands_a_bulletin_to_wordpress(story: Story, handed: Handed) -> None:
    site = handed.site
    settings = {"site_url": site.url, "user": site.user, "password": site.password}
    made = story.staff.post(
        "admin", "/channels", {"kind": "wordpress", "name": "Nhịp Sông", "partner": "nhip-song", "settings": settings}
    )
    code = story.staff.publish("Tám trạm y tế mở cửa sớm")
    until("WordPress has the post", lambda: [post["slug"] for post in site.all_posts()] == [code.lower()])
    assert "password" not in str(story.staff.get("admin", f"/channels/{made['code']}")["settings"])
    story.staff.post("approver", f"/bulletins/{code}/recall", {"reason": "Trạm y tế đổi giờ"})
    until("WordPress has thrown it away", lambda: site.all_posts() == [])


@pytest.mark.promise("Deliver")
def test_a_video_and_an_audio_are_files_of_the_site_with_poster_and_captions_and_uploaded_once(handed: Handed) -> None:
    sample_media.need_ffmpeg()
    channel, site = handed.adapter(status="publish"), handed.site
    film = video()
    sound = medium("audio", "audio/mpeg", sample_media.audio(), seconds=3.0, alt="Bản tin đọc")
    receipt = channel.send(message(media=(film, sound)))
    assert receipt.detail == ""
    (post,) = site.all_posts()
    html = post["content"]["raw"]
    shown = lxml.html.fromstring(requests.get(str(receipt.url), timeout=30).content)
    (played,) = shown.xpath("//figure[contains(@class, 'wp-block-video')]/video")
    assert played.get("src").startswith(site.url)
    assert requests.get(played.get("src"), timeout=30).content == film.read()
    assert film.poster is not None
    assert requests.get(played.get("poster"), timeout=30).content == film.poster.read()
    (track,) = played.xpath("track[@kind='captions']")
    assert requests.get(track.get("src"), timeout=30).text == sample_media.CAPTIONS
    (heard,) = shown.xpath("//figure[contains(@class, 'wp-block-audio')]/audio")
    assert requests.get(heard.get("src"), timeout=30).content == sound.read()

    def read_again() -> bytes:
        raise AssertionError("the site has the file")

    known = tuple(
        replace(one, read=read_again, poster=one.poster and replace(one.poster, read=read_again))
        for one in (replace(film, captions=film.captions and replace(film.captions, read=read_again)), sound)
    )
    channel.send(message(DeliveryAct.CORRECT, remote_id=receipt.remote_id, media=known))
    (corrected,) = site.all_posts()
    assert corrected["content"]["raw"] == html


@pytest.mark.promise("Deliver")
def test_a_file_that_the_site_refuses_is_a_link_and_the_receipt_says_so(handed: Handed) -> None:
    unknown = medium("video", "video/mp4", b"this is no video at all", alt="Y tá tiêm")
    receipt = handed.adapter().send(message(media=(unknown,)))
    assert "without its video" in receipt.detail
    (post,) = handed.site.all_posts()
    assert f'<a href="{unknown.url}">Xem video: Y tá tiêm</a>' in post["content"]["raw"]
