"""Bulletins by mail, sent to a real server on loopback."""

from dataclasses import replace
from email.message import EmailMessage
from typing import Any

import pytest

from campaigns.bulletins.formatting import split_paragraphs
from campaigns.channels.transport import ChannelNeed, ChannelSettings, DeliveryAct, TransportError
from campaigns.core.errors import Invalid
from coordinator.channels import registry
from coordinator.channels.email.transport import EmailTransport
from coordinator.jobs.channels.adapters import OutgoingMailServer
from coordinator.mail.smtp import MailServer
from tests.coordinator.channels.fakes import Clock, MemorySecrets, ScriptedHttpClient, medium, message, video
from tests.coordinator.live_server import free_port
from tests.coordinator.mail.recording_server import recording_mail_server

LEAVE = "https://tin.thudo.example/unsubscribe/toa-soan.0123"


def channel(port: int | None) -> EmailTransport:
    server = (
        MailServer.from_address(f"smtp://127.0.0.1:{port}", "", "Sở <tin@so.example>") if port is not None else None
    )
    settings = ChannelSettings("toa-soan", {"address": "toasoan@bao.example"})
    made = registry.build_transport(
        "email", settings, MemorySecrets(), ScriptedHttpClient([]), mail=OutgoingMailServer(server), now=Clock()
    )
    assert isinstance(made, EmailTransport)
    return made


def mailed(act: DeliveryAct = DeliveryAct.PUBLISH, **changes: Any) -> tuple[EmailMessage, str | None]:
    with recording_mail_server() as box:
        receipt = channel(box.port).send(message(act, leave_url=LEAVE, **changes))
    (found,) = box.letters
    return found, receipt.remote_id


def part(letter: EmailMessage, kind: str) -> str:
    found = letter.get_body((kind,))
    assert isinstance(found, EmailMessage)
    return str(found.get_content()).replace("\r\n", "\n")


def test_a_bulletin_is_one_letter_to_one_address_plain_and_as_html() -> None:
    letter, ident = mailed()
    assert (letter["To"], letter["Subject"]) == ("toasoan@bao.example", message().title)
    assert letter["Message-ID"] == ident == f"<{message().key}@so.example>"
    assert letter["List-Unsubscribe"] == f"<{LEAVE}>"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert (letter["List-Id"], letter["Auto-Submitted"]) == ("<ban-tin.so.example>", "auto-generated")
    plain, html = part(letter, "plain"), part(letter, "html")
    for text in (message().title, message().lead, message().url, LEAVE):
        assert text in plain
        assert text in html
    assert message().paragraphs[1] in plain
    assert "<p>Mang theo thẻ bảo hiểm.</p>" in html


def test_lists_and_tables_stay_such_in_both_parts_and_pictures_stay_out() -> None:
    body = (
        "<ul><li>Trạm A &amp; B</li><li>Trạm C</li></ul><table><tbody><tr><td>Thứ hai</td></tr></tbody></table>"
        '<p><img src="https://tin.thudo.example/pictures/a.jpg" alt="Trạm"></p>'
    )
    letter, _ = mailed(body_html=body, paragraphs=split_paragraphs("- Trạm A & B\n- Trạm C\n\nThứ hai"))
    html = part(letter, "html")
    assert body[: body.index("<p>")] in html
    assert "<img" not in html
    assert "- Trạm A & B\n- Trạm C\n\nThứ hai\n" in part(letter, "plain")


def test_a_letter_loads_nothing_so_that_nobody_learns_who_reads_it() -> None:
    html = part(mailed(cover_url="https://tin.thudo.example/pictures/a.jpg")[0], "html")
    assert not [tag for tag in ("<img", "<link", "<script", "<iframe", "url(") if tag in html]


def test_words_of_a_bulletin_are_nothing_but_words() -> None:
    letter, _ = mailed(title="Tin\r\nBcc: moi@nguoi.example", lead="<script>alert(1)</script>")
    assert letter["Bcc"] is None
    assert letter["Subject"] == "Tin Bcc: moi@nguoi.example"
    assert "<script" not in part(letter, "html")


