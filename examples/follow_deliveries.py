"""Wait until the deliveries of a bulletin have ended, a minute at most, and print them: ``follow_deliveries.py BT-…``.

A partner's own feed is ``due`` until the partner has read it.
"""

import os
import sys
import time

from lantoa_api_client import AuthenticatedClient
from lantoa_api_client.api.deliveries import get_bulletins_code_deliveries
from lantoa_api_client.models import DeliveryList, DeliveryState
from lantoa_api_client.types import UNSET

(code,) = sys.argv[1:]
client = AuthenticatedClient(os.environ["API_URL"], os.environ["API_KEY"], raise_on_unexpected_status=True)
UNDER_WAY = {DeliveryState.DUE, DeliveryState.SENDING, DeliveryState.RETRYING}
until = time.monotonic() + 60
while True:
    deliveries, cursor = [], UNSET
    while True:
        page = get_bulletins_code_deliveries.sync(code, client=client, limit=100, cursor=cursor)
        if not isinstance(page, DeliveryList):
            sys.exit(f"refused: {page}")
        deliveries += page.items
        if not page.next_cursor:
            break
        cursor = page.next_cursor
    if not any(delivery.state in UNDER_WAY for delivery in deliveries) or time.monotonic() > until:
        break
    time.sleep(1)
for delivery in deliveries:
    print(delivery.channel, delivery.state.value, len(delivery.attempts))
