"""Report a copy as a partner, and wait for its judgement: ``claim_a_copy.py BT-… https://trang.example/tin.html``."""

import os
import sys
import time

from lantoa_api_client import AuthenticatedClient
from lantoa_api_client.api.republications import get_republications_ident, post_republications
from lantoa_api_client.models import ClaimBody, RepublicationProof, RepublicationRow, RepublicationStatus

code, address = sys.argv[1:]
client = AuthenticatedClient(os.environ["API_URL"], os.environ["API_KEY"], raise_on_unexpected_status=True)
claim = post_republications.sync(client=client, body=ClaimBody(bulletin=code, url=address))
if not isinstance(claim, RepublicationRow):
    sys.exit(f"refused: {claim}")
# A claim counts only after the page has been read and judged.
while True:
    copy = get_republications_ident.sync(claim.id, client=client)
    if not isinstance(copy, RepublicationProof):
        sys.exit(f"refused: {copy}")
    if copy.status is not RepublicationStatus.CANDIDATE:
        break
    time.sleep(1)
print(copy.status.value, copy.match.value, copy.attribution.value)
for reason in copy.reasons:
    print("-", reason)
