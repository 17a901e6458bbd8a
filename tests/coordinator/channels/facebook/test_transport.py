"""The Facebook adapter. Facebook has no sandbox: every response here is written by hand from its documentation."""

import json
from datetime import timedelta
from typing import Any

import pytest

from campaigns.channels.transport import (
    ChannelNeed,
    ChannelSettings,
    CoverFile,
    DeliveryAct,
    PostCounts,
    Receipt,
    TransportError,
)
from campaigns.core.errors import Invalid
from coordinator.channels import registry
from coordinator.channels.facebook.errors import THROTTLED_RETRY_AFTER
from coordinator.channels.facebook.transport import FacebookTransport
from coordinator.http.errors import RequestError, RequestErrorKind
from coordinator.http.responses import HttpResponse
from tests.coordinator.channels.fakes import MORNING, Clock, MemorySecrets, ScriptedHttpClient, message, reply

TOKEN, PAGE = "EAAcanarycanarycanary", "1029384756"
POST = f"{PAGE}_41"
ADDRESS = "https://www.facebook.com/so/posts/41"


def scripted(item: Any, status: int = 200) -> HttpResponse:
    """An answer of ours, in the documented form."""
    return reply(status, json.dumps(item).encode())


def refusal(code: int, status: int = 400, **more: Any) -> HttpResponse:
    return scripted({"error": {"message": f"as Facebook says it, {TOKEN}", "code": code, "type": "X", **more}}, status)


def built(*answers: HttpResponse | Exception, **values: Any) -> tuple[FacebookTransport, ScriptedHttpClient]:
    http_client = ScriptedHttpClient(list(answers))
    settings = ChannelSettings("fb", {"page_id": PAGE, **values})
    adapter = registry.build_transport("facebook", settings, MemorySecrets(page_token=TOKEN), http_client, now=Clock())
    assert isinstance(adapter, FacebookTransport)
    return adapter, http_client


def failed(*answers: HttpResponse | Exception, act: DeliveryAct = DeliveryAct.PUBLISH) -> TransportError:
    adapter, _ = built(*answers)
    with pytest.raises(TransportError) as exception_info:
        adapter.send(message(act, **({} if act is DeliveryAct.PUBLISH else {"remote_id": POST, "note": "x"})))
    return exception_info.value


def listed(text: str = "", made: str = "2026-11-24T01:00:00+0000", ident: str = POST) -> HttpResponse:
    row = {"id": ident, "message": text or f"… {message().url}", "created_time": made, "permalink_url": ADDRESS}
    return scripted({"data": [row]})


def test_a_post_carries_text_source_and_link_and_its_address_is_asked_for() -> None:
    adapter, http_client = built(scripted({"id": POST}), scripted({"permalink_url": ADDRESS}))
    assert adapter.send(message()) == Receipt(remote_id=POST, url=ADDRESS, status=200)
    made, asked = http_client.sent
    fields = json.loads(made.body or b"")
    assert made.url == f"https://graph.facebook.com/v27.0/{PAGE}/feed"
    assert (fields["link"], fields["published"]) == (message().url, True)
    assert fields["message"].startswith(message().title)
    assert fields["message"].endswith(f"Nguồn: Sở Thông tin Thủ đô\n{message().url}")
    assert asked.url.endswith(f"/{POST}?fields=permalink_url")
    assert {sent.headers["Authorization"] for sent in http_client.sent} == {f"Bearer {TOKEN}"}
    assert not any(TOKEN in sent.url for sent in http_client.sent)


def test_an_address_that_cannot_be_read_costs_only_itself() -> None:
    adapter, _ = built(scripted({"id": POST}), refusal(1, 500))
    assert adapter.send(message()) == Receipt(remote_id=POST, url=None, status=200)


def test_a_correction_changes_the_post_and_a_recall_deletes_it() -> None:
    adapter, http_client = built(scripted({"success": True}), scripted({"success": True}))
    adapter.send(message(DeliveryAct.CORRECT, remote_id=POST, remote_url=ADDRESS, note="Sai ngày"))
    assert "Đính chính: Sai ngày" in json.loads(http_client.sent[0].body or b"")["message"]
    receipt = adapter.send(message(DeliveryAct.RECALL, remote_id=POST, remote_url=ADDRESS, note="Sai"))
    assert (http_client.sent[1].method, http_client.sent[1].url.rpartition("/")[2]) == ("DELETE", POST)
    assert receipt.url == ADDRESS
    adapter, _ = built(scripted({"error": {"code": 100, "message": f"Object with ID {POST} does not exist"}}, 400))
    assert adapter.send(message(DeliveryAct.RECALL, remote_id=POST)).detail == "the post was not there any more"


