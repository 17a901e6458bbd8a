"""Editors of a partner: access, links and their expiry, on both databases."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.core.errors import Conflict, Forbidden, Invalid, NotFound
from campaigns.partners.editor_access import (
    LINK_LASTS,
    begin_visit,
    close_visits,
    find_editor_link,
    find_visit,
    make_editor_link,
    open_editor_links,
    use_editor_link,
)
from campaigns.partners.editors import Editor, add_editor, change_editor, close_portal, find_editor, open_portal
from campaigns.people.sessions import EDITOR_LIMITS, record_use
from tests.factories import ADMIN, ANALYST, NOW, company


@pytest.fixture
def lan(session: Session) -> Editor:
    """An editor of a partner."""
    return add_editor(session, ADMIN, company(session), email=" Lan@NhipSong.vn ", name="Ngọc Lan", now=NOW)


def test_an_editor_acts_under_an_address_that_is_no_colleagues(lan: Editor) -> None:
    assert lan.actor.id == "editor:lan@nhipsong.vn"
    assert lan.actor.name == f"Ngọc Lan, {lan.company.name}"
    assert lan.actor.role is None


@pytest.mark.parametrize(
    ("email", "name", "fields"),
    [("lan", "Lan", ["email"]), ("a b@c.vn", "", ["email", "name"]), ("a@b.vn", "x" * 121, ["name"])],
)
def test_who_has_no_address_or_no_name_is_not_invited(
    session: Session, email: str, name: str, fields: list[str]
) -> None:
    with pytest.raises(Invalid) as refused:
        add_editor(session, ADMIN, company(session), email=email, name=name, now=NOW)
    assert [error.field for error in refused.value.errors] == fields


def test_one_person_may_work_for_two_partners_and_is_invited_once_by_each(session: Session, lan: Editor) -> None:
    other = add_editor(session, ADMIN, company(session), email=lan.email, name="Lan", now=NOW)
    assert other.id != lan.id
    with pytest.raises(Conflict, match="already"):
        add_editor(session, ADMIN, lan.company, email=lan.email, name="Lan", now=NOW)
    with pytest.raises(NotFound):
        find_editor(session, lan.company, other.public)


def test_only_an_administrator_lets_partners_in(session: Session, lan: Editor) -> None:
    for act in (
        lambda: add_editor(session, ANALYST, lan.company, email="b@c.vn", name="B", now=NOW),
        lambda: make_editor_link(session, ANALYST, lan, now=NOW),
        lambda: change_editor(session, ANALYST, lan, active=False, now=NOW),
        lambda: close_portal(session, ANALYST, lan.company, now=NOW),
    ):
        with pytest.raises(Forbidden):
            act()


def test_a_link_works_once_and_the_next_one_ends_it(session: Session, lan: Editor) -> None:
    first = make_editor_link(session, ADMIN, lan, now=NOW)
    second = make_editor_link(session, ADMIN, lan, now=NOW)
    assert find_editor_link(session, first.secret, now=NOW) is None
    assert find_editor_link(session, second.secret, now=NOW + LINK_LASTS - timedelta(seconds=1)) is not None
    assert find_editor_link(session, second.secret, now=NOW + LINK_LASTS) is None
    assert list(open_editor_links(session, [lan], now=NOW)) == [lan.id]
    assert use_editor_link(session, second.secret, now=NOW) is lan
    assert open_editor_links(session, [lan], now=NOW) == {}
    with pytest.raises(NotFound):
        use_editor_link(session, second.secret, now=NOW)


def test_a_visit_ends_by_disuse_by_age_and_by_who_may_end_it(session: Session, lan: Editor) -> None:
    visit = begin_visit(session, lan, device="Chrome · Windows", now=NOW)
    assert find_visit(session, visit.token, now=NOW + EDITOR_LIMITS.idle - timedelta(seconds=1)) is not None
    assert find_visit(session, visit.token, now=NOW + EDITOR_LIMITS.idle) is None
    record_use(session, visit.row.id, now=NOW + EDITOR_LIMITS.longest - timedelta(days=1))
    session.expire_all()
    assert find_visit(session, visit.token, now=NOW + EDITOR_LIMITS.longest - timedelta(seconds=1)) is not None
    assert find_visit(session, visit.token, now=NOW + EDITOR_LIMITS.longest) is None
    assert find_visit(session, visit.token + "x", now=NOW) is None
    assert close_visits(session, [lan], now=NOW) == 1
    session.expire_all()
    assert find_visit(session, visit.token, now=NOW) is None


@pytest.mark.parametrize("how", ["switched off", "portal closed"])
def test_a_closed_door_holds_for_links_and_visits_at_once(session: Session, lan: Editor, how: str) -> None:
    link, visit = make_editor_link(session, ADMIN, lan, now=NOW), begin_visit(session, lan, device="", now=NOW)
    if how == "switched off":
        change_editor(session, ADMIN, lan, active=False, now=NOW)
    else:
        close_portal(session, ADMIN, lan.company, now=NOW)
    assert find_editor_link(session, link.secret, now=NOW) is None
    assert find_visit(session, visit.token, now=NOW) is None
    with pytest.raises(Conflict):
        make_editor_link(session, ADMIN, lan, now=NOW)


def test_a_portal_is_closed_and_opened_once(session: Session, lan: Editor) -> None:
    with pytest.raises(Conflict, match="open"):
        open_portal(session, ADMIN, lan.company, now=NOW)
    close_portal(session, ADMIN, lan.company, now=NOW)
    with pytest.raises(Conflict, match="closed"):
        close_portal(session, ADMIN, lan.company, now=NOW)
    open_portal(session, ADMIN, lan.company, now=NOW)
    session.commit()
    acts = session.execute(sa.select(journal.JournalEntry.act).order_by(journal.JournalEntry.seq)).scalars().all()
    assert acts[-3:] == ["editor.invited", "partner.portal_closed", "partner.portal_opened"]
