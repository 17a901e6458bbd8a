"""The Facebook adapter. Facebook has no sandbox: every answer here is OURS, written by hand after its documentation."""

import json
from datetime import timedelta
from typing import Any

import pytest

from campaigns.core.errors import Invalid
from campaigns.publishing.transport import Act, ChannelSettings, Counts, Needs, Receipt, TransportError
from coordinator.channels import registry
from coordinator.channels.facebook import FacebookTransport
from coordinator.channels.facebook_errors import THROTTLE_WAIT
from coordinator.http import Answer, DoorError, DoorErrorKind
from tests.coordinator.channels.fakes import MORNING, Clock, KeptVault, ScriptedDoor, message, reply

TOKEN, PAGE = "EAAcanarycanarycanary", "1029384756"
POST = f"{PAGE}_41"
ADDRESS = "https://www.facebook.com/so/posts/41"


def scripted(told: Any, status: int = 200) -> Answer:
    """An answer of ours, in the documented form."""
    return reply(status, json.dumps(told).encode())


def refusal(code: int, status: int = 400, **more: Any) -> Answer:
    return scripted({"error": {"message": f"as Facebook says it, {TOKEN}", "code": code, "type": "X", **more}}, status)


def built(*answers: Answer | Exception, **values: Any) -> tuple[FacebookTransport, ScriptedDoor]:
    door = ScriptedDoor(list(answers))
    settings = ChannelSettings("fb", {"page_id": PAGE, **values})
    adapter = registry.build("facebook", settings, KeptVault(page_token=TOKEN), door, now=Clock())
    assert isinstance(adapter, FacebookTransport)
    return adapter, door


def failed(*answers: Answer | Exception, act: Act = Act.PUBLISH) -> TransportError:
    adapter, _ = built(*answers)
    with pytest.raises(TransportError) as caught:
        adapter.send(message(act, **({} if act is Act.PUBLISH else {"remote_id": POST, "note": "x"})))
    return caught.value


def listed(text: str = "", made: str = "2026-11-24T01:00:00+0000", ident: str = POST) -> Answer:
    row = {"id": ident, "message": text or f"… {message().url}", "created_time": made, "permalink_url": ADDRESS}
    return scripted({"data": [row]})


def test_a_post_carries_text_source_and_link_and_its_address_is_asked_for() -> None:
    adapter, door = built(scripted({"id": POST}), scripted({"permalink_url": ADDRESS}))
    assert adapter.send(message()) == Receipt(remote_id=POST, url=ADDRESS, status=200)
    made, asked = door.sent
    fields = json.loads(made.body or b"")
    assert made.url == f"https://graph.facebook.com/v25.0/{PAGE}/feed"
    assert (fields["link"], fields["published"]) == (message().url, True)
    assert fields["message"].startswith(message().title)
    assert fields["message"].endswith(f"Nguồn: Sở Thông tin Thủ đô\n{message().url}")
    assert asked.url.endswith(f"/{POST}?fields=permalink_url")
    assert {sent.headers["Authorization"] for sent in door.sent} == {f"Bearer {TOKEN}"}
    assert not any(TOKEN in sent.url for sent in door.sent)


def test_an_address_that_cannot_be_read_costs_only_itself() -> None:
    adapter, _ = built(scripted({"id": POST}), refusal(1, 500))
    assert adapter.send(message()) == Receipt(remote_id=POST, url=None, status=200)


def test_a_correction_changes_the_post_and_a_recall_deletes_it() -> None:
    adapter, door = built(scripted({"success": True}), scripted({"success": True}))
    adapter.send(message(Act.CORRECT, remote_id=POST, remote_url=ADDRESS, note="Sai ngày"))
    assert "Đính chính: Sai ngày" in json.loads(door.sent[0].body or b"")["message"]
    receipt = adapter.send(message(Act.RECALL, remote_id=POST, remote_url=ADDRESS, note="Sai"))
    assert (door.sent[1].method, door.sent[1].url.rpartition("/")[2]) == ("DELETE", POST)
    assert receipt.url == ADDRESS
    adapter, _ = built(scripted({"error": {"code": 100, "message": f"Object with ID {POST} does not exist"}}, 400))
    assert adapter.send(message(Act.RECALL, remote_id=POST)).detail == "the post was not there any more"


def test_a_post_whose_address_alone_is_known_is_looked_for() -> None:
    adapter, door = built(listed("Bài khác"), scripted({"success": True}))
    adapter.send(message(Act.RECALL, remote_url=ADDRESS))
    assert door.sent[1].url.endswith(POST)
    assert failed_unknown(Act.CORRECT).permanent
    adapter, _ = built(scripted({"data": []}))
    assert "not among the newest" in adapter.send(message(Act.RECALL, remote_url=ADDRESS)).detail


def failed_unknown(act: Act) -> TransportError:
    adapter, _ = built(scripted({"data": []}))
    with pytest.raises(TransportError) as caught:
        adapter.send(message(act, note="x"))
    return caught.value


