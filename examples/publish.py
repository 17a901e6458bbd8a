"""Approve the text of a bulletin and publish it at once, as another person than its writer: ``publish.py BT-…``."""

import os
import sys

from lantoa_api_client import AuthenticatedClient
from lantoa_api_client.api.bulletins import (
    get_bulletins_code,
    post_bulletins_code_approve,
    post_bulletins_code_publish,
)
from lantoa_api_client.models import ApprovalBody, BulletinRow, ReleaseBody

(code,) = sys.argv[1:]
client = AuthenticatedClient(os.environ["API_URL"], os.environ["API_KEY"], raise_on_unexpected_status=True)
bulletin = get_bulletins_code.sync(code, client=client)
if not isinstance(bulletin, BulletinRow):
    sys.exit(f"refused: {bulletin}")
print(bulletin.title, bulletin.body_text, sep="\n\n")
# The hash is that of the text just read: if somebody saved another one meanwhile, this is a 409.
approved = post_bulletins_code_approve.sync(
    code, client=client, body=ApprovalBody(revision_hash=bulletin.revision_hash)
)
if not isinstance(approved, BulletinRow):
    sys.exit(f"refused: {approved}")
# ``ReleaseBody(at=…)`` schedules.
released = post_bulletins_code_publish.sync(code, client=client, body=ReleaseBody())
if not isinstance(released, BulletinRow):
    sys.exit(f"refused: {released}")
print(released.state.value, released.url)
