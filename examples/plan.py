"""Make a campaign with a target of 100 republications: ``plan.py ke-hoach-174 2026-10-01 2026-12-31``."""

import datetime
import os
import sys

from lantoa_api_client import AuthenticatedClient
from lantoa_api_client.api.campaigns import post_campaigns
from lantoa_api_client.models import CampaignRow, NewCampaign, TargetBody

code, first, last = sys.argv[1:]
client = AuthenticatedClient(os.environ["API_URL"], os.environ["API_KEY"], raise_on_unexpected_status=True)
plan = NewCampaign(
    code=code,
    plan_number="174-KH/UBND",
    name="Lan tỏa thông tin chính thống",
    starts_on=datetime.date.fromisoformat(first),
    ends_on=datetime.date.fromisoformat(last),
    topics=["dich-benh"],
    targets=[TargetBody(metric="republications", quota=100)],
)
# The same key again, after a lost answer, makes no second campaign.
made = post_campaigns.sync(client=client, body=plan, idempotency_key=f"plan-{code}")
if not isinstance(made, CampaignRow):
    sys.exit(f"refused: {made}")
print(made.code)
