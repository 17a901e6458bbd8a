"""Write a draft from a text file and submit it: ``write_a_bulletin.py ke-hoach-174 "Lịch tiêm" text.txt``."""

import os
import sys
from pathlib import Path

from lantoa_api_client import AuthenticatedClient
from lantoa_api_client.api.bulletins import post_bulletins, post_bulletins_code_submit
from lantoa_api_client.models import BulletinRow, NewBulletin, Problem

campaign, title, file = sys.argv[1:]
client = AuthenticatedClient(os.environ["API_URL"], os.environ["API_KEY"], raise_on_unexpected_status=True)
text = Path(file).read_text("utf-8")
draft = post_bulletins.sync(
    client=client,
    body=NewBulletin(title=title, lead="Miễn phí.", body_text=text, topic="dich-benh", campaign=campaign),
)
if isinstance(draft, Problem):
    # ``errors`` names every bad field.
    sys.exit(f"{draft.code}: {[(error.field, error.message) for error in draft.errors or []]}")
handed_in = post_bulletins_code_submit.sync(draft.code, client=client)
if not isinstance(handed_in, BulletinRow):
    sys.exit(f"refused: {handed_in}")
print(handed_in.code)
