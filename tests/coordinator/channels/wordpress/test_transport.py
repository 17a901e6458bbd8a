"""The WordPress adapter against answers made by hand; the real one is in ``tests/peers``."""

import json
from typing import Any

import pytest

from campaigns.channels.transport import ChannelNeed, ChannelSettings, CoverFile, DeliveryAct, Receipt, TransportError
from campaigns.core.errors import Invalid
from coordinator.channels import registry
from coordinator.channels.wordpress.transport import WordpressTransport
from coordinator.http.errors import RequestError, RequestErrorKind
from coordinator.http.responses import HttpResponse
from tests.coordinator.channels.fakes import MORNING, Clock, MemorySecrets, ScriptedHttpClient, medium, message, reply

SITE = "https://doi-tac.example"
PASSWORD = "abcd EFGH 1234 ijkl MNOP 5678"
FRONT = reply(200, link=f'<{SITE}/wp-json/>; rel="https://api.w.org/"')
SLUG = "bt-2026-11-24-001"


def json_answer(code: int = 200, /, **fields: Any) -> HttpResponse:
    return reply(code, json.dumps(fields).encode())


def listed(*posts: dict[str, Any]) -> HttpResponse:
    return reply(200, json.dumps(posts).encode())


def post(number: int = 7, state: str = "pending") -> dict[str, Any]:
    return {"id": number, "slug": SLUG, "link": f"{SITE}/?p={number}", "status": state}


def built(*answers: HttpResponse | Exception, **values: Any) -> tuple[WordpressTransport, ScriptedHttpClient]:
    http_client = ScriptedHttpClient(list(answers))
    _, secrets = registry.check_settings("wordpress", {"site_url": SITE, "user": "so", "password": PASSWORD})
    settings = ChannelSettings("wp", {"site_url": SITE, "user": "so", **values})
    adapter = registry.build_transport("wordpress", settings, MemorySecrets(**secrets), http_client, now=Clock())
    assert isinstance(adapter, WordpressTransport)
    return adapter, http_client


def sent(http_client: ScriptedHttpClient, at: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(http_client.sent[at].body or b"")
    return found


def test_a_bulletin_becomes_a_post_that_waits_for_the_partners_editor() -> None:
    adapter, http_client = built(FRONT, listed(), json_answer(201, **post()))
    receipt = adapter.send(message())
    assert receipt == Receipt(remote_id="7", url=f"{SITE}/?p=7", status=200, detail="waits there as pending")
    made = sent(http_client, 2)
    assert (made["slug"], made["status"], made["comment_status"]) == (SLUG, "pending", "closed")
    assert made["content"].endswith(f'<p>Nguồn: <a href="{message().url}">Sở Thông tin Thủ đô</a></p>')
    assert made["excerpt"] == message().lead


def test_a_reader_of_the_post_gets_the_lead_before_the_text() -> None:
    adapter, http_client = built(FRONT, listed(), json_answer(201, **post()))
    adapter.send(message(lead="Từ 1 < 2 giờ."))
    assert sent(http_client, 2)["content"].startswith(
        f"<p><strong>Từ 1 &lt; 2 giờ.</strong></p>\n{message().body_html}"
    )
    adapter, http_client = built(FRONT, listed(), json_answer(201, **post()))
    adapter.send(message(lead=""))
    assert sent(http_client, 2)["content"].startswith(message().body_html)


def test_the_slug_is_looked_for_in_every_state_before_a_post_is_made() -> None:
    adapter, http_client = built(FRONT, listed(post(3, "publish")), json_answer(**post(3, "publish")))
    assert adapter.send(message()).remote_id == "3"
    assert f"slug={SLUG}" in http_client.sent[1].url
    assert "status=any" in http_client.sent[1].url
    changed = sent(http_client, 2)
    assert http_client.sent[2].url.endswith("/wp/v2/posts/3")
    assert "status" not in changed  # what the partner published stays published
    assert "slug" not in changed


def test_after_a_lost_answer_the_post_is_found_by_its_slug_and_not_made_twice() -> None:
    adapter, _ = built(FRONT, listed(), RequestError("timed out", kind=RequestErrorKind.TIMEOUT, sent=True))
    with pytest.raises(TransportError) as lost:
        adapter.send(message())
    assert lost.value.outcome_unknown
    adapter, _ = built(FRONT, listed(post()))
    found = adapter.find(message(), MORNING)
    assert found is not None
    assert found.remote_id == "7"
    adapter, _ = built(FRONT, listed())
    assert adapter.find(message(), MORNING) is None


def test_a_correction_changes_the_post_by_its_number_and_says_what_was_corrected() -> None:
    adapter, http_client = built(FRONT, json_answer(**post(state="publish")))
    receipt = adapter.send(message(DeliveryAct.CORRECT, remote_id="7", note="Sai <ngày>"))
    assert receipt.detail == ""
    assert "<strong>Đính chính:</strong> Sai &lt;ngày&gt;" in sent(http_client, 1)["content"]


def test_a_correction_of_a_post_that_the_partner_removed_says_so() -> None:
    gone = json_answer(404, code="rest_post_invalid_id", message="Invalid post ID.", data={"status": 404})
    adapter, _ = built(FRONT, gone)
    with pytest.raises(TransportError, match="rest_post_invalid_id") as refused:
        adapter.send(message(DeliveryAct.CORRECT, remote_id="7"))
    assert refused.value.permanent


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (200, "", ""),
        (410, "rest_already_trashed", "the post was in the bin already"),
        (404, "rest_post_invalid_id", "the site had removed the post"),
    ],
)
def test_a_recall_puts_the_post_into_the_bin_or_finds_it_gone(status: int, code: str, said: str) -> None:
    adapter, http_client = built(FRONT, json_answer(status, code=code, id=7))
    receipt = adapter.send(message(DeliveryAct.RECALL, remote_id="7", remote_url=f"{SITE}/bai"))
    assert http_client.sent[1].method == "DELETE"
    assert receipt == Receipt(remote_id="7", url=f"{SITE}/bai", status=status, detail=said)


