"""Autosaved forms: stored for their author only, never overwriting another, and settled once."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from campaigns.bulletins import autosave
from campaigns.bulletins.autosave import COUNTS_AS_OPEN, KEPT, MOST_BYTES
from campaigns.core.errors import Conflict, Forbidden, Invalid
from tests import factories
from tests.factories import ANALYST, APPROVER, NOW, WRITER

FORM = "ab" * 16
OTHER = "cd" * 16
TYPED = {"title": ["Lịch tiêm"]}


def test_each_keeping_counts_up_and_one_from_an_older_tab_is_refused(session: Session) -> None:
    first = autosave.save_copy(session, WRITER, FORM, TYPED, bulletin=None, base=None, version=0, now=NOW)
    assert first.version == 1
    again = autosave.save_copy(session, WRITER, FORM, {"title": ["Khác"]}, bulletin=None, base=None, version=1, now=NOW)
    assert (again.version, again.fields) == (2, {"title": ["Khác"]})
    with pytest.raises(Conflict) as old:
        autosave.save_copy(session, WRITER, FORM, TYPED, bulletin=None, base=None, version=1, now=NOW)
    assert old.value.code == "form_elsewhere"
    with pytest.raises(Conflict):
        autosave.save_copy(session, APPROVER, FORM, TYPED, bulletin=None, base=None, version=2, now=NOW)
    assert autosave.find_own_copy(session, APPROVER, FORM) is None
    own = autosave.find_own_copy(session, WRITER, FORM)
    assert own is not None
    assert own.fields == {"title": ["Khác"]}


def test_others_see_that_a_form_is_open_while_it_says_so_and_never_what_it_holds(session: Session) -> None:
    bulletin = factories.draft(session)
    autosave.mark_open(session, WRITER, FORM, bulletin, now=NOW)
    assert [editor.name for editor in autosave.other_editors(session, APPROVER, bulletin, now=NOW)] == ["Minh An"]
    assert autosave.other_editors(session, WRITER, bulletin, now=NOW) == []
    assert autosave.other_editors(session, APPROVER, bulletin, now=NOW + COUNTS_AS_OPEN) == []
    assert autosave.unsaved_copies(session, WRITER, bulletin) == []  # open, but nothing was typed
    autosave.save_copy(session, WRITER, FORM, TYPED, bulletin=bulletin, base=1, version=0, now=NOW)
    assert [copy.ident for copy in autosave.unsaved_copies(session, WRITER, bulletin)] == [FORM]
    assert autosave.unsaved_copies(session, APPROVER, bulletin) == []
    assert autosave.unsaved_copies(session, WRITER, None) == []


def test_a_form_becomes_one_bulletin_and_no_other(session: Session) -> None:
    first, second = factories.draft(session), factories.draft(session)
    autosave.save_copy(session, WRITER, FORM, TYPED, bulletin=None, base=None, version=0, now=NOW)
    autosave.settle_copy(session, WRITER, FORM, first, now=NOW)
    autosave.settle_copy(session, WRITER, FORM, first, now=NOW)
    for act in (
        lambda: autosave.settle_copy(session, WRITER, FORM, second, now=NOW),
        lambda: autosave.save_copy(session, WRITER, FORM, TYPED, bulletin=None, base=None, version=1, now=NOW),
    ):
        with pytest.raises(Conflict) as settled:
            act()
        assert (settled.value.code, settled.value.params["bulletin"]) == ("form_saved", first.code)
    assert autosave.unsaved_copies(session, WRITER, first) == []
    assert autosave.other_editors(session, APPROVER, first, now=NOW) == []


def test_what_nobody_comes_back_to_is_swept_and_nothing_else(session: Session) -> None:
    bulletin = factories.draft(session)
    autosave.save_copy(session, WRITER, FORM, TYPED, bulletin=bulletin, base=1, version=0, now=NOW)
    autosave.mark_open(session, APPROVER, OTHER, bulletin, now=NOW)
    autosave.forget_abandoned(session, now=NOW + timedelta(days=2))
    assert autosave.find_own_copy(session, WRITER, FORM) is not None
    autosave.mark_open(session, APPROVER, OTHER, bulletin, now=NOW + timedelta(days=2))  # gone, so made anew
    autosave.forget_abandoned(session, now=NOW + KEPT + timedelta(seconds=1))
    assert autosave.find_own_copy(session, WRITER, FORM) is None


def test_who_may_not_write_keeps_nothing_and_what_is_no_form_is_refused(session: Session) -> None:
    with pytest.raises(Forbidden):
        autosave.save_copy(session, ANALYST, FORM, TYPED, bulletin=None, base=None, version=0, now=NOW)
    with pytest.raises(Invalid):
        autosave.save_copy(session, WRITER, "../x", TYPED, bulletin=None, base=None, version=0, now=NOW)
    large = {"body_html": ["x" * (MOST_BYTES + 1)]}
    with pytest.raises(Invalid) as invalid:
        autosave.save_copy(session, WRITER, FORM, large, bulletin=None, base=None, version=0, now=NOW)
    assert [error.field for error in invalid.value.errors] == ["body_html"]