def test_a_post_whose_address_alone_is_known_is_looked_for() -> None:
    adapter, http_client = built(listed("Bài khác"), scripted({"success": True}))
    adapter.send(message(DeliveryAct.RECALL, remote_url=ADDRESS))
    assert http_client.sent[1].url.endswith(POST)
    assert failed_unknown(DeliveryAct.CORRECT).permanent
    adapter, _ = built(scripted({"data": []}))
    assert "not among the newest" in adapter.send(message(DeliveryAct.RECALL, remote_url=ADDRESS)).detail


def failed_unknown(act: DeliveryAct) -> TransportError:
    adapter, _ = built(scripted({"data": []}))
    with pytest.raises(TransportError) as exception_info:
        adapter.send(message(act, note="x"))
    return exception_info.value


def test_a_lost_post_is_found_by_the_bulletins_address_and_its_time() -> None:
    adapter, _ = built(listed(), listed("Bài khác"), listed(made="2026-11-24T00:58:00+0000"), scripted({"data": []}))
    found = adapter.find(message(), MORNING)
    assert found is not None
    assert (found.remote_id, found.url) == (POST, ADDRESS)
    for _ in range(3):
        assert adapter.find(message(), MORNING) is None
    assert adapter.find(message(DeliveryAct.CORRECT), MORNING) is None
    adapter, _ = built(refusal(190))
    with pytest.raises(TransportError) as exception_info:
        adapter.find(message(), MORNING - timedelta(hours=1))
    assert exception_info.value.outcome_unknown
    assert not exception_info.value.permanent


def test_a_text_facebook_has_already_is_looked_up_and_not_posted_again() -> None:
    adapter, http_client = built(refusal(506), listed())
    assert adapter.send(message()).remote_id == POST
    assert [sent.method for sent in http_client.sent] == ["POST", "GET"]
    assert failed(refusal(506), scripted({"data": []})).permanent


# Code, status and further fields; what it needs, whether it is for good, in doubt, how long it waits.
TABLE: list[tuple[int, int, dict[str, Any], ChannelNeed, bool, bool, float | None]] = [
    (1, 500, {}, ChannelNeed.NOTHING, False, True, None),
    (2, 503, {}, ChannelNeed.NOTHING, False, True, None),
    (99, 400, {"is_transient": True}, ChannelNeed.NOTHING, False, True, None),
    *(
        (code, 400, {}, ChannelNeed.NOTHING, False, False, THROTTLED_RETRY_AFTER)
        for code in (4, 17, 32, 341, 613, 80001)
    ),
    *((code, 400, {}, ChannelNeed.AUTHORISATION, False, False, None) for code in (190, 102, 368)),
    (190, 401, {"error_subcode": 463}, ChannelNeed.AUTHORISATION, False, False, None),
    *((code, 403, {}, ChannelNeed.NOTHING, True, False, None) for code in (3, 10, 200, 299)),
    (100, 400, {}, ChannelNeed.NOTHING, True, False, None),
    (0, 500, {}, ChannelNeed.NOTHING, False, True, None),
]


@pytest.mark.parametrize(("code", "status", "more", "needs", "permanent", "doubt", "waits"), TABLE)
def test_every_documented_code_means_what_the_table_says(
    code: int, status: int, more: dict[str, Any], needs: ChannelNeed, permanent: bool, doubt: bool, waits: float | None
) -> None:
    error = failed(refusal(code, status, **more))
    assert (error.needs, error.permanent, error.outcome_unknown, error.retry_after) == (needs, permanent, doubt, waits)
    assert TOKEN not in str(error)
    again = failed(refusal(code, status, **more), act=DeliveryAct.CORRECT)
    assert not again.outcome_unknown, "changing a post twice is changing it once"


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"error": "no"}'])
def test_an_answer_that_is_not_facebooks_leaves_a_new_post_in_doubt(body: bytes) -> None:
    assert failed(reply(200, body)).outcome_unknown
    assert failed(scripted({})).outcome_unknown, "a yes without an id"
    assert not failed(reply(404, body)).outcome_unknown


def test_a_broken_line_is_in_doubt_only_for_a_new_post() -> None:
    lost = RequestError("timed out", kind=RequestErrorKind.TIMEOUT, sent=True)
    assert failed(lost).outcome_unknown
    assert not failed(lost, act=DeliveryAct.RECALL).outcome_unknown


