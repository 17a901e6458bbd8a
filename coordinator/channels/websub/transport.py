"""An external WebSub hub: after a ping it fetches the public feeds and notifies its own subscribers.

Our own hub needs no such channel. The Recommendation leaves a publisher's ping open; by convention it is a form with
``hub.mode=publish``, and since some hubs read ``hub.url`` and others ``hub.topic``, both are sent.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from campaigns.channels.transport import Message, Receipt, Secrets
from coordinator.channels import capabilities
from coordinator.channels.http_calls import CurrentTime, HttpRequester, send_request, status_error
from coordinator.channels.websub.settings import WebsubSettings

FEEDS = ("rss.xml", "atom.xml", "feed.json", "ninjs.json", "newsml.xml", "audio.xml")


class WebsubTransport:
    """Sends one ping for each chosen feed; after a repeated ping a hub only fetches once more."""

    capabilities = capabilities.WEBSUB

    def __init__(
        self, code: str, values: Mapping[str, Any], vault: Secrets, http_client: HttpRequester, now: CurrentTime
    ) -> None:
        self._settings = WebsubSettings.model_validate(dict(values))
        self._http_client = http_client

    def send(self, message: Message) -> Receipt:
        """Ping the hub for every public feed, for every kind of act. Raises ``TransportError`` at the first refusal."""
        base = message.url.partition("/bulletins/")[0]
        status = None
        for topic in (f"{base}/feeds/{name}" for name in FEEDS):
            body = urlencode({"hub.mode": "publish", "hub.url": topic, "hub.topic": topic}).encode()
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            answer = send_request(
                self._http_client, "POST", self._settings.hub_url, body=body, headers=headers, repeatable=True
            )
            if not 200 <= answer.status < 300:
                raise status_error(answer, repeatable=True)
            status = answer.status
        return Receipt(status=status, detail=f"the hub took notice of {len(FEEDS)} feeds")

    def test(self) -> Receipt:
        """Request the hub's address without a ping. Any status is accepted except a server error and a redirect, which
        a ping would not follow. Raises ``TransportError``."""
        answer = send_request(self._http_client, "GET", self._settings.hub_url, repeatable=True)
        if answer.status >= 500 or 300 <= answer.status < 400:
            raise status_error(answer, repeatable=True)
        return Receipt(status=answer.status, detail=f"the hub answered {answer.status}")