def test_a_correction_and_a_recall_answer_the_letter_they_are_about() -> None:
    first = f"<{message().key}@so.example>"
    letter, _ = mailed(DeliveryAct.CORRECT, key="dlv_2", remote_id=first, note="Sai ngày")
    assert (letter["In-Reply-To"], letter["Subject"]) == (first, f"Đính chính: {message().title}")
    assert part(letter, "plain").startswith("Đính chính: Sai ngày\n")
    letter, _ = mailed(DeliveryAct.RECALL, key="dlv_3", remote_id=first, note="Số liệu chưa đúng")
    assert letter["Subject"] == "Thu hồi bản tin BT-2026-11-24-001"
    assert "Lý do: Số liệu chưa đúng" in part(letter, "plain")
    assert message().title not in part(letter, "plain")


@pytest.mark.parametrize(("answer", "permanent"), [("451 hop thu dang ban", False), ("550 khong co hop thu nay", True)])
def test_an_address_that_is_refused_for_now_is_tried_again_and_one_refused_for_good_is_not(
    answer: str, permanent: bool
) -> None:
    with recording_mail_server() as box:
        box.refuses.append(answer)
        with pytest.raises(TransportError, match=answer[4:]) as refused:
            channel(box.port).send(message())
        assert box.letters == []
    assert (refused.value.permanent, refused.value.outcome_unknown) == (permanent, False)


def test_a_line_that_breaks_while_the_letter_is_taken_leaves_it_in_doubt_and_one_before_does_not() -> None:
    with recording_mail_server() as box:
        box.breaks = 1
        with pytest.raises(TransportError) as lost:
            channel(box.port).send(message())
        assert len(box.letters) == 1  # it has gone out: sending it again would be a second letter
    assert (lost.value.outcome_unknown, lost.value.permanent) == (True, False)
    with pytest.raises(TransportError) as nobody:
        channel(free_port()).send(message())
    assert (nobody.value.outcome_unknown, nobody.value.permanent) == (False, False)


def test_a_second_try_has_the_same_ident_as_the_first() -> None:
    with recording_mail_server() as box:
        for _ in range(2):
            channel(box.port).send(message())
    assert len({letter["Message-ID"] for letter in box.letters}) == 1


def test_the_test_button_asks_the_mail_server_and_mails_nothing() -> None:
    with recording_mail_server() as box:
        assert "answers" in channel(box.port).test().detail
        assert box.letters == []
    with pytest.raises(TransportError, match="no mail server is set up") as missing:
        channel(None).test()
    assert missing.value.needs is ChannelNeed.AUTHORISATION


@pytest.mark.parametrize(
    "entered", ["toasoan", "a@b", "a b@bao.example", "Ai Đó <a@bao.example>", "a@bao.example, b@bao.example"]
)
def test_what_is_no_single_address_is_refused_when_it_is_entered(entered: str) -> None:
    with pytest.raises(Invalid, match="one mail address"):
        registry.check_settings("email", {"address": entered})


def test_a_video_is_its_poster_within_the_letter_and_a_link_to_play_it() -> None:
    film = video()
    assert film.poster is not None
    letter, _ = mailed(media=(film,))
    html = part(letter, "html")
    assert f'<a href="{film.url}">' in html
    assert "Xem video: Y tá tiêm cho trẻ" in html
    assert f"Xem video: Y tá tiêm cho trẻ\n{film.url}\n" in part(letter, "plain")
    (picture,) = [one for one in letter.walk() if one.get_content_maintype() == "image"]
    assert picture.get_payload(decode=True) == film.poster.read()
    assert f'src="cid:{str(picture["Content-ID"]).strip("<>")}"' in html
    assert "src=" not in html.replace('src="cid:', "")


def test_a_large_poster_and_a_document_are_links_alone_and_a_recall_has_none() -> None:
    film = video()
    large = replace(film, poster=replace(film.poster, length=1_000_001))
    paper = medium("document", "application/pdf", b"%PDF-1.4", alt="Lịch tiêm")
    letter, _ = mailed(media=(large, paper))
    assert [one for one in letter.walk() if one.get_content_maintype() == "image"] == []
    html = part(letter, "html")
    assert f'<a href="{large.url}">Xem video' in html
    assert f'<a href="{paper.url}">Xem tài liệu: Lịch tiêm</a>' in html
    gone, _ = mailed(DeliveryAct.RECALL, media=(film,))
    assert film.url not in part(gone, "html")


def test_a_poster_that_cannot_be_read_keeps_the_letter_back() -> None:
    def lost() -> bytes:
        raise OSError("the disk is away")

    film = video()
    assert film.poster is not None
    with recording_mail_server() as box, pytest.raises(TransportError, match="the picture cannot be read"):
        channel(box.port).send(message(media=(replace(film, poster=replace(film.poster, read=lost)),)))
    assert box.letters == []
