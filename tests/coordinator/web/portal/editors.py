"""An editor of the portal's partner, and their sign-in."""

import sqlalchemy as sa
from werkzeug.test import TestResponse

from campaigns.partners.directory import find_company
from campaigns.partners.editor_access import make_editor_link
from campaigns.partners.editors import Editor, add_editor
from tests.coordinator.web.portal.conftest import Portal
from tests.factories import ADMIN

COMPANY_CODE = "cong-ty-cp-truyen-thong-nhip-song"


def invited_editor(
    portal: Portal, code: str = COMPANY_CODE, email: str = "lan@nhipsong.vn", name: str = "Ngọc Lan"
) -> str:
    """Return the public id of the partner's editor, who is invited if necessary."""
    with portal.desk.database.write() as session:
        company = find_company(session, code)
        known = sa.select(Editor).where(Editor.company_id == company.id, Editor.email == email)
        editor = session.execute(known).scalar_one_or_none()
        if editor is None:
            now = portal.desk.office.now()
            editor = add_editor(session, ADMIN, company, email=email, name=name, now=now)
        return editor.public


def editor_link(portal: Portal, **more: str) -> str:
    """Return the path of a new link for the editor."""
    public = invited_editor(portal, **more)
    with portal.desk.database.write() as session:
        editor = session.execute(sa.select(Editor).where(Editor.public == public)).scalar_one()
        return f"/portal/join/{make_editor_link(session, ADMIN, editor, now=portal.desk.office.now()).secret}"


def enter_as_editor(portal: Portal, **more: str) -> TestResponse:
    """Sign in by a new link."""
    return portal.desk.post(editor_link(portal, **more))
