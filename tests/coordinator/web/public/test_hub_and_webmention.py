"""The hub and the Webmention receiver: what is accepted, and the one line that says why a request is rejected."""

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from campaigns.delivery import websub_subscriptions
from campaigns.delivery.websub_subscriptions import SubscriptionState, WebsubSubscription
from campaigns.discovery.sightings import Page, Sighting, SightingMethod
from campaigns.republications.republications import Republication
from tests import factories
from tests.coordinator.web.application import BASE, FORMS, RunningApplication

CALLBACK = "https://doc.example/nghe"


def subscribe(outside: RunningApplication, **changed: str | None) -> TestResponse:
    form = {"hub.mode": "subscribe", "hub.topic": f"{BASE}/feeds/atom.xml", "hub.callback": CALLBACK}
    form |= {f"hub.{name}": value for name, value in changed.items()}  # type: ignore[dict-item]  # None: left out below
    return outside.client.post("/hub", data={name: value for name, value in form.items() if value is not None})


def mention(outside: RunningApplication, **form: str) -> TestResponse:
    return outside.client.post("/webmention", data=form)


def rows(outside: RunningApplication) -> list[WebsubSubscription]:
    with outside.database.read() as session:
        return list(session.execute(sa.select(WebsubSubscription)).scalars())


@pytest.mark.parametrize("name", FORMS)
def test_every_feed_can_be_subscribed_to_by_the_address_in_its_self_link(
    outside: RunningApplication, name: str
) -> None:
    _, key = outside.partner("Nhịp Sông")
    for path in (f"/feeds/{name}", f"/feeds/{key}/{name}", f"/feeds/{name}?topic=dich-benh&limit=5"):
        answer = outside.get(path)
        own = next(part for part in answer.headers["Link"].split(", ") if 'rel="self"' in part)
        hub = next(part for part in answer.headers["Link"].split(", ") if 'rel="hub"' in part)
        assert hub.startswith(f"<{BASE}/hub>")
        assert subscribe(outside, topic=own[1:].partition(">")[0]).status_code == 202, own
    assert len(rows(outside)) == 3


def test_a_subscription_waits_for_its_callback_and_keeps_its_secret_encrypted(outside: RunningApplication) -> None:
    answer = subscribe(outside, secret="bi mat cua nguoi nghe", lease_seconds="86400")
    assert (answer.status_code, answer.content_type) == (202, "text/plain; charset=utf-8")
    row = rows(outside)[0]
    assert (row.state, row.lease_seconds, row.due_at) == (SubscriptionState.VERIFYING, 86400, outside.office.now())
    assert "bi mat" not in (row.pending_secret or "")
    assert outside.office.encryption.decrypt(row.pending_secret) == {"secret": "bi mat cua nguoi nghe"}
    assert outside.runner.kinds == ["websub"]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"mode": None}, "hub.mode"),
        ({"mode": "publish"}, "hub.mode must be subscribe or unsubscribe"),
        ({"topic": None}, "hub.topic"),
        ({"topic": "https://khac.example/feeds/atom.xml"}, "is not a feed of this hub"),
        ({"topic": f"{BASE}/feeds/atom.xml?after="}, "hub.topic"),
        ({"topic": f"{BASE}/feeds/atom.xml?limit=999"}, "hub.topic"),
        ({"topic": f"{BASE}/bulletins/BT-2026-11-24-001"}, "hub.topic"),
        ({"callback": None}, "hub.callback is missing"),
        ({"callback": "ftp://doc.example/"}, "hub.callback must begin with http:// or https://"),
        ({"callback": "https://a:b@doc.example/"}, "must not contain a user name"),
        ({"callback": "https://doc.example/#x"}, "fragment"),
        ({"callback": "https://doc.example/" + "a" * 1000}, "at most 1000 characters"),
        ({"callback": "https://doc.example/a b"}, "without spaces"),
        ({"lease_seconds": "mai"}, "not a number of seconds"),
        ({"secret": "x" * 200}, "fewer than 200 bytes"),
    ],
)
def test_a_bad_subscription_is_answered_with_which_field_is_wrong(
    outside: RunningApplication, changed: dict[str, str | None], words: str
) -> None:
    answer = subscribe(outside, **changed)
    assert (answer.status_code, answer.content_type) == (400, "text/plain; charset=utf-8")
    assert words in answer.text
    assert len(answer.text.splitlines()) == 1
    assert rows(outside) == []
    assert outside.runner.kinds == []