def test_a_wrong_password_asks_for_another_one() -> None:
    adapter, _ = built(FRONT, json_answer(401, code="rest_cannot_create", message="Sorry"))
    with pytest.raises(TransportError, match="application password is wrong") as refused:
        adapter.test()
    assert refused.value.needs is ChannelNeed.AUTHORISATION


def test_an_account_that_may_not_publish_is_reported_by_the_test_button() -> None:
    me = json_answer(id=2, name="Sở", capabilities={"edit_posts": True})
    assert "no pictures: it lacks upload_files" in built(FRONT, me)[0].test().detail
    with pytest.raises(TransportError, match="lacks publish_posts"):
        built(FRONT, me, status="publish")[0].test()


def test_the_password_goes_to_no_other_site_than_the_one_that_was_entered() -> None:
    elsewhere = reply(200, link='<https://la.example/wp-json/>; rel="https://api.w.org/"')
    adapter, http_client = built(elsewhere, listed(), json_answer(201, **post()))
    adapter.send(message())
    assert all(one.url.startswith(SITE) for one in http_client.sent)
    assert "Authorization" not in http_client.sent[0].headers
    adapter, http_client = built(reply(301, location="https://www.doi-tac.example/"))
    with pytest.raises(TransportError, match=r"sends on to https://www\.doi-tac\.example/") as moved:
        adapter.send(message())
    assert moved.value.permanent
    assert len(http_client.sent) == 1


def test_a_site_without_readable_addresses_is_asked_by_its_route() -> None:
    front = reply(200, link=f'<{SITE}/index.php?rest_route=/>; rel="https://api.w.org/"')
    adapter, http_client = built(front, listed(), json_answer(201, **post()))
    adapter.send(message())
    assert http_client.sent[1].url.startswith(f"{SITE}/index.php?rest_route=/wp/v2/posts&slug=")
    assert http_client.sent[2].url == f"{SITE}/index.php?rest_route=/wp/v2/posts"


def test_html_for_json_is_a_failure_that_may_pass_and_a_wall_is_named() -> None:
    adapter, _ = built(FRONT, reply(200, b"<html>Bao tri</html>"))
    with pytest.raises(TransportError, match="not WordPress's list") as failed:
        adapter.send(message())
    assert not failed.value.permanent
    adapter, _ = built(FRONT, reply(403, b"<html>blocked</html>"))
    with pytest.raises(TransportError, match="in front of the site") as blocked:
        adapter.send(message())
    assert not blocked.value.permanent


