"""Web app manifests of the desk and of the portal: a phone that installed one offers it in its share menu.

Public, since a browser requests a manifest without cookies; what is shared arrives in a form behind the sign-in.
"""

from typing import Any

from flask import Blueprint, Response, abort, current_app, url_for
from flask.typing import ResponseReturnValue

from coordinator.translation import _, language
from coordinator.web.kit.assets import asset_url

blueprint = Blueprint("manifests", __name__, url_prefix="/manifests")


def _manifest(name: str, scope: str, start: str, share: str) -> dict[str, Any]:
    return {
        "id": scope,
        "name": name,
        "short_name": "Lan Tỏa",
        "lang": language(),
        "start_url": start,
        "scope": scope,
        "display": "standalone",
        "icons": [{"src": asset_url("mark.svg"), "type": "image/svg+xml", "sizes": "any"}],
        "share_target": {
            "action": share,
            "method": "GET",
            "params": {"title": "title", "text": "text", "url": "url"},
        },
    }


@blueprint.get("/<place>.webmanifest")
def manifest(place: str) -> ResponseReturnValue:
    """Return the manifest of ``desk`` or ``portal``; 404 for any other."""
    if place == "desk":
        share = url_for("republications.social.index")
        found = _manifest("Lan Tỏa", "/desk", url_for("desk.today"), share)
    elif place == "portal":
        found = _manifest(
            _("Lan Tỏa, cổng đối tác"), "/portal", url_for("portal.home"), url_for("portal.reporting.new")
        )
    else:
        abort(404)
    answer = Response(current_app.json.dumps(found), content_type="application/manifest+json")
    answer.headers["Cache-Control"] = "public, max-age=86400"
    return answer