def test_all_that_is_wrong_is_reported_at_once(outside: RunningApplication) -> None:
    text = outside.client.post("/hub", data={}).text
    assert [word in text for word in ("hub.mode", "hub.callback", "hub.topic")] == [True, True, True]


def test_unsubscribing_from_what_nobody_subscribed_to_is_accepted_and_changes_nothing(
    outside: RunningApplication,
) -> None:
    assert subscribe(outside, mode="unsubscribe").status_code == 202
    assert rows(outside) == []


def test_a_host_has_its_share_of_subscriptions_and_no_more(
    outside: RunningApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websub_subscriptions, "MOST_AT_ONE_HOST", 2)
    answers = [subscribe(outside, callback=f"https://a.example/{number}") for number in range(3)]
    assert [response.status_code for response in answers] == [202, 202, 429]
    assert "a.example has 2 subscriptions" in answers[2].text
    assert subscribe(outside, callback="https://a.example/0").status_code == 202  # the same subscription
    assert subscribe(outside, callback="https://b.example/").status_code == 202


def test_callbacks_that_never_answer_do_not_fill_the_table(
    outside: RunningApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websub_subscriptions, "MOST_REQUESTED", 2)
    answers = [subscribe(outside, callback=f"https://{name}.example/") for name in "abc"]
    assert [response.status_code for response in answers] == [202, 202, 429]
    assert answers[2].headers["Retry-After"] == "60"
    with outside.database.write() as session:
        row = session.execute(sa.select(WebsubSubscription).order_by(WebsubSubscription.id).limit(1)).scalar_one()
        websub_subscriptions.confirm_subscription(session, row, now=outside.office.now())
    assert subscribe(outside, callback="https://c.example/").status_code == 202


def test_the_hub_and_the_receiver_take_posts_only(outside: RunningApplication) -> None:
    for path in ("/hub", "/webmention"):
        answer = outside.get(path, 405)
        assert "POST" in answer.headers["Allow"]


def test_a_mention_from_a_registered_site_is_noted_to_be_read(outside: RunningApplication) -> None:
    with outside.database.write() as session:
        factories.site(session, url="https://tin.example/")
    code = outside.publish()
    target = f"{BASE}/bulletins/{code}"
    for _ in range(2):
        answer = mention(outside, source="https://tin.example/tin/9", target=target)
        assert (answer.status_code, answer.text) == (202, "accepted; the page will be read\n")
    with outside.database.read() as session:
        assert session.execute(sa.select(Sighting.how)).scalars().all() == [SightingMethod.ANNOUNCED]
        copy = session.execute(sa.select(Republication)).scalar_one()
        assert (copy.status.value, copy.level.value) == ("candidate", "announced")
    assert "page_check" in outside.runner.kinds


def test_a_bad_mention_gets_a_reason_and_leaves_nothing(outside: RunningApplication) -> None:
    with outside.database.write() as session:
        factories.site(session, url="https://tin.example/")
    code, planned = outside.publish(), outside.schedule("Chưa ra")
    source, target = "https://tin.example/tin/9", f"{BASE}/bulletins/{code}"
    for form, words in (
        ({"target": target}, "source: is missing"),
        ({"source": source}, "target: is missing"),
        ({"source": "javascript:1", "target": target}, "source: must be an http or https address"),
        ({"source": target, "target": target}, "source: must be another page than target"),
        ({"source": source, "target": "https://khac.example/bulletins/x"}, "target: is not a bulletin of ours"),
        ({"source": source, "target": f"{BASE}/feeds/rss.xml"}, "target: is not a bulletin of ours"),
        ({"source": source, "target": f"{BASE}/bulletins/{planned}"}, "target: there is no such bulletin"),
        ({"source": source, "target": f"{BASE}/bulletins/BT-2026-11-24-999"}, "target: there is no such bulletin"),
    ):
        answer = mention(outside, **form)
        assert (answer.status_code, answer.content_type) == (400, "text/plain; charset=utf-8"), form
        assert words in answer.text, form
    with outside.database.read() as session:
        assert session.execute(sa.select(Page)).first() is None
    assert outside.runner.kinds == []


def test_a_nul_character_in_a_form_is_a_400(outside_both: RunningApplication) -> None:
    code = outside_both.publish()
    target = f"{BASE}/bulletins/{code}"
    assert mention(outside_both, source="https://tin.example/\0", target=target).status_code == 400
    assert subscribe(outside_both, callback="https://doc.example/\0").status_code == 400
    assert subscribe(outside_both, secret="a\0b").status_code == 400