def test_a_lost_post_is_found_by_the_bulletins_address_and_its_time() -> None:
    adapter, _ = built(listed(), listed("Bài khác"), listed(made="2026-11-24T00:58:00+0000"), scripted({"data": []}))
    found = adapter.find(message(), MORNING)
    assert found is not None
    assert (found.remote_id, found.url) == (POST, ADDRESS)
    for _ in range(3):
        assert adapter.find(message(), MORNING) is None
    assert adapter.find(message(Act.CORRECT), MORNING) is None
    adapter, _ = built(refusal(190))
    with pytest.raises(TransportError) as caught:
        adapter.find(message(), MORNING - timedelta(hours=1))
    assert caught.value.outcome_unknown
    assert not caught.value.permanent


def test_a_text_facebook_has_already_is_looked_up_and_not_posted_again() -> None:
    adapter, door = built(refusal(506), listed())
    assert adapter.send(message()).remote_id == POST
    assert [sent.method for sent in door.sent] == ["POST", "GET"]
    assert failed(refusal(506), scripted({"data": []})).permanent


# Code, status and further fields; what it needs, whether it is for good, in doubt, how long it waits.
TABLE: list[tuple[int, int, dict[str, Any], Needs, bool, bool, float | None]] = [
    (1, 500, {}, Needs.NOTHING, False, True, None),
    (2, 503, {}, Needs.NOTHING, False, True, None),
    (99, 400, {"is_transient": True}, Needs.NOTHING, False, True, None),
    *((code, 400, {}, Needs.NOTHING, False, False, THROTTLE_WAIT) for code in (4, 17, 32, 341, 613, 80001)),
    *((code, 400, {}, Needs.AUTHORISATION, False, False, None) for code in (190, 102, 368)),
    (190, 401, {"error_subcode": 463}, Needs.AUTHORISATION, False, False, None),
    *((code, 403, {}, Needs.NOTHING, True, False, None) for code in (3, 10, 200, 299)),
    (100, 400, {}, Needs.NOTHING, True, False, None),
    (0, 500, {}, Needs.NOTHING, False, True, None),
]


@pytest.mark.parametrize(("code", "status", "more", "needs", "permanent", "doubt", "waits"), TABLE)
def test_every_documented_code_means_what_the_table_says(
    code: int, status: int, more: dict[str, Any], needs: Needs, permanent: bool, doubt: bool, waits: float | None
) -> None:
    error = failed(refusal(code, status, **more))
    assert (error.needs, error.permanent, error.outcome_unknown, error.retry_after) == (needs, permanent, doubt, waits)
    assert TOKEN not in str(error)
    again = failed(refusal(code, status, **more), act=Act.CORRECT)
    assert not again.outcome_unknown, "changing a post twice is changing it once"


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"error": "no"}'])
def test_an_answer_that_is_not_facebooks_leaves_a_new_post_in_doubt(body: bytes) -> None:
    assert failed(reply(200, body)).outcome_unknown
    assert failed(scripted({})).outcome_unknown, "a yes without an id"
    assert not failed(reply(404, body)).outcome_unknown


def test_a_broken_line_is_in_doubt_only_for_a_new_post() -> None:
    lost = DoorError("timed out", kind=DoorErrorKind.TIMEOUT, sent=True)
    assert failed(lost).outcome_unknown
    assert not failed(lost, act=Act.RECALL).outcome_unknown


def test_numbers_are_read_and_views_may_be_missing() -> None:
    told = {
        "shares": {"count": 3},
        "reactions": {"summary": {"total_count": 21}},
        "comments": {"summary": {"total_count": 4}},
    }
    views = {"data": [{"name": "post_media_view", "values": [{"value": 900}]}]}
    adapter, _ = built(scripted(told), scripted(views))
    assert adapter.counts(Receipt(remote_id=POST)) == Counts(views=900, likes=21, shares=3, comments=4)
    adapter, _ = built(scripted(told), refusal(100))
    assert adapter.counts(Receipt(remote_id=POST)) == Counts(likes=21, shares=3, comments=4)
    adapter, _ = built(scripted({}), scripted({"data": []}))
    assert adapter.counts(Receipt(remote_id=POST)) == Counts()
    assert adapter.counts(Receipt()) == Counts()
    adapter, _ = built(scripted(told), refusal(190))
    with pytest.raises(TransportError):
        adapter.counts(Receipt(remote_id=POST))


def test_trying_it_asks_whose_token_it_is() -> None:
    adapter, door = built(scripted({"id": PAGE, "name": "Sở Thông tin"}))
    assert "Sở Thông tin" in adapter.test().detail
    assert door.sent[0].method == "GET"
    adapter, _ = built(scripted({"id": "5", "name": "Người khác"}))
    with pytest.raises(TransportError) as caught:
        adapter.test()
    assert caught.value.needs is Needs.AUTHORISATION


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