def test_an_answer_to_a_new_post_that_is_not_wordpresss_leaves_it_in_doubt() -> None:
    adapter, _ = built(FRONT, listed(), reply(200, b"ok"))
    with pytest.raises(TransportError) as failed:
        adapter.send(message())
    assert failed.value.outcome_unknown


COVER = CoverFile("0123456789abcdef0123456789abcdef", "image/jpeg", "Trạm y tế phường", b"\xff\xd8picture")


def test_the_lead_picture_is_uploaded_once_with_what_it_shows() -> None:
    adapter, http_client = built(
        FRONT, listed(), listed(), json_answer(201, id=9), json_answer(id=9), json_answer(201, **post())
    )
    adapter.send(message(cover=COVER))
    assert f"slug={SLUG}-0123456789ab" in http_client.sent[2].url
    assert http_client.sent[3].body == COVER.body
    assert http_client.sent[3].headers["Content-Disposition"] == f'attachment; filename="{SLUG}-0123456789ab.jpg"'
    assert sent(http_client, 4) == {"alt_text": COVER.alt}
    assert sent(http_client, 5)["featured_media"] == 9
    adapter, http_client = built(FRONT, listed(), listed({"id": 9}), json_answer(201, **post()))
    adapter.send(message(cover=COVER))
    assert sent(http_client, 3)["featured_media"] == 9


def test_a_site_that_takes_no_picture_gets_the_text_and_the_receipt_says_so() -> None:
    refused = json_answer(403, code="rest_cannot_create", message="not allowed to upload")
    adapter, http_client = built(FRONT, listed(), listed(), refused, json_answer(201, **post()))
    receipt = adapter.send(message(cover=COVER))
    assert "without its picture" in receipt.detail
    assert "featured_media" not in sent(http_client, 4)
    adapter, _ = built(FRONT, listed(), listed(), reply(503))
    with pytest.raises(TransportError) as later:
        adapter.send(message(cover=COVER))
    assert not later.value.outcome_unknown  # no post was made yet


def test_comments_are_counted() -> None:
    adapter, _ = built(FRONT, reply(200, b"[]", X_WP_Total="12"))
    assert adapter.counts(Receipt(remote_id="7")).comments == 12
    assert adapter.counts(Receipt()).comments is None


@pytest.mark.parametrize("entered", ["mat khau dang nhap", "abcd EFGH", "abcd EFGH 1234 ijkl MNOP 567!"])
def test_what_is_no_application_password_is_refused_when_it_is_entered(entered: str) -> None:
    with pytest.raises(Invalid, match="application password"):
        registry.check_settings("wordpress", {"site_url": SITE, "user": "so", "password": entered})


def test_a_file_that_the_site_kept_before_it_failed_is_shown_and_one_that_it_did_not_keep_is_a_link() -> None:
    paper = medium("document", "application/pdf", b"%PDF-1.4", alt="Lịch tiêm")
    there = listed({"id": 9, "source_url": f"{SITE}/tep.pdf"})
    adapter, http_client = built(FRONT, listed(), listed(), reply(500), there, json_answer(201, **post()))
    assert "without" not in adapter.send(message(media=(paper,))).detail
    assert f'<a href="{SITE}/tep.pdf">Xem tài liệu: Lịch tiêm</a>' in sent(http_client, 5)["content"]
    adapter, http_client = built(FRONT, listed(), listed(), reply(500), listed(), json_answer(201, **post()))
    assert "without its document: answered 500" in adapter.send(message(media=(paper,))).detail
    assert f'<a href="{paper.url}">Xem tài liệu: Lịch tiêm</a>' in sent(http_client, 5)["content"]


def test_a_site_that_is_away_gets_the_whole_post_later() -> None:
    adapter, _ = built(FRONT, listed(), listed(), reply(503))
    with pytest.raises(TransportError) as later:
        adapter.send(message(media=(medium("document", "application/pdf", b"%PDF-1.4"),)))
    assert (later.value.permanent, later.value.outcome_unknown) == (False, False)
