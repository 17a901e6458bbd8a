"""An editor of the portal's partner, and the way it comes in."""

import sqlalchemy as sa
from werkzeug.test import TestResponse

from campaigns.partners.directory import find_company
from campaigns.partners.editor_links import make_link
from campaigns.partners.editors import Editor, add_editor
from tests.coordinator.web.portal.conftest import Portal
from tests.factories import ADMIN

CODE = "cong-ty-cp-truyen-thong-nhip-song"


def invited(portal: Portal, code: str = CODE, email: str = "lan@nhipsong.vn", name: str = "Ngọc Lan") -> str:
    """The public id of the partner's editor, invited if they are not."""
    with portal.desk.database.write() as session:
        company = find_company(session, code)
        known = sa.select(Editor).where(Editor.company_id == company.id, Editor.email == email)
        editor = session.execute(known).scalar_one_or_none()
        if editor is None:
            now = portal.desk.office.now()
            editor = add_editor(session, ADMIN, company, email=email, name=name, now=now)
        return editor.public


def link_for(portal: Portal, **more: str) -> str:
    """The path of a new link for the editor."""
    public = invited(portal, **more)
    with portal.desk.database.write() as session:
        editor = session.execute(sa.select(Editor).where(Editor.public == public)).scalar_one()
        return f"/portal/join/{make_link(session, ADMIN, editor, now=portal.desk.office.now()).secret}"


def enter_as_editor(portal: Portal, **more: str) -> TestResponse:
    """Come in by a new link."""
    return portal.desk.post(link_for(portal, **more))
