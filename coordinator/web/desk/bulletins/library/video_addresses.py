"""Addresses of the department's uploads of a bulletin's video on other platforms, on the bulletin's page."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.bulletins.bulletins import find_bulletin
from campaigns.bulletins.library.video_addresses import add_video_address, remove_video_address
from campaigns.core.errors import Conflict, Invalid
from campaigns.people.staff import Permission
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.desk.bulletins import bulletin_page
from coordinator.web.kit.forms.fields import error_messages
from coordinator.web.kit.templating import flash_done
from coordinator.web.kit.text.error_messages import error_sentence


@staff_required(Permission.WRITE)
def add(code: str) -> ResponseReturnValue:
    """Enter an address; one that is refused comes back as it was typed, with the reason."""
    context, typed = app_context().job_context, request.form.get("url", "")
    try:
        with context.database.write() as session:
            bulletin = find_bulletin(session, code)
            add_video_address(session, current_actor(), bulletin, typed, now=context.now())
    except Invalid as invalid:
        return bulletin_page.render(code, video=typed, errors=error_messages(invalid)), 422
    except Conflict as conflict:
        return bulletin_page.render(code, video=typed, errors={"url": error_sentence(conflict)}), 409
    flash_done(_("Đã ghi địa chỉ; máy tìm các trang có video này."))
    return _back(code)


@staff_required(Permission.WRITE)
def remove(code: str, number: int) -> ResponseReturnValue:
    """Remove an address."""
    context = app_context().job_context
    with context.database.write() as session:
        bulletin = find_bulletin(session, code)
        remove_video_address(session, current_actor(), bulletin, number, now=context.now())
    flash_done(_("Đã bỏ địa chỉ."))
    return _back(code)


def _back(code: str) -> ResponseReturnValue:
    return redirect(url_for("bulletins.show", code=code, _anchor="video-noi-khac"), 303)
