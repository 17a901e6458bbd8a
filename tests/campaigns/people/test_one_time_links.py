"""The promises of every kind of one-time link."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.errors import Conflict, NotFound
from campaigns.partners.editor_access import EditorLink, make_editor_link
from campaigns.partners.editors import add_editor
from campaigns.people import one_time_links
from campaigns.people.invitations import Invitation, invite
from campaigns.people.one_time_links import OneTimeLink
from campaigns.people.staff import Role
from tests.factories import ADMIN, NOW, company

DAYS = timedelta(days=7)


def colleague(session: Session) -> str:
    return invite(
        session, ADMIN, email="ha@so.example", name="Hà", role=Role.WRITER, uniquifier="x", now=NOW
    ).secret  # fmt: skip


def editor(session: Session) -> str:
    row = add_editor(session, ADMIN, company(session), email="lan@nhipsong.vn", name="Lan", now=NOW)
    return make_editor_link(session, ADMIN, row, now=NOW).secret


KINDS = pytest.mark.parametrize(("kind", "made"), [(Invitation, colleague), (EditorLink, editor)])
Maker = Callable[[Session], str]


@KINDS
def test_a_link_works_once_and_until_its_day(session: Session, kind: type[OneTimeLink], made: Maker) -> None:
    secret = made(session)
    last = NOW + DAYS - timedelta(seconds=1)
    assert one_time_links.find_link(session, kind, secret, now=last) is not None
    assert one_time_links.find_link(session, kind, secret, now=NOW + DAYS) is None
    assert one_time_links.use_link(session, kind, secret, now=last).used_at == last
    with pytest.raises(NotFound):
        one_time_links.use_link(session, kind, secret, now=last)


@KINDS
@pytest.mark.parametrize("meanwhile", ["used_at", "revoked_at"])
def test_who_presses_in_the_moment_it_is_used_or_taken_back_is_informed(
    session: Session, kind: Any, made: Maker, meanwhile: str
) -> None:
    secret = made(session)
    row = session.execute(sa.select(kind)).scalar_one()
    # Past the row that was read: what somebody else has committed since.
    session.execute(sa.update(kind).values({meanwhile: NOW}).execution_options(synchronize_session=False))
    assert row.good(now=NOW)
    with pytest.raises(Conflict):
        one_time_links.use_link(session, kind, secret, now=NOW)


@KINDS
def test_the_database_holds_no_secret(session: Session, kind: Any, made: Maker) -> None:
    secret = made(session)
    assert secret not in "".join(map(str, session.execute(sa.select(kind.__table__)).all()))
