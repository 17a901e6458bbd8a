"""Blocks of Webmention senders, and invalid patterns."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.core.errors import Conflict, Invalid, NotFound
from campaigns.discovery import webmentions
from campaigns.discovery.webmentions import SenderBlocked, WebmentionBlock, matches
from tests.factories import ADMIN, NOW


@pytest.mark.parametrize(
    ("pattern", "address", "stopped"),
    [
        ("rac.example", "https://rac.example/1", True),
        ("rac.example", "http://www.RAC.example:8080/1", True),
        ("rac.example", "https://a.b.rac.example/", True),
        ("rac.example", "https://khongrac.example/", False),
        ("rac.example", "https://rac.example.khac.example/", False),
        ("*.rac.example", "https://x.rac.example/", True),
        ("*-rac.example", "https://mua-rac.example/", True),
        ("rac.example/tin/*", "https://rac.example/tin/1", True),
        ("https://rac.example/tin/*", "http://rac.example/tin/1", True),
        ("rac.example/tin/*", "https://rac.example/khac", False),
        ("rac.example/tin/*", "https://khac.example/?u=rac.example/tin/1", False),
    ],
)
def test_a_pattern_stops_a_host_with_all_below_it_or_addresses_of_a_form(
    pattern: str, address: str, stopped: bool
) -> None:
    assert matches(pattern, address) is stopped


def test_a_block_is_journalled_with_its_reason_and_stops_its_sender(session: Session) -> None:
    row = webmentions.add_block(session, ADMIN.id, " Rac.Example ", "Quảng cáo", now=NOW)
    with pytest.raises(SenderBlocked):
        webmentions.check_sender(session, "https://www.rac.example/1")
    webmentions.check_sender(session, "https://khac.example/1")
    with pytest.raises(Conflict):
        webmentions.add_block(session, ADMIN.id, "rac.example", "Lại nữa", now=NOW)
    webmentions.remove_block(session, ADMIN.id, row.public, now=NOW)
    webmentions.check_sender(session, "https://www.rac.example/1")
    with pytest.raises(NotFound):
        webmentions.remove_block(session, ADMIN.id, row.public, now=NOW)
    session.commit()
    acts = [(entry.act, entry.details) for entry in journal.history(session, "mention_block", row.public)]
    assert [act for act, _ in acts] == ["mention.blocked", "mention.unblocked"]
    assert "Quảng cáo" in acts[0][1]


@pytest.mark.parametrize(
    "pattern", ["", "  ", "*", "*.*", "localhost", "a b.example", "/tin/*", "*./x", "x" * 400 + ".vn"]
)
def test_what_is_no_host_is_refused(session: Session, pattern: str) -> None:
    with pytest.raises(Invalid) as exception_info:
        webmentions.add_block(session, ADMIN.id, pattern, "", now=NOW)
    assert {error.field for error in exception_info.value.errors} == {"pattern", "reason"}
    assert session.execute(sa.select(WebmentionBlock)).first() is None