def test_numbers_are_read_and_views_may_be_missing() -> None:
    values = {
        "shares": {"count": 3},
        "reactions": {"summary": {"total_count": 21}},
        "comments": {"summary": {"total_count": 4}},
    }
    views = {"data": [{"name": "post_media_view", "values": [{"value": 900}]}]}
    adapter, _ = built(scripted(values), scripted(views))
    assert adapter.counts(Receipt(remote_id=POST)) == PostCounts(views=900, likes=21, shares=3, comments=4)
    adapter, _ = built(scripted(values), refusal(100))
    assert adapter.counts(Receipt(remote_id=POST)) == PostCounts(likes=21, shares=3, comments=4)
    adapter, _ = built(scripted({}), scripted({"data": []}))
    assert adapter.counts(Receipt(remote_id=POST)) == PostCounts()
    assert adapter.counts(Receipt()) == PostCounts()
    adapter, _ = built(scripted(values), refusal(190))
    with pytest.raises(TransportError):
        adapter.counts(Receipt(remote_id=POST))


def test_trying_it_asks_whose_token_it_is() -> None:
    adapter, http_client = built(scripted({"id": PAGE, "name": "Sở Thông tin"}))
    assert "Sở Thông tin" in adapter.test().detail
    assert http_client.sent[0].method == "GET"
    adapter, _ = built(scripted({"id": "5", "name": "Người khác"}))
    with pytest.raises(TransportError) as exception_info:
        adapter.test()
    assert exception_info.value.needs is ChannelNeed.AUTHORISATION


def test_settings_are_checked() -> None:
    with pytest.raises(Invalid) as refused:
        registry.check_settings("facebook", {"page_id": "so", "version": "25", "page_token": "a b"})
    assert {error.field for error in refused.value.errors} == {
        "settings.page_id",
        "settings.version",
        "settings.page_token",
    }
    with pytest.raises(Invalid):
        registry.check_settings("facebook", {"page_id": PAGE})


COVER = CoverFile("0123456789abcdef0123456789abcdef", "image/jpeg", "Trạm y tế", b"\xff\xd8picture")


def test_the_picture_is_uploaded_unpublished_and_the_post_shows_it() -> None:
    adapter, http_client = built(
        scripted({"id": "555"}), scripted({"id": POST}), scripted({"permalink_url": ADDRESS})
    )  # fmt: skip
    assert adapter.send(message(cover=COVER)) == Receipt(remote_id=POST, url=ADDRESS, status=200)
    upload, made, _ = http_client.sent
    assert upload.url.endswith(f"/{PAGE}/photos")
    assert upload.headers["Content-Type"].startswith("multipart/form-data; boundary=")
    assert COVER.body in (upload.body or b"")
    assert b'name="published"' in (upload.body or b"")
    fields = json.loads(made.body or b"")
    assert fields["attached_media"] == [{"media_fbid": "555"}]
    assert "link" not in fields
    assert message().url in fields["message"]


def test_a_picture_that_is_refused_leaves_the_link_and_is_reported() -> None:
    adapter, http_client = built(refusal(324), scripted({"id": POST}), scripted({}))
    assert "without its picture: Facebook error 324" in adapter.send(message(cover=COVER)).detail
    assert json.loads(http_client.sent[1].body or b"")["link"] == message().url
    adapter, http_client = built(scripted({"id": POST}), scripted({}), post_picture="false")
    adapter.send(message(cover=COVER))
    assert http_client.sent[0].url.endswith("/feed")


def test_an_upload_with_a_lost_answer_is_not_in_doubt_and_a_lost_post_is() -> None:
    lost = RequestError("timed out", kind=RequestErrorKind.TIMEOUT, sent=True)
    for answers, doubt in (((lost,), False), ((scripted({"id": "555"}), lost), True)):
        adapter, _ = built(*answers)
        with pytest.raises(TransportError) as exception_info:
            adapter.send(message(cover=COVER))
        assert exception_info.value.outcome_unknown is doubt
        assert not exception_info.value.permanent


def test_a_retired_figure_costs_neither_the_next_one_nor_the_other_counts() -> None:
    counts = scripted({"shares": {"count": 2}})
    adapter, http_client = built(
        counts, refusal(100), scripted({"data": [{"values": [{"value": 31}]}]}),
        views_metrics="post_impressions,post_media_view",
    )  # fmt: skip
    assert adapter.counts(Receipt(remote_id=POST)) == PostCounts(views=31, shares=2)
    assert http_client.sent[2].url.endswith("metric=post_media_view")
    adapter, http_client = built(counts, refusal(100))
    assert adapter.counts(Receipt(remote_id=POST)) == PostCounts(shares=2)
