"""Open forms: kept for their author alone, never one over another, and settled once."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from campaigns.core.errors import Conflict, Forbidden, Invalid
from campaigns.publishing import working
from campaigns.publishing.working import KEPT, MOST_BYTES, PRESENT
from tests import factories
from tests.factories import ANALYST, APPROVER, NOW, WRITER

FORM = "ab" * 16
OTHER = "cd" * 16
TYPED = {"title": ["Lịch tiêm"]}


def test_each_keeping_counts_up_and_one_from_an_older_tab_is_refused(session: Session) -> None:
    first = working.keep(session, WRITER, FORM, TYPED, bulletin=None, base=None, version=0, now=NOW)
    assert first.version == 1
    again = working.keep(session, WRITER, FORM, {"title": ["Khác"]}, bulletin=None, base=None, version=1, now=NOW)
    assert (again.version, again.fields) == (2, {"title": ["Khác"]})
    with pytest.raises(Conflict) as old:
        working.keep(session, WRITER, FORM, TYPED, bulletin=None, base=None, version=1, now=NOW)
    assert old.value.code == "form_elsewhere"
    with pytest.raises(Conflict):
        working.keep(session, APPROVER, FORM, TYPED, bulletin=None, base=None, version=2, now=NOW)
    assert working.own(session, APPROVER, FORM) is None
    own = working.own(session, WRITER, FORM)
    assert own is not None
    assert own.fields == {"title": ["Khác"]}


def test_others_see_that_a_form_is_open_while_it_says_so_and_never_what_it_holds(session: Session) -> None:
    bulletin = factories.draft(session)
    working.touch(session, WRITER, FORM, bulletin, now=NOW)
    assert [one.name for one in working.beside(session, APPROVER, bulletin, now=NOW)] == ["Minh An"]
    assert working.beside(session, WRITER, bulletin, now=NOW) == []
    assert working.beside(session, APPROVER, bulletin, now=NOW + PRESENT) == []
    assert working.left_open(session, WRITER, bulletin) == []  # open, but nothing was typed
    working.keep(session, WRITER, FORM, TYPED, bulletin=bulletin, base=1, version=0, now=NOW)
    assert [one.ident for one in working.left_open(session, WRITER, bulletin)] == [FORM]
    assert working.left_open(session, APPROVER, bulletin) == []
    assert working.left_open(session, WRITER, None) == []


def test_a_form_becomes_one_bulletin_and_no_other(session: Session) -> None:
    first, second = factories.draft(session), factories.draft(session)
    working.keep(session, WRITER, FORM, TYPED, bulletin=None, base=None, version=0, now=NOW)
    working.settle(session, WRITER, FORM, first, now=NOW)
    working.settle(session, WRITER, FORM, first, now=NOW)
    for act in (
        lambda: working.settle(session, WRITER, FORM, second, now=NOW),
        lambda: working.keep(session, WRITER, FORM, TYPED, bulletin=None, base=None, version=1, now=NOW),
    ):
        with pytest.raises(Conflict) as settled:
            act()
        assert (settled.value.code, settled.value.params["bulletin"]) == ("form_saved", first.code)
    assert working.left_open(session, WRITER, first) == []
    assert working.beside(session, APPROVER, first, now=NOW) == []


def test_what_nobody_comes_back_to_is_swept_and_nothing_else(session: Session) -> None:
    bulletin = factories.draft(session)
    working.keep(session, WRITER, FORM, TYPED, bulletin=bulletin, base=1, version=0, now=NOW)
    working.touch(session, APPROVER, OTHER, bulletin, now=NOW)
    working.sweep(session, now=NOW + timedelta(days=2))
    assert working.own(session, WRITER, FORM) is not None
    working.touch(session, APPROVER, OTHER, bulletin, now=NOW + timedelta(days=2))  # gone, so made anew
    working.sweep(session, now=NOW + KEPT + timedelta(seconds=1))
    assert working.own(session, WRITER, FORM) is None


def test_who_may_not_write_keeps_nothing_and_what_is_no_form_is_refused(session: Session) -> None:
    with pytest.raises(Forbidden):
        working.keep(session, ANALYST, FORM, TYPED, bulletin=None, base=None, version=0, now=NOW)
    with pytest.raises(Invalid):
        working.keep(session, WRITER, "../x", TYPED, bulletin=None, base=None, version=0, now=NOW)
    large = {"body_html": ["x" * (MOST_BYTES + 1)]}
    with pytest.raises(Invalid) as invalid:
        working.keep(session, WRITER, FORM, large, bulletin=None, base=None, version=0, now=NOW)
    assert [error.field for error in invalid.value.errors] == ["body_html"]
